#include "services/system/service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace nezu::system {
namespace {

constexpr char kUnnamed[] = "localhost";
constexpr size_t kLongestName = 64;  // the kernel's, too

}  // namespace

void SystemService::check(const configdb::Delta& delta,
                          std::function<void(configdb::Problems)> done) {
  configdb::Problems problems;
  const std::string name = delta.after()["system"]["host-name"].value();
  if (name.size() > kLongestName)
    problems.push_back({{"system"},
                        "host-name " + name,
                        fmt::format("host name is longer than {} characters", kLongestName),
                        false});
  done(std::move(problems));
}

void SystemService::apply(const configdb::Delta& delta, std::function<void()> done) {
  host_name_ = delta.after()["system"]["host-name"].value();
  const std::string name = host_name_.empty() ? kUnnamed : host_name_;
  if (own_namespace_ && ::sethostname(name.data(), name.size()) < 0) ::perror("sethostname");
  done();
}

}  // namespace nezu::system
