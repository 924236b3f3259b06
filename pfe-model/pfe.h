#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pfe-model/counters.h"
#include "pfe-model/event.h"
#include "pfe-model/fabric.h"
#include "pfe-model/ip.h"
#include "pfe-model/packet.h"
#include "pfe-model/policer.h"
#include "pfe-model/tables.h"
#include "pfe-model/trace.h"

namespace nezu::pfe {

/// What is punted to the host, each with a rate of its own: a flood of one starves no other.
/// kIkeEstablished: of the remote of a tunnel, in an IKE SA that it says is established.
enum class Punt : uint8_t {
  kIkeEstablished,
  kIkeNew,
  kIkePeer,  ///< new too, of an address that a tunnel is configured to
  kRouting,
  kNeighbour,
  kRest
};

/// One packet forwarding engine. Bursts go stage by stage, a file a stage:
///
///   input → route → output            plain
///   route → ipsec → seal → route      into a tunnel; seal runs on the tunnel's anchor PFE
///   route → open → route              out of a tunnel, as received on its interface
///   route → encapsulate → route       into VXLAN; on the PFE of the interface
///   route → decapsulate → route       out of it
///   input → bridge → output           within a bridge domain, on the PFE of the domain
///   input → bridge → route            to its endpoints of VXLAN
///   route → decapsulate → bridge      from them
///   … → punt                          to the host;   host → output or ipsec   from it
///
/// A filter stage will stand between input and route, and between route and output.
/// A PFE is run by one worker at a time: begin, receive…, finish.
class Pfe {
 public:
  Pfe(uint32_t id, Tables& tables, Fabric& fabric, size_t packets = kPoolPackets);

  uint32_t id() const { return id_; }
  std::string name;
  bool online = true;
  uint64_t inline_bits = 0;  ///< a second, of what is encrypted and of what is decrypted; 0: all
  uint64_t sync = 0;
  Counters counters;

  /// Starts a turn at `now` (nanoseconds, monotonic).
  void begin(uint64_t now);
  /// Takes a burst from a wire, from the host, from the other PFEs.
  size_t receive(Port& port);  ///< how many frames it took
  void receive_host(Interface& interface);
  void receive_fabric();
  /// Runs the stages until nothing waits and sends what is to be sent.
  void finish();

  bool fabric_waiting() const;
  /// PFEs that were sent packets since the last call, as a bit each.
  uint64_t take_sent_to() { return std::exchange(sent_to_, 0); }
  bool take_events_pending() { return std::exchange(events_pending_, false); }
  size_t buffers() const { return pool_.available(); }  ///< free ones
  Ring<Event>& events() { return events_; }

  /// From now on packets of this trace are followed; nullptr: none. No worker may run.
  void follow(Trace* trace) {
    trace_ = trace;
    tracing_ = false;
  }

  /// Drops what waits for this PFE on the fabric and takes its buffers back. No worker may run.
  void settle();

 private:
  static constexpr size_t kBudget = 128;
  static constexpr uint8_t kMaxPasses = 4;

  // input.cpp
  void input(Port& port);
  void input_frame(Interface& interface, Packet* packet);
  void input_ip(Interface& interface, Packet* packet);
  // route.cpp
  void route();
  void route_packet(Packet* packet);
  void forward(Packet* packet, const IpHeader& header, const Paths& paths);
  void deliver(Packet* packet, const IpHeader& header);
  // ipsec.cpp
  void ipsec();
  void choose_tunnel(Packet* packet);
  // fit.cpp
  enum class Fit : uint8_t { kFits, kTooBig, kGone };
  Fit fit(Packet* packet, uint32_t limit, Queue& again);
  void answer_too_big(Interface* tunnel, Packet* packet, uint32_t limit);
  // seal.cpp
  void seal_all();
  void seal_packet(Packet* packet);
  void seal_into(Tunnel& tunnel, Packet* packet);
  void count_sealed(Tunnel& tunnel, const Packet& packet, size_t inner);
  uint32_t inner_limit(Tunnel& tunnel);
  uint32_t local_limit(const Tunnel& tunnel) const;
  void want_tunnel(Tunnel& tunnel);
  void report_limits(Sa& sa);
  // open.cpp
  struct Secured {
    uint8_t protocol = 0;  ///< ESP or AH
    bool udp = false;      ///< in UDP, and its ports
    uint16_t source_port = 0, port = 0;
    size_t at = 0, end = 0;  ///< of the ESP or AH packet
    uint32_t spi = 0;
  };
  static bool find_secured(const Packet& packet, const IpHeader& header, Secured& secured);
  static SaKey key_of(const Packet& packet, const IpHeader& header, const Secured& secured);
  static std::optional<UdpError> misencapsulated(const Sa& sa, const Secured& secured);
  void steer_esp(Packet* packet, const IpHeader& header);
  bool steer_udp(Packet* packet, const IpHeader& header);
  void steer_to(const Sa& sa, Packet* packet);
  void drop_unknown(Packet* packet, const Secured& secured);
  void open_all();
  void open_packet(Packet* packet);
  void open_with(Sa& sa, Tunnel& tunnel, Packet* packet, const IpHeader& outer,
                 const Secured& secured);
  static Opened take_out(Sa& sa, Packet& packet, const IpHeader& outer, const Secured& secured,
                         uint64_t number);
  void follow_peer(Sa& sa, const Tunnel& tunnel, const IpHeader& outer, const Secured& secured);
  void accept_inner(const Sa& sa, Tunnel& tunnel, Packet* packet, uint8_t next_header,
                    const IpHeader& outer, uint8_t outer_class);
  // encapsulate.cpp
  void encapsulate_all();
  void encapsulate_packet(Packet* packet);
  void encapsulate_into(Interface& interface, Packet* packet);
  void wrap(const Interface& interface, const VxlanHeader& header, uint64_t flow,
            uint8_t outer_class, Packet* packet);
  uint32_t inner_limit(Interface& interface);
  uint32_t outer_room(const Interface& interface) const;
  // decapsulate.cpp
  struct Encapsulated {
    Interface* interface = nullptr;
    Bridge* bridge = nullptr;  ///< none: it is the interface's own
    Carried carried = Carried::kEthernet;
    size_t at = 0, end = 0;  ///< of what is carried
  };
  static VxlanPort vxlan_port(const Packet& packet, const IpHeader& header);
  bool steer_vxlan(Packet* packet, const IpHeader& header);
  std::optional<Drop> find_vxlan(const Packet& packet, const IpHeader& header,
                                 Encapsulated& inside) const;
  void decapsulate_all();
  void decapsulate_packet(Packet* packet);
  void decapsulate_from(Packet* packet, const Encapsulated& inside);
  // bridge.cpp
  void steer_frame(const Interface& interface, Packet* packet);
  void bridge_all();
  void bridge_packet(Packet* packet);
  static bool may_go(const Interface& from, const Interface& to);
  void flood(Bridge& bridge, const Interface& from, Packet* packet);
  Packet* copy_frame(const Packet& frame);
  void send_bridged(const Bridge& bridge, Interface& out, Packet* packet);
  void output_frame(Packet* packet);
  void send_to_vtep(const Bridge& bridge, Interface& vtep, Packet* packet);
  void frame_into(const Bridge& bridge, Interface& vtep, Packet* packet);
  void frame_from(const Encapsulated& inside, uint8_t outer_class, Packet* packet);
  // path_mtu.cpp
  void learn_path_mtu(const Packet& packet, const IpHeader& header);
  bool learn_tunnel(const uint8_t* quoted, size_t octets, const Packet& packet, bool v6,
                    uint32_t told);
  bool learn_vxlan(const uint8_t* quoted, size_t octets, const Packet& packet, uint32_t told);
  // output.cpp
  void output();
  void output_packet(Packet* packet);
  void send_ethernet(Interface& interface, Packet* packet);
  bool fit_mtu(Interface& interface, Packet* packet);
  void split(Interface& interface, Packet* packet);
  void unresolved(Interface& interface, Packet* packet);
  void send_frame(Interface& interface, Packet* packet);
  void transmit(Port& port, Packet* packet);
  void flush(Port& port);
  void count_sent(Port& port, const Packet& frame);
  void want_neighbour(uint32_t interface, const Address& address);
  // punt.cpp
  void punt(Packet* packet, Punt kind);
  void except(Packet* packet, Count why, Drop otherwise);
  void write_host(Interface& interface, Packet* packet);
  Punt classify(const Packet& packet, const IpHeader& header) const;
  // host.cpp
  void host_packet(Interface& interface, Packet* packet);

  // follow.cpp: what a packet that is followed leaves in its story
  void consider(uint32_t interface, Packet& packet, bool frame);
  void consider_received(const Interface* interface, Packet& packet);
  void consider_sent(const Interface& interface, Packet& packet);
  Step* step(const Packet& packet, Step::What what);
  void note(const Packet& packet, Step::What what, uint32_t interface, uint32_t count = 0);
  void note_limit(const Packet& packet, Step::What what, size_t count, uint32_t limit);
  void note_frame(const Packet& packet, Step::What what, uint32_t interface, uint32_t count,
                  const uint8_t* mac);
  void note_route(const Packet& packet, const Fib* fib, const Paths* paths);
  void note_way(const Packet& packet, const Hop& hop);
  void note_tunnel(const Packet& packet, const Tunnel& tunnel);
  void note_sealed(const Packet& packet, const Tunnel& tunnel, size_t inner, uint64_t sequence);
  void note_spi(const Packet& packet, uint32_t spi, uint8_t protocol);
  void note_secured(const Packet& packet, const Sa& sa);
  void note_window(const Packet& packet, const Sa& sa, uint64_t sequence);
  void note_opened(const Packet& packet, const Sa& sa, size_t outer, size_t inner);
  void note_inner(const Packet& packet, const Sa& sa, const Tunnel& tunnel, const IpHeader& inner);
  void note_wrapped(const Packet& packet, const Interface& interface, uint32_t vni, size_t inner);
  void note_taken(const Packet& frame);

  /// Where a packet for an interface of this kind goes on.
  Queue& way_out(Kind kind) {
    if (kind == Kind::kTunnel) return ipsec_;
    return kind == Kind::kVxlan ? encapsulate_ : output_;
  }
  void cross_fabric(Packet* packet, uint32_t pfe, Arrival arrival);
  void take_empties();
  void queue(Queue& queue, Packet* packet);
  /// Works a stage's queue off; what the stage queues for itself waits for the next round.
  template <typename Stage>
  void run(Queue& waiting, Stage stage) {
    std::swap(waiting, work_);
    for (Packet* packet : work_) (this->*stage)(packet);
    work_.clear();
  }
  void drop(Packet* packet, Drop why);
  void release(Packet* packet);
  void report(const Event& event);

  const uint32_t id_;
  Tables& tables_;
  Fabric& fabric_;
  Pool pool_;
  uint64_t now_ = 0;
  Trace* trace_ = nullptr;
  bool tracing_ = false;  ///< packets that match begin a story

  Queue frames_;  ///< from a wire
  Queue route_, ipsec_, seal_, open_, encapsulate_, decapsulate_, bridge_, output_;
  Queue work_;    ///< the queue a stage is working off
  Queue pieces_;  ///< segments or fragments being made

  std::vector<Port*> sending_;  ///< ports with frames waiting
  uint64_t sent_to_ = 0;

  std::array<Policer, 6> policers_;
  Policer event_policer_{1000, 100};
  RatePolicer inline_output_, inline_input_;
  struct Wanted {
    uint32_t interface = 0;
    Address address;
    uint64_t at = 0;
  };
  std::array<Wanted, 64> wanted_;  ///< neighbours asked for lately, by hash
  Ring<Event> events_{256};
  bool events_pending_ = false;
};

}  // namespace nezu::pfe
