#include "pfe-model/pfe.h"

namespace nezu::pfe {

namespace {
// Packets a second and at once, in the order of Punt. The host takes about a microsecond each.
constexpr std::array<Policer, 6> kPolicers = {Policer{2000, 400},  Policer{500, 200},
                                              Policer{5000, 2000}, Policer{2000, 400},
                                              Policer{1000, 200},  Policer{5000, 1000}};
}  // namespace

Pfe::Pfe(uint32_t id, Tables& tables, Fabric& fabric, size_t packets)
    : id_(id),
      tables_(tables),
      fabric_(fabric),
      pool_(static_cast<uint16_t>(id), packets),
      policers_(kPolicers) {
  sending_.reserve(1024);
}

void Pfe::begin(uint64_t now) {
  now_ = now;
  tracing_ = trace_ != nullptr && trace_->wants(now);
  // Traffic that goes one way brings nothing back but these.
  if (pool_.available() < pool_.size() / 2) take_empties();
}

void Pfe::take_empties() {
  Packet* packet;
  for (uint32_t from = 0; from < fabric_.limit(); ++from)
    if (Fabric::Link* link = fabric_.link(from, id_))
      while (link->empties.pop(packet)) pool_.give(packet);
}

size_t Pfe::receive(Port& port) {
  if (!port.wire) return 0;
  const size_t taken = port.wire->receive(pool_, frames_, kBudget, counters);
  input(port);
  return taken;
}

void Pfe::receive_fabric() {
  take_empties();
  for (uint32_t from = 0; from < fabric_.limit(); ++from) {
    Fabric::Link* link = fabric_.link(from, id_);
    if (link == nullptr) continue;
    Packet* packet;
    for (size_t i = 0; i < kBudget && link->packets.pop(packet); ++i) {
      counters.add(Count::kFabricIn);
      if (!online) {
        drop(packet, Drop::kPfeOffline);
        continue;
      }
      switch (packet->arrival) {
        case Arrival::kOutput:
          queue(output_, packet);
          break;
        case Arrival::kSeal:
          queue(seal_, packet);
          break;
        case Arrival::kOpen:
          queue(open_, packet);
          break;
        case Arrival::kEncapsulate:
          queue(encapsulate_, packet);
          break;
        case Arrival::kDecapsulate:
          queue(decapsulate_, packet);
          break;
        case Arrival::kBridge:
          queue(bridge_, packet);
          break;
        case Arrival::kFrame:
          output_frame(packet);
          break;
      }
    }
  }
}

bool Pfe::fabric_waiting() const {
  for (uint32_t from = 0; from < fabric_.limit(); ++from) {
    const Fabric::Link* link = fabric_.link(from, id_);
    if (link != nullptr && !link->packets.empty()) return true;
  }
  return false;
}

void Pfe::finish() {
  while (!route_.empty() || !ipsec_.empty() || !seal_.empty() || !open_.empty() ||
         !encapsulate_.empty() || !decapsulate_.empty() || !bridge_.empty() || !output_.empty()) {
    open_all();
    decapsulate_all();
    bridge_all();
    route();
    encapsulate_all();
    ipsec();
    seal_all();
    output();
  }
  for (Port* port : sending_) flush(*port);
  sending_.clear();
}

void Pfe::settle() {
  Packet* packet;
  for (uint32_t other = 0; other < fabric_.limit(); ++other)
    if (Fabric::Link* link = fabric_.link(other, id_))
      while (link->packets.pop(packet)) release(packet);
  take_empties();
}

void Pfe::cross_fabric(Packet* packet, uint32_t pfe, Arrival arrival) {
  Fabric::Link* link = pfe < kMaxPfe ? fabric_.link(id_, pfe) : nullptr;
  if (link == nullptr) return drop(packet, Drop::kPfeOffline);
  packet->arrival = arrival;
  if (packet->trace != 0) [[unlikely]]
    note(*packet, Step::What::kFabric, 0, pfe);
  if (!link->packets.push(packet)) return drop(packet, Drop::kFabricFull);
  counters.add(Count::kFabricOut);
  sent_to_ |= uint64_t{1} << pfe;
}

void Pfe::queue(Queue& queue, Packet* packet) {
  if (!queue.push(packet)) drop(packet, Drop::kQueueFull);
}

void Pfe::drop(Packet* packet, Drop why) {
  counters.add(why);
  if (packet->trace != 0) [[unlikely]]
    note(*packet, Step::What::kDrop, 0, static_cast<uint32_t>(why));
  release(packet);
}

void Pfe::release(Packet* packet) {
  if (packet->home == id_) return pool_.give(packet);
  fabric_.link(id_, packet->home)->empties.push(packet);
}

void Pfe::report(const Event& event) {
  if (event_policer_.pass(now_) && events_.push(event)) events_pending_ = true;
}

}  // namespace nezu::pfe
