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

void random_mark(Loader& loader, RandomPaths& random, Path path) {
  // Whatever is on the way may be marked as well.
  path.resize(random.number(path.size()) + 1);
  if (path.back().statement->kind == Kind::kLeaf) path.back().value.clear();
  if (random.chance(3)) loader.edit(Verb::kDeactivate, path, "");
  if (random.chance(3)) loader.edit(Verb::kProtect, path, "");
  if (random.chance(3)) loader.edit(Verb::kAnnotate, path, random.text() + "*/ /* #");
}

NodePtr random_tree(RandomPaths& random) {
  Loader loader(make_root(*sample::schema()), true, "random");
  for (int i = 0; i < 60; ++i) {
    const Path path = random.path();
    loader.edit(Verb::kSet, path, "");
    if (random.chance(4)) random_mark(loader, random, path);
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

}  // namespace
}  // namespace nezu::configdb
