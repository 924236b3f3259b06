#pragma once
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace nezu::cli {

/// A router without a network, as a child of the test: mgmt-test-router on `socket`.
class RouterProcess {
 public:
  explicit RouterProcess(std::string socket) : socket_(std::move(socket)) { start(); }
  ~RouterProcess() { kill(); }

  void start() {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      const char* program = NEZU_BINARY_DIR "/bin/mgmt-test-router";
      execl(program, program, socket_.c_str(), nullptr);
      _exit(127);
    }
    close(ends[1]);
    char listening = 0;
    EXPECT_EQ(read(ends[0], &listening, 1), 1);
    close(ends[0]);
  }
  void kill() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    pid_ = 0;
  }

 private:
  std::string socket_;
  pid_t pid_ = 0;
};

}  // namespace nezu::cli
