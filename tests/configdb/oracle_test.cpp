// libyang reads the modules that the router's schema is frozen from and judges the same
// configurations: valid ones around every statement that something is checked of, and each with one
// thing made wrong. Both must say the same.
#include <gtest/gtest.h>

#include <algorithm>

#include "configdb/condition.h"
#include "configdb/problems.h"
#include "configdb/text.h"
#include "configdb/validate.h"
#include "oracle.h"
#include "sample.h"
#include "tests/grammar/random_paths.h"

namespace nezu::configdb {
namespace {

using grammar::Condition;
using grammar::Kind;
using grammar::Must;
using grammar::RandomPaths;
using grammar::Statement;

std::vector<const Statement*> way_to(const Statement& statement) {
  std::vector<const Statement*> way;
  for (const Statement* at = &statement; at->parent; at = at->parent) way.push_back(at);
  std::reverse(way.begin(), way.end());
  return way;
}

bool takes_value(const Statement& statement) {
  return statement.type || statement.kind == Kind::kList;
}

/// Makes configurations that the router takes.
class Maker {
 public:
  explicit Maker(unsigned seed)
      : random_(sample::schema()->configuration(), seed), references_(*sample::schema()) {}

  RandomPaths& random() { return random_; }

  bool passes(const NodePtr& tree) const {
    return validate(references_, nothing_, tree).failure == Failure::kNone;
  }
  std::string problems(const NodePtr& tree) const {
    return render(validate(references_, nothing_, tree).problems);
  }

  /// A configuration that passes and has what `path` names, with all that this asks for; null if
  /// none was found.
  NodePtr with(const Path& path) {
    NodePtr tree = nothing_;
    for (int round = 0; round < 24; ++round) {
      if (round % 8 == 0) tree = nothing_;
      if (!find(tree, path)) tree = set(tree, filled(path)).root;
      tree = mended(tree);
      if (find(tree, path) && passes(tree)) return tree;
    }
    return nullptr;
  }

  std::optional<Path> path_to(const Statement& statement) {
    Path path;
    for (const Statement* at : way_to(statement)) {
      const auto value = takes_value(*at) ? whole_value(*at) : "";
      if (!value) return std::nullopt;
      path.push_back({at, *value});
    }
    return path;
  }

  /// `tree` changed so that the condition of what stands at `place` holds, or does not.
  NodePtr made(NodePtr tree, const Condition& condition, const Path& place, bool so) {
    switch (condition.kind) {
      case Condition::Kind::kNot:
        return made(tree, condition.parts.front(), place, !so);
      case Condition::Kind::kAll:
      case Condition::Kind::kAny:
        return made_of_parts(tree, condition, place, so);
      default:
        return so ? added(tree, condition, place) : removed(tree, condition, place);
    }
  }

 private:
  // A value; of several keys, all of them.
  std::optional<std::string> whole_value(const Statement& statement) {
    for (int tries = 0; tries < 100; ++tries) {
      auto value = random_.value(statement);
      const bool several = statement.keys.size() > 1;
      if (!several || !value) return value;
      const size_t blanks = static_cast<size_t>(std::count(value->begin(), value->end(), ' '));
      if (blanks + 1 == statement.keys.size()) return value;
    }
    return std::nullopt;
  }

  NodePtr made_of_parts(NodePtr tree, const Condition& condition, const Path& place, bool so) {
    const bool every = (condition.kind == Condition::Kind::kAll) == so;
    if (!every)
      return made(tree, condition.parts[random_.number(condition.parts.size())], place, so);
    for (const Condition& part : condition.parts) tree = made(tree, part, place, so);
    return tree;
  }

  static std::string text_of(const Condition::Value& value, const Path& place) {
    return std::string(value.text(place.back().value));
  }

  NodePtr added(const NodePtr& tree, const Condition& condition, const Path& place) {
    Path path(place.begin(), place.end() - static_cast<ptrdiff_t>(condition.up));
    for (const auto& step : condition.steps) {
      std::string value;
      if (step.one_entry)
        value = text_of(step.key, place);
      else if (&step == &condition.steps.back() && condition.kind == Condition::Kind::kEquals)
        value = text_of(condition.value, place);
      else if (takes_value(*step.statement))
        value = existing(tree, path, *step.statement);
      path.push_back({step.statement, value});
    }
    return set(tree, filled(std::move(path))).root;
  }

  // A container is there by what it holds.
  Path filled(Path path) {
    for (int tries = 0; tries < 20 && path.back().statement->kind == Kind::kContainer; ++tries) {
      const auto& children = path.back().statement->children;
      const Statement* child = children[random_.number(children.size())];
      if (child->inheritance != grammar::Inheritance::kNone) continue;
      const auto value = takes_value(*child) ? whole_value(*child) : "";
      if (value) path.push_back({child, *value});
    }
    return path;
  }

  // The first entry that is there, else any.
  std::string existing(const NodePtr& tree, Path path, const Statement& statement) {
    path.push_back({&statement, ""});
    std::string value = random_.value(statement).value_or("x");
    const NodePtr there = find(tree, path);
    if (there && there->role == Node::Role::kHolder)
      there->children.each([&](const NodePtr& entry) { value = entry->text; });
    return value;
  }

  NodePtr removed(NodePtr tree, const Condition& condition, const Path& place) {
    if (condition.steps.empty()) return tree;
    const Statement& end = *condition.steps.back().statement;
    for (int tries = 0; tries < 5 && holds(condition, tree, place); ++tries) {
      Path first;
      each_instance(tree, {}, end, [&](const Path& path, const NodePtr& node) {
        const bool wanted = condition.kind != Condition::Kind::kEquals ||
                            node->text == text_of(condition.value, place);
        if (wanted && first.empty()) first = path;
      });
      if (first.empty()) break;
      tree = remove(tree, first).root;
    }
    return tree;
  }

  // What stands in the tree gets what it lacks.
  NodePtr mended(NodePtr tree) {
    std::vector<std::pair<Path, NodePtr>> all;
    visit_differences(nothing_, tree, [&](const Path& path, const NodePtr&, const NodePtr& node) {
      all.emplace_back(path, node);
    });
    for (const auto& [path, node] : all) {
      for (const Statement* child : node->statement->children)
        if ((child->mandatory || child->least) && !child_of(*node, *child))
          tree = with_child_of(tree, path, *child);
      if (const auto target = references_.target_of(*node); target.list)
        tree = with_target(tree, target);
      for (const Must* must : node->statement->musts)
        if (find(tree, path) && !holds(must->condition(), tree, path))
          tree = made(tree, must->condition(), path, true);
    }
    return tree;
  }

  NodePtr with_child_of(const NodePtr& tree, Path path, const Statement& child) {
    const auto value = takes_value(child) ? random_.value(child) : "";
    path.push_back({&child, value.value_or("x")});
    return set(tree, path).root;
  }

  static NodePtr with_target(const NodePtr& tree, const References::Target& target) {
    Path path;
    for (const Statement* at : way_to(*target.list)) path.push_back({at, ""});
    path.back().value = target.key;
    return set(tree, path).root;
  }

  RandomPaths random_;
  References references_;
  NodePtr nothing_ = make_root(*sample::schema());
};

bool is_checked(const Statement& statement) {
  return !statement.musts.empty() || !statement.reference.empty() || statement.mandatory ||
         statement.least || statement.most || !statement.unique.empty() || statement.alternative;
}

void collect(const Statement& from, std::vector<const Statement*>& all) {
  // Neither is in an effective tree.
  if (from.groups || from.ranges_over || from.inheritance != grammar::Inheritance::kNone) return;
  if (from.parent) all.push_back(&from);
  for (const Statement* child : from.children) collect(*child, all);
}

class OracleTest : public testing::Test {
 protected:
  void compare(const NodePtr& tree, const std::string& what) {
    const bool ours = maker_.passes(tree);
    const std::string theirs = oracle_.refuse(tree);
    ++(ours ? taken_ : refused_);
    if (ours == theirs.empty()) return;
    ADD_FAILURE() << what << "\nlibyang: " << (theirs.empty() ? "takes it" : theirs)
                  << "\nours:    " << (ours ? "takes it" : maker_.problems(tree))
                  << set_text(tree).substr(0, 2000);
  }

  // The same with one thing wrong.
  void plant(const NodePtr& tree, const Path& path) {
    const Statement& statement = *path.back().statement;
    const std::string name = statement.path();
    if (statement.kind == Kind::kLeaf && maker_.random().chance(3)) wrong_value(tree, path);
    if (statement.mandatory) compare(remove(tree, path).root, "missing mandatory " + name);
    for (const Must* must : statement.musts) {
      const NodePtr broken = maker_.made(tree, must->condition(), path, false);
      if (find(broken, path)) compare(broken, "must of " + name + ": " + must->message);
    }
    if (!statement.reference.empty()) dangling(tree, path);
    if (statement.alternative) two_cases(tree, path);
    if (statement.most || statement.least) bounds(tree, path);
    for (const auto& leaves : statement.unique) doubles(tree, path, leaves);
  }

  void wrong_value(const NodePtr& tree, const Path& path) {
    static const std::vector<std::string> kBad = {
        "-7",    "4294967296", "no-such-word",  std::string(300, 'x'),
        "a/b c", "1.5",        "99999999999999"};
    const Statement& statement = *path.back().statement;
    const std::string& bad = kBad[maker_.random().number(kBad.size())];
    Path place = path;
    place.back().value = bad;
    const NodePtr wrong = graft(tree, place, freeze(make_statement(statement, bad)));
    const bool ours = !statement.type->refuse(bad) && maker_.passes(wrong);
    const std::string theirs = oracle_.refuse(wrong);
    ++(ours ? taken_ : refused_);
    // A syntax of the router's is any string to libyang.
    if (ours == theirs.empty() || (!ours && oracle_.reads_syntax(statement))) return;
    ADD_FAILURE() << statement.path() << " " << bad << "\nlibyang: " << theirs
                  << "\nours:    " << statement.type->refuse(bad).value_or("takes it");
  }

  void dangling(const NodePtr& tree, const Path& path) {
    std::istringstream words(path.back().statement->reference);
    Path target;
    const Statement* at = &sample::schema()->configuration();
    for (std::string word; words >> word;) target.push_back({at = at->child(word), ""});
    target.back().value = path.back().value;
    compare(remove(tree, target).root, "dangling " + path.back().statement->path());
  }

  // Every rival of the choice, and some of other choices around it, stands beside it although
  // setting it would have replaced it.
  void two_cases(const NodePtr& tree, const Path& path) {
    const Statement& statement = *path.back().statement;
    for (const Statement* rival : statement.parent->children) {
      const bool same = rival->alternative == statement.alternative;
      if (rival == &statement || !rival->alternative) continue;
      if (maker_.random().chance(same ? 2 : 4)) beside(tree, path, *rival);
    }
  }

  void beside(const NodePtr& tree, const Path& path, const Statement& rival) {
    const auto value = takes_value(rival) ? maker_.random().value(rival) : "";
    if (!value) return;
    const Path above(path.begin(), path.end() - 1);
    Path place = above;
    place.push_back({&rival, *value});
    const NodePtr made = set(tree, place).root;
    place.back().value.clear();
    const NodePtr parent = find(tree, above), child = find(made, place);
    if (!parent || !child) return;
    const NodePtr both = graft(tree, above, freeze(with_child(*parent, child)));
    compare(both, path.back().statement->path() + " beside " + rival.name);
  }

  // A second entry with the same leaves.
  void doubles(NodePtr tree, const Path& path, const grammar::Links<Statement>& leaves) {
    Path other = path;
    while (other.back().value == path.back().value)
      other.back().value = maker_.random().value(*path.back().statement).value_or("y");
    for (const Statement* leaf : leaves) {
      const auto value = maker_.random().value(*leaf).value_or("x");
      for (Path place : {path, other}) {
        place.push_back({leaf, value});
        tree = set(tree, place).root;
      }
    }
    compare(tree, "twice the same in " + path.back().statement->path());
  }

  void bounds(const NodePtr& tree, const Path& path) {
    NodePtr many = tree;
    Path place = path;
    const Statement& statement = *path.back().statement;
    const size_t most = std::min<size_t>(statement.most ? statement.most : statement.least, 40);
    for (size_t i = 0; i < most * 4 + 4; ++i) {
      const auto value = maker_.random().value(statement);
      if (!value) return;
      place.back().value = *value;
      many = set(many, place).root;
    }
    compare(many, "many of " + statement.path());
    place.back().value.clear();
    compare(remove(tree, place).root, "none of " + statement.path());
  }

  Maker maker_{7};
  Oracle oracle_;
  size_t taken_ = 0, refused_ = 0;
};

TEST(Modules, AreReadByLibyangWithoutComplaint) {
  EXPECT_EQ(complaints_of_modules(), "");
}

TEST_F(OracleTest, AgreesOnEveryStatementThatSomethingIsCheckedOf) {
  std::vector<const Statement*> all;
  collect(sample::schema()->configuration(), all);
  size_t tried = 0, none = 0;
  for (const Statement* statement : all) {
    if (!is_checked(*statement) && !maker_.random().chance(3)) continue;
    const auto path = maker_.path_to(*statement);
    if (!path) continue;
    ++tried;
    const NodePtr tree = maker_.with(*path);
    if (!tree) {
      std::cout << "no configuration passes with " << statement->path() << "\n";
      ++none;
      continue;
    }
    compare(tree, "valid " + statement->path());
    plant(tree, *path);
  }
  std::cout << tried << " statements, " << none << " without a configuration that passes; "
            << taken_ << " taken, " << refused_ << " refused\n";
  EXPECT_GT(taken_, 2000u);
  EXPECT_GT(refused_, 1000u);
  EXPECT_LT(none, tried / 200);
}

}  // namespace
}  // namespace nezu::configdb
