#include "configdb/merge.h"

#include <algorithm>
#include <list>
#include <map>
#include <unordered_map>

#include "configdb/edit.h"
#include "configdb/node.h"

namespace nezu::configdb {
namespace {
using grammar::Kind;
using Texts = std::vector<std::string>;

// The node of each side, any of which may be null.
struct Sides {
  NodePtr base, ours, theirs;
  const Node& any() const { return ours ? *ours : theirs ? *theirs : *base; }
};

NodePtr child_like(const NodePtr& parent, const Node& child) {
  if (!parent) return nullptr;
  return parent->role == Node::Role::kHolder ? entry_of(*parent, child.text)
                                             : child_of(*parent, *child.statement);
}

Texts texts_of(const NodePtr& holder) {
  Texts texts;
  if (holder) holder->children.each([&](const NodePtr& entry) { texts.push_back(entry->text); });
  return texts;
}

// A container or a list is there for what is in it: who removed the last of that, perhaps by its
// name, took away as much as was there, not what another puts there meanwhile.
NodePtr emptied(const NodePtr& base) {
  const bool list = base->role == Node::Role::kHolder;
  Node node = list ? make_holder(*base->statement) : make_statement(*base->statement);
  if (base->role == Node::Role::kEntry || !empty_vessel(node)) return nullptr;
  node.inactive = base->inactive;
  node.protect = base->protect;
  node.annotate(base->annotation());
  return freeze(std::move(node));
}

// Whether those that both have stand in another order.
bool reordered(const Texts& before, const Texts& after) {
  std::unordered_map<std::string_view, size_t> places;
  for (size_t i = 0; i < before.size(); ++i) places[before[i]] = i + 1;
  size_t last = 0;
  for (const std::string& text : after) {
    const auto place = places.find(text);
    if (place == places.end()) continue;
    if (place->second < last) return true;
    last = place->second;
  }
  return false;
}

// `spine`, and what only `more` has, each behind what it stands behind there.
Texts woven(const Texts& spine, const Texts& more) {
  std::list<std::string> out(spine.begin(), spine.end());
  std::unordered_map<std::string_view, std::list<std::string>::iterator> places;
  for (auto at = out.begin(); at != out.end(); ++at) places[*at] = at;
  auto behind = out.begin();
  for (const std::string& text : more) {
    auto place = places.find(text);
    if (place == places.end()) {
      const auto made = out.insert(behind, text);
      place = places.emplace(*made, made).first;
    }
    behind = std::next(place->second);
  }
  return {out.begin(), out.end()};
}

class Merge {
 public:
  NodePtr node(const Sides& sides);
  Problems conflicts;

 private:
  NodePtr both_changed(const Sides& sides);
  Node children(const Sides& sides);
  Node ordered(const Sides& sides);
  void leaf(const Sides& sides, Node& to);
  void put(const Sides& sides, const NodePtr& child, Node& to);
  void conflict(const Node& at, std::string message);

  Path path_;  ///< of the node in hand
};

template <class Value>
Value chosen(const Value& base, const Value& ours, const Value& theirs) {
  return ours != base ? ours : theirs;
}

std::string annotation_of(const NodePtr& node) {
  return node && node->annotation() ? *node->annotation() : std::string();
}

// Each mark by itself: what we did not change is as they have it.
void marks(const Sides& sides, Node& to) {
  const auto& [base, ours, theirs] = sides;
  to.inactive = chosen(base && base->inactive, ours->inactive, theirs->inactive);
  to.protect = chosen(base && base->protect, ours->protect, theirs->protect);
  to.annotate(annotation_of(ours) != annotation_of(base) ? ours->annotation()
                                                         : theirs->annotation());
}

void Merge::conflict(const Node& at, std::string message) {
  Path above = path_;
  if (at.role != Node::Role::kHolder && !above.empty()) above.pop_back();
  const bool shown = at.statement->kind != Kind::kLeaf || !at.statement->secret;
  const grammar::Step step{at.statement,
                           shown && at.role != Node::Role::kHolder ? std::string(at.text) : ""};
  conflicts.push_back(
      {grammar::path_word_list(above), grammar::step_words(step), std::move(message), false});
}

NodePtr Merge::node(const Sides& sides) {
  if (equal(sides.ours, sides.base)) return sides.theirs;
  if (equal(sides.theirs, sides.base)) return sides.ours;
  if (equal(sides.ours, sides.theirs)) return sides.theirs;
  const Node& any = sides.any();
  const bool named = any.role != Node::Role::kHolder && any.statement->parent;
  if (named) path_.push_back({any.statement, any.text});
  NodePtr merged = both_changed(sides);
  if (named) path_.pop_back();
  return merged;
}

NodePtr Merge::both_changed(const Sides& sides) {
  const auto& [base, ours, theirs] = sides;
  if (!ours || !theirs) {
    if (const NodePtr nothing = emptied(base))
      return both_changed({base, ours ? ours : nothing, theirs ? theirs : nothing});
    conflict(sides.any(), theirs ? "statement does not match patch" : "statement not found");
    return ours;
  }
  const bool sequence = ours->role == Node::Role::kHolder && ours->statement->user_ordered;
  Node merged = sequence ? ordered(sides) : children(sides);
  if (empty_vessel(merged) && merged.statement->parent) return nullptr;
  if (ours->statement->kind == Kind::kLeaf) leaf(sides, merged);
  marks(sides, merged);
  return freeze(std::move(merged));
}

void Merge::leaf(const Sides& sides, Node& to) {
  const auto& [base, ours, theirs] = sides;
  to.text = chosen(base ? base->text.view() : "", ours->text.view(), theirs->text.view());
  if (ours->text == theirs->text) return;
  if (base && (ours->text == base->text || theirs->text == base->text)) return;
  const bool shown = base && !ours->statement->secret;
  conflict(*theirs, "statement does not match patch" +
                        (shown ? "; '" + theirs->text + "' != '" + base->text + "'" : ""));
}

// Puts one child of ours in, instead of what they chose in its place.
void Merge::put(const Sides& sides, const NodePtr& child, Node& to) {
  std::vector<NodePtr> rivals;
  if (to.role != Node::Role::kHolder) rivals = rivals_of(to, *child->statement);
  for (const NodePtr& rival : rivals) {
    const bool named = rival->role != Node::Role::kHolder;
    if (named) path_.push_back({rival->statement, rival->text});
    if (!child_like(sides.base, *rival)) conflict(*rival, "statement does not match patch");
    if (named) path_.pop_back();
    to = without_child(std::move(to), *rival);
  }
  to = with_child(std::move(to), child);
}

Node Merge::children(const Sides& sides) {
  Node merged = *sides.theirs;
  differing_children(sides.base.get(), sides.ours.get(),
                     [&](const NodePtr& before, const NodePtr& after) {
                       const NodePtr theirs = child_like(sides.theirs, after ? *after : *before);
                       const NodePtr child = node({before, after, theirs});
                       if (child == theirs) return;
                       if (child) return put(sides, child, merged);
                       merged = without_child(std::move(merged), *theirs);
                     });
  return merged;
}

// The merged entries in their merged order, with new labels.
Node Merge::ordered(const Sides& sides) {
  const Texts base = texts_of(sides.base), ours = texts_of(sides.ours),
              theirs = texts_of(sides.theirs);
  const bool moved = reordered(base, ours);
  if (moved && reordered(base, theirs) && reordered(ours, theirs))
    conflict(*sides.ours, "the order of its entries does not match patch");
  Node merged = make_holder(*sides.ours->statement);
  for (const std::string& text : moved ? woven(ours, theirs) : woven(theirs, ours)) {
    const auto side = [&](const NodePtr& holder) {
      return holder ? entry_of(*holder, text) : nullptr;
    };
    const NodePtr child = node({side(sides.base), side(sides.ours), side(sides.theirs)});
    if (!child) continue;
    Node entry = *child;
    entry.set_label(next_label(merged));
    merged = with_child(std::move(merged), freeze(std::move(entry)));
  }
  return merged;
}
}  // namespace

Merged merge(const NodePtr& base, const NodePtr& ours, const NodePtr& theirs) {
  Merge merge;
  NodePtr root = merge.node({base, ours, theirs});
  return {std::move(root), std::move(merge.conflicts)};
}

}  // namespace nezu::configdb
