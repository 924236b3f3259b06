// Certificates against strongSwan's charon, in both roles; lists and OCSP answers from servers of
// python and openssl.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QTemporaryDir>
#include <cctype>
#include <fstream>

#include "services/ike/certificates/certificate.h"
#include "tests/interop/charon.h"
#include "tests/services/ike/authority.h"
#include "tests/services/ike/iked_rig.h"
#include "tests/services/ike/output.h"
#include "tests/services/state/loop.h"

namespace nezu::ike {
namespace {

using state::run_until;
using test::Authority;
using test::Made;
using test::pem_of;
using test::Wish;
using testing::HasSubstr;

constexpr const char* kCrl = "http://127.0.0.1:8001/root.crl";
constexpr const char* kOcsp = "http://127.0.0.1:8002/";

// What a case has that others have not.
struct Case {
  const char* name;
  KeyKind kind = KeyKind::kEcdsa256;
  std::vector<std::string> lines = {};  // ours
  std::string connection = {};          // charon's
  std::string options = {};
  std::string ours = "16.1.1.2";  // charon's name for us
  std::string theirs = "16.1.1.1";
  Wish our_certificate = {.subject = "CN=ours,O=Nezu", .alternate = "IP:16.1.1.2"};
  Wish their_certificate = {.subject = "CN=theirs,O=Nezu", .alternate = "IP:16.1.1.1", .key = 1};
};
void PrintTo(const Case& each, std::ostream* out) {
  *out << each.name;
}

class Certificates : public testing::Test {
 protected:
  void SetUp() override {
    state::application();
    if (!run("test -x /usr/lib/ipsec/charon")) GTEST_SKIP() << "strongSwan is not installed";
    if (!wire_.usable()) GTEST_SKIP() << "namespaces cannot be made here";
  }
  void TearDown() override {
    for (const std::string& pid : servers_) run("kill " + pid);
  }

  // Certificates of the authority; a test changes them before start().
  void make(KeyKind kind) { make(Case{.name = "", .kind = kind}); }
  void make(Case each) {
    each.our_certificate.kind = each.their_certificate.kind = each.kind;
    ours_ = root_.issue(each.our_certificate);
    theirs_ = root_.issue(each.their_certificate);
    charon_root_ = root_.own().pem();
  }

  void start(const Case& each, bool we_start) {
    std::vector<std::string> lines = {
        "set security ike proposal ike_prop authentication-method certificates",
        "set security ike proposal ike_prop encryption-algorithm aes-256-gcm",
        "set security ike proposal ike_prop authentication-algorithm sha-256",
        "set security ike proposal ike_prop dh-group group19",
        "delete security ike policy ike_policy pre-shared-key",
        "set security ike policy ike_policy certificate local-certificate own",
        "set security ike policy ike_policy certificate trusted-ca ca-profile root",
        "set security pki ca-profile root ca-identity nezu.example",
        "set security pki ca-profile middle ca-identity nezu.example"};
    if (!revocation_) lines.push_back("set security pki ca-profile root revocation-check disable");
    lines.insert(lines.end(), each.lines.begin(), each.lines.end());
    if (!we_start)
      lines.push_back("set security ipsec vpn ipsec_vpn establish-tunnels responder-only");
    // What is loaded by hand has to be there before the tunnel is tried, or it is tried again
    // later.
    iked_ = std::make_unique<Rig>(wire_.left(),
                                  lab_lines(true, {"deactivate security ipsec vpn ipsec_vpn"}));
    iked_->start();
    ASSERT_TRUE(iked_->ready());
    iked_->commit(lines);
    load();
    start_charon(each, !we_start);
    iked_->commit({"activate security ipsec vpn ipsec_vpn"});
  }

  void load() {
    const auto ask = [&](const char* rpc, const mgmt::Input& input) {
      EXPECT_THAT(iked_->show(rpc, input), HasSubstr("loaded successfully"));
    };
    ask("load-pki-ca-certificate",
        {{"ca-profile", "root"}, {"filename", file("root.pem", root_.own().pem())}});
    if (!middle_.empty())
      ask("load-pki-ca-certificate",
          {{"ca-profile", "middle"}, {"filename", file("middle.pem", middle_)}});
    ask("load-pki-local-certificate", {{"certificate-id", "own"},
                                       {"filename", file("own.pem", ours_.pem())},
                                       {"key", file("own.key", pem_of(ours_.key))}});
  }

  void start_charon(const Case& each, bool starts) {
    Charon::Setup setup;
    setup.connection =
        " left=16.1.1.1\n right=16.1.1.2\n leftcert=own.pem\n leftid=" + each.theirs +
        "\n rightid=" + each.ours +
        "\n leftauth=pubkey\n rightauth=pubkey\n leftsendcert=always\n" + each.connection +
        " ike=aes256gcm16-prfsha256-ecp256!\n esp=aes256gcm16!\n "
        "leftsubnet=0.0.0.0/0\n rightsubnet=0.0.0.0/0\n auto=" +
        (starts ? "start" : "add") + "\n";
    setup.secrets =
        std::string(": ") + (theirs_kind() == KeyKind::kRsa ? "RSA" : "ECDSA") + " own.key\n";
    setup.options = each.options;
    setup.files["cacerts/root.pem"] = charon_root_;
    if (!middle_.empty()) setup.files["cacerts/middle.pem"] = middle_;
    setup.files["certs/own.pem"] = theirs_.pem();
    setup.files["private/own.key"] = pem_of(theirs_.key);
    charon_ = std::make_unique<Charon>(wire_.right(), setup);
  }
  KeyKind theirs_kind() const { return Certificate::of_der(theirs_.der())->kind(); }

  bool up() {
    return run_until([this] { return iked_->up() && iked_->plane.outbound(); }, 20'000);
  }
  // Refused by us, with this reason, and told.
  void expect_refusal(const std::string& reason) {
    EXPECT_TRUE(charon_->logged("AUTH_FAILED")) << charon_->log();
    EXPECT_TRUE(run_until(
        [&] { return iked_->show("get-inactive-tunnels").find(reason) != std::string::npos; },
        5'000))
        << iked_->show("get-inactive-tunnels");
    EXPECT_FALSE(iked_->up());
  }

  std::string file(const std::string& name, const std::string& content) {
    const std::string path = directory_.filePath(QString::fromStdString(name)).toStdString();
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  void serve(const std::string& command) {
    const std::string pid =
        output_of("cd " + directory_.path().toStdString() + "; ip netns exec " + wire_.left() +
                  " " + command + " >/dev/null 2>&1 </dev/null & echo $!");
    servers_.push_back(pid.substr(0, pid.find('\n')));
  }
  void serve_list(int hours = 24) {
    run("ip -n " + wire_.left() + " link set lo up");
    const Bytes crl = root_.crl({.to_hours = hours});
    file("root.crl", {crl.begin(), crl.end()});
    serve("python3 -m http.server 8001 --bind 127.0.0.1");
  }
  // openssl's responder, with its own idea of who is revoked.
  void serve_ocsp(bool revoked) {
    run("ip -n " + wire_.left() + " link set lo up");
    std::string serial = Certificate::of_der(theirs_.der())->serial();
    for (char& digit : serial) digit = static_cast<char>(std::toupper(digit));
    file("index.txt", revoked
                          ? "R\t491231235959Z\t250101000000Z\t" + serial + "\tunknown\t/CN=theirs\n"
                          : "V\t491231235959Z\t\t" + serial + "\tunknown\t/CN=theirs\n");
    const std::string root = file("ca.pem", root_.own().pem());
    const std::string key = file("ca.key", pem_of(root_.own().key));
    serve("openssl ocsp -index index.txt -port 8002 -rsigner " + root + " -rkey " + key + " -CA " +
          root);
  }
  // Looked at, not tried: openssl's responder would wait for a request on the trial.
  bool answers(int port) {
    return run_until(
        [&] {
          return run("ip netns exec " + wire_.left() +
                     " ss -ltn | grep -q :" + std::to_string(port));
        },
        10'000);
  }

  Wire wire_;
  QTemporaryDir directory_;
  Authority root_{{.subject = "CN=root,O=Nezu", .kind = KeyKind::kEcdsa256}};
  Made ours_, theirs_;
  std::string middle_, charon_root_;
  bool revocation_ = false;
  std::vector<std::string> servers_;
  std::unique_ptr<Rig> iked_;
  std::unique_ptr<Charon> charon_;
};

const Case kCases[] = {
    {"Rsa",
     KeyKind::kRsa,
     {"set security ike proposal ike_prop authentication-method rsa-signatures"}},
    {"RsaPss",
     KeyKind::kRsa,
     {"set security ike proposal ike_prop authentication-method digital-signature"},
     " leftauth=rsa/pss-sha512\n rightauth=rsa/pss\n",
     " rsa_pss = yes\n"},
    // Of before RFC 7427.
    {"RsaSha1", KeyKind::kRsa, {}, "", " signature_authentication = no\n"},
    {"Ecdsa256",
     KeyKind::kEcdsa256,
     {"set security ike proposal ike_prop authentication-method ecdsa-signatures-256"}},
    {"Ecdsa384",
     KeyKind::kEcdsa384,
     {"set security ike proposal ike_prop authentication-method ecdsa-signatures-384"}},
    {"Ecdsa521",
     KeyKind::kEcdsa521,
     {"set security ike proposal ike_prop authentication-method ecdsa-signatures-521"}},
    {"Ecdsa521OfBefore", KeyKind::kEcdsa521, {}, "", " signature_authentication = no\n"},
    {.name = "Rsa4096AndMailAddresses",
     .kind = KeyKind::kRsa,
     .lines = {"set security ike gateway ike_gw local-identity user-at-hostname ours@nezu.example",
               "set security ike gateway ike_gw remote-identity user-at-hostname "
               "theirs@nezu.example"},
     .ours = "ours@nezu.example",
     .theirs = "theirs@nezu.example",
     .our_certificate = {.subject = "CN=ours", .alternate = "email:ours@nezu.example", .key = 4096},
     .their_certificate = {.subject = "CN=theirs",
                           .alternate = "email:theirs@nezu.example",
                           .key = 4096}},
    {.name = "DistinguishedNamesWithWildcards",
     .lines = {"set security ike gateway ike_gw local-identity distinguished-name",
               "set security ike gateway ike_gw remote-identity distinguished-name wildcard "
               "\"C=JP,OU=West\""},
     .ours = "\"CN=ours, O=Nezu\"",
     .theirs = "\"CN=theirs, OU=West, O=Nezu, C=JP\"",
     .their_certificate = {.subject = "CN=theirs,OU=West,O=Nezu,C=JP", .key = 1}},
    {"NamesInAContainer",
     KeyKind::kEcdsa256,
     {"set security ike gateway ike_gw local-identity distinguished-name",
      "set security ike gateway ike_gw remote-identity distinguished-name container "
      "\"CN=theirs,O=Nezu\""},
     "",
     "",
     "\"CN=ours, O=Nezu\"",
     "\"CN=theirs, O=Nezu\""},
};

class CertificatesOfEveryKind : public Certificates, public testing::WithParamInterface<Case> {};

TEST_P(CertificatesOfEveryKind, CharonAnswersUs) {
  make(GetParam());
  start(GetParam(), true);
  ASSERT_TRUE(up()) << charon_->log() << iked_->show("get-inactive-tunnels");
}

TEST_P(CertificatesOfEveryKind, WeAnswerCharon) {
  make(GetParam());
  start(GetParam(), false);
  ASSERT_TRUE(up()) << charon_->log() << iked_->show("get-inactive-tunnels");
}

INSTANTIATE_TEST_SUITE_P(Keys, CertificatesOfEveryKind, testing::ValuesIn(kCases),
                         [](const auto& each) { return each.param.name; });

TEST_F(Certificates, ChainsInFragmentsBothWays) {
  root_ = Authority({.subject = "CN=root,O=Nezu"});
  Authority middle({.subject = "CN=middle,O=Nezu"}, root_);
  middle_ = middle.own().pem();
  make(KeyKind::kRsa);
  ours_ = middle.issue({.subject = "CN=ours", .alternate = "IP:16.1.1.2"});
  theirs_ = middle.issue({.subject = "CN=theirs", .alternate = "IP:16.1.1.1", .key = 1});
  start({"Chain", KeyKind::kRsa, {"set security pki ca-profile middle revocation-check disable"}},
        true);
  ASSERT_TRUE(up()) << charon_->log();
  EXPECT_THAT(charon_->log(), HasSubstr("received fragment #4"));
  EXPECT_THAT(charon_->log(), HasSubstr("received issuer cert"));
}

TEST_F(Certificates, OfAnotherAuthorityAreRefused) {
  make(KeyKind::kEcdsa256);
  Authority other({.subject = "CN=other", .kind = KeyKind::kEcdsa256, .key = 5});
  theirs_ =
      other.issue({.subject = "CN=theirs", .alternate = "IP:16.1.1.1", .kind = KeyKind::kEcdsa256});
  start({"WrongCa"}, false);
  expect_refusal("unable to get local issuer certificate");
}

TEST_F(Certificates, ThatAreOverAreRefused) {
  make(KeyKind::kEcdsa256);
  theirs_ = root_.issue({.subject = "CN=theirs",
                         .alternate = "IP:16.1.1.1",
                         .kind = KeyKind::kEcdsa256,
                         .key = 1,
                         .from_hours = -48,
                         .to_hours = -1});
  start({"Expired"}, false);
  expect_refusal("certificate has expired");
}

TEST_F(Certificates, AreLookedForInTheList) {
  make(KeyKind::kEcdsa256);
  revocation_ = true;
  serve_list();
  ASSERT_TRUE(answers(8001));
  start({"Crl",
         KeyKind::kEcdsa256,
         {std::string("set security pki ca-profile root revocation-check crl url ") + kCrl}},
        false);
  ASSERT_TRUE(up()) << charon_->log() << iked_->show("get-inactive-tunnels");
  EXPECT_THAT(iked_->show("get-pki-crl"), HasSubstr("CRL issuer: CN=root, O=Nezu"));
  // Rekeyed, the peer stands on what it proved before.
  charon_->control("rekey nezu");
  EXPECT_TRUE(charon_->logged("IKE_SA nezu[2] rekeyed")) << charon_->log();
  // So it does for the process that comes after.
  iked_->kill();
  iked_->start();
  ASSERT_TRUE(iked_->ready());
  ASSERT_TRUE(up());
  // Revoked: what stands ends, with the reason, and what is begun anew is refused.
  root_.revoke(theirs_);
  const Bytes crl = root_.crl();
  file("root.crl", {crl.begin(), crl.end()});
  EXPECT_THAT(
      iked_->show("load-pki-crl", {{"ca-profile", "root"},
                                   {"filename", directory_.filePath("root.crl").toStdString()}}),
      HasSubstr("loaded successfully"));
  EXPECT_TRUE(run_until([&] { return !iked_->up(); }, 10'000));
  EXPECT_THAT(iked_->show("get-inactive-tunnels"),
              HasSubstr("Peer is no longer authentic: certificate CN=theirs, O=Nezu (serial"));
  EXPECT_TRUE(charon_->logged("received DELETE for IKE_SA nezu[2]")) << charon_->log();
  charon_->control("up nezu");
  EXPECT_TRUE(charon_->logged("AUTH_FAILED")) << charon_->log();
  EXPECT_THAT(iked_->show("get-inactive-tunnels"), HasSubstr("is revoked"));
}

TEST_F(Certificates, WithoutAListAreRefusedUnlessItIsToBeSoft) {
  make(KeyKind::kEcdsa256);
  revocation_ = true;
  start({"NoCrl",
         KeyKind::kEcdsa256,
         {std::string("set security pki ca-profile root revocation-check crl url ") + kCrl}},
        false);
  expect_refusal("no current CRL of CN=root, O=Nezu");
  iked_->commit(
      {"set security pki ca-profile root revocation-check crl disable on-download-failure"});
  charon_->control("up nezu");
  EXPECT_TRUE(up()) << charon_->log();
}

TEST_F(Certificates, AreAskedAboutByOcsp) {
  make(KeyKind::kEcdsa256);
  revocation_ = true;
  serve_ocsp(false);
  ASSERT_TRUE(answers(8002));
  start({"Ocsp",
         KeyKind::kEcdsa256,
         {"set security pki ca-profile root revocation-check use-ocsp",
          "set security pki ca-profile root revocation-check ocsp nonce-payload enable",
          std::string("set security pki ca-profile root revocation-check ocsp url ") + kOcsp}},
        false);
  EXPECT_TRUE(up()) << charon_->log() << iked_->show("get-inactive-tunnels");
  EXPECT_THAT(iked_->show("get-pki-statistics"), testing::ContainsRegex("Good: +1"));
}

TEST_F(Certificates, RevokedByOcspAreRefused) {
  make(KeyKind::kEcdsa256);
  revocation_ = true;
  serve_ocsp(true);
  ASSERT_TRUE(answers(8002));
  start({"Revoked",
         KeyKind::kEcdsa256,
         {"set security pki ca-profile root revocation-check use-ocsp",
          std::string("set security pki ca-profile root revocation-check ocsp url ") + kOcsp}},
        false);
  expect_refusal("is revoked");
}

// Of three links: both authorities' lists are asked for, each from where its profile says.
TEST_F(Certificates, BetweenAreLookedForInTheirListsAsWell) {
  Authority middle({.subject = "CN=middle,O=Nezu", .kind = KeyKind::kEcdsa384}, root_);
  middle_ = middle.own().pem();
  make(KeyKind::kEcdsa256);
  ours_ =
      middle.issue({.subject = "CN=ours", .alternate = "IP:16.1.1.2", .kind = KeyKind::kEcdsa256});
  theirs_ = middle.issue(
      {.subject = "CN=theirs", .alternate = "IP:16.1.1.1", .kind = KeyKind::kEcdsa521, .key = 1});
  revocation_ = true;
  serve_list();
  const Bytes list = middle.crl();
  file("middle.crl", {list.begin(), list.end()});
  ASSERT_TRUE(answers(8001));
  start({"Three",
         KeyKind::kEcdsa256,
         {std::string("set security pki ca-profile root revocation-check crl url ") + kCrl,
          "set security pki ca-profile middle revocation-check crl url "
          "http://127.0.0.1:8001/middle.crl"}},
        false);
  ASSERT_TRUE(up()) << charon_->log() << iked_->show("get-inactive-tunnels");
  const std::string lists = iked_->show("get-pki-crl");
  EXPECT_THAT(lists, HasSubstr("CRL issuer: CN=root, O=Nezu"));
  EXPECT_THAT(lists, HasSubstr("CRL issuer: CN=middle, O=Nezu"));
  // The one between is revoked: who it certified is nobody.
  root_.revoke(middle.own());
  const Bytes newer = root_.crl({.from_hours = -1});
  EXPECT_THAT(
      iked_->show("load-pki-crl", {{"ca-profile", "root"},
                                   {"filename", file("new.crl", {newer.begin(), newer.end()})}}),
      HasSubstr("loaded successfully"));
  iked_->show("clear-ike-security-association");
  charon_->control("up nezu");
  EXPECT_TRUE(charon_->logged("AUTH_FAILED")) << charon_->log();
  EXPECT_THAT(iked_->show("get-inactive-tunnels"), HasSubstr("certificate CN=middle, O=Nezu"));
}

TEST_F(Certificates, FallBackToTheListWhenNoResponderAnswers) {
  make(KeyKind::kEcdsa256);
  revocation_ = true;
  root_.revoke(theirs_);
  serve_list();
  ASSERT_TRUE(answers(8001));
  const std::string check = "set security pki ca-profile root revocation-check ";
  start({"Fallback",
         KeyKind::kEcdsa256,
         {check + "use-ocsp", check + "ocsp url " + kOcsp,
          check + "ocsp connection-failure fallback-crl", check + "crl url " + kCrl}},
        false);
  expect_refusal("is revoked");
}

TEST_F(Certificates, WithoutAResponderAreRefusedUnlessItIsToBeSoft) {
  make(KeyKind::kEcdsa256);
  revocation_ = true;
  start({"NoOcsp",
         KeyKind::kEcdsa256,
         {"set security pki ca-profile root revocation-check use-ocsp",
          std::string("set security pki ca-profile root revocation-check ocsp url ") + kOcsp}},
        false);
  expect_refusal("no OCSP answer about");
  iked_->commit(
      {"set security pki ca-profile root revocation-check ocsp connection-failure disable"});
  charon_->control("up nezu");
  EXPECT_TRUE(up()) << charon_->log();
}

}  // namespace
}  // namespace nezu::ike
