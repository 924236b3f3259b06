#include "services/chassis/load.h"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace nezu::chassis_service {
namespace {

namespace fs = std::filesystem;
constexpr auto kInterval = std::chrono::seconds(5);
constexpr size_t kSamples = 15 * 60 / 5 + 1;

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

// User and system time, the 12th and 13th field after the name in brackets.
uint64_t ticks_of(const std::string& process) {
  const std::string line = first_line(process + "/stat");
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 2)));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  uint64_t user = 0, system = 0;
  fields >> user >> system;
  return user + system;
}

}  // namespace

PlaneLoad::PlaneLoad(std::string program) : program_(std::move(program)) {
  timer_.setInterval(kInterval);
  QObject::connect(&timer_, &QTimer::timeout, [this] { sample(); });
  timer_.start();
  sample();
}

// The plane may have been restarted: then what was known is of another process.
bool PlaneLoad::find() {
  if (!process_.empty() && first_line(process_ + "/comm") == program_) return true;
  process_.clear();
  samples_.clear();
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != name.npos) continue;
    if (first_line(entry.path() / "comm") == program_) process_ = entry.path();
  }
  return !process_.empty();
}

void PlaneLoad::sample() {
  if (!find()) return;
  samples_.push_back({std::chrono::steady_clock::now(), ticks_of(process_)});
  if (samples_.size() > kSamples) samples_.pop_front();
}

uint32_t PlaneLoad::processor(std::chrono::seconds window) const {
  if (samples_.size() < 2) return 0;
  const Sample& last = samples_.back();
  const Sample* first = &samples_.front();
  for (const Sample& sample : samples_)
    if (last.when - sample.when >= window) first = &sample;
  if (first == &last) return 0;
  const double seconds = std::chrono::duration<double>(last.when - first->when).count();
  const double used =
      static_cast<double>(last.ticks - first->ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return static_cast<uint32_t>(100 * used / seconds + 0.5);
}

std::optional<std::chrono::seconds> PlaneLoad::age() const {
  if (process_.empty()) return {};
  const std::string line = first_line(process_ + "/stat");
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 2)));
  std::string skipped;
  for (int i = 0; i < 19; ++i) fields >> skipped;
  int64_t started = 0;  // ticks after the machine's boot
  timespec now{};
  if (!(fields >> started) || ::clock_gettime(CLOCK_BOOTTIME, &now) < 0) return {};
  return std::chrono::seconds(std::max<int64_t>(0, now.tv_sec - started / sysconf(_SC_CLK_TCK)));
}

uint32_t PlaneLoad::memory_megabytes() const {
  if (process_.empty()) return 0;
  std::istringstream fields(first_line(process_ + "/statm"));
  uint64_t size = 0, resident = 0;
  fields >> size >> resident;
  return static_cast<uint32_t>(resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) >> 20);
}

}  // namespace nezu::chassis_service
