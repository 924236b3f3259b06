#include "services/chassis/show.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "chassis/time_text.h"
#include "services/chassis/unified_services.h"
#include "tests/services/text_reply.h"
#include "tests/temporary_directory.h"

namespace nezu::chassis_service {
namespace {

class ShowTest : public testing::Test {
 protected:
  ShowTest() {
    add_chassis_rpcs(registry_, machine_);
    add_pfe_rpcs(registry_, machine_);
  }

  std::string call(const std::string& name, const mgmt::Input& input = {}) {
    return answer_of(registry_, name, input);
  }

  // The reference is tests/golden/chassis/NAME; NEZU_REWRITE=1 writes it.
  void expect_golden(const std::string& name, const std::string& text) {
    const std::string path = std::string(NEZU_SOURCE_DIR) + "/tests/golden/chassis/" + name;
    if (std::getenv("NEZU_REWRITE")) std::ofstream(path) << text;
    std::ostringstream golden;
    golden << std::ifstream(path).rdbuf();
    EXPECT_EQ(text, golden.str());
  }

  chassis::Forwarding forwarding_;
  chassis::Chassis chassis_{*chassis::find_model("mx304"), forwarding_};
  chassis::PfeLink plane_{"/nowhere", forwarding_};
  PlaneLoad load_{"nobody"};
  mgmt::Registry registry_;
  Machine machine_{chassis_,
                   plane_,
                   load_,
                   {0x02, 0xa1, 0xb2, 0xc3, 0xd4, 0x00},
                   [](const chassis::PortName& port) -> std::string {
                     if (port.text() == "et-0/0/0") return "Up";
                     return port.text() == "et-0/2/10" ? "Down" : "";
                   }};
};

TEST_F(ShowTest, Hardware) {
  expect_golden("hardware.txt", call("get-chassis-inventory"));
}
TEST_F(ShowTest, Fpc) {
  expect_golden("fpc.txt", call("get-fpc-information"));
}
TEST_F(ShowTest, PicStatus) {
  expect_golden("pic-status.txt", call("get-pic-information"));
}

// Without the line that says how long ago.
std::string without_uptime(const std::string& text) {
  std::istringstream in(text);
  std::string kept;
  for (std::string line; std::getline(in, line);)
    if (line.find("Uptime") == std::string::npos) kept += line + "\n";
  return kept;
}

TEST_F(ShowTest, BothSpellingsOfPicDetail) {
  const std::string text =
      without_uptime(call("get-pic-detail", {{"fpc-slot", "0"}, {"pic-slot", "2"}}));
  expect_golden("pic-detail.txt", text);
  EXPECT_EQ(without_uptime(call("get-fpc-information", {{"fpc-slot", "0"}, {"pic", "2"}})), text);
}

TEST_F(ShowTest, AbsentSlots) {
  EXPECT_EQ(call("get-fpc-information", {{"fpc-slot", "1"}}), "error: FPC slot 1 is not valid\n");
  EXPECT_EQ(call("get-pic-detail", {{"fpc-slot", "0"}, {"pic-slot", "3"}}),
            "error: FPC slot 0, PIC slot 3 is empty\n");
  EXPECT_EQ(call("request-chassis-fpc", {{"slot", "4"}, {"offline", ""}}),
            "error: FPC slot 4 is not valid\n");
}

TEST_F(ShowTest, OfflineAndOnline) {
  EXPECT_EQ(call("get-alarm-information"), "No alarms currently active\n");
  EXPECT_EQ(call("request-chassis-fpc", {{"slot", "0"}, {"offline", ""}}),
            "Offline initiated, use \"show chassis fpc\" to verify\n");
  expect_golden("fpc-offline.txt", call("get-fpc-information"));
  EXPECT_EQ(call("get-pic-information"), "Slot 0   Offline      FPC-BUILTIN\n");
  const std::string alarms = call("get-alarm-information");
  EXPECT_TRUE(
      alarms.starts_with("1 alarms currently active\n"
                         "Alarm time               Class  Description\n"))
      << alarms;
  EXPECT_TRUE(alarms.ends_with("UTC  Minor  FPC 0 offline\n")) << alarms;
  EXPECT_EQ(call("request-chassis-fpc", {{"slot", "0"}, {"offline", ""}}),
            "error: FPC 0 is already offline\n");
  EXPECT_EQ(call("request-chassis-fpc", {{"slot", "0"}, {"online", ""}}),
            "Online initiated, use \"show chassis fpc\" to verify\n");
  EXPECT_EQ(call("get-alarm-information"), "No alarms currently active\n");
}

TEST_F(ShowTest, PicsAreOfTheirFpc) {
  const mgmt::Input offline = {{"fpc-slot", "0"}, {"pic-slot", "1"}, {"offline", ""}};
  const mgmt::Input online = {{"fpc-slot", "0"}, {"pic-slot", "1"}, {"online", ""}};
  EXPECT_EQ(call("request-chassis-pic", online), "error: FPC 0 PIC 1 is already online\n");
  call("request-chassis-fpc", {{"slot", "0"}, {"offline", ""}});
  EXPECT_EQ(call("request-chassis-pic", online), "error: FPC 0 is offline\n");
  EXPECT_EQ(call("request-chassis-pic", offline), "error: FPC 0 is offline\n");
  chassis_.start(0);
  EXPECT_EQ(call("request-chassis-pic", offline), "error: FPC 0 is starting\n");
}

// The first process of the machine stands for the plane: it is older than this test.
TEST_F(ShowTest, APicIsUpSinceItCameOnline) {
  std::string oldest;
  std::getline(std::ifstream("/proc/1/comm"), oldest);
  PlaneLoad load(oldest);
  mgmt::Registry registry;
  const Machine machine{chassis_, plane_, load, machine_.base, machine_.wan_status};
  add_chassis_rpcs(registry, machine);
  const auto uptime = [&](const char* pic) {
    const mgmt::Input input = {{"fpc-slot", "0"}, {"pic-slot", pic}};
    const mgmt::Rpc* rpc = registry.find("get-pic-detail");
    const auto reply = std::make_shared<TextReply>(rpc->layout(input));
    rpc->call(input, reply);
    const size_t at = reply->text.find("Uptime");
    EXPECT_NE(at, reply->text.npos) << reply->text;
    return at == reply->text.npos ? "" : reply->text.substr(at, reply->text.find('\n', at) - at);
  };
  const std::string now = "Uptime                           " + chassis::long_duration({});
  EXPECT_NE(uptime("1"), now);
  ASSERT_TRUE(chassis_.take_pic_offline(0, 1));
  ASSERT_TRUE(chassis_.bring_pic_online(0, 1));
  EXPECT_EQ(uptime("1"), now);
  EXPECT_NE(uptime("2"), now) << "the others are as old as they were";
}

// A router's two directories, as they are over a death of nezu-re and over a reboot.
class ModeTest : public testing::Test {
 protected:
  UnifiedServices start() const { return {directory_ + "/data", directory_ + "/boot"}; }
  void reboot() const { std::filesystem::remove(directory_ + "/boot"); }

  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path();
};

TEST_F(ModeTest, HoldsFromTheNextBootOn) {
  EXPECT_TRUE(start().enabled());
  EXPECT_TRUE(start().want(false));
  EXPECT_TRUE(start().enabled()) << "a new process is no reboot";
  EXPECT_FALSE(start().wanted());
  reboot();
  EXPECT_FALSE(start().enabled());
  EXPECT_TRUE(start().want(true));
  EXPECT_FALSE(start().enabled());
  reboot();
  EXPECT_TRUE(start().enabled());
}

TEST_F(ModeTest, ARebootIsSaidWhenItComes) {
  const UnifiedServices services = start();
  for (const bool comes : {true, false}) {
    mgmt::Registry registry;
    add_mode_rpcs(registry, services, [&] { return comes; });
    const auto reply = std::make_shared<TextReply>(nullptr);
    registry.find("request-reboot")->call({}, reply);
    EXPECT_EQ(reply->text, comes ? "System reboots now; the session ends\n"
                                 : "error: nezu-init does not reboot the system\n");
  }
}

TEST_F(ShowTest, ThePlaneIsAway) {
  EXPECT_EQ(call("get-pfe-statistics"), "error: the forwarding plane does not answer\n");
  EXPECT_EQ(call("get-pfe-statistics", {{"fpc", "0"}, {"pfe", "6"}}),
            "error: FPC 0 has no PFE 6\n");
  EXPECT_EQ(call("get-pfe-stats-error", {{"fpc", "2"}}), "error: FPC slot 2 is not valid\n");
}

}  // namespace
}  // namespace nezu::chassis_service
