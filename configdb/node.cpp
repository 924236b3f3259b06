#include "configdb/node.h"

#include <algorithm>

namespace nezu::configdb {
namespace {

bool same_marks(const Node& a, const Node& b) {
  return a.inactive == b.inactive && a.protect == b.protect && same_annotation(a, b);
}

// Labels may differ where the sequence is the same, so ordered entries are compared one by one.
bool equal_sequences(const Node& a, const Node& b) {
  std::vector<NodePtr> left, right;
  a.children.each([&](const NodePtr& node) { left.push_back(node); });
  b.children.each([&](const NodePtr& node) { right.push_back(node); });
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), equal);
}

bool equal_children(const Node& a, const Node& b) {
  if (a.children == b.children) return true;
  if (a.children.size() != b.children.size()) return false;
  const bool ordered = a.role == Node::Role::kHolder && a.statement->user_ordered;
  bool same = true, moved = false;
  Children::difference(a.children, b.children, [&](const NodePtr& left, const NodePtr& right) {
    if (ordered && (!left || !right))
      moved = true;
    else
      same = same && left && right && equal(left, right);
  });
  // Only where a label differs must the sequences be gone through as a whole.
  if (same && moved) return equal_sequences(a, b);
  return same;
}

}  // namespace

void hold(const Node* node) {
  node->holders_.up();
}

void release(const Node* node) {
  if (node->holders_.down()) delete node;
}

uint64_t group_bit(std::string_view group) {
  return uint64_t{1} << (3 + std::hash<std::string_view>{}(group) % 61);
}

uint64_t Node::inherits() const {
  uint64_t bits = children.inherits();
  if (!statement) return bits;
  if (statement->groups || statement->ranges_over) bits |= kInheritsHere;
  if (!statement->apply_path.empty()) bits |= kAppliesPath;
  if (role != Role::kEntry) return bits;
  if (statement->inheritance != grammar::Inheritance::kNone) bits |= group_bit(text);
  const bool list = statement->kind == grammar::Kind::kList;
  if (list && text.view().find('<') != std::string_view::npos) bits |= kInheritsHere;
  if (list && may_name_range(*statement, text)) bits |= kNamesRange;
  return bits;
}

NodePtr freeze(Node node) {
  return NodePtr(new Node(std::move(node)));
}

NodePtr make_root(const grammar::Schema& schema) {
  Node root;
  root.statement = &schema.configuration();
  return freeze(std::move(root));
}

Node make_statement(const grammar::Statement& statement, std::string_view text) {
  Node node;
  node.statement = &statement;
  node.text = text;
  return node;
}

Node make_holder(const grammar::Statement& list) {
  Node node = make_statement(list);
  node.role = Node::Role::kHolder;
  return node;
}

Node make_entry(const grammar::Statement& list, std::string_view text, uint64_t label) {
  Node node;
  node.statement = &list;
  node.text = text;
  node.set_label(label);
  node.role = Node::Role::kEntry;
  return node;
}

uint64_t next_label(const Node& holder) {
  if (!holder.statement->user_ordered) return 0;
  const NodePtr last = holder.children.last();
  return (last ? last->order() : 0) + kLabelGap;
}

NodePtr child_of(const Node& parent, const grammar::Statement& statement) {
  if (parent.children.empty()) return nullptr;
  return parent.children.find(statement.place, {});
}

Children by_name(const Node& holder) {
  if (!holder.names().empty() || holder.children.empty()) return holder.names();
  std::vector<NodePtr> entries;
  holder.children.each([&](const NodePtr& entry) { entries.push_back(entry); });
  std::sort(entries.begin(), entries.end(),
            [](const NodePtr& a, const NodePtr& b) { return a->text < b->text; });
  auto sorted = Children::of(std::move(entries), Children::Sorting::kName);
  return sorted ? *sorted : Children(Children::Sorting::kName);
}

bool put_ordered(Node& holder, std::vector<NodePtr> entries) {
  std::sort(entries.begin(), entries.end(),
            [](const NodePtr& a, const NodePtr& b) { return a->text < b->text; });
  const auto same = [](const NodePtr& a, const NodePtr& b) { return a->text == b->text; };
  if (std::adjacent_find(entries.begin(), entries.end(), same) != entries.end()) return false;
  Children names(Children::Sorting::kName);
  if (entries.size() > kMostUnnamed) names = *Children::of(entries, Children::Sorting::kName);
  std::sort(entries.begin(), entries.end(), [](const NodePtr& a, const NodePtr& b) {
    if (a->order() != b->order()) return a->order() < b->order();
    return natural_compare(a->text, b->text) < 0;
  });
  auto children = Children::of(std::move(entries), Children::Sorting::kPlace);
  if (!children) return false;
  holder.set_names(std::move(names));
  holder.children = std::move(*children);
  return true;
}

NodePtr entry_of(const Node& holder, std::string_view text) {
  if (!holder.statement->user_ordered) return holder.children.find(0, text);
  if (!holder.names().empty()) return holder.names().find(0, text);
  NodePtr found;
  holder.children.each([&](const NodePtr& entry) {
    if (entry->text == text) found = entry;
  });
  return found;
}

Node with_child(Node parent, NodePtr child) {
  if (parent.role != Node::Role::kHolder || !parent.statement->user_ordered) {
    parent.children = parent.children.put(std::move(child));
    return parent;
  }
  const NodePtr old = entry_of(parent, child->text);
  if (old && old->order() != child->order()) parent.children = parent.children.erase(*old);
  parent.children = parent.children.put(child);
  if (!parent.names().empty())
    parent.set_names(parent.names().put(std::move(child)));
  else if (parent.children.size() > kMostUnnamed)
    parent.set_names(by_name(parent));
  return parent;
}

Node without_child(Node parent, const Node& child) {
  parent.children = parent.children.erase(child);
  if (!parent.names().empty()) parent.set_names(parent.names().erase(child));
  return parent;
}

bool has_entries(const grammar::Statement& statement) {
  return statement.kind == grammar::Kind::kList || statement.kind == grammar::Kind::kLeafList;
}

// A port has a slash, what has a unit a dot.
bool may_name_range(const grammar::Statement& list, std::string_view key) {
  if (list.keys.empty() || list.keys[0]->live_names != "interface-or-range") return false;
  return key.find_first_of("/.") == key.npos && key != "all";
}

bool same_annotation(const Node& a, const Node& b) {
  if (!a.annotation() || !b.annotation()) return a.annotation() == b.annotation();
  return *a.annotation() == *b.annotation();
}

bool empty_vessel(const Node& node) {
  if (!node.children.empty()) return false;
  return node.role == Node::Role::kHolder ||
         (node.role == Node::Role::kStatement && node.statement->kind == grammar::Kind::kContainer);
}

std::vector<NodePtr> rivals_of(const Node& parent, const grammar::Statement& chosen) {
  std::vector<NodePtr> rivals;
  if (!chosen.alternative) return rivals;
  parent.children.each([&](const NodePtr& node) {
    if (node->statement->alternative == chosen.alternative &&
        node->statement->alternative_case != chosen.alternative_case)
      rivals.push_back(node);
  });
  return rivals;
}

void differing_children(const Node* before, const Node* after, const Children::Differs& differs) {
  const Node& either = after ? *after : *before;
  const bool ordered = either.role == Node::Role::kHolder && either.statement->user_ordered;
  if (before && after && before->children == after->children) return;
  const auto children = [&](const Node* node) {
    if (!node) return Children(ordered ? Children::Sorting::kName : Children::Sorting::kPlace);
    return ordered ? by_name(*node) : node->children;
  };
  Children::difference(children(before), children(after), differs);
}

bool equal(const NodePtr& a, const NodePtr& b) {
  if (a == b) return true;
  if (!a || !b) return false;
  return a->statement == b->statement && a->text == b->text && same_marks(*a, *b) &&
         equal_children(*a, *b);
}

}  // namespace nezu::configdb
