#include "services/interfaces/plan.h"

#include "tree.h"

namespace nezu::interfaces {
namespace {

constexpr Mac kBase = {0x02, 0x11, 0x22, 0x33, 0x44, 0x00};

class PlanTest : public testing::Test {
 protected:
  Plan plan_of(const std::string& lines) {
    const auto root = sample::tree(lines);
    return plan(read(root), tunnel_anchors(root), chassis_, kBase);
  }

  chassis::Forwarding forwarding_;
  chassis::Chassis chassis_{*chassis::find_model("mx304"), forwarding_};
};

TEST(Address, ReadsAndWrites) {
  EXPECT_EQ(Address::parse("1.1.1.1/24")->text(), "1.1.1.1/24");
  EXPECT_EQ(Address::parse("1.1.1.1")->text(), "1.1.1.1/32");
  EXPECT_EQ(Address::parse("1611:0::2/64")->text(), "1611::2/64");
  EXPECT_EQ(Address::parse("10.1.2.3/15")->network_text(), "10.0.0.0/15");
  for (const char* text : {"", "/24", "1.1.1", "1.1.1.1/33", "1.1.1.1/", "1.1.1.1/2x", "::1/129"})
    EXPECT_FALSE(Address::parse(text)) << text;
}

TEST(Mac, CountsUpFromTheMachines) {
  EXPECT_EQ(chassis::text(mac_of(kBase, 42)), "02:11:22:33:44:2a");
  EXPECT_EQ(chassis::text(mac_of(kBase, 256)), "02:11:22:33:45:00");
}

TEST(Mac, MakesALinkLocalAddress) {
  EXPECT_EQ(link_local(kBase).text(), "fe80::11:22ff:fe33:4400/64");
}

TEST_F(PlanTest, EthernetPort) {
  const Plan all = plan_of(
      "set interfaces et-0/2/10 unit 0 family inet address 16.1.1.2/24\n"
      "set interfaces et-0/2/10 unit 0 family inet6 address 1611::2/64\n");
  ASSERT_EQ(all.size(), 1u);
  const Logical& logical = all.at("et-0/2/10.0");
  EXPECT_EQ(logical.kind, Kind::kEthernet);
  EXPECT_EQ(logical.mtu, 1500u);
  EXPECT_EQ(chassis::text(logical.mac), "02:11:22:33:44:2a");
  EXPECT_TRUE(logical.inet && logical.inet6 && logical.enabled && logical.has_device());
  EXPECT_TRUE(logical.addresses.contains(*Address::parse("16.1.1.2/24")));
  EXPECT_TRUE(logical.addresses.contains(*Address::parse("1611::2/64")));
  EXPECT_TRUE(logical.addresses.contains(link_local(logical.mac)));
  EXPECT_EQ(logical.addresses.size(), 3u);
}

TEST_F(PlanTest, MtuIsTheSmallest) {
  const Plan all = plan_of(
      "set interfaces et-0/0/0 mtu 9000\n"
      "set interfaces et-0/0/0 unit 0 family inet mtu 4000\n"
      "set interfaces et-0/0/1 mtu 9000\n"
      "set interfaces et-0/0/1 unit 0 family inet\n"
      "set interfaces st0 unit 1 family inet\n");
  EXPECT_EQ(all.at("et-0/0/0.0").mtu, 4000u);
  EXPECT_EQ(all.at("et-0/0/1.0").mtu, 8986u);
  EXPECT_EQ(all.at("st0.1").mtu, 9192u);
}

TEST_F(PlanTest, DisabledAndOfflineAreNotEnabled) {
  const std::string lines =
      "set interfaces et-0/0/0 disable\n"
      "set interfaces et-0/0/0 unit 0 family inet\n"
      "set interfaces et-0/0/1 unit 0 disable\n"
      "set interfaces et-0/0/2 unit 0 family inet\n"
      "set interfaces lo0 unit 0 family inet\n";
  EXPECT_FALSE(plan_of(lines).at("et-0/0/0.0").enabled);
  EXPECT_FALSE(plan_of(lines).at("et-0/0/1.0").enabled);
  EXPECT_TRUE(plan_of(lines).at("et-0/0/2.0").enabled);
  chassis_.take_offline(0);
  EXPECT_FALSE(plan_of(lines).at("et-0/0/2.0").enabled);
  EXPECT_TRUE(plan_of(lines).at("lo0.0").enabled);
}

TEST_F(PlanTest, ServiceInterfacesNeedInlineServices) {
  const std::string lines = "set interfaces si-0/0/0 unit 0 family inet\n";
  EXPECT_TRUE(plan_of(lines).empty());
  chassis_.set_pic(0, 0, {true, 0, 0, {}, {}});
  const Plan all = plan_of(lines);
  EXPECT_EQ(all.at("si-0/0/0.0").kind, Kind::kService);
  EXPECT_EQ(all.at("si-0/0/0.0").pfe, 1u);
  EXPECT_FALSE(all.at("si-0/0/0.0").has_device());
}

TEST_F(PlanTest, ATunnelIsAnchoredWhereItsServiceSetSays) {
  chassis_.set_pic(0, 1, {true, 0, 0, {}, {}});
  const Plan all = plan_of(
      "set services service-set a next-hop-service inside-service-interface si-0/1/1.0\n"
      "set services service-set a ipsec-vpn v\n"
      "set security ipsec vpn v bind-interface st0.7\n"
      "set interfaces st0 unit 7 family inet\n"
      "set interfaces st0 unit 8 family inet\n");
  EXPECT_EQ(all.at("st0.7").kind, Kind::kTunnel);
  EXPECT_EQ(all.at("st0.7").pfe, 2u);
  EXPECT_EQ(all.at("st0.8").pfe, kNoPfe);
  chassis_.set_pic(0, 1, {});
  const Plan gone = plan_of(
      "set services service-set a next-hop-service inside-service-interface si-0/1/1.0\n"
      "set services service-set a ipsec-vpn v\n"
      "set security ipsec vpn v bind-interface st0.7\n"
      "set interfaces st0 unit 7 family inet\n");
  EXPECT_EQ(gone.at("st0.7").pfe, kNoPfe);
}

TEST_F(PlanTest, WhatTheMachineDoesNotHaveIsLeftOut) {
  EXPECT_TRUE(plan_of("set interfaces et-0/3/0 unit 0 family inet\n").empty());
}

constexpr char kFti[] =
    "set interfaces lo0 unit 0 family inet address 10.0.0.1/32\n"
    "set interfaces fti0 unit 3 tunnel encapsulation vxlan-gpe source interface lo0.0\n"
    "set interfaces fti0 unit 3 tunnel encapsulation vxlan-gpe destination address 10.0.0.2\n"
    "set interfaces fti0 unit 3 tunnel encapsulation vxlan-gpe vni 300\n"
    "set interfaces fti0 unit 3 family inet address 19.3.1.1/30\n";

TEST_F(PlanTest, Vxlan) {
  Plan all = plan_of(kFti);
  const Logical& fti = all.at("fti0.3");
  EXPECT_EQ(fti.kind, Kind::kVxlan);
  EXPECT_EQ(fti.pfe, 0u);
  EXPECT_TRUE(fti.has_device());
  EXPECT_EQ(fti.vxlan.local, Address::parse("10.0.0.1")->octets);
  EXPECT_EQ(fti.vxlan.remote, Address::parse("10.0.0.2")->octets);
  EXPECT_EQ(fti.vxlan.vni, 300u);
  EXPECT_EQ(fti.vxlan.port, 4790u);
  EXPECT_FALSE(fti.vxlan.ethernet);
  const std::string more =
      std::string(kFti) +
      "set interfaces fti0 unit 3 tunnel encapsulation vxlan-gpe tunnel-endpoint vxlan\n"
      "set interfaces fti0 unit 3 tunnel encapsulation vxlan-gpe destination mac-address "
      "2:0:0:0:0:Fe\n"
      "set interfaces fti0 unit 3 tunnel encapsulation vxlan-gpe source-udp-port-range min 7 max "
      "9\n";
  const VxlanEnds ends = plan_of(more).at("fti0.3").vxlan;
  EXPECT_EQ(ends.port, 4789u);
  EXPECT_TRUE(ends.ethernet);
  EXPECT_EQ(ends.destination_mac, std::string("\2\0\0\0\0\xfe", 6));
  EXPECT_EQ(ends.source_mac, "");
  EXPECT_EQ(ends.first_port, 7u);
  EXPECT_EQ(ends.last_port, 9u);
}

// It is nowhere as long as it is not known where it leads, and moves with the PICs.
TEST_F(PlanTest, VxlanIsAnchoredWhereThereIsAPic) {
  EXPECT_EQ(plan_of("set interfaces fti0 unit 3 family inet\n").at("fti0.3").pfe, kNoPfe);
  ASSERT_TRUE(chassis_.take_pic_offline(0, 0));
  const uint32_t moved = plan_of(kFti).at("fti0.3").pfe;
  EXPECT_EQ(moved, chassis_.pfe_id(0, 1, 0));
  ASSERT_TRUE(chassis_.take_offline(0));
  EXPECT_EQ(plan_of(kFti).at("fti0.3").pfe, kNoPfe);
}

}  // namespace
}  // namespace nezu::interfaces
