#include <sstream>

#include "configdb/node.h"
#include "configdb/service.h"

namespace nezu::configdb {
namespace {

using grammar::Kind;
using grammar::Statement;

using Statements = std::vector<const Statement*>;

Statements statements_at(const Statement* root, std::string_view path) {
  Statements found;
  std::istringstream words{std::string(path)};
  const Statement* at = root;
  for (std::string word; at && words >> word;) {
    at = at->child(word);
    if (at) found.push_back(at);
  }
  return at ? found : Statements{};
}

struct Walk {
  const Statements& path;
  std::vector<Change>& changes;

  void report(const View& before, const View& after) const {
    if (!equal(before.node(), after.node())) changes.push_back({before, after});
  }

  void descend(const View& before, const View& after, size_t depth) const {
    if (before.node() == after.node()) return;
    if (depth == path.size()) return report(before, after);
    const Statement& next = *path[depth];
    const View left = before[next.name], right = after[next.name];
    if (next.kind != Kind::kList) return descend(left, right, depth + 1);
    entries(left, right, depth + 1);
  }

  void entries(const View& before, const View& after, size_t depth) const {
    if (before.node() == after.node()) return;
    const Statement* list = path[depth - 1];
    differing_children(before.node().get(), after.node().get(),
                       [&](const NodePtr& left, const NodePtr& right) {
                         descend(View(left, list), View(right, list), depth);
                       });
  }
};

}  // namespace

std::vector<Change> Delta::changes(std::string_view path) const {
  std::vector<Change> found;
  const Statement* root = after_ ? after_.statement() : before_.statement();
  const Statements statements = statements_at(root, path);
  if (statements.empty() && !path.empty()) return found;
  const View before = before_ ? before_ : View(nullptr, root);
  const View after = after_ ? after_ : View(nullptr, root);
  Walk{statements, found}.descend(before, after, 0);
  return found;
}

bool Delta::touches(std::string_view path) const {
  return !changes(path).empty();
}

}  // namespace nezu::configdb
