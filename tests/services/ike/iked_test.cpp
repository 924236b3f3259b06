// Two nezu-iked processes over a real wire; the RE and the forwarding plane are the test's.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "services/ike/daemon/memory.h"
#include "tests/services/ike/iked_rig.h"
#include "tests/services/state/loop.h"

namespace nezu::ike {
namespace {

using state::run_until;
using testing::HasSubstr;

class Iked : public testing::Test {
 protected:
  void SetUp() override {
    state::application();
    if (!wire_.usable()) GTEST_SKIP() << "namespaces cannot be made here";
  }
  // The right one only answers, so that there is one IKE SA.
  void start(const std::vector<std::string>& extra = {}) {
    left_ = std::make_unique<Rig>(wire_.left(), lab_lines(true, extra));
    right_ = std::make_unique<Rig>(
        wire_.right(),
        lab_lines(false, {"set security ipsec vpn ipsec_vpn establish-tunnels responder-only"}));
    run_both();
  }
  void start_at_once() {
    left_ = std::make_unique<Rig>(wire_.left(), lab_lines(true));
    right_ = std::make_unique<Rig>(wire_.right(), lab_lines(false));
    run_both();
  }
  void run_both() {
    left_->start();
    right_->start();
  }
  // If both start at once, one of the two pairs goes again.
  bool both_up() {
    return run_until(
        [&] {
          return left_->up() && right_->up() && agree() && left_->plane.sas.size() == 2 &&
                 right_->plane.sas.size() == 2;
        },
        20'000);
  }
  // What one side sends on is what the other receives on, with the same key.
  bool agree() {
    const auto *out = left_->plane.outbound(), *in = right_->plane.inbound();
    const auto *back = right_->plane.outbound(), *home = left_->plane.inbound();
    return out && in && back && home && out->spi() == in->spi() && out->key() == in->key() &&
           out->salt() == in->salt() && back->spi() == home->spi() && back->key() == home->key();
  }

  Wire wire_;
  std::unique_ptr<Rig> left_;
  std::unique_ptr<Rig> right_;
};

TEST_F(Iked, TwoMakeATunnel) {
  start();
  ASSERT_TRUE(both_up());
  const auto& tunnel = left_->plane.tunnels.at(500001);
  EXPECT_EQ(tunnel.interface(), 77u);
  EXPECT_TRUE(tunnel.copy_dscp());
  EXPECT_FALSE(tunnel.selector().empty());
  EXPECT_EQ(left_->plane.outbound()->cipher(), pfe::api::AES_GCM_256);
  EXPECT_EQ(left_->plane.outbound()->key().size(), 32u);
  EXPECT_EQ(left_->plane.outbound()->salt().size(), 4u);
  EXPECT_EQ(left_->plane.inbound()->replay_window(), 64u);
  EXPECT_EQ(left_->plane.outbound()->soft_packets(), 3ull << 30) << "before the numbers end";
}

TEST_F(Iked, TwoThatStartAtOnceEndWithOneTunnel) {
  start_at_once();
  EXPECT_TRUE(both_up());
}

TEST_F(Iked, ExtendedNumbersAndASizeLimit) {
  start();
  for (Rig* rig : {left_.get(), right_.get()})
    rig->commit({"set security ipsec proposal ipsec_prop extended-sequence-number",
                 "set security ipsec proposal ipsec_prop lifetime-kilobytes 64000"});
  ASSERT_TRUE(run_until(
      [&] {
        return agree() && left_->plane.outbound()->extended_sequence() &&
               right_->plane.outbound()->extended_sequence();
      },
      20'000));
  EXPECT_EQ(left_->plane.outbound()->hard_bytes(), 64000u * 1024);
  EXPECT_EQ(left_->plane.outbound()->soft_packets(), 0u);
  EXPECT_LT(left_->plane.outbound()->soft_bytes(), 64000u * 1024);
  const std::string pair =
      left_->show("get-security-associations-information", {{"index", "500001"}});
  EXPECT_THAT(pair, HasSubstr("    Extended-Sequence-Number: Enabled\n"));
  EXPECT_THAT(pair, HasSubstr("    Lifesize Remaining:  63000\n"));
}

TEST_F(Iked, OverIpv6WithOtherAlgorithms) {
  const std::vector<std::string> common{
      "set security ike proposal ike_prop encryption-algorithm aes-256-gcm",
      "set security ike proposal ike_prop authentication-algorithm sha-384",
      "set security ike proposal ike_prop dh-group group20",
      "set security ipsec proposal ipsec_prop encryption-algorithm aes-128-gcm",
      "set security ipsec policy ipsec_policy perfect-forward-secrecy keys group19",
      "delete security ike gateway ike_gw local-address",
      "delete security ike gateway ike_gw address"};
  auto left = common, right = common;
  left.push_back("set security ike gateway ike_gw address 1611::1");
  right.push_back("set security ike gateway ike_gw address 1611::2");
  left_ = std::make_unique<Rig>(wire_.left(), lab_lines(true, left));
  right_ = std::make_unique<Rig>(wire_.right(), lab_lines(false, right));
  left_->start();
  right_->start();
  ASSERT_TRUE(both_up());
  EXPECT_EQ(left_->plane.outbound()->remote().size(), 16u);
  EXPECT_EQ(left_->plane.outbound()->cipher(), pfe::api::AES_GCM_128);
}

TEST_F(Iked, ShowsAreInTheReferenceForm) {
  start();
  ASSERT_TRUE(both_up());
  const std::string ike = left_->show("get-ike-security-associations-information");
  EXPECT_THAT(ike, testing::MatchesRegex(
                       "Index   State  Initiator cookie  Responder cookie  Mode           Remote "
                       "Address\n1       UP     [0-9a-f]{16}  [0-9a-f]{16}  IKEv2          "
                       "16.1.1.1\n"));
  const std::string detail =
      left_->show("get-ike-security-associations-information", {{"detail", ""}});
  for (const char* line :
       {"IKE peer 16.1.1.1, Index ", "Gateway Name: ike_gw\n", "  Role: ", ", State: UP\n",
        "  Exchange type: IKEv2, Authentication method: Pre-shared-keys\n",
        "  Local gateway interface: et-0/2/10.0\n", "  Local: 16.1.1.2:500, Remote: 16.1.1.1:500\n",
        "  IKE Fragmentation: Enabled, Size: 576\n", "   Authentication        : hmac-sha1-96\n",
        "   Encryption            : 3des-cbc\n", "   Pseudo random function: hmac-sha1\n",
        "   Diffie-Hellman group  : DH-group-2\n",
        "  IPSec security associations: 1 created, 0 deleted\n", "  IPSec Tunnel IDs: 500001\n"})
    EXPECT_THAT(detail, HasSubstr(line));
  const std::string ipsec = left_->show("get-security-associations-information");
  EXPECT_THAT(ipsec, HasSubstr("  Total active tunnels: 1     Total IPsec sas: 1\n"));
  EXPECT_THAT(ipsec, testing::ContainsRegex("  <500001 ESP:aes-gcm-256/aes256-gcm 0x[0-9a-f]{8} "
                                            "[0-9]+/ unlim   - root 500   16.1.1.1\n"));
  const std::string pair =
      left_->show("get-security-associations-information", {{"index", "500001"}});
  for (const char* line :
       {"ID: 500001 Virtual-system: root, VPN Name: ipsec_vpn\n",
        "  Local Gateway: 16.1.1.2, Remote Gateway: 16.1.1.1\n",
        "  Local Identity: ipv4(0.0.0.0-255.255.255.255)", "  TS Type: proxy-id\n",
        "  DF-bit: clear, Copy-Outer-DSCP: Enabled, Bind-interface: st0.1, Policy-name: "
        "ipsec_policy\n",
        "  Tunnel events:\n", ": IPsec SA negotiation succeeds (1 times)\n",
        "  Location: FPC 0, PIC 0\n", "  Distribution-Profile: si-0/0/0\n",
        "    Protocol: ESP, Authentication: aes256-gcm, Encryption: aes-gcm (256 bits)\n",
        "    Anti-replay service: counter-based enabled, Replay window size: 64\n",
        "    tunnel-establishment: establish-tunnels-immediately\n"})
    EXPECT_THAT(pair, HasSubstr(line));
  EXPECT_THAT(left_->show("get-ipsec-statistics-information"),
              HasSubstr("  Encrypted bytes:              875126\n"));
  EXPECT_THAT(left_->show("get-security-associations-information", {{"index", "7"}}),
              HasSubstr("error: "));
}

TEST_F(Iked, KilledOneGoesOnAsIfNothingHadHappened) {
  start();
  ASSERT_TRUE(both_up());
  const auto before = left_->plane.sas;
  const std::string shown = left_->show("get-ike-security-associations-information");
  const int syncs = left_->plane.syncs, sent = right_->plane.sas_sent, downs = left_->downs();
  left_->kill();
  left_->start();
  ASSERT_TRUE(run_until([&] { return left_->plane.syncs > syncs; }, 10'000));
  ASSERT_EQ(left_->plane.sas.size(), before.size());
  for (const auto& [key, sa] : before) {
    ASSERT_TRUE(left_->plane.sas.contains(key));
    EXPECT_EQ(left_->plane.sas.at(key).SerializeAsString(), sa.SerializeAsString());
  }
  EXPECT_EQ(left_->show("get-ike-security-associations-information"), shown);
  EXPECT_EQ(right_->plane.sas_sent, sent) << "the peer noticed nothing";
  EXPECT_EQ(left_->downs(), downs) << "nor did the interface";
  // The windows go on where they were: the peer understands what is said next.
  EXPECT_EQ(left_->show("clear-ipsec-security-association", {{"index", "500001"}}), "");
  EXPECT_TRUE(run_until(
      [&] { return right_->plane.sas_sent > sent && agree() && left_->up() && right_->up(); },
      20'000));
}

// The peer has rekeyed and its switch is awaited: what is sent on is still the old pair.
TEST_F(Iked, KilledBeforeTheSwitchGoesOnSendingOnTheOldPair) {
  start();
  ASSERT_TRUE(both_up());
  const uint32_t old = left_->plane.outbound()->spi();
  // The answer to the rekey is lost on its way, so no DELETE of the old pair follows.
  ASSERT_TRUE(run("ip -n " + wire_.left() +
                  " neigh replace 16.1.1.1 lladdr 02:00:00:00:00:99 dev core nud permanent"));
  pfe::api::Event event;
  event.mutable_sa()->set_what(pfe::api::Event::SaEvent::SOFT_LIMIT);
  event.mutable_sa()->set_generation(right_->plane.outbound()->generation());
  right_->plane.send(event);
  ASSERT_TRUE(run_until([&] { return left_->plane.sas.size() == 3; }, 10'000));
  ASSERT_EQ(left_->plane.outbound()->spi(), old) << "it waits";
  const int syncs = left_->plane.syncs;
  left_->kill();
  left_->plane.restart();
  left_->start();
  ASSERT_TRUE(run_until([&] { return left_->plane.syncs > syncs; }, 10'000));
  ASSERT_NE(left_->plane.outbound(), nullptr);
  EXPECT_EQ(left_->plane.outbound()->spi(), old);
  EXPECT_TRUE(run_until([&] { return left_->up(); }));
}

TEST_F(Iked, RowsOfTunnelsDeletedWhileItWasAwayGo) {
  start();
  ASSERT_TRUE(both_up());
  left_->kill();
  run_until([&] { return !left_->connected(); });
  left_->commit(
      {"delete security ipsec vpn ipsec_vpn", "delete services service-set ss1 ipsec-vpn"});
  EXPECT_TRUE(left_->has_row("st0.1"));
  left_->start();
  EXPECT_TRUE(run_until([&] { return !left_->has_row("st0.1"); }, 10'000));
}

TEST_F(Iked, WithoutRoomToWriteNothingIsSentAndNothingInstalled) {
  left_ = std::make_unique<Rig>(wire_.left(), lab_lines(true));
  right_ = std::make_unique<Rig>(wire_.right(), lab_lines(false));
  {
    Memory memory(left_->memory());
    ASSERT_EQ(fcntl(left_->memory(), F_ADD_SEALS, F_SEAL_GROW), 0);
    std::uint64_t key = 0;
    for (std::size_t size : {500'000, 60'000, 7'000, 3'000, 1'500, 900})
      while (memory.write({RecordKind(99), key}, Bytes(size, 1))) ++key;
  }
  run_both();
  ASSERT_TRUE(run_until([&] { return left_->plane.syncs > 0; }, 10'000));
  EXPECT_FALSE(run_until([&] { return left_->up() || !left_->plane.sas.empty(); }, 4000));
  EXPECT_EQ(left_->show("clear-ipsec-statistics"), "") << "it still answers";
}

TEST_F(Iked, RecordsThatCannotBeReadGo) {
  start();
  {
    left_->kill();
    Memory memory(left_->memory());
    ASSERT_TRUE(memory.write({RecordKind::kIkeSa, 4711}, Bytes(100, 7)));
  }
  left_->start();
  ASSERT_TRUE(both_up());
  left_->kill();
  EXPECT_FALSE(Memory(left_->memory()).read({RecordKind::kIkeSa, 4711}));
}

TEST_F(Iked, RefusedTunnelIsDownAndSaysSo) {
  start();
  ASSERT_TRUE(both_up());
  left_->plane.refusal = "tunnel: no such thing";
  left_->commit({"set security ipsec vpn ipsec_vpn df-bit copy"});
  ASSERT_TRUE(run_until([&] { return !left_->up(); }));
  EXPECT_THAT(left_->show("get-security-associations-information", {{"index", "500001"}}),
              HasSubstr("Forwarding plane refused the tunnel: tunnel: no such thing"));
  EXPECT_THAT(left_->show("get-inactive-tunnels"),
              HasSubstr("Forwarding plane refused the tunnel: tunnel: no such thing"));
  left_->plane.refusal.clear();
  left_->plane.restart();
  EXPECT_TRUE(run_until([&] { return left_->up(); }, 10'000));
}

TEST_F(Iked, WithoutAPairATunnelSelectsNothing) {
  start({"set security ipsec vpn ipsec_vpn establish-tunnels on-traffic"});
  ASSERT_TRUE(run_until([&] { return left_->plane.syncs > 0; }, 10'000));
  EXPECT_TRUE(left_->plane.tunnels.at(500001).selector().empty());
}

TEST_F(Iked, RestartedReDisturbsNothing) {
  start();
  ASSERT_TRUE(both_up());
  const auto before = left_->plane.sas;
  const int sent = left_->plane.sas_sent;
  left_->restart_re();
  ASSERT_TRUE(run_until([&] { return left_->connected() && left_->up(); }, 10'000));
  run_until([] { return false; }, 500);
  EXPECT_EQ(left_->plane.sas_sent, sent);
  EXPECT_EQ(left_->plane.tunnels.at(500001).outbound_spi(), left_->plane.outbound()->spi());
}

TEST_F(Iked, RestartedPlaneIsToldEverything) {
  start();
  ASSERT_TRUE(both_up());
  const auto before = left_->plane.sas;
  const int syncs = left_->plane.syncs;
  left_->plane.restart();
  ASSERT_TRUE(run_until([&] { return left_->plane.syncs > syncs; }, 10'000));
  EXPECT_EQ(left_->plane.sas.size(), before.size());
  EXPECT_TRUE(agree());
}

TEST_F(Iked, ClearedIkeSaComesBack) {
  start();
  ASSERT_TRUE(both_up());
  const uint64_t old = left_->plane.outbound()->generation();
  const std::string shown = left_->show("get-ike-security-associations-information");
  ASSERT_NE(shown.find(" UP     "), std::string::npos) << shown;
  const std::string cookie = shown.substr(shown.find(" UP     ") + 8, 16);
  EXPECT_EQ(left_->show("clear-ike-security-association"), "");
  EXPECT_THAT(left_->show("get-ike-security-associations-information"),
              testing::Not(HasSubstr(cookie)))
      << "whether its DELETE has an answer or not";
  EXPECT_TRUE(run_until(
      [&] {
        return left_->plane.outbound() && left_->plane.outbound()->generation() != old && agree();
      },
      20'000));
}

TEST_F(Iked, SoftLimitRekeys) {
  start();
  ASSERT_TRUE(both_up());
  const auto& sas = left_->plane.sas;
  const uint64_t old = left_->plane.outbound()->generation();
  const uint32_t in = left_->plane.inbound()->spi(), out = left_->plane.outbound()->spi();
  pfe::api::Event event;
  event.mutable_sa()->set_what(pfe::api::Event::SaEvent::SOFT_LIMIT);
  event.mutable_sa()->set_generation(old);
  left_->plane.send(event);
  EXPECT_TRUE(run_until(
      [&] {
        return left_->plane.outbound() && left_->plane.outbound()->generation() != old && agree();
      },
      20'000));
  EXPECT_THAT(left_->show("get-security-associations-information", {{"index", "500001"}}),
              HasSubstr("IPsec SA rekey succeeds (1 times)"));
  // What the peer's plane sealed with the old pair before it heard of the new one is still opened.
  using Sa = pfe::api::SecurityAssociation;
  EXPECT_TRUE(run_until([&] { return !sas.contains({Sa::OUTBOUND, out}); }, 10'000));
  EXPECT_TRUE(sas.contains({Sa::INBOUND, in}));
  EXPECT_TRUE(run_until([&] { return !sas.contains({Sa::INBOUND, in}); }, 5000));
}

TEST_F(Iked, RekeysWhenSomebodyAsks) {
  start();
  ASSERT_TRUE(both_up());
  EXPECT_THAT(left_->show("request-security-ike-rekey", {{"vpn-name", "nobody"}}),
              HasSubstr("VPN nobody makes no tunnel"));
  for (const bool named : {true, false}) {
    const uint64_t old = left_->plane.outbound()->generation();
    mgmt::Input input;
    if (named) input["vpn-name"] = "ipsec_vpn";
    EXPECT_THAT(left_->show("request-security-ike-rekey", input),
                HasSubstr("Rekey of 1 tunnel begins"));
    EXPECT_TRUE(run_until(
        [&] {
          return left_->plane.outbound() && left_->plane.outbound()->generation() != old && agree();
        },
        20'000));
  }
}

// Who begins sends on the new pair as soon as it has the answer.
TEST_F(Iked, ARekeyIsAnsweredWhenThePlaneHasThePair) {
  start();
  ASSERT_TRUE(both_up());
  const uint64_t old = left_->plane.outbound()->generation();
  right_->plane.slow = 50;
  left_->show("request-security-ike-rekey");
  ASSERT_TRUE(run_until(
      [&] { return left_->plane.outbound() && left_->plane.outbound()->generation() != old; },
      20'000));
  EXPECT_TRUE(right_->plane.answered.contains(left_->plane.outbound()->spi()));
}

TEST_F(Iked, DeadPeerIsNoticed) {
  start({"set security ike gateway ike_gw dead-peer-detection always-send interval 2 threshold 1"});
  ASSERT_TRUE(both_up());
  right_->kill();
  EXPECT_TRUE(run_until([&] { return !left_->up() && left_->plane.sas.empty(); }, 40'000));
  right_->start();  // with its memory: it still believes in the old SAs
  EXPECT_TRUE(both_up());
}

// What was cleared is gone, and its successor negotiated, whether the peer has said so or not.
TEST_F(Iked, SaysThatADeleteHasNoAnswer) {
  start();
  ASSERT_TRUE(both_up());
  right_->kill();
  EXPECT_EQ(left_->show("clear-ike-security-association"), "");
  EXPECT_TRUE(run_until(
      [&] {
        return left_->show("get-ike-explanation").find("DELETE was sent 2 times") !=
               std::string::npos;
      },
      10'000))
      << left_->show("get-ike-explanation");
}

TEST_F(Iked, SaysWhatWaitsForTheEndOfAPair) {
  start();
  ASSERT_TRUE(both_up());
  right_->kill();
  EXPECT_EQ(left_->show("clear-ipsec-security-association"), "");
  EXPECT_THAT(left_->show("get-ike-explanation"), HasSubstr("its DELETE was sent 1 time"));
}

TEST_F(Iked, GarbageFromTheWireDisturbsNothing) {
  start();
  ASSERT_TRUE(both_up());
  const uint64_t generation = left_->plane.outbound()->generation();
  for (const char* size : {"0", "1", "4", "27", "28", "100", "1400", "60000"})
    run("ip netns exec " + wire_.right() + " bash -c 'for i in {1..20}; do head -c " + size +
        " /dev/urandom > /dev/udp/16.1.1.2/500; done'");
  EXPECT_EQ(left_->show("clear-ipsec-statistics"), "") << "it still answers";
  EXPECT_EQ(left_->plane.outbound()->generation(), generation);
  EXPECT_TRUE(agree());
}

TEST_F(Iked, SaysWhyNobodyAnswers) {
  left_ = std::make_unique<Rig>(wire_.left(), lab_lines(true));
  left_->start();
  std::string why;
  EXPECT_TRUE(run_until(
      [&] {
        why = left_->connected() ? left_->show("get-inactive-tunnels") : "";
        return why.find("16.1.1.1 answers that no IKE runs there (ICMP port unreachable)") !=
               std::string::npos;
      },
      10'000))
      << why;
}

TEST_F(Iked, OnTrafficWaitsForTraffic) {
  start({"set security ipsec vpn ipsec_vpn establish-tunnels on-traffic"});
  ASSERT_TRUE(run_until([&] { return left_->plane.syncs > 0 && right_->plane.syncs > 0; }, 10'000));
  EXPECT_TRUE(run_until([&] { return left_->up(); })) << "else no traffic would ever come";
  EXPECT_FALSE(run_until([&] { return left_->plane.outbound() != nullptr; }, 1000));
  pfe::api::Event event;
  event.mutable_tunnel_wanted()->set_id(500001);
  left_->plane.send(event);
  EXPECT_TRUE(both_up());
}

std::vector<std::string> selector_lines(bool left) {
  const std::string vpn = "set security ipsec vpn ipsec_vpn traffic-selector ";
  const auto one = [&](const std::string& name, const std::string& a, const std::string& b) {
    return std::vector<std::string>{vpn + name + " local-ip " + (left ? a : b),
                                    vpn + name + " remote-ip " + (left ? b : a)};
  };
  std::vector<std::string> lines = one("wide", "192.168.0.0/16", "10.1.0.0/16");
  for (const auto& more : {one("narrow", "192.168.5.0/24", "10.1.5.0/24"),
                           one("web term 0", "2001:db8:10::/64", "2001:db8:20::/64")})
    lines.insert(lines.end(), more.begin(), more.end());
  lines.push_back(vpn + "web term 0 protocol tcp");
  lines.push_back(vpn + "web term 0 " + (left ? "destination-port 80" : "source-port 80"));
  return lines;
}

TEST_F(Iked, EveryTrafficSelectorIsATunnel) {
  left_ = std::make_unique<Rig>(wire_.left(), lab_lines(true, selector_lines(true)));
  auto lines = selector_lines(false);
  lines.push_back("set security ipsec vpn ipsec_vpn establish-tunnels responder-only");
  right_ = std::make_unique<Rig>(wire_.right(), lab_lines(false, lines));
  run_both();
  ASSERT_TRUE(run_until(
      [&] { return left_->plane.sas.size() == 6 && right_->plane.sas.size() == 6; }, 20'000));
  const auto all_send = [](const Rig& rig) {
    return rig.plane.tunnels.size() == 3 &&
           std::all_of(rig.plane.tunnels.begin(), rig.plane.tunnels.end(),
                       [](const auto& each) { return each.second.outbound_spi() != 0; });
  };
  ASSERT_TRUE(run_until([&] { return all_send(*left_) && all_send(*right_); }));
  for (const auto& [id, tunnel] : left_->plane.tunnels) {
    EXPECT_EQ(tunnel.order(), id - 500001) << "the first configured is asked first";
    EXPECT_EQ(tunnel.interface(), 77u);
    ASSERT_EQ(tunnel.selector_size(), 1);
    EXPECT_NE(tunnel.outbound_spi(), 0u);
  }
  const auto& web = left_->plane.tunnels.at(500003).selector(0);
  EXPECT_EQ(web.protocol(), 6u);
  EXPECT_EQ(web.remote_port_first(), 80u);
  EXPECT_EQ(web.remote_port_last(), 80u);
  EXPECT_EQ(web.local_port_last(), 65535u);
  // A peer that wants the narrow one does not get the wide one, which holds it and comes first.
  const auto last_of = [](const pfe::api::Tunnel& tunnel) {
    return std::string(tunnel.selector(0).local_last());
  };
  EXPECT_EQ(last_of(right_->plane.tunnels.at(500001)), std::string("\x0a\x01\xff\xff", 4));
  EXPECT_EQ(last_of(right_->plane.tunnels.at(500002)), std::string("\x0a\x01\x05\xff", 4));
  const std::set<std::string> routes{"10.1.0.0/16 st0.1", "10.1.5.0/24 st0.1",
                                     "2001:db8:20::/64 st0.1"};
  EXPECT_TRUE(run_until([&] { return left_->routes() == routes; }));
  EXPECT_EQ(left_->show("get-ipsec-traffic-selector-information",
                        {{"source-address", "2001:db8:10::5/128"}}),
            "Tunnel-id: 500003, Interface: st0.1\n"
            "  IKE-ID: 16.1.1.1\n"
            "  Source IP: ipv6(6,0-65535,2001:db8:10::-2001:db8:10:0:ffff:ffff:ffff:ffff)\n"
            "  Destination IP: ipv6(6,80-80,2001:db8:20::-2001:db8:20:0:ffff:ffff:ffff:ffff)\n");
  const std::string detail =
      left_->show("get-security-associations-information", {{"index", "500003"}});
  EXPECT_NE(detail.find("Traffic Selector Name: web\n"), std::string::npos) << detail;
  EXPECT_NE(detail.find("    6/tcp     80-80        "
                        "ipv6(2001:db8:20::-2001:db8:20:0:ffff:ffff:ffff:ffff)\n"
                        "  TS Type: traffic-selector\n"),
            std::string::npos)
      << detail;
  left_->commit({"delete security ipsec vpn ipsec_vpn traffic-selector narrow"});
  EXPECT_TRUE(run_until([&] { return right_->plane.tunnels.at(500002).outbound_spi() == 0; }));
  EXPECT_TRUE(run_until([&] { return left_->routes().count("10.1.5.0/24 st0.1") == 0; }));
}

TEST_F(Iked, TrafficSelectorsWaitForTrafficWithTheirRoutes) {
  auto lines = selector_lines(true);
  lines.push_back("set security ipsec vpn ipsec_vpn establish-tunnels on-traffic");
  left_ = std::make_unique<Rig>(wire_.left(), lab_lines(true, lines));
  lines = selector_lines(false);
  lines.push_back("set security ipsec vpn ipsec_vpn establish-tunnels responder-only");
  right_ = std::make_unique<Rig>(wire_.right(), lab_lines(false, lines));
  run_both();
  ASSERT_TRUE(run_until([&] { return left_->routes().size() == 3; }, 10'000)) << "at commit";
  ASSERT_TRUE(run_until([&] { return left_->plane.syncs > 0 && right_->plane.syncs > 0; }));
  EXPECT_EQ(left_->plane.tunnels.at(500002).selector_size(), 1) << "its traffic asks for it";
  EXPECT_TRUE(right_->routes().empty()) << "a responder's come with the pair";
  pfe::api::Event event;
  event.mutable_tunnel_wanted()->set_id(500002);
  left_->plane.send(event);
  EXPECT_TRUE(run_until([&] { return right_->routes().size() == 1; }, 10'000));
  EXPECT_EQ(right_->routes(), (std::set<std::string>{"192.168.5.0/24 st0.1"}));
  EXPECT_EQ(left_->plane.tunnels.at(500001).outbound_spi(), 0u);
}

TEST_F(Iked, CommitTearsDownOnlyWhatItMust) {
  start();
  ASSERT_TRUE(both_up());
  const uint64_t old = left_->plane.outbound()->generation();
  left_->commit({"set security ipsec vpn ipsec_vpn df-bit copy",
                 "set security ike policy ike_policy description new"});
  ASSERT_TRUE(
      run_until([&] { return left_->plane.tunnels.at(500001).df() == pfe::api::Tunnel::COPY; }));
  EXPECT_EQ(left_->plane.outbound()->generation(), old);
  left_->commit(
      {"delete security ipsec vpn ipsec_vpn", "delete services service-set ss1 ipsec-vpn"});
  EXPECT_TRUE(
      run_until([&] { return left_->plane.sas.empty() && left_->plane.tunnels.empty(); }, 10'000));
  EXPECT_TRUE(run_until([&] { return right_->plane.outbound() == nullptr; }, 10'000))
      << "the peer was told";
  EXPECT_EQ(left_->show("get-ike-explanation"),
            "There is no tunnel: no VPN is configured at [edit security ipsec]\n");
}

TEST_F(Iked, WrongKeyIsSaidInTheEvents) {
  left_ = std::make_unique<Rig>(wire_.left(), lab_lines(true));
  right_ = std::make_unique<Rig>(
      wire_.right(),
      lab_lines(false, {"set security ike policy ike_policy pre-shared-key ascii-text wrong",
                        "set security ipsec vpn ipsec_vpn establish-tunnels responder-only"}));
  left_->start();
  right_->start();
  EXPECT_TRUE(run_until(
      [&] {
        return left_->connected() &&
               left_->show("get-security-associations-information", {{"index", "500001"}})
                       .find("Authentication failed") != std::string::npos;
      },
      10'000));
  EXPECT_FALSE(left_->up());
  const std::string why = left_->show("get-inactive-tunnels");
  EXPECT_NE(why.find("  Total inactive tunnels: 1\n"
                     "  Total inactive tunnels with establish immediately: 1\n"),
            std::string::npos)
      << why;
  EXPECT_NE(why.find("it has another pre-shared key, or does not expect inet 16.1.1.2"),
            std::string::npos)
      << why;
  EXPECT_EQ(right_->show("get-inactive-tunnels").substr(0, 27), "  Total inactive tunnels: 1");
}

std::string file_text(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST_F(Iked, KeysAreWrittenForTheOwnerOnly) {
  start();
  ASSERT_TRUE(both_up());
  EXPECT_THAT(left_->show("request-security-ike-debug-keys"), HasSubstr("Keys written to "));
  const std::string directory = left_->key_directory();
  for (const char* name : {"/ikev2_decryption_table", "/esp_sa"}) {
    struct stat status {};
    ASSERT_EQ(stat((directory + name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600u);
  }
  EXPECT_THAT(file_text(directory + "/esp_sa"), HasSubstr("\"16.1.1.2\",\"16.1.1.1\",\"0x"));
}

}  // namespace
}  // namespace nezu::ike
