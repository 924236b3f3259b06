// The configurations of the acceptance labs: every statement is in the schema, prints back the same
// and passes what the schema alone can check.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "configdb/load.h"
#include "configdb/problems.h"
#include "configdb/text.h"
#include "configdb/validate.h"
#include "sample.h"

namespace nezu::configdb {
namespace {

using grammar::TextForm;

std::vector<std::filesystem::path> configurations() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry :
       std::filesystem::directory_iterator(NEZU_SOURCE_DIR "/tests/golden/configurations"))
    found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

std::string contents(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// The statements that nothing acts on, without those inside of them.
void collect_not_modelled(const NodePtr& node, std::set<const grammar::Statement*>& found) {
  if (node->statement->not_modelled && node->statement->parent) {
    found.insert(node->statement);
    return;
  }
  node->children.each([&](const NodePtr& child) { collect_not_modelled(child, found); });
}

class GoldenConfiguration : public testing::TestWithParam<std::filesystem::path> {
 protected:
  NodePtr load_text(const std::string& text, LoadMode mode) {
    const LoadResult result =
        load(make_root(*sample::schema()), {mode, TextForm::kAny, text, "terminal", {}});
    EXPECT_EQ(result.text, "load complete\n");
    return result.root;
  }
};

TEST_P(GoldenConfiguration, IsReadWholeAndPrintsBack) {
  const NodePtr tree = load_text(contents(GetParam()), LoadMode::kSet);
  EXPECT_FALSE(tree->children.empty());
  const std::string set = set_text(tree);
  EXPECT_EQ(set_text(load_text(curly_text(tree), LoadMode::kOverride)), set);
}

TEST_P(GoldenConfiguration, PassesWithOneWarningForEachThingThatIsNotModelled) {
  const NodePtr tree = load_text(contents(GetParam()), LoadMode::kSet);
  const NodePtr nothing = make_root(*sample::schema());
  const Findings findings = validate(References(*sample::schema()), nothing, tree);
  EXPECT_EQ(findings.failure, Failure::kNone) << render(findings.problems);
  std::set<const grammar::Statement*> wanted;
  collect_not_modelled(tree, wanted);
  EXPECT_EQ(findings.problems.size(), wanted.size()) << render(findings.problems);
  std::set<std::string> seen;
  for (const Problem& problem : findings.problems) {
    EXPECT_TRUE(problem.warning) << render({problem});
    EXPECT_TRUE(seen.insert(render({problem})).second) << render({problem});
  }
}

INSTANTIATE_TEST_SUITE_P(Labs, GoldenConfiguration, testing::ValuesIn(configurations()),
                         [](const auto& file) {
                           std::string name = file.param.stem();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace nezu::configdb
