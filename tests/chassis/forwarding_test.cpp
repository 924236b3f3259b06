#include "chassis/forwarding.h"

#include <gtest/gtest.h>

#include <utility>

#include "pfe-model/api.pb.h"

namespace nezu::chassis {
namespace {
namespace api = pfe::api;

// Writes down what is sent, a word each.
class Sink final : public ForwardingSink {
 public:
  void send(const api::Request& request, int descriptor) override {
    words += text(request) + (descriptor >= 0 ? "+fd " : " ");
  }
  std::string take() { return std::exchange(words, ""); }

 private:
  static std::string text(const api::Request& request) {
    switch (request.body_case()) {
      case api::Request::kHello:
        return "hello";
      case api::Request::kEndOfSync:
        return "end";
      case api::Request::kPfe:
        return "pfe" + std::to_string(request.pfe().id()) + (request.pfe().online() ? "" : "off");
      case api::Request::kPort:
        return "port" + std::to_string(request.port().id());
      case api::Request::kInterface:
        return "ifl" + std::to_string(request.interface().index()) +
               (request.interface().up() ? "up" : "down");
      case api::Request::kLocalAddress:
        return "local" + request.local_address().address();
      case api::Request::kRoute:
        return "route" + request.route().prefix().address() + "/" +
               std::to_string(request.route().prefix().length());
      case api::Request::kNeighbour:
        return "neighbour" + request.neighbour().address();
      case api::Request::kRemove:
        return "remove" + std::to_string(request.remove().object_case());
      default:
        return "?";
    }
  }
  std::string words;
};

class ForwardingTest : public testing::Test {
 protected:
  ForwardingTest() { forwarding_.set_sink(&sink_); }

  void set_interface(bool up, int descriptor = -1) {
    api::LogicalInterface interface;
    interface.set_index(70);
    interface.set_up(up);
    forwarding_.set_interface(interface, descriptor);
  }
  void set_route(const std::string& address, uint32_t length, uint32_t out = 70) {
    api::Route route;
    route.mutable_prefix()->set_address(address);
    route.mutable_prefix()->set_length(length);
    route.add_next_hop()->set_interface(out);
    forwarding_.set_route(route);
  }

  Forwarding forwarding_;
  Sink sink_;
};

TEST_F(ForwardingTest, SendsOnlyDifferences) {
  set_interface(false);
  set_interface(false);
  EXPECT_EQ(sink_.take(), "ifl70down ");
  set_interface(true);
  EXPECT_EQ(sink_.take(), "ifl70up ");
  set_route("AAAA", 32);
  set_route("AAAA", 32);
  set_route("AAAA", 32, 71);
  EXPECT_EQ(sink_.take(), "routeAAAA/32 routeAAAA/32 ");
}

TEST_F(ForwardingTest, KeepsTheDescriptorThatWasGiven) {
  set_interface(false, 0);
  EXPECT_EQ(sink_.take(), "ifl70down+fd ");
  set_interface(false);  // nothing new
  set_interface(true);
  EXPECT_EQ(sink_.take(), "ifl70up+fd ");
}

TEST_F(ForwardingTest, RoutesOfBothFamiliesAndLengthsAreDifferent) {
  set_route(std::string(4, '\0'), 0);
  set_route(std::string(16, '\0'), 0);
  set_route(std::string(4, '\0'), 8);
  EXPECT_EQ(forwarding_.size(), 3u);
}

TEST_F(ForwardingTest, RemovesWhatIsThere) {
  api::Route key;
  key.mutable_prefix()->set_address("AAAA");
  key.mutable_prefix()->set_length(32);
  forwarding_.remove_route(key);
  EXPECT_EQ(sink_.take(), "");
  set_route("AAAA", 32);
  sink_.take();
  forwarding_.remove_route(key);
  EXPECT_EQ(sink_.take(), "remove5 ");
  EXPECT_EQ(forwarding_.size(), 0u);
}

TEST_F(ForwardingTest, SynchronisesInOrderOfDependence) {
  api::Neighbour neighbour;
  neighbour.set_interface(70);
  neighbour.set_address("N");
  forwarding_.set_neighbour(neighbour);
  set_route("AAAA", 32);
  api::LocalAddress local;
  local.set_address("L");
  forwarding_.set_local_address(local);
  set_interface(true, 0);
  api::Port port;
  port.set_id(1);
  forwarding_.set_port(port, 0);
  api::Pfe pfe;
  pfe.set_id(5);
  pfe.set_online(true);
  forwarding_.set_pfe(pfe);
  sink_.take();
  forwarding_.synchronise();
  EXPECT_EQ(sink_.take(), "hello pfe5 port1+fd ifl70up+fd localL routeAAAA/32 neighbourN end ");
}

TEST_F(ForwardingTest, NothingIsSweptBeforeEverythingIsNamed) {
  forwarding_.hold();
  forwarding_.hold();
  set_interface(true);
  sink_.take();
  forwarding_.synchronise();  // the plane connects
  set_route("AAAA", 32);
  EXPECT_EQ(sink_.take(), "");
  forwarding_.release();
  EXPECT_EQ(sink_.take(), "");
  forwarding_.release();
  EXPECT_EQ(sink_.take(), "hello ifl70up routeAAAA/32 end ");
  set_route("BBBB", 32);
  EXPECT_EQ(sink_.take(), "routeBBBB/32 ");
}

TEST_F(ForwardingTest, EventsReachEverySubscriber) {
  int seen = 0;
  forwarding_.subscribe([&](const api::Event& event) { seen += event.has_neighbour_wanted(); });
  forwarding_.subscribe([&](const api::Event& event) { seen += event.has_neighbour_wanted(); });
  api::Event event;
  event.mutable_neighbour_wanted()->set_interface(70);
  forwarding_.deliver(event);
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace nezu::chassis
