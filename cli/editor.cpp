#include "cli/editor.h"

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <sstream>
#include <utility>

#include "cli/history_search.h"
#include "cli/pager.h"
#include "cli/signals.h"
#include "cli/width.h"

namespace nezu::cli {
namespace {
using std::chrono::milliseconds;
constexpr int kHistorySize = 1000;
constexpr char kFinish[] = "\037";  // a key of ours that nobody types

// Inside quotes every key stands for itself.
bool inside_quotes(std::string_view text) {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    }
  }
  return quoted;
}

// The real router leaves a blank behind every command.
bool needs_blank(std::string_view line, Editor::Kind kind) {
  return kind == Editor::Kind::kCommand && !line.empty() && !line.ends_with(' ');
}

// The words of lines that begin so and go on; each once.
std::vector<std::string> words_of(const std::vector<std::string>& lines,
                                  std::string_view beginning) {
  std::vector<std::string> words;
  if (beginning.empty()) return words;
  for (const std::string& line : lines) {
    std::istringstream in(line);
    for (std::string word; in >> word;)
      if (word.size() > beginning.size() && word.starts_with(beginning) &&
          std::find(words.begin(), words.end(), word) == words.end())
        words.push_back(word);
  }
  return words;
}

void put(std::string_view text) {
  fwrite(text.data(), 1, text.size(), stdout);
  fflush(stdout);
}
}  // namespace

Editor::Editor(Keyboard& keyboard, Complete complete)
    : keyboard_(keyboard), complete_(std::move(complete)) {
  setlocale(LC_CTYPE, "");
  editor_ = el_init("nezu", stdin, stdout, stderr);
  el_set(editor_, EL_CLIENTDATA, this);
  el_set(editor_, EL_SIGNAL, 0);
  el_set(editor_, EL_PROMPT, &Editor::show_prompt);
  el_set(editor_, EL_EDITOR, "emacs");
  el_wset(editor_, EL_GETCFN, &Editor::get_character);
  // Between two lines (-x) the terminal stays as Keyboard set it, and libedit must not echo there;
  // in a line (-d) Return and Newline stay apart.
  el_set(editor_, EL_SETTY, "-x", "-icanon", "-echo", "-icrnl", "-inlcr", "-ixon", nullptr);
  el_set(editor_, EL_SETTY, "-d", "-icrnl", "-inlcr", "-ixon", nullptr);
  // A router is neither stopped nor killed by a key, though libedit would have ^Z and ^\ do so.
  for (const char* mode : {"-x", "-d", "-q"})
    el_set(editor_, EL_SETTY, mode, "susp=", "quit=", nullptr);
  bind();
}

Editor::~Editor() {
  el_end(editor_);
  for (auto& [mode, history] : histories_) history_end(history);
}

void Editor::bind() {
  el_set(editor_, EL_ADDFN, "nezu-space", "complete a word", &Editor::space_key);
  el_set(editor_, EL_ADDFN, "nezu-tab", "complete a word", &Editor::tab_key);
  el_set(editor_, EL_ADDFN, "nezu-question", "say what may follow", &Editor::question_key);
  el_set(editor_, EL_ADDFN, "nezu-enter", "run the line", &Editor::enter_key);
  el_set(editor_, EL_ADDFN, "nezu-finish", "end the line", &Editor::finish_key);
  el_set(editor_, EL_BIND, kFinish, "nezu-finish", nullptr);
  el_set(editor_, EL_BIND, " ", "nezu-space", nullptr);
  el_set(editor_, EL_BIND, "^I", "nezu-tab", nullptr);
  el_set(editor_, EL_BIND, "?", "nezu-question", nullptr);
  el_set(editor_, EL_BIND, "^M", "nezu-enter", nullptr);
  el_set(editor_, EL_BIND, "^J", "nezu-enter", nullptr);
  bind_emacs();
  el_set(editor_, EL_ADDFN, "nezu-delete", "delete a character, or end", &Editor::delete_key);
  el_set(editor_, EL_BIND, "^D", "nezu-delete", nullptr);
}

// The keys that the real router documents, where libedit has others.
void Editor::bind_emacs() {
  el_set(editor_, EL_ADDFN, "nezu-search", "search the history", &Editor::search_key);
  el_set(editor_, EL_ADDFN, "nezu-expand", "complete a word from the history", &Editor::expand_key);
  el_set(editor_, EL_ADDFN, "nezu-redraw", "draw the line again", &Editor::redraw_key);
  constexpr std::pair<const char*, const char*> kKeys[] = {{"^R", "nezu-search"},
                                                           {"\033/", "nezu-expand"},
                                                           {"^L", "nezu-redraw"},
                                                           {"^W", "ed-delete-prev-word"},
                                                           {"^U", "em-kill-line"},
                                                           {"^X", "em-kill-line"},
                                                           {"^K", "ed-kill-line"},
                                                           {"^Y", "em-yank"},
                                                           {"^H", "em-delete-prev-char"},
                                                           {"^?", "em-delete-prev-char"},
                                                           {"\033b", "ed-prev-word"},
                                                           {"\033f", "em-next-word"},
                                                           {"\033d", "em-delete-next-word"},
                                                           {"\033^H", "ed-delete-prev-word"},
                                                           {"\033^?", "ed-delete-prev-word"},
                                                           {"\033[3~", "ed-delete-next-char"},
                                                           {"\033[1;5D", "ed-prev-word"},
                                                           {"\033[1;5C", "em-next-word"},
                                                           {"\033[H", "ed-move-to-beg"},
                                                           {"\033[F", "ed-move-to-end"},
                                                           {"\033[1~", "ed-move-to-beg"},
                                                           {"\033[4~", "ed-move-to-end"}};
  for (const auto& [key, function] : kKeys) el_set(editor_, EL_BIND, key, function, nullptr);
}

Editor& Editor::self(EditLine* editor) {
  void* data = nullptr;
  el_get(editor, EL_CLIENTDATA, &data);
  return *static_cast<Editor*>(data);
}

char* Editor::show_prompt(EditLine* editor) {
  return self(editor).asking_.prompt.data();
}

Editor::Ending Editor::read(const Asking& asking, std::string& line) {
  asking_ = asking;
  keyboard_.awake();
  line.clear();
  use_history(asking.history);
  if (!asking.banner.empty()) put(asking.banner + "\n");
  if (signals::take_interrupt()) {
    keyboard_.drop();
    put(asking.prompt);
    return Ending::kInterrupt;
  }
  // A pasted line need not pass through the editor key by key.
  if (auto pasted = keyboard_.pasted_line()) {
    line = std::move(*pasted);
    put(asking.prompt + line + (needs_blank(line, asking.kind) ? " \n" : "\n"));
    remember(line);
    return Ending::kLine;
  }
  ending_ = Ending::kEnd;
  int count = 0;
  const char* typed = el_gets(editor_, &count);
  if (!typed || count <= 0) return ending_;
  line.assign(typed, static_cast<size_t>(count));
  remember(line);
  return Ending::kLine;
}

void Editor::use_history(const std::string& name) {
  history_ = nullptr;
  if (name.empty()) {
    el_set(editor_, EL_HIST, nullptr, nullptr);
    return;
  }
  History*& kept = histories_[name];
  HistEvent event;
  if (!kept) {
    kept = history_init();
    history(kept, &event, H_SETSIZE, kHistorySize);
    history(kept, &event, H_SETUNIQUE, 1);
  }
  history_ = kept;
  el_set(editor_, EL_HIST, history, kept);
}

void Editor::remember(const std::string& line) {
  const size_t end = line.find_last_not_of(' ');
  if (end == line.npos || !history_) return;
  HistEvent event;
  history(history_, &event, H_ENTER, line.substr(0, end + 1).c_str());
}

int Editor::get_character(EditLine* editor, wchar_t* character) {
  Editor& here = self(editor);
  mbstate_t state{};
  while (true) {
    const auto byte = here.next_byte();
    if (!byte) return -1;
    const char bytes[1] = {static_cast<char>(*byte)};
    const size_t used = mbrtowc(character, bytes, 1, &state);
    if (used == static_cast<size_t>(-1)) {  // not text in this locale
      state = mbstate_t{};
      continue;
    }
    if (used != static_cast<size_t>(-2)) return 1;
  }
}

void Editor::use_terminal(const std::string& type) {
  if (type.empty() || type == std::exchange(terminal_, type)) return;
  el_set(editor_, EL_TERMINAL, type == "unknown" ? "dumb" : type.c_str());
}

// Nothing if the line ends here, with ending_ saying why.
std::optional<int> Editor::next_byte() {
  while (true) {
    const int byte = keyboard_.byte(asking_.watch);
    if (byte >= 0) return byte;
    if (byte == Keyboard::kIdle) {
      ending_ = Ending::kIdle;
      return std::nullopt;
    }
    if (byte == Keyboard::kWarning) {
      show("", keyboard_.warning());
      continue;
    }
    if (byte == Keyboard::kSignal) {
      if (signals::take_resize()) el_resize(editor_);
      const bool interrupted = signals::take_interrupt();
      if (!interrupted && !signals::ending()) continue;
      if (interrupted) keyboard_.drop();
      ending_ = interrupted ? Ending::kInterrupt : Ending::kClosed;
      return std::nullopt;
    }
    ending_ = byte == Keyboard::kOther ? Ending::kGone : Ending::kClosed;
    return std::nullopt;
  }
}

std::string Editor::before_cursor() const {
  const LineInfo* info = el_line(editor_);
  return {info->buffer, info->cursor};
}

std::string Editor::text() const {
  const LineInfo* info = el_line(editor_);
  return {info->buffer, info->lastchar};
}

// A key that is only itself: in a paste, or inside quotes.
bool Editor::literal() const {
  return asking_.kind == Kind::kText || keyboard_.pending() || inside_quotes(before_cursor());
}

unsigned char Editor::insert_key(int key) {
  const char text[2] = {static_cast<char>(key), '\0'};
  return el_insertstr(editor_, text) < 0 ? CC_ERROR : CC_REFRESH;
}

unsigned char Editor::space_key(EditLine* editor, int) {
  Editor& here = self(editor);
  const std::string before = here.before_cursor();
  if (before.empty() || before.ends_with(' ') || here.literal()) return here.insert_key(' ');
  return here.complete_with("space", ' ');
}

unsigned char Editor::tab_key(EditLine* editor, int) {
  Editor& here = self(editor);
  return here.literal() ? here.insert_key(' ') : here.complete_with("tab", '\t');
}

unsigned char Editor::question_key(EditLine* editor, int) {
  Editor& here = self(editor);
  return here.literal() ? here.insert_key('?') : here.complete_with("question", '?');
}

unsigned char Editor::complete_with(const char* trigger, int key) {
  const Completed found = complete_(before_cursor(), trigger);
  if (!found.insert.empty()) el_insertstr(editor_, found.insert.c_str());
  if (found.output.empty()) return CC_REFRESH;
  const bool at_end = before_cursor().size() == text().size();
  return show(key == '?' && at_end ? "?" : "", found.output);
}

// Prints below the line, and draws prompt and line anew below that. Not with CC_REDISPLAY: libedit
// would first clear the rows that it thinks the line is in.
unsigned char Editor::show(std::string_view echoed, const std::string& output) {
  put(echoed);
  go_below();
  put(output + (asking_.banner.empty() ? "" : asking_.banner + "\n"));
  el_set(editor_, EL_REFRESH);
  return CC_NORM;
}

// To the beginning of the row below the line, which may be in several rows.
void Editor::go_below() {
  const size_t columns = Pager::columns();
  if (columns > 0) {
    const size_t before = width(asking_.prompt) + width(before_cursor());
    const size_t all = width(asking_.prompt) + width(text());
    put(std::string(all / columns - before / columns, '\n'));
  }
  put("\r\n");
}

// An empty row: in place of the line, or below it if it has several.
void Editor::make_room() {
  const size_t used = width(asking_.prompt) + width(text());
  if (used >= Pager::columns()) return go_below();
  put("\r" + std::string(used, ' ') + "\r");
}

void Editor::replace_line(const std::string& line) {
  const LineInfoW* info = el_wline(editor_);
  el_cursor(editor_, static_cast<int>(info->lastchar - info->cursor));
  el_deletestr(editor_, static_cast<int>(info->lastchar - info->buffer));
  el_insertstr(editor_, line.c_str());
}

unsigned char Editor::redraw_key(EditLine* editor, int) {
  self(editor).go_below();
  el_set(editor, EL_REFRESH);
  return CC_NORM;
}

unsigned char Editor::search_key(EditLine* editor, int) {
  Editor& here = self(editor);
  if (!here.history_) return CC_ERROR;
  here.make_room();
  const auto found = HistorySearch(here.keyboard_, history_lines(here.history_)).run();
  if (found.taken) here.replace_line(found.line);
  el_set(editor, EL_REFRESH);
  if (found.key) {
    const char key[2] = {static_cast<char>(found.key), '\0'};
    el_push(editor, key);
  }
  return CC_NORM;
}

// Each time it is pressed, the word of the history before the last.
unsigned char Editor::expand_key(EditLine* editor, int) {
  Editor& here = self(editor);
  auto& last = here.expansion_;
  std::string before = here.before_cursor();
  if (!here.history_) return CC_ERROR;
  if (before != last.line || last.words.empty()) {
    last.typed = before.substr(before.find_last_of(' ') + 1);
    last.words = words_of(history_lines(here.history_), last.typed);
    last.next = 0;
    if (last.words.empty()) return CC_ERROR;
  } else {
    el_deletestr(editor, static_cast<int>(before.size() - before.find_last_of(' ') - 1));
    el_insertstr(editor, last.typed.c_str());
  }
  const std::string& word = last.words[last.next++ % last.words.size()];
  el_insertstr(editor, word.substr(last.typed.size()).c_str());
  last.line = here.before_cursor();
  return CC_REFRESH;
}

// Completes the last word, lets libedit draw that, and ends the line with the next key, which it
// pushes itself.
unsigned char Editor::enter_key(EditLine* editor, int) {
  Editor& here = self(editor);
  el_cursor(editor, static_cast<int>(here.text().size() - here.before_cursor().size()));
  const std::string line = here.text();
  if (!line.empty() && !here.literal())
    el_insertstr(editor, here.complete_(line, "enter").insert.c_str());
  if (needs_blank(here.text(), here.asking_.kind)) el_insertstr(editor, " ");
  el_push(editor, kFinish);
  return CC_REFRESH;
}

// The character under the cursor; on an empty line the end of input, which leaves no mark.
unsigned char Editor::delete_key(EditLine* editor, int) {
  Editor& here = self(editor);
  if (here.text().empty()) {
    here.ending_ = Ending::kEnd;
    return CC_EOF;
  }
  if (here.before_cursor().size() == here.text().size()) return CC_ERROR;
  el_cursor(editor, 1);
  el_deletestr(editor, 1);
  return CC_REFRESH;
}

unsigned char Editor::finish_key(EditLine* editor, int) {
  self(editor).ending_ = Ending::kLine;
  put("\n");
  return CC_NEWLINE;
}

}  // namespace nezu::cli
