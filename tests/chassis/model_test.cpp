#include "chassis/model.h"

#include <gtest/gtest.h>

namespace nezu::chassis {
namespace {

TEST(Model, IsFoundByName) {
  ASSERT_TRUE(find_model("mx304"));
  EXPECT_EQ(find_model("mx304")->description, "JNP304 [MX304]");
  EXPECT_FALSE(find_model("mx960"));
}

struct PortRow {
  uint32_t port;
  uint32_t slice;
  uint32_t group;
  uint32_t ipsec;
};

TEST(Model, Mx304PortsHangOnTheirSlices) {
  const ChassisModel& model = *find_model("mx304");
  ASSERT_EQ(model.fpcs.size(), 1u);
  ASSERT_EQ(model.fpcs[0].pics.size(), 3u);
  for (const PicModel& pic : model.fpcs[0].pics) {
    EXPECT_EQ(pic.ports, 16u);
    EXPECT_EQ(pic.slices, 2u);
    EXPECT_EQ(pic.service_interfaces, 4u);
    for (const PortRow& row : {PortRow{0, 0, 0, 300},
                               {3, 0, 0, 300},
                               {4, 0, 1, 0},
                               {7, 0, 1, 0},
                               {8, 1, 0, 300},
                               {10, 1, 0, 300},
                               {12, 1, 1, 0},
                               {15, 1, 1, 0}}) {
      const PortGroup* group = pic.group(row.port);
      ASSERT_TRUE(group) << row.port;
      EXPECT_EQ(group->slice, row.slice) << row.port;
      EXPECT_EQ(group->number, row.group) << row.port;
      EXPECT_EQ(group->ipsec_gigabits, row.ipsec) << row.port;
      EXPECT_EQ(group->gigabits, 400u);
    }
    EXPECT_FALSE(pic.group(16));
  }
}

TEST(Model, EveryPortIsInOneGroup) {
  for (const PicModel& pic : find_model("mx304")->fpcs[0].pics)
    for (uint32_t port = 0; port < pic.ports; ++port) {
      int groups = 0;
      for (const PortGroup& group : pic.groups)
        groups += port >= group.first_port && port <= group.last_port;
      EXPECT_EQ(groups, 1) << port;
    }
}

TEST(PortName, ReadsWhatItWrites) {
  const auto name = PortName::parse("et-0/2/10");
  ASSERT_TRUE(name);
  EXPECT_EQ(*name, (PortName{"et", 0, 2, 10}));
  EXPECT_EQ(name->text(), "et-0/2/10");
  EXPECT_EQ(PortName::parse("si-1/0/3")->media, "si");
}

TEST(PortName, RefusesOtherForms) {
  for (const char* text :
       {"", "st0", "lo0", "et-", "et-0", "et-0/0", "et-0/0/", "et-0/0/0.0", "et-0/0/0:1", "-0/0/0",
        "et-00/0/0", "et-0/01/0", "et-0/0/-1", "et-+0/0/0", "et-0/0/1000",
        "et-0/0/99999999999999999999", "et-0/0/0 ", "et0/0/0", "et-a/0/0"})
    EXPECT_FALSE(PortName::parse(text)) << text;
}

}  // namespace
}  // namespace nezu::chassis
