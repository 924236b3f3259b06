// IKE against strongSwan's charon, in both roles.
#include <gtest/gtest.h>

#include "tests/interop/charon.h"
#include "tests/services/ike/iked_rig.h"
#include "tests/services/state/loop.h"

namespace nezu::ike {
namespace {

using state::run_until;

struct Suite {
  const char* name;
  const char* ike;  // charon's words
  const char* esp;
  std::vector<std::string> lines;  // ours
  const char* more = "";           // charon's, of the connection
  const char* left_subnet = "0.0.0.0/0";
  const char* right_subnet = "0.0.0.0/0";
  const char* secret = "16.1.1.1 16.1.1.2 : PSK \"test123\"\n";
  const char* left = "16.1.1.1";  // charon's address
  const char* right = "16.1.1.2";
};

void PrintTo(const Suite& suite, std::ostream* out) {
  *out << suite.name;
}

Charon::Setup setup_of(const Suite& suite, bool starts) {
  Charon::Setup setup;
  setup.connection = std::string(" authby=psk\n left=") + suite.left + "\n right=" + suite.right +
                     "\n leftsubnet=" + suite.left_subnet + "\n rightsubnet=" + suite.right_subnet +
                     "\n" + suite.more + " ike=" + suite.ike + "!\n esp=" + suite.esp +
                     "!\n auto=" + (starts ? "start" : "add") + "\n";
  setup.secrets = suite.secret;
  return setup;
}

const Suite kSuites[] = {
    {"Aes256Sha256Modp2048",
     "aes256-sha256-modp2048",
     "aes256gcm16",
     {"set security ike proposal ike_prop encryption-algorithm aes-256-cbc",
      "set security ike proposal ike_prop authentication-algorithm sha-256",
      "set security ike proposal ike_prop dh-group group14"}},
    {"Aes256GcmEcp256",
     "aes256gcm16-prfsha256-ecp256",
     "aes128gcm16-ecp256",
     {"set security ike proposal ike_prop encryption-algorithm aes-256-gcm",
      "set security ike proposal ike_prop authentication-algorithm sha-256",
      "set security ike proposal ike_prop dh-group group19",
      "set security ipsec proposal ipsec_prop encryption-algorithm aes-128-gcm",
      "set security ipsec policy ipsec_policy perfect-forward-secrecy keys group19"}},
    {"Aes128Sha384Ecp384",
     "aes128-sha384-ecp384",
     "aes256gcm16-ecp384",
     {"set security ike proposal ike_prop encryption-algorithm aes-128-cbc",
      "set security ike proposal ike_prop authentication-algorithm sha-384",
      "set security ike proposal ike_prop dh-group group20",
      "set security ipsec policy ipsec_policy perfect-forward-secrecy keys group20"}},
    {"TrafficSelectorWithPorts",
     "aes256-sha256-modp2048",
     "aes256gcm16",
     {"set security ike proposal ike_prop encryption-algorithm aes-256-cbc",
      "set security ike proposal ike_prop authentication-algorithm sha-256",
      "set security ike proposal ike_prop dh-group group14",
      "set security ipsec vpn ipsec_vpn traffic-selector ts1 term 0 local-ip 192.168.10.0/24",
      "set security ipsec vpn ipsec_vpn traffic-selector ts1 term 0 remote-ip 192.168.20.0/24",
      "set security ipsec vpn ipsec_vpn traffic-selector ts1 term 0 protocol tcp",
      "set security ipsec vpn ipsec_vpn traffic-selector ts1 term 0 source-port 500-1010",
      "set security ipsec vpn ipsec_vpn traffic-selector ts1 term 0 destination-port 500-1010"},
     "",
     "192.168.20.0/24[tcp/500-1010]",
     "192.168.10.0/24[tcp/500-1010]"},
    {"NarrowedByBoth",
     "aes256-sha256-modp2048",
     "aes256gcm16",
     {"set security ike proposal ike_prop encryption-algorithm aes-256-cbc",
      "set security ike proposal ike_prop authentication-algorithm sha-256",
      "set security ike proposal ike_prop dh-group group14",
      "set security ipsec vpn ipsec_vpn ike proxy-identity local 192.168.0.0/16",
      "set security ipsec vpn ipsec_vpn ike proxy-identity remote 10.1.5.0/24"},
     "",
     "10.1.0.0/16",
     "192.168.10.0/24"},
    // charon says that there is a NAT: both meet on port 4500, behind the marker.
    {"BehindANat",
     "chacha20poly1305-prfsha256-x25519",
     "aes256gcm16",
     {"set security ike proposal ike_prop encryption-algorithm chacha20-poly1305",
      "set security ike proposal ike_prop authentication-algorithm sha-256",
      "set security ike proposal ike_prop dh-group group31"},
     " forceencaps=yes\n"},
    {"NamesAsIdentities",
     "aes256-sha256-modp2048",
     "aes256gcm16",
     {"set security ike proposal ike_prop encryption-algorithm aes-256-cbc",
      "set security ike proposal ike_prop authentication-algorithm sha-256",
      "set security ike proposal ike_prop dh-group group14",
      "set security ike gateway ike_gw local-identity user-at-hostname trainee@nezu.example",
      "set security ike gateway ike_gw remote-identity hostname peer.nezu.example"},
     " leftid=@peer.nezu.example\n rightid=trainee@nezu.example\n",
     "0.0.0.0/0",
     "0.0.0.0/0",
     "@peer.nezu.example trainee@nezu.example : PSK \"test123\"\n"},
    // What each end guesses first is not the other's: INVALID_KE_PAYLOAD, also of a rekey by
    // charon.
    {"AnotherGroup",
     "aes256-sha256-modp2048-ecp256",
     "aes256gcm16-modp2048-ecp256",
     {"set security ike proposal ike_prop encryption-algorithm aes-256-cbc",
      "set security ike proposal ike_prop authentication-algorithm sha-256",
      "set security ike proposal ike_prop dh-group group31",
      "set security ike proposal second authentication-method pre-shared-keys",
      "set security ike proposal second encryption-algorithm aes-256-cbc",
      "set security ike proposal second authentication-algorithm sha-256",
      "set security ike proposal second dh-group group19",
      "set security ike policy ike_policy proposals second",
      "set security ipsec policy ipsec_policy perfect-forward-secrecy keys group19"}},
    {"ExtendedSequenceNumbers",
     "3des-sha1-modp1024",
     "aes256gcm16-esn",
     {"set security ipsec proposal ipsec_prop extended-sequence-number"}},
};

class Strongswan : public testing::TestWithParam<Suite> {
 protected:
  void SetUp() override {
    state::application();
    if (!run("test -x /usr/lib/ipsec/charon")) GTEST_SKIP() << "strongSwan is not installed";
    if (!wire_.usable()) GTEST_SKIP() << "namespaces cannot be made here";
  }
  void start(bool we_start) {
    std::vector<std::string> lines = GetParam().lines;
    if (!we_start)
      lines.push_back("set security ipsec vpn ipsec_vpn establish-tunnels responder-only");
    charon_ = std::make_unique<Charon>(wire_.right(), setup_of(GetParam(), !we_start));
    iked_ = std::make_unique<Rig>(wire_.left(), lab_lines(true, lines));
    iked_->start();
  }
  bool up() {
    return run_until([this] { return iked_->up() && iked_->plane.outbound(); }, 20'000);
  }
  // charon sends where we listen, and listens where we send.
  void expect_same_spis() {
    ASSERT_TRUE(iked_->plane.outbound() && iked_->plane.inbound());
    char spis[64];

    std::snprintf(spis, sizeof spis, "SPIs %08x_i %08x_o", iked_->plane.outbound()->spi(),
                  iked_->plane.inbound()->spi());
    EXPECT_TRUE(logged(spis)) << spis << charon_->log();
    EXPECT_TRUE(logged("established between")) << charon_->log();
  }
  bool logged(const std::string& words) { return charon_->logged(words); }

  Wire wire_;
  std::unique_ptr<Charon> charon_;
  std::unique_ptr<Rig> iked_;
};

TEST_P(Strongswan, AnswersUs) {
  start(true);
  ASSERT_TRUE(up()) << charon_->log() << iked_->show("get-ike-explanation");
  expect_same_spis();
}

TEST_P(Strongswan, IsAnsweredByUs) {
  start(false);
  ASSERT_TRUE(up()) << charon_->log() << iked_->show("get-ike-explanation");
  expect_same_spis();
}

TEST_P(Strongswan, TakesOurRekeyAndWeTakeItsOwn) {
  start(true);
  ASSERT_TRUE(up()) << charon_->log() << iked_->show("get-ike-explanation");
  uint64_t old = iked_->plane.outbound()->generation();
  // The old pair may be there for a while: the next rekey does not wait for its end.
  const auto renewed = [&] {
    return run_until(
        [&] {
          const auto* sa = iked_->plane.outbound();
          return sa && sa->generation() != old;
        },
        15'000);
  };
  pfe::api::Event event;
  event.mutable_sa()->set_what(pfe::api::Event::SaEvent::SOFT_LIMIT);
  event.mutable_sa()->set_generation(old);
  iked_->plane.send(event);
  ASSERT_TRUE(renewed()) << "our rekey\n" << charon_->log();
  expect_same_spis();
  old = iked_->plane.outbound()->generation();
  charon_->control("rekey nezu{*}");
  ASSERT_TRUE(renewed()) << "charon's rekey\n" << charon_->log();
  EXPECT_TRUE(run_until([&] { return iked_->plane.sas.size() == 2; }, 15'000)) << charon_->log();
  expect_same_spis();
  charon_->control("rekey nezu[*]");
  EXPECT_TRUE(logged("rekeyed between")) << "charon's rekey of the IKE SA\n" << charon_->log();
  EXPECT_TRUE(iked_->up());
}

// This charon opens port 500 for IPv4 only, and 4500 for both: it begins, and cannot be begun with.
class OverIpv6 : public Strongswan {};

TEST_P(OverIpv6, WeAnswerCharon) {
  start(false);
  ASSERT_TRUE(up()) << charon_->log() << iked_->show("get-ike-explanation");
  expect_same_spis();
  EXPECT_EQ(iked_->plane.outbound()->remote().size(), 16u);
}

const Suite kOverIpv6 = {.name = "Aes256GcmX25519",
                         .ike = "aes256gcm16-prfsha256-x25519",
                         .esp = "aes256gcm16",
                         .lines = {"set security ike proposal ike_prop encryption-algorithm "
                                   "aes-256-gcm",
                                   "set security ike proposal ike_prop authentication-algorithm "
                                   "sha-256",
                                   "set security ike proposal ike_prop dh-group group31",
                                   "delete security ike gateway ike_gw local-address",
                                   "delete security ike gateway ike_gw address",
                                   "set security ike gateway ike_gw address 1611::1"},
                         .secret = "1611::1 1611::2 : PSK \"test123\"\n",
                         .left = "1611::1",
                         .right = "1611::2"};
INSTANTIATE_TEST_SUITE_P(Suites, OverIpv6, testing::Values(kOverIpv6),
                         [](const auto& each) { return each.param.name; });

// Again and again, a few milliseconds apart: whatever meets, one pair is left and nothing goes
// down.
class Meeting : public Strongswan {};

TEST_P(Meeting, RekeysOfBothEnds) {
  start(true);
  ASSERT_TRUE(up()) << charon_->log() << iked_->show("get-ike-explanation");
  const int before = iked_->downs();
  for (int round = 0; round < 12; ++round) {
    const std::uint64_t old = iked_->plane.outbound()->generation();
    charon_->control("rekey nezu{*} >/dev/null 2>&1 &");
    run_until([] { return false; }, 4 * round);
    pfe::api::Event event;
    event.mutable_sa()->set_what(pfe::api::Event::SaEvent::SOFT_LIMIT);
    event.mutable_sa()->set_generation(old);
    iked_->plane.send(event);
    ASSERT_TRUE(run_until(
        [&] {
          const auto* sa = iked_->plane.outbound();
          return sa && sa->generation() != old;
        },
        15'000))
        << round << charon_->log();
  }
  EXPECT_TRUE(run_until([&] { return iked_->plane.sas.size() == 2; }, 15'000)) << charon_->log();
  EXPECT_EQ(iked_->downs(), before);
  expect_same_spis();
}

INSTANTIATE_TEST_SUITE_P(Suites, Meeting, testing::Values(kSuites[1]),
                         [](const auto& each) { return each.param.name; });

INSTANTIATE_TEST_SUITE_P(Suites, Strongswan, testing::ValuesIn(kSuites),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace nezu::ike
