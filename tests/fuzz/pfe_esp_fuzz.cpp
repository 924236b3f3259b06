// What is inside an ESP packet of a peer that has the keys, and ESP packets of one that has not.
#include "pfe-model/ip.h"
#include "tests/pfe-model/memory_wire.h"

using namespace nezu::pfe;
using namespace nezu::pfe::test;

namespace {

const std::string kLocal = octets({192, 0, 2, 1}), kRemote = octets({192, 0, 2, 2});

struct Target {
  MemoryRouter router;
  MemoryWire* wire = &router.add_port(1, 0);
  std::unique_ptr<EspKey> key = EspKey::expand(
      {Cipher::kAesGcm256, std::string(31, 'k') + '\x01', "salt", Integrity::kNone, {}});

  Target() {
    router.add_local(kLocal, 1);
    router.add_route(octets({10, 0, 0, 0}), 8, 1);
    router.add_route(octets({192, 0, 2, 0}), 24, 1);
    router.add_neighbour(1, kRemote, octets({2, 0, 0, 0, 0, 9}));
    add_tunnel(router, 0, kLocal, kRemote, 5001, 5002, 1024);
  }
};

/// `data` as the plaintext of a well-made ESP packet.
std::string sealed(EspKey& key, uint32_t sequence, uint8_t next, const std::string& inner) {
  std::string packet(key.front() + inner.size() + 64, '\0');
  inner.copy(packet.data() + key.front(), inner.size());
  if (!seal(key, 5001, {sequence, false}, next,
            reinterpret_cast<uint8_t*>(packet.data()) + key.front(), inner.size()))
    __builtin_trap();
  packet.resize(key.sealed_size(inner.size()));
  return packet;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Target target;
  static uint32_t sequence = 0;
  if (size < 2 || size > 4000) return 0;
  const std::string body(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::string esp = body;
  if (data[0] & 1) {
    const uint8_t next = data[1] % 4 == 0 ? data[1] : data[1] & 4 ? kProtocolIpv4 : kProtocolIpv6;
    esp = sealed(*target.key, ++sequence, next, body);
  } else if (data[0] & 2) {
    esp = octets({0, 0, 0x13, 0x89}) + body;  // the right SPI at least
  }
  target.wire->in.push_back({ipv4_frame(octets({2, 0, 0, 0, 0, 1}), kRemote, kLocal, 50, esp), {}});
  target.router.run(1 + sequence * uint64_t{1'000'000});
  target.wire->out.clear();
  target.router.plane.take_events([](const Event&) {});
  if (target.router.plane.pfes.at(0)->buffers() != kPoolPackets) __builtin_trap();
  return 0;
}
