#include "pfe-model/fib.h"

namespace nezu::pfe {

void Fib::set_route(const Prefix& prefix, Paths paths, uint64_t sync) {
  const uint32_t index = share(std::move(paths));
  auto [route, added] = routes_.try_emplace(prefix, Route{index, sync});
  if (!added) {
    unshare(route->second.paths);
    route->second = {index, sync};
  }
  refresh(prefix);
}

bool Fib::remove_route(const Prefix& prefix) {
  const auto route = routes_.find(prefix);
  if (route == routes_.end()) return false;
  const uint32_t index = route->second.paths;
  routes_.erase(route);
  refresh(prefix);
  unshare(index);
  return true;
}

void Fib::set_local(const Address& address, uint32_t interface, uint64_t sync) {
  if (local_ == 0) local_ = share({Action::kLocal, {}});
  locals_[prefix_of(address)] = {interface, sync};
  refresh(prefix_of(address));
}

bool Fib::remove_local(const Address& address) {
  if (locals_.erase(prefix_of(address)) == 0) return false;
  refresh(prefix_of(address));
  return true;
}

void Fib::sweep(uint64_t sync) {
  std::vector<Prefix> gone;
  for (const auto& [prefix, route] : routes_)
    if (route.sync != sync) gone.push_back(prefix);
  for (const Prefix& prefix : gone) remove_route(prefix);
  gone.clear();
  for (const auto& [prefix, local] : locals_)
    if (local.sync != sync) gone.push_back(prefix);
  for (const Prefix& prefix : gone) remove_local(prefix.address);
}

Address Fib::source(uint32_t interface, const Address& like) const {
  Address any;
  for (const auto& [prefix, local] : locals_) {
    if (prefix.address.size != like.size) continue;
    if (local.interface == interface) return prefix.address;
    any = prefix.address;
  }
  return any;
}

/// Brings the trie in line with the tables for one prefix.
void Fib::refresh(const Prefix& prefix) {
  const auto route = routes_.find(prefix);
  if (locals_.contains(prefix))
    trie(prefix).set(prefix, local_);
  else if (route != routes_.end())
    trie(prefix).set(prefix, route->second.paths);
  else
    trie(prefix).erase(prefix);
}

uint32_t Fib::share(Paths paths) {
  auto [entry, added] = by_value_.try_emplace(std::move(paths), 0);
  if (added) {
    if (free_.empty()) {
      entry->second = static_cast<uint32_t>(shared_.size());
      shared_.push_back(nullptr);
      users_.push_back(0);
    } else {
      entry->second = free_.back();
      free_.pop_back();
    }
    shared_[entry->second] = &entry->first;
  }
  ++users_[entry->second];
  return entry->second;
}

void Fib::unshare(uint32_t index) {
  if (--users_[index] > 0) return;
  by_value_.erase(by_value_.find(*shared_[index]));
  shared_[index] = nullptr;
  free_.push_back(index);
}

}  // namespace nezu::pfe
