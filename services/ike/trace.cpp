#include "services/ike/trace.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <ctime>

namespace nezu::ike {
namespace {

constexpr std::size_t kLongestLine = 2000;

// "Nov 22 06:12:01.123456", in local time as the events of tunnels have it.
std::string stamp() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  std::tm parts{};
  localtime_r(&now.tv_sec, &parts);
  char text[48];
  std::strftime(text, sizeof text, "%b %e %H:%M:%S", &parts);
  const std::string micro = std::to_string(now.tv_nsec / 1000);
  return text + ('.' + std::string(6 - micro.size(), '0')) + micro;
}

std::string printable(std::string_view text) {
  std::string line(text.substr(0, kLongestLine));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  return line;
}

}  // namespace

bool read_size(std::string_view text, std::uint64_t& size) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number > kLargestTrace || end - rest > 1) return false;
  std::uint64_t unit = 1;
  if (rest != end) {
    const char letter = static_cast<char>(*rest | 0x20);
    if (letter != 'k' && letter != 'm' && letter != 'g') return false;
    unit = letter == 'k' ? 1ull << 10 : letter == 'm' ? 1ull << 20 : 1ull << 30;
  }
  if (number * unit < kSmallestTrace || number * unit > kLargestTrace) return false;
  size = number * unit;
  return true;
}

bool is_free_for_traces(std::string_view file) {
  const bool taken = file == "messages" || file.substr(0, 9) == "messages." ||
                     file.substr(0, 20) == "interactive-commands" || file.find(".log") != file.npos;
  return !file.empty() && file.front() != '.' && file.find('/') == file.npos && !taken;
}

Trace::~Trace() {
  close();
}

void Trace::configure(const TraceOptions& options) {
  if (options == options_) return;
  close();
  options_ = options;
}

// Without a flag there are the troubles and what ends them.
bool Trace::wants(std::string_view flag) const {
  if (!options_.enabled) return false;
  return flag == "event" || options_.flags.contains("all") ||
         options_.flags.contains(std::string(flag));
}

void Trace::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

void Trace::open() {
  const mode_t mode = options_.world_readable ? 0644 : 0640;
  descriptor_ = ::open(path().c_str(),
                       O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode);
  struct stat info {};
  if (descriptor_ < 0) return;
  if (fstat(descriptor_, &info) != 0 || !S_ISREG(info.st_mode)) return close();
  fchmod(descriptor_, mode);
  written_ = static_cast<std::uint64_t>(info.st_size);
}

void Trace::rotate() {
  close();
  const auto name = [&](std::uint32_t number) { return path() + '.' + std::to_string(number); };
  for (std::uint32_t number = options_.files - 2; number > 0; --number)
    ::rename(name(number - 1).c_str(), name(number).c_str());
  ::rename(path().c_str(), name(0).c_str());
  open();
}

void Trace::write(std::string_view flag, std::string_view text) {
  if (!wants(flag)) return;
  if (descriptor_ < 0) open();
  const std::string line = stamp() + " [" + std::string(flag) + "] " + printable(text) + '\n';
  if (descriptor_ >= 0 && written_ + line.size() > options_.size) rotate();
  if (descriptor_ < 0) return;
  const ssize_t length = ::write(descriptor_, line.data(), line.size());
  if (length > 0) written_ += static_cast<std::uint64_t>(length);
}

}  // namespace nezu::ike
