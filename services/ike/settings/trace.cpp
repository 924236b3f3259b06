#include "services/ike/settings/trace.h"

#include <re2/re2.h>

#include <algorithm>
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

// Nothing if it is none. In linear time and bounded memory, whatever is configured.
std::shared_ptr<const re2::RE2> compiled(const std::string& text) {
  constexpr std::size_t kLongest = 255;
  if (text.empty() || text.size() > kLongest) return nullptr;
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(1 << 20);
  auto made = std::make_shared<const re2::RE2>(text, options);
  return made->ok() ? made : nullptr;
}

// "zebra.log", "nezu-re.log.0": what nezu-init keeps of the programs that it started.
bool is_log_of_program(std::string_view file) {
  constexpr std::string_view kOthers[] = {"init",  "zebra",  "staticd", "mgmtd", "bgpd",
                                          "ospfd", "ospf6d", "bfdd",    "sshd"};
  const std::string_view program = file.substr(0, file.find(".log"));
  if (program.size() == file.size()) return false;
  return program.substr(0, 5) == "nezu-" ||
         std::find(std::begin(kOthers), std::end(kOthers), program) != std::end(kOthers);
}

}  // namespace

bool is_traced(std::string_view flag) {
  return flag == "ike" || flag == "config" || flag == "general" || flag == "all";
}

bool is_match(const std::string& text) {
  return compiled(text) != nullptr;
}

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
                     file.substr(0, 20) == "interactive-commands" || is_log_of_program(file);
  return !file.empty() && file.front() != '.' && file.find('/') == file.npos && !taken;
}

void Trace::configure(const TraceOptions& options) {
  if (options == options_) return;
  options_ = options;
  match_ = compiled(options.match);
  file_.emplace(directory_ + '/' + options.file,
                log::LogFile::Limits{options.size, options.files,
                                     static_cast<mode_t>(options.world_readable ? 0644 : 0640)});
}

// Without a flag, as with "general", there are the troubles and what ends them.
bool Trace::wants(std::string_view flag) const {
  if (!options_.enabled) return false;
  return flag == "event" || options_.flags.contains("all") ||
         options_.flags.contains(std::string(flag));
}

void Trace::write(std::string_view flag, std::string_view text) {
  if (!wants(flag)) return;
  const std::string line =
      stamp() + " [" + std::string(flag) + "] " + log::one_line(text, kLongestLine);
  if (match_ && !re2::RE2::PartialMatch(line, *match_)) return;
  file_->write(line);
}

}  // namespace nezu::ike
