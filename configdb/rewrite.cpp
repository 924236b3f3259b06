#include "configdb/rewrite.h"

#include "configdb/protection.h"

namespace nezu::configdb {
namespace {
using grammar::Kind;

class Rewriter {
 public:
  Rewriter(const Replacement& replacement, size_t upto) : replacement_(replacement), left_(upto) {}

  // `node`, which stands at `path`, with everything below it changed; at `depth` below it only, if
  // that is not 0.
  NodePtr below(const NodePtr& node, const Path& path, size_t depth);

  bool deeper = false;  ///< there was something below the depth
  size_t left() const { return left_; }
  std::string error;

 private:
  NodePtr child_of(const NodePtr& child, const Path& path, size_t depth);
  std::optional<std::string> text_for(const Node& node, const Path& path);

  const Replacement& replacement_;
  size_t left_;
};

bool has_text(const Node& node) {
  return node.role == Node::Role::kEntry ||
         (node.statement->kind == Kind::kLeaf && !node.statement->secret);
}

std::optional<std::string> Rewriter::text_for(const Node& node, const Path& path) {
  if (!has_text(node) || node.statement->secret) return std::nullopt;
  auto text = replacement_(node.text);
  if (!text || *text == node.text) return std::nullopt;
  Path changed = path;
  changed.push_back({node.statement, *text});
  error = admit(changed);
  if (left_) --left_;
  return error.empty() ? std::optional(changed.back().value) : std::nullopt;
}

NodePtr Rewriter::child_of(const NodePtr& child, const Path& path, size_t depth) {
  Path place = path;
  if (child->role != Node::Role::kHolder) place.push_back({child->statement, child->text});
  NodePtr changed = depth == 1 ? child : below(child, place, depth ? depth - 1 : 0);
  deeper = deeper || (depth == 1 && !child->children.empty());
  if (depth > 1 || !error.empty()) return changed;
  const auto text = text_for(*child, path);
  if (!text) return changed;
  Node renamed = *changed;
  renamed.text = *text;
  return freeze(std::move(renamed));
}

NodePtr Rewriter::below(const NodePtr& node, const Path& path, size_t depth) {
  if (node->protect) return node;
  Node changed = *node;
  bool any = false;
  const bool limited = depth > 0;
  std::vector<NodePtr> renamed;
  node->children.each([&](const NodePtr& child) {
    if (!error.empty() || child->protect || (limited && !left_)) return;
    const NodePtr now = child_of(child, path, depth);
    if (now == child) return;
    any = true;
    if (now->text == child->text || child->role != Node::Role::kEntry) {
      changed = with_child(std::move(changed), now);
      return;
    }
    changed = without_child(std::move(changed), *child);
    renamed.push_back(now);
  });
  // After all old names are gone: names may be exchanged.
  for (const NodePtr& entry : renamed) {
    const bool taken = entry_of(changed, entry->text) != nullptr;
    if (taken && entry->statement->kind == Kind::kList && error.empty())
      error =
          "target '" + grammar::step_words({entry->statement, entry->text}) + "' already exists";
    if (!taken) changed = with_child(std::move(changed), entry);
  }
  return any ? freeze(std::move(changed)) : node;
}

}  // namespace

Edited rewrite(const NodePtr& root, const Path& level, const Replacement& replacement,
               size_t upto) {
  const NodePtr node = find(root, level);
  if (!node || !protection(root, level, "modified").empty()) return {root, {}, {}};
  Rewriter rewriter(replacement, upto);
  NodePtr changed = upto ? node : rewriter.below(node, level, 0);
  for (size_t depth = 1; upto && rewriter.left() && rewriter.error.empty(); ++depth) {
    rewriter.deeper = false;
    changed = rewriter.below(changed, level, depth);
    if (!rewriter.deeper) break;
  }
  if (!rewriter.error.empty()) return {root, rewriter.error, {}};
  return {changed == node ? root : graft(root, level, changed), {}, {}};
}

}  // namespace nezu::configdb
