// `show | compare | display xml`: what it says is what changed, and can be loaded.
#include "configdb/compare_xml.h"

#include <gtest/gtest.h>

#include <random>

#include "configdb/load.h"
#include "configdb/text.h"
#include "sample.h"

namespace nezu::configdb {
namespace {
using grammar::Verb;

std::string compared(const NodePtr& before, const NodePtr& after, const Path& path = {}) {
  std::string text;
  compare_xml(before, after, path, 0, [&](std::string_view part) { text += part; });
  return text;
}

NodePtr merged(const NodePtr& before, const std::string& xml, std::string& messages) {
  const auto result =
      load(before, {LoadMode::kMerge, grammar::TextForm::kXml, xml, "terminal", {}});
  messages = result.text;
  return result.root;
}

// Statements of all kinds. Names that are patterns too would be taken for such by a load.
constexpr const char* kPool[] = {
    "system host-name a",
    "system host-name b",
    "interfaces et-0/0/0 mtu 1400",
    "interfaces et-0/0/0 mtu 1500",
    "interfaces et-0/0/0 unit 0 disable",
    "interfaces et-0/0/0 unit 0 family inet address 10.0.0.1/24",
    "interfaces et-0/0/0 unit 0 family inet address 10.0.0.2/24",
    "interfaces et-0/0/0 unit 1",
    "interfaces et-0/0/1 disable",
    "security ike proposal p dh-group group14",
    "security ike proposal q dh-group group19",
    "security ike policy p proposals a",
    "security ike policy p proposals b",
    "security ike policy p proposals c",
    "security ike policy p proposals d",
    "security ike policy p mode main",
    "security ike policy p mode aggressive",
    "routing-options static route 10.0.0.0/8 discard",
    "routing-options static route 10.0.0.0/8 reject",
    "routing-options static route 10.1.0.0/16 next-hop 10.0.0.9",
    "routing-options static route 10.1.0.0/16 next-hop 10.0.0.8",
    "policy-options prefix-list l 10.0.0.0/8",
    "policy-options policy-statement s term one then accept",
    "policy-options policy-statement s term two then reject",
    "policy-options policy-statement s term three from protocol bgp",
    "apply-groups g",
    "apply-groups h",
};

// In an order of its own, with something deleted again and marks here and there.
NodePtr random_tree(std::mt19937& random, const NodePtr& from) {
  const auto any = [&] { return sample::path(kPool[random() % std::size(kPool)]); };
  Loader loader(from, true, "random");
  for (unsigned i = 0; i < 5 + random() % 25; ++i) {
    Path path = any();
    loader.edit(Verb::kSet, path, "");
    if (random() % 3 == 0) loader.edit(Verb::kDelete, any(), "");
    if (random() % 4) continue;
    path.resize(random() % path.size() + 1);
    // One that is emptied goes, with its mark, before it is filled again.
    if (path.back().statement->kind == grammar::Kind::kContainer) continue;
    if (path.back().statement->kind == grammar::Kind::kLeaf) path.back().value.clear();
    loader.edit(random() % 2 ? Verb::kDeactivate : Verb::kActivate, path, "");
  }
  return loader.root();
}

TEST(CompareXml, LoadsToWhatItWasMadeOf) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const NodePtr nothing = make_root(*sample::schema());
    const NodePtr before = random_tree(random, nothing);
    const NodePtr after = random_tree(random, round % 3 ? before : nothing);
    const std::string xml = compared(before, after);
    std::string messages;
    const NodePtr again = xml.empty() ? before : merged(before, xml, messages);
    ASSERT_EQ(set_text(again), set_text(after)) << "of\n" << set_text(before) << "by\n" << xml;
    ASSERT_EQ(messages, xml.empty() ? "" : "load complete\n") << xml;
  }
}

TEST(CompareXml, SaysNothingOfWhatIsTheSame) {
  const NodePtr tree = sample::tree("system host-name a");
  EXPECT_EQ(compared(tree, tree), "");
  EXPECT_EQ(compared(tree, sample::tree("system host-name a")), "");
}

TEST(CompareXml, NamesOperations) {
  const NodePtr before = sample::tree("system host-name a\ninterfaces et-0/0/0 unit 0");
  const NodePtr after = sample::tree("system host-name b\ninterfaces et-0/0/0 unit 1 disable");
  EXPECT_EQ(compared(before, after),
            "<configuration>\n"
            "    <system>\n"
            "        <host-name nc:operation=\"delete\"/>\n"
            "        <host-name nc:operation=\"create\">b</host-name>\n"
            "    </system>\n"
            "    <interfaces>\n"
            "        <interface>\n"
            "            <name>et-0/0/0</name>\n"
            "            <unit nc:operation=\"delete\">\n"
            "                <name>0</name>\n"
            "            </unit>\n"
            "            <unit nc:operation=\"create\">\n"
            "                <name>1</name>\n"
            "                <disable/>\n"
            "            </unit>\n"
            "        </interface>\n"
            "    </interfaces>\n"
            "</configuration>\n");
}

TEST(CompareXml, NamesMarksAndComments) {
  const NodePtr plain = sample::tree("interfaces et-0/0/0 mtu 1400");
  const NodePtr off = mark(plain, sample::path("interfaces et-0/0/0"), Mark::kInactive, true).root;
  const std::string head = "<configuration>\n    <interfaces>\n        <interface ";
  const std::string tail =
      ">\n            <name>et-0/0/0</name>\n        </interface>\n    </interfaces>\n"
      "</configuration>\n";
  EXPECT_EQ(compared(plain, off), head + "inactive=\"inactive\"" + tail);
  EXPECT_EQ(compared(off, plain), head + "active=\"active\"" + tail);
  const NodePtr said = annotate(plain, sample::path("interfaces et-0/0/0"), "why").root;
  EXPECT_NE(compared(plain, said)
                .find("        <junos:comment nc:operation=\"create\">/* why */"
                      "</junos:comment>\n        <interface>\n"),
            std::string::npos);
}

TEST(CompareXml, NamesPlaces) {
  const std::string proposals = "security ike policy p proposals ";
  const NodePtr before = sample::tree(proposals + "a\n" + proposals + "b");
  const NodePtr after = sample::tree(proposals + "b\n" + proposals + "c\n" + proposals + "a");
  const std::string xml = compared(before, after);
  EXPECT_NE(xml.find("<proposals nc:operation=\"create\" yang:insert=\"after\" "
                     "yang:value=\"b\">c</proposals>\n"),
            std::string::npos)
      << xml;
  std::string messages;
  EXPECT_EQ(set_text(merged(before, xml, messages)), set_text(after)) << xml << messages;
}

}  // namespace
}  // namespace nezu::configdb
