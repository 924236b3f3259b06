#include "configdb/group_check.h"

#include <algorithm>
#include <map>
#include <set>

#include "configdb/group_condition.h"
#include "configdb/interface_range.h"
#include "configdb/layers.h"
#include "configdb/validate.h"
#include "configdb/wildcard.h"
#include "grammar/path.h"

namespace nezu::configdb {
namespace {

using grammar::Inheritance;
using grammar::Path;
using Names = std::set<std::string>;

class GroupCheck {
 public:
  GroupCheck(const NodePtr& before, const NodePtr& after)
      : old_groups_(before, 0), groups_(after, 0), root_(after) {
    note_lost();
  }

  Problems run(const NodePtr& before) && {
    look(before, root_);
    circles();
    return std::move(problems_);
  }

 private:
  bool defined(const std::string& name) const {
    const NodePtr group = groups_.holder() ? entry_of(*groups_.holder(), name) : nullptr;
    return group && !group->inactive;
  }

  // Groups that are no longer there: whoever names them is looked at too.
  void note_lost() {
    if (!old_groups_.holder() || old_groups_.holder() == groups_.holder()) return;
    differing_children(old_groups_.holder().get(), groups_.holder().get(),
                       [&](const NodePtr& left, const NodePtr&) {
                         if (left && !defined(left->text)) lost_ |= group_bit(left->text);
                       });
  }

  void look(const NodePtr& before, const NodePtr& after) {
    if (!after || after->inactive) return;
    const bool differs = before != after;
    if (!differs && !(after->inherits() & lost_)) return;
    const bool holder = after->role == Node::Role::kHolder;
    if (!holder && after->statement->parent) path_.push_back({after->statement, after->text});
    at(*after);
    below(before, after, differs);
    if (!holder && after->statement->parent) path_.pop_back();
  }

  void at(const Node& node) {
    if (node.role != Node::Role::kEntry) return;
    if (node.statement->groups) condition(node);
    const Inheritance inheritance = node.statement->inheritance;
    const bool names_group =
        inheritance == Inheritance::kApply || inheritance == Inheritance::kExcept;
    if (names_group && !defined(node.text)) problem("group '" + node.text + "' is not defined");
    const bool in_group = path_.front().statement->groups;
    if (node.statement->ranges_over && !in_group)
      if (auto wrong = wrong_with_range(node); !wrong.empty()) problem(std::move(wrong));
  }

  void condition(const Node& group) {
    const std::string name = malformed(group);
    if (name.empty()) return;
    Problem found;
    found.path = grammar::path_word_list(path_);
    found.path.push_back("when");
    found.statement = name;
    found.message = "invalid time; the group would never apply";
    problems_.push_back(std::move(found));
  }

  void below(const NodePtr& before, const NodePtr& after, bool differs) {
    if (differs) {
      differing_children(before.get(), after.get(),
                         [&](const NodePtr& left, const NodePtr& right) { look(left, right); });
    }
    if (!lost_) return;
    after->children.each_inheriting(lost_, [&](const NodePtr& child) {
      if (child->inherits() & lost_ && (!differs || same_in(before, child))) look(child, child);
    });
  }

  static bool same_in(const NodePtr& before, const NodePtr& child) {
    if (!before) return false;
    const bool entry = child->role == Node::Role::kEntry;
    return (entry ? entry_of(*before, child->text) : child_of(*before, *child->statement)) == child;
  }

  void problem(std::string message) {
    Problem found;
    found.path = grammar::path_word_list(Path(path_.begin(), path_.end() - 1));
    found.statement = grammar::step_words(path_.back());
    found.message = std::move(message);
    problems_.push_back(std::move(found));
  }

  // The groups that a group applies, anywhere in it.
  static void applied(const NodePtr& node, Names& names) {
    if (node->inactive || !(node->inherits() & ~kNoGroup)) return;
    if (node->role == Node::Role::kEntry && node->statement->inheritance == Inheritance::kApply)
      names.insert(node->text);
    node->children.each([&](const NodePtr& child) { applied(child, names); });
  }

  void circles() {
    if (!groups_.holder() || groups_.holder() == old_groups_.holder()) return;
    groups_.holder()->children.each([&](const NodePtr& group) {
      if (group->inactive || too_deep_) return;
      std::vector<std::string> way;
      follow(group->text, way);
    });
  }

  // How many groups apply one another from this one on; in a circle that means nothing.
  size_t follow(const std::string& name, std::vector<std::string>& way) {
    const auto again = std::find(way.begin(), way.end(), name);
    if (again != way.end()) return circle({again, way.end()}), 0;
    const NodePtr group = entry_of(*groups_.holder(), name);
    if (!group || group->inactive || too_deep_) return 0;
    const auto done = nested_.find(name);
    const size_t known = done == nested_.end() ? 1 : done->second;
    if (way.size() + known > kMostNested) return too_deep(way.empty() ? name : way.front()), 0;
    if (done != nested_.end()) return known;
    way.push_back(name);
    Names names;
    applied(group, names);
    size_t below = 0;
    for (const auto& next : names) below = std::max(below, follow(next, way));
    way.pop_back();
    return nested_[name] = below + 1;
  }

  void too_deep(const std::string& outermost) {
    too_deep_ = true;
    problem_of_group(outermost, "groups nested too deeply");
  }

  void circle(const std::vector<std::string>& names) {
    std::string text = "circular reference: ";
    for (const auto& name : names) text += name + " -> ";
    problem_of_group(names.front(), text + names.front());
  }

  void problem_of_group(const std::string& name, std::string message) {
    path_ = {{groups_.holder()->statement, name}};
    problem(std::move(message));
    path_.clear();
  }

  Groups old_groups_, groups_;
  NodePtr root_;
  uint64_t lost_ = 0;
  Path path_;
  std::map<std::string, size_t> nested_;  ///< by group: what follow() said
  bool too_deep_ = false;
  Problems problems_;
};

}  // namespace

Problems check_groups(const NodePtr& before, const NodePtr& after) {
  return GroupCheck(before, after).run(before);
}

Problems check_range_names(const NodePtr& before, const NodePtr& after) {
  Problems problems;
  visit_differences(before, after, [&](const Path& path, const NodePtr&, const NodePtr& node) {
    if (!node || node->role != Node::Role::kEntry || !may_name_range(*node->statement, node->text))
      return;
    problems.push_back({grammar::path_word_list(Path(path.begin(), path.end() - 1)),
                        grammar::step_words(path.back()),
                        "interface-range '" + node->text + "' is not defined", false});
  });
  return problems;
}

}  // namespace nezu::configdb
