// Ethernet frames from a wire, with any offload words, into a router with a tunnel, one of VXLAN,
// and a bridge domain with an endpoint; also behind a good UDP header of VXLAN.
#include <cstring>

#include "pfe-model/packet_socket.h"
#include "tests/pfe-model/memory_wire.h"

using namespace nezu::pfe;
using namespace nezu::pfe::test;

namespace {

struct Target {
  MemoryRouter router;
  MemoryWire* in = &router.add_port(1, 0);
  MemoryWire* out = &router.add_port(2, 1, 600);
  MemoryWire* lan = &router.add_port(3, 0);

  Target() {
    const std::string local = octets({192, 0, 2, 1}), remote = octets({192, 0, 2, 2});
    router.add_local(local, 1);
    router.add_route(octets({10, 0, 0, 0}), 9, 2);
    router.add_route(octets({10, 128, 0, 0}), 9, 100);
    router.add_route(octets({192, 0, 2, 0}), 24, 2, remote);
    router.add_route(std::string(16, '\0'), 0, 2, std::string(16, 'g'));
    router.add_neighbour(2, remote, octets({2, 0, 0, 0, 0, 9}));
    router.add_neighbour(2, std::string(16, 'g'), octets({2, 0, 0, 0, 0, 9}));
    add_tunnel(router, 1, local, remote, 5001, 5002);
    add_vxlan(local, remote);
  }

  /// 200 is a unit of fti0 with network 7; 300 an endpoint of a domain with 8 and the third port.
  void add_vxlan(const std::string& local, const std::string& remote) {
    api::Request request;
    auto* interface = request.mutable_interface();
    interface->set_up(true);
    interface->set_mtu(9192);
    interface->set_inet(true);
    interface->set_inet6(true);
    interface->set_index(200);
    interface->mutable_vxlan()->set_pfe(1);
    interface->mutable_vxlan()->set_local(local);
    interface->mutable_vxlan()->set_remote(remote);
    interface->mutable_vxlan()->set_port(4789);
    interface->mutable_vxlan()->set_vni(7);
    router.call(1, request);
    interface->set_index(300);
    interface->mutable_vtep()->set_pfe(1);
    interface->mutable_vtep()->set_local(local);
    interface->mutable_vtep()->set_remote(remote);
    interface->mutable_vtep()->set_port(4789);
    router.call(1, request);
    request.mutable_bridge()->set_id(1);
    request.mutable_bridge()->set_pfe(1);
    request.mutable_bridge()->set_vni(8);
    request.mutable_bridge()->set_mac_limit(8);
    request.mutable_bridge()->set_ageing_seconds(1);
    request.mutable_bridge()->add_member(3);
    request.mutable_bridge()->add_member(300);
    router.call(1, request);
    router.add_route(octets({10, 192, 0, 0}), 10, 200);
  }
};

/// An IPv4 and a UDP header in front of what is to be VXLAN, from the peer and right.
std::string in_udp(const std::string& payload) {
  std::string udp = octets({0xc0, 1, 4789 >> 8, 4789 & 255, 0, 0, 0, 0}) + payload;
  store16(reinterpret_cast<uint8_t*>(udp.data()) + 4, static_cast<uint16_t>(udp.size()));
  return ipv4_frame(octets({2, 0, 0, 0, 0, 1}), octets({192, 0, 2, 2}), octets({192, 0, 2, 1}), 17,
                    udp);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Target target;
  static uint64_t now = 1;
  if (size < 8 || size > 9000) return 0;
  // The first octets are what the sender says it left undone.
  Packet offered;
  offered.length = static_cast<uint32_t>(size - 8 + 14);
  MemoryWire::Frame frame;
  frame.bytes = octets({2, 0, 0, 0, 0, 1, 2, 9, 9, 9, 9, 9}) +
                (data[0] & 1 ? octets({0x86, 0xdd}) : octets({8, 0})) +
                std::string(reinterpret_cast<const char*>(data) + 8, size - 8);
  VirtioHeader header{};
  header.flags = data[0] >> 1 & 1;
  header.gso_type = data[1];
  std::memcpy(&header.gso_size, data + 2, 2);
  header.checksum_start = data[4];
  header.checksum_offset = data[5];
  if (!read_offload(header, offered)) return 0;
  frame.offload = offered.offload;
  const std::string rest(reinterpret_cast<const char*>(data) + 8, size - 8);
  if (data[0] & 4) frame = {in_udp(rest), {}};
  if (data[0] & 8) frame.bytes = rest;
  (data[0] & 8 ? target.lan : target.in)->in.push_back(frame);
  target.router.run(now += 10'000'000);
  target.out->out.clear();
  target.in->out.clear();
  target.lan->out.clear();
  target.router.plane.take_events([](const Event&) {});
  for (auto& [id, pfe] : target.router.plane.pfes) {
    pfe->settle();
    if (pfe->counters.of(Drop::kNoBuffer) != 0) __builtin_trap();
  }
  for (auto& [id, pfe] : target.router.plane.pfes)
    if (pfe->buffers() != kPoolPackets) __builtin_trap();  // none may be lost
  return 0;
}
