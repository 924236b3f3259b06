#include "pfe-model/api.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <random>

#include "memory_wire.h"
#include "pfe-model/channel.h"
#include "pfe-model/server.h"

namespace nezu::pfe::test {
namespace {

const std::string kLocal = octets({192, 0, 2, 1}), kRemote = octets({192, 0, 2, 2});

api::Request end_of_sync() {
  api::Request request;
  request.mutable_end_of_sync();
  return request;
}
api::Request hello(api::Owner owner) {
  api::Request request;
  request.mutable_hello()->set_owner(owner);
  return request;
}

TEST(Api, OnlyEndOfSyncSweepsAndOnlyTheOwnersObjects) {
  MemoryRouter router;
  router.add_port(1, 0);
  router.add_port(2, 0);
  router.add_route(octets({10, 0, 0, 0}), 8, 1);
  router.add_neighbour(1, kRemote, octets({2, 0, 0, 0, 0, 9}));
  add_tunnel(router, 0, kLocal, kRemote, 5001, 5002);
  Tables& tables = router.plane.tables;

  router.call(3, hello(api::OWNER_RE));  // the RE is back, with port 1 only
  router.plane.tables.ports.at(1)->sync = 2;
  EXPECT_EQ(tables.ports.size(), 2u) << "nothing goes before the end of sync";
  api::Request request;
  request.mutable_pfe()->set_id(0);
  request.mutable_pfe()->set_online(true);
  EXPECT_EQ(router.call(3, request), "");
  EXPECT_EQ(router.call(3, end_of_sync()), "");
  EXPECT_EQ(tables.ports.size(), 1u);
  EXPECT_EQ(tables.interfaces.size(), 0u);
  EXPECT_EQ(tables.find_fib(0)->routes(), 0u);
  EXPECT_EQ(tables.neighbours.size(), 0u);
  EXPECT_EQ(tables.tunnels.size(), 1u) << "iked's tables are iked's";
  EXPECT_EQ(tables.sas.size(), 2u);
  router.run();
}

TEST(Api, AHelloIsToldHowManyWorkersThereAre) {
  Plane plane(3);
  Api api(plane);
  std::vector<Api::Call> calls(2);
  for (Api::Call& call : calls) call.request = hello(api::OWNER_NONE);
  calls[1].request = end_of_sync();
  api.run(calls);
  EXPECT_EQ(calls[0].response.workers(), 3u);
  EXPECT_EQ(calls[1].response.workers(), 0u);
}

TEST(Api, ATableHasOneWriter) {
  MemoryRouter router;
  api::Request pfe;
  pfe.mutable_pfe()->set_id(0);
  EXPECT_NE(router.call(2, pfe), "");
  EXPECT_NE(router.call(9, pfe), "");
  EXPECT_NE(router.call(1, sa_message(true, kLocal, kRemote, 5001)), "");
  router.call(9, hello(api::OWNER_RE));
  EXPECT_EQ(router.call(9, pfe), "");
  EXPECT_NE(router.call(1, pfe), "") << "superseded";
  EXPECT_NE(router.call(5, end_of_sync()), "");
}

TEST(Api, AnSaSentAgainGoesOnAndANewGenerationStartsOver) {
  MemoryRouter router;
  router.call(2, sa_message(false, kLocal, kRemote, 5002, 1));
  Sa* sa = router.plane.tables.sas.begin()->second.get();
  sa->record->sent = 500;
  EXPECT_EQ(router.call(2, sa_message(false, kLocal, kRemote, 5002, 1)), "");
  EXPECT_EQ(router.plane.tables.sas.begin()->second->record->sent, 500u);
  api::Request same_key = sa_message(false, kLocal, kRemote, 5002, 2);
  same_key.mutable_sa()->set_key(std::string(31, 'k') + '\x01');
  EXPECT_NE(router.call(2, same_key), "") << "the old key from zero again";
  EXPECT_EQ(router.plane.tables.sas.begin()->second->record->sent, 500u);
  EXPECT_EQ(router.call(2, sa_message(false, kLocal, kRemote, 5002, 2)), "");
  EXPECT_EQ(router.plane.tables.sas.begin()->second->record->sent, 0u);
}

TEST(Api, BadMessagesAreAnsweredAndChangeNothing) {
  MemoryRouter router;
  std::vector<std::pair<uint64_t, api::Request>> bad;
  api::Request request;
  bad.push_back({1, request});
  request.mutable_pfe()->set_id(64);
  bad.push_back({1, request});
  request.mutable_port()->set_pfe(1000);
  bad.push_back({1, request});
  auto* interface = request.mutable_interface();
  bad.push_back({1, request});
  interface->set_index(1u << 31);
  interface->set_mtu(1500);
  bad.push_back({1, request});
  interface->set_index(1);
  bad.push_back({1, request});
  interface->mutable_ethernet()->set_mac("12345");
  bad.push_back({1, request});
  auto* route = request.mutable_route();
  bad.push_back({1, request});
  route->mutable_prefix()->set_address(octets({10, 0, 0, 1}));
  route->mutable_prefix()->set_length(8);
  route->add_next_hop();
  bad.push_back({1, request});
  route->mutable_prefix()->set_length(33);
  bad.push_back({1, request});
  route->mutable_prefix()->set_length(32);
  route->mutable_next_hop(0)->set_gateway(std::string(16, 'x'));
  bad.push_back({1, request});
  request.mutable_local_address()->set_address("abc");
  bad.push_back({1, request});
  request.mutable_neighbour()->set_mac("abc");
  bad.push_back({1, request});
  request.mutable_remove();
  bad.push_back({1, request});
  request.mutable_remove()->mutable_port()->set_id(3);
  bad.push_back({1, request});
  request.mutable_tunnel();
  bad.push_back({2, request});
  for (const auto& damage : std::vector<std::function<void(api::SecurityAssociation&)>>{
           [](auto& sa) { sa.set_spi(255); }, [](auto& sa) { sa.set_key("short"); },
           [](auto& sa) { sa.set_salt(""); }, [](auto& sa) { sa.set_replay_window(4097); },
           [](auto& sa) { sa.set_remote(std::string(16, 'x')); },
           [](auto& sa) { sa.set_cipher(api::CIPHER_NONE); },
           [](auto& sa) { sa.set_cipher(api::AES_GCM_128); }}) {
    request = sa_message(true, kLocal, kRemote, 5001);
    damage(*request.mutable_sa());
    bad.push_back({2, request});
  }
  for (const auto& [client, message] : bad) EXPECT_NE(router.call(client, message), "");
  const Tables& tables = router.plane.tables;
  EXPECT_TRUE(tables.ports.empty() && tables.interfaces.empty() && tables.sas.empty() &&
              tables.tunnels.empty() && router.plane.pfes.empty());
}

TEST(Api, ALimitCrossedWhileNobodyListenedIsToldAgain) {
  MemoryRouter router;
  api::Request sa = sa_message(false, kLocal, kRemote, 5002);
  sa.mutable_sa()->set_soft_packets(1);
  router.call(2, sa);
  router.plane.tables.sas.begin()->second->account(100);
  router.api.take_events();
  router.call(2, sa);
  const auto events = router.api.take_events();
  ASSERT_EQ(events.size(), 1u);
  api::Event event;
  EXPECT_EQ(router.api.translate(events[0], event), 2u);
  EXPECT_EQ(event.sa().what(), api::Event::SaEvent::SOFT_LIMIT);
}

TEST(Api, APortThatCannotBeOpenedLeavesNothing) {
  MemoryRouter router;
  router.add_port(0, 0);
  std::vector<Api::Call> calls(3);
  for (Api::Call& call : calls) call.client = 3;
  calls[0].request = hello(api::OWNER_RE);
  calls[1].request.mutable_port()->set_id(7);  // in one burst with the hello: opened by set()
  calls[1].attached = Descriptor(::open("/dev/null", O_RDWR));
  calls[2].request.mutable_port()->set_id(0);
  router.api.run(calls);
  EXPECT_NE(calls[1].response.error(), "");
  EXPECT_EQ(calls[2].response.error(), "");
  Tables& tables = router.plane.tables;
  EXPECT_FALSE(tables.ports.contains(7));
  EXPECT_EQ(router.call(3, end_of_sync()), "");
  ASSERT_TRUE(tables.ports.contains(0));
  EXPECT_NE(tables.ports.at(0)->wire, nullptr);
}

TEST(Api, AnSaThatComesBackIsAsIdleAsItWas) {
  MemoryRouter router;
  const api::Request sa = sa_message(true, kLocal, kRemote, 5001);
  api::Request request;
  request.mutable_get_statistics()->set_sas(true);
  const auto idle = [&] {
    api::Response response;
    router.call(2, request, &response);
    return response.statistics().sa(0).idle_seconds();
  };
  router.call(2, sa);
  EXPECT_EQ(idle(), 0u) << "new";
  router.plane.tables.sas.begin()->second->record->used_at -= 100'000'000'000;
  api::Request remove;
  *remove.mutable_remove()->mutable_sa() = sa.sa();
  router.call(2, remove);
  router.call(2, sa);
  EXPECT_EQ(idle(), 100u) << "its record is there still";
}

/// What link() finds out, as text.
std::string links(Tables& tables) {
  std::string text;
  for (auto& [index, interface] : tables.interfaces) {
    text += "\ninterface " + std::to_string(index) + ":";
    for (const Tunnel* tunnel : interface->tunnels) text += " " + std::to_string(tunnel->id);
  }
  for (auto& [id, tunnel] : tables.tunnels) {
    text += "\ntunnel " + std::to_string(id);
    text += tables.tunnel(id) == tunnel.get() ? " found" : " lost";
    if (tunnel->interface != nullptr) text += " on " + std::to_string(tunnel->interface->index);
    if (tunnel->outbound != nullptr) text += " to " + std::to_string(tunnel->outbound->key.spi);
    const uint32_t* peer = tables.peers.find({tunnel->instance, tunnel->remote});
    text += " peers " + std::to_string(peer == nullptr ? 0 : *peer);
  }
  for (auto& [key, sa] : tables.sas)
    if (Sa** in = tables.inbound.find(key)) text += *in == sa.get() ? " in" : " wrong";
  return text + "\n" + std::to_string(tables.tunnel_at.size()) + " " +
         std::to_string(tables.inbound.size()) + " " + std::to_string(tables.peers.size());
}

TEST(Api, LinkingOneByOneIsLinkingAll) {
  MemoryRouter router;
  std::mt19937 random(7);
  const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  const auto peer = [&] { return octets({192, 0, 2, static_cast<int>(below(3))}); };
  for (int step = 0; step < 3000; ++step) {
    std::vector<Api::Call> calls(1 + below(3));
    for (Api::Call& call : calls) {
      call.client = 2;
      api::Request sa = sa_message(below(2), kLocal, peer(), 5000 + below(3), step + 1000u);
      sa.mutable_sa()->set_tunnel(below(5));
      sa.mutable_sa()->set_key(std::string(28, 'k') + std::to_string(step + 1000));
      api::Request tunnel;
      tunnel.mutable_tunnel()->set_id(below(5));
      tunnel.mutable_tunnel()->set_interface(1 + below(3));
      tunnel.mutable_tunnel()->set_order(below(3));
      tunnel.mutable_tunnel()->set_outbound_spi(below(4) == 0 ? 0 : 5000 + below(3));
      tunnel.mutable_tunnel()->set_remote(peer());
      api::Request interface;
      interface.mutable_interface()->set_index(1 + below(3));
      interface.mutable_interface()->set_mtu(1500);
      interface.mutable_interface()->mutable_tunnel();
      auto& request = call.request;
      switch (below(9)) {
        case 0:
          *request.mutable_remove()->mutable_sa() = sa.sa();
          break;
        case 1:
          *request.mutable_remove()->mutable_tunnel() = tunnel.tunnel();
          break;
        case 2:
          call.client = 1;
          *request.mutable_remove()->mutable_interface() = interface.interface();
          break;
        case 3:
          call.client = 1;
          request = interface;
          break;
        case 4:
          request = hello(api::OWNER_IKED);
          break;
        default:
          request = below(2) ? sa : tunnel;
      }
    }
    router.api.run(calls);
    const std::string one_by_one = links(router.plane.tables);
    router.plane.tables.link();
    ASSERT_EQ(one_by_one, links(router.plane.tables)) << "step " << step;
  }
}

TEST(Server, ItsSocketIsItsOwnersAlone) {
  const std::string path = "/tmp/nezu-pfe-test-" + std::to_string(::getpid()) + ".sock";
  const mode_t before = ::umask(0);
  Plane plane(0);
  Server server(plane);
  EXPECT_EQ(server.listen(path), "");
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  ::unlink(path.c_str());
}

/// A wire whose descriptor reports a hang-up of which no error can be read.
class HungUpWire final : public Wire {
 public:
  HungUpWire() {
    int sockets[2];
    ::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
    socket_ = Descriptor(sockets[0]);
    ::close(sockets[1]);
  }
  int descriptor() const override { return socket_.number(); }
  size_t receive(Pool&, Queue&, size_t, Counters&) override { return ++asked, 0; }
  size_t transmit(Packet* const*, size_t) override { return {}; }
  size_t capacity() const override { return 1; }
  uint64_t overruns() override { return 0; }
  std::atomic<int> asked{0};

 private:
  Descriptor socket_;
};

TEST(Worker, APortIsNeverForgotten) {
  Plane plane(1);
  auto wire = std::make_unique<HungUpWire>();
  const HungUpWire& made = *wire;
  plane.change([&] {
    plane.add_pfe(0);
    plane.tables.ports[1] = std::make_unique<Port>();
    plane.tables.ports[1]->wire = std::move(wire);
    plane.tables.ports[1]->enabled = true;
  });
  for (int i = 0; i < 300 && made.asked < 3; ++i) ::usleep(10'000);
  EXPECT_GE(made.asked, 3);
}

TEST(Worker, APortThatIsNotEnabledKeepsWhatArrives) {
  Plane plane(1);
  auto wire = std::make_unique<HungUpWire>();
  const HungUpWire& made = *wire;
  plane.change([&] {
    plane.add_pfe(0);
    plane.tables.ports[1] = std::make_unique<Port>();
    plane.tables.ports[1]->wire = std::move(wire);
  });
  ::usleep(50'000);
  EXPECT_EQ(made.asked, 0);
  plane.change([&] { plane.drain(*plane.tables.ports[1]); });
  EXPECT_EQ(made.asked, 1);
}

struct Pair {
  Descriptor a, b;
  Pair() {
    int sockets[2];
    ::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
    a = Descriptor(sockets[0]);
    b = Descriptor(sockets[1]);
  }
};

TEST(Channel, ADescriptorStaysWithItsMessage) {
  Pair pair;
  Descriptor file(::open("/dev/null", 2));
  MessageReader reader;
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(send_message(pair.a.number(), std::string(static_cast<size_t>(i * 7), 'x'),
                             i % 3 == 1 ? file.number() : -1));
  for (int i = 0; i < 50; ++i) {
    Message message;
    ASSERT_EQ(reader.read(pair.b.number(), message), MessageReader::State::kMessage);
    EXPECT_EQ(message.bytes.size(), static_cast<size_t>(i * 7));
    EXPECT_EQ(static_cast<bool>(message.attached), i % 3 == 1) << i;
  }
  Message none;
  EXPECT_EQ(reader.read(pair.b.number(), none), MessageReader::State::kNothing);
}

TEST(Channel, MessagesMayComeOctetByOctet) {
  Pair pair;
  MessageReader reader;
  const std::string framed = frame("hello") + frame("") + frame("world");
  std::vector<std::string> got;
  for (const char c : framed) {
    ASSERT_EQ(::write(pair.a.number(), &c, 1), 1);
    for (Message message; reader.read(pair.b.number(), message) == MessageReader::State::kMessage;)
      got.push_back(message.bytes);
  }
  EXPECT_EQ(got, (std::vector<std::string>{"hello", "", "world"}));
}

TEST(Channel, AnEndlessMessageEndsTheConnection) {
  Pair pair;
  MessageReader reader;
  ASSERT_EQ(::write(pair.a.number(), "\xff\xff\xff\x7f", 4), 4);
  Message message;
  EXPECT_EQ(reader.read(pair.b.number(), message), MessageReader::State::kClosed);
}

}  // namespace
}  // namespace nezu::pfe::test
