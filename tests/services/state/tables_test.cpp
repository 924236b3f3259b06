#include "services/state/tables.h"

#include <gtest/gtest.h>

namespace nezu::state {
namespace {

channel::Row row(const std::string& key, bool up) {
  channel::Row row;
  row.set_key(key);
  row.mutable_tunnel()->set_interface(key);
  row.mutable_tunnel()->set_up(up);
  return row;
}

channel::Table table(std::vector<channel::Row> rows, bool whole = false) {
  channel::Table table;
  table.set_name("tunnel");
  table.set_whole(whole);
  for (auto& each : rows) *table.add_row() = each;
  return table;
}

class TablesTest : public testing::Test {
 protected:
  void subscribe() {
    tables_.subscribe(this, "tunnel", [this](const channel::Table& t) { told_.push_back(t); });
  }
  Tables tables_;
  std::vector<channel::Table> told_;
};

TEST_F(TablesTest, ATableIsCompleteOnceItWasNamedAsAWhole) {
  EXPECT_FALSE(tables_.complete("tunnel"));
  tables_.publish("iked", table({row("st0.1", true)}));
  EXPECT_FALSE(tables_.complete("tunnel"));
  subscribe();
  tables_.publish("iked", table({row("st0.1", true)}, true));
  EXPECT_TRUE(tables_.complete("tunnel"));
  ASSERT_EQ(told_.size(), 2u) << "no row is new, but what is missing means something now";
  tables_.publish("iked", table({row("st0.1", true)}, true));
  EXPECT_EQ(told_.size(), 2u);
}

TEST_F(TablesTest, SubscriberGetsTheWholeThenChanges) {
  tables_.publish("iked", table({row("st0.1", true), row("st0.2", false)}));
  subscribe();
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_TRUE(told_[0].whole());
  EXPECT_EQ(told_[0].row_size(), 2);
  tables_.publish("iked", table({row("st0.1", true), row("st0.2", true)}));
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_FALSE(told_[1].whole());
  ASSERT_EQ(told_[1].row_size(), 1) << "only what differs";
  EXPECT_EQ(told_[1].row(0).key(), "st0.2");
  EXPECT_EQ(told_[1].version(), told_[0].version() + 1);
}

TEST_F(TablesTest, WholeRemovesWhatItDoesNotName) {
  tables_.publish("iked", table({row("st0.1", true), row("st0.2", true)}));
  subscribe();
  tables_.publish("iked", table({row("st0.2", true)}, true));
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(told_[1].row_size(), 0);
  ASSERT_EQ(told_[1].removed_size(), 1);
  EXPECT_EQ(told_[1].removed(0), "st0.1");
  EXPECT_EQ(tables_.find("tunnel", "st0.1"), nullptr);
  EXPECT_NE(tables_.find("tunnel", "st0.2"), nullptr);
}

TEST_F(TablesTest, WhatIsNoNewsIsNotTold) {
  tables_.publish("iked", table({row("st0.1", true)}, true));
  subscribe();
  tables_.publish("iked", table({row("st0.1", true)}, true));
  EXPECT_EQ(told_.size(), 1u);
  EXPECT_EQ(tables_.version("tunnel"), 1u);
}

TEST_F(TablesTest, SecondWriterIsRefused) {
  EXPECT_TRUE(tables_.publish("iked", table({row("st0.1", true)})));
  EXPECT_FALSE(tables_.publish("routing", table({row("st0.1", false)})));
  EXPECT_TRUE(tables_.find("tunnel", "st0.1")->tunnel().up());
}

TEST_F(TablesTest, RemovingAndSettingOneKeySetsIt) {
  tables_.publish("iked", table({row("st0.1", true)}));
  auto change = table({row("st0.1", false)});
  change.add_removed("st0.1");
  tables_.publish("iked", change);
  ASSERT_NE(tables_.find("tunnel", "st0.1"), nullptr);
  EXPECT_FALSE(tables_.find("tunnel", "st0.1")->tunnel().up());
}

TEST_F(TablesTest, ListenerMayUnsubscribeWhileTold) {
  int calls = 0;
  tables_.subscribe(this, "tunnel", [&](const channel::Table&) {
    if (++calls == 2) tables_.unsubscribe(this);
  });
  tables_.publish("iked", table({row("st0.1", true)}));
  tables_.publish("iked", table({row("st0.1", false)}));
  EXPECT_EQ(calls, 2);
}

TEST_F(TablesTest, TablesAreBounded) {
  for (int i = 0; i < 100; ++i) {
    auto change = table({});
    change.set_name(std::to_string(i));
    EXPECT_EQ(tables_.publish("x", change), i < int(Tables::kMaxTables)) << i;
  }
}

}  // namespace
}  // namespace nezu::state
