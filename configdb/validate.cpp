#include "configdb/validate.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "configdb/condition.h"

namespace nezu::configdb {
namespace {

using grammar::Kind;
using grammar::Statement;

void visit_pair(Path& path, const NodePtr& before, const NodePtr& after, const Visit& visit,
                const Enter& enter) {
  const Node& either = after ? *after : *before;
  if (enter && !enter(*either.statement)) return;
  const bool holder = either.role == Node::Role::kHolder;
  // A node is one step; entries stand in the place of their holder.
  if (!holder && either.statement->parent) path.push_back({either.statement, either.text});
  if (!holder) visit(path, before, after);
  differing_children(before.get(), after.get(), [&](const NodePtr& left, const NodePtr& right) {
    visit_pair(path, left, right, visit, enter);
  });
  if (!holder && either.statement->parent) path.pop_back();
}

Problem problem_at(const Path& path, std::string message) {
  Problem problem;
  if (path.empty()) {
    problem.statement = "configuration";
  } else {
    problem.path = grammar::path_word_list(Path(path.begin(), path.end() - 1));
    Step last = path.back();
    if (last.statement->secret) last.value.clear();  // in no form: who reads it is not known here
    problem.statement = grammar::step_words(last);
  }
  problem.message = std::move(message);
  return problem;
}

// "$$" in a message of the schema is the value that it is about.
std::string about(std::string message, std::string_view value) {
  for (size_t at = 0; (at = message.find("$$", at)) != std::string::npos; at += value.size())
    message.replace(at, 2, value);
  return message;
}

Path in(Path path, const Statement& child) {
  path.push_back({&child, ""});
  return path;
}

// The statement whose reference a node follows: for an entry, its key.
const Statement& refers_by(const Statement& statement) {
  return statement.kind == Kind::kList && !statement.keys.empty() ? *statement.keys[0] : statement;
}

class Validator {
 public:
  Validator(const References& references, NodePtr root)
      : references_(references), root_(std::move(root)) {}

  void look(const Path& path, const NodePtr& before, const NodePtr& after) {
    const bool is_new = !before || !after || before->text != after->text;
    if (is_new) dependents(path, after ? *after : *before);
    if (!after) return removed(path, *before);
    if (after->statement->holds_statements()) {
      children(path, *after);
      alternatives(path, *after);
    }
    if (!is_new) return;
    for (const grammar::Must* must : after->statement->musts) judge(*must, path);
    reference(path, *after);
    not_modelled(path);
  }

  Findings findings() && {
    Findings out;
    out.failure = missing_ ? Failure::kMandatory : broken_ ? Failure::kConstraint : Failure::kNone;
    out.problems = std::move(problems_);
    out.problems.insert(out.problems.end(), warnings_.begin(), warnings_.end());
    return out;
  }

 private:
  // What a container must hold, and how many.
  void children(const Path& path, const Node& node) {
    for (const Statement* child : node.statement->children) {
      if (!child->mandatory && !child->least && !child->most && child->unique.empty()) continue;
      const NodePtr there = child_of(node, *child);
      if (!there) {
        if (child->mandatory || child->least) missing(path, *child);
        continue;
      }
      const size_t count = there->children.size();
      if (count < child->least)
        broken(in(path, *child), "at least " + std::to_string(child->least) + " elements needed");
      if (child->most && count > child->most)
        broken(in(path, *child),
               "number of elements exceeds limit of " + std::to_string(child->most));
      for (const auto& leaves : child->unique) unique(path, *there, leaves);
    }
  }

  void missing(const Path& path, const Statement& child) {
    missing_ = true;
    problems_.push_back(problem_at(path, "Missing mandatory statement: '" + child.name + "'"));
  }

  // An entry without one of the leaves is like no other (RFC 7950, 7.8.3).
  void unique(const Path& path, const Node& holder, const grammar::Links<Statement>& leaves) {
    std::map<std::string, std::string> seen;
    holder.children.each([&](const NodePtr& entry) {
      std::string values;
      for (const Statement* leaf : leaves) {
        const NodePtr value = child_of(*entry, *leaf);
        if (!value) return;
        values += value->text + '\n';
      }
      const auto [first, fresh] = seen.emplace(values, entry->text);
      if (fresh) return;
      Path place = path;
      place.push_back({entry->statement, entry->text});
      place.push_back({leaves.front(), child_of(*entry, *leaves.front())->text});
      broken(place, "also used by '" + first->second + "'");
    });
  }

  // Something at `path` came, went or changed: what others say of it is looked at again.
  void dependents(const Path& path, const Node& node) {
    std::optional<uint32_t> shared;
    Path above;
    std::unordered_set<const grammar::Must*>* looked = nullptr;
    for (const auto& dependent : node.statement->dependents) {
      if (shared != dependent.shared) {
        shared = dependent.shared;
        above.assign(path.begin(), path.begin() + static_cast<ptrdiff_t>(*shared));
        looked = &looked_[grammar::path_words(above)];
      }
      const grammar::Must& must = *dependent.must;
      if (!looked->insert(&must).second) continue;
      each_instance(root_, above, *must.context,
                    [&](const Path& place, const NodePtr&) { judge(must, place); });
    }
  }

  void judge(const grammar::Must& must, const Path& place) {
    if (!holds(must.condition(), root_, place))
      broken(place, about(must.message, place.back().value));
  }

  void alternatives(const Path& path, const Node& node) {
    std::map<int, const Statement*> chosen;
    node.children.each([&](const NodePtr& child) {
      const Statement* statement = child->statement;
      if (!statement->alternative) return;
      const Statement* other = chosen.emplace(statement->alternative, statement).first->second;
      if (other->alternative_case == statement->alternative_case) return;
      Path place = path;
      place.push_back({statement, child->text});
      broken(place, "Incompatible with '" + other->name + "'");
    });
  }

  void reference(const Path& path, const Node& node) {
    const auto target = references_.target_of(node);
    if (!target.list || exists(target)) return;
    dangling(path, node);
  }

  void dangling(const Path& path, const Node& node) {
    const Statement& statement = refers_by(*node.statement);
    std::string message = statement.reference_message;
    if (message.empty())
      message = "Referenced '" + statement.reference + " " + node.text + "' is not defined";
    broken(path, about(std::move(message), node.text));
  }

  // Those who referred to it before and still do; new ones have been looked at themselves.
  void removed(const Path& path, const Node& node) {
    if (node.role != Node::Role::kEntry || path.empty()) return;
    const References::Target target{node.statement, node.text};
    if (exists(target)) return;
    for (const Path& referrer : references_.to(target)) {
      const NodePtr still = find(root_, referrer);
      if (still && still->text == node.text) dangling(referrer, *still);
    }
  }

  // The top one of a subtree that is not modelled stands for all below it, and its first place for
  // all others.
  void not_modelled(const Path& path) {
    const auto top = std::find_if(path.begin(), path.end(),
                                  [](const auto& step) { return step.statement->not_modelled; });
    if (top == path.end() || !warned_.insert(top->statement).second) return;
    Problem warning =
        problem_at(Path(path.begin(), top + 1), "statement is accepted but has no effect");
    warning.warning = true;
    warnings_.push_back(std::move(warning));
  }

  void broken(const Path& path, std::string message) {
    broken_ = true;
    problems_.push_back(problem_at(path, std::move(message)));
  }

  bool exists(const References::Target& target) const {
    std::vector<const Statement*> way;
    for (const Statement* at = target.list; at->parent; at = at->parent) way.push_back(at);
    NodePtr node = root_;
    for (auto at = way.rbegin(); at != way.rend() && node; ++at) node = child_of(*node, **at);
    return node && entry_of(*node, target.key);
  }

  const References& references_;
  NodePtr root_;
  Problems problems_, warnings_;
  std::set<const Statement*> warned_;
  /// By place: what was judged of all below it already.
  std::unordered_map<std::string, std::unordered_set<const grammar::Must*>> looked_;
  bool missing_ = false, broken_ = false;
};

}  // namespace

void visit_differences(const NodePtr& before, const NodePtr& after, const Visit& visit,
                       const Enter& enter) {
  Path path;
  if (before != after) visit_pair(path, before, after, visit, enter);
}

References::References(const grammar::Schema& schema) : schema_(schema) {
  collect(schema.configuration());
}

bool References::collect(const Statement& statement) {
  // None of these is in an effective tree.
  if (statement.groups || statement.ranges_over) return false;
  if (statement.inheritance != grammar::Inheritance::kNone) return false;
  bool way = !refers_by(statement).reference.empty() || !statement.parent;
  for (const Statement* child : statement.children) way = collect(*child) || way;
  if (way) ways_.insert(&statement);
  return way;
}

References::Target References::target_of(const Node& node) const {
  if (node.role == Node::Role::kHolder) return {};
  const Statement& by = refers_by(*node.statement);
  // Policies may be an expression of several; other names may begin so.
  const bool expression =
      node.text.starts_with('(') && by.reference == "policy-options policy-statement";
  if (by.reference.empty() || expression) return {};
  const Statement* list = schema_.at(by.reference);
  return list && list->kind == Kind::kList ? Target{list, node.text} : Target{};
}

void References::follow(const NodePtr& before, const NodePtr& after) {
  visit_differences(
      before, after,
      [&](const Path& path, const NodePtr& left, const NodePtr& right) {
        const Target old = left ? target_of(*left) : Target{};
        const Target fresh = right ? target_of(*right) : Target{};
        if (old == fresh) return;
        if (const auto at = index_.find(old); at != index_.end()) {
          at->second.erase(packed(path));
          if (at->second.empty()) index_.erase(at);
        }
        if (fresh.list) index_[fresh].insert(packed(path));
      },
      [this](const Statement& statement) { return ways_.contains(&statement); });
}

std::vector<Path> References::to(const Target& target) const {
  std::vector<Path> all;
  const auto at = index_.find(target);
  if (at == index_.end()) return all;
  for (const Referrer& referrer : at->second) all.push_back(unpacked(referrer, target.key));
  std::sort(all.begin(), all.end(), [](const Path& a, const Path& b) {
    return grammar::path_words(a) < grammar::path_words(b);
  });
  return all;
}

References::Referrer References::packed(const Path& path) {
  Referrer referrer{path.back().statement, {}};
  for (size_t i = 0; i + 1 < path.size(); ++i)
    if (path[i].statement->kind == Kind::kList) (referrer.entries += path[i].value) += '\0';
  return referrer;
}

// In an effective tree every statement stands below its parent in the schema.
Path References::unpacked(const Referrer& referrer, const std::string& value) {
  Path path;
  for (const Statement* at = referrer.statement; at->parent; at = at->parent)
    path.insert(path.begin(), {at, ""});
  path.back().value = value;
  std::string_view rest = referrer.entries;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    if (path[i].statement->kind != Kind::kList) continue;
    path[i].value = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(path[i].value.size() + 1);
  }
  return path;
}

Findings validate(const References& references, const NodePtr& before, const NodePtr& after) {
  Validator validator(references, after);
  visit_differences(before, after,
                    [&](const Path& path, const NodePtr& left, const NodePtr& right) {
                      validator.look(path, left, right);
                    });
  auto findings = std::move(validator).findings();
  findings.problems = unique(std::move(findings.problems));
  return findings;
}

}  // namespace nezu::configdb
