#include "pfe-model/story.h"

#include <arpa/inet.h>

#include <cstdarg>
#include <cstdio>

namespace nezu::pfe {

namespace {

using What = Step::What;

constexpr uint32_t kPage = 8;  // packets: the workers wait while they are read

std::string text_of(const char* format, ...) __attribute__((format(printf, 1, 2)));
std::string text_of(const char* format, ...) {
  char buffer[256];
  va_list values;
  va_start(values, format);
  std::vsnprintf(buffer, sizeof buffer, format, values);
  va_end(values);
  return buffer;
}

std::string text_of(const Mac& mac) {
  return text_of("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

std::string text_of(const Prefix& prefix) {
  return text_of(prefix.address) + "/" + std::to_string(prefix.length);
}

/// "10.0.1.0/24", or both ends where that is no prefix.
std::string text_of_range(const Address& first, const Address& last) {
  for (int length = 0; length <= 8 * first.size; ++length) {
    Address end = Prefix::of(first, static_cast<uint8_t>(length)).address;
    if (end != first) continue;
    for (int bit = length; bit < 8 * first.size; ++bit)
      end.octets[static_cast<size_t>(bit / 8)] |= static_cast<uint8_t>(0x80 >> bit % 8);
    if (end == last) return text_of(Prefix{first, static_cast<uint8_t>(length)});
  }
  return text_of(first) + "-" + text_of(last);
}

std::string protocol_name(uint8_t protocol) {
  switch (protocol) {
    case kProtocolIcmp:
      return "ICMP";
    case kProtocolIcmp6:
      return "ICMPv6";
    case kProtocolTcp:
      return "TCP";
    case kProtocolUdp:
      return "UDP";
    case kProtocolSctp:
      return "SCTP";
    case kProtocolEsp:
      return "ESP";
    case kProtocolAh:
      return "AH";
    case kProtocolOspf:
      return "OSPF";
    default:
      return "IP protocol " + std::to_string(protocol);
  }
}

bool is_icmp(uint8_t protocol) {
  return protocol == kProtocolIcmp || protocol == kProtocolIcmp6;
}

/// Of the type and code of an ICMP message.
std::string icmp_name(uint8_t protocol, uint16_t type_and_code) {
  const uint8_t type = type_and_code >> 8;
  const bool v6 = protocol == kProtocolIcmp6;
  const std::string name = protocol_name(protocol);
  if (type == (v6 ? 128 : 8)) return name + " echo request";
  if (type == (v6 ? 129 : 0)) return name + " echo reply";
  if (type == (v6 ? 1 : 3)) return name + " unreachable";
  if (type == (v6 ? 3 : 11)) return name + " time exceeded";
  if (v6 && type == 2) return name + " packet too big";
  return name + " type " + std::to_string(type);
}

std::string text_of(const Seen& seen) {
  const std::string octets = ", " + std::to_string(seen.octets) + " octets";
  if (seen.source.size == 0) {
    if (seen.ethertype == 0) return "not a good IP packet" + octets;
    const std::string kind = seen.ethertype == kEtherArp
                                 ? std::string("ARP")
                                 : text_of("Ethernet type 0x%04x", unsigned{seen.ethertype});
    return kind + " " + text_of(seen.source_mac) + " > " + text_of(seen.destination_mac) + octets;
  }
  const bool icmp = is_icmp(seen.protocol);
  const bool ports = seen.ports_known && !icmp;
  const auto end = [&](const Address& address, uint16_t port) {
    return text_of(address) + (ports ? " port " + std::to_string(port) : "");
  };
  const std::string kind = seen.ports_known && icmp ? icmp_name(seen.protocol, seen.source_port)
                                                    : protocol_name(seen.protocol);
  return kind + (seen.fragment ? ", not the first fragment," : "") + " " +
         end(seen.source, seen.source_port) + " > " + end(seen.destination, seen.destination_port) +
         octets + ", TTL " + std::to_string(seen.hops);
}

/// "local 10.0.1.0/24, remote 10.0.2.0/24".
std::string text_of(const Selector& selector) {
  std::string text = "local " + text_of_range(selector.local_first, selector.local_last) +
                     ", remote " + text_of_range(selector.remote_first, selector.remote_last);
  if (selector.protocol != 0) text += ", " + protocol_name(selector.protocol);
  const bool any = selector.local_port_first == 0 && selector.local_port_last == 65535 &&
                   selector.remote_port_first == 0 && selector.remote_port_last == 65535;
  if (!any)
    text += text_of(", ports %u-%u to %u-%u", unsigned{selector.local_port_first},
                    unsigned{selector.local_port_last}, unsigned{selector.remote_port_first},
                    unsigned{selector.remote_port_last});
  return text;
}

/// Writes one step: the stage, what happened there, and the same as data.
class Teller {
 public:
  Teller(const Plane& plane, const Step& step, api::TraceStep& out)
      : plane_(plane), step_(step), out_(out) {}

  void tell() {
    out_.set_pfe(step_.pfe);
    out_.set_pfe_name(pfe_name(step_.pfe));
    if (step_.interface != 0) out_.set_interface(interface_name(plane_, step_.interface));
    if (step_.tunnel != 0) out_.set_tunnel(step_.tunnel);
    if (step_.spi != 0) out_.set_spi(step_.spi);
    if (step_.sequence != 0) out_.set_sequence(step_.sequence);
    if (step_.octets != 0) out_.set_octets(step_.octets);
    if (step_.gateway.size != 0) out_.set_next_hop(nezu::pfe::text_of(step_.gateway));
    words();
  }

  static std::string interface_name(const Plane& plane, uint32_t index) {
    const Interface* interface = plane.tables.interface(index);
    return interface == nullptr ? "a logical interface that is gone" : interface->name;
  }

 private:
  void say(const char* stage, const std::string& text) {
    out_.set_stage(stage);
    out_.set_text(text);
  }
  std::string pfe_name(uint32_t id) const {
    const auto found = plane_.pfes.find(id);
    return found == plane_.pfes.end() ? "PFE " + std::to_string(id) : found->second->name;
  }
  std::string interface() const { return interface_name(plane_, step_.interface); }
  std::string tunnel() const { return "tunnel " + std::to_string(step_.tunnel); }
  std::string spi() const { return text_of("SPI 0x%08x", step_.spi); }
  std::string protocol() const { return step_.protocol == kProtocolAh ? "AH" : "ESP"; }
  std::string in_udp() const {
    return step_.udp == 0 ? "" : " in UDP to port " + std::to_string(step_.udp);
  }

  void words() {
    switch (step_.what) {
      case What::kInput:
        return input();
      case What::kHostInput:
        return say("host", "from this router itself, by " + interface());
      case What::kRoute:
        return route();
      case What::kNoRoute:
        return say("route", "no route to " + nezu::pfe::text_of(step_.source) + in_instance());
      case What::kWay:
        return say("route", "out of " + interface() + way());
      case What::kSelect:
        return select();
      case What::kFabric:
        return say("fabric", "to " + pfe_name(step_.count));
      case What::kSeal:
        return say("encrypt", protocol() + in_udp() + ", " + spi() + ", sequence number " +
                                  std::to_string(step_.sequence) + sizes() + ", " + ends());
      case What::kSecured:
        return secured();
      case What::kWindow:
        return window();
      case What::kOpen:
        return say("decrypt", protocol() + " is authentic" + sizes());
      case What::kInner:
        return inner();
      case What::kEncapsulate:
        return say("vxlan",
                   "into VXLAN, VNI " + std::to_string(step_.count) + sizes() + ", " + ends());
      case What::kDecapsulate:
        return say("vxlan", "out of VXLAN, received on " + interface());
      default:
        return more_words();
    }
  }

  void more_words() {
    switch (step_.what) {
      case What::kBridge:
        return bridge();
      case What::kPieces:
        return say(
            "fragment",
            text_of("made %u pieces of it", step_.count) +
                (step_.limit == 0 ? std::string() : text_of(" of at most %u octets", step_.limit)));
      case What::kTooBig:
        return too_big();
      case What::kException:
        return reason("exception", kCounterTexts[step_.count]);
      case What::kPunt:
        return reason("punt", kCounterTexts[step_.count]);
      case What::kHost:
        return say("host", "given to this router's own IP stack, by " + interface());
      case What::kSent:
        return say("output", "sent by " + interface() + " to " + text_of(step_.mac) +
                                 text_of(", %u octets with Ethernet header", step_.octets));
      default:
        return reason("drop", kDropTexts[step_.count]);
    }
  }

  void reason(const char* stage, const CounterText& text) {
    out_.set_reason(text.name);
    say(stage, std::string(text.help) + " (" + text.name + ")");
  }

  std::string vlan() const {
    return step_.count == 0 ? "" : ", VLAN " + std::to_string(step_.count);
  }
  std::string in_instance() const {
    return step_.instance == 0 ? "" : " in routing instance " + std::to_string(step_.instance);
  }
  std::string sizes() const { return text_of(", %u -> %u octets", step_.before, step_.octets); }
  std::string ends() const {
    return nezu::pfe::text_of(step_.source) + " > " + nezu::pfe::text_of(step_.gateway);
  }

  void input() {
    const Interface* interface = plane_.tables.interface(step_.interface);
    if (interface == nullptr) return say("input", "on no logical interface" + vlan());
    say("input", "on " + interface->name +
                     (interface->port == nullptr ? "" : " (port " + interface->port->name + ")") +
                     vlan());
  }

  void route() {
    const std::string destination = nezu::pfe::text_of(step_.source);
    out_.set_prefix(text_of(step_.prefix));
    const std::string found = destination + " is in " + out_.prefix() + in_instance();
    switch (step_.action) {
      case Action::kLocal:
        return say("route", destination + " is an address of this router" + in_instance());
      case Action::kDiscard:
        return say("route", found + ": discard");
      case Action::kReject:
        return say("route", found + ": reject");
      case Action::kForward:
        return say("route", step_.count == 1
                                ? found
                                : found + ", " + std::to_string(step_.count) + " next hops");
    }
  }

  void too_big() {
    reason("mtu", kCounterTexts[static_cast<size_t>(Count::kExceptionMtu)]);
    out_.set_text(out_.text() +
                  text_of(": %u octets, %u fit into the tunnel; from here on this is the ICMP "
                          "answer that says so",
                          step_.octets, step_.limit));
  }

  std::string way() const {
    if (step_.gateway.size != 0) return ", next hop " + out_.next_hop();
    const Interface* interface = plane_.tables.interface(step_.interface);
    const bool link = interface != nullptr && interface->kind == Kind::kEthernet;
    return link ? ", the destination is on that link" : ", a tunnel";
  }

  void select() {
    if (step_.tunnel == 0)
      return say("ipsec", text_of("%s: no traffic selector of its %u tunnel%s holds it",
                                  interface().c_str(), step_.count, step_.count == 1 ? "" : "s"));
    if (!step_.selector)
      return say("ipsec", interface() + ": " + tunnel() + ", which has not been negotiated yet");
    say("ipsec", interface() + ": " + tunnel() + " takes it, " + text_of(*step_.selector));
  }

  void secured() {
    if (step_.tunnel == 0)
      return say("ipsec", protocol() + ", " + spi() + ": no inbound SA has this SPI");
    say("ipsec", protocol() + in_udp() + ", " + spi() + ": SA of " + tunnel());
  }

  void window() {
    const std::string number = "sequence number " + std::to_string(step_.sequence) +
                               ", highest so far " + std::to_string(step_.top);
    if (step_.count == 0) return say("replay", number + ", not checked");
    const bool old = step_.limit == 0 && step_.top - step_.sequence >= step_.count;
    const char* verdict = step_.limit != 0 ? "new" : old ? "older than the window" : "seen before";
    say("replay", number + ", window " + std::to_string(step_.count) + ": " + verdict);
  }

  void inner() {
    const std::string what = "inside of " + spi() + ": " + text_of(step_.seen);
    if (!step_.selector) return say("ipsec", what + "; no traffic selector of its SA holds it");
    say("ipsec", what + "; received on " + interface() + ", " + text_of(*step_.selector));
  }

  void bridge() {
    const std::string domain = "domain " + std::to_string(step_.count) + ": " + text_of(step_.mac);
    if (step_.mac[0] & 1) return say("bridge", domain + " is a group address, to all members");
    if (step_.interface == 0) return say("bridge", domain + " is not known yet, to all members");
    say("bridge", domain + " is behind " + interface());
  }

  const Plane& plane_;
  const Step& step_;
  api::TraceStep& out_;
};

/// What became of it, of all its pieces and copies together.
class Fate {
 public:
  void see(const api::TraceStep& step, What what) {
    if (what == What::kSent) {
      ++sent_;
      by_ = step.interface();
    }
    if (what == What::kHost) host_ = true;
    if (what == What::kDrop && drop_ == nullptr) drop_ = &step;
    const bool exception = what == What::kException || what == What::kTooBig;
    if (exception && exception_ == nullptr) exception_ = &step;
    answered_ = answered_ || what == What::kTooBig;
  }
  void write(api::TracedPacket& out) const {
    std::string text;
    if (exception_ != nullptr) text = why(*exception_);
    if (drop_ != nullptr) add(text, "dropped: " + drop_->text());
    if (sent_ > 0)
      add(text, (answered_ ? "answer sent by " : "sent by ") + by_ +
                    (sent_ > 1 ? text_of(", %u times", sent_) : ""));
    if (host_) add(text, "given to this router's own IP stack");
    out.set_fate(text.empty() ? "under way" : text);
    if (drop_ != nullptr)
      out.set_reason(drop_->reason());
    else if (exception_ != nullptr)
      out.set_reason(exception_->reason());
  }

 private:
  /// Without what a step says beyond its reason.
  static std::string why(const api::TraceStep& step) {
    return step.text().substr(0, step.text().find(':'));
  }
  static void add(std::string& text, const std::string& more) {
    if (!text.empty()) text += "; ";
    text += more;
  }
  const api::TraceStep* drop_ = nullptr;
  const api::TraceStep* exception_ = nullptr;
  unsigned sent_ = 0;
  bool host_ = false;
  bool answered_ = false;  ///< what goes on is an ICMP message about the packet
  std::string by_;
};

void read(const Plane& plane, const Trace::Story& story, api::TracedPacket& out) {
  out.set_unix_nanoseconds(story.began_unix);
  if (story.interface != 0) out.set_interface(Teller::interface_name(plane, story.interface));
  out.set_text(text_of(story.seen));
  out.set_source(text_of(story.seen.source));
  out.set_destination(text_of(story.seen.destination));
  out.set_protocol(story.seen.protocol);
  out.set_octets(story.seen.octets);
  const uint32_t used = story.used;
  out.set_cut(used > Trace::kMostSteps);
  Fate fate;
  out.mutable_step()->Reserve(Trace::kMostSteps);
  for (uint32_t i = 0; i < std::min(used, Trace::kMostSteps); ++i) {
    const Step& step = story.steps[i];
    api::TraceStep& told = *out.add_step();
    told.set_nanoseconds(step.at > story.began ? step.at - story.began : 0);
    Teller(plane, step, told).tell();
    fate.see(told, step.what);
  }
  fate.write(out);
}

}  // namespace

std::string text_of(const Address& address) {
  char buffer[INET6_ADDRSTRLEN];
  if (address.size == 0) return {};
  ::inet_ntop(address.size == 4 ? AF_INET : AF_INET6, address.octets.data(), buffer, sizeof buffer);
  return buffer;
}

void read_trace(Plane& plane, uint32_t first, uint64_t now, api::TraceReport& out) {
  const Trace* trace = plane.trace();
  if (trace == nullptr) return;
  const Trace::Order& order = trace->order();
  out.set_number(trace->number());
  out.set_wanted(order.packets);
  out.set_packets(trace->packets());
  out.set_running(trace->wants(now));
  if (out.running())
    out.set_seconds_left(static_cast<uint32_t>((order.until - now) / 1'000'000'000));
  out.set_matching(order.matching);
  if (order.interface != 0) out.set_interface(Teller::interface_name(plane, order.interface));
  for (uint32_t at = first; at < trace->packets() && at - first < kPage; ++at) {
    api::TracedPacket& packet = *out.add_packet();
    packet.set_number(at + 1);
    read(plane, trace->story(at), packet);
  }
  out.set_more(first + kPage > first && first + kPage < trace->packets());
}

}  // namespace nezu::pfe
