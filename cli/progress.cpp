#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace nezu::cli {
namespace {
constexpr std::chrono::milliseconds kShort{200};  // work that is done by then needs no bar
constexpr size_t kBar = 30;

size_t columns() {
  winsize size{};
  ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
  return size.ws_col ? size.ws_col : 80;
}
}  // namespace

Progress::Progress(std::string what, size_t all)
    : what_(std::move(what)), all_(all), active_(all > 0 && isatty(STDERR_FILENO)) {}

void Progress::at(size_t done) {
  if (!active_ || std::chrono::steady_clock::now() - begun_ < kShort) return;
  const size_t full = std::min(done, all_) * kBar / all_;
  std::string text = "[" + std::string(full, '#') + std::string(kBar - full, ' ') + "] " +
                     std::to_string(std::min(done, all_) * 100 / all_) + "% " + what_;
  text.resize(std::min(text.size(), columns() - 1));
  fprintf(stderr, "\r%s\033[K", text.c_str());
  fflush(stderr);
  shown_ = true;
}

void Progress::erase() {
  if (!std::exchange(shown_, false)) return;
  fputs("\r\033[K", stderr);
  fflush(stderr);
}

}  // namespace nezu::cli
