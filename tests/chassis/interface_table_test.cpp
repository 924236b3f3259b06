#include "chassis/interface_table.h"

#include <gtest/gtest.h>
#include <net/if.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <set>

namespace nezu::chassis {
namespace {

class InterfaceTableTest : public testing::Test {
 protected:
  InterfaceTableTest() : file_(testing::TempDir() + "interface-index-" + std::to_string(getpid())) {
    std::remove(file_.c_str());
  }
  ~InterfaceTableTest() override { std::remove(file_.c_str()); }

  std::string file_;
};

TEST(DeviceName, FitsTheKernel) {
  EXPECT_EQ(device_name("et-0/2/10.0", 70), "et-0_2_10.0");
  EXPECT_EQ(device_name("st0.1", 71), "st0.1");
  EXPECT_EQ(device_name("lo0.0", 71), "lo");
  EXPECT_EQ(device_name("et-0/0/0:3.0", 72), "et-0_0_0+3.0");
  EXPECT_EQ(device_name("et-0/2/10.16385", 73), "et-0_2_10.16385");
  EXPECT_EQ(device_name("et-10/2/10.16385", 74), "ifl74");
  EXPECT_EQ(device_name("st0.1073741823", 75), "st0.1073741823");
}

TEST(DeviceName, PhysicalPart) {
  EXPECT_EQ(physical_name("et-0/2/10.0"), "et-0/2/10");
  EXPECT_EQ(physical_name("st0"), "st0");
}

TEST_F(InterfaceTableTest, FindsByEachName) {
  InterfaceTable table(file_);
  const InterfaceName entry = table.add("et-0/2/10.0");
  EXPECT_EQ(entry.index, 70u);
  EXPECT_EQ(*table.find("et-0/2/10.0"), entry);
  EXPECT_EQ(*table.find(entry.index), entry);
  EXPECT_EQ(*table.find_device("et-0_2_10.0"), entry);
  EXPECT_FALSE(table.find("et-0/2/11.0"));
  EXPECT_FALSE(table.find(71u));
  EXPECT_FALSE(table.find_device("et-0_2_11.0"));
}

TEST_F(InterfaceTableTest, AnIndexStaysWithItsName) {
  uint32_t first = 0, second = 0;
  {
    InterfaceTable table(file_);
    first = table.add("st0.1").index;
    second = table.add("st0.2").index;
    table.remove("st0.1");
    EXPECT_FALSE(table.find("st0.1"));
    EXPECT_FALSE(table.find_device("st0.1"));
    EXPECT_EQ(table.add("st0.1").index, first);
  }
  InterfaceTable table(file_);
  EXPECT_TRUE(table.all().empty());
  EXPECT_EQ(table.add("lo0.0").index, second + 1);
  EXPECT_EQ(table.add("st0.2").index, second);
  EXPECT_EQ(table.add("st0.1").index, first);
}

TEST_F(InterfaceTableTest, SurvivesADamagedFile) {
  std::ofstream(file_) << "70 a.0\n70 b.0\n5 c.0\n99999999 d.0\n71 e.0\ngarbage\n72 f.0\n";
  InterfaceTable table(file_);
  EXPECT_EQ(table.add("a.0").index, 70u);
  EXPECT_EQ(table.add("e.0").index, 71u);
  std::set<uint32_t> indices;
  for (const char* name : {"a.0", "b.0", "c.0", "d.0", "e.0", "f.0"})
    EXPECT_TRUE(indices.insert(table.add(name).index).second) << name;
}

TEST_F(InterfaceTableTest, ATornLastLineDoesNotJoinTheNext) {
  std::ofstream(file_) << "70 et-0/0/0.0\nseventy-one\n72 lo0.0\n7";
  EXPECT_EQ(InterfaceTable(file_).add("st0.1").index, 73u);
  InterfaceTable table(file_);
  EXPECT_EQ(table.add("et-0/0/0.0").index, 70u);
  EXPECT_EQ(table.add("lo0.0").index, 72u);
  EXPECT_EQ(table.add("st0.1").index, 73u);
}

TEST_F(InterfaceTableTest, NumbersAreUsedAgainWhenTheyRunOut) {
  InterfaceTable table(file_);
  const uint32_t kept = table.add("kept.0").index;
  for (int i = 0; i < 70000; ++i) {
    const std::string name = "st0." + std::to_string(i);
    const uint32_t index = table.add(name).index;
    ASSERT_LE(index, 65535u);
    ASSERT_NE(index, kept);
    table.remove(name);
  }
  EXPECT_EQ(table.find("kept.0")->index, kept);
}

TEST_F(InterfaceTableTest, TellsItsWatchers) {
  InterfaceTable table(file_);
  std::string seen;
  table.watch([&](const InterfaceName& entry, bool added) {
    seen += (added ? "+" : "-") + entry.name;
    EXPECT_TRUE(table.find(entry.name));
  });
  table.add("st0.1");
  table.add("st0.1");
  table.remove("st0.1");
  table.remove("st0.1");
  EXPECT_EQ(seen, "+st0.1-st0.1");
}

}  // namespace
}  // namespace nezu::chassis
