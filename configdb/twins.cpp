#include "configdb/twins.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace nezu::configdb {
namespace {

constexpr size_t kMostChildren = 8;  // what has more is hardly ever the same
constexpr size_t kFewSlots = size_t{1} << 10, kMostSlots = size_t{1} << 16;

bool is_candidate(const Node& node) {
  return !node.annotation() && node.names().empty() && node.children.size() <= kMostChildren;
}

std::array<const Node*, kMostChildren> children_of(const Node& node) {
  std::array<const Node*, kMostChildren> all = {};
  size_t count = 0;
  node.children.each([&](const NodePtr& child) { all[count++] = child.get(); });
  return all;
}

size_t mixed(size_t sum, size_t more) {
  sum = (sum ^ more) * 0x9e3779b97f4a7c15u;
  return sum ^ sum >> 32;
}

size_t hash_of(const Node& node) {
  size_t sum = mixed(std::hash<std::string_view>()(node.text), node.order());
  sum = mixed(sum, reinterpret_cast<size_t>(node.statement));
  if (node.children.empty()) return sum;
  for (const Node* child : children_of(node)) sum = mixed(sum, reinterpret_cast<size_t>(child));
  return sum;
}

bool same(const Node& a, const Node& b) {
  return a.statement == b.statement && a.text == b.text && a.order() == b.order() &&
         a.role == b.role && a.inactive == b.inactive && a.protect == b.protect &&
         a.children.size() == b.children.size() &&
         (a.children.empty() || children_of(a) == children_of(b));
}

}  // namespace

NodePtr Twins::freeze(Node node) {
  if (!is_candidate(node)) return configdb::freeze(std::move(node));
  NodePtr& slot = slot_of(node);
  if (!slot || !same(*slot, node)) {
    slot = configdb::freeze(std::move(node));
    ++made_;
  }
  return slot;
}

// More slots when many nodes were made: most loads are small.
NodePtr& Twins::slot_of(const Node& node) {
  if (slots_.empty() || (made_ > slots_.size() && slots_.size() < kMostSlots)) {
    slots_ = std::vector<NodePtr>(slots_.empty() ? kFewSlots : kMostSlots);
    made_ = 0;
  }
  return slots_[hash_of(node) % slots_.size()];
}

}  // namespace nezu::configdb
