#pragma once
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/cli/screen.h"

namespace nezu::cli {

/// `nezu cli` on a pty.
class Terminal {
 public:
  explicit Terminal(const std::string& socket, unsigned short rows = 24)
      : Terminal(socket, {}, rows) {}
  Terminal(const std::string& socket, const std::vector<std::string>& more,
           unsigned short rows = 24) {
    const winsize size{rows, 80, 0, 0};
    EXPECT_EQ(openpty(&master_, &slave_, nullptr, nullptr, &size), 0);
    tcgetattr(slave_, &before_);
    pid_ = fork();
    if (pid_ == 0) {
      login_tty(slave_);
      setenv("TERM", "xterm", 1);
      setenv("LC_ALL", "C.UTF-8", 1);
      const char* program = NEZU_BINARY_DIR "/bin/nezu";
      std::vector<const char*> words = {program, "cli", "--socket", socket.c_str()};
      for (const std::string& word : more) words.push_back(word.c_str());
      words.push_back(nullptr);
      execv(program, const_cast<char**>(words.data()));
      _exit(127);
    }
  }
  ~Terminal() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close(master_);
    close(slave_);
  }

  /// Types as fast as the program takes it, reading what it prints meanwhile.
  void type(std::string_view keys) {
    fcntl(master_, F_SETFL, O_NONBLOCK);
    while (!keys.empty()) {
      pollfd ready{master_, POLLIN | POLLOUT, 0};
      poll(&ready, 1, 1000);
      if (ready.revents & POLLIN) take();
      if (!(ready.revents & POLLOUT)) continue;
      const ssize_t done = write(master_, keys.data(), keys.size());
      if (done > 0) keys.remove_prefix(static_cast<size_t>(done));
    }
  }

  /// Waits until `text` is on the screen, in the row where the last wait ended or below it;
  /// `below`: not in that row. A text that ends in a blank is a prompt: nothing stands behind it.
  testing::AssertionResult shows(const std::string& text, bool below = false) {
    const auto end = Clock::now() + kPatience;
    while (Clock::now() < end) {
      if (found(screen_.text(), text, below)) return testing::AssertionSuccess();
      pollfd ready{master_, POLLIN, 0};
      if (poll(&ready, 1, 100) > 0 && !take()) break;
    }
    return testing::AssertionFailure()
           << "expected <" << text << ">, there is <" << screen_.text().substr(row_) << ">";
  }
  std::string text() const { return screen_.text(); }
  /// What shows() passed over, its own text included.
  const std::string& passed() const { return passed_; }
  /// What else comes within a moment.
  std::string rest() {
    pollfd ready{master_, POLLIN, 0};
    while (poll(&ready, 1, 300) > 0 && take()) {
    }
    return screen_.text().substr(end_);
  }

  int exit_status() {
    int status = 0;
    const auto end = Clock::now() + kPatience;
    while (Clock::now() < end) {
      if (waitpid(pid_, &status, WNOHANG) == pid_) {
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
      }
      rest();
    }
    return -1000;
  }
  void signal(int number) { ::kill(pid_, number); }
  bool is_as_before() {
    termios now{};
    tcgetattr(slave_, &now);
    return now.c_lflag == before_.c_lflag && now.c_iflag == before_.c_iflag &&
           now.c_oflag == before_.c_oflag;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr auto kPatience = std::chrono::seconds(30);

  bool found(const std::string& all, const std::string& text, bool below) {
    const size_t from = below ? all.find('\n', row_) : row_;
    size_t at = from == all.npos ? all.npos : all.find(text, from);
    if (text.ends_with(' ') && at != all.npos)
      at = all.ends_with(text) ? all.size() - text.size() : all.npos;
    if (at == all.npos) return false;
    end_ = at + text.size();
    passed_ = all.substr(row_, end_ - row_);
    row_ = all.rfind('\n', end_ - 1) + 1;
    return true;
  }
  bool take() {
    char bytes[65536];
    const ssize_t got = read(master_, bytes, sizeof bytes);
    if (got > 0) screen_.write({bytes, static_cast<size_t>(got)});
    return got > 0;
  }

  int master_ = -1, slave_ = -1;
  pid_t pid_ = 0;
  termios before_{};
  Screen screen_;
  size_t row_ = 0;  ///< where the row begins in which the last wait ended
  size_t end_ = 0;  ///< the end of what it found
  std::string passed_;
};

}  // namespace nezu::cli
