// [edit security ike traceoptions]: what happens, line by line, in a file that a person follows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "services/log/log_file.h"

namespace re2 {
class RE2;
}

namespace nezu::ike {

struct TraceOptions {
  bool enabled = false;
  std::string file = "iked";
  std::uint64_t size = 128 * 1024;  // octets of a file
  std::uint32_t files = 3;          // with the predecessors
  bool world_readable = false;
  std::set<std::string> flags;
  std::string match;  // a regular expression that lines must hold; empty: all do

  bool operator==(const TraceOptions&) const = default;
};

/// "100k", "2m", "1g", "4096"; at least kSmallestTrace, nothing when it is no size.
constexpr std::uint64_t kSmallestTrace = 10 * 1024;
constexpr std::uint64_t kLargestTrace = 1ull << 30;
bool read_size(std::string_view text, std::uint64_t& size);

/// Flags that something is written for; the others are accepted and nothing is.
bool is_traced(std::string_view flag);

/// Whether it is a regular expression of RE2 that is small enough: one that is made to take memory
/// is none, and none takes more than linear time.
bool is_match(const std::string& text);

/// A file that something else of the router writes is none for traces.
bool is_free_for_traces(std::string_view file);

class Trace {
 public:
  explicit Trace(std::string directory) : directory_(std::move(directory)) {}

  void configure(const TraceOptions& options);
  bool wants(std::string_view flag) const;
  /// One line; control characters of the text do not reach the file. What cannot be written is
  /// lost.
  void write(std::string_view flag, std::string_view text);

 private:
  std::string directory_;
  TraceOptions options_;
  std::optional<log::LogFile> file_;  // once it is configured
  std::shared_ptr<const re2::RE2> match_;
};

}  // namespace nezu::ike
