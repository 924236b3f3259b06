#include "services/ike/daemon/event_log.h"

#include <ctime>
#include <sstream>

namespace nezu::ike {

void EventLog::add(std::int64_t at, std::string_view text) {
  lines_.push_front({at, std::string(text), 1, Mark::kNone});
  for (std::size_t length = 1; length <= kLongest; ++length)
    if (fold(length)) return;
  if (lines_.size() > kKept) lines_.pop_back();
}

// If the newest `length` lines say what the `length` before them say, they become one run of them.
bool EventLog::fold(std::size_t length) {
  if (lines_.size() < 2 * length) return false;
  for (std::size_t i = 0; i < length; ++i)
    if (lines_[i].text != lines_[i + length].text || lines_[i].times != 1) return false;
  // A run that is marked must be met as a whole, or its counts would fall apart.
  const bool marked = lines_[length].mark != Mark::kNone;
  if (marked && (lines_[length].mark != Mark::kSequenceEnd ||
                 lines_[2 * length - 1].mark != Mark::kSequenceStart))
    return false;
  for (std::size_t i = 0; i < length; ++i) {
    lines_[i + length].at = lines_[i].at;
    ++lines_[i + length].times;
  }
  lines_.erase(lines_.begin(), lines_.begin() + std::ptrdiff_t(length));
  if (length == 1) return true;
  lines_.front().mark = Mark::kSequenceEnd;
  lines_[length - 1].mark = Mark::kSequenceStart;
  return true;
}

// A line an event: time, count, mark, text.
Bytes EventLog::serialise() const {
  std::ostringstream out;
  for (const Line& line : lines_)
    out << line.at << ' ' << line.times << ' ' << int(line.mark) << ' ' << line.text << '\n';
  return bytes_of(view_of(out.str()));
}

EventLog EventLog::parse(ByteView bytes) {
  EventLog log;
  std::istringstream in(std::string(bytes.begin(), bytes.end()));
  for (std::string row; std::getline(in, row) && log.lines_.size() < kKept;) {
    std::istringstream fields(row);
    Line line;
    int mark = 0;
    if (!(fields >> line.at >> line.times >> mark) || mark < 0 || mark > 2) continue;
    line.mark = Mark(mark);
    fields.get();
    std::getline(fields, line.text);
    log.lines_.push_back(std::move(line));
  }
  return log;
}

std::string event_time(std::int64_t at) {
  const std::time_t seconds = at;
  std::tm local{};
  localtime_r(&seconds, &local);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%a %b %d %Y %H:%M:%S", &local)};
}

}  // namespace nezu::ike
