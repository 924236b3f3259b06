#include "cli/signals.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

namespace nezu::cli::signals {
namespace {
volatile sig_atomic_t interrupted = 0;
volatile sig_atomic_t resized = 0;
volatile sig_atomic_t ended = 0;
int ends[2] = {-1, -1};

void note(int signal) {
  const int kept = errno;
  if (signal == SIGINT) interrupted = 1;
  if (signal == SIGWINCH) resized = 1;
  if (signal == SIGTERM || signal == SIGHUP) ended = 1;
  [[maybe_unused]] const ssize_t done = write(ends[1], "", 1);  // full is as good as written
  errno = kept;
}

void drain() {
  char bytes[64];
  while (read(ends[0], bytes, sizeof bytes) > 0) {
  }
}

bool take(volatile sig_atomic_t& flag) {
  drain();
  const bool was = flag != 0;
  flag = 0;
  return was;
}
}  // namespace

void install() {
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return;
  struct sigaction action {};
  action.sa_handler = note;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) sigaction(signal, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

int descriptor() {
  return ends[0];
}
bool take_interrupt() {
  return take(interrupted);
}
bool take_resize() {
  return take(resized);
}
bool ending() {
  return ended != 0;
}

}  // namespace nezu::cli::signals
