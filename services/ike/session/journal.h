// The last exchanges as they were said, kept for whoever asks later what went wrong.
//
// Keeping costs a copy of what a reader can use; all decoding is done when it is shown. What must
// not be seen is never copied: of KE, nonces, AUTH and cookies only the kind and the size, of
// payloads that we do not know only the size. IKEv2 sends no keys, so there are none here.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "services/ike/message/header.h"
#include "services/ike/message/payload.h"
#include "services/ike/session/sa.h"

namespace nezu::ike {

/// A payload of a message that was kept.
struct KeptPayload {
  PayloadType type = PayloadType::kNone;
  std::uint32_t length = 0;  // of the body as it was
  ByteView body;             // its beginning; all of it if kept_whole()
  bool kept_whole() const { return body.size() == length; }
};

/// One message, or what this end would have agreed to (kept when it refuses).
struct Said {
  enum class What : std::uint8_t { kRequest, kAnswer, kAcceptable };
  What what = What::kRequest;
  bool sent = false;  // by us
  Time at = 0;
  std::uint32_t octets = 0;     // of all its datagrams
  std::uint32_t datagrams = 1;  // more: fragments
  std::uint32_t times = 1;      // sent again when no answer came
  bool clipped = false;         // more was said than is kept
  Bytes kept;                   // payloads_of() reads it
};
std::vector<KeptPayload> payloads_of(const Said& said);

/// Exchanges of one kind and role with a peer, as the shows count them.
struct ExchangeTally {
  std::uint64_t requests = 0;
  std::uint64_t answers = 0;
  std::uint64_t no_proposal_chosen = 0;
  std::uint64_t invalid_ke = 0;
  std::uint64_t ts_unacceptable = 0;
  std::uint64_t authentication_failed = 0;
  std::uint64_t cookies = 0;           // asked for
  std::uint64_t cookies_returned = 0;  // requests that brought one
};
struct PeerTally {
  enum Kind : std::uint8_t { kInit, kAuth, kIkeRekey, kChildRekey, kKinds };
  ExchangeTally initiated[kKinds];
  ExchangeTally answered[kKinds];
  std::uint64_t proven = 0;  // IKE SAs that came to stand by IKE_AUTH
};

/// Negotiations of a tunnel's pairs.
struct TunnelTally {
  std::uint32_t negotiated = 0;
  std::uint32_t failed = 0;
};

struct Exchange {
  std::uint32_t number = 0;  // counts up; what shows print
  std::string gateway;
  std::uint32_t sa = 0;  // IkeSa.index; 0: none came of it
  Path path;
  ExchangeType type = ExchangeType::kInit;
  bool ours = false;  // begun by this end
  std::uint32_t message = 0;
  std::uint64_t spi_i = 0;
  std::uint64_t spi_r = 0;
  PeerTally::Kind kind = PeerTally::kKinds;  // kKinds: of none that is counted
  std::vector<Said> messages;                // at most kMostMessages: cookies and groups begin anew
  std::string why;  // what this end knows of its end, in words; may be empty
};

/// What kept a gateway or one of its tunnels down the last time.
struct Trouble {
  Time at = 0;
  std::string what;            // "The peer refused …"
  std::string look_at;         // where the mistake is to be looked for
  std::uint32_t exchange = 0;  // Exchange.number; 0: none
  std::uint32_t times = 1;     // in a row, with the same words
};

/// Requests that no gateway's addresses fit.
struct Stranger {
  Path path;  // of the last one
  Time at = 0;
  std::uint32_t times = 0;  // in a row, between these addresses
};

class Journal {
 public:
  /// Told of every message when it has been put down.
  using Listener = std::function<void(const Exchange&, const Said&)>;
  void on_message(Listener listener) { listener_ = std::move(listener); }

  /// Exchanges that are kept of peers that proved who they are, and of all others: a flood of
  /// requests from anyone pushes out none of the former.
  static constexpr std::size_t kKept = 64;
  static constexpr std::size_t kMostMessages = 8;
  static constexpr std::size_t kMostOctets = 4096;  // of a message
  static constexpr std::size_t kMostTunnels = 65536;

  /// A message of the SA has been sent or was taken: of which exchange, 0 if that is not kept.
  /// Probes for liveness are not.
  std::uint32_t said(const IkeSa& sa, const Header& header, std::uint8_t first, ByteView chain,
                     Said said);
  /// A request that made no SA, and the answer to it.
  Exchange& refused(const std::string& gateway, const Path& path, ByteView request, ByteView answer,
                    Time now);
  /// Our request once more.
  void again(const IkeSa& sa, ExchangeType type, std::uint32_t message);
  /// By Exchange.number; nullptr: not kept (any more).
  Exchange* kept(std::uint32_t number);
  /// The newest exchange of the SA; nullptr: not kept (any more).
  Exchange* latest(const IkeSa& sa);
  /// The peer has proved who it is.
  void proven(const IkeSa& sa);

  /// Since the start of the process, by gateway.
  const PeerTally& tally(const std::string& gateway) const;
  TunnelTally tally(std::uint32_t tunnel) const;
  void negotiated(std::uint32_t tunnel, bool well);

  /// An IKE_SA_INIT was answered with a COOKIE, and nothing was kept of it.
  void asked_for_cookie(const std::string& gateway);

  /// By addresses that no gateway has.
  void knocked(const Path& path, Time now);
  const Stranger& stranger() const { return stranger_; }
  template <typename Known>
  void forget_stranger_if(Known known) {
    if (known(stranger_.path)) stranger_ = {};
  }

  /// Puts what may be kept of a chain of payloads into `said`.
  static void keep(std::uint8_t first, ByteView chain, Said& said);

  /// By number, oldest first.
  std::vector<const Exchange*> exchanges() const;
  const Exchange* exchange(std::uint32_t number) const;

  /// `tunnel` 0: all tunnels of the gateway.
  void trouble(const std::string& gateway, std::uint32_t tunnel, Trouble trouble);
  void settled(const std::string& gateway, std::uint32_t tunnel);
  /// The younger one of what is said of the gateway and of the tunnel; nullptr: nothing.
  const Trouble* trouble(const std::string& gateway, std::uint32_t tunnel) const;
  /// Forgets what is said of gateways and tunnels that are no more.
  template <typename Gone>
  void forget_if(Gone gone) {
    std::erase_if(troubles_, [&](const auto& each) { return gone(each.first); });
    std::erase_if(peers_, [&](const auto& each) { return gone(std::pair(each.first, 0u)); });
  }

 private:
  struct Key {
    std::uint32_t sa = 0;
    std::uint32_t message = 0;
    ExchangeType type = ExchangeType::kInit;
    bool ours = false;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  using Ring = std::map<std::uint32_t, Exchange>;  // by number

  static Key key_of(const Exchange& exchange);
  Exchange* find(const Key& key);
  Exchange& begin(Exchange exchange, Ring& ring, std::uint32_t sa, bool ours);
  void trim(Ring& ring);

  Ring proven_;
  Ring others_;
  std::unordered_map<Key, std::uint32_t, Hash> numbers_;               // of exchanges with an SA
  std::unordered_map<std::uint32_t, std::uint32_t> latest_;            // SA → number
  std::map<std::pair<std::string, std::uint32_t>, Trouble> troubles_;  // gateway, tunnel
  std::map<std::string, PeerTally> peers_;                             // by gateway
  std::map<std::uint32_t, TunnelTally> tunnels_;                       // at most kMostTunnels
  Stranger stranger_;
  Listener listener_;
  std::uint32_t next_ = 1;
};

}  // namespace nezu::ike
