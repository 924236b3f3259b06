#include "configdb/deadline.h"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <sstream>

namespace nezu::configdb {
namespace {

// When process 1 of our pid namespace began: another one is another router.
std::string first_process_started() {
  std::ifstream stat("/proc/1/stat");
  std::string line;
  std::getline(stat, line);
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  constexpr int kStartTime = 20;  // fields after the name
  std::string field;
  for (int i = 0; i < kStartTime && fields >> field;) ++i;
  return field;
}

std::string given_name;

std::string boot_name() {
  std::string kernel;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), kernel);
  return kernel + "/" + first_process_started() + "/" + given_name;
}

}  // namespace

void name_boot(const std::string& name) {
  given_name = name;
}

Now machine_clock() {
  static const std::string kBoot = boot_name();
  timespec up{};
  clock_gettime(CLOCK_BOOTTIME, &up);
  return {std::time(nullptr), up.tv_sec * 1000 + up.tv_nsec / 1'000'000, kBoot};
}

std::string utc(int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[64];
  const size_t size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {text, size};
}

int64_t Deadline::left(const Now& now) const {
  const int64_t passed =
      now.boot == from.boot ? now.uptime - from.uptime : (now.wall - from.wall) * 1000;
  return std::clamp<int64_t>(milliseconds - passed, 0, milliseconds);
}

}  // namespace nezu::configdb
