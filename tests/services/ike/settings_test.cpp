#include "services/ike/settings/settings.h"
#include "services/ike/selectors.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

#include "services/ike/settings/check.h"
#include "services/state/lines.h"

#include "tests/services/ike/lab_configuration.h"

namespace nezu::ike {
namespace {

using state::edited;

Settings settings(const std::vector<std::string>& edits) {
  TunnelIds ids;
  return settings_from(edited(lab_tree(), edits), ids);
}

TEST(Settings, OfTheLab) {
  const Settings lab = settings({});
  ASSERT_EQ(lab.tunnels.size(), 1u);
  const Tunnel& tunnel = lab.tunnels.at(500001);
  EXPECT_EQ(tunnel.vpn, "ipsec_vpn");
  EXPECT_EQ(tunnel.interface, "st0.1");
  EXPECT_EQ(tunnel.anchor, "si-0/0/0");
  EXPECT_EQ(tunnel.service_set, "ss1");
  EXPECT_EQ(to_string(tunnel.local), "16.1.1.2");
  EXPECT_EQ(to_string(tunnel.remote), "16.1.1.1");
  EXPECT_TRUE(tunnel.copy_dscp);
  EXPECT_EQ(tunnel.replay_window, 64u);
  ASSERT_EQ(lab.protocol.gateways.size(), 1u);
  const Gateway& gateway = lab.protocol.gateways[0];
  EXPECT_EQ(gateway.pre_shared_key, bytes_of(view_of("test123")));
  ASSERT_EQ(gateway.proposals.size(), 1u);
  EXPECT_EQ(gateway.proposals[0], IkeProposal({.name = "ike_prop"})) << "the defaults";
  ASSERT_EQ(gateway.children.size(), 1u);
  EXPECT_EQ(gateway.children[0].establish, EstablishTunnels::kImmediately);
  EXPECT_EQ(gateway.children[0].pfs, DhGroup::kNone);
  ASSERT_EQ(gateway.children[0].proposals.size(), 1u);
  EXPECT_EQ(gateway.children[0].proposals[0].encryption, Encryption::kAesGcm256);
  EXPECT_EQ(gateway.children[0].proposals[0].lifetime_seconds, 3600u);
  EXPECT_EQ(lab.external_interface.at("ike_gw"), "et-0/2/10.0");
}

TEST(Settings, LocalAddressComesFromTheExternalInterface) {
  const Settings found = settings({"delete security ike gateway ike_gw local-address"});
  EXPECT_EQ(to_string(found.tunnels.at(500001).local), "16.1.1.2");
}

TEST(Settings, EveryOptionOfATunnel) {
  const Settings found = settings({
      "set security ipsec vpn ipsec_vpn df-bit copy",
      "set security ipsec vpn ipsec_vpn tunnel-mtu 1400",
      "set security ipsec vpn ipsec_vpn ike no-anti-replay",
      "set security ipsec vpn ipsec_vpn ike proxy-identity local 1.1.1.7/24",
      "set security ipsec vpn ipsec_vpn ike proxy-identity remote 2001:db8::/33",
      "set security ipsec policy ipsec_policy perfect-forward-secrecy keys group19",
      "set security ike gateway ike_gw dead-peer-detection always-send interval 20 threshold 3",
      "set security ike gateway ike_gw local-identity hostname peer1.example",
      "delete security ike policy ike_policy pre-shared-key",
      "set security ike policy ike_policy pre-shared-key hexadecimal 00aFF1",
  });
  const Tunnel& tunnel = found.tunnels.at(500001);
  EXPECT_EQ(tunnel.dont_fragment, DontFragment::kCopy);
  EXPECT_EQ(tunnel.mtu, 1400u);
  EXPECT_EQ(tunnel.replay_window, 0u);
  const Gateway& gateway = found.protocol.gateways.at(0);
  EXPECT_EQ(gateway.pre_shared_key, (Bytes{0x00, 0xaf, 0xf1}));
  EXPECT_EQ(gateway.local_identity.type, Identity::Type::kHostname);
  ASSERT_TRUE(gateway.dpd);
  EXPECT_EQ(*gateway.dpd, (DeadPeerDetection{DeadPeerDetection::Mode::kAlwaysSend, 20, 3}));
  const ChildPolicy& child = gateway.children.at(0);
  EXPECT_EQ(child.pfs, DhGroup::kEcp256);
  ASSERT_EQ(child.local.size(), 1u);
  EXPECT_EQ(to_string(child.local[0].first), "1.1.1.0");
  EXPECT_EQ(to_string(child.local[0].last), "1.1.1.255");
  EXPECT_EQ(to_string(child.remote[0].first), "2001:db8::");
  EXPECT_EQ(to_string(child.remote[0].last), "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff");
}

TEST(Settings, TheInstallIntervalHasTwoNames) {
  const auto interval = [](const std::vector<std::string>& lines) {
    return settings(lines).protocol.gateways.at(0).children.at(0).install_interval_seconds;
  };
  EXPECT_EQ(interval({}), 1u);
  EXPECT_EQ(interval({"set security ipsec vpn ipsec_vpn ike install-interval 4"}), 4u);
  EXPECT_EQ(interval({"set security ipsec vpn ipsec_vpn sa-install-interval 5"}), 5u);
  EXPECT_EQ(interval({"set security ipsec vpn ipsec_vpn sa-install-interval 0"}), 0u);
}

TEST(Settings, EncapsulationIsToThePortOfIkeUnlessToTheGlobalOne) {
  const auto port = [](const std::vector<std::string>& edits) {
    return settings(edits).protocol.gateways.at(0).encapsulation_port;
  };
  const std::string global = "set security ike packet-encapsulation dest-port 5000";
  const std::string gateway = "set security ike gateway ike_gw packet-encapsulation";
  EXPECT_EQ(port({}), 0);
  EXPECT_EQ(port({global}), 0) << "a gateway asks for it";
  EXPECT_EQ(port({gateway}), 500);
  EXPECT_EQ(port({gateway, global}), 500);
  EXPECT_EQ(port({gateway + " use-global-dest-port", global}), 5000);
}

TEST(Settings, EncapsulationOfAVpnHasAPortOfItsOwn) {
  const auto port = [](const std::vector<std::string>& edits) {
    return settings(edits).protocol.gateways.at(0).children.at(0).encapsulation_port;
  };
  const std::string vpn = "set security ipsec vpn ipsec_vpn udp-encapsulate";
  EXPECT_EQ(port({}), 0);
  EXPECT_EQ(port({vpn}), 4565);
  EXPECT_EQ(port({vpn + " dest-port 6000"}), 6000);
}

TEST(Settings, ATrafficSelectorIsATunnelOfItsOwn) {
  const std::string vpn = "set security ipsec vpn ipsec_vpn traffic-selector ";
  TunnelIds ids;
  const Settings settings = settings_from(
      edited(lab_tree(),
             {vpn + "ts1 term 0 local-ip 192.168.10.0/24",
              vpn + "ts1 term 0 remote-ip 192.168.20.0/24", vpn + "ts1 term 0 protocol tcp",
              vpn + "ts1 term 0 source-port 500-1010", vpn + "ts1 term 0 destination-port 80",
              vpn + "ts1 term 1 local-ip 192.168.0.0/8", vpn + "ts1 term 1 remote-ip 10.0.0.1/32",
              vpn + "ts2 local-ip 2001:db8:10::/64", vpn + "ts2 remote-ip 2001:db8:20::/64",
              vpn + "ts2 preference 7"}),
      ids);
  ASSERT_EQ(settings.tunnels.size(), 2u);
  const auto& children = settings.protocol.gateways.at(0).children;
  ASSERT_EQ(children.size(), 2u);
  EXPECT_EQ(children[0].selector, "ts1");
  ASSERT_EQ(children[0].local.size(), 2u);
  const TrafficSelector& from = children[0].local[0];
  EXPECT_EQ(to_string(from.first) + "-" + to_string(from.last), "192.168.10.0-192.168.10.255");
  EXPECT_EQ(from.protocol, 6);
  EXPECT_EQ(from.port_first, 500);
  EXPECT_EQ(from.port_last, 1010);
  EXPECT_EQ(children[0].remote[0].port_first, 80);
  EXPECT_EQ(children[0].remote[0].port_last, 80);
  EXPECT_EQ(to_string(children[0].local[1].first), "192.0.0.0") << "host bits are ignored";
  const Tunnel& second = settings.tunnels.at(children[1].tunnel);
  EXPECT_EQ(second.selector, "ts2");
  EXPECT_EQ(second.order, 1u);
  EXPECT_EQ(second.preference, 7u);
  EXPECT_EQ(second.interface, "st0.1");
}

TEST(Selectors, TermsPairWhatIsTheirs) {
  const auto range = [](const char* prefix) { return *selector_of(prefix); };
  ChildPolicy policy;
  policy.local = {range("10.1.0.0/16"), range("10.2.0.0/16")};
  policy.remote = {range("20.1.0.0/16"), range("20.2.0.0/16")};
  const auto pairs = selector_pairs(policy, policy.local, policy.remote);
  ASSERT_EQ(pairs.size(), 2u) << "not each with each";
  EXPECT_EQ(pairs[0].remote, policy.remote[0]);
  EXPECT_EQ(pairs[1].local, policy.local[1]);
  EXPECT_TRUE(selector_pairs(policy, {policy.local[0]}, {policy.remote[1]}).empty());
  const auto narrow = selector_pairs(policy, {range("10.2.3.0/24")}, policy.remote);
  ASSERT_EQ(narrow.size(), 1u);
  EXPECT_EQ(narrow[0].remote, policy.remote[1]);
  EXPECT_EQ(covering_prefix(range("20.2.0.0/16")), "20.2.0.0/16");
  EXPECT_EQ(covering_prefix({*Address::parse("10.0.0.1"), *Address::parse("10.0.0.6")}),
            "10.0.0.0/29");
  EXPECT_EQ(covering_prefix(range("2001:db8::/47")), "2001:db8::/47");
  EXPECT_EQ(covering_prefix(range("0.0.0.0/0")), "0.0.0.0/0");
}

// As many tunnels as the machine has. The bounds are for the slowest build on a busy machine; what
// they are to find is a cost that grows with the square.
TEST(Settings, OfTwoThousandTunnels) {
  std::vector<std::string> lines;
  for (int i = 1; i <= 1999; ++i) {
    const std::string n = std::to_string(i), vpn = "security ipsec vpn v" + n;
    const std::string gateway = "security ike gateway g" + n;
    const std::string octets = std::to_string(i / 250) + '.' + std::to_string(i % 250 + 1);
    for (const std::string& line :
         {gateway + " ike-policy ike_policy", gateway + " address 17.1." + octets,
          gateway + " external-interface et-0/2/10", gateway + " version v2-only",
          vpn + " bind-interface st0." + std::to_string(i + 1), vpn + " ike gateway g" + n,
          vpn + " ike ipsec-policy ipsec_policy", "services service-set ss1 ipsec-vpn v" + n,
          "interfaces st0 unit " + std::to_string(i + 1) + " family inet"})
      lines.push_back("set " + line);
  }
  const configdb::View many = edited(lab_tree(), lines);
  using Clock = std::chrono::steady_clock;
  auto start = Clock::now();
  const auto lap = [&](const char* what) {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    RecordProperty(what, int(took.count()));
    std::printf("%s: %d ms\n", what, int(took.count()));
    start = Clock::now();
    return took;
  };
  TunnelIds ids;
  EXPECT_EQ(settings_from(many, ids).tunnels.size(), 2000u);
  EXPECT_LT(lap("settings"), std::chrono::seconds(3));
  EXPECT_TRUE(check(configdb::Delta(1, lab_tree(), many)).empty());
  EXPECT_LT(lap("check"), std::chrono::seconds(3));
  const configdb::View more =
      edited(many, {"set security ipsec vpn ipsec_vpn traffic-selector a local-ip 1.0.0.0/8",
                    "set security ipsec vpn ipsec_vpn traffic-selector a remote-ip 2.0.0.0/8",
                    "set security ipsec vpn ipsec_vpn traffic-selector b local-ip 1.0.0.0/8",
                    "set security ipsec vpn ipsec_vpn traffic-selector b remote-ip 3.0.0.0/8"});
  const auto refused = check(configdb::Delta(1, many, more));
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].message, "Inline IPsec supports 2000 tunnels");
  EXPECT_GE(state::change_lines(lab_tree(), many, claims()).size(), 17'991u);
  EXPECT_LT(lap("lines"), std::chrono::seconds(3));
}

TEST(TunnelIdsTest, StayWithTheirNamesForEver) {
  TunnelIds ids;
  EXPECT_EQ(ids.id_of("a"), 500001u);
  EXPECT_EQ(ids.id_of("b"), 500002u);
  EXPECT_EQ(ids.id_of("a"), 500001u);
  TunnelIds again = TunnelIds::parse(ids.serialise());
  EXPECT_EQ(again, ids);
  EXPECT_EQ(again.id_of("b"), 500002u);
  EXPECT_EQ(again.id_of("c"), 500003u);
}

TEST(TunnelIdsTest, GarbageGivesAFreshStart) {
  for (const char* text : {"", "x", "500001", "4294967295 x\n", "-1 a\n\n\n", "500005 \n"}) {
    TunnelIds ids = TunnelIds::parse(view_of(text));
    ids.id_of("a");
  }
}

}  // namespace
}  // namespace nezu::ike
