// What happened to a tunnel: the lines under "Tunnel events".
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "services/ike/bytes.h"

namespace nezu::ike {

/// The last events of one tunnel, newest first. What repeats, alone or as a sequence of up to
/// kLongest, is one line with a count.
class EventLog {
 public:
  static constexpr std::size_t kKept = 12;
  static constexpr std::size_t kLongest = 4;

  enum class Mark : std::uint8_t { kNone, kSequenceStart, kSequenceEnd };
  struct Line {
    std::int64_t at = 0;  // seconds since 1970
    std::string text;
    std::uint32_t times = 1;
    Mark mark = Mark::kNone;

    bool operator==(const Line&) const = default;
  };

  void add(std::int64_t at, std::string_view text);
  const std::deque<Line>& lines() const { return lines_; }

  Bytes serialise() const;
  /// What is not understood is left out.
  static EventLog parse(ByteView bytes);

 private:
  bool fold(std::size_t length);

  std::deque<Line> lines_;
};

/// "Sun Oct 13 2024 11:33:44", in local time.
std::string event_time(std::int64_t at);

}  // namespace nezu::ike
