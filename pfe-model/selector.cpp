#include "pfe-model/selector.h"

#include <utility>

namespace nezu::pfe {

namespace {

bool in_range(const Address& first, const Address& last, const Address& address) {
  return first.size == address.size && first.octets <= address.octets &&
         address.octets <= last.octets;
}

bool ports_match(const Selector& selector, const Flow& flow) {
  const bool any = selector.local_port_first == 0 && selector.local_port_last == 65535 &&
                   selector.remote_port_first == 0 && selector.remote_port_last == 65535;
  if (any) return true;
  return flow.ports_known && flow.local_port >= selector.local_port_first &&
         flow.local_port <= selector.local_port_last &&
         flow.remote_port >= selector.remote_port_first &&
         flow.remote_port <= selector.remote_port_last;
}

}  // namespace

Flow outbound_flow(const uint8_t* ip, const IpHeader& header) {
  Flow flow{header.source, header.destination, header.protocol};
  const bool has_ports = header.protocol == kProtocolTcp || header.protocol == kProtocolUdp ||
                         header.protocol == kProtocolSctp;
  const bool icmp = header.protocol == kProtocolIcmp || header.protocol == kProtocolIcmp6;
  if (!(has_ports || icmp) || header.fragment_offset != 0 || header.payload + 4 > header.length)
    return flow;
  flow.ports_known = true;
  if (icmp) {  // type and code stand for both ports (RFC 7296 3.13.1)
    flow.local_port = flow.remote_port = load16(ip + header.payload);
    return flow;
  }
  flow.local_port = load16(ip + header.payload);
  flow.remote_port = load16(ip + header.payload + 2);
  return flow;
}

Flow inbound_flow(const uint8_t* ip, const IpHeader& header) {
  Flow flow = outbound_flow(ip, header);
  std::swap(flow.local, flow.remote);
  std::swap(flow.local_port, flow.remote_port);
  return flow;
}

bool matches(const Selector& selector, const Flow& flow) {
  return in_range(selector.local_first, selector.local_last, flow.local) &&
         in_range(selector.remote_first, selector.remote_last, flow.remote) &&
         (selector.protocol == 0 || selector.protocol == flow.protocol) &&
         ports_match(selector, flow);
}

bool matches(const std::vector<Selector>& selectors, const Flow& flow) {
  for (const Selector& selector : selectors)
    if (matches(selector, flow)) return true;
  return false;
}

}  // namespace nezu::pfe
