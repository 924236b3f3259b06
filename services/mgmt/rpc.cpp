#include "services/mgmt/rpc.h"

#include <cstdio>
#include <cstdlib>

namespace nezu::mgmt {

void Registry::add(Rpc rpc) {
  std::string name = rpc.name;
  if (!rpcs_.emplace(name, std::move(rpc)).second) {
    fprintf(stderr, "rpc %s is registered twice\n", name.c_str());
    abort();
  }
}

const Rpc* Registry::find(std::string_view name) const {
  const auto found = rpcs_.find(name);
  return found == rpcs_.end() ? nullptr : &found->second;
}

void Registry::add_names(std::string source, Names names) {
  names_[std::move(source)] = std::move(names);
}

std::vector<std::pair<std::string, std::string>> Registry::names(std::string_view source) const {
  const auto found = names_.find(source);
  if (found == names_.end()) return {};
  return found->second();
}

}  // namespace nezu::mgmt
