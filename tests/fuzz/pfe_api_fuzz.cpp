// A stream of API messages, framed as on the socket, from a client that says it is anybody.
#include <sys/socket.h>
#include <unistd.h>

#include "pfe-model/channel.h"
#include "tests/pfe-model/memory_wire.h"

using namespace nezu::pfe;
using namespace nezu::pfe::test;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 65536) return 0;
  int sockets[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0) return 0;
  Descriptor ours(sockets[0]), theirs(sockets[1]);
  if (::write(theirs.number(), data, size) != static_cast<ssize_t>(size)) return 0;
  MemoryRouter router;
  MemoryWire& wire = router.add_port(1, 0);
  MessageReader reader;
  for (Message message; reader.read(ours.number(), message) == MessageReader::State::kMessage;) {
    std::vector<Api::Call> calls(1);
    if (!calls[0].request.ParseFromString(message.bytes)) calls[0].fault = "malformed message";
    // Either owner's client may have gone mad.
    calls[0].client = calls[0].request.has_sa() || calls[0].request.has_tunnel() ||
                              calls[0].request.remove().has_sa() ||
                              calls[0].request.remove().has_tunnel()
                          ? 2
                          : 1;
    router.api.run(calls);
    const auto port = router.plane.tables.ports.find(1);
    if (port == router.plane.tables.ports.end() || !port->second->wire) continue;
    if (!router.plane.pfes.contains(port->second->pfe)) continue;
    wire.in.push_back({ipv4_frame(octets({2, 0, 0, 0, 0, 1}), octets({10, 0, 0, 1}),
                                  octets({10, 0, 0, 2}), 17, "payload"),
                       {}});
    for (auto& [id, pfe] : router.plane.pfes) pfe->begin(1);
    router.plane.pfes.at(port->second->pfe)->receive(*port->second);
    for (auto& [id, pfe] : router.plane.pfes) pfe->finish();
  }
  return 0;
}
