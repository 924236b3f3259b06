#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace nezu::mgmt {

/// The lines a user gave in one mode, oldest first.
class CliHistory {
 public:
  static constexpr size_t kMostLines = 1000;
  static constexpr size_t kMostBytes = 4096;  ///< of a line; the rest is not kept

  struct Entry {
    int64_t time;  ///< seconds since 1970
    std::string line;
  };

  void add(int64_t time, std::string_view line) {
    const size_t end = line.find_last_not_of(' ');
    if (end == line.npos) return;
    if (entries_.size() == kMostLines) entries_.pop_front();
    entries_.push_back({time, std::string(line.substr(0, std::min(end + 1, kMostBytes)))});
  }
  const std::deque<Entry>& entries() const { return entries_; }

 private:
  std::deque<Entry> entries_;
};

}  // namespace nezu::mgmt
