#include "pfe-model/fib.h"

namespace nezu::pfe {

void Fib::set_route(const Prefix& prefix, Paths paths, uint64_t sync) {
  const uint32_t index = share(std::move(paths));
  const auto round = static_cast<uint32_t>(sync);
  if (locals_.contains(prefix)) {
    const auto [route, added] = hidden_.try_emplace(prefix, Route{index, round});
    if (!added) unshare(route->second.paths);
    route->second = {index, round};
    return;
  }
  const uint32_t before = trie(prefix).exact(prefix);
  trie(prefix).set(prefix, index, round);
  if (before != 0) unshare(before);
}

bool Fib::remove_route(const Prefix& prefix) {
  if (locals_.contains(prefix)) {
    const auto route = hidden_.find(prefix);
    if (route == hidden_.end()) return false;
    unshare(route->second.paths);
    hidden_.erase(route);
    return true;
  }
  const uint32_t before = trie(prefix).exact(prefix);
  if (before == 0) return false;
  trie(prefix).erase(prefix);
  unshare(before);
  return true;
}

void Fib::set_local(const Address& address, uint32_t interface, uint64_t sync) {
  if (local_ == 0) local_ = share({Action::kLocal, {}});
  const Prefix prefix = prefix_of(address);
  const bool added = locals_.insert_or_assign(prefix, Local{interface, sync}).second;
  if (!added) return;
  if (const uint32_t before = trie(prefix).exact(prefix))
    hidden_[prefix] = {before, trie(prefix).tag(prefix)};
  trie(prefix).set(prefix, local_);
}

bool Fib::remove_local(const Address& address) {
  const Prefix prefix = prefix_of(address);
  if (locals_.erase(prefix) == 0) return false;
  const auto route = hidden_.find(prefix);
  if (route == hidden_.end()) return trie(prefix).erase(prefix);
  trie(prefix).set(prefix, route->second.paths, route->second.sync);
  hidden_.erase(route);
  return true;
}

void Fib::sweep(uint64_t sync) {
  std::vector<Prefix> gone;
  for (const auto& [prefix, local] : locals_)
    if (local.sync != sync) gone.push_back(prefix);
  for (const Prefix& prefix : gone) remove_local(prefix.address);
  const auto round = static_cast<uint32_t>(sync);
  gone.clear();
  for (const auto& [prefix, route] : hidden_)
    if (route.sync != round) gone.push_back(prefix);
  for (const Lpm* lpm : {&v4_, &v6_})
    for (const Prefix& prefix : lpm->tagged_otherwise(round))
      if (!locals_.contains(prefix)) gone.push_back(prefix);
  for (const Prefix& prefix : gone) remove_route(prefix);
}

Prefix Fib::prefix(const Address& address) const {
  const Lpm& trie = address.size == 4 ? v4_ : v6_;
  for (int length = 8 * address.size; length > 0; --length) {
    const Prefix prefix = Prefix::of(address, static_cast<uint8_t>(length));
    if (trie.exact(prefix) != 0) return prefix;
  }
  return Prefix::of(address, 0);
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
