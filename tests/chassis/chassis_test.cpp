#include "chassis/chassis.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "pfe-model/api.pb.h"

namespace nezu::chassis {
namespace {
namespace api = pfe::api;

// Knows which PFEs the plane thinks are online.
class Sink final : public ForwardingSink {
 public:
  void send(const api::Request& request, int) override {
    if (request.has_pfe()) online[request.pfe().id()] = request.pfe().online();
    syncs += request.has_end_of_sync();
  }
  std::map<uint32_t, bool> online;
  int syncs = 0;
};

class ChassisTest : public testing::Test {
 protected:
  ChassisTest() {
    forwarding_.set_sink(&sink_);
    chassis_.emplace(*find_model("mx304"), forwarding_);
    chassis_->watch([this] { ++changes_; });
  }

  Sink sink_;
  Forwarding forwarding_;
  std::optional<Chassis> chassis_;
  int changes_ = 0;
};

TEST_F(ChassisTest, HasSixPfes) {
  EXPECT_EQ(sink_.online.size(), 6u);
  for (const auto& [id, online] : sink_.online) EXPECT_TRUE(online) << id;
  EXPECT_EQ(chassis_->pfe_of({"et", 0, 0, 0}), 0u);
  EXPECT_EQ(chassis_->pfe_of({"et", 0, 0, 8}), 1u);
  EXPECT_EQ(chassis_->pfe_of({"et", 0, 1, 7}), 2u);
  EXPECT_EQ(chassis_->pfe_of({"et", 0, 2, 10}), 5u);
}

TEST_F(ChassisTest, KnowsItsPorts) {
  EXPECT_EQ(chassis_->ports().size(), 48u);
  EXPECT_TRUE(chassis_->port({"et", 0, 2, 15}));
  EXPECT_FALSE(chassis_->port({"et", 0, 2, 16}));
  EXPECT_FALSE(chassis_->port({"et", 0, 3, 0}));
  EXPECT_FALSE(chassis_->port({"et", 1, 0, 0}));
  EXPECT_FALSE(chassis_->port({"ge", 0, 0, 0}));
  std::set<uint32_t> ids;
  for (const PortName& port : chassis_->ports()) ids.insert(Chassis::port_id(port));
  EXPECT_EQ(ids.size(), 48u);
}

TEST_F(ChassisTest, ServiceInterfacesComeAndGo) {
  EXPECT_TRUE(chassis_->anchors().empty());
  chassis_->set_pic(0, 0, {true, 0, 0, {}, {}});
  EXPECT_EQ(changes_, 1);
  chassis_->set_pic(0, 0, {true, 0, 0, {}, {}});
  EXPECT_EQ(changes_, 1);
  const auto anchors = chassis_->anchors();
  ASSERT_EQ(anchors.size(), 4u);
  EXPECT_EQ(anchors[0].name, "si-0/0/0");
  EXPECT_EQ(anchors[0].pfe, 1u);
  EXPECT_EQ(anchors[1].pfe, 0u);
  EXPECT_EQ(anchors[2].pfe, 1u);
  EXPECT_EQ(anchors[3].pfe, 0u);
  EXPECT_TRUE(chassis_->has_service_interface({"si", 0, 0, 3}));
  EXPECT_FALSE(chassis_->has_service_interface({"si", 0, 0, 4}));
  EXPECT_FALSE(chassis_->has_service_interface({"si", 0, 1, 0}));
  chassis_->set_pic(0, 0, {});
  EXPECT_TRUE(chassis_->anchors().empty());
}

// The published example: three engines see a packet.
TEST_F(ChassisTest, TheLabCrossesThreePfes) {
  chassis_->set_pic(0, 0, {true, 0, 0, {}, {}});
  const std::set<uint32_t> pfes = {chassis_->pfe_of({"et", 0, 0, 0}), chassis_->anchors()[0].pfe,
                                   chassis_->pfe_of({"et", 0, 2, 10})};
  EXPECT_EQ(pfes.size(), 3u);
}

TEST_F(ChassisTest, OfflineStopsItsPfesAndOnlineSendsEverything) {
  EXPECT_FALSE(chassis_->bring_online(0));
  EXPECT_TRUE(chassis_->take_offline(0));
  EXPECT_FALSE(chassis_->take_offline(0));
  for (const auto& [id, online] : sink_.online) EXPECT_FALSE(online) << id;
  EXPECT_FALSE(chassis_->online({"et", 0, 0, 0}));
  ASSERT_EQ(chassis_->alarms().size(), 1u);
  EXPECT_EQ(chassis_->alarms().begin()->second.description, "FPC 0 offline");
  EXPECT_EQ(sink_.syncs, 0);
  EXPECT_TRUE(chassis_->bring_online(0));
  for (const auto& [id, online] : sink_.online) EXPECT_TRUE(online) << id;
  EXPECT_TRUE(chassis_->alarms().empty());
  EXPECT_EQ(sink_.syncs, 1);
}

TEST_F(ChassisTest, ARestartingFpcIsNotOnline) {
  chassis_->start(0);
  EXPECT_EQ(chassis_->fpc_state(0), SlotState::kStarting);
  EXPECT_FALSE(sink_.online[0]);
  EXPECT_TRUE(chassis_->bring_online(0));
}

TEST_F(ChassisTest, APicGoesAndComesByItself) {
  chassis_->set_pic(0, 1, {true, 0, 0, {}, {}});
  ASSERT_TRUE(chassis_->take_pic_offline(0, 1));
  EXPECT_FALSE(chassis_->take_pic_offline(0, 1)) << "it is so already";
  EXPECT_FALSE(chassis_->take_pic_offline(0, 7)) << "there is none";
  EXPECT_EQ(chassis_->pic_state(0, 1), SlotState::kOffline);
  EXPECT_EQ(chassis_->pic_state(0, 0), SlotState::kOnline);
  EXPECT_FALSE(chassis_->online({"et", 0, 1, 0}));
  EXPECT_TRUE(chassis_->online({"et", 0, 2, 0}));
  EXPECT_TRUE(sink_.online[0] && sink_.online[1] && sink_.online[4] && sink_.online[5]);
  EXPECT_FALSE(sink_.online[2] || sink_.online[3]);
  for (const Anchor& anchor : chassis_->anchors()) EXPECT_FALSE(anchor.online) << anchor.name;
  ASSERT_TRUE(chassis_->alarms().contains("fpc0 pic1"));
  EXPECT_EQ(chassis_->alarms().at("fpc0 pic1").description, "FPC 0 PIC 1 offline");
  ASSERT_TRUE(chassis_->bring_pic_online(0, 1));
  EXPECT_FALSE(chassis_->bring_pic_online(0, 1));
  EXPECT_TRUE(sink_.online[2] && sink_.online[3]);
  EXPECT_TRUE(chassis_->alarms().empty());
}

TEST_F(ChassisTest, AlarmsAreToldOnceWhenTheyComeAndWhenTheyGo) {
  std::string told;
  chassis_->on_alarm = [&](const Alarm& alarm, bool set) {
    told += (set ? "+" : "-") + alarm.description + (alarm.major ? "!" : "") + '\n';
  };
  chassis_->take_pic_offline(0, 1);
  chassis_->raise_alarm("x", true, "1 tunnel down");
  chassis_->raise_alarm("x", true, "1 tunnel down");
  chassis_->raise_alarm("x", true, "2 tunnels down");
  chassis_->clear_alarm("x");
  chassis_->clear_alarm("x");
  chassis_->bring_pic_online(0, 1);
  EXPECT_EQ(told,
            "+FPC 0 PIC 1 offline\n+1 tunnel down!\n+2 tunnels down!\n-2 tunnels down!\n"
            "-FPC 0 PIC 1 offline\n");
}

TEST_F(ChassisTest, PicsComeUpWithTheirFpc) {
  chassis_->take_pic_offline(0, 2);
  chassis_->start(0);
  EXPECT_EQ(chassis_->pic_state(0, 2), SlotState::kStarting);
  chassis_->bring_online(0);
  EXPECT_EQ(chassis_->pic_state(0, 2), SlotState::kOnline);
  EXPECT_TRUE(chassis_->alarms().empty());
}

TEST_F(ChassisTest, APicOfAnFpcThatIsNotOnlineIsLeftAlone) {
  for (const bool offline : {true, false}) {
    offline ? (void)chassis_->take_offline(0) : chassis_->start(0);
    EXPECT_FALSE(chassis_->take_pic_offline(0, 2));
    EXPECT_FALSE(chassis_->bring_pic_online(0, 2));
    EXPECT_FALSE(chassis_->alarms().contains("fpc0 pic2"));
    chassis_->bring_online(0);
    EXPECT_EQ(chassis_->pic_state(0, 2), SlotState::kOnline);
  }
}

TEST_F(ChassisTest, APicKnowsWhenItCame) {
  EXPECT_EQ(chassis_->pic_since(0, 1), Clock::time_point());
  const auto before = Clock::now();
  chassis_->take_pic_offline(0, 1);
  chassis_->bring_pic_online(0, 1);
  EXPECT_GE(chassis_->pic_since(0, 1), before);
  EXPECT_EQ(chassis_->pic_since(0, 2), Clock::time_point());
  chassis_->take_offline(0);
  chassis_->bring_online(0);
  EXPECT_EQ(chassis_->pic_since(0, 1), Clock::time_point()) << "with its FPC";
}

TEST_F(ChassisTest, WithoutUnifiedServicesThereIsNothingInline) {
  chassis_->set_unified_services(false);
  chassis_->set_pic(0, 0, {true, 0, 0, {}, {}});
  EXPECT_FALSE(chassis_->inline_services(0, 0));
  EXPECT_FALSE(chassis_->has_service_interface({"si", 0, 0, 0}));
  EXPECT_TRUE(chassis_->anchors().empty());
}

}  // namespace
}  // namespace nezu::chassis
