// Datagrams to IKE: the first octet says what for. 0: a fresh responder that has a half-open peer;
// 1: the payload parser alone, as for what was sealed; 2: sealed for an established SA by one who
// has its keys; 3: a snapshot.
#include <cstdlib>
#include <memory>
#include <utility>

#include "services/ike/dh.h"
#include "services/ike/message.h"
#include "services/ike/sk.h"
#include "services/ike/snapshot.h"
#include "services/ike/table.h"
#include "services/ike/wire.h"

namespace {
using namespace nezu::ike;

const Path kPath{0, {*Address::parse("16.1.1.1"), 500}, {*Address::parse("16.1.1.2"), 500}};

Random counting() {
  auto state = std::make_shared<std::uint64_t>(1);
  return [state](std::span<std::uint8_t> out) {
    for (auto& octet : out)
      octet = static_cast<std::uint8_t>((*state = *state * 6364136223846793005 + 1) >> 33);
  };
}

Config configuration(bool initiator) {
  Gateway gateway;
  gateway.name = "gw";
  gateway.local = initiator ? kPath.remote.address : kPath.local.address;
  gateway.remote = initiator ? kPath.local.address : kPath.remote.address;
  gateway.pre_shared_key = Bytes(8, 'k');
  gateway.proposals = {*ike_proposal("p", "aes-128-gcm", "sha-256", "group31", 28800)};
  ChildPolicy child;
  child.tunnel = 500001;
  child.proposals = {*esp_proposal("e", "aes-256-gcm", "", false, 3600, 0)};
  gateway.children = {child};
  Config config;
  config.gateways = {gateway};
  return config;
}

// Hands messages to and fro and computes what is asked for, until all is quiet.
struct Two {
  SaTable a{counting()}, b{counting()};
  std::vector<Datagram> to_a, to_b;

  void act(bool of_a, Output out) {
    for (auto& message : out.messages) (of_a ? to_b : to_a).push_back(std::move(message));
    for (const auto& action : out.actions)
      if (const auto* job = std::get_if<DhJob>(&action))
        act(of_a, (of_a ? a : b).complete(run(*job), 1000));
  }

  Two() {
    act(true, a.configure(configuration(true), 1000));
    act(false, b.configure(configuration(false), 1000));
    act(true, a.tunnel_wanted(500001, 1000));
    while (!to_a.empty() || !to_b.empty()) {
      for (auto& message : std::exchange(to_b, {}))
        act(false, b.handle(message.bytes, kPath, 1000));
      const Path back{0, kPath.remote, kPath.local};
      for (auto& message : std::exchange(to_a, {})) act(true, a.handle(message.bytes, back, 1000));
    }
  }
};

// Whatever a table holds must survive being written down.
void check(const SaTable& table) {
  for (const auto& [index, sa] : table.sas()) {
    const auto back = restore(table.snapshot(index));
    if (!back || !(*back == sa)) std::abort();
  }
}

void fresh_responder(ByteView data) {
  SaTable table(counting());
  table.configure(configuration(false), 1000);
  Output out = table.handle(data, kPath, 1000);
  for (const auto& action : out.actions)
    if (const auto* job = std::get_if<DhJob>(&action)) table.complete(run(*job), 1000);
  table.handle(data, kPath, 2000);
  if (table.sas().size() > 1) std::abort();
  check(table);
}

void established(ByteView data) {
  static const Two kBase;
  static const Bytes kRecord = kBase.b.snapshot(kBase.b.sas().begin()->first);
  static const IkeSa kPeer = kBase.a.sas().begin()->second;
  SaTable table(counting());
  table.restore({kRecord}, 1000);
  table.configure(configuration(false), 1000);
  Reader reader(data);
  Header header;
  header.spi_i = kPeer.spi_i;
  header.spi_r = kPeer.spi_r;
  header.exchange = static_cast<ExchangeType>(34 + reader.u8() % 4);
  header.initiator = true;
  header.response = reader.u8() & 1;
  header.message = kPeer.next_request;
  const std::uint8_t first = reader.u8();
  const Bytes message = seal(header, first, reader.rest(), sending_keys(kPeer), Bytes(8, 0x55));
  Output out = table.handle(message, kPath, 1000);
  for (const auto& action : out.actions)
    if (const auto* job = std::get_if<DhJob>(&action)) table.complete(run(*job), 1000);
  table.timeout(100000);
  check(table);
}

// A record that is read at all is written back as it was; a table must live with it.
void record(ByteView data) {
  const auto sa = restore(data);
  if (!sa) return;
  if (!(restore(snapshot(*sa)) == sa)) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      fresh_responder(rest);
      break;
    case 1:
      if (!rest.empty()) (void)parse_payloads(rest[0], rest.subspan(1));
      break;
    case 2:
      established(rest);
      break;
    default:
      record(rest);
  }
  return 0;
}
