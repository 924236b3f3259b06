#include "configdb/expand.h"

#include <algorithm>

#include "configdb/expansion.h"
#include "configdb/machine.h"

namespace nezu::configdb {
namespace {

using grammar::Inheritance;
using grammar::Kind;
using grammar::Statement;

bool same_but_for_pointer(const Node& a, const Node& b) {
  return a.statement == b.statement && a.text == b.text && a.order() == b.order() &&
         a.children == b.children && a.plain() && b.plain();
}

// Groups that apply at one of two moments only, although they may be the same.
uint64_t flipped_groups(const NodePtr& raw, const Circumstances& was, const Circumstances& now) {
  uint64_t bits = 0;
  if (was.time == now.time && was.host == now.host) return bits;
  each_condition(raw, [&](const Node& group, const Node&) {
    if (applies_here(group, was) != applies_here(group, now)) bits |= group_bit(group.text);
  });
  return bits;
}

// Groups that differ between two moments, and those that apply one of them or of `bits`.
uint64_t changed_groups(const NodePtr& before, const NodePtr& after, uint64_t bits) {
  if (before == after && !bits) return bits;
  differing_children(before.get(), after.get(), [&](const NodePtr& left, const NodePtr& right) {
    bits |= group_bit((right ? right : left)->text);
  });
  for (uint64_t known = 0; known != bits;) {
    known = bits;
    for (const NodePtr& holder : {before, after}) {
      if (!holder) continue;
      holder->children.each_inheriting(bits, [&](const NodePtr& group) {
        if (group->inherits() & bits) bits |= group_bit(group->text);
      });
    }
  }
  return bits;
}

// Whether it takes part in inheritance only, and is in no effective tree.
bool is_means(const Statement& statement) {
  return statement.inheritance != Inheritance::kNone || statement.groups || statement.ranges_over;
}

// The statements of a level that any of the layers has, in schema order. Ranges bring their list.
std::vector<const Statement*> statements_in(const Statement& level, const Layers& now,
                                            const Layers& was) {
  std::vector<const Statement*> all;
  const auto add = [&](const Statement* statement) {
    if (statement->ranges_over) statement = statement->ranges_over;
    if (!is_means(*statement) && statement->parent == &level) all.push_back(statement);
  };
  for (const Layers* layers : {&now, &was})
    for (const Layer& layer : *layers)
      layer.node->children.each([&](const NodePtr& child) { add(child->statement); });
  std::sort(all.begin(), all.end(), [](auto a, auto b) { return a->place < b->place; });
  all.erase(std::unique(all.begin(), all.end()), all.end());
  // What apply-path takes from must be there before it.
  if (!level.parent)
    std::stable_partition(all.begin(), all.end(),
                          [](auto each) { return each->name != "policy-options"; });
  return all;
}

// Members of one choice replace each other: what a weaker layer says of another case is left out.
Layers without_rivals(const Layers& layers) {
  std::map<int, int> chosen;
  bool rivals = false;
  for (const Layer& layer : layers)
    layer.node->children.each([&](const NodePtr& child) {
      const Statement& statement = *child->statement;
      if (!statement.alternative || child->inactive) return;
      const auto at = chosen.emplace(statement.alternative, statement.alternative_case).first;
      rivals = rivals || at->second != statement.alternative_case;
    });
  if (!rivals) return layers;
  Layers kept;
  chosen.clear();
  for (const Layer& layer : layers) {
    Node node = *layer.node;
    std::vector<NodePtr> gone;
    node.children.each([&](const NodePtr& child) {
      const Statement& statement = *child->statement;
      if (!statement.alternative || child->inactive) return;
      const auto at = chosen.find(statement.alternative);
      if (at != chosen.end() && at->second != statement.alternative_case) gone.push_back(child);
    });
    for (const NodePtr& child : gone) node = without_child(std::move(node), *child);
    node.children.each([&](const NodePtr& child) {
      if (child->statement->alternative && !child->inactive)
        chosen.emplace(child->statement->alternative, child->statement->alternative_case);
    });
    kept.push_back(gone.empty() ? layer
                                : Layer{freeze(std::move(node)), layer.source, layer.range});
  }
  return kept;
}

NodePtr unmarked(const NodePtr& node) {
  if (!node->protect && !node->annotation()) return node;
  Node copy = *node;
  copy.protect = false;
  copy.annotate(nullptr);
  return freeze(std::move(copy));
}

// What an entry is there by: a wildcard gives to it, and makes none.
const Layer& maker_of(const Node& entry, const Layers& inherited) {
  if (entry.role == Node::Role::kEntry)
    for (const Layer& layer : inherited)
      if (layer.range || layer.node->text == entry.text) return layer;
  return inherited.front();
}

bool is_configuration(const Layer& layer) {
  return layer.source.empty();
}

// The lists of ranges over `list` that a level has and inherits.
Ranges ranges_over(const Statement& list, const Layers& level) {
  for (const Statement* each : list.parent->children)
    if (each->ranges_over == &list) return Ranges(children_of(level, *each));
  return {};
}

}  // namespace

uint64_t Place::inherits() const {
  uint64_t bits = own ? own->inherits() : 0;
  for (const Layer& layer : inherited) bits |= layer.node->inherits();
  return bits;
}

Expansion::Expansion(const NodePtr& raw, const Trees& before, int64_t now, Inherited* shown)
    : raw_(raw),
      before_(before),
      groups_(raw, now),
      old_groups_(before.raw, before.at),
      changed_(changed_groups(
          old_groups_.holder(), groups_.holder(),
          flipped_groups(before.raw, old_groups_.circumstances(), groups_.circumstances()))),
      shown_(shown) {}

NodePtr Expansion::root() {
  return expand({{raw_, {}}, {before_.raw, {}}, before_.effective});
}

// Whether nothing that the place is made of differs from before.
bool Expansion::keeps(const Moment& moment) {
  if (shown_ || moment.now != moment.was) return false;
  const uint64_t bits = moment.now.inherits();
  return !(bits & changed_) && (!(bits & kNamesRange) || same_members()) &&
         (!(bits & kAppliesPath) || path_unchanged(moment.now));
}

// A node that can stand in the effective tree as it is; null if there is none.
NodePtr Expansion::shared(const Moment& moment) const {
  const auto quiet = [](const Node& node) { return node.plain() && !node.inherits(); };
  const Place& now = moment.now;
  if (shown_) return nullptr;
  if (now.inherited.empty())
    return quiet(*now.own) && (!moment.result || moment.result == moment.was.own) ? now.own
                                                                                  : nullptr;
  const Layer& only = now.inherited.front();
  if (now.active() || now.inherited.size() > 1 || moment.result || !quiet(*only.node))
    return nullptr;
  return only.node;
}

NodePtr Expansion::expand(const Moment& moment) {
  if (keeps(moment)) return moment.result;
  if (shown_ && moment.now.own && moment.now.own->inactive) return moment.now.own;
  if (!moment.now.active() && moment.now.inherited.empty()) return nullptr;
  if (NodePtr as_it_is = shared(moment)) return as_it_is;
  return changed(moment);
}

NodePtr Expansion::changed(const Moment& moment) {
  const Node& any = moment.now.active() ? *moment.now.own : *moment.now.inherited.front().node;
  if (any.role == Node::Role::kHolder) return list(*any.statement, moment, {});
  if (!any.statement->holds_statements()) return value(moment.now);
  if (any.role == Node::Role::kEntry || !any.statement->parent) return level(moment);
  way_.push_back({any.statement, {}});
  NodePtr made = level(moment);
  way_.pop_back();
  return made;
}

NodePtr Expansion::value(const Place& place) {
  const NodePtr& node = place.active() ? place.own : place.inherited.front().node;
  if (!shown_) return unmarked(node);
  if (place.active()) return node;
  NodePtr copy = freeze(Node(*node));
  const Layer& layer = place.inherited.front();
  shown_->origins[copy.get()] = {layer.range ? Origin::Kind::kRange : Origin::Kind::kGroup,
                                 layer.source};
  return copy;
}

// The node without its children, or with those that had come out before.
Node Expansion::started(const Moment& moment, const Statement& statement) const {
  Node made = make_statement(statement);
  if (moment.now.active())
    made = *moment.now.own;
  else if (!moment.now.inherited.empty())
    made = *moment.now.inherited.front().node;
  made.statement = &statement;
  if (!shown_ || !moment.now.active()) {
    made.protect = false;
    made.annotate(nullptr);
  }
  const Node* result = shown_ ? nullptr : moment.result.get();
  made.children = result ? result->children : Children();
  made.set_names(result ? result->names() : Children(Children::Sorting::kName));
  return made;
}

NodePtr Expansion::finished(Node made, const Moment& moment) {
  if (empty_vessel(made) && made.statement->parent) return nullptr;
  if (!shown_ && moment.result && same_but_for_pointer(made, *moment.result)) return moment.result;
  NodePtr node = freeze(std::move(made));
  if (shown_ && !moment.now.active() && node->role != Node::Role::kHolder) {
    const Layer& layer = maker_of(*node, moment.now.inherited);
    shown_->origins[node.get()] = {layer.range ? Origin::Kind::kRange : Origin::Kind::kGroup,
                                   layer.source};
  }
  return node;
}

// The same statement of all layers of a level, now and before.
Moment Expansion::below(const Statement& statement, const Layers& now, const Layers& was,
                        const NodePtr& result) const {
  const auto place = [&](const Layers& layers) {
    Place out;
    size_t from = 0;
    if (!layers.empty() && is_configuration(layers[0])) {
      out.own = child_of(*layers[0].node, statement);
      from = 1;
    }
    out.inherited =
        children_of(Layers(layers.begin() + static_cast<long>(from), layers.end()), statement);
    return out;
  };
  return {place(now), place(was), result ? child_of(*result, statement) : nullptr};
}

// What each interface-range stands for, groups included.
const RangeMembers& Expansion::members(bool now) {
  std::optional<RangeMembers>& known = now ? members_now_ : members_was_;
  const NodePtr& raw = now ? raw_ : before_.raw;
  if (known) return *known;
  known.emplace();
  const Statement* interfaces = raw ? raw->statement->child("interfaces") : nullptr;
  if (!interfaces) return *known;
  const Groups& groups = now ? groups_ : old_groups_;
  const Layers top = groups.at({}, raw, {});
  const Layers there = groups.at({{interfaces, {}}}, nullptr, children_of(top, *interfaces));
  for (const Statement* each : interfaces->children)
    if (each->ranges_over) *known = range_members(children_of(there, *each));
  return *known;
}

bool Expansion::same_members() {
  const auto interfaces = [](const NodePtr& raw) {
    const Statement* statement = raw ? raw->statement->child("interfaces") : nullptr;
    return statement ? child_of(*raw, *statement) : nullptr;
  };
  const auto applied = [](const NodePtr& raw) {
    return std::pair(names_in(*raw, Inheritance::kApply), names_in(*raw, Inheritance::kExcept));
  };
  const bool untouched = !changed_ && before_.raw && interfaces(raw_) == interfaces(before_.raw) &&
                         applied(raw_) == applied(before_.raw);
  return untouched || members(true) == members(false);
}

// Of a list whose entries may be named by an interface-range.
Expansion::ListRanges Expansion::named_ranges(const Statement& list, const Moment& moment) {
  if (list.keys.empty() || list.keys[0]->live_names != "interface-or-range") return {};
  const auto layers = [](const Place& place) {
    Layers all;
    if (place.active()) all.push_back({place.own, {}, false});
    all.insert(all.end(), place.inherited.begin(), place.inherited.end());
    return all;
  };
  return {Ranges(layers(moment.now), members(true)), Ranges(layers(moment.was), members(false))};
}

// What apply-path had brought before is made anew with what it stands beside.
bool applies_path(const Layers& layers) {
  return std::any_of(layers.begin(), layers.end(), [](const Layer& layer) {
    const auto& statements = layer.node->statement->children;
    return std::any_of(statements.begin(), statements.end(), [&](const Statement* each) {
      return !each->apply_path.empty() && child_of(*layer.node, *each);
    });
  });
}

NodePtr Expansion::level(const Moment& asked) {
  Moment moment = asked;
  const Statement& statement = way_.empty() ? *raw_->statement : *way_.back().statement;
  const auto layers = [&](const Groups& groups, const Place& place) {
    return without_rivals(groups.at(way_, place.active() ? place.own : nullptr, place.inherited));
  };
  const Layers now = layers(groups_, moment.now), was = layers(old_groups_, moment.was);
  const bool anew = applies_path(now) || applies_path(was);
  if (anew) moment.result = nullptr;
  Node made = started(moment, statement);
  if (made.role == Node::Role::kEntry) {
    made.text = way_.back().key;
    if (!statement.user_ordered) made.set_label(0);  // a range's own label is not its members'
  }
  if (!statement.parent) root_made_ = &made;
  for (const Statement* each : statements_in(statement, now, was)) {
    const Moment child = below(*each, now, was, shown_ ? nullptr : moment.result);
    ListRanges ranges;
    if (each->kind == Kind::kList) ranges = {ranges_over(*each, now), ranges_over(*each, was)};
    if ((child.now.inherits() | child.was.inherits()) & kNamesRange && each->kind == Kind::kList)
      ranges = named_ranges(*each, child);
    const bool in_ranges = !ranges.now.by_key().empty() || !ranges.was.by_key().empty() ||
                           !ranges.now.names().empty() || !ranges.was.names().empty();
    const NodePtr here = in_ranges ? list(*each, child, ranges) : expand(child);
    const NodePtr there = child_of(made, *each);
    if (here)
      made = with_child(std::move(made), here);
    else if (there)
      made = without_child(std::move(made), *there);
  }
  apply_paths(made);
  NodePtr out = finished(std::move(made), moment);
  return anew && !shown_ && out && equal(out, asked.result) ? asked.result : out;
}

NodePtr expand(const NodePtr& raw, const Trees& before) {
  return Expansion(raw, before, this_machine().time).root();
}

Inherited inherit(const NodePtr& raw, int64_t now) {
  Inherited shown;
  shown.root = Expansion(raw, {}, now, &shown).root();
  return shown;
}

}  // namespace nezu::configdb
