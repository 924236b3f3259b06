#include "configdb/rename.h"

#include "configdb/protection.h"

namespace nezu::configdb {
namespace {

bool same_list(const Path& from, const Path& to) {
  if (from.empty() || from.size() != to.size()) return false;
  for (size_t i = 0; i + 1 < from.size(); ++i)
    if (from[i] != to[i]) return false;
  return from.back().statement == to.back().statement && !from.back().value.empty() &&
         !to.back().value.empty();
}

// The words of the last step only: "unit 1".
std::string last_words(const Path& path) {
  return grammar::step_words(path.back());
}

// Puts `make(entry, holder)` into the list both paths name.
template <class Make>
Edited add(const NodePtr& root, Path from, Path to, Make make) {
  if (std::string error = admit(to); !error.empty()) return {root, std::move(error), {}};
  if (!admit(from).empty()) return {root, {}, kStatementNotFound};
  if (!same_list(from, to)) return {root, "source and target must be of the same list", {}};
  const NodePtr entry = find(root, from);
  if (!entry || entry->role != Node::Role::kEntry) return {root, {}, kStatementNotFound};
  if (from == to) return {root, {}, {}};
  if (find(root, to)) return {root, "target '" + last_words(to) + "' already exists", {}};
  Path list = to;
  list.back().value.clear();
  Node holder = make(entry, *find(root, list), to.back().value);
  return {graft(root, list, freeze(std::move(holder))), {}, {}};
}

Node named(const Node& entry, const std::string& name) {
  Node made = entry;
  made.text = name;
  return made;
}

}  // namespace

Edited rename(const NodePtr& root, const Path& from, const Path& to) {
  for (const std::string& stop :
       {protection(root, from, "renamed"), protection_below(root, from, "renamed")})
    if (!stop.empty()) return {root, {}, stop};
  return add(root, from, to, [](const NodePtr& entry, const Node& holder, const std::string& name) {
    return with_child(without_child(holder, *entry), freeze(named(*entry, name)));
  });
}

Edited copy(const NodePtr& root, const Path& from, const Path& to) {
  const Path above(to.begin(), to.end() - (to.empty() ? 0 : 1));
  if (std::string stop = protection(root, above, "modified"); !stop.empty())
    return {root, {}, std::move(stop)};
  return add(root, from, to, [](const NodePtr& entry, const Node& holder, const std::string& name) {
    Node made = named(*entry, name);
    made.set_label(next_label(holder));
    return with_child(holder, freeze(std::move(made)));
  });
}

}  // namespace nezu::configdb
