// Expansion of the entries of a list and the values of a leaf-list.
#include <algorithm>
#include <stdexcept>
#include <unordered_map>

#include "configdb/expansion.h"
#include "configdb/wildcard.h"

namespace nezu::configdb {
namespace {

using grammar::Statement;
using Keys = std::vector<std::string>;

// Labels of inherited entries begin here: behind all configured ones.
constexpr uint64_t kFirstInherited = uint64_t{1} << 62;
// Every fourth entry of a list is many: then it is cheaper to make the list anew.
constexpr size_t kManyOf = 4;

bool is_pattern(const Node& entry) {
  return entry.statement->kind == grammar::Kind::kList && has_wildcard(entry.text);
}

// The keys that a list has at one place, wildcards left out, in their order and with repetitions.
template <class Visit>
void each_key(const Place& list, const Ranges& ranges, Visit visit) {
  if (list.active())
    list.own->children.each([&](const NodePtr& entry) {
      if (!entry->inactive) visit(entry->text);
    });
  for (const auto& [key, _] : ranges.by_key()) visit(key);
  for (const Layer& layer : list.inherited)
    layer.node->children.each([&](const NodePtr& entry) {
      if (!entry->inactive && !is_pattern(*entry)) visit(entry->text);
    });
}

template <class Visit>
void each_match_in(const Node& holder, const std::string& pattern, std::string_view beginning,
                   Visit visit) {
  const bool ordered = holder.statement->user_ordered;
  const Children& by = ordered && !holder.names().empty() ? holder.names() : holder.children;
  const auto take = [&](const NodePtr& entry) {
    if (!entry->inactive && key_matches(pattern, entry->text)) visit(*entry);
  };
  if (ordered && holder.names().empty())
    by.each(take);  // they stand by their labels, and are few
  else
    by.each_beginning(0, beginning, take);
}

// As each_key(), those that a pattern of a group matches. One that spells out a name, or how names
// begin, costs no look at the others.
template <class Visit>
void each_match(const Place& list, const Ranges& ranges, const std::string& pattern, Visit visit) {
  const auto [beginning, whole] = literal_beginning(pattern);
  if (whole) return visit(beginning);
  if (list.active())
    each_match_in(*list.own, pattern, beginning, [&](const Node& entry) { visit(entry.text); });
  const auto& by_key = ranges.by_key();
  for (auto at = by_key.lower_bound(std::string(beginning));
       at != by_key.end() && at->first.starts_with(beginning); ++at)
    if (key_matches(pattern, at->first)) visit(at->first);
  for (const Layer& layer : list.inherited)
    each_match_in(*layer.node, pattern, beginning, [&](const Node& entry) {
      if (!is_pattern(entry)) visit(entry.text);
    });
}

// Which of several layers of the same source a holder is.
struct Identity {
  std::string source;
  bool range;
  size_t nth;
  auto operator<=>(const Identity&) const = default;
};

std::vector<Identity> identities(const Layers& layers) {
  std::vector<Identity> all;
  std::map<std::string, size_t> count;
  for (const Layer& layer : layers)
    all.push_back({layer.source, layer.range, count[layer.source]++});
  return all;
}

// Whether those that both have stand in the same order.
bool same_order(const std::vector<Identity>& a, const std::vector<Identity>& b) {
  const auto in = [](const std::vector<Identity>& all, const Identity& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  };
  std::vector<Identity> left, right;
  for (const auto& each : a)
    if (in(b, each)) left.push_back(each);
  for (const auto& each : b)
    if (in(a, each)) right.push_back(each);
  return left == right;
}

// Collects the keys whose entries may come out otherwise.
class Affected {
 public:
  explicit Affected(uint64_t changed) : changed_(changed) {}

  void differing(const NodePtr& before, const NodePtr& after) {
    if (before != after)
      differing_children(before.get(), after.get(), [&](const NodePtr& left, const NodePtr& right) {
        take(right ? *right : *left);
      });
    if (!after) return;
    after->children.each_inheriting(
        changed_ | kAppliesPath | kNamesRange, [&](const NodePtr& entry) {
          if (entry->inherits() & (changed_ | kAppliesPath | kNamesRange)) take(*entry);
        });
  }

  void take_key(const std::string& key) { keys.push_back(key); }

  Keys keys, patterns;

 private:
  void take(const Node& entry) { (is_pattern(entry) ? patterns : keys).push_back(entry.text); }
  uint64_t changed_;
};

// In the order that entries stand in, mostly: whoever looks them up one by one stays in one place.
void unique(Keys& keys) {
  const auto before = [](const std::string& a, const std::string& b) {
    return natural_compare(a, b) < 0;
  };
  if (!std::is_sorted(keys.begin(), keys.end(), before))
    std::sort(keys.begin(), keys.end(), before);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

// Of an ordered list: the labels of the entries that are only inherited, as they shall stand.
std::map<std::string, uint64_t> inherited_labels(const Place& list, const Ranges& ranges) {
  std::map<std::string, uint64_t> labels;
  uint64_t next = kFirstInherited;
  each_key({nullptr, list.inherited}, ranges, [&](const std::string& key) {
    const NodePtr own = list.active() ? entry_of(*list.own, key) : nullptr;
    if (own && !own->inactive) return;
    if (labels.emplace(key, next).second) next += kLabelGap;
  });
  return labels;
}

// All entries at once. A key is made once, so none has the name of another.
void put_all(Node& made, std::vector<NodePtr> entries) {
  made.children = Children();
  made.set_names(Children(Children::Sorting::kName));
  if (entries.empty()) return;
  if (made.statement->user_ordered) {
    if (!put_ordered(made, std::move(entries))) throw std::logic_error("a name twice in a list");
    return;
  }
  const auto before = [](const NodePtr& a, const NodePtr& b) {
    return natural_compare(a->text, b->text) < 0;
  };
  if (!std::is_sorted(entries.begin(), entries.end(), before))
    std::sort(entries.begin(), entries.end(), before);
  made.children = Children::of(std::move(entries), Children::Sorting::kPlace).value();
}

// What is there, and what comes instead; either may be null.
using Replacements = std::vector<std::pair<NodePtr, NodePtr>>;

// One by one, or the whole list anew where few of its entries stay.
void replace(Node& made, const Replacements& changes) {
  if (changes.empty()) return;
  if (changes.size() < made.children.size() / kManyOf) {
    for (const auto& [old, here] : changes)
      made = here ? with_child(std::move(made), here) : without_child(std::move(made), *old);
    return;
  }
  std::vector<NodePtr> entries;
  std::unordered_map<const Node*, const NodePtr*> instead;
  for (const auto& [old, here] : changes)
    if (old) instead.emplace(old.get(), &here);
  made.children.each([&](const NodePtr& entry) {
    const auto at = instead.find(entry.get());
    if (at == instead.end())
      entries.push_back(entry);
    else if (*at->second)
      entries.push_back(*at->second);
  });
  for (const auto& [old, here] : changes)
    if (!old) entries.push_back(here);
  put_all(made, std::move(entries));
}

NodePtr labelled(const NodePtr& entry, uint64_t order, Inherited* shown) {
  if (entry->order() == order) return entry;
  Node copy = *entry;
  copy.set_label(order);
  NodePtr made = freeze(std::move(copy));
  if (shown)
    if (const auto at = shown->origins.find(entry.get()); at != shown->origins.end())
      shown->origins[made.get()] = at->second;
  return made;
}

}  // namespace

std::vector<std::string> Expansion::affected(const Moment& list, const ListRanges& ranges) const {
  Affected found(changed_);
  const auto now = identities(list.now.inherited), was = identities(list.was.inherited);
  const auto own = [](const Place& place) { return place.active() ? place.own : nullptr; };
  const bool all = shown_ || !list.result || !same_order(now, was);
  if (all) {
    each_key(list.now, ranges.now, [&](const std::string& key) { found.take_key(key); });
    if (shown_ && list.now.own)
      list.now.own->children.each([&](const NodePtr& entry) { found.take_key(entry->text); });
    if (list.result)
      list.result->children.each([&](const NodePtr& entry) { found.take_key(entry->text); });
    unique(found.keys);
    return std::move(found.keys);
  }
  if (list.now.own || list.was.own) found.differing(own(list.was), own(list.now));
  const auto node_of = [](const Layers& layers, const std::vector<Identity>& ids,
                          const Identity& id) {
    const auto at = std::find(ids.begin(), ids.end(), id);
    return at == ids.end() ? nullptr : layers[static_cast<size_t>(at - ids.begin())].node;
  };
  for (size_t i = 0; i < now.size(); ++i)
    found.differing(node_of(list.was.inherited, was, now[i]), list.now.inherited[i].node);
  for (size_t i = 0; i < was.size(); ++i)
    if (!node_of(list.now.inherited, now, was[i]))
      found.differing(list.was.inherited[i].node, nullptr);
  const auto touched = [&](const Layers& layers) {
    return std::any_of(layers.begin(), layers.end(),
                       [&](const Layer& layer) { return layer.node->inherits() & changed_; });
  };
  for (const Ranges* each : {&ranges.now, &ranges.was})
    for (const auto& [key, layers] : each->by_key())
      if (ranges.now.of(key) != ranges.was.of(key) || touched(layers)) found.take_key(key);
  for (const auto& name : ranges.now.names()) found.take_key(name);
  for (const auto& name : ranges.was.names()) found.take_key(name);
  unique(found.patterns);
  for (const auto& pattern : found.patterns)
    each_match(list.now, ranges.now, pattern,
               [&](std::string_view key) { found.take_key(std::string(key)); });
  unique(found.keys);
  return std::move(found.keys);
}

NodePtr Expansion::list(const Statement& statement, const Moment& moment,
                        const ListRanges& ranges) {
  Node made = started(moment, statement);
  made.role = Node::Role::kHolder;
  made.text.clear();
  const auto labels = statement.user_ordered ? inherited_labels(moment.now, ranges.now)
                                             : std::map<std::string, uint64_t>{};
  Replacements changes;
  const Node* result = moment.result.get();
  for (const auto& key : affected(moment, ranges)) {
    const NodePtr old = result ? entry_of(*result, key) : nullptr;
    NodePtr here = entry(statement, moment, key, old, ranges);
    if (here && statement.user_ordered) {
      const auto label = labels.find(key);
      if (label != labels.end()) here = labelled(here, label->second, shown_);
    }
    if (here != old) changes.emplace_back(old, std::move(here));
  }
  replace(made, changes);
  for (const auto& [key, label] : labels)
    if (const NodePtr there = entry_of(made, key); there && there->order() != label)
      made = with_child(std::move(made), labelled(there, label, shown_));
  return finished(std::move(made), moment);
}

NodePtr Expansion::entry(const Statement& statement, const Moment& list, const std::string& key,
                         const NodePtr& old, const ListRanges& ranges) {
  // Its members stand there instead.
  if (ranges.now.names().contains(key)) return nullptr;
  const auto own = [&](const Place& holder) {
    return holder.own && (shown_ || !holder.own->inactive) ? entry_of(*holder.own, key) : nullptr;
  };
  const NodePtr own_now = own(list.now);
  const auto place = [&](const Place& holder, const Ranges& in) {
    Place out;
    if (in.names().contains(key)) return out;
    out.own = holder.own == list.now.own ? own_now : own(holder);
    out.inherited = in.of(key);
    bool exists = out.active() || !out.inherited.empty();
    for (const Layer& layer : holder.inherited)
      for (NodePtr& node : matching_entries(*layer.node, key)) {
        exists = exists || node->text == key;
        out.inherited.push_back({std::move(node), layer.source, layer.range});
      }
    // A wildcard alone makes nothing.
    if (!exists) out.inherited.clear();
    return out;
  };
  const Moment moment{place(list.now, ranges.now), place(list.was, ranges.was), old};
  way_.push_back({&statement, key});
  NodePtr made = expand(moment);
  way_.pop_back();
  return made;
}

}  // namespace nezu::configdb
