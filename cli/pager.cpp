#include "cli/pager.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "cli/signals.h"
#include "cli/width.h"
#include "services/mgmt/xml_reader.h"

namespace nezu::cli {
namespace {
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr size_t kAhead = 4 << 20;  // bytes read before they are wanted
constexpr milliseconds kGrace{40};  // to learn how long the output is
constexpr size_t kErased = 40;      // columns that the real one blanks
constexpr size_t kPiece = 1 << 20;  // bytes of a request
constexpr int kLeave = 'q';

void put(std::string_view text) {
  fwrite(text.data(), 1, text.size(), stdout);
}

winsize window() {
  winsize size{};
  ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  return size;
}

constexpr std::string_view kHelp =
    "  Space, f, ^F, Page Down   one screen down      b, ^B, Page Up   one screen up\n"
    "  d, ^D, Tab                half a screen down   u, ^U            half a screen up\n"
    "  Enter, j, ^N, Down        one line down        k, ^P, Up        one line up\n"
    "  G, ^E, End                to the end           g, ^A, Home      to the beginning\n"
    "  /TEXT                     search forwards      ?TEXT            search backwards\n"
    "  n                         search again         h                this help\n"
    "  m TEXT                    only lines that match a regular expression\n"
    "  e TEXT                    only lines that do not match it\n"
    "  c                         all lines again\n"
    "  s FILE                    append the output to a file\n"
    "  H                         stop at the end      N                do not stop any more\n"
    "  ^L                        draw again           q, Q, ^C, ^K     leave\n";

}  // namespace

size_t Pager::rows() {
  return window().ws_row;
}
size_t Pager::columns() {
  return window().ws_col;
}

Pager::Pager(Keyboard& keyboard, Client& client, size_t rows)
    : keyboard_(keyboard), client_(client), wanted_rows_(rows) {
  measure();
}

void Pager::measure() {
  rows_ = wanted_rows_ ? wanted_rows_ : rows();
  columns_ = columns();
  if (rows_ < 3 || columns_ < 2) paging_ = false;
}

Pager::Ending Pager::run() {
  while (!left_ && !gone_) {
    if (print_next()) continue;
    if (page_ends_here()) {
      stop();
    } else if (ended_) {
      if (!hold_ || !paging_) break;
      stop();
    } else {
      fetch(-1);
    }
  }
  if (line_open_ && asked_to_end_) put("\n");
  fflush(stdout);
  if (gone_) return Ending::kGone;
  if (idle_) return Ending::kIdle;
  return left_ && !ended_ ? Ending::kLeft : Ending::kSeen;
}

// A line that is here and fits on the screen; false if there is none.
bool Pager::print_next() {
  while (next_ < text_.size() && begun_ == 0 && !text_.visible(next_)) ++next_;
  if (page_ends_here()) return false;
  const bool whole = next_ < text_.size();
  // A filter judges whole lines.
  if (!whole && (text_.filtered() || text_.line(next_).size() == begun_)) return false;
  print(text_.line(next_).substr(begun_));
  begun_ = whole ? 0 : text_.line(next_).size();
  if (!whole) return fflush(stdout), true;
  printed_ += rows_of(next_++);
  if (text_.too_much()) text_.may_drop_before(paging_ ? top() : next_);
  return true;
}

void Pager::print(std::string_view text) {
  put(text);
  if (!text.empty()) line_open_ = !text.ends_with('\n');
}

// Whether what comes next has no room. Known only when there is something, so that output of
// exactly one screen does not stop at its end.
bool Pager::page_ends_here() const {
  if (!paging_ || begun_ > 0) return false;
  const bool some = next_ < text_.size() || (text_.has_partial() && !text_.filtered());
  return some && printed_ > 0 && printed_ + rows_of(next_) > page();
}

size_t Pager::rows_of(size_t line) const {
  std::string_view text = text_.line(line);
  if (text.ends_with('\n')) text.remove_suffix(1);
  const size_t size = width(text);
  return 1 + (size > 0 && columns_ > 0 ? (size - 1) / columns_ : 0);
}

// The line from which `rows` rows lead to `from`.
size_t Pager::back(size_t from, size_t rows) const {
  size_t at = from;
  for (size_t used = 0; at > text_.first();) {
    size_t above = at - 1;
    while (above > text_.first() && !text_.visible(above)) --above;
    if (!text_.visible(above)) break;
    used += rows_of(above);
    if (used > rows) break;
    at = above;
  }
  return at;
}

// More of the answer, waiting at most so long (-1: for ever). False: nothing came.
bool Pager::fetch(int milliseconds) {
  std::string piece;
  switch (client_.next(piece, milliseconds)) {
    case Client::Event::kText:
      if (text_.size() == 0 && !text_.has_partial()) {
        paging_ = paging_ && client_.pager();
        hold_ = client_.hold();
      }
      text_.add(piece);
      return true;
    case Client::Event::kEnd:
      ended_ = true;
      text_.end();
      return true;
    case Client::Event::kGone:
      gone_ = true;
      return true;
    case Client::Event::kSignal:
      if (signals::take_resize()) measure();
      if (signals::ending()) gone_ = true;
      if (signals::take_interrupt()) interrupted();
      return true;
    case Client::Event::kNothing:
      break;
  }
  return false;
}

void Pager::interrupted() {
  keyboard_.drop();
  if (client_.waits()) {
    put("^C\n");
    fflush(stdout);
    return;
  }
  if (!client_.ends_itself() || asked_to_end_) {
    put("^C[abort]\n");
    left_ = true;
    return;
  }
  put("^C");
  fflush(stdout);
  line_open_ = asked_to_end_ = true;
  client_.interrupt();
}

// What is here already, and a moment more: often it is all, and then the mark can say how much.
void Pager::read_ahead() {
  const auto end = Clock::now() + kGrace;
  while (!ended_ && !left_ && !gone_ && text_.bytes_from(next_) < kAhead) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now()).count();
    if (left <= 0 || !fetch(static_cast<int>(left))) return;
  }
}

// At a full screen, or held at the end: until a key moves on.
void Pager::stop() {
  read_ahead();
  keyboard_.awake();
  while (!left_ && !gone_) {
    show_mark();
    const int pressed = key();
    if (pressed == kLeave) {
      put("[abort]\n");
      left_ = true;
      return;
    }
    erase_mark();
    if (act(pressed)) return;
  }
}

void Pager::show_mark() {
  std::string mark = text_.filtered() ? "---(more[filtered]" : "---(more";
  if (ended_ && text_.size() > 0)
    mark += " " + std::to_string(std::min(next_, text_.size()) * 100 / text_.size()) + "%";
  mark += ")---";
  mark_ = mark.size();
  put(mark);
  fflush(stdout);
}

void Pager::erase_mark() {
  put("\r" + std::string(std::max(kErased, mark_), ' ') + "\r");
  fflush(stdout);
}

// Keys that go on from here. Forwards from the end is out of it.
bool Pager::forwards(int key) {
  switch (key) {
    case 'j':
      printed_ = page() - 1;
      break;
    case 'd':
      printed_ = page() - half_page();
      break;
    case ' ':
      printed_ = 0;
      break;
    default:
      return false;
  }
  if (ended_ && next_ >= text_.size()) hold_ = false;
  return true;
}

// Keys that show again what was shown.
bool Pager::backwards(int key) {
  switch (key) {
    case 'k':
      show_from(back(top(), 1));
      return true;
    case 'u':
      show_from(back(top(), half_page()));
      return true;
    case 'b':
      show_from(back(top(), page()));
      return true;
    case 'g':
      show_from(text_.first());
      return true;
    case 'l':
      show_from(top());
      return true;
    default:
      return false;
  }
}

// Carries a key out. True: there is something to print, or nothing more to be seen.
bool Pager::act(int key) {
  if (forwards(key) || backwards(key)) return true;
  switch (key) {
    case 'N':
      paging_ = hold_ = false;
      return true;
    case 'G':
      to_the_end();
      return true;
    case 'H':
      hold_ = true;
      return false;
    case '/':
    case '?': {
      std::string pattern;
      if (ask(static_cast<char>(key), pattern)) search(static_cast<char>(key), pattern);
      return left_ || gone_ || printed_ == 0;
    }
    case 'n':
      search(last_search_, "");
      return left_ || gone_ || printed_ == 0;
    case 'm':
    case 'e':
      filter(static_cast<char>(key));
      return printed_ == 0;
    case 'c':
      text_.clear_filters();
      show_from(top());
      return true;
    case 's':
      save();
      return false;
    default:
      say(kHelp);
      return false;
  }
}

// Lines of ours between the output and the mark; they cost the next screen nothing.
void Pager::say(std::string_view words) {
  put(words);
}

// A screen that begins with `line`. Who has moved about wants to stop at the end as well.
void Pager::show_from(size_t line) {
  next_ = line;
  printed_ = begun_ = 0;
  hold_ = true;
}

void Pager::to_the_end() {
  while (!ended_ && !left_ && !gone_) {
    fetch(-1);
    text_.may_drop_before(text_.size());
  }
  if (!left_) show_from(back(text_.size(), page()));
}

// Forwards from the second line of the screen, or backwards from the one above it.
void Pager::search(char direction, const std::string& pattern) {
  if (!pattern.empty()) pattern_ = pattern;
  last_search_ = direction;
  std::string error;
  const auto expression = line_expression(pattern_, error);
  if (!expression) return say(error + "\n");
  const auto fits = [&](size_t at) {
    return text_.visible(at) && matches(*expression, text_.line(at));
  };
  size_t at = top();
  if (direction == '?') {
    while (at > text_.first() && !fits(--at)) continue;
    if (at < top() && fits(at)) return show_from(at);
    return say("Pattern not found\n");
  }
  for (++at;; ++at) {
    while (at >= text_.size() && !ended_ && !left_ && !gone_) fetch(-1);
    if (left_ || gone_) return;
    if (at >= text_.size()) return say("Pattern not found\n");
    if (fits(at)) return show_from(at);
  }
}

void Pager::filter(char sign) {
  std::string expression;
  if (!ask(sign, expression)) return;
  const size_t from = top();
  const std::string error = text_.filter(expression, sign == 'm');
  if (!error.empty()) return say(error + "\n");
  show_from(from);
}

void Pager::save() {
  std::string name;
  if (!ask('s', name)) return;
  while (!ended_ && !left_ && !gone_) fetch(-1);
  if (left_ || gone_) return;
  const Answer kept = client_.answer();
  std::string said;
  bool good = true;
  for (size_t at = text_.first(); good && at < text_.size();) {
    std::string piece;
    while (at < text_.size() && piece.size() < kPiece) piece += text_.line(at++);
    good = append(name, piece, said);
  }
  client_.put_back(kept);
  say(good ? "Wrote " + std::to_string(text_.size() - text_.first()) + " lines of output to '" +
                 name + "'\n"
           : said);
}

// The router writes it, as it does for `| append`: where the user may. False: `said` is why not.
bool Pager::append(const std::string& name, const std::string& text, std::string& said) {
  gone_ = !client_.send("append", "<file>" + mgmt::xml_escape(name) + "</file><text>" +
                                      mgmt::xml_escape(text) + "</text>");
  said.clear();
  for (std::string piece; !gone_;) {
    const auto event = client_.next(piece);
    if (event == Client::Event::kText) said += piece;
    if (event == Client::Event::kEnd) break;
    gone_ = event == Client::Event::kGone || signals::ending();
  }
  return !gone_ && client_.answer().outcome == "done";
}

// The last character, not a byte of it.
void Pager::rub_out(std::string& words) {
  cli::rub_out(words);
  put("\b \b");
}

// Words behind a sign in place of the mark. False: none, or taken back.
bool Pager::ask(char sign, std::string& words) {
  const std::string head = std::string(1, sign) + (sign == '/' || sign == '?' ? "" : " ");
  put(head);
  fflush(stdout);
  while (true) {
    const int byte = keyboard_.byte(-1);
    if (byte == Keyboard::kSignal && !signals::ending() && !signals::take_interrupt()) continue;
    if (byte == Keyboard::kWarning) put("\n" + keyboard_.warning() + head + words);
    if (byte == Keyboard::kWarning && fflush(stdout) == 0) continue;
    if (byte == Keyboard::kIdle) idle_ = left_ = true;
    if (byte < 0 || byte == '\033' || byte == 'K' - 64) words.clear();
    if (byte < 0 || byte == '\r' || byte == '\n' || byte == '\033') break;
    if (byte == '\b' || byte == 0x7F) {
      if (words.empty()) break;
      rub_out(words);
    } else if (byte == 'U' - 64) {
      while (!words.empty()) rub_out(words);
    } else if (byte >= ' ') {
      words += static_cast<char>(byte);
      put({words.data() + words.size() - 1, 1});
    }
    fflush(stdout);
  }
  mark_ = head.size() + words.size();
  erase_mark();
  return !words.empty() || (!pattern_.empty() && (sign == '/' || sign == '?'));
}

// A key that means something here, by its first name; the output may come to its end meanwhile.
int Pager::key() {
  constexpr struct {
    char name;
    std::string_view others;
  } kKeys[] = {{'j', "\r\n\x0E\x18\x1A"},
               {'d', "\t\x04"},
               {' ', "f\x06"},
               {'k', "\x10\x19"},
               {'u', "\x15"},
               {'b', "\x02"},
               {'g', "\x01"},
               {'G', "\x05"},
               {'l', "\x0C"},
               {'q', "Q\x0B"},
               {'m', "M"},
               {'e', "E"},
               {'c', "C"},
               {'s', "S"},
               {'N', ""},
               {'H', ""},
               {'/', ""},
               {'?', ""},
               {'n', ""},
               {'h', ""}};
  while (true) {
    const bool reading = !ended_ && text_.bytes_from(next_) < kAhead;
    int pressed = keyboard_.byte(reading ? client_.descriptor() : -1);
    if (pressed == Keyboard::kIdle) idle_ = true;
    if (pressed == Keyboard::kClosed || pressed == Keyboard::kIdle) return kLeave;
    if (pressed == Keyboard::kWarning) {
      erase_mark();
      say(keyboard_.warning());
      show_mark();
      continue;
    }
    if (pressed == Keyboard::kSignal) {
      if (signals::take_resize()) measure();
      const bool interrupted = signals::take_interrupt();
      if (interrupted) keyboard_.drop();
      if (interrupted || signals::ending()) return kLeave;
      continue;
    }
    if (pressed == Keyboard::kOther) {
      fetch(0);
      if (gone_) return kLeave;
      if (!ended_) continue;
      erase_mark();
      show_mark();
      continue;
    }
    if (pressed == '\033') pressed = escape();
    for (const auto& each : kKeys)
      if (pressed == each.name ||
          (pressed > 0 && each.others.find(static_cast<char>(pressed)) != each.others.npos))
        return each.name;
  }
}

// The key that a terminal sends as several bytes.
int Pager::escape() {
  if (!keyboard_.pending()) return 0;
  const int kind = keyboard_.byte(-1);
  if (kind != '[' && kind != 'O') return 0;
  const int byte = keyboard_.byte(-1);
  if (byte == '5' || byte == '6') {
    keyboard_.byte(-1);
    return byte == '5' ? 'b' : ' ';
  }
  constexpr std::string_view kSent = "ABHF", kMeant = "kjgG";
  const size_t at = byte > 0 ? kSent.find(static_cast<char>(byte)) : kSent.npos;
  return at == kSent.npos ? 0 : kMeant[at];
}

}  // namespace nezu::cli
