// Peers whose IKE SAs stand on certificates, asked about again while they stand.
#pragma once

#include <QTimer>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/ike/certificates/chain.h"
#include "services/ike/pki/revocation.h"
#include "services/ike/session/table.h"

namespace nezu::ike {

/// Each is looked after once a minute, and as soon as a new list is there; that also loads lists
/// whose time is over. So many at once, the one whose last turn is the longest ago first: slow
/// servers make all wait alike. Only who is revoked is told of: where nobody can say it the SA
/// stands until its end.
class Standing {
 public:
  using Revoked = std::function<void(std::uint32_t sa, const std::string& why)>;

  /// To be kept for the next process under the IKE SA's index; empty: no longer.
  using Keep = std::function<void(std::uint32_t sa, const Bytes& record)>;

  Standing(Revocation& revocation, const SaTable& table, Revoked revoked, Keep keep);

  /// What an earlier process kept; false: it is none, or of an IKE SA that is gone. Asked about at
  /// once, for nobody has since then.
  bool restore(std::uint32_t sa, ByteView record);

  /// An IKE SA's peer has proven itself by that chain.
  void proven(std::uint32_t sa, const ChainVerdict& chain);
  /// IKE SAs that something happened to: a rekeyed one stands on what the one before stood on.
  void changed(const std::vector<std::uint32_t>& sas);

  std::size_t size() const { return peers_.size(); }
  std::size_t asked() const { return asked_; }  // answers that are awaited
  void look();                                  // what the timer does

  static constexpr std::size_t kMostAsked = 64;  // at once

 private:
  static constexpr int kLook = 1000;        // ms
  static constexpr std::time_t kEach = 60;  // seconds between two questions about one

  struct Peer {
    std::shared_ptr<const ChainVerdict> chain;
    std::time_t due = 0;
    std::uint64_t turn = 0;  // its last one; they are counted
    bool is_asked = false;
  };
  std::vector<std::uint32_t> whose_turn(std::time_t now) const;
  void ask(std::uint32_t sa, std::shared_ptr<const ChainVerdict> chain);
  void answered(std::uint32_t sa, const std::shared_ptr<const ChainVerdict>& chain,
                const std::string& error, bool is_revoked);
  void all_are_due();

  Revocation& revocation_;
  const SaTable& table_;
  Revoked revoked_;
  Keep keep_;
  std::map<std::uint32_t, Peer> peers_;  // by IKE SA
  std::size_t asked_ = 0;
  std::uint64_t turns_ = 0;
  QTimer timer_;
};

}  // namespace nezu::ike
