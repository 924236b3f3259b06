#pragma once
#include <QLocalSocket>
#include <QTimer>
#include <deque>
#include <functional>
#include <string>
#include <vector>

/// A conversation with one FRR daemon over its vty socket, as vtysh has it: commands end with a
/// NUL, an answer ends with three NULs and a status octet.
namespace nezu::routing {

class Vty {
 public:
  struct Answer {
    int status = 0;  ///< 0: done; anything else: refused, with the reason in the text
    std::string text;
  };
  /// `done` gets one answer a command, or fewer if the daemon is away or went away.
  using Done = std::function<void(std::vector<Answer>)>;

  explicit Vty(std::string path);

  bool busy() const { return static_cast<bool>(done_); }
  /// How many commands the last run had.
  size_t asked() const { return commands_.size(); }
  /// One run at a time. A daemon that does not answer for five seconds, and a millisecond more for
  /// every command, is given up.
  void run(std::vector<std::string> commands, Done done);

 private:
  void write();
  void read();
  void wait();
  bool take_answer();
  void finish();

  std::string path_;
  QLocalSocket socket_;
  QTimer patience_;
  std::vector<std::string> commands_;
  std::vector<Answer> answers_;
  std::string incoming_;
  Done done_;
};

}  // namespace nezu::routing
