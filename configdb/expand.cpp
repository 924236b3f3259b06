#include "configdb/expand.h"

#include "configdb/node.h"

namespace nezu::configdb {
namespace {

bool vanishes(const Node& node) {
  if (!node.children.empty()) return false;
  if (node.role == Node::Role::kHolder) return true;
  return node.role == Node::Role::kStatement && node.statement->kind == grammar::Kind::kContainer &&
         node.statement->parent;
}

NodePtr effective(const NodePtr& raw, const Trees& before);

NodePtr child_like(const Node* parent, const Node& child) {
  if (!parent) return nullptr;
  if (child.role == Node::Role::kEntry) return entry_of(*parent, child.text);
  return child_of(*parent, *child.statement);
}

// Starts from the children of before.effective and takes over what differs between the raw ones.
Node merge_children(Node out, const Node& raw, const Trees& before) {
  const Node* old_effective = before.effective.get();
  const auto take_over = [&](const NodePtr& gone, const NodePtr& here) {
    const NodePtr old = gone ? child_like(old_effective, *gone) : nullptr;
    const NodePtr kept = here ? effective(here, {gone, old}) : nullptr;
    if (kept)
      out = with_child(std::move(out), kept);
    else if (old)
      out = without_child(std::move(out), *old);
  };
  differing_children(before.raw.get(), &raw, take_over);
  return out;
}

Node fresh_children(Node out, const Node& raw) {
  raw.children.each([&](const NodePtr& child) {
    if (NodePtr kept = effective(child, {})) out = with_child(std::move(out), kept);
  });
  return out;
}

bool comparable(const Node& raw, const Trees& before) {
  return before.raw && before.effective && before.raw->statement == raw.statement;
}

bool same_but_for_pointer(const Node& a, const Node& b) {
  return a.text == b.text && a.order == b.order && a.children == b.children;
}

// Null if nothing of `raw` is in effect.
NodePtr effective(const NodePtr& raw, const Trees& before) {
  if (raw == before.raw) return before.effective;
  if (raw->inactive) return nullptr;
  const bool known = comparable(*raw, before);
  if (raw->plain() && (!known || before.raw == before.effective)) return raw;
  Node out = *raw;
  out.protect = false;
  out.annotation = nullptr;
  if (known) {
    out.children = before.effective->children;
    out.names = before.effective->names;
    out = merge_children(std::move(out), *raw, before);
  } else {
    out.children = Children();
    out.names = Children(Children::Sorting::kName);
    out = fresh_children(std::move(out), *raw);
  }
  if (vanishes(out)) return nullptr;
  if (known && same_but_for_pointer(out, *before.effective)) return before.effective;
  return freeze(std::move(out));
}

// Inheritance from groups (apply-groups, apply-groups-except, apply-path) goes here, before
// anything inactive is dropped; there are no groups in the schema yet.
NodePtr pass_groups(const NodePtr& raw) {
  return raw;
}

}  // namespace

NodePtr expand(const NodePtr& raw, const Trees& before) {
  return effective(pass_groups(raw), before);
}

}  // namespace nezu::configdb
