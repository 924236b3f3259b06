#include "services/ike/settings/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/services/ike/lab_configuration.h"

namespace nezu::ike {
namespace {

using configdb::Delta;
using configdb::Problems;
using configdb::View;
using state::edited;
using state::tree;

Problems problems_of(const View& after) {
  return check(Delta(1, View(), after));
}

// "[edit security ike] 'gateway x' message", as the user reads them.
std::vector<std::string> lines_of(const Problems& problems) {
  std::vector<std::string> lines;
  for (const auto& problem : problems) {
    std::string line = "[edit";
    for (const auto& word : problem.path) line += ' ' + word;
    line +=
        "] '" + problem.statement + "' " + (problem.warning ? "warning: " : "") + problem.message;
    lines.push_back(line);
  }
  return lines;
}

struct Case {
  const char* name;
  std::vector<std::string> edits;       // of the lab's configuration
  std::vector<std::string> complaints;  // all of them
};

class Check : public testing::TestWithParam<Case> {};

TEST_P(Check, SaysWhatIsWrong) {
  const View after = edited(lab_tree(), GetParam().edits);
  EXPECT_THAT(lines_of(problems_of(after)),
              testing::UnorderedElementsAreArray(GetParam().complaints));
}

const Case kCases[] = {
    {"Lab", {}, {}},
    {"ManualKeys",
     {"delete security ipsec vpn ipsec_vpn ike",
      "set security ipsec vpn ipsec_vpn manual encryption algorithm aes-256-gcm"},
     {"[edit security ipsec vpn ipsec_vpn] 'manual' Inline IPsec encrypts with AES-GCM only, which "
      "must not be used with manual keys (RFC 4106)"}},
    {"EncapsulationToThePortOfNat",
     {"set security ike packet-encapsulation dest-port 4500",
      "set security ike gateway ike_gw packet-encapsulation use-global-dest-port"},
     {"[edit security ike packet-encapsulation] 'dest-port 4500' Port 4500 is that of NAT "
      "traversal"}},
    {"EncapsulationOfAVpnToThePortOfNat",
     {"set security ipsec vpn ipsec_vpn udp-encapsulate dest-port 4500"},
     {"[edit security ipsec vpn ipsec_vpn] 'udp-encapsulate dest-port 4500' Port 4500 is that of "
      "NAT traversal"}},
    {"NoSt0Unit",
     {"delete interfaces st0 unit 1"},
     {"[edit security ipsec vpn ipsec_vpn] 'bind-interface st0.1' Interface st0.1 is not "
      "configured"}},
    {"MonitorAsksFromNowhere",
     {"set security ipsec vpn ipsec_vpn vpn-monitor source-interface et-0/0/0.7"},
     {"[edit security ipsec vpn ipsec_vpn vpn-monitor] 'source-interface et-0/0/0.7' Interface "
      "et-0/0/0.7 is not configured"}},
    {"MonitorAsksInAnotherFamily",
     {"set security ipsec vpn ipsec_vpn vpn-monitor destination-ip 2001:db8::1"},
     {"[edit security ipsec vpn ipsec_vpn vpn-monitor] 'destination-ip 2001:db8::1' Its address "
      "family needs a 'source-interface' that has one"}},
    {"MonitorWithEverything",
     {"set security ipsec vpn ipsec_vpn vpn-monitor source-interface et-0/0/0.0",
      "set security ipsec vpn ipsec_vpn vpn-monitor destination-ip 2.2.2.1",
      "set security ipsec vpn ipsec_vpn vpn-monitor optimized"},
     {}},
    {"NoBindInterface",
     {"delete security ipsec vpn ipsec_vpn bind-interface"},
     {"[edit security ipsec] 'vpn ipsec_vpn' Missing mandatory statement: 'bind-interface'"}},
    {"BindInterfaceIsNoTunnel",
     {"set security ipsec vpn ipsec_vpn bind-interface et-0/2/10.0"},
     {"[edit security ipsec vpn ipsec_vpn] 'bind-interface et-0/2/10.0' bind-interface must be a "
      "unit of st0"}},
    {"NoServiceSet",
     {"delete services service-set ss1 ipsec-vpn ipsec_vpn"},
     {"[edit security ipsec] 'vpn ipsec_vpn' No service set refers to this VPN"}},
    {"TwoServiceSets",
     {"set services service-set ss2 next-hop-service inside-service-interface si-0/0/0.2",
      "set services service-set ss2 next-hop-service outside-service-interface si-0/0/0.3",
      "set services service-set ss2 ipsec-vpn ipsec_vpn",
      "set interfaces si-0/0/0 unit 2 service-domain inside",
      "set interfaces si-0/0/0 unit 3 service-domain outside"},
     {"[edit security ipsec] 'vpn ipsec_vpn' VPN belongs to service sets ss1 and ss2"}},
    {"ServiceInterfaceIsNotInline",
     {"set services service-set ss1 next-hop-service inside-service-interface et-0/2/10.0",
      "set services service-set ss1 next-hop-service outside-service-interface et-0/0/0.0"},
     {"[edit services service-set ss1 next-hop-service] 'inside-service-interface et-0/2/10.0' "
      "IPsec needs an inline service interface (si-)",
      "[edit services service-set ss1 next-hop-service] 'outside-service-interface et-0/0/0.0' "
      "IPsec needs an inline service interface (si-)",
      "[edit services service-set ss1 next-hop-service] 'outside-service-interface et-0/0/0.0' "
      "Inside and outside service interfaces must be units of one interface"}},
    {"ServiceDomains",
     {"delete interfaces si-0/0/0 unit 0 service-domain",
      "set interfaces si-0/0/0 unit 1 service-domain inside"},
     {"[edit services service-set ss1 next-hop-service] 'inside-service-interface si-0/0/0.0' "
      "Interface si-0/0/0.0 needs 'service-domain inside'",
      "[edit services service-set ss1 next-hop-service] 'outside-service-interface si-0/0/0.1' "
      "Interface si-0/0/0.1 needs 'service-domain outside'"}},
    {"ServiceUnitIsNotConfigured",
     {"delete interfaces si-0/0/0 unit 1"},
     {"[edit services service-set ss1 next-hop-service] 'outside-service-interface si-0/0/0.1' "
      "Interface si-0/0/0.1 is not configured"}},
    {"NoNextHopService",
     {"delete services service-set ss1 next-hop-service"},
     {"[edit services] 'service-set ss1' Missing mandatory statement: 'next-hop-service'"}},
    {"Cbc",
     {"set security ipsec proposal ipsec_prop encryption-algorithm aes-256-cbc"},
     {"[edit security ipsec proposal ipsec_prop] 'encryption-algorithm aes-256-cbc' Inline IPsec "
      "does not support aes-256-cbc, only aes-128-gcm and aes-256-gcm"}},
    {"NoCipher",
     {"delete security ipsec proposal ipsec_prop encryption-algorithm"},
     {"[edit security ipsec] 'proposal ipsec_prop' Missing mandatory statement: "
      "'encryption-algorithm'"}},
    {"Ah",
     {"set security ipsec proposal ipsec_prop protocol ah"},
     {"[edit security ipsec proposal ipsec_prop] 'protocol ah' Inline IPsec supports ESP only"}},
    {"IntegrityBesideGcm",
     {"set security ipsec proposal ipsec_prop authentication-algorithm hmac-sha1-96"},
     {"[edit security ipsec proposal ipsec_prop] 'authentication-algorithm hmac-sha1-96' warning: "
      "has no effect beside aes-256-gcm"}},
    {"FlagsThatNothingIsWrittenFor",
     {"set security ike traceoptions flag ike", "set security ike traceoptions flag general",
      "set security ike traceoptions flag snmp"},
     {"[edit security ike traceoptions] 'flag snmp' warning: statement is accepted but has no "
      "effect"}},
    {"MatchIsNoRegularExpression",
     {"set security ike traceoptions file match a(b"},
     {"[edit security ike traceoptions file] 'match a(b' Not a regular expression, or too large a "
      "one"}},
    {"UnusedProposalMayBeAnything",
     {"set security ipsec proposal other encryption-algorithm 3des-cbc"},
     {}},
    {"VersionIsNotTwo",
     {"delete security ike gateway ike_gw version"},
     {"[edit security ike gateway ike_gw] 'version' Inline IPsec supports IKEv2 only: 'version "
      "v2-only' is required"}},
    {"UnusedGatewayMayBeVersionOne",
     {"set security ike gateway spare ike-policy ike_policy",
      "set security ike gateway spare address 16.1.1.9",
      "set security ike gateway spare external-interface et-0/2/10"},
     {}},
    {"NoAddress",
     {"delete security ike gateway ike_gw address"},
     {"[edit security ike] 'gateway ike_gw' Missing mandatory statement: 'address'"}},
    {"Families",
     {"set security ike gateway ike_gw local-address 1611::2",
      "set interfaces et-0/2/10 unit 0 family inet6 address 1611::2/64"},
     {"[edit security ike gateway ike_gw] 'local-address 1611::2' Address family differs from "
      "that of the peer 16.1.1.1"}},
    {"NoAddressOfTheFamily",
     {"delete security ike gateway ike_gw local-address",
      "delete security ike gateway ike_gw address",
      "set security ike gateway ike_gw address "
      "1611::1"},
     {"[edit security ike gateway ike_gw] 'external-interface et-0/2/10' Interface et-0/2/10.0 "
      "has no address of the peer's family"}},
    {"ExternalInterfaceIsNotConfigured",
     {"set security ike gateway ike_gw external-interface et-0/0/5.7"},
     {"[edit security ike gateway ike_gw] 'external-interface et-0/0/5.7' Interface et-0/0/5.7 is "
      "not configured"}},
    {"OwnAddress",
     {"delete security ike gateway ike_gw address",
      "set security ike gateway ike_gw address 16.1.1.2"},
     {"[edit security ike gateway ike_gw] 'address 16.1.1.2' Address of the peer is our own"}},
    {"NoKey",
     {"delete security ike policy ike_policy pre-shared-key"},
     {"[edit security ike] 'policy ike_policy' Missing mandatory statement: 'pre-shared-key'"}},
    {"NoKeyInAPolicyThatNobodyUses",
     {"set security ike policy spare proposals ike_prop"},
     {"[edit security ike] 'policy spare' Missing mandatory statement: 'pre-shared-key'"}},
    {"LocalAddressIsOnNoInterface",
     {"set security ike gateway ike_gw local-address 16.1.1.77"},
     {"[edit security ike gateway ike_gw] 'local-address 16.1.1.77' Address is not configured on "
      "any interface"}},
    {"LocalAddressIsOnAnotherInterface",
     {"set interfaces lo0 unit 0 family inet address 9.9.9.9/32",
      "set security ike gateway ike_gw local-address 9.9.9.9"},
     {}},
    {"DeprecatedCiphers",
     {"set security ike proposal ike_prop encryption-algorithm des-cbc"},
     {"[edit security ike proposal ike_prop] 'encryption-algorithm des-cbc' warning: des-cbc is "
      "deprecated"}},
    {"ProposalSets",
     {"delete security ike policy ike_policy proposals",
      "set security ike policy ike_policy proposal-set standard",
      "delete security ipsec policy ipsec_policy proposals",
      "set security ipsec policy ipsec_policy proposal-set prime-256"},
     {}},
    {"ProposalSetsThatAreNotForUs",
     {"set security ike policy ike_policy proposal-set prime-128",
      "delete security ipsec policy ipsec_policy proposals",
      "set security ipsec policy ipsec_policy proposal-set compatible"},
     {"[edit security ike policy ike_policy] 'proposal-set prime-128' proposals and proposal-set "
      "cannot be configured together",
      "[edit security ike policy ike_policy] 'proposal-set prime-128' Authentication by "
      "certificate "
      "needs 'certificate local-certificate' in the policy",
      "[edit security ipsec policy ipsec_policy] 'proposal-set compatible' Inline IPsec does not "
      "support 3des-cbc, only aes-128-gcm and aes-256-gcm"}},
    {"NoProposals",
     {"delete security ike policy ike_policy proposals",
      "delete security ipsec policy ipsec_policy proposals"},
     {"[edit security ike] 'policy ike_policy' Missing mandatory statement: 'proposals'",
      "[edit security ipsec] 'policy ipsec_policy' Missing mandatory statement: 'proposals'"}},
    {"CertificateMethodWithoutCertificate",
     {"set security ike proposal ike_prop authentication-method rsa-signatures"},
     {"[edit security ike proposal ike_prop] 'authentication-method rsa-signatures' "
      "Authentication by certificate needs 'certificate local-certificate' in the policy"}},
    {"Certificates",
     {"set security ike proposal ike_prop authentication-method ecdsa-signatures-256",
      "delete security ike policy ike_policy pre-shared-key",
      "set security ike policy ike_policy certificate local-certificate own",
      "set security ike policy ike_policy certificate trusted-ca ca-profile root",
      "set security pki ca-profile root ca-identity nezu.example"},
     {}},
    {"CertificateAndSecret",
     {"set security ike policy ike_policy certificate local-certificate own",
      "set security ike policy ike_policy certificate peer-certificate-type pkcs7"},
     {"[edit security ike policy ike_policy] 'pre-shared-key' pre-shared-key and certificate "
      "local-certificate cannot be configured together",
      "[edit security ike policy ike_policy certificate] 'peer-certificate-type pkcs7' Certificate "
      "type is not supported, only x509-signature is",
      "[edit security ike policy ike_policy certificate] 'local-certificate own' Certificates need "
      "a ca-profile at [edit security pki]",
      "[edit security ike proposal ike_prop] 'authentication-method pre-shared-keys' "
      "Authentication by pre-shared key in a policy with a certificate"}},
    {"NamesAndCertificates",
     {"set security ike gateway ike_gw local-identity distinguished-name",
      "set security ike gateway ike_gw remote-identity distinguished-name container oops"},
     {"[edit security ike gateway ike_gw] 'local-identity' A distinguished-name needs certificates "
      "in the IKE policy",
      "[edit security ike gateway ike_gw] 'remote-identity' A distinguished-name needs "
      "certificates in the IKE policy",
      "[edit security ike gateway ike_gw] 'remote-identity' container oops is no distinguished "
      "name"}},
    {"RevocationOverTls",
     {"set security pki ca-profile root ca-identity x",
      "set security pki ca-profile root revocation-check crl url https://ca.example/a.crl",
      "set security pki ca-profile root revocation-check ocsp url ldap://ca.example"},
     {"[edit security pki ca-profile root revocation-check crl] 'url https://ca.example/a.crl' "
      "Only http:// is supported",
      "[edit security pki ca-profile root revocation-check ocsp] 'url ldap://ca.example' Only "
      "http:// is supported"}},
    {"TwoVpnsOnOneUnit",
     {"set security ipsec vpn second bind-interface st0.1",
      "set security ipsec vpn second ike gateway other_gw",
      "set security ipsec vpn second ike ipsec-policy ipsec_policy",
      "set security ike gateway other_gw ike-policy ike_policy",
      "set security ike gateway other_gw address 16.1.1.9",
      "set security ike gateway other_gw external-interface et-0/2/10",
      "set security ike gateway other_gw version v2-only",
      "set services service-set ss1 ipsec-vpn second"},
     {"[edit security ipsec vpn second] 'bind-interface st0.1' Interface st0.1 is already bound to "
      "VPN ipsec_vpn"}},
    {"TwoVpnsWithTheSameSelectors",
     {"set security ipsec vpn second bind-interface st0.2",
      "set security ipsec vpn second ike gateway ike_gw",
      "set security ipsec vpn second ike ipsec-policy ipsec_policy",
      "set interfaces st0 unit 2 family inet", "set services service-set ss1 ipsec-vpn second"},
     {"[edit security ipsec vpn second] 'ike gateway ike_gw' Traffic selectors are those of VPN "
      "ipsec_vpn on the same gateway"}},
    {"WindowTooLarge",
     {"set security ipsec vpn ipsec_vpn ike anti-replay-window-size 8192"},
     {"[edit security ipsec vpn ipsec_vpn ike] 'anti-replay-window-size 8192' Inline IPsec "
      "supports "
      "windows of at most 4096 packets"}},
    {"TrafficSelectorWithoutARemote",
     {"set security ipsec vpn ipsec_vpn traffic-selector ts1 local-ip 10.0.0.0/8"},
     {"[edit security ipsec vpn ipsec_vpn] 'traffic-selector ts1' Missing mandatory statement: "
      "'remote-ip'"}},
    {"TrafficSelectorOfTwoFamilies",
     {"set security ipsec vpn ipsec_vpn traffic-selector ts1 term 0 local-ip 10.0.0.0/8",
      "set security ipsec vpn ipsec_vpn traffic-selector ts1 term 0 remote-ip 2001:db8::/32"},
     {"[edit security ipsec vpn ipsec_vpn traffic-selector ts1 term 0] 'remote-ip 2001:db8::/32' "
      "Local and remote addresses must be of one address family"}},
    {"TrafficSelectorToEverywhere",
     {"set security ipsec vpn ipsec_vpn traffic-selector ts1 local-ip 10.0.0.0/8",
      "set security ipsec vpn ipsec_vpn traffic-selector ts1 remote-ip 0.0.0.0/0"},
     {"[edit security ipsec vpn ipsec_vpn traffic-selector ts1] 'remote-ip 0.0.0.0/0' Remote "
      "address must not be 0.0.0.0/0 on a site-to-site VPN"}},
    {"AResponderMaySelectEverywhere",
     {"set security ipsec vpn ipsec_vpn traffic-selector ts1 local-ip 10.0.0.0/8",
      "set security ipsec vpn ipsec_vpn traffic-selector ts1 remote-ip 0.0.0.0/0",
      "set security ipsec vpn ipsec_vpn establish-tunnels responder-only"},
     {}},
    {"PortsWithoutProtocol",
     {"set security ipsec vpn ipsec_vpn traffic-selector ts1 local-ip 10.0.0.0/8",
      "set security ipsec vpn ipsec_vpn traffic-selector ts1 remote-ip 11.0.0.0/8",
      "set security ipsec vpn ipsec_vpn traffic-selector ts1 source-port 90-80",
      "set security ipsec vpn ipsec_vpn traffic-selector ts1 protocol nonsense"},
     {"[edit security ipsec vpn ipsec_vpn traffic-selector ts1] 'protocol nonsense' Protocol is "
      "unknown",
      "[edit security ipsec vpn ipsec_vpn traffic-selector ts1] 'source-port 90-80' Must be a "
      "port or a range of ports",
      "[edit security ipsec vpn ipsec_vpn traffic-selector ts1] 'source-port 90-80' Ports need "
      "'protocol' tcp, udp or sctp"}},
    {"TrafficSelectorBesideProxyIdentity",
     {"set security ipsec vpn ipsec_vpn traffic-selector ts1 local-ip 10.0.0.0/8",
      "set security ipsec vpn ipsec_vpn traffic-selector ts1 remote-ip 11.0.0.0/8",
      "set security ipsec vpn ipsec_vpn ike proxy-identity local 1.0.0.0/8",
      "set security ipsec vpn ipsec_vpn ike proxy-identity remote 2.0.0.0/8"},
     {"[edit security ipsec vpn ipsec_vpn ike] 'proxy-identity' proxy-identity and "
      "traffic-selector cannot be configured together"}},
    {"OneSelectorInTwoVpns",
     {"set security ipsec vpn ipsec_vpn traffic-selector ts1 local-ip 10.0.0.0/8",
      "set security ipsec vpn ipsec_vpn traffic-selector ts1 remote-ip 11.0.0.0/8",
      "set security ipsec vpn second bind-interface st0.2",
      "set security ipsec vpn second ike gateway ike_gw",
      "set security ipsec vpn second ike ipsec-policy ipsec_policy",
      "set security ipsec vpn second traffic-selector ts9 local-ip 10.0.0.0/8",
      "set security ipsec vpn second traffic-selector ts9 remote-ip 11.0.0.0/8",
      "set interfaces st0 unit 2 family inet", "set services service-set ss1 ipsec-vpn second"},
     {"[edit security ipsec vpn second traffic-selector ts9] 'remote-ip 11.0.0.0/8' Selects what "
      "traffic-selector ts1 of VPN ipsec_vpn does"}},
    {"OneRemoteInTwoVpns",
     {"set security ipsec vpn ipsec_vpn traffic-selector ts1 local-ip 10.0.0.0/8",
      "set security ipsec vpn ipsec_vpn traffic-selector ts1 remote-ip 11.0.0.0/8",
      "set security ipsec vpn second bind-interface st0.2",
      "set security ipsec vpn second ike gateway ike_gw",
      "set security ipsec vpn second ike ipsec-policy ipsec_policy",
      "set security ipsec vpn second traffic-selector ts9 local-ip 12.0.0.0/8",
      "set security ipsec vpn second traffic-selector ts9 remote-ip 11.0.0.0/8",
      "set interfaces st0 unit 2 family inet", "set services service-set ss1 ipsec-vpn second"},
     {"[edit security ipsec vpn second traffic-selector ts9] 'remote-ip 11.0.0.0/8' Remote "
      "address 11.0.0.0/8 is that of VPN ipsec_vpn on st0.1"}},
    {"FourSelectorsThatOverlap",
     {"set security ipsec vpn ipsec_vpn traffic-selector ts-1 local-ip 192.168.5.0/24",
      "set security ipsec vpn ipsec_vpn traffic-selector ts-1 remote-ip 10.1.5.0/24",
      "set security ipsec vpn ipsec_vpn traffic-selector ts-2 local-ip 192.168.0.0/16",
      "set security ipsec vpn ipsec_vpn traffic-selector ts-2 remote-ip 10.1.0.0/16",
      "set security ipsec vpn ipsec_vpn traffic-selector ts-3 local-ip 172.16.0.0/16",
      "set security ipsec vpn ipsec_vpn traffic-selector ts-3 remote-ip 10.2.0.0/16",
      "set security ipsec vpn ipsec_vpn traffic-selector ts-4 local-ip 172.16.5.0/24",
      "set security ipsec vpn ipsec_vpn traffic-selector ts-4 remote-ip 10.2.5.0/24"},
     {}},
    {"HalfAProxyIdentity",
     {"set security ipsec vpn ipsec_vpn ike proxy-identity local 1.1.1.0/24"},
     {"[edit security ipsec vpn ipsec_vpn ike] 'proxy-identity' Missing mandatory statement: "
      "'remote'"}},
};

INSTANTIATE_TEST_SUITE_P(Cases, Check, testing::ValuesIn(kCases),
                         [](const auto& each) { return each.param.name; });

TEST(CheckDelta, AllAtOnce) {
  const View after = edited(lab_tree(), {"delete interfaces st0 unit 1",
                                         "delete security ike policy ike_policy pre-shared-key",
                                         "delete services service-set ss1"});
  EXPECT_EQ(problems_of(after).size(), 3u);
}

TEST(CheckDelta, NothingForACommitThatTouchesNothingOfOurs) {
  const View broken = edited(lab_tree(), {"delete interfaces st0 unit 1"});
  const View after = edited(broken, {"set system host-name other"});
  EXPECT_TRUE(check(Delta(2, broken, after)).empty());
  EXPECT_FALSE(check(Delta(2, lab_tree(), after)).empty());
}

}  // namespace
}  // namespace nezu::ike
