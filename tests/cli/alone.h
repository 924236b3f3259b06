#pragma once
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include "cli/signals.h"

namespace nezu::cli {

// A part of the program alone on a pty, without a key: what it prints within the time.
inline std::string alone(std::chrono::milliseconds time, const std::function<void()>& part) {
  int master = -1;
  const winsize size{24, 80, 0, 0};
  fflush(stdout);  // or the child would write it again
  const pid_t pid = forkpty(&master, nullptr, nullptr, &size);
  if (pid == 0) {
    setenv("TERM", "xterm", 1);
    signals::install();
    part();
    fflush(stdout);
    _exit(0);
  }
  std::string out;
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
    pollfd ready{master, POLLIN, 0};
    char bytes[4096];
    if (poll(&ready, 1, 50) <= 0) continue;
    const ssize_t got = read(master, bytes, sizeof bytes);
    if (got <= 0) break;
    out.append(bytes, static_cast<size_t>(got));
  }
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  close(master);
  return out;
}

}  // namespace nezu::cli
