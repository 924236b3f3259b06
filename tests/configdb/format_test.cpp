// What is printed in any of the four forms, loaded into nothing, is the same configuration.
#include <gtest/gtest.h>

#include <random>

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

std::string repeated(const std::string& part, size_t times) {
  std::string all;
  all.reserve(part.size() * times);
  for (size_t i = 0; i < times; ++i) all += part;
  return all;
}

struct Hostile {
  const char* name;
  std::string text;
};

// None of these can be read to its end.
std::vector<Hostile> hostile_texts() {
  const std::string word(1 << 20, 'w');
  const std::string xml = "<configuration><system>", json = "{\"configuration\" : {\"system\" : {";
  return {
      {"100 MB", std::string(100 << 20, 'x')},
      {"braces 10,000 deep", repeated("system { ", 10'000)},
      {"elements 10,000 deep", xml + repeated("<system>", 10'000)},
      {"members 10,000 deep", json + repeated("\"a\" : {", 10'000)},
      {"arrays 10,000 deep", json + "\"a\" : " + repeated("[", 10'000)},
      {"a long word", "system { host-name " + word + "; }"},
      {"a long string", "system { host-name \"" + word + "\"; }"},
      {"a long tag", xml + "<" + word + ">"},
      {"a long JSON string", json + "\"host-name\" : \"" + word + "\"}}}"},
      {"an open brace", "system { host-name b;"},
      {"an open string", "system { host-name \"b; }"},
      {"an open comment", "system { host-name b; } /* and"},
      {"half a statement", "system { host-name b; } interfaces"},
      {"half a document", xml + "<host-name>b</host-name>"},
      {"half an element", xml + "<host-name>b</host-na"},
      {"half an object", json + "\"host-name\" : \"b\""},
      {"half a JSON string", json + "\"host-name\" : \"b"},
      {"crossed elements", "<configuration><system></configuration></system>"},
      {"an entity of its own", "<!DOCTYPE a [<!ENTITY b \"c\">]><configuration/>"},
      {"an unknown entity", xml + "<host-name>&b;</host-name></system></configuration>"},
      {"NUL in XML",
       xml + std::string("<host-name>\0</host-name>", 24) + "</system></configuration>"},
      {"NUL in JSON", json + std::string("\"host-name\" : \"\0\"", 17) + "}}}"},
      {"Latin-1 in XML", xml + "<host-name>\xe9</host-name></system></configuration>"},
      {"Latin-1 in JSON", json + "\"host-name\" : \"\xe9\"}}}"},
      {"two documents", "<configuration/><configuration/>"},
      {"two objects", "{\"configuration\" : {}} {}"},
      {"another document", "<html><body/></html>"},
      {"another object", "{\"a\" : 1}"},
      {"many errors", repeated("nonsense;\n", 5000)},
  };
}

TEST(Load, OfWhatCannotBeReadToItsEndChangesNothing) {
  const NodePtr before = sample::tree("system host-name a");
  for (const auto& [name, text] : hostile_texts())
    for (const LoadMode mode : {LoadMode::kMerge, LoadMode::kOverride, LoadMode::kUpdate}) {
      const auto result = load(before, {mode, grammar::TextForm::kAny, text, "terminal", {}});
      EXPECT_EQ(result.root, before) << name;
      EXPECT_GT(result.errors, 0u) << name;
      EXPECT_TRUE(result.text.ends_with("\nerror: nothing was loaded\n")) << name;
      EXPECT_LT(result.text.size(), 100'000u) << name;
    }
}

// The same as commands, as a patch and with `replace:`: what is no line of it is reported, and
// there is nothing else in it.
TEST(Load, OfHostileTextChangesNothingInAnyMode) {
  const NodePtr before = sample::tree("system host-name a");
  for (const auto& [name, text] : hostile_texts())
    for (const LoadMode mode : {LoadMode::kSet, LoadMode::kPatch, LoadMode::kReplace}) {
      const auto result = load(before, {mode, grammar::TextForm::kAny, text, "terminal", {}});
      EXPECT_TRUE(equal(result.root, before)) << name;
      EXPECT_GT(result.errors, 0u) << name;
      EXPECT_LT(result.text.size(), 100'000u) << name;
    }
}

TEST(Load, OfAnyBytesIsBounded) {
  const NodePtr before = sample::tree("system host-name a");
  std::mt19937 random(1);
  for (const char* const head : {"", "<", "{\"", "set ", "system {", "[edit]\n", "<configuration>"})
    for (int i = 0; i < 200; ++i) {
      std::string text = head;
      for (int byte = 0; byte < 300; ++byte) text += static_cast<char>(random());
      for (const LoadMode mode : {LoadMode::kMerge, LoadMode::kSet, LoadMode::kPatch}) {
        const auto result = load(before, {mode, grammar::TextForm::kAny, text, "terminal", {}});
        EXPECT_TRUE(equal(result.root, before)) << result.text;
      }
    }
}

TEST(Load, TakesLineEndsOfWindowsAndAByteOrderMark) {
  const NodePtr wanted =
      sample::tree("system host-name a\nsecurity ike proposal p dh-group group14");
  for (const Form form : kForms) {
    std::string foreign = "\xef\xbb\xbf";
    for (const char c : text(wanted, form)) foreign += c == '\n' ? "\r\n" : std::string(1, c);
    std::string messages;
    EXPECT_TRUE(equal(loaded(foreign, messages), wanted)) << foreign << messages;
    EXPECT_EQ(messages, "");
  }
}

TEST(Load, LeavesWhatIsProtected) {
  const NodePtr plain =
      sample::tree("system host-name a\ninterfaces et-0/0/0 unit 0\ninterfaces et-0/0/1 mtu 1400");
  const NodePtr before =
      mark(plain, sample::path("interfaces et-0/0/0"), Mark::kProtect, true).root;
  for (const LoadMode mode : {LoadMode::kOverride, LoadMode::kUpdate}) {
    const auto result =
        load(before, {mode, grammar::TextForm::kAny, "system { host-name b; }", "terminal", {}});
    EXPECT_EQ(set_text(result.root),
              "set system host-name b\nset interfaces et-0/0/0 unit 0\n"
              "protect interfaces et-0/0/0\n");
    EXPECT_EQ(result.text,
              "warning: [interfaces et-0/0/0] is protected, 'interfaces et-0/0/0' cannot be "
              "modified\nload complete\n");
  }
}

TEST(Load, UpdateSharesWhatIsEqual) {
  const NodePtr before = sample::tree(
      "system host-name a\ninterfaces et-0/0/0 unit 0\nsecurity ike proposal p dh-group group14");
  const std::string same = text(before, Form::kText);
  const auto result =
      load(before, {LoadMode::kUpdate, grammar::TextForm::kAny, same, "terminal", {}});
  EXPECT_EQ(result.root, before);
  EXPECT_EQ(result.text, "load complete\n");
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
