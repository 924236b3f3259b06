// What services are told of a commit.
#include <gtest/gtest.h>

#include "configdb/service.h"
#include "sample.h"

namespace nezu::configdb {
namespace {

using namespace sample;

std::string told(const NodePtr& before, const NodePtr& after, const std::string& path) {
  std::string text;
  for (const Change& change : Delta(1, view(before), view(after)).changes(path)) {
    const char* sign = !change.before ? "+" : !change.after ? "-" : "~";
    text += sign + std::string(change.either().key()) + " ";
  }
  return text;
}

TEST(Delta, GivesTheEntriesOfAListThatDiffer) {
  const NodePtr before = tree(
      "interfaces et-0/0/0 unit 0\ninterfaces et-0/0/1 unit 0\ninterfaces et-0/0/2 unit 0\n"
      "system host-name a");
  NodePtr after = without(before, "interfaces et-0/0/1");
  after = with(after, "interfaces et-0/0/2 unit 0 family inet");
  after = with(after, "interfaces et-0/0/10 unit 0");
  EXPECT_EQ(told(before, after, "interfaces interface"), "-et-0/0/1 ~et-0/0/2 +et-0/0/10 ");
  EXPECT_EQ(told(before, after, "interfaces interface unit"), "-0 ~0 +0 ");
  EXPECT_EQ(told(before, after, "interfaces"), "~ ");
  EXPECT_EQ(told(before, after, "system"), "");
  EXPECT_EQ(told(before, after, "no such path"), "");
  EXPECT_TRUE(Delta(1, view(before), view(after)).touches("interfaces"));
}

TEST(Delta, IsSilentAboutEqualContent) {
  const NodePtr before = tree("interfaces et-0/0/0 unit 0\ninterfaces et-0/0/1 unit 0");
  const NodePtr again = with(without(before, "interfaces et-0/0/0"), "interfaces et-0/0/0 unit 0");
  EXPECT_NE(before, again);
  EXPECT_EQ(told(before, again, "interfaces interface"), "");
  const NodePtr typed_anew = tree("interfaces et-0/0/1 unit 0\ninterfaces et-0/0/0 unit 0");
  EXPECT_EQ(told(before, typed_anew, "interfaces"), "");
}

TEST(Delta, FromNothingIsEverything) {
  const NodePtr after = tree("interfaces et-0/0/0 unit 0\nsystem host-name a");
  const Delta boot(1, View(), view(after));
  EXPECT_FALSE(boot.before());
  EXPECT_EQ(boot.changes("interfaces interface").size(), 1u);
  EXPECT_EQ(boot.changes("system").size(), 1u);
  EXPECT_EQ(boot.changes("security").size(), 0u);
  EXPECT_EQ(boot.changes("").size(), 1u);
}

TEST(Delta, TellsOrderToTheClaimAboveTheList) {
  const NodePtr before = tree(
      "security ike policy p proposals a\nsecurity ike policy p proposals b\n"
      "security ike policy q mode main\nsecurity ike policy r mode main");
  const NodePtr values = insert(before, path("security ike policy p proposals b"), true, "a").root;
  EXPECT_EQ(told(before, values, "security ike policy"), "~p ");
  const NodePtr entries = insert(before, path("security ike policy r"), true, "p").root;
  EXPECT_EQ(told(before, entries, "security ike policy"), "");
  EXPECT_EQ(told(before, entries, "security ike"), "~ ");
}

}  // namespace
}  // namespace nezu::configdb
