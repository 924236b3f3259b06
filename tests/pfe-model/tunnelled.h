#pragma once
#include <gtest/gtest.h>

#include "memory_wire.h"
#include "pfe-model/ip.h"

namespace nezu::pfe::test {

class Tunnelled : public testing::Test {
 protected:
  // Two routers; what leaves a's port 2 is put into b's port 2 by hand.
  Tunnelled() {
    lan_a = &a.add_port(1, 0);
    core_a = &a.add_port(2, 1);
    core_b = &b.add_port(2, 0);
    lan_b = &b.add_port(1, 0);
    setup(a, kA, kB, 5001, 5002, octets({10, 0, 2, 0}));
    setup(b, kB, kA, 5002, 5001, octets({10, 0, 1, 0}));
    b.add_route(octets({10, 0, 2, 0}), 24, 1);
    b.add_neighbour(1, kTo, kNext);
    a.add_neighbour(2, kB, kMac2);
    b.add_neighbour(2, kA, kMac2);
  }
  static void setup(MemoryRouter& router, const std::string& local, const std::string& remote,
                    uint32_t in, uint32_t out, const std::string& far_lan) {
    router.add_local(local, 2);
    router.add_route(octets({192, 0, 2, 0}), 24, 2);
    add_tunnel(router, 2, local, remote, in, out);
    router.add_route(far_lan, 24, 100);
  }
  std::string seal_one(const std::string& payload = "secret!!", const std::string& to = kTo) {
    lan_a->in.push_back({ipv4_frame(kMac1, kFrom, to, 17, payload), {}});
    a.run();
    if (core_a->out.empty()) return "";
    const std::string frame = core_a->out.back().bytes;
    return frame;
  }
  void open(const std::string& frame) {
    core_b->in.push_back({frame, {}});
    b.run();
  }
  const api::TunnelStatistics& stats(MemoryRouter& router) {
    api::Request request;
    request.mutable_get_statistics()->set_tunnels(true);
    router.call(2, request, &response_);
    return response_.statistics().tunnel(0);
  }
  const std::string kA = octets({192, 0, 2, 1}), kB = octets({192, 0, 2, 2});
  MemoryRouter a, b;
  MemoryWire *lan_a, *core_a, *lan_b, *core_b;
  api::Response response_;
};

}  // namespace nezu::pfe::test
