#include "services/interfaces/bridge.h"

#include "services/interfaces/check.h"
#include "tree.h"

namespace nezu::interfaces {
namespace {

constexpr Mac kBase = {0x02, 0x11, 0x22, 0x33, 0x44, 0x00};
constexpr char kLab[] =
    "set interfaces lo0 unit 0 family inet address 10.0.0.1/32\n"
    "set interfaces et-0/0/0 encapsulation ethernet-bridge\n"
    "set interfaces et-0/0/0 unit 0\n"
    "set interfaces et-0/0/1 vlan-tagging\n"
    "set interfaces et-0/0/1 encapsulation flexible-ethernet-services\n"
    "set interfaces et-0/0/1 unit 7 encapsulation vlan-bridge\n"
    "set interfaces et-0/0/1 unit 7 vlan-id 10\n"
    "set switch-options vtep-source-interface lo0.0\n"
    "set switch-options remote-vtep-list [ 10.0.0.2 10.0.0.3 ]\n"
    "set bridge-domains LAN vlan-id 10\n"
    "set bridge-domains LAN interface et-0/0/0.0\n"
    "set bridge-domains LAN interface et-0/0/1.7\n"
    "set bridge-domains LAN vxlan vni 400\n"
    "set bridge-domains LAN vxlan ingress-node-replication\n"
    "set bridge-domains far vxlan vni 401\n"
    "set bridge-domains far vxlan ingress-node-replication\n"
    "set bridge-domains far vxlan static-remote-vtep-list 10.0.0.3\n"
    "set bridge-domains far bridge-options mac-table-size 16\n"
    "set bridge-domains far bridge-options mac-table-aging-time 10\n"
    "set bridge-domains local interface et-0/0/2.0\n";

class BridgeTest : public testing::Test {
 protected:
  Plan plan_of(const configdb::View& root) {
    const Configuration configuration = read(root);
    Plan all = plan(configuration, {}, chassis_, kBase);
    plan_bridges(read_switching(root), configuration, chassis_, all);
    return all;
  }
  std::string problems(const std::string& lines) {
    const auto root = sample::tree(lines);
    return sample::text(check_interfaces(root, chassis_));
  }
  chassis::Forwarding forwarding_;
  chassis::Chassis chassis_{*chassis::find_model("mx304"), forwarding_};
};

TEST_F(BridgeTest, Plan) {
  const auto root = sample::tree(kLab);
  const Switching switching = read_switching(root);
  const Plan all = plan_of(root);
  EXPECT_TRUE(all.at("et-0/0/0.0").bridged);
  EXPECT_FALSE(all.at("et-0/0/0.0").has_device());
  EXPECT_TRUE(all.at("et-0/0/1.7").bridged);
  EXPECT_EQ(all.at("vtep.32768").pfe, kNoPfe);
  EXPECT_EQ(all.at("vtep.32770").vxlan.remote, Address::parse("10.0.0.3")->octets);
  EXPECT_EQ(all.at("vtep.32770").vxlan.local, Address::parse("10.0.0.1")->octets);
  EXPECT_FALSE(all.at("vtep.32770").has_device());
  using Names = std::vector<std::string>;
  EXPECT_EQ(members(switching, switching.domains.at("LAN"), all),
            (Names{"et-0/0/0.0", "et-0/0/1.7", "vtep.32769", "vtep.32770"}));
  EXPECT_EQ(members(switching, switching.domains.at("far"), all), Names{"vtep.32770"});
  EXPECT_EQ(members(switching, switching.domains.at("local"), all), Names{});
  EXPECT_EQ(switching.domains.at("far").stations, 16u);
  EXPECT_EQ(switching.domains.at("far").ageing, 10u);
  EXPECT_EQ(switching.domains.at("LAN").stations, 5120u);
}

// A domain keeps its number when another one comes.
TEST_F(BridgeTest, Numbers) {
  const auto number = [](const std::string& lines) {
    for (const auto& [each, name] : bridge_numbers(read_switching(sample::tree(lines))))
      if (name == "LAN") return each;
    return 0u;
  };
  EXPECT_NE(number(kLab), 0u);
  EXPECT_EQ(number(kLab), number("set bridge-domains LAN vlan-id 1\n"));
}

TEST_F(BridgeTest, ACheckThatPasses) {
  std::string lab = kLab;
  lab = lab.substr(0, lab.find("set bridge-domains local"));
  EXPECT_EQ(problems(lab), "");
}

TEST_F(BridgeTest, InterfacesThatCannotBe) {
  EXPECT_EQ(problems("set interfaces et-0/0/0 unit 0\n"
                     "set interfaces et-0/0/1 vlan-tagging\n"
                     "set interfaces et-0/0/1 unit 7 vlan-id 10\n"
                     "set interfaces et-0/0/2 encapsulation ethernet-bridge\n"
                     "set interfaces et-0/0/2 unit 0 family inet address 1.1.1.1/24\n"
                     "set interfaces et-0/0/3 encapsulation ppp\n"
                     "set bridge-domains a interface et-0/0/0.0\n"
                     "set bridge-domains a interface et-0/0/1.7\n"
                     "set bridge-domains a interface et-0/0/2.0\n"
                     "set bridge-domains a interface et-0/0/4.0\n"
                     "set bridge-domains b interface et-0/0/2.0\n"),
            "[edit bridge-domains a]\n"
            "  'interface et-0/0/0.0'\n    the interface needs 'encapsulation ethernet-bridge'\n"
            "  'interface et-0/0/1.7'\n    the unit needs 'encapsulation vlan-bridge'\n"
            "  'interface et-0/0/2.0'\n"
            "    family inet and inet6 cannot be on an interface of a bridge domain\n"
            "  'interface et-0/0/4.0'\n    the interface is not defined\n"
            "[edit bridge-domains b]\n"
            "  'interface et-0/0/2.0'\n    is in bridge domain a already\n"
            "[edit interfaces et-0/0/3]\n"
            "  'encapsulation ppp'\n    warning: statement is accepted but has no effect\n");
}

// Two keys of the list, one interface.
TEST_F(BridgeTest, AnInterfaceTwice) {
  const std::string lines =
      "set interfaces et-0/0/0 encapsulation ethernet-bridge\n"
      "set interfaces et-0/0/0 unit 0\n"
      "set bridge-domains a interface et-0/0/0\n"
      "set bridge-domains a interface et-0/0/0.0\n";
  EXPECT_EQ(problems(lines),
            "[edit bridge-domains a]\n"
            "  'interface et-0/0/0.0'\n    is named twice: without a unit it is unit 0\n");
  const Switching switching = read_switching(sample::tree(lines));
  EXPECT_EQ(switching.domains.at("a").interfaces, std::vector<std::string>{"et-0/0/0.0"});
}

TEST_F(BridgeTest, MoreMembersThanThePlaneTakes) {
  const auto domain = [this](int endpoints) {
    std::string lines =
        "set interfaces lo0 unit 0 family inet address 10.0.0.1/32\n"
        "set interfaces et-0/0/0 encapsulation ethernet-bridge\n"
        "set interfaces et-0/0/0 unit 0\n"
        "set switch-options vtep-source-interface lo0.0\n"
        "set bridge-domains a interface et-0/0/0.0\n"
        "set bridge-domains a vxlan vni 1\n"
        "set bridge-domains a vxlan ingress-node-replication\n"
        "set bridge-domains b interface et-0/0/1.0\n"
        "set interfaces et-0/0/1 encapsulation ethernet-bridge\n"
        "set interfaces et-0/0/1 unit 0\n";
    for (int i = 0; i < endpoints; ++i)
      lines += "set switch-options remote-vtep-list 10.1." + std::to_string(i / 250) + "." +
               std::to_string(i % 250 + 1) + "\n";
    return problems(lines);
  };
  EXPECT_EQ(domain(1023), "");
  EXPECT_EQ(domain(1024),
            "[edit bridge-domains a]\n"
            "  'interface'\n    1 interfaces and 1024 endpoints: 1024 are possible\n");
}

// What arrives at a port is either VXLAN or ESP.
TEST_F(BridgeTest, PortsOfEsp) {
  const std::string lines =
      "set interfaces lo0 unit 0 family inet address 10.0.0.1/32\n"
      "set interfaces et-0/0/0 unit 0 family inet address 192.0.2.1/24\n"
      "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe source interface lo0.0\n"
      "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe destination address 10.0.0.2\n"
      "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe vni 2\n"
      "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe destination-udp-port 4565\n"
      "set switch-options vtep-source-interface lo0.0\n"
      "set security ike gateway g external-interface et-0/0/0.0\n"
      "set security ike gateway g address 192.0.2.2\n"
      "set security ipsec vpn v ike gateway g\n";
  const std::string own = lines + "set security ipsec vpn v udp-encapsulate\n";
  EXPECT_EQ(problems(own), "");
  EXPECT_EQ(problems(own + "set security ike gateway g local-address 10.0.0.1\n"),
            "[edit interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe]\n"
            "  'destination-udp-port 4565'\n"
            "    UDP port 4565 at this address is that of ESP of IKE gateway g\n");
  EXPECT_EQ(problems(lines + "set security ike gateway g local-address 10.0.0.1\n"
                             "set security ike gateway g packet-encapsulation "
                             "use-global-dest-port\n"
                             "set security ike packet-encapsulation dest-port 4789\n"),
            "[edit switch-options]\n"
            "  'vtep-source-interface lo0.0'\n"
            "    UDP port 4789 at this address is that of ESP of IKE gateway g\n");
}

TEST_F(BridgeTest, EndpointsThatCannotBe) {
  EXPECT_EQ(
      problems(
          "set interfaces lo0 unit 0 family inet address 10.0.0.1/32\n"
          "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe source interface lo0.0\n"
          "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe destination address 10.0.0.2\n"
          "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe tunnel-endpoint vxlan\n"
          "set interfaces fti0 unit 0 tunnel encapsulation vxlan-gpe vni 2\n"
          "set switch-options vtep-source-interface lo0.0\n"
          "set switch-options remote-vtep-list [ 224.0.0.1 10.0.0.1 ]\n"
          "set bridge-domains a vxlan\n"
          "set bridge-domains b vxlan vni 1\n"
          "set bridge-domains c vxlan vni 1\n"
          "set bridge-domains c vxlan ingress-node-replication\n"
          "set bridge-domains d vxlan vni 2\n"
          "set bridge-domains d vxlan ingress-node-replication\n"
          "set bridge-domains d vxlan static-remote-vtep-list 10.0.0.2\n"),
      "[edit bridge-domains a vxlan]\n"
      "  'vxlan'\n    Missing mandatory statement: 'vni'\n"
      "[edit bridge-domains b vxlan]\n"
      "  'vni 1'\n    needs 'ingress-node-replication': there are no multicast groups\n"
      "[edit bridge-domains c vxlan]\n"
      "  'vni 1'\n    is that of bridge domain b\n"
      "[edit bridge-domains d vxlan]\n"
      "  'static-remote-vtep-list 10.0.0.2'\n    is not in 'switch-options remote-vtep-list'\n"
      "  'vni 2'\n    is that of fti0.0 at the same address and port\n"
      "[edit switch-options]\n"
      "  'remote-vtep-list 10.0.0.1'\n    is the address of this router's own endpoint\n"
      "  'remote-vtep-list 224.0.0.1'\n    must be the address of one host\n");
  EXPECT_EQ(problems("set switch-options vtep-source-interface lo0.0\n"
                     "set bridge-domains a vxlan vni 1\n"
                     "set bridge-domains a vxlan ingress-node-replication\n"),
            "[edit bridge-domains a vxlan]\n"
            "  'vni 1'\n    warning: there is no other endpoint: see remote-vtep-list\n"
            "[edit switch-options]\n"
            "  'vtep-source-interface lo0.0'\n    the interface has no family inet address\n");
}

}  // namespace
}  // namespace nezu::interfaces
