#include "services/system/service.h"

#include <unistd.h>

#include <cstdio>

namespace nezu::system {
namespace {

constexpr char kUnnamed[] = "localhost";

}  // namespace

void SystemService::apply(const configdb::Delta& delta, std::function<void()> done) {
  host_name_ = delta.after()["system"]["host-name"].value();
  const std::string name = host_name_.empty() ? kUnnamed : host_name_;
  if (own_namespace_ && ::sethostname(name.data(), name.size()) < 0) ::perror("sethostname");
  done();
}

}  // namespace nezu::system
