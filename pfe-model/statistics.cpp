#include "pfe-model/statistics.h"

namespace nezu::pfe {

namespace {

constexpr size_t kPage = 4096;  // stations

const uint8_t* octets_of(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

void add_counter(api::Counter& out, const CounterText& text, uint64_t value) {
  out.set_name(text.name);
  out.set_help(text.help);
  out.set_value(value);
}

void read(const Pfe& pfe, api::PfeStatistics& out) {
  out.set_id(pfe.id());
  out.set_name(pfe.name);
  for (size_t i = 0; i < std::size(kCounterTexts); ++i)
    add_counter(*out.add_counter(), kCounterTexts[i], pfe.counters.counts[i]);
  for (size_t i = 0; i < std::size(kDropTexts); ++i)
    add_counter(*out.add_drop(), kDropTexts[i], pfe.counters.drops[i]);
}

void read(Port& port, api::PortStatistics& out) {
  out.set_id(port.id);
  out.set_input_packets(port.input.packets);
  out.set_input_bytes(port.input.bytes);
  out.set_output_packets(port.output.packets);
  out.set_output_bytes(port.output.bytes);
  out.set_input_drops(port.wire ? port.wire->overruns() : 0);
  out.set_output_drops(port.output_drops);
}

/// A tunnel's interface has what its tunnels have.
void read(const Interface& interface, api::InterfaceStatistics& out) {
  Traffic input = interface.input, output = interface.output;
  for (const Tunnel* tunnel : interface.tunnels) {
    input += tunnel->inner;
    output += tunnel->encrypted;
  }
  out.set_index(interface.index);
  out.set_input_packets(input.packets);
  out.set_input_bytes(input.bytes);
  out.set_output_packets(output.packets);
  out.set_output_bytes(output.bytes);
}

void read(const Tunnel& tunnel, api::TunnelStatistics& out) {
  out.set_id(tunnel.id);
  out.set_encrypted_packets(tunnel.encrypted.packets);
  out.set_encrypted_bytes(tunnel.encrypted.bytes);
  out.set_decrypted_packets(tunnel.decrypted.packets);
  out.set_decrypted_bytes(tunnel.decrypted.bytes);
  out.set_replay_errors(tunnel.replay_errors);
  out.set_authentication_failures(tunnel.authentication_failures);
  out.set_decryption_failures(tunnel.decryption_failures);
  out.set_bad_headers(tunnel.bad_headers);
  out.set_bad_trailers(tunnel.bad_trailers);
  out.set_ah_output_packets(tunnel.ah_output.packets);
  out.set_ah_output_bytes(tunnel.ah_output.bytes);
  out.set_ah_input_packets(tunnel.ah_input.packets);
  out.set_ah_input_bytes(tunnel.ah_input.bytes);
  out.set_ah_authentication_failures(tunnel.ah_authentication_failures);
  out.set_selector_errors(tunnel.selector_errors);
  const auto udp = [&](UdpError what) { return tunnel.udp_errors[static_cast<size_t>(what)]; };
  out.set_udp_missing(udp(UdpError::kMissing));
  out.set_udp_port_errors(udp(UdpError::kPort));
  out.set_udp_ike_port_errors(udp(UdpError::kIkePort));
  out.set_udp_unexpected(udp(UdpError::kUnexpected));
  out.set_too_big(tunnel.too_big);
  out.set_no_sa_drops(tunnel.no_sa_drops);
}

/// The workers wait meanwhile: a page, of however many there are.
void read(Bridge& bridge, const std::string& after, uint64_t now, api::BridgeStatistics& out) {
  const uint64_t least = after.size() == 6 ? MacTable::key(octets_of(after)) + 1 : 0;
  std::map<uint64_t, MacTable::Entry> sorted;
  bridge.macs.each(now, [&](uint64_t mac, const MacTable::Entry& entry) {
    if (mac < least) return;
    const bool full = sorted.size() == kPage;
    if (full) out.set_more(true);
    if (full && mac > sorted.rbegin()->first) return;
    if (full) sorted.erase(std::prev(sorted.end()));
    sorted[mac] = entry;
  });
  out.set_id(bridge.id);
  for (const auto& [mac, entry] : sorted) {
    auto& station = *out.add_station();
    for (int shift = 40; shift >= 0; shift -= 8)
      *station.mutable_mac() += static_cast<char>(mac >> shift);
    station.set_interface(entry.interface);
    station.set_age(static_cast<uint32_t>((now - entry.seen_at) / 1'000'000'000));
  }
}

void read(const Sa& sa, uint64_t now, api::SaStatistics& out) {
  const bool inbound = sa.key.direction == SaDirection::kInbound;
  out.set_direction(inbound ? api::SecurityAssociation::INBOUND
                            : api::SecurityAssociation::OUTBOUND);
  out.set_spi(sa.key.spi);
  out.set_generation(sa.generation);
  out.set_packets(sa.record->packets);
  out.set_bytes(sa.record->bytes);
  out.set_sequence(inbound ? sa.record->replay.top : sa.record->sent);
  const uint64_t used_at = sa.record->used_at;
  out.set_idle_seconds(now > used_at ? (now - used_at) / 1'000'000'000 : 0);
}

}  // namespace

void read_statistics(Plane& plane, const api::GetStatistics& what, uint64_t now,
                     api::Statistics& out) {
  const auto wanted = [&](uint32_t tunnel) {
    return what.tunnel() == 0 || what.tunnel() == tunnel;
  };
  Tables& tables = plane.tables;
  if (what.pfes())
    for (const auto& [id, pfe] : plane.pfes) read(*pfe, *out.add_pfe());
  if (what.ports())
    for (const auto& [id, port] : tables.ports) read(*port, *out.add_port());
  if (what.interfaces())
    for (const auto& [index, interface] : tables.interfaces) read(*interface, *out.add_interface());
  if (what.tunnels())
    for (const auto& [id, tunnel] : tables.tunnels)
      if (wanted(id)) read(*tunnel, *out.add_tunnel());
  if (const auto found = tables.bridges.find(what.bridge());
      what.bridge() != 0 && found != tables.bridges.end())
    read(*found->second, what.after(), now, *out.add_bridge());
  if (what.sas())
    for (const auto& [key, sa] : tables.sas)
      if (wanted(sa->tunnel)) read(*sa, now, *out.add_sa());
}

bool clear_statistics(Plane& plane, uint32_t id) {
  bool found = id == 0;
  for (auto& [number, tunnel] : plane.tables.tunnels) {
    if (id != 0 && id != number) continue;
    found = true;
    fold_traffic(*tunnel);
    tunnel->decrypted = {};
    tunnel->replay_errors = tunnel->authentication_failures = 0;
    tunnel->decryption_failures = tunnel->bad_headers = tunnel->bad_trailers = 0;
    tunnel->ah_output = tunnel->ah_input = {};
    tunnel->ah_authentication_failures = tunnel->selector_errors = 0;
    tunnel->too_big = tunnel->no_sa_drops = 0;
    tunnel->udp_errors = {};
  }
  return found;
}

void fold_traffic(Tunnel& tunnel) {
  if (tunnel.interface != nullptr) {
    tunnel.interface->input += tunnel.inner;
    tunnel.interface->output += tunnel.encrypted;
  }
  tunnel.inner = tunnel.encrypted = {};
}

}  // namespace nezu::pfe
