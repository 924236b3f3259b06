#include "services/ike/session/snapshot.h"

#include <type_traits>

#include "services/ike/crypto/prf.h"
#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
// To be raised with every change of a field list below.
constexpr std::uint32_t kVersion = 0x4e494b1e;
constexpr std::uint32_t kMaxElements = 65536;

// One field list serves both directions, so that what is written is what is read.

struct Saver {
  Writer out;

  template <typename... Values>
  void operator()(const Values&... values) {
    (value(values), ...);
  }

  template <typename Number>
  requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
  void value(Number number) {
    for (std::size_t i = sizeof(Number); i-- > 0;)
      out.u8(static_cast<std::uint8_t>(static_cast<std::uint64_t>(number) >> (8 * i)));
  }
  void value(const std::string& text) {
    out.u32(static_cast<std::uint32_t>(text.size())).bytes(view_of(text));
  }
  void value(const Bytes& octets) {
    out.u32(static_cast<std::uint32_t>(octets.size())).bytes(octets);
  }
  template <typename Element>
  void value(const std::vector<Element>& list) {
    elements(list);
  }
  template <typename Element>
  void value(const std::deque<Element>& list) {
    elements(list);
  }
  template <typename Element>
  void value(const std::optional<Element>& maybe) {
    out.u8(maybe ? 1 : 0);
    if (maybe) value(*maybe);
  }
  template <typename Object>
  requires std::is_class_v<Object>
  void value(const Object& object) { fields(*this, object); }

 private:
  template <typename List>
  void elements(const List& list) {
    out.u32(static_cast<std::uint32_t>(list.size()));
    for (const auto& element : list) value(element);
  }
};

struct Loader {
  Reader in;
  bool bad = false;

  template <typename... Values>
  void operator()(Values&... values) {
    (value(values), ...);
  }

  template <typename Number>
  requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
  void value(Number& number) {
    std::uint64_t all = 0;
    for (const std::uint8_t octet : in.take(sizeof(Number))) all = all << 8 | octet;
    number = static_cast<Number>(all);
  }
  void value(std::string& text) {
    const ByteView octets = in.take(in.u32());
    text.assign(octets.begin(), octets.end());
  }
  void value(Bytes& octets) { octets = bytes_of(in.take(in.u32())); }
  template <typename Element>
  void value(std::vector<Element>& list) {
    elements(list);
  }
  template <typename Element>
  void value(std::deque<Element>& list) {
    elements(list);
  }
  template <typename Element>
  void value(std::optional<Element>& maybe) {
    maybe.reset();
    if (in.u8() != 0) value(maybe.emplace());
  }
  template <typename Object>
  requires std::is_class_v<Object>
  void value(Object& object) { fields(*this, object); }

 private:
  template <typename List>
  void elements(List& list) {
    const std::uint32_t count = in.u32();
    bad = bad || count > kMaxElements;
    list.clear();
    for (std::uint32_t i = 0; i < count && !bad && !in.failed(); ++i) value(list.emplace_back());
  }
};

// A field list is for one type, constant or not.
template <typename Object, typename Type>
concept Is = std::is_same_v<std::remove_const_t<Object>, Type>;

template <typename Archive, typename Object>
requires Is<Object, Address>
void fields(Archive& a, Object& o) {
  a(o.size);
  if (o.size > o.octets.size()) {
    if constexpr (std::is_same_v<Archive, Loader>) {
      a.bad = true;
      o.size = 0;
    }
  }
  for (std::size_t i = 0; i < o.size; ++i) a(o.octets[i]);
}

template <typename Archive, typename Object>
requires Is<Object, Endpoint>
void fields(Archive& a, Object& o) {
  a(o.address, o.port);
}

template <typename Archive, typename Object>
requires Is<Object, Path>
void fields(Archive& a, Object& o) {
  a(o.instance, o.local, o.remote);
}

template <typename Archive, typename Object>
requires Is<Object, TrafficSelector>
void fields(Archive& a, Object& o) {
  a(o.first, o.last, o.protocol, o.port_first, o.port_last);
}

template <typename Archive, typename Object>
requires Is<Object, Identity>
void fields(Archive& a, Object& o) {
  a(o.type, o.data);
}

template <typename Archive, typename Object>
requires Is<Object, IkeSuite>
void fields(Archive& a, Object& o) {
  a(o.encryption, o.integrity, o.prf, o.dh);
}

template <typename Archive, typename Object>
requires Is<Object, IkeKeys>
void fields(Archive& a, Object& o) {
  a(o.d, o.ai, o.ar, o.ei, o.er, o.pi, o.pr);
}

template <typename Archive, typename Object>
requires Is<Object, EspSuite>
void fields(Archive& a, Object& o) {
  a(o.encryption, o.integrity, o.extended_sequence);
}

template <typename Archive, typename Object>
requires Is<Object, EspKeys>
void fields(Archive& a, Object& o) {
  a(o.encryption, o.salt, o.integrity);
}

template <typename Archive, typename Object>
requires Is<Object, ChildSa>
void fields(Archive& a, Object& o) {
  a(o.vpn, o.tunnel, o.policy, o.instance, o.local, o.remote, o.udp_local, o.udp_remote,
    o.peer_may_move, o.state, o.spi_in, o.spi_out, o.generation);
  a(o.suite, o.pfs, o.keys_in, o.keys_out, o.local_selectors, o.remote_selectors);
  a(o.created_at, o.soft_at, o.hard_at, o.switch_at, o.delete_at, o.soft_bytes, o.hard_bytes,
    o.outbound_at);
  a(o.initiated, o.reason, o.replaces, o.lowest_nonce);
}

template <typename Archive, typename Object>
requires Is<Object, Task>
void fields(Archive& a, Object& o) {
  a(o.kind, o.tunnel, o.spi_in, o.group, o.not_before, o.attempts);
}

template <typename Archive, typename Object>
requires Is<Object, DhState>
void fields(Archive& a, Object& o) {
  a(o.group, o.job, o.private_key, o.public_key, o.peer_public);
}

template <typename Archive, typename Object>
requires Is<Object, ChildExchange>
void fields(Archive& a, Object& o) {
  a(o.task, o.tunnel, o.policy, o.rekeys, o.spi_in, o.spi_out, o.message, o.sent, o.cleared);
  a(o.new_spi_local, o.new_spi_peer, o.esp);
  a(o.ike, o.proposal, o.lifetime_seconds, o.lifetime_kilobytes, o.nonce_local, o.nonce_peer);
  a(o.dh, o.local_selectors, o.remote_selectors);
}

template <typename Archive, typename Object>
requires Is<Object, Outstanding>
void fields(Archive& a, Object& o) {
  a(o.message, o.task, o.packets, o.sent, o.first_at, o.next_at);
}

template <typename Archive, typename Object>
requires Is<Object, Answer>
void fields(Archive& a, Object& o) {
  a(o.message, o.packets);
}

template <typename Archive, typename Object>
requires Is<Object, Reassembly>
void fields(Archive& a, Object& o) {
  a(o.message, o.response, o.total, o.first_payload, o.pieces, o.octets);
}

template <typename Archive, typename Object>
requires Is<Object, RekeyCounters>
void fields(Archive& a, Object& o) {
  a(o.requests, o.responses, o.no_proposal_chosen, o.invalid_ke, o.ts_unacceptable, o.dh_failed);
  a(o.verify_sa_failed, o.verify_group_failed, o.verify_ts_failed);
}

template <typename Archive, typename Object>
requires Is<Object, IkeProposal>
void fields(Archive& a, Object& o) {
  a(o.name, o.encryption, o.integrity, o.prf, o.dh, o.lifetime_seconds);
}

template <typename Archive, typename Object>
requires Is<Object, EspProposal>
void fields(Archive& a, Object& o) {
  a(o.name, o.encryption, o.integrity, o.extended_sequence, o.lifetime_seconds);
  a(o.lifetime_kilobytes);
}

template <typename Archive, typename Object>
requires Is<Object, ChildPolicy>
void fields(Archive& a, Object& o) {
  a(o.vpn, o.selector, o.tunnel, o.proposals, o.pfs, o.local, o.remote, o.establish);
  a(o.install_interval_seconds, o.encapsulation_port);
}

template <typename Archive, typename Object>
requires Is<Object, DeadPeerDetection>
void fields(Archive& a, Object& o) {
  a(o.mode, o.interval_seconds, o.threshold);
}

template <typename Archive, typename Object>
requires Is<Object, CertificatePolicy>
void fields(Archive& a, Object& o) {
  a(o.local, o.authorities, o.keys, o.hashes, o.pss, o.old_methods);
}

template <typename Archive, typename Object>
requires Is<Object, AuthWait>
void fields(Archive& a, Object& o) {
  a(o.job, o.signs, o.first, o.message);
}

template <typename Archive, typename Object>
requires Is<Object, Gateway>
void fields(Archive& a, Object& o) {
  a(o.name, o.instance, o.local, o.remote, o.local_identity, o.remote_identity);
  a(o.name_container, o.name_fields, o.certificates);
  a(o.pre_shared_key, o.proposals, o.dpd, o.nat_traversal, o.nat_keepalive_seconds,
    o.encapsulation_port, o.any_identity, o.fragmentation, o.fragment_size, o.reauth_frequency);
}

template <typename Archive, typename Object>
requires Is<Object, SaCounters>
void fields(Archive& a, Object& o) {
  a(o.input_bytes, o.output_bytes, o.input_packets, o.output_packets, o.input_fragments);
  a(o.output_fragments, o.children_created, o.children_deleted, o.initiated, o.answered);
}

template <typename Archive, typename Object>
requires Is<Object, IkeSa>
void fields(Archive& a, Object& o) {
  a(o.index, o.gateway, o.policy, o.path, o.initiator, o.introduced, o.phase);
  a(o.spi_i, o.spi_r, o.suite, o.keys);
  a(o.nonce_i, o.nonce_r, o.local_identity, o.remote_identity, o.dh, o.lifetime_seconds);
  a(o.proposal, o.init_request, o.init_response, o.cookie, o.restarts, o.last_error);
  a(o.peer_hashes, o.auth, o.key);
  a(o.peer_behind_nat, o.local_behind_nat, o.peer_fragments, o.initial_contact);
  a(o.next_request, o.next_expected, o.peer_window, o.own_window, o.outstanding, o.answers);
  a(o.next_iv, o.reassembly);
  a(o.tasks, o.ours, o.theirs, o.wanted_tunnel, o.children, o.successor, o.successor_answered);
  a(o.successor_nonce, o.lowest_nonce, o.created_at, o.established_at, o.soft_at, o.hard_at);
  a(o.give_up_at, o.last_heard, o.repeated_at, o.last_traffic_in, o.last_traffic_out,
    o.keepalive_at, o.probe_at, o.next_job);
  a(o.counters, o.rekeyed, o.reauthenticates, o.proven_until, o.reauth_at);
}

template <typename Object>
std::uint64_t digest(const Object& object) {
  Saver saver;
  saver(object);
  return Reader(hmac_sha256(view_of("policy"), saver.out.done())).u64();
}
}  // namespace

std::uint64_t digest_of(const Gateway& gateway) {
  return digest(gateway);
}

std::uint64_t digest_of(const ChildPolicy& policy) {
  return digest(policy);
}

Bytes snapshot(const IkeSa& sa) {
  Saver saver;
  saver.out.u32(kVersion);
  saver(sa);
  return saver.out.done();
}

std::optional<IkeSa> restore(ByteView record) {
  Loader loader{Reader(record)};
  if (loader.in.u32() != kVersion) return std::nullopt;
  IkeSa sa;
  loader(sa);
  if (loader.bad || !loader.in.finished()) return std::nullopt;
  return sa;
}

}  // namespace nezu::ike
