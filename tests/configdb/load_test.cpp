// What `load` takes and refuses, beyond the four forms: patches, verbs of set text, how much wrong
// is too much.
#include "configdb/load.h"

#include <gtest/gtest.h>

#include "configdb/text.h"
#include "sample.h"

namespace nezu::configdb {
namespace {

using namespace sample;

LoadResult loaded(const NodePtr& candidate, LoadMode mode, const std::string& text,
                  const std::string& level = {}) {
  return load(candidate, {mode, grammar::TextForm::kAny, text, "terminal", path(level)});
}

std::string repeated(const std::string& part, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += part;
  return all;
}

TEST(LoadPatch, NeedsAHeaderBeforeItsLines) {
  const NodePtr before = tree("security ike proposal a dh-group group14");
  // A header at the end is none for the lines before it, whichever time they are read.
  for (const char* line : {" proposal a { ... }\n", "+  host-name r;\n", "-  host-name r;\n",
                           "! inactive: proposal a { ... }\n"}) {
    const auto result =
        loaded(before, LoadMode::kPatch, std::string(line) + "[edit security ike]\n");
    EXPECT_EQ(result.text,
              "terminal:1:(0) syntax error, expecting '[edit'\nload complete (1 errors)\n")
        << line;
    EXPECT_EQ(result.root, before) << line;
  }
}

TEST(LoadPatch, OfARefusedHeaderSaysSoOnce) {
  const auto result =
      loaded(make_root(*schema()), LoadMode::kPatch, "[edit nonsense]\n+  a;\n b { ... }\n");
  EXPECT_EQ(result.errors, 1u) << result.text;
}

// A thousand errors change nothing, in any form.
TEST(Load, GivesUpOnTextThatIsAllWrong) {
  const NodePtr before = tree("system host-name a");
  const std::string good = "<configuration><system><host-name>b</host-name></system>";
  struct Case {
    LoadMode mode;
    std::string text;
  };
  const Case cases[] = {
      {LoadMode::kSet, "set system host-name b\n" + repeated("set nonsense\n", 5000)},
      {LoadMode::kMerge, "set system host-name b\n" + repeated("set nonsense\n", 5000)},
      {LoadMode::kMerge, "system { host-name b; }\n" + repeated("nonsense;\n", 5000)},
      {LoadMode::kMerge, good + repeated("<nonsense/>", 5000) + "</configuration>"},
      {LoadMode::kMerge, "{\"configuration\" : {\"system\" : {\"host-name\" : \"b\"}" +
                             repeated(", \"nonsense\" : 1", 5000) + "}}"},
      {LoadMode::kPatch, "[edit system]\n+  host-name b;\n" + repeated("[edit nonsense]\n", 5000)},
  };
  for (const Case& each : cases) {
    const auto result = loaded(before, each.mode, each.text);
    EXPECT_EQ(result.root, before) << each.text.substr(0, 40);
    EXPECT_TRUE(result.text.ends_with("\nerror: nothing was loaded\n"))
        << result.text.substr(0, 90);
    EXPECT_LT(result.errors, 1100u);
    EXPECT_LT(result.text.size(), 30'000u);
  }
}

TEST(Load, NamesWhatIsProtectedWithoutItsSecret) {
  NodePtr before =
      tree("security ike policy p pre-shared-key ascii-text hush-hush\nsystem host-name a");
  before = mark(before, path("security ike policy p pre-shared-key ascii-text hush-hush"),
                Mark::kProtect, true)
               .root;
  const auto result = loaded(before, LoadMode::kOverride, "system { host-name b; }");
  EXPECT_EQ(result.text.find("hush"), std::string::npos) << result.text;
  EXPECT_NE(
      result.text.find("'security ike policy p pre-shared-key ascii-text' cannot be modified"),
      std::string::npos)
      << result.text;
}

}  // namespace
}  // namespace nezu::configdb
