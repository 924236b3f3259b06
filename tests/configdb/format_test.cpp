// What is printed in any of the four forms, loaded into nothing, is the same configuration.
#include <gtest/gtest.h>

#include "configdb/load.h"
#include "configdb/text.h"
#include "sample.h"
#include "tests/grammar/random_paths.h"

namespace nezu::configdb {
namespace {

using grammar::Kind;
using grammar::RandomPaths;
using grammar::Verb;

constexpr Form kForms[] = {Form::kText, Form::kSet, Form::kXml, Form::kJson};
constexpr const char* kNames[] = {"text", "set", "xml", "json"};

void random_mark(Loader& loader, RandomPaths& random, Path path, bool protect = true) {
  // Whatever is on the way may be marked as well.
  path.resize(random.number(path.size()) + 1);
  if (path.back().statement->kind == Kind::kLeaf) path.back().value.clear();
  if (random.chance(3)) loader.edit(Verb::kDeactivate, path, "");
  if (protect && random.chance(3)) loader.edit(Verb::kProtect, path, "");
  if (random.chance(3)) loader.edit(Verb::kAnnotate, path, random.text() + "*/ /* #");
}

NodePtr random_tree(RandomPaths& random, bool protect = true) {
  Loader loader(make_root(*sample::schema()), true, "random");
  for (int i = 0; i < 60; ++i) {
    const Path path = random.path();
    loader.edit(Verb::kSet, path, "");
    if (random.chance(4)) random_mark(loader, random, path, protect);
    if (random.chance(8)) loader.edit(Verb::kDelete, random.path(), "");
  }
  return loader.root();
}

NodePtr loaded(const std::string& text, std::string& messages) {
  Loader loader(make_root(*sample::schema()), false, "terminal");
  grammar::read_configuration(sample::schema()->configuration(), {}, text, loader);
  const NodePtr root = loader.root();
  messages = loader.messages();
  return root;
}

TEST(Forms, LoadBackToWhatWasPrinted) {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    RandomPaths random(sample::schema()->configuration(), seed);
    const NodePtr tree = random_tree(random);
    for (size_t form = 0; form < std::size(kForms); ++form) {
      const std::string printed = text(tree, kForms[form]);
      std::string messages;
      const NodePtr again = loaded(printed, messages);
      ASSERT_EQ(messages, "") << kNames[form] << " seed " << seed << "\n" << printed;
      for (size_t other = 0; other < std::size(kForms); ++other)
        ASSERT_EQ(text(again, kForms[other]), text(tree, kForms[other]))
            << kNames[form] << " as " << kNames[other] << ", seed " << seed << "\n"
            << printed;
      ASSERT_TRUE(equal(tree, again)) << kNames[form] << " seed " << seed << "\n" << printed;
    }
  }
}

NodePtr after_load(const NodePtr& candidate, LoadMode mode, const std::string& text,
                   std::string& messages) {
  LoadResult result = load(candidate, {mode, grammar::TextForm::kAny, text, "terminal", {}});
  messages = std::move(result.text);
  return result.root;
}

// Two configurations that have much in common.
std::pair<NodePtr, NodePtr> random_pair(RandomPaths& random) {
  const NodePtr before = random_tree(random, false);
  Loader loader(before, true, "random");
  for (int i = 0; i < 20; ++i) {
    const Path path = random.path();
    loader.edit(random.chance(2) ? Verb::kSet : Verb::kDelete, path, "");
    if (random.chance(4)) random_mark(loader, random, path, false);
  }
  const std::string text = set_text(before);
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
    lines.push_back(text.substr(at, text.find('\n', at) - at));
  std::string messages;
  std::string wanted;
  for (const auto& line : lines)
    if (random.chance(4) && line.starts_with("set ")) wanted += "delete" + line.substr(3) + "\n";
  return {before, after_load(loader.root(), LoadMode::kSet, wanted, messages)};
}

TEST(Patch, TurnsOneConfigurationIntoTheOther) {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    RandomPaths random(sample::schema()->configuration(), seed);
    const auto [before, after] = random_pair(random);
    const std::string patch = compare(before, after);
    std::string messages;
    const NodePtr patched = after_load(before, LoadMode::kPatch, patch, messages);
    ASSERT_EQ(messages, "load complete\n") << "seed " << seed << "\n" << patch;
    ASSERT_EQ(compare(patched, after), "") << "seed " << seed << "\n" << patch;
    ASSERT_EQ(set_text(patched), set_text(after)) << "seed " << seed << "\n" << patch;
  }
}

}  // namespace
}  // namespace nezu::configdb
