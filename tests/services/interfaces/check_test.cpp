#include "services/interfaces/check.h"

#include "tree.h"

namespace nezu::interfaces {
namespace {

struct Case {
  const char* name;
  const char* lines;
  const char* problems;
};

class CheckTest : public testing::TestWithParam<Case> {
 protected:
  chassis::Forwarding forwarding_;
  chassis::Chassis chassis_{*chassis::find_model("mx304"), forwarding_};
};

TEST_P(CheckTest, FindsAllProblems) {
  EXPECT_EQ(sample::text(check_interfaces(sample::tree(GetParam().lines), chassis_)),
            GetParam().problems);
}

const Case kCases[] = {
    {"Lab",
     "set chassis fpc 0 pic 0 inline-services\n"
     "set services service-set ss1 next-hop-service inside-service-interface si-0/0/0.0\n"
     "set services service-set ss1 next-hop-service outside-service-interface si-0/0/0.1\n"
     "set interfaces et-0/0/0 unit 0 family inet address 1.1.1.1/24\n"
     "set interfaces si-0/0/0 unit 0 family inet\n"
     "set interfaces si-0/0/0 unit 0 service-domain inside\n"
     "set interfaces si-0/0/0 unit 1 service-domain outside\n"
     "set interfaces et-0/2/10 unit 0 family inet address 16.1.1.2/24\n"
     "set interfaces et-0/2/10 unit 0 family inet6 address 1611::2/64\n"
     "set interfaces lo0 unit 0 family inet address 10.0.0.1/32\n"
     "set interfaces st0 unit 1 family inet\n",
     ""},
    {"AProtocolBesideSelectors",
     "set interfaces st0 unit 1 family inet\n"
     "set interfaces st0 unit 2 family inet\n"
     "set security ipsec vpn v1 bind-interface st0.1\n"
     "set security ipsec vpn v1 traffic-selector a local-ip 10.1.0.0/16\n"
     "set security ipsec vpn v1 traffic-selector a remote-ip 10.2.0.0/16\n"
     "set security ipsec vpn v2 bind-interface st0.2\n"
     "set protocols ospf area 0 interface st0.1\n"
     "set protocols ospf area 0 interface st0.2\n",
     "[edit protocols ospf area 0.0.0.0]\n"
     "  'interface st0.1'\n    warning: its VPN has traffic selectors, whose routes come by "
     "themselves: a routing protocol is not supported beside them\n"},
    {"Vxlan",
     "set interfaces lo0 unit 0 family inet address 10.0.0.1/32\n"
     "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe source address 10.0.0.1\n"
     "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe destination address 10.0.0.2\n"
     "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe tunnel-endpoint vxlan\n"
     "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe vni 300\n"
     "set interfaces fti0 unit 0 family inet address 19.3.1.1/30\n",
     ""},
    {"VxlanIncomplete",
     "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe\n"
     "set interfaces fti0 unit 1 family inet\n",
     "[edit interfaces fti0]\n"
     "  'unit 1'\n    warning: has no 'tunnel encapsulation vxlan-gpe'; the unit does not come up\n"
     "[edit interfaces fti0 unit 0 tunnel encapsulation]\n"
     "  'vxlan-gpe'\n    Missing mandatory statement: 'source'\n"
     "    Missing mandatory statement: 'destination address'\n"
     "    Missing mandatory statement: 'vni'\n"},
    {"VxlanThatCannotBe",
     "set interfaces lo0 unit 0 family inet address 10.0.0.1/32\n"
     "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe source address 10.0.0.9\n"
     "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe destination address 10.0.0.1\n"
     "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe vni 300\n"
     "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe destination-udp-port 4500\n"
     "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe source-udp-port-range min 9 max 7\n"
     "set interfaces fti0 unit 1 tunnel encapsulation vxlan-gpe source interface lo0.7\n"
     "set interfaces fti0 unit 1 tunnel encapsulation vxlan-gpe destination address 224.0.0.1\n"
     "set interfaces fti0 unit 1 tunnel encapsulation vxlan-gpe vni 1\n"
     "set interfaces fti0 unit 1 tunnel encapsulation vxlan-gpe source-udp-port-range min 9\n",
     "[edit interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe]\n"
     "  'destination address 10.0.0.1'\n    is an address of this router\n"
     "  'destination-udp-port 4500'\n    is a port of IKE\n"
     "  'source address 10.0.0.9'\n    warning: no interface has this address: "
     "what the other end sends does not arrive\n"
     "  'source-udp-port-range'\n    min 9 is above max 7\n"
     "[edit interfaces fti0 unit 1 tunnel encapsulation vxlan-gpe]\n"
     "  'destination address 224.0.0.1'\n    must be the address of one host\n"
     "  'source interface lo0.7'\n    the interface has no family inet address\n"
     "  'source-udp-port-range'\n    needs both min and max\n"},
    {"VxlanElsewhereAndTwice",
     "set interfaces lo0 unit 0 family inet address 10.0.0.1/32\n"
     "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe source address 10.0.0.1\n"
     "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe destination address 10.0.0.2\n"
     "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe vni 300\n"
     "set interfaces fti0 unit 1 tunnel encapsulation vxlan-gpe source interface lo0.0\n"
     "set interfaces fti0 unit 1 tunnel encapsulation vxlan-gpe destination address 10.0.0.2\n"
     "set interfaces fti0 unit 1 tunnel encapsulation vxlan-gpe destination-udp-port 4790\n"
     "set interfaces fti0 unit 1 tunnel encapsulation vxlan-gpe vni 300\n"
     "set interfaces st0 unit 1 tunnel encapsulation vxlan-gpe vni 300\n",
     "[edit interfaces fti0 unit 1 tunnel encapsulation vxlan-gpe]\n"
     "  'vni 300'\n    unit 0 has the same ends, UDP port and VNI\n"
     "[edit interfaces st0 unit 1 tunnel encapsulation]\n"
     "  'vxlan-gpe'\n    is for units of the flexible tunnel interface fti0 only\n"},
    {"NotInTheChassis",
     "set interfaces et-0/3/0 unit 0 family inet\n"
     "set interfaces et-0/0/16 unit 0 family inet\n"
     "set interfaces ge-0/0/0 unit 0 family inet\n"
     "set interfaces et-1/0/0 unit 0 family inet\n"
     "set interfaces et-0/1/3 unit 0 family inet\n"
     "set interfaces et-0/2/4 unit 0 family inet\n"
     "set chassis fpc 0 pic 1 port 3 unused\n"
     "set chassis fpc 0 pic 2 number-of-ports 4\n"
     "set interfaces si-0/0/4 unit 0 family inet\n",
     "[edit interfaces]\n"
     "  'et-0/0/16'\n    warning: FPC 0 PIC 0 has no port 16; the interface does not come up\n"
     "  'et-0/1/3'\n    warning: port 3 of FPC 0 PIC 1 is configured as unused; "
     "the interface does not come up\n"
     "  'et-0/2/4'\n    warning: number-of-ports of FPC 0 PIC 2 is 4; "
     "the interface does not come up\n"
     "  'et-0/3/0'\n    warning: FPC 0 of this chassis (mx304) has no PIC 3; "
     "the interface does not come up\n"
     "  'et-1/0/0'\n    warning: there is no FPC 1 in this chassis (mx304); "
     "the interface does not come up\n"
     "  'ge-0/0/0'\n    warning: the ports of FPC 0 PIC 0 are et-; "
     "the interface does not come up\n"
     "  'si-0/0/4'\n    warning: FPC 0 PIC 0 has service interfaces 0 to 3 only; "
     "the interface does not come up\n"},
    {"Tagged",
     "set interfaces et-0/0/0 vlan-tagging\n"
     "set interfaces et-0/0/0 unit 100 vlan-id 100\n"
     "set interfaces et-0/0/0 unit 200 vlan-id 4094\n"
     "set interfaces et-0/0/0 unit 200 family inet mtu 1500\n",
     ""},
    {"TagsThatCannotBe",
     "set interfaces et-0/0/0 vlan-tagging\n"
     "set interfaces et-0/0/0 unit 0 family inet mtu 1501\n"
     "set interfaces et-0/0/0 unit 1 vlan-id 7\n"
     "set interfaces et-0/0/0 unit 2 vlan-id 7\n"
     "set interfaces et-0/0/0 unit 3 vlan-id 0\n"
     "set interfaces et-0/0/1 unit 0 vlan-id 7\n"
     "set interfaces et-0/0/1 unit 1 family inet\n"
     "set interfaces st0 unit 0 vlan-id 7\n",
     "[edit interfaces et-0/0/0]\n"
     "  'unit 0'\n    VLAN-ID must be specified on tagged ethernet interfaces\n"
     "[edit interfaces et-0/0/0 unit 0 family inet]\n"
     "  'mtu 1501'\n    protocol MTU does not fit in the interface's MTU of 1518\n"
     "[edit interfaces et-0/0/0 unit 2]\n"
     "  'vlan-id 7'\n    VLAN-ID 7 is unit 1's already\n"
     "[edit interfaces et-0/0/0 unit 3]\n"
     "  'vlan-id 0'\n    VLAN-ID 0 is a priority tag and cannot be a logical interface's\n"
     "[edit interfaces et-0/0/1]\n"
     "  'unit 1'\n    Only unit 0 is valid for this encapsulation\n"
     "[edit interfaces et-0/0/1 unit 0]\n"
     "  'vlan-id 7'\n    VLAN-ID can only be specified on tagged ethernet interfaces\n"
     "[edit interfaces st0 unit 0]\n"
     "  'vlan-id 7'\n    VLAN-ID can only be specified on tagged ethernet interfaces\n"},
    {"ManagementPort", "set interfaces fxp0 unit 0 family inet address 192.0.2.1/24\n",
     "[edit interfaces]\n"
     "  'fxp0'\n    warning: no lab wires the management port; its link is down\n"},
    {"InlineServicesGone",
     "set chassis fpc 0 pic 1 inline-services\n"
     "set services service-set ss1 next-hop-service inside-service-interface si-0/0/0.0\n"
     "set services service-set ss1 next-hop-service outside-service-interface si-0/1/0.1\n"
     "set interfaces si-0/0/0 unit 0 family inet\n"
     "set interfaces si-0/1/0 unit 1 family inet\n",
     "[edit interfaces]\n"
     "  'si-0/0/0'\n    inline-services is not configured on FPC 0 PIC 0\n"
     "[edit services service-set ss1 next-hop-service]\n"
     "  'inside-service-interface si-0/0/0.0'\n"
     "    inline-services is not configured on FPC 0 PIC 0\n"},
    {"NotAServiceInterface",
     "set services service-set ss1 next-hop-service inside-service-interface et-0/0/0.0\n",
     "[edit services service-set ss1 next-hop-service]\n"
     "  'inside-service-interface et-0/0/0.0'\n"
     "    not a service interface of this chassis\n"},
    {"Units",
     "set interfaces et-0/0/0 unit 1 family inet\n"
     "set interfaces lo0 unit 1 family inet\n"
     "set interfaces st0 unit 16385 family inet\n",
     "[edit interfaces et-0/0/0]\n"
     "  'unit 1'\n    Only unit 0 is valid for this encapsulation\n"
     "[edit interfaces lo0]\n"
     "  'unit 1'\n    Only one loopback unit is valid in a routing instance\n"
     "[edit interfaces st0]\n"
     "  'unit 16385'\n    unit number is not within range (0..16384)\n"},
    {"ServiceDomain", "set interfaces et-0/0/0 unit 0 service-domain inside\n",
     "[edit interfaces et-0/0/0 unit 0]\n"
     "  'service-domain inside'\n    service-domain is for service interfaces only\n"},
    {"Addresses",
     "set interfaces et-0/0/0 unit 0 family inet address 10.0.0.0/24\n"
     "set interfaces et-0/0/0 unit 0 family inet address 10.0.1.255/24\n"
     "set interfaces et-0/0/0 unit 0 family inet address 224.0.0.5/24\n"
     "set interfaces et-0/0/0 unit 0 family inet address 127.0.0.2/8\n"
     "set interfaces et-0/0/0 unit 0 family inet address 0.0.0.1/8\n"
     "set interfaces et-0/0/0 unit 0 family inet6 address ff02::1/64\n",
     "[edit interfaces et-0/0/0 unit 0 family inet]\n"
     "  'address 0.0.0.1/8'\n    address in network 0 cannot be assigned to an interface\n"
     "  'address 10.0.0.0/24'\n    Cannot assign network address to an interface\n"
     "  'address 10.0.1.255/24'\n    Cannot assign broadcast address to an interface\n"
     "  'address 127.0.0.2/8'\n    loopback address cannot be assigned to an interface\n"
     "  'address 224.0.0.5/24'\n    multicast address cannot be assigned to an interface\n"
     "[edit interfaces et-0/0/0 unit 0 family inet6]\n"
     "  'address ff02::1/64'\n    multicast address cannot be assigned to an interface\n"},
    {"PointToPointPrefixes",
     "set interfaces et-0/0/0 unit 0 family inet address 10.0.0.0/31\n"
     "set interfaces et-0/0/1 unit 0 family inet address 10.0.0.3/31\n"
     "set interfaces st0 unit 1 family inet address 10.0.1.0/32\n",
     ""},
    {"SameAddressTwice",
     "set interfaces et-0/0/0 unit 0 family inet address 10.0.0.1/24\n"
     "set interfaces et-0/0/1 unit 0 family inet address 10.0.0.1/16\n",
     "[edit interfaces et-0/0/0 unit 0 family inet]\n"
     "  'address 10.0.0.1/24'\n"
     "    identical local address found on rt_inst [default], intfs [et-0/0/1.0 and et-0/0/0.0], "
     "family [inet]\n"},
    {"NetworksOverlap",
     "set interfaces et-0/0/0 unit 0 family inet address 10.0.0.1/16\n"
     "set interfaces et-0/0/1 unit 0 family inet address 10.0.7.1/24\n"
     "set interfaces et-0/0/2 unit 0 family inet address 10.1.0.1/16\n",
     "[edit interfaces et-0/0/1 unit 0 family inet]\n"
     "  'address 10.0.7.1/24'\n"
     "    warning: network overlaps 10.0.0.0/16 of et-0/0/0.0\n"},
    {"Mtu",
     "set interfaces et-0/0/0 mtu 1400\n"
     "set interfaces et-0/0/0 unit 0 family inet mtu 1387\n"
     "set interfaces et-0/0/1 mtu 1200\n"
     "set interfaces et-0/0/1 unit 0 family inet6\n"
     "set interfaces et-0/0/2 mtu 9000\n"
     "set interfaces et-0/0/2 unit 0 family inet mtu 8986\n",
     "[edit interfaces et-0/0/0 unit 0 family inet]\n"
     "  'mtu 1387'\n    protocol MTU does not fit in the interface's MTU of 1400\n"
     "[edit interfaces et-0/0/1]\n"
     "  'mtu 1200'\n    family inet6 needs an MTU of at least 1294\n"},
};

const Case kMtuCases[] = {
    {"TunnelTooSmallForInet6",
     "set interfaces st0 unit 1 family inet mtu 1200\n"
     "set interfaces st0 unit 1 family inet6\n"
     "set interfaces st0 unit 2 family inet mtu 1200\n",
     "[edit interfaces st0 unit 1 family inet]\n"
     "  'mtu 1200'\n    family inet6 needs an MTU of at least 1280\n"},
    {"PortTooSmallForInet6",
     "set interfaces et-0/0/0 unit 0 family inet mtu 1279\n"
     "set interfaces et-0/0/0 unit 0 family inet6\n",
     "[edit interfaces et-0/0/0 unit 0 family inet]\n"
     "  'mtu 1279'\n    family inet6 needs an MTU of at least 1280\n"},
};
INSTANTIATE_TEST_SUITE_P(Mtu, CheckTest, testing::ValuesIn(kMtuCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST_F(CheckTest, OverlapsWithoutEndAreAPage) {
  std::string lines = "set interfaces et-0/0/0 unit 0 family inet address 10.255.255.254/8\n";
  for (int unit = 0; unit < 4000; ++unit)
    lines += "set interfaces st0 unit " + std::to_string(unit) + " family inet address 10.1." +
             std::to_string(unit / 250) + "." + std::to_string(1 + unit % 250) + "/12\n";
  EXPECT_EQ(check_interfaces(sample::tree(lines), chassis_).size(), 100u);
}

INSTANTIATE_TEST_SUITE_P(Tables, CheckTest, testing::ValuesIn(kCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace nezu::interfaces
