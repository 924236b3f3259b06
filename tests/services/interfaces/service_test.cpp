// The service against the kernel, in a network namespace of the test's own; nezu-init is the
// test's.
#include "services/interfaces/service.h"

#include <errno.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <QCoreApplication>
#include <QThread>
#include <cstdlib>

#include "pfe-model/api.pb.h"
#include "services/interfaces/link_traps.h"
#include "tree.h"

namespace nezu::interfaces {
namespace {

QCoreApplication& application() {
  static int count = 1;
  static char name[] = "test";
  static char* values[] = {name, nullptr};
  static QCoreApplication instance(count, values);
  return instance;
}

class FakeDevices final : public Devices {
 public:
  Result open(init::Op op, const std::string& name) override {
    ++opened;
    if (op == init::Op::kWire && !wires_refused) return {0, wire(name)};
    if (op != init::Op::kPortsNetlink || refusing) return {EIO, {}};
    return {0, chassis::Descriptor(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE))};
  }
  void release(const std::string&) override {}
  std::map<std::string, init::Op> held() override { return {}; }

  static chassis::Descriptor wire(const std::string& name) {
    chassis::Descriptor socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = static_cast<int>(::if_nametoindex(name.c_str()));
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return socket;
  }

  bool refusing = false;
  bool wires_refused = false;
  int opened = 0;
};

class ServiceTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    application();
    alone_ = ::unshare(CLONE_NEWNET) == 0;
  }
  void SetUp() override {
    if (!alone_) GTEST_SKIP() << "no namespace of its own";
    service_ = std::make_unique<InterfacesService>(
        Surroundings{chassis_, forwarding_, table_, devices_, tables_, Mac{2, 0, 0, 0, 0, 0}});
  }

  void apply(const std::string& lines) {
    const configdb::View root = sample::tree(lines);
    service_->apply(configdb::Delta(1, {}, root), [] {});
  }

  std::set<std::string> loopback() {
    std::map<std::string, Kernel::Link, std::less<>> links;
    EXPECT_EQ(Kernel().dump(links), 0);
    std::set<std::string> all;
    for (const Address& address : links["lo"].addresses) all.insert(address.text());
    return all;
  }

  static void settle() {
    for (int i = 0; i < 30; ++i) {
      QCoreApplication::processEvents();
      QThread::msleep(10);
    }
  }

  void tunnel(const std::string& name, bool up, bool whole) {
    channel::Table table;
    table.set_name("tunnel");
    table.set_whole(whole);
    channel::Row& row = *table.add_row();
    row.set_key(name + " 500001");
    row.mutable_tunnel()->set_interface(name);
    row.mutable_tunnel()->set_up(up);
    tables_.publish("iked", table);
  }

  static inline bool alone_ = false;
  chassis::Forwarding forwarding_;
  chassis::Chassis chassis_{*chassis::find_model("mx304"), forwarding_};
  chassis::InterfaceTable table_;
  FakeDevices devices_;
  state::Tables tables_;
  std::unique_ptr<InterfacesService> service_;
};

TEST_F(ServiceTest, ThePlaneWaitsUntilEverythingWasNamed) {
  devices_.refusing = true;
  apply("set interfaces lo0 unit 0 family inet address 10.0.0.1/32\n");
  EXPECT_TRUE(forwarding_.held());
  EXPECT_TRUE(chassis_.alarms().contains("interfaces"));
  devices_.refusing = false;
  apply("set interfaces lo0 unit 0 family inet address 10.0.0.1/32\n");
  EXPECT_FALSE(forwarding_.held());
  EXPECT_FALSE(chassis_.alarms().contains("interfaces"));
}

TEST_F(ServiceTest, WhatComesUpAndGoesDownIsLogged) {
  LinkTraps traps;
  std::string told;
  service_->on_reconciled = [&] {
    traps.look(*service_, [&](std::string_view tag, const std::string& text) {
      told += std::string(tag) + ": " + text + '\n';
    });
  };
  chassis_.set_pic(0, 0, {true, 0, 0, {}, {}});
  apply(
      "set chassis fpc 0 pic 0 inline-services\nset interfaces si-0/0/0 unit 0 family inet\n"
      "set interfaces st0 unit 1 family inet\n");
  EXPECT_EQ(told, "") << "what is new";
  chassis_.take_pic_offline(0, 0);
  settle();
  EXPECT_THAT(told, testing::HasSubstr("SNMP_TRAP_LINK_DOWN: ifIndex 561, ifAdminStatus up(1), "
                                       "ifOperStatus down(2), ifName si-0/0/0\n"));
  told.clear();
  tunnel("st0.1", true, true);
  settle();
  EXPECT_THAT(told, testing::StartsWith("SNMP_TRAP_LINK_UP: ifIndex 10"));
  EXPECT_THAT(told, testing::EndsWith("ifAdminStatus up(1), ifOperStatus up(1), ifName st0.1\n"));
  told.clear();
  apply("set interfaces st0 unit 1 disable\n");
  EXPECT_THAT(told,
              testing::HasSubstr("ifAdminStatus down(2), ifOperStatus down(2), ifName st0.1"));
}

TEST_F(ServiceTest, AWireThatCannotBeOpenedIsTriedAgain) {
  ASSERT_EQ(std::system("ip link add et-0_0_0 type veth peer name far"), 0);
  devices_.wires_refused = true;
  apply("");
  EXPECT_TRUE(forwarding_.held());
  EXPECT_FALSE(service_->present(*chassis::PortName::parse("et-0/0/0")));
  devices_.wires_refused = false;
  apply("");
  EXPECT_FALSE(forwarding_.held());
  EXPECT_TRUE(service_->present(*chassis::PortName::parse("et-0/0/0")));
  EXPECT_EQ(std::system("ip link delete et-0_0_0"), 0);
}

TEST_F(ServiceTest, AChangeOfTheChassisWaitsForTheRestOfItsCommit) {
  chassis_.set_pic(0, 0, {true, 0, 0, {}, {}});
  apply("set interfaces si-0/0/0 unit 0 family inet\n");
  settle();
  chassis_.set_pic(0, 0, {});
  EXPECT_TRUE(service_->statuses().contains("si-0/0/0.0"));
  settle();
  EXPECT_FALSE(service_->statuses().contains("si-0/0/0.0"));
}

TEST_F(ServiceTest, LoopbackAddressesOfAnEarlierLifeGo) {
  apply("set interfaces lo0 unit 0 family inet address 10.0.0.1/32\n");
  EXPECT_TRUE(loopback().contains("10.0.0.1/32"));
  InterfacesService next(
      Surroundings{chassis_, forwarding_, table_, devices_, tables_, Mac{2, 0, 0, 0, 0, 0}});
  next.apply(configdb::Delta(1, {}, sample::tree("")), [] {});
  EXPECT_FALSE(loopback().contains("10.0.0.1/32"));
}

/// What the kernel has made of its carrier: a dump, unlike a question for one device, changes
/// nothing.
int operating(int index) {
  int state = -1;
  const ifinfomsg every{};
  chassis::Netlink().request(
      chassis::Message(RTM_GETLINK, NLM_F_DUMP, every), [&](const nlmsghdr& message) {
        const auto* header = static_cast<const ifinfomsg*>(NLMSG_DATA(&message));
        if (header->ifi_index != index) return;
        state = chassis::attribute(message, sizeof *header, IFLA_OPERSTATE).at(0);
      });
  return state;
}

// IF_OPER_…; the header that has them is at odds with <net/if.h>.
constexpr int kDown = 2;
constexpr int kDormant = 5;
constexpr int kUp = 6;

/// st0.9, up.
chassis::Descriptor tunnel_device(int& index) {
  chassis::Descriptor tun(::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK));
  ifreq request{};
  std::snprintf(request.ifr_name, IFNAMSIZ, "st0.9");
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  EXPECT_EQ(::ioctl(tun.get(), TUNSETIFF, &request), 0);
  EXPECT_EQ(std::system("ip link set st0.9 up"), 0);
  index = static_cast<int>(::if_nametoindex("st0.9"));
  return tun;
}

// A second time too: by itself the kernel looks at carriers once a second.
TEST_F(ServiceTest, ACarrierHasItsEffectAtOnce) {
  int index = 0;
  const chassis::Descriptor tun = tunnel_device(index);
  Kernel kernel;
  for (int i = 0; i < 3; ++i) {
    kernel.set_carrier(index, tun.get(), false);
    EXPECT_EQ(operating(index), kDown);
    kernel.set_carrier(index, tun.get(), true);
    EXPECT_EQ(operating(index), kUp);
  }
}

// Of a tunnel whose far end is asked for: what is sent by it goes, and to everybody else it is
// down.
TEST_F(ServiceTest, ADormantDeviceTakesPackets) {
  int index = 0;
  const chassis::Descriptor tun = tunnel_device(index);
  ASSERT_EQ(std::system("ip addr add 10.9.0.1/24 dev st0.9"), 0);
  Kernel kernel;
  kernel.set_carrier(index, tun.get(), false);
  for (int i = 0; i < 2; ++i) {
    kernel.set_dormant(index, true, i > 0);
    if (i == 0) kernel.set_carrier(index, tun.get(), true);
    EXPECT_EQ(operating(index), kDormant);
    std::map<std::string, Kernel::Link, std::less<>> links;
    ASSERT_EQ(kernel.dump(links), 0);
    EXPECT_TRUE(links["st0.9"].dormant && links["st0.9"].carrier);
    char packet[1500];
    while (::read(tun.get(), packet, sizeof packet) > 0)
      ;
    EXPECT_EQ(std::system("bash -c 'echo > /dev/udp/10.9.0.2/9'"), 0);
    ssize_t length = 0;
    while ((length = ::read(tun.get(), packet, sizeof packet)) > 0 && packet[0] != 0x45)
      ;
    EXPECT_GT(length, 0);
    kernel.set_dormant(index, false, true);
    EXPECT_EQ(operating(index), kUp);
  }
  kernel.set_dormant(index, true, true);
  kernel.set_carrier(index, tun.get(), false);
  kernel.set_dormant(index, false, false);
  EXPECT_EQ(operating(index), kDown);
}

// Whoever holds a device open: nezu-init and the plane do.
TEST_F(ServiceTest, DevicesGoInCompany) {
  constexpr int kMany = 600;
  std::vector<chassis::Descriptor> open;
  for (int i = 0; i < kMany; ++i) {
    open.emplace_back(::open("/dev/net/tun", O_RDWR | O_CLOEXEC));
    ifreq request{};
    std::snprintf(request.ifr_name, IFNAMSIZ, "gone%d", i);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    ASSERT_EQ(::ioctl(open.back().get(), TUNSETIFF, &request), 0);
  }
  std::map<std::string, Kernel::Link, std::less<>> links;
  ASSERT_EQ(Kernel().dump(links), 0);
  std::vector<int> indexes;
  for (int i = 1; i < kMany; ++i) indexes.push_back(links["gone" + std::to_string(i)].index);
  indexes.push_back(999'999);  // was gone already
  EXPECT_EQ(Kernel().remove(indexes), 0);
  ASSERT_EQ(Kernel().dump(links), 0);
  EXPECT_TRUE(links.contains("gone0"));
  EXPECT_FALSE(links.contains("gone1"));
  EXPECT_FALSE(links.contains("gone599"));
  EXPECT_EQ(Kernel().remove({links["gone0"].index}), 0);
  EXPECT_EQ(Kernel().remove({links["gone0"].index}), 0);
}

TEST_F(ServiceTest, ManyTunnelsAreOneReconcile) {
  apply("set interfaces st0 unit 1 family inet\nset interfaces st0 unit 2 family inet\n");
  // One device cannot be opened, so each reconcile asks for it again.
  settle();
  const int before = devices_.opened;
  apply("set interfaces st0 unit 1 family inet\nset interfaces st0 unit 2 family inet\n");
  const int each = devices_.opened - before;
  ASSERT_GT(each, 0);
  for (int i = 1; i <= 100; ++i) tunnel("st0." + std::to_string(i), true, false);
  EXPECT_EQ(devices_.opened - before, each) << "not while the rows come";
  settle();
  EXPECT_LE(devices_.opened - before, 3 * each);
  EXPECT_TRUE(service_->statuses().at("st0.1").up);
}

}  // namespace
}  // namespace nezu::interfaces
