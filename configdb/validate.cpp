#include "configdb/validate.h"

#include <algorithm>

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
    problem.statement = grammar::step_words(path.back());
  }
  problem.message = std::move(message);
  return problem;
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
    if (!after) return removed(path, *before);
    if (after->statement->holds_statements()) {
      mandatory(path, *after);
      alternatives(path, *after);
    }
    if (!before || before->text != after->text) reference(path, *after);
    if (!before || before->text != after->text) not_modelled(path);
  }

  Findings findings() && {
    Findings out;
    out.failure = missing_ ? Failure::kMandatory : broken_ ? Failure::kConstraint : Failure::kNone;
    out.problems = std::move(problems_);
    out.problems.insert(out.problems.end(), warnings_.begin(), warnings_.end());
    return out;
  }

 private:
  void mandatory(const Path& path, const Node& node) {
    for (const Statement* child : node.statement->children) {
      if (!child->mandatory || child_of(node, *child)) continue;
      missing_ = true;
      problems_.push_back(problem_at(path, "Missing mandatory statement: '" + child->name + "'"));
    }
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
    broken(path, statement.reference_message.empty()
                     ? "Referenced '" + statement.reference + " " + node.text + "' is not defined"
                     : statement.reference_message);
  }

  // Those who referred to it before and still do; new ones have been looked at themselves.
  void removed(const Path& path, const Node& node) {
    if (node.role != Node::Role::kEntry || path.empty()) return;
    const References::Target target{node.statement, node.text};
    if (exists(target)) return;
    for (const auto& [_, referrer] : references_.to(target)) {
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
  bool way = !refers_by(statement).reference.empty() || !statement.parent;
  for (const Statement* child : statement.children) way = collect(*child) || way;
  if (way) ways_.insert(&statement);
  return way;
}

References::Target References::target_of(const Node& node) const {
  if (node.role == Node::Role::kHolder) return {};
  const Statement& by = refers_by(*node.statement);
  if (by.reference.empty()) return {};
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
        if (old.list) {
          // A leaf's new value is in the path already: the old referrer is named by
          // the old one.
          Path place = path;
          place.back().value = left->text;
          auto at = index_.find(old);
          if (at != index_.end() && at->second.erase(grammar::path_words(place)) &&
              at->second.empty())
            index_.erase(at);
        }
        if (fresh.list) index_[fresh].emplace(grammar::path_words(path), path);
      },
      [this](const Statement& statement) { return ways_.contains(&statement); });
}

const References::Referrers& References::to(const Target& target) const {
  static const Referrers kNone;
  const auto at = index_.find(target);
  return at == index_.end() ? kNone : at->second;
}

Findings validate(const References& references, const NodePtr& before, const NodePtr& after) {
  Validator validator(references, after);
  visit_differences(before, after,
                    [&](const Path& path, const NodePtr& left, const NodePtr& right) {
                      validator.look(path, left, right);
                    });
  return std::move(validator).findings();
}

}  // namespace nezu::configdb
