// Ethernet frames from a wire, with any offload words, into a router with a tunnel.
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
  }
};

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
  target.in->in.push_back(frame);
  target.router.run(now += 10'000'000);
  target.out->out.clear();
  target.in->out.clear();
  target.router.plane.take_events([](const Event&) {});
  for (auto& [id, pfe] : target.router.plane.pfes) {
    pfe->settle();
    if (pfe->counters.of(Drop::kNoBuffer) != 0) __builtin_trap();
  }
  for (auto& [id, pfe] : target.router.plane.pfes)
    if (pfe->buffers() != kPoolPackets) __builtin_trap();  // none may be lost
  return 0;
}
