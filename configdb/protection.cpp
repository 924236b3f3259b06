#include "configdb/protection.h"

namespace nezu::configdb {
namespace {

// The words of a path, without the value of a leaf: it may be a secret.
std::string words(Path path) {
  if (!path.empty() && path.back().statement->kind == grammar::Kind::kLeaf)
    path.back().value.clear();
  return grammar::path_words(path);
}

std::string sentence(const Path& place, const Path& path, std::string_view what) {
  return "[" + words(place) + "] is protected, '" + words(path) + "' cannot be " +
         std::string(what);
}

Path below(Path path, const Node& child) {
  if (child.role != Node::Role::kHolder) path.push_back({child.statement, child.text});
  return path;
}

// The path of the first protected node below `node`; nullopt if none. Unmarked subtrees are not
// walked.
std::optional<Path> first_below(const Node& node, const Path& path) {
  std::optional<Path> found;
  if (node.children.plain()) return found;
  node.children.each([&](const NodePtr& child) {
    if (found || child->plain()) return;
    const Path place = below(path, *child);
    found = child->protect ? place : first_below(*child, place);
  });
  return found;
}

}  // namespace

std::string protection(const NodePtr& root, const Path& path, std::string_view what) {
  if (root->plain()) return {};
  NodePtr node = root;
  for (size_t depth = 0; depth < path.size() && node; ++depth) {
    Step step = path[depth];
    if (step.statement->kind == grammar::Kind::kLeaf) step.value.clear();  // whatever its value is
    node = find(node, {step});
    if (!node || !node->protect) continue;
    return sentence(Path(path.begin(), path.begin() + static_cast<ptrdiff_t>(depth) + 1), path,
                    what);
  }
  return {};
}

std::string protection_below(const NodePtr& root, const Path& path, std::string_view what) {
  const NodePtr node = root->plain() ? nullptr : find(root, path);
  const auto place = node ? first_below(*node, path) : std::nullopt;
  return place ? sentence(*place, path, what) : std::string();
}

std::string protection_of_rivals(const NodePtr& root, const Path& path) {
  if (root->plain()) return {};
  NodePtr node = root;
  Path place;
  for (const Step& step : path) {
    for (const NodePtr& rival : rivals_of(*node, *step.statement)) {
      const Path there = below(place, *rival);
      if (rival->protect) return sentence(there, there, "deleted");
      if (const auto found = first_below(*rival, there)) return sentence(*found, there, "deleted");
    }
    place.push_back(step);
    node = find(node, {step});
    if (!node) break;
  }
  return {};
}

NodePtr remains(const NodePtr& node, const Path& path, std::vector<std::string>& warnings,
                std::string_view what) {
  if (node->plain()) return nullptr;
  if (node->protect) {
    warnings.push_back(sentence(path, path, what));
    return node;
  }
  Node rest = *node;
  bool any = false;
  node->children.each([&](const NodePtr& child) {
    const NodePtr kept = remains(child, below(path, *child), warnings, what);
    if (kept == child) {
      any = true;
      return;
    }
    rest = kept ? with_child(std::move(rest), kept) : without_child(std::move(rest), *child);
    any = any || kept;
  });
  return any ? freeze(std::move(rest)) : nullptr;
}

}  // namespace nezu::configdb
