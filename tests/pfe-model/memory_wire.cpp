#include "memory_wire.h"

#include "pfe-model/ip.h"

namespace nezu::pfe::test {

std::string ipv4_frame(const std::string& to_mac, const std::string& source,
                       const std::string& destination, uint8_t protocol, const std::string& payload,
                       uint8_t ttl) {
  uint8_t ip[kIpv4Header] = {0x45};
  store16(ip + 2, static_cast<uint16_t>(kIpv4Header + payload.size()));
  ip[8] = ttl;
  ip[9] = protocol;
  source.copy(reinterpret_cast<char*>(ip) + 12, 4);
  destination.copy(reinterpret_cast<char*>(ip) + 16, 4);
  write_ipv4_checksum(ip);
  return to_mac + octets({2, 9, 9, 9, 9, 9, 8, 0}) +
         std::string(reinterpret_cast<char*>(ip), sizeof ip) + payload;
}

api::Request sa_message(bool inbound, const std::string& local, const std::string& remote,
                        uint32_t spi, uint64_t generation) {
  api::Request request;
  auto* sa = request.mutable_sa();
  sa->set_direction(inbound ? api::SecurityAssociation::INBOUND
                            : api::SecurityAssociation::OUTBOUND);
  sa->set_local(local);
  sa->set_remote(remote);
  sa->set_spi(spi);
  sa->set_generation(generation);
  sa->set_tunnel(1);
  sa->set_cipher(api::AES_GCM_256);
  sa->set_key(std::string(31, 'k') + static_cast<char>(generation));
  sa->set_salt("salt");
  sa->set_replay_window(64);
  return request;
}

void add_tunnel(MemoryRouter& router, uint32_t pfe, const std::string& local,
                const std::string& remote, uint32_t in, uint32_t out, uint32_t window) {
  api::Request request;
  request.mutable_pfe()->set_id(pfe);
  request.mutable_pfe()->set_online(true);
  router.call(1, request);
  auto* interface = request.mutable_interface();
  interface->set_index(100);
  interface->set_up(true);
  interface->set_mtu(9000);
  interface->set_inet(true);
  interface->set_inet6(true);
  interface->mutable_tunnel()->set_anchor_pfe(pfe);
  router.call(1, request);
  auto* tunnel = request.mutable_tunnel();
  tunnel->set_id(1);
  tunnel->set_interface(100);
  tunnel->set_anchor_pfe(pfe);
  tunnel->set_outbound_spi(out);
  tunnel->set_remote(remote);
  auto* selector = tunnel->add_selector();
  selector->set_local_first(octets({10, 0, 0, 0}));
  selector->set_local_last(octets({10, 255, 255, 255}));
  selector->set_remote_first(octets({10, 0, 0, 0}));
  selector->set_remote_last(octets({10, 255, 255, 255}));
  router.call(2, request);
  api::Request inbound = sa_message(true, local, remote, in);
  inbound.mutable_sa()->set_replay_window(window);
  router.call(2, inbound);
  router.call(2, sa_message(false, local, remote, out));
}

}  // namespace nezu::pfe::test
