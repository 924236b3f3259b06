#include "services/system/boot.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "services/system/show.h"

namespace nezu::system {
namespace {
using Clock = std::chrono::system_clock;

// Not of the clock, which somebody may set back.
std::string made_up() {
  std::random_device random;
  return std::to_string(random()) + "-" + std::to_string(random());
}
}  // namespace

Boot boot_of(const std::string& folder) {
  const std::string file = folder + "/name";
  ::mkdir(folder.c_str(), 0700);
  Boot boot{{}, started("1")};
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) std::ofstream(file) << made_up() << "\n";
  std::getline(std::ifstream(file), boot.name);
  if (::stat(file.c_str(), &info) == 0)
    boot.since = std::max(boot.since, Clock::from_time_t(info.st_mtim.tv_sec));
  return boot;
}

}  // namespace nezu::system
