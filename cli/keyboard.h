#pragma once
#include <termios.h>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace nezu::cli {

/// Standard input as keys. While it lives the terminal hands over each byte at once and echoes
/// nothing, so a paste is neither cut at 4,096 bytes nor echoed between the lines; it is put back
/// as it was at the end.
class Keyboard {
 public:
  enum Special : int {
    kSignal = -1,   ///< look at signals::
    kClosed = -2,   ///< end of input
    kOther = -3,    ///< the other descriptor is readable
    kTimeout = -4,  ///< nothing came in time
    kWarning = -5,  ///< no key for long: warning() is to be shown
    kIdle = -6,     ///< no key for too long: the session is to end
  };

  Keyboard();
  ~Keyboard();
  Keyboard(const Keyboard&) = delete;
  Keyboard& operator=(const Keyboard&) = delete;

  /// Puts the terminal back as it was, for a program that has it until wake().
  void rest();
  void wake();

  /// The next byte, or a Special. `other` is a descriptor to watch meanwhile, -1 for none;
  /// -1 milliseconds: however long it takes.
  int byte(int other, int milliseconds = -1);
  /// The longest time without a key, whatever waits for one; 0: for ever. It begins now.
  void set_idle(std::chrono::milliseconds longest);
  /// Somebody begins to wait for a key: the time before does not count.
  void awake();
  const std::string& warning() const { return warning_; }
  /// Bytes are here already: this is a paste, or somebody types ahead.
  bool pending();
  /// A whole line of plain text that is here already, without its end; removes it.
  std::optional<std::string> pasted_line();
  /// Forgets what is here already: after ^C the rest of a paste is not wanted. In a paste it waits
  /// until no more of it comes.
  void drop();

 private:
  using Clock = std::chrono::steady_clock;
  bool fill();
  void forget();
  int idle();
  int wait_for(int other, int milliseconds);

  termios kept_{};
  bool terminal_ = false;
  std::string buffer_;
  size_t at_ = 0;
  bool after_return_ = false;  ///< the "\n" of "\r\n" is no second Enter
  std::chrono::milliseconds longest_{0};
  Clock::time_point pasted_;  ///< when more came at once than a key has
  Clock::time_point since_;   ///< the last key, or when the wait for one began
  size_t warned_ = 0;         ///< how many of the warnings were given since
  std::string warning_;
};

}  // namespace nezu::cli
