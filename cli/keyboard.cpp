#include "cli/keyboard.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "cli/signals.h"

namespace nezu::cli {
namespace {
using std::chrono::milliseconds;
constexpr size_t kRead = 65536;

constexpr size_t kMostOfAKey = 32;   // more bytes at once are no key but a paste
constexpr milliseconds kPaste(300);  // so long ago it may still be going on
constexpr milliseconds kQuiet(200);  // without a byte for so long it has come to its end

bool readable(int descriptor, milliseconds longest = milliseconds::zero()) {
  pollfd ready{descriptor, POLLIN, 0};
  return poll(&ready, 1, static_cast<int>(longest.count())) > 0;
}

// What a line editor would only insert.
bool plain(unsigned char byte) {
  return byte >= 0x20 && byte != 0x7F;
}
}  // namespace

Keyboard::Keyboard() {
  terminal_ = tcgetattr(STDIN_FILENO, &kept_) == 0;
  wake();
}

void Keyboard::wake() {
  awake();
  if (!terminal_) return;
  termios keys = kept_;
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | IEXTEN);
  keys.c_lflag |= ISIG;
  keys.c_iflag &= ~static_cast<tcflag_t>(ICRNL | INLCR | IXON);
  keys.c_oflag |= OPOST | ONLCR;
  keys.c_cc[VMIN] = 1;
  keys.c_cc[VTIME] = 0;
  keys.c_cc[VQUIT] = _POSIX_VDISABLE;
  keys.c_cc[VSUSP] = _POSIX_VDISABLE;
  tcsetattr(STDIN_FILENO, TCSADRAIN, &keys);
}

void Keyboard::rest() {
  if (terminal_) tcsetattr(STDIN_FILENO, TCSADRAIN, &kept_);
}

Keyboard::~Keyboard() {
  rest();
}

void Keyboard::set_idle(std::chrono::milliseconds longest) {
  longest_ = longest;
  awake();
}

void Keyboard::awake() {
  since_ = Clock::now();
  warned_ = 0;
}

namespace {
struct Warning {
  milliseconds before;
  const char* words;
};
constexpr Warning kWarnings[] = {{std::chrono::minutes(5), "5 minutes"},
                                 {std::chrono::minutes(1), "60 seconds"},
                                 {std::chrono::seconds(10), "10 seconds"}};
}  // namespace

// kWarning or kIdle if it is time for it, else the milliseconds until then, -1 for never.
int Keyboard::idle() {
  if (longest_ == milliseconds::zero()) return -1;
  const auto left = std::chrono::ceil<milliseconds>(longest_ - (Clock::now() - since_));
  if (left <= milliseconds::zero()) return kIdle;
  while (warned_ < std::size(kWarnings) && longest_ <= kWarnings[warned_].before) ++warned_;
  if (warned_ == std::size(kWarnings)) return static_cast<int>(left.count());
  const auto& [before, words] = kWarnings[warned_];
  if (left > before) return static_cast<int>((left - before).count());
  ++warned_;
  warning_ =
      std::string("Warning: session will be closed in ") + words + " if there is no activity\n";
  return kWarning;
}

// A Special, or 0 once there are bytes.
int Keyboard::wait_for(int other, int longest) {
  const int left = idle();
  if (left == kWarning || left == kIdle) return left;
  const bool sooner = left >= 0 && (longest < 0 || left < longest);
  pollfd ready[3] = {
      {STDIN_FILENO, POLLIN, 0}, {signals::descriptor(), POLLIN, 0}, {other, POLLIN, 0}};
  const int some = poll(ready, 3, sooner ? left : longest);
  if (some == 0) return sooner ? 0 : kTimeout;
  if (some < 0) return errno == EINTR ? kSignal : kClosed;
  if (ready[1].revents) return kSignal;
  if (ready[0].revents) {
    awake();
    return fill() ? 0 : kClosed;
  }
  return ready[2].revents ? kOther : 0;
}

int Keyboard::byte(int other, int milliseconds) {
  while (at_ == buffer_.size())
    if (const int special = wait_for(other, milliseconds)) return special;
  const auto byte = static_cast<unsigned char>(buffer_[at_++]);
  const bool second = byte == '\n' && after_return_;
  after_return_ = byte == '\r';
  return second ? this->byte(other, milliseconds) : byte;
}

bool Keyboard::fill() {
  buffer_.erase(0, at_);
  at_ = 0;
  const size_t before = buffer_.size();
  buffer_.resize(before + kRead);
  const ssize_t got = read(STDIN_FILENO, buffer_.data() + before, kRead);
  buffer_.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  if (got > static_cast<ssize_t>(kMostOfAKey)) pasted_ = Clock::now();
  return got > 0 || (got < 0 && errno == EINTR);
}

bool Keyboard::pending() {
  return at_ < buffer_.size() || readable(STDIN_FILENO);
}

// What the terminal itself still held went with the key; what it has now was typed after it, or is
// what was still under way of a paste: as commands it would do what nobody asked for.
void Keyboard::drop() {
  const bool paste = buffer_.size() - at_ > kMostOfAKey || Clock::now() - pasted_ < kPaste;
  forget();
  while (paste && !signals::ending() && readable(STDIN_FILENO, kQuiet) && fill()) forget();
}

void Keyboard::forget() {
  buffer_.clear();
  at_ = 0;
  after_return_ = false;
}

std::optional<std::string> Keyboard::pasted_line() {
  if (at_ < buffer_.size() && std::exchange(after_return_, false) && buffer_[at_] == '\n') ++at_;
  if (buffer_.find_first_of("\r\n", at_) == buffer_.npos && buffer_.size() < kRead &&
      readable(STDIN_FILENO))
    fill();
  const size_t end = buffer_.find_first_of("\r\n", at_);
  if (end == buffer_.npos) return std::nullopt;
  std::string line = buffer_.substr(at_, end - at_);
  if (!std::all_of(line.begin(), line.end(), plain)) return std::nullopt;
  after_return_ = buffer_[end] == '\r';
  at_ = end + 1;
  return line;
}

}  // namespace nezu::cli
