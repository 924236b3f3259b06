#include "pfe-model/lpm.h"

#include <algorithm>

namespace nezu::pfe {

namespace {
constexpr uint32_t kNone = UINT32_MAX;

size_t last_step(const Prefix& prefix) {
  return (prefix.length - 1) / 8;
}
}  // namespace

Prefix Prefix::of(const Address& address, uint8_t length) {
  Prefix prefix{address, length};
  for (size_t i = 0; i < 16; ++i) {
    const int bits = std::clamp(static_cast<int>(length) - static_cast<int>(8 * i), 0, 8);
    prefix.address.octets[i] &= static_cast<uint8_t>(0xff00 >> bits);
  }
  return prefix;
}

Lpm::Lpm(uint8_t octets) : octets_(octets), nodes_(1) {}

uint32_t Lpm::exact(const Prefix& prefix) const {
  const auto found = exact_.find(prefix);
  return found == exact_.end() ? 0 : found->second.value;
}

std::vector<Prefix> Lpm::tagged_otherwise(uint32_t tag) const {
  std::vector<Prefix> others;
  for (const auto& [prefix, kept] : exact_)
    if (kept.tag != tag) others.push_back(prefix);
  return others;
}

void Lpm::set(const Prefix& prefix, uint32_t value, uint32_t tag) {
  const auto [kept, added] = exact_.try_emplace(prefix, Kept{value, tag});
  const bool same = !added && kept->second.value == value;
  kept->second = {value, tag};
  if (same) return;
  if (prefix.length == 0) {
    default_ = value;
    return;
  }
  const uint32_t node = descend(prefix, true);
  if (added) ++nodes_[node].used;
  spread(place(node, prefix), value);
}

bool Lpm::erase(const Prefix& prefix) {
  if (exact_.erase(prefix) == 0) return false;
  if (prefix.length == 0) {
    default_ = 0;
    return true;
  }
  const uint32_t node = descend(prefix, false);
  --nodes_[node].used;
  withdraw(place(node, prefix), prefix);
  prune(prefix);
  return true;
}

/// The node in which the prefix ends.
uint32_t Lpm::descend(const Prefix& prefix, bool create) {
  uint32_t node = 0;
  for (size_t i = 0; i < last_step(prefix); ++i) {
    const uint8_t octet = prefix.address.octets[i];
    uint32_t child = child_of(node, octet);
    if (child == 0) {
      if (!create) return kNone;
      child = new_node();
      nodes_[child].above = nodes_[node].entry[octet];
      nodes_[node].entry[octet] = kChild | child;
      ++nodes_[node].used;
    }
    node = child;
  }
  return node;
}

uint32_t Lpm::new_node() {
  if (free_.empty()) {
    nodes_.emplace_back();
    return static_cast<uint32_t>(nodes_.size() - 1);
  }
  const uint32_t node = free_.back();
  free_.pop_back();
  nodes_[node] = Node{};
  return node;
}

Lpm::Place Lpm::place(uint32_t node, const Prefix& prefix) {
  const size_t step = last_step(prefix);
  return {node, prefix.address.octets[step], static_cast<uint8_t>(prefix.length - 8 * step)};
}

/// Where a node hangs on an entry, it keeps the entry's value.
void Lpm::set_value(uint32_t node, size_t octet, uint32_t value) {
  uint32_t& entry = nodes_[node].entry[octet];
  if (entry & kChild)
    nodes_[entry & ~kChild].above = value;
  else
    entry = value;
}

void Lpm::spread(const Place& place, uint32_t value) {
  Node& node = nodes_[place.node];
  for (size_t i = place.octet; i < place.octet + (size_t{1} << (8 - place.bits)); ++i)
    if (node.length[i] <= place.bits) {
      set_value(place.node, i, value);
      node.length[i] = place.bits;
    }
}

/// Gives the entries of a prefix back to the next shorter one that ends in the same node.
void Lpm::withdraw(const Place& place, const Prefix& prefix) {
  uint32_t value = 0;
  uint8_t bits = place.bits;
  while (--bits > 0) {
    const auto shorter = static_cast<uint8_t>(prefix.length - place.bits + bits);
    const auto found = exact_.find(Prefix::of(prefix.address, shorter));
    if (found == exact_.end()) continue;
    value = found->second.value;
    break;
  }
  Node& node = nodes_[place.node];
  for (size_t i = place.octet; i < place.octet + (size_t{1} << (8 - place.bits)); ++i)
    if (node.length[i] == place.bits) {
      set_value(place.node, i, value);
      node.length[i] = bits;
    }
}

/// Frees nodes that hold nothing any more, from the end of the prefix upwards.
void Lpm::prune(const Prefix& prefix) {
  for (size_t depth = last_step(prefix); depth > 0; --depth) {
    uint32_t parent = 0;
    for (size_t i = 0; i + 1 < depth; ++i) parent = child_of(parent, prefix.address.octets[i]);
    const uint8_t octet = prefix.address.octets[depth - 1];
    const uint32_t node = child_of(parent, octet);
    if (nodes_[node].used > 0) return;
    free_.push_back(node);
    nodes_[parent].entry[octet] = nodes_[node].above;
    --nodes_[parent].used;
  }
}

}  // namespace nezu::pfe
