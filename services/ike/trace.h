// [edit security ike traceoptions]: what happens, line by line, in a file that a person follows.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace nezu::ike {

struct TraceOptions {
  bool enabled = false;
  std::string file = "iked";
  std::uint64_t size = 128 * 1024;  // octets of a file
  std::uint32_t files = 3;          // with the predecessors
  bool world_readable = false;
  std::set<std::string> flags;

  bool operator==(const TraceOptions&) const = default;
};

/// "100k", "2m", "1g", "4096"; at least kSmallestTrace, nothing when it is no size.
constexpr std::uint64_t kSmallestTrace = 10 * 1024;
constexpr std::uint64_t kLargestTrace = 1ull << 30;
bool read_size(std::string_view text, std::uint64_t& size);

/// A file that something else of the router writes is none for traces.
bool is_free_for_traces(std::string_view file);

class Trace {
 public:
  explicit Trace(std::string directory) : directory_(std::move(directory)) {}
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  void configure(const TraceOptions& options);
  bool wants(std::string_view flag) const;
  /// One line; control characters of the text do not reach the file. What cannot be written is
  /// lost.
  void write(std::string_view flag, std::string_view text);

 private:
  void open();
  void close();
  void rotate();
  std::string path() const { return directory_ + '/' + options_.file; }

  std::string directory_;
  TraceOptions options_;
  int descriptor_ = -1;
  std::uint64_t written_ = 0;
};

}  // namespace nezu::ike
