#include "configdb/assembly.h"

#include <algorithm>
#include <utility>

namespace nezu::configdb {
namespace {

using grammar::Statement;

bool has_protected(const Node& node) {
  if (node.protect) return true;
  bool found = false;
  if (!node.children.plain())
    node.children.each([&](const NodePtr& child) { found = found || has_protected(*child); });
  return found;
}

bool is_ordered(const Node& holder) {
  return holder.role == Node::Role::kHolder && holder.statement->user_ordered;
}

// How children of one node sort: as in Children::Sorting::kPlace.
int compare(const Node& a, const Node& b) {
  if (a.order() != b.order()) return a.order() < b.order() ? -1 : 1;
  return a.role == Node::Role::kEntry ? natural_compare(a.text, b.text) : 0;
}

NodePtr find_held(const std::vector<NodePtr>& held, const Statement& statement,
                  std::string_view entry) {
  for (auto node = held.rbegin(); node != held.rend(); ++node)
    if ((*node)->statement == &statement && (entry.empty() || (*node)->text == entry)) return *node;
  return nullptr;
}

}  // namespace

Assembly::Assembly(NodePtr root)
    : root_(std::move(root)), protected_(!root_->plain() && has_protected(*root_)) {}

void Assembly::replace(NodePtr root) {
  root_ = std::move(root);
  open_.clear();
  path_.clear();
}

const NodePtr& Assembly::root() {
  while (!open_.empty()) close_one();
  path_.clear();
  return root_;
}

Edited Assembly::set(const Path& path) {
  if (protected_ || path.empty()) {
    Edited edited = configdb::set(root(), path);
    root_ = edited.root;
    return edited;
  }
  if (open_.empty()) open_.push_back({*root_, 0, false, {}});
  close_down(path);
  while (path_.size() < path.size()) {
    const Step& step = path[path_.size()];
    if (!step.statement->holds_statements()) {
      add_value(step);
      break;
    }
    enter(step, path_.size() + 1);
    path_.push_back(step);
  }
  return {root_, {}, {}};
}

// Closes what `path` does not go through; a list stays open for its next entry.
void Assembly::close_down(const Path& path) {
  const auto differ = std::mismatch(path_.begin(), path_.end(), path.begin(), path.end());
  const auto same = static_cast<size_t>(differ.first - path_.begin());
  const Statement* next = same < path.size() ? path[same].statement : nullptr;
  while (open_.back().depth > same) {
    const Open& last = open_.back();
    const bool next_list = last.node.role == Node::Role::kHolder && last.node.statement == next;
    if (last.depth == same + 1 && next_list) break;
    close_one();
  }
  path_.resize(same);
}

void Assembly::close_one() {
  Open done = std::move(open_.back());
  open_.pop_back();
  settle(done);
  const bool keep = done.changed && !empty_vessel(done.node);
  if (open_.empty()) {
    if (done.changed) root_ = freeze(std::move(done.node));
  } else if (keep) {
    put(open_.back(), twins_.freeze(std::move(done.node)));
  }
}

void Assembly::enter(const Step& step, size_t depth) {
  const bool entry = has_entries(*step.statement);
  const bool list_open = open_.back().depth == depth;  // close_down() has left it for us
  if (!list_open) open(*step.statement, {}, depth);
  if (entry) open(*step.statement, step.value, depth);
}

void Assembly::open(const Statement& statement, std::string_view entry, size_t depth) {
  const Open& parent = open_.back();
  const NodePtr old = child(parent, statement, entry);
  Open next;
  next.depth = depth;
  next.changed = !old;
  if (old)
    next.node = *old;
  else if (!entry.empty())
    next.node = make_entry(statement, std::string(entry), label_after(parent));
  else
    next.node = has_entries(statement) ? make_holder(statement) : make_statement(statement);
  open_.push_back(std::move(next));
}

void Assembly::add_value(const Step& step) {
  const bool many = has_entries(*step.statement);
  const size_t depth = path_.size() + 1;
  if (many && open_.back().depth != depth) open(*step.statement, {}, depth);
  Open& parent = open_.back();
  const NodePtr old = child(parent, *step.statement, many ? std::string_view(step.value) : "");
  if (old && (many || old->text == step.value)) return;
  if (old) {
    Node changed = *old;
    changed.text = step.value;
    return put(parent, twins_.freeze(std::move(changed)));
  }
  put(parent, twins_.freeze(many ? make_entry(*step.statement, step.value, label_after(parent))
                                 : make_statement(*step.statement, step.value)));
}

NodePtr Assembly::child(const Open& parent, const Statement& statement, std::string_view entry) {
  if (NodePtr held = find_held(parent.held, statement, entry)) return held;
  if (parent.node.children.empty()) return nullptr;
  return parent.node.role == Node::Role::kHolder ? entry_of(parent.node, entry)
                                                 : child_of(parent.node, statement);
}

void Assembly::put(Open& parent, NodePtr child) {
  if (child->statement->alternative && parent.node.role != Node::Role::kHolder)
    drop_rivals(parent, *child->statement);
  parent.changed = true;
  auto& held = parent.held;
  size_t at = held.size();
  int order = 1;
  while (at > 0 && (order = compare(*held[at - 1], *child)) > 0) --at;
  if (at > 0 && order == 0)
    held[at - 1] = std::move(child);
  else
    held.insert(held.begin() + static_cast<long>(at), std::move(child));
  if (held.size() >= kMostHeld) settle(parent);
}

void Assembly::drop_rivals(Open& parent, const Statement& chosen) {
  std::erase_if(parent.held, [&](const NodePtr& node) {
    return node->statement->alternative == chosen.alternative &&
           node->statement->alternative_case != chosen.alternative_case;
  });
  for (const NodePtr& rival : rivals_of(parent.node, chosen))
    parent.node = without_child(std::move(parent.node), *rival);
}

uint64_t Assembly::label_after(const Open& holder) {
  if (!is_ordered(holder.node)) return 0;
  const uint64_t last = holder.held.empty() ? 0 : holder.held.back()->order() + kLabelGap;
  return std::max(last, next_label(holder.node));
}

// Puts what is held into the node.
void Assembly::settle(Open& open) {
  auto held = std::exchange(open.held, {});
  if (held.empty()) return;
  if (open.node.children.empty() && !is_ordered(open.node)) {
    if (auto all = Children::of(held, Children::Sorting::kPlace)) {
      open.node.children = std::move(*all);
      return;
    }
  }
  for (NodePtr& node : held) open.node = with_child(std::move(open.node), std::move(node));
}

}  // namespace nezu::configdb
