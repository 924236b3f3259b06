// Expansion of apply-path: the values at a path of the configuration, as entries of a list.
#include <algorithm>
#include <sstream>

#include "configdb/expansion.h"
#include "configdb/wildcard.h"
#include "grammar/ip_text.h"

namespace nezu::configdb {
namespace {

using grammar::Statement;
using Words = std::vector<std::string>;

Words words_of(std::string_view path) {
  std::istringstream in{std::string(path)};
  Words words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

// Goes down a tree along the words of a path and takes what stands at its end.
class PathWalk {
 public:
  explicit PathWalk(Words words) : words_(std::move(words)) {}

  void level(const Node& node, size_t at) {
    if (at == words_.size()) return;
    node.children.each([&](const NodePtr& child) {
      if (child->inactive) return;
      const Statement& statement = *child->statement;
      const bool named = !statement.no_keyword;
      if (named && statement.name != words_[at]) return;
      if (statement.secret) return;  // a prefix list hides nothing
      if (child->role == Node::Role::kHolder) return entries(*child, at + named);
      if (statement.holds_statements()) return level(*child, at + 1);
      if (at + 1 < words_.size() && matches(words_[at + 1], child->text)) take(child->text);
    });
  }

  Words found;

 private:
  void entries(const Node& holder, size_t at) {
    if (at >= words_.size()) return;
    const size_t keys = std::max<size_t>(holder.statement->keys.size(), 1);
    if (at + keys > words_.size()) return;
    std::string key = words_[at];
    for (size_t i = 1; i < keys; ++i) key += " " + words_[at + i];
    holder.children.each([&](const NodePtr& entry) {
      if (entry->inactive || !matches(key, entry->text)) return;
      if (at + keys == words_.size()) return take(entry->text);
      level(*entry, at + keys);
    });
  }

  static bool matches(const std::string& pattern, const std::string& text) {
    return key_matches(pattern, text);
  }

  void take(const std::string& text) { found.push_back(text); }

  Words words_;
};

// "10.0.0.1/24" is the prefix 10.0.0.0/24, an address its host prefix; others are none.
std::string as_prefix(const std::string& text) {
  auto ip = grammar::parse_ip(text);
  if (!ip) return {};
  if (ip->length < 0) ip->length = ip->bits();
  for (int bit = ip->length; bit < ip->bits(); ++bit)
    ip->bytes[static_cast<size_t>(bit / 8)] &= static_cast<uint8_t>(~(0x80 >> bit % 8));
  return ip->text();
}

const Statement* path_leaf(const Statement& level) {
  for (const Statement* child : level.children)
    if (!child->apply_path.empty()) return child;
  return nullptr;
}

}  // namespace

// The top container that a path goes into, as far as it is known now: inherited if it is made.
NodePtr Expansion::source_of_path(std::string_view path) const {
  const std::string first(path.substr(0, path.find(' ')));
  const Statement* statement = raw_->statement->child(first);
  if (!statement || !root_made_) return nullptr;
  const bool under_way = !way_.empty() && way_.front().statement == statement;
  return child_of(under_way ? *raw_ : *root_made_, *statement);
}

bool Expansion::path_unchanged(const Place& place) const {
  const Node* any = place.own                 ? place.own.get()
                    : place.inherited.empty() ? nullptr
                                              : place.inherited[0].node.get();
  const Statement* leaf =
      any && any->role == Node::Role::kEntry ? path_leaf(*any->statement) : nullptr;
  if (!leaf || !before_.effective) return false;
  std::vector<const Node*> levels;
  if (place.active()) levels.push_back(place.own.get());
  for (const Layer& layer : place.inherited) levels.push_back(layer.node.get());
  for (const Node* level : levels) {
    const NodePtr path = child_of(*level, *leaf);
    if (!path || path->inactive) continue;
    const std::string first(path->text.view().substr(0, path->text.view().find(' ')));
    const Statement* top = raw_->statement->child(first);
    if (!top) return true;
    const bool own = !way_.empty() && way_.front().statement == top;
    const NodePtr was = child_of(own ? *before_.raw : *before_.effective, *top);
    return source_of_path(path->text) == was;
  }
  return true;
}

void Expansion::apply_paths(Node& made) {
  if (made.role != Node::Role::kEntry) return;
  for (const Statement* leaf : made.statement->children)
    if (!leaf->apply_path.empty()) apply_path(made, *leaf);
}

void Expansion::apply_path(Node& made, const Statement& leaf) {
  const NodePtr path = child_of(made, leaf);
  const Statement* list = made.statement->child(leaf.apply_path);
  if (!path || path->inactive || !list) return;
  PathWalk walk(words_of(path->text));
  if (const NodePtr source = source_of_path(path->text)) {
    Node top = make_statement(*raw_->statement);
    walk.level(with_child(std::move(top), source), 0);
  }
  Words prefixes;
  for (const auto& text : walk.found)
    if (auto prefix = as_prefix(text); !prefix.empty()) prefixes.push_back(std::move(prefix));
  std::sort(prefixes.begin(), prefixes.end(),
            [](auto& a, auto& b) { return natural_compare(a, b) < 0; });
  prefixes.erase(std::unique(prefixes.begin(), prefixes.end()), prefixes.end());
  if (shown_) {
    shown_->expanded[path.get()] = std::move(prefixes);
    return;
  }
  const NodePtr there = child_of(made, *list);
  Node holder = there ? *there : make_holder(*list);
  for (const auto& prefix : prefixes) {
    if (entry_of(holder, prefix)) continue;
    const NodePtr entry = freeze(make_entry(*list, prefix, next_label(holder)));
    holder = with_child(std::move(holder), entry);
  }
  if (!holder.children.empty()) made = with_child(std::move(made), freeze(std::move(holder)));
}

}  // namespace nezu::configdb
