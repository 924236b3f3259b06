#include "services/mgmt/subtree_filter.h"

#include <algorithm>

#include "configdb/node.h"
#include "grammar/element_marks.h"

namespace nezu::mgmt {
namespace {
using configdb::Node;
using configdb::NodePtr;
using grammar::Kind;

std::string wanted_text(const Element& element) {
  return std::string(grammar::trimmed(element.text));
}

// The part of a key for its n-th leaf; the last has the rest.
std::string key_part(const Node& entry, size_t n) {
  std::string_view rest = std::string_view(entry.text);
  for (; n > 0; --n) rest.remove_prefix(std::min(rest.find(' '), rest.size() - 1) + 1);
  const auto& keys = entry.statement->keys;
  return std::string(n + 1 == keys.size() ? rest : rest.substr(0, rest.find(' ')));
}

bool is_key(const grammar::Statement& list, std::string_view name) {
  return std::any_of(list.keys.begin(), list.keys.end(),
                     [&](const auto* key) { return key->name == name; });
}

bool has_keys(const Node& entry, const Element& filter) {
  const auto& keys = entry.statement->keys;
  for (size_t n = 0; n < keys.size(); ++n)
    for (const Element& each : filter.children)
      if (const std::string text = wanted_text(each);
          each.name == keys[n]->name && !text.empty() && text != key_part(entry, n))
        return false;
  return true;
}

// The one entry or value that is asked for, by all its keys; "": others may match.
std::string whole_name(const grammar::Statement& holder, const Element& filter) {
  if (holder.kind != Kind::kList) return wanted_text(filter);
  std::string name;
  for (const auto* key : holder.keys) {
    const Element* given = filter.child(key->name.str());
    const std::string text = given ? wanted_text(*given) : "";
    if (text.empty()) return "";
    name += (name.empty() ? "" : " ") + text;
  }
  return name;
}

// An element that names no entry costs as many as there are, and a filter may have many.
class Selection {
 public:
  explicit Selection(size_t steps) : left_(steps) {}

  bool too_much() const { return left_ == 0; }
  NodePtr part_of(const NodePtr& node, const Element& filter);
  NodePtr joined(const NodePtr& one, const NodePtr& other);

 private:
  // False: there is nothing left to spend.
  bool spend(size_t steps) {
    left_ -= std::min(left_, steps);
    return left_ > 0;
  }
  NodePtr part_of_holder(const NodePtr& holder, const Element& filter);

  size_t left_;
};

// Those of a list that match, or the values of a leaf with several. Null: none.
NodePtr Selection::part_of_holder(const NodePtr& holder, const Element& filter) {
  if (!spend(1 + filter.children.size())) return nullptr;
  Node made = configdb::make_holder(*holder->statement);
  const auto take = [&](const NodePtr& entry) {
    if (!spend(1 + filter.children.size())) return;
    const bool matches = holder->statement->kind != Kind::kList || has_keys(*entry, filter);
    if (const NodePtr kept = matches ? part_of(entry, filter) : nullptr)
      made = configdb::with_child(std::move(made), kept);
  };
  // A filter may name as many as there are: going through all for each would take too long.
  if (const std::string name = whole_name(*holder->statement, filter); name.empty())
    holder->children.each(take);
  else if (const NodePtr entry = configdb::entry_of(*holder, name))
    take(entry);
  return made.children.empty() ? nullptr : configdb::freeze(std::move(made));
}

// With what another element of the filter has selected of the same statement.
NodePtr Selection::joined(const NodePtr& one, const NodePtr& other) {
  if (!one || one->children.empty()) return other;
  if (other->children.empty()) return one;
  Node made = *one;
  other->children.each([&](const NodePtr& child) {
    if (!spend(1)) return;
    const NodePtr before = made.children.find(child->order(), std::string_view(child->text));
    made = configdb::with_child(std::move(made), joined(before, child));
  });
  return configdb::freeze(std::move(made));
}

// A value that is asked for and is another one rules its neighbours out (section 6.2.5).
bool is_ruled_out(const Node& node, const Element& filter) {
  for (const Element& each : filter.children) {
    const grammar::Statement* statement = node.statement->child(each.name);
    if (!statement || statement->kind != Kind::kLeaf || wanted_text(each).empty()) continue;
    const NodePtr leaf = configdb::child_of(node, *statement);
    if (!leaf || wanted_text(each) != std::string_view(leaf->text)) return true;
  }
  return false;
}

// Null: nothing is selected. An element with nothing but keys takes the whole entry.
NodePtr Selection::part_of(const NodePtr& node, const Element& filter) {
  if (!spend(1 + filter.children.size())) return nullptr;
  const bool whole =
      std::all_of(filter.children.begin(), filter.children.end(), [&](const Element& each) {
        return node->statement->kind == Kind::kList && is_key(*node->statement, each.name) &&
               !wanted_text(each).empty();
      });
  if (whole) return node;
  if (is_ruled_out(*node, filter)) return nullptr;
  Node made = *node;
  node->children.each(
      [&](const NodePtr& child) { made = configdb::without_child(std::move(made), *child); });
  const bool named =
      std::any_of(filter.children.begin(), filter.children.end(), [&](const Element& each) {
        return node->statement->kind == Kind::kList && is_key(*node->statement, each.name);
      });
  for (const Element& each : filter.children) {
    const grammar::Statement* statement = node->statement->child(each.name);
    const NodePtr child = statement ? configdb::child_of(*node, *statement) : nullptr;
    if (!child) continue;
    const NodePtr kept =
        child->role == Node::Role::kHolder ? part_of_holder(child, each) : part_of(child, each);
    if (!kept) continue;
    const NodePtr before = configdb::child_of(made, *statement);
    made = configdb::with_child(std::move(made), joined(before, kept));
  }
  if (made.children.empty() && !named) return nullptr;
  return configdb::freeze(std::move(made));
}
}  // namespace

std::optional<NodePtr> selected(const NodePtr& root, const Element& filter, size_t steps) {
  Selection selection(steps);
  NodePtr found;
  for (const Element& each : filter.children)
    if (each.name == "configuration")
      if (const NodePtr part = selection.part_of(root, each)) found = selection.joined(found, part);
  if (selection.too_much()) return std::nullopt;
  return found;
}

}  // namespace nezu::mgmt
