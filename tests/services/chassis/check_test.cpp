#include "services/chassis/service.h"
#include "tests/services/interfaces/tree.h"

namespace nezu::chassis_service {
namespace {

using interfaces::sample::text;
using interfaces::sample::tree;

class CheckTest : public testing::Test {
 protected:
  std::string check(const std::string& lines) { return text(check_chassis(tree(lines), chassis_)); }
  chassis::Forwarding forwarding_;
  chassis::Chassis chassis_{*chassis::find_model("mx304"), forwarding_};
};

TEST_F(CheckTest, SpeedsThatTheGroupsCarry) {
  EXPECT_EQ(check("set chassis fpc 0 pic 0 port 0 speed 400g\n"
                  "set chassis fpc 0 pic 0 port 1 unused\n"
                  "set chassis fpc 0 pic 0 port 2 unused\n"
                  "set chassis fpc 0 pic 0 port 3 unused\n"
                  "set chassis fpc 0 pic 0 port 5 speed 10g\n"
                  "set chassis fpc 0 pic 1 pic-mode 40G\n"
                  "set chassis fpc 0 pic 1 inline-services bandwidth 10g\n"
                  "set chassis fpc 0 pic 2 number-of-ports 8\n"),
            "");
}

TEST_F(CheckTest, InlineServicesNeedUnifiedServices) {
  chassis_.set_unified_services(false);
  const char* lines = "set chassis fpc 0 pic 1 inline-services\n";
  EXPECT_EQ(check(lines),
            "[edit chassis fpc 0 pic 1]\n  'inline-services'\n    needs unified services: 'request "
            "system enable unified-services', then 'request system reboot'\n");
  const auto more =
      check_chassis(tree(std::string(lines) + "set chassis fpc 0 pic 0 port 0 unused\n"
                                              "set chassis fpc 0 pic 2 inline-services\n"),
                    chassis_, tree(lines));
  ASSERT_EQ(more.size(), 2u);
  EXPECT_TRUE(more[0].warning) << "who configures something else is only told";
  EXPECT_FALSE(more[1].warning) << more[1].path.back();
}

TEST_F(CheckTest, ABandwidthOfNothingIsNoLimit) {
  for (const char* value : {"0", "0g", "0k"})
    EXPECT_EQ(
        check(std::string("set chassis fpc 0 pic 1 inline-services bandwidth ") + value + "\n"),
        std::string("[edit chassis fpc 0 pic 1 inline-services]\n  'bandwidth ") + value +
            "'\n    inline services without bandwidth carry nothing; delete the statement to "
            "have all there is\n");
  EXPECT_EQ(check("set chassis fpc 0 pic 1 inline-services bandwidth 1\n"), "");
}

TEST_F(CheckTest, SpeedsThatCannotBe) {
  EXPECT_EQ(check("set chassis fpc 0 pic 0 port 0 speed 400g\n"
                  "set chassis fpc 0 pic 0 port 5 speed 200g\n"
                  "set chassis fpc 0 pic 0 port 16 speed 100g\n"
                  "set chassis fpc 0 pic 1 pic-mode 100G\n"
                  "set chassis fpc 0 pic 1 port 1 speed 10g\n"
                  "set chassis fpc 0 pic 2 number-of-ports 17\n"
                  "set chassis fpc 0 pic 3 number-of-ports 1\n"
                  "set chassis fpc 1 pic 0 inline-services\n"),
            "[edit chassis]\n"
            "  'fpc 1'\n"
            "    no such FPC in this chassis (mx304)\n"
            "[edit chassis fpc 0]\n"
            "  'pic 0'\n"
            "    ports 0-3 have 400 Gbps together and are configured for 700; what is not needed "
            "is to be 'unused'\n"
            "    ports 4-7 have 400 Gbps together and are configured for 500; what is not needed "
            "is to be 'unused'\n"
            "  'pic 3'\n"
            "    no such PIC in this chassis (mx304)\n"
            "[edit chassis fpc 0 pic 0]\n"
            "  'port 16'\n"
            "    the PIC has ports 0 to 15 only\n"
            "[edit chassis fpc 0 pic 0 port 5]\n"
            "  'speed 200g'\n"
            "    not a speed of MRATE LMIC 16x100G/4x400G: 4x10GE, 4x25GE, 40GE, 100GE, 2x100GE, "
            "4x100GE, 400GE\n"
            "[edit chassis fpc 0 pic 1 port 1]\n"
            "  'speed 10g'\n"
            "    speed of a port and pic-mode or number-of-ports exclude each other\n"
            "[edit chassis fpc 0 pic 2]\n"
            "  'number-of-ports 17'\n"
            "    the PIC has ports 1 to 16 to enable\n");
}

TEST_F(CheckTest, WhatIsConfiguredIsWhatPortsRunAt) {
  chassis::PicSettings settings;
  settings.ports[1] = {400, false};
  settings.ports[2] = {0, true};
  settings.gigabits = 40;
  settings.number_of_ports = 10;
  settings.inline_bits = 7;
  chassis_.set_pic(0, 0, settings);
  EXPECT_EQ(chassis_.port_gigabits({"et", 0, 0, 0}), 40u);
  EXPECT_EQ(chassis_.port_gigabits({"et", 0, 0, 1}), 400u);
  EXPECT_EQ(chassis_.port_gigabits({"et", 0, 1, 0}), 100u);
  for (uint32_t absent : {2u, 10u, 16u}) EXPECT_FALSE(chassis_.port({"et", 0, 0, absent}));
}

}  // namespace
}  // namespace nezu::chassis_service
