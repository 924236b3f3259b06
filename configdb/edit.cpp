#include "configdb/edit.h"

#include <algorithm>
#include <functional>
#include <span>

#include "configdb/protection.h"
#include "grammar/markup.h"

namespace nezu::configdb {
namespace {

using grammar::Kind;
using grammar::Statement;
using Steps = std::span<const Step>;

std::vector<std::string> split_keys(const Step& step) {
  std::vector<std::string> keys;
  std::string_view rest = step.value;
  for (size_t i = 1; i < step.statement->keys.size(); ++i) {
    const size_t blank = rest.find(' ');
    keys.emplace_back(rest.substr(0, blank));
    rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
  }
  keys.emplace_back(rest);
  return keys;
}

// The step in its canonical spelling, or an error.
std::string admit_key(Step& step, bool in_group) {
  std::string joined;
  const auto keys = split_keys(step);
  for (size_t i = 0; i < keys.size(); ++i) {
    const grammar::Type* type =
        i < step.statement->keys.size() ? step.statement->keys[i]->type.get() : nullptr;
    if (keys[i].empty() && i && absent_after(*step.statement->keys[i], keys[i - 1])) continue;
    if (keys[i].empty()) return "missing argument for '" + step.statement->name + "'";
    if (in_group && grammar::is_wildcard(keys[i])) type = nullptr;
    if (type)
      if (auto refused = type->refuse(keys[i])) return *refused;
    joined += (i ? " " : "") + (type ? type->canonical(keys[i]) : keys[i]);
  }
  step.value = joined;
  return {};
}

std::string admit_value(Step& step) {
  const grammar::Type* type = step.statement->type;
  if (step.value.empty()) return "missing argument for '" + step.statement->name + "'";
  if (!type) return {};
  if (auto refused = type->refuse(step.value)) return *refused;
  step.value = type->canonical(step.value);
  return {};
}

// Inside a group a key may be a wildcard.
bool in_group(const Path& path, const Step& step) {
  return path.front().statement->groups && &step != &path.front();
}

}  // namespace

std::string admit(Path& path) {
  for (Step& step : path) {
    std::string error;
    if (step.statement->kind == Kind::kList) error = admit_key(step, in_group(path, step));
    if (step.statement->kind == Kind::kLeaf || step.statement->kind == Kind::kLeafList)
      error = admit_value(step);
    if (!error.empty()) return error;
  }
  return {};
}

namespace {

// Spelling only, for look-ups: what cannot be canonical cannot be found either.
void respell(Path& path) {
  for (Step& step : path)
    if (!step.value.empty()) {
      Step admitted = step;
      const bool list = step.statement->kind == Kind::kList;
      const bool wild = in_group(path, step);
      if ((list ? admit_key(admitted, wild) : admit_value(admitted)).empty()) step = admitted;
    }
}

Node without_rivals(Node parent, const Statement& chosen) {
  for (const auto& rival : rivals_of(parent, chosen))
    parent = without_child(std::move(parent), *rival);
  return parent;
}

Node put_child(Node parent, const NodePtr& child) {
  if (parent.role != Node::Role::kHolder)
    parent = without_rivals(std::move(parent), *child->statement);
  return with_child(std::move(parent), child);
}

// `parent` with `child` in the place of `old`, either of which may be null; an emptied container
// or holder goes.
Node replace_child(const Node& parent, const NodePtr& old, NodePtr child) {
  if (child && empty_vessel(*child)) child = nullptr;
  if (child == old) return parent;
  return child ? put_child(parent, child) : without_child(parent, *old);
}

// What an edit does at the end of its path: the node that is there (or null) → the node that shall
// be there (or null). `parent` is where it stands, e.g. for labels.
using Change = std::function<NodePtr(const Node& parent, const NodePtr& old)>;

NodePtr fresh(const Node& parent, const Step& step) {
  if (parent.role == Node::Role::kHolder)
    return freeze(make_entry(*step.statement, step.value, next_label(parent)));
  const bool value = step.statement->kind == Kind::kLeaf;
  return freeze(make_statement(*step.statement, value ? step.value : std::string()));
}

NodePtr change_at(const NodePtr& node, Steps path, bool create, const Change& change);

NodePtr change_child(const NodePtr& parent, const NodePtr& old, Steps path, bool create,
                     const Change& change) {
  NodePtr child;
  if (path.size() == 1)
    child = change(*parent, old);
  else if (old || create)
    child = change_at(old ? old : fresh(*parent, path[0]), path.subspan(1), create, change);
  if (child == old) return parent;
  return freeze(replace_child(*parent, old, std::move(child)));
}

// The node with the change made below it along `path`, which is not empty.
NodePtr change_at(const NodePtr& node, Steps path, bool create, const Change& change) {
  const Step& step = path[0];
  NodePtr old = child_of(*node, *step.statement);
  if (!has_entries(*step.statement) || step.value.empty())
    return change_child(node, old, path, create, change);
  if (!old && !create) return node;
  const NodePtr holder = old ? old : freeze(make_holder(*step.statement));
  const NodePtr changed = change_child(holder, entry_of(*holder, step.value), path, create, change);
  return changed == old ? node : freeze(replace_child(*node, old, changed));
}

Edited refused(const NodePtr& root, std::string error) {
  return {root, std::move(error), {}};
}
Edited warned(const NodePtr& root, std::string warning) {
  return {root, {}, std::move(warning)};
}

NodePtr with_value(const Node& parent, const NodePtr& old, const Step& step) {
  if (!old) return fresh(parent, step);
  if (step.statement->kind != Kind::kLeaf || old->text == step.value) return old;
  Node node = *old;
  node.text = step.value;
  return freeze(std::move(node));
}

using Amendment = std::function<void(Node&)>;

// Marks stand at what is printed with a keyword of its own: of a list or leaf-list that is at its
// entries, of "family" in "family inet" at what follows.
bool has_no_marks(const Node& node) {
  return node.role == Node::Role::kHolder || node.statement->joined;
}

// What every form of configuration text can carry: UTF-8 without control characters, and without
// blanks around it.
std::string comment_of(std::string_view text) {
  std::string comment;
  for (size_t at = 0; at < text.size();) {
    const size_t length = grammar::utf8_sequence(text, at);
    const auto c = static_cast<unsigned char>(text[at]);
    const bool control = (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
    if (c == '/' && comment.ends_with('*')) comment += ' ';  // the end of a comment in braces
    if (length > 0 && !control) comment += text.substr(at, length);
    at += std::max<size_t>(length, 1);
  }
  const auto first = comment.find_first_not_of(" \t\n");
  if (first == std::string::npos) return "";
  return comment.substr(first, comment.find_last_not_of(" \t\n") + 1 - first);
}

NodePtr amended(const NodePtr& node, const Amendment& amendment, bool first_only) {
  Node changed = *node;
  if (!has_no_marks(*node)) {
    amendment(changed);
    return freeze(std::move(changed));
  }
  bool more = true;
  node->children.each([&](const NodePtr& child) {
    if (more) changed = with_child(std::move(changed), amended(child, amendment, first_only));
    more = !first_only;
  });
  return freeze(std::move(changed));
}

// Changes a copy of the node the path names.
Edited amend(const NodePtr& root, Path path, const Amendment& amendment, bool first_only = false) {
  respell(path);
  const NodePtr target = find(root, path);
  if (!target || path.empty()) return warned(root, kStatementNotFound);
  return {graft(root, path, amended(target, amendment, first_only)), {}, {}};
}

// A root without contents.
Node bare(const Node& root) {
  Node nothing;
  nothing.statement = root.statement;
  return nothing;
}

bool is_value_step(const Step& step) {
  return step.statement->kind == Kind::kLeaf && !step.value.empty();
}

// New labels for a whole list, for when there is no room between two.
Node relabelled(const Node& holder) {
  Node out = make_holder(*holder.statement);
  holder.children.each([&](const NodePtr& node) {
    Node entry = *node;
    entry.set_label(next_label(out));
    out = with_child(std::move(out), freeze(std::move(entry)));
  });
  return out;
}

// The labels on both sides of the gap before or after `other`, leaving out `moved`.
std::pair<uint64_t, uint64_t> gap(const Node& holder, const Node& moved, const Node& other,
                                  bool before) {
  uint64_t low = 0, high = 0;
  holder.children.each([&](const NodePtr& node) {
    if (node->text == moved.text) return;
    const bool left = before ? node->order() < other.order() : node->order() <= other.order();
    if (left) low = node->order();
    if (!left && !high) high = node->order();
  });
  return {low, high ? high : low + 2 * kLabelGap};
}

}  // namespace

Edited set(const NodePtr& root, const Path& path) {
  Path admitted = path;
  if (auto error = admit(admitted); !error.empty()) return refused(root, error);
  if (admitted.empty()) return {root, {}, {}};
  for (const std::string& stop :
       {protection(root, admitted, "modified"), protection_of_rivals(root, admitted)})
    if (!stop.empty()) return warned(root, stop);
  const Step& last = admitted.back();
  return {change_at(root, admitted, true,
                    [&](const Node& parent, const NodePtr& old) {
                      return with_value(parent, old, last);
                    }),
          {},
          {}};
}

Edited remove(const NodePtr& root, const Path& asked) {
  Path path = asked;
  respell(path);
  const NodePtr target = find(root, path);
  if (!target) return warned(root, kStatementNotFound);
  if (std::string stop = protection(root, path, "deleted"); !stop.empty())
    return warned(root, std::move(stop));
  std::vector<std::string> warnings;
  NodePtr rest = remains(target, path, warnings);
  Edited edited{graft(root, path, rest), {}, {}};
  if (path.empty() && !rest) edited.root = freeze(bare(*root));
  for (const std::string& line : warnings)
    edited.warning += (edited.warning.empty() ? "" : "\nwarning: ") + line;
  return edited;
}

Edited mark(const NodePtr& root, const Path& path, Mark which, bool on) {
  if (which == Mark::kInactive)
    if (std::string stop = protection(root, path, "modified"); !stop.empty())
      return warned(root, std::move(stop));
  return amend(root, path,
               [&](Node& node) { (which == Mark::kInactive ? node.inactive : node.protect) = on; });
}

Edited annotate(const NodePtr& root, const Path& path, std::string text) {
  if (std::string stop = protection(root, path, "modified"); !stop.empty())
    return warned(root, std::move(stop));
  text = comment_of(text);
  const auto amendment = [&](Node& node) { node.annotate(text.empty() ? nullptr : &text); };
  return amend(root, path, amendment, true);
}

Edited insert(const NodePtr& root, const Path& asked, bool before, std::string_view other) {
  Path path = asked;
  respell(path);
  const NodePtr entry = find(root, path);
  if (!entry || entry->role != Node::Role::kEntry) return warned(root, kStatementNotFound);
  if (!entry->statement->user_ordered) return refused(root, "not an ordered list");
  if (std::string stop = protection(root, path, "modified"); !stop.empty())
    return warned(root, std::move(stop));
  Path list = path;
  list.back().value.clear();
  NodePtr holder = find(root, list);
  NodePtr beside = entry_of(*holder, other);
  if (!beside) return warned(root, kStatementNotFound);
  if (beside->text == entry->text) return {root, {}, {}};
  auto room = gap(*holder, *entry, *beside, before);
  if (room.second - room.first < 2) {
    holder = freeze(relabelled(*holder));
    room = gap(*holder, *entry, *entry_of(*holder, other), before);
  }
  Node moved = *entry;
  moved.set_label(room.first + (room.second - room.first) / 2);
  Node changed = with_child(*holder, freeze(std::move(moved)));
  return {graft(root, list, freeze(std::move(changed))), {}, {}};
}

NodePtr graft(const NodePtr& root, const Path& path, NodePtr subtree) {
  if (path.empty()) return subtree;
  const bool create = subtree != nullptr;
  return change_at(root, path, create, [&](const Node&, const NodePtr&) { return subtree; });
}

NodePtr find(const NodePtr& root, const Path& path) {
  NodePtr node = root;
  for (const Step& step : path) {
    node = node ? child_of(*node, *step.statement) : nullptr;
    if (node && has_entries(*step.statement) && !step.value.empty())
      node = entry_of(*node, step.value);
    if (node && is_value_step(step) && node->text != step.value) return nullptr;
  }
  return node;
}

}  // namespace nezu::configdb
