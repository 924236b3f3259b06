#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace nezu::log {

/// A file of lines with a bounded number of bounded predecessors: "messages", "messages.0" the
/// newest of the old, … Others may empty it meanwhile. What cannot be written is lost: the router
/// goes on.
class LogFile {
 public:
  struct Limits {
    uint64_t size;   ///< octets of a file, a line that is longer apart
    uint32_t files;  ///< with the predecessors; at least 2
    mode_t mode;
  };

  LogFile(std::string path, Limits limits) : path_(std::move(path)), limits_(limits) {}
  ~LogFile() { close(); }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  /// Appends the line and its end.
  void write(std::string_view line);

 private:
  void open();
  void close();
  void measure();
  void rotate();

  std::string path_;
  Limits limits_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

/// At most `longest` octets of a text, without control characters: one line, whatever it holds.
std::string one_line(std::string_view text, size_t longest);

}  // namespace nezu::log
