#include "configdb/condition.h"

#include <algorithm>

namespace nezu::configdb {
namespace {

using grammar::Condition;
using grammar::Statement;

std::string_view text_of(const Condition::Value& value, const Path& place) {
  return value.text(place.back().value);
}

// Whether `steps` from `at` on lead from `node` to something that `found` takes.
bool leads(const NodePtr& node, const Condition& path, size_t at, const Path& place,
           const std::function<bool(const Node&)>& found) {
  if (!node) return false;
  if (node->role == Node::Role::kHolder) {
    bool any = false;
    node->children.each(
        [&](const NodePtr& child) { any = any || leads(child, path, at, place, found); });
    return any;
  }
  if (at == path.steps.size()) return found(*node);
  const auto& step = path.steps[at];
  NodePtr next = child_of(*node, *step.statement);
  if (next && step.one_entry) next = entry_of(*next, text_of(step.key, place));
  return leads(next, path, at + 1, place, found);
}

bool leads_somewhere(const Condition& path, const NodePtr& root, const Path& place,
                     const std::function<bool(const Node&)>& found) {
  const Path from(place.begin(), place.end() - static_cast<ptrdiff_t>(path.up));
  return leads(find(root, from), path, 0, place, found);
}

}  // namespace

bool holds(const Condition& condition, const NodePtr& root, const Path& place) {
  const auto part_holds = [&](const Condition& part) { return holds(part, root, place); };
  const auto& parts = condition.parts;
  switch (condition.kind) {
    case Condition::Kind::kAll:
      return std::all_of(parts.begin(), parts.end(), part_holds);
    case Condition::Kind::kAny:
      return std::any_of(parts.begin(), parts.end(), part_holds);
    case Condition::Kind::kNot:
      return !part_holds(parts.front());
    case Condition::Kind::kExists:
      return leads_somewhere(condition, root, place, [](const Node&) { return true; });
    case Condition::Kind::kEquals:
      break;
  }
  const auto value = text_of(condition.value, place);
  return leads_somewhere(condition, root, place,
                         [&](const Node& node) { return node.text == value; });
}

namespace {

void visit_below(const NodePtr& node, Path& place, const std::vector<const Statement*>& way,
                 const std::function<void(const Path&, const NodePtr&)>& visit) {
  if (!node) return;
  if (node->role == Node::Role::kHolder) {
    node->children.each([&](const NodePtr& child) { visit_below(child, place, way, visit); });
    return;
  }
  place.push_back({node->statement, node->text});
  if (place.size() == way.size())
    visit(place, node);
  else
    visit_below(child_of(*node, *way[place.size()]), place, way, visit);
  place.pop_back();
}

}  // namespace

void each_instance(const NodePtr& root, const Path& above, const Statement& statement,
                   const std::function<void(const Path& place, const NodePtr& node)>& visit) {
  std::vector<const Statement*> way;
  for (const Statement* at = &statement; at->parent; at = at->parent) way.push_back(at);
  std::reverse(way.begin(), way.end());
  const NodePtr top = find(root, above);
  if (!top || above.size() > way.size()) return;
  if (above.size() == way.size()) return visit(above, top);
  Path place = above;
  visit_below(child_of(*top, *way[above.size()]), place, way, visit);
}

}  // namespace nezu::configdb
