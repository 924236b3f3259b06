#include "configdb/layers.h"

#include <algorithm>

#include "configdb/wildcard.h"

namespace nezu::configdb {
namespace {

using grammar::Inheritance;
using grammar::Statement;

constexpr size_t kMostKnown = 4096;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A group's node at one step below `layers`.
Layers descend(const Layers& layers, const Below& step) {
  Layers below = children_of(layers, *step.statement);
  if (step.statement->kind != grammar::Kind::kList) return below;
  Layers entries;
  for (const Layer& layer : below)
    for (NodePtr& entry : matching_entries(*layer.node, step.key))
      entries.push_back({std::move(entry), layer.source, layer.range});
  return entries;
}

}  // namespace

std::vector<std::string> names_in(const Node& level, Inheritance which) {
  std::vector<std::string> names;
  if (!(level.inherits() & ~kNoGroup)) return names;
  for (const Statement* child : level.statement->children) {
    if (child->inheritance != which) continue;
    const NodePtr holder = child_of(level, *child);
    if (!holder || holder->inactive) continue;
    holder->children.each([&](const NodePtr& name) {
      if (!name->inactive) names.push_back(name->text);
    });
  }
  return names;
}

std::vector<NodePtr> matching_entries(const Node& holder, const std::string& key) {
  std::vector<NodePtr> found;
  const NodePtr spelled = entry_of(holder, key);
  if (spelled && !spelled->inactive) found.push_back(spelled);
  if (!(holder.inherits() & kInheritsHere)) return found;
  holder.children.each_inheriting(kInheritsHere, [&](const NodePtr& entry) {
    if (entry != spelled && !entry->inactive && has_wildcard(entry->text) &&
        key_matches(entry->text, key))
      found.push_back(entry);
  });
  const bool ordered = holder.statement->user_ordered;
  std::stable_sort(found.begin(), found.end(), [&](const NodePtr& a, const NodePtr& b) {
    if (ordered) return a->order() < b->order();
    if (a == spelled || b == spelled) return a == spelled && b != spelled;
    return literal_length(a->text) > literal_length(b->text);
  });
  return found;
}

Layers children_of(const Layers& layers, const Statement& statement) {
  Layers below;
  for (const Layer& layer : layers)
    if (NodePtr child = child_of(*layer.node, statement); child && !child->inactive)
      below.push_back({std::move(child), layer.source, layer.range});
  return below;
}

Groups::Groups(const NodePtr& root, int64_t time)
    : holder_(groups_of(root)), now_{time, host_name(root)} {}

Layers Groups::at(const Way& way, const NodePtr& own, const Layers& inherited) const {
  Layers layers;
  std::vector<std::string> excepted;
  Nesting nesting;
  if (own) add(way, {own, {}, false}, layers, excepted, nesting);
  for (const Layer& layer : inherited) add(way, layer, layers, excepted, nesting);
  return layers;
}

void Groups::add(const Way& way, const Layer& layer, Layers& to, std::vector<std::string>& excepted,
                 Nesting& nesting) const {
  const auto same = [&](const Layer& each) { return each.node == layer.node; };
  if (contains(excepted, layer.source) || std::any_of(to.begin(), to.end(), same)) return;
  to.push_back(layer);
  for (auto& name : names_in(*layer.node, Inheritance::kExcept)) excepted.push_back(name);
  if (!holder_ || nesting.depth >= kMostNested) return;
  ++nesting.depth;
  for (const auto& name : names_in(*layer.node, Inheritance::kApply)) {
    if (contains(excepted, name)) continue;
    for (const Layer& more : in_group(name, way, nesting)) add(way, more, to, excepted, nesting);
  }
  --nesting.depth;
}

// Where a group speaks of the place at `way`, with the groups that it applies itself on the way.
Layers Groups::in_group(const std::string& name, const Way& way, Nesting& nesting) const {
  const NodePtr group = entry_of(*holder_, name);
  if (!group || group->inactive || contains(nesting.under_way, name)) return {};
  if (!applies_here(*group, now_)) return {};
  std::string place = name;
  for (const Below& step : way)
    place += '\n' + std::to_string(reinterpret_cast<uintptr_t>(step.statement)) + ' ' + step.key;
  const auto known = known_.find(place);
  if (known != known_.end()) return known->second;
  Layers found = look_up(group, name, way, nesting);
  if (known_.size() >= kMostKnown) known_.clear();
  known_.emplace(std::move(place), found);
  return found;
}

Layers Groups::look_up(const NodePtr& group, const std::string& name, const Way& way,
                       Nesting& nesting) const {
  nesting.under_way.push_back(name);
  Layers here{{group, name, false}};
  Way so_far;
  for (const Below& step : way) {
    Layers all;
    std::vector<std::string> excepted;
    for (const Layer& layer : here) add(so_far, layer, all, excepted, nesting);
    here = descend(all, step);
    so_far.push_back(step);
  }
  nesting.under_way.pop_back();
  return here;
}

}  // namespace nezu::configdb
