#include "cli/pager.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "cli/signals.h"

namespace nezu::cli {
namespace {
constexpr char kMark[] = "---(more)---";
constexpr char kHelp[] =
    "---(keys)---\n"
    "  space, f    Scroll down one screen\n"
    "  Enter, j    Scroll down one line\n"
    "  d           Scroll down half a screen\n"
    "  G           Go on to the end without stopping\n"
    "  q, ^C       Leave\n"
    "  h           This help\n";

void put(std::string_view text) {
  fwrite(text.data(), 1, text.size(), stdout);
}

winsize window() {
  winsize size{};
  ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  return size;
}
}  // namespace

size_t Pager::rows() {
  return window().ws_row;
}
size_t Pager::columns() {
  return window().ws_col;
}

Pager::Pager(Keyboard& keyboard, bool active)
    : keyboard_(keyboard), active_(active), rows_(rows()), columns_(columns()) {
  if (rows_ < 3 || columns_ < 2) active_ = false;
}

bool Pager::write(std::string_view text) {
  while (active_ && !text.empty() && !quit_) {
    const size_t feed = text.find('\n');
    const size_t size = feed == text.npos ? text.size() : feed + 1;
    if (!line(text.substr(0, size))) return false;
    text.remove_prefix(size);
  }
  if (quit_) return false;
  put(text);
  fflush(stdout);
  return true;
}

// A line, or a piece of one. Asks before the row that would not fit, so that output of exactly one
// screen does not stop at its end.
bool Pager::line(std::string_view text) {
  const bool whole = text.ends_with('\n');
  if (column_ == 0 && printed_ + 1 >= rows_ && !stop()) return false;
  put(text);
  for (const char byte : text) column_ += (byte & 0xC0) != 0x80;  // characters, not bytes
  if (!whole) return true;
  --column_;
  printed_ += 1 + (column_ > 0 ? (column_ - 1) / columns_ : 0);
  column_ = 0;
  return true;
}

bool Pager::stop() {
  put(kMark);
  fflush(stdout);
  const int pressed = key();
  if (pressed == 'q' || pressed == 'Q') {
    put("[abort]\n");
    quit_ = true;
    return false;
  }
  erase_mark();
  switch (pressed) {
    case '\r':
    case '\n':
    case 'j':
      printed_ = rows_ - 2;
      return true;
    case 'd':
      printed_ = rows_ / 2;
      return true;
    case 'G':
      active_ = false;
      return true;
    case 'h':
      put(kHelp);
      return stop();
    default:
      printed_ = 0;
      return true;  // space, f
  }
}

void Pager::erase_mark() {
  put("\r" + std::string(40, ' ') + "\r");
  fflush(stdout);
}

// A key that means something here; 'q' for ^C and the end of input.
int Pager::key() {
  constexpr std::string_view kKeys = "\r\njdGhq fQ";
  while (true) {
    const int pressed = keyboard_.byte(-1);
    if (pressed == Keyboard::kClosed) return 'q';
    if (pressed == Keyboard::kSignal) {
      if (signals::take_resize()) {
        rows_ = rows();
        columns_ = columns();
      }
      if (signals::take_interrupt() || signals::ending()) return 'q';
      continue;
    }
    if (kKeys.find(static_cast<char>(pressed)) != kKeys.npos) return pressed;
  }
}

}  // namespace nezu::cli
