// Peers that die, that prove themselves anew, that only answer and that are somebody else, with
// strongSwan's charon as the peer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/interop/charon.h"
#include "tests/services/ike/iked_rig.h"
#include "tests/services/state/loop.h"

namespace nezu::ike {
namespace {

using state::run_until;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecret = "16.1.1.1 16.1.1.2 : PSK \"test123\"\n";

class Liveness : public testing::Test {
 protected:
  void SetUp() override {
    state::application();
    if (!run("test -x /usr/lib/ipsec/charon")) GTEST_SKIP() << "strongSwan is not installed";
    if (!wire_.usable()) GTEST_SKIP() << "namespaces cannot be made here";
  }
  void start(bool charon_starts, std::vector<std::string> lines, const std::string& more = "",
             const char* secret = kSecret) {
    Charon::Setup setup;
    setup.connection =
        " authby=psk\n left=16.1.1.1\n right=16.1.1.2\n leftsubnet=0.0.0.0/0\n"
        " rightsubnet=0.0.0.0/0\n" +
        more + " ike=aes256-sha256-modp2048!\n esp=aes256gcm16!\n auto=" +
        (charon_starts ? "start" : "add") + "\n";
    setup.secrets = secret;
    setup.options = " make_before_break = yes\n";
    lines.insert(lines.begin(),
                 {"set security ike proposal ike_prop encryption-algorithm aes-256-cbc",
                  "set security ike proposal ike_prop authentication-algorithm sha-256",
                  "set security ike proposal ike_prop dh-group group14"});
    charon_ = std::make_unique<Charon>(wire_.right(), setup);
    iked_ = std::make_unique<Rig>(wire_.left(), lab_lines(true, lines));
    iked_->start();
  }
  bool up(int patience = 20'000) {
    return run_until([this] { return iked_->up() && iked_->plane.outbound(); }, patience);
  }
  // charon hears nothing any more: it is as good as dead.
  void silence() {
    ASSERT_TRUE(run("ip netns exec " + wire_.right() +
                    " nft 'table inet quiet { chain in { type filter hook input priority 0; "
                    "udp dport { 500, 4500 } drop; }; }'"));
  }
  void wake() { run("ip netns exec " + wire_.right() + " nft delete table inet quiet"); }
  double seconds_until_down(int patience) {
    const auto begin = std::chrono::steady_clock::now();
    if (!run_until([this] { return !iked_->up(); }, patience)) return -1;
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  std::string events() {
    return iked_->show("get-security-associations-information", {{"index", "500001"}});
  }
  bool said(const std::string& words) {
    return run_until(
        [&] {
          return iked_->connected() &&
                 iked_->show("get-ike-explanation").find(words) != std::string::npos;
        },
        15'000);
  }

  Wire wire_;
  std::unique_ptr<Charon> charon_;
  std::unique_ptr<Rig> iked_;
};

std::string dpd(const std::string& mode) {
  return "set security ike gateway ike_gw dead-peer-detection " + mode + " interval 2 threshold 2";
}

// Found dead between the first look and interval x (threshold + 2), and back when it is.
class DeadPeer : public Liveness, public testing::WithParamInterface<const char*> {};

TEST_P(DeadPeer, IsFoundAndComesBack) {
  start(false, {dpd(GetParam())});
  ASSERT_TRUE(up()) << charon_->log();
  const int before = iked_->downs();
  run_until([] { return false; }, 6000);
  EXPECT_EQ(iked_->downs(), before) << "it lives";
  silence();
  const double seconds = seconds_until_down(20'000);
  RecordProperty("seconds", std::to_string(seconds));
  EXPECT_GT(seconds, 2.0);
  EXPECT_LT(seconds, 9.0) << "the machine may be slow";
  EXPECT_THAT(events(), HasSubstr("Peer is dead (DPD)"));
  EXPECT_THAT(iked_->show("get-ike-explanation"),
              HasSubstr("Dead peer detection: 16.1.1.1 did not answer, asked 2 times"));
  wake();
  EXPECT_TRUE(up(40'000)) << charon_->log();
}

INSTANTIATE_TEST_SUITE_P(Modes, DeadPeer, testing::Values("always-send", "probe-idle-tunnel"));

TEST_F(Liveness, OptimizedAsksOnlyWhenWhatWeSendIsNotAnswered) {
  start(false, {dpd("optimized")});
  ASSERT_TRUE(up()) << charon_->log();
  silence();
  EXPECT_LT(seconds_until_down(9000), 0) << "nothing is sent: nothing is missed";
  iked_->plane.sends = true;
  EXPECT_GT(seconds_until_down(20'000), 0);
  EXPECT_THAT(events(), HasSubstr("Peer is dead (DPD)"));
}

// RFC 7296 section 2.8.3, by charon: its new IKE SA takes over before the old one goes.
TEST_F(Liveness, CharonReauthenticatesAndNothingGoesDown) {
  start(true, {"set security ipsec vpn ipsec_vpn establish-tunnels responder-only"},
        " reauth=yes\n ikelifetime=14s\n margintime=6s\n rekeyfuzz=0%\n");
  ASSERT_TRUE(up()) << charon_->log();
  const auto cookies = [this] {
    const std::string all = iked_->show("get-ike-security-associations-information");
    return all.substr(all.find("UP"), 40);
  };
  const auto generation = iked_->plane.outbound()->generation();
  const std::string first = cookies();
  const int before = iked_->downs();
  EXPECT_TRUE(run_until(
      [&] {
        const auto* sa = iked_->plane.outbound();
        return sa && sa->generation() != generation && iked_->plane.sas.size() == 2;
      },
      25'000))
      << charon_->log();
  EXPECT_NE(cookies(), first) << "another IKE SA";
  EXPECT_THAT(iked_->show("get-ike-stats-information"), HasSubstr("Request In               : 2"))
      << "proved anew, not rekeyed";
  EXPECT_TRUE(iked_->up());
  EXPECT_EQ(iked_->downs(), before) << "at no time";
}

TEST_F(Liveness, ResponderOnlyNeverBegins) {
  start(false, {"set security ipsec vpn ipsec_vpn establish-tunnels responder-only-no-rekey"});
  EXPECT_FALSE(up(4000));
  EXPECT_TRUE(said("Waits for the peer to begin (establish-tunnels responder-only)"));
  EXPECT_EQ(charon_->log().find("received packet"), std::string::npos);
  EXPECT_THAT(iked_->show("request-security-ike-initiate", {{"vpn-name", "ipsec_vpn"}}),
              HasSubstr("error: VPN ipsec_vpn only answers"));
  charon_->control("up-nb nezu");
  ASSERT_TRUE(up()) << charon_->log();
  // The soft limit is for the peer to act upon.
  const auto generation = iked_->plane.outbound()->generation();
  pfe::api::Event event;
  event.mutable_sa()->set_what(pfe::api::Event::SaEvent::SOFT_LIMIT);
  event.mutable_sa()->set_generation(generation);
  iked_->plane.send(event);
  run_until([] { return false; }, 2000);
  EXPECT_EQ(iked_->plane.outbound()->generation(), generation);
}

TEST_F(Liveness, OnTrafficBeginsWithTheFirstPacketOrAtTheWordOfAPerson) {
  start(false, {"set security ipsec vpn ipsec_vpn establish-tunnels on-traffic"});
  EXPECT_TRUE(said("Waits for traffic (establish-tunnels on-traffic)"));
  pfe::api::Event event;
  event.mutable_tunnel_wanted()->set_id(500001);
  iked_->plane.send(event);
  ASSERT_TRUE(up()) << charon_->log();
  EXPECT_EQ(iked_->show("request-security-ike-terminate", {{"gateway", "ike_gw"}}), "");
  EXPECT_TRUE(run_until([&] { return iked_->plane.sas.empty(); }, 10'000));
  EXPECT_THAT(iked_->show("request-security-ike-initiate", {{"vpn-name", "ipsec_vpn"}}),
              HasSubstr("Negotiation of 1 tunnel begins"));
  EXPECT_TRUE(up()) << charon_->log();
}

constexpr const char* kAnyone = ": PSK \"test123\"\n";

TEST_F(Liveness, AnotherIdentityIsRefusedInWords) {
  start(false, {"set security ike gateway ike_gw remote-identity hostname right.example"},
        " leftid=@wrong.example\n rightid=16.1.1.2\n", kAnyone);
  EXPECT_TRUE(said("AUTHENTICATION_FAILED")) << charon_->log();
  EXPECT_FALSE(iked_->up());
}

TEST_F(Liveness, AnotherIdentityOfWhoBeginsIsRefusedInWords) {
  start(true,
        {"set security ike gateway ike_gw remote-identity hostname right.example",
         "set security ipsec vpn ipsec_vpn establish-tunnels responder-only"},
        " leftid=@wrong.example\n rightid=16.1.1.2\n", kAnyone);
  EXPECT_TRUE(said("says it is hostname wrong.example, expected is hostname right.example"))
      << charon_->log();
}

TEST_F(Liveness, OtherProposalsAreToldApart) {
  start(true, {"set security ike proposal ike_prop dh-group group19",
               "set security ipsec vpn ipsec_vpn establish-tunnels responder-only"});
  EXPECT_TRUE(said("DH group: the peer offers group14, this end accepts group19"))
      << iked_->show("get-ike-explanation") << charon_->log();
}

// A lifetime is three minutes at least: the next process finds that most of it has gone by.
TEST_F(Liveness, WeReauthenticateAndNothingGoesDown) {
  start(false, {"set security ike proposal ike_prop lifetime-seconds 180",
                "set security ike policy ike_policy reauth-frequency 1"});
  ASSERT_TRUE(up()) << charon_->log();
  EXPECT_THAT(iked_->show("get-ike-security-associations-information", {{"detail", ""}}),
              HasSubstr("Reauth Lifetime: Expires in 1"));
  const auto generation = iked_->plane.outbound()->generation();
  const int before = iked_->downs();
  iked_->kill();
  iked_->start(120);
  EXPECT_TRUE(run_until(
      [&] {
        const auto* sa = iked_->plane.outbound();
        return sa && sa->generation() != generation && iked_->plane.sas.size() == 2;
      },
      60'000))
      << charon_->log();
  EXPECT_EQ(iked_->downs(), before) << charon_->log();
  EXPECT_THAT(iked_->show("get-ike-stats-information"), HasSubstr("Request Out              : 1"))
      << "begun by this process, which has rekeyed nothing";
  EXPECT_THAT(charon_->log(), Not(HasSubstr("CREATE_CHILD_SA")));
}

}  // namespace
}  // namespace nezu::ike
