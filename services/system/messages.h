#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "services/log/log_file.h"

namespace nezu::system {

/// The router's own log: files of a directory, each with a bounded number of bounded predecessors
/// ("messages", "messages.0" the newest of the old, …). What cannot be written is lost: the router
/// goes on.
class Messages {
 public:
  static constexpr size_t kLargest = 1 << 20;  ///< bytes of a file
  static constexpr int kKept = 10;             ///< files altogether

  /// `host` tells the router's name of now.
  Messages(std::string directory, std::function<std::string()> host);

  /// Appends "Nov 22 02:13:21  peer1 mgd[4410]: TAG: text" to messages. Control characters of the
  /// text do not reach the file.
  void write(std::string_view program, std::string_view tag, std::string_view text);

  const std::string& directory() const { return directory_; }

 private:
  std::string directory_;
  std::function<std::string()> host_;
  log::LogFile file_;
};

}  // namespace nezu::system
