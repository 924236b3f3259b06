// Signatures made and peers checked, beside the event loop.
#pragma once

#include <QObject>
#include <QThreadPool>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/ike/certificates/anchors.h"
#include "services/ike/pki/revocation.h"
#include "services/ike/pki/turns.h"
#include "services/ike/session/actions.h"

namespace nezu::ike {

/// One thread computes, and rests after a peer that proved nothing as long as that one took: such
/// peers never have more than half a core, however many they are. Each peer has its turn: who waits
/// behind many of another peer's waits for one of them. Servers are asked only when chain and
/// signature hold.
class Verifier {
 public:
  Verifier(Vault& vault, Revocation& revocation, std::function<void(const ProofResult&)> done);
  ~Verifier();

  void run(SignJob job);
  /// `peer`: whose turn it takes.
  void run(VerifyJob job, const std::string& peer);
  /// Called before it is told that an IKE SA's peer has proven itself.
  void on_proven(std::function<void(std::uint32_t sa, const ChainVerdict& chain)> then) {
    on_proven_ = std::move(then);
  }

  /// Of a certificate of our own, or of an authority: why it does not hold, or empty.
  void verify(const std::vector<Certificate>& chain, const std::vector<std::string>& profiles,
              std::function<void(const std::string& error)> then);

  /// A new pair of keys, on a thread for that alone. Null: too many are being made.
  void generate(KeyKind kind, unsigned bits, std::function<void(PrivateKey)> then);

 private:
  static constexpr std::size_t kMostWaiting = 512;
  static constexpr std::size_t kMostGenerating = 4;
  using Judge = std::function<ChainVerdict()>;
  using Judged = std::function<void(const std::string& error, const ChainVerdict& verdict)>;

  std::vector<Authority> trusted(const std::vector<std::string>& profiles) const;
  std::vector<Authority> between(const std::vector<std::string>& profiles) const;
  void start(const std::string& peer, Judge judge, Judged then);
  void go_on();
  void judge(const Judge& judge, const Judged& then);

  Vault& vault_;
  Revocation& revocation_;
  std::function<void(const ProofResult&)> done_;
  std::function<void(std::uint32_t, const ChainVerdict&)> on_proven_ = [](std::uint32_t,
                                                                          const ChainVerdict&) {};
  Turns turns_;
  bool judging_ = false;
  std::size_t generating_ = 0;
  QObject here_;
  Anchors anchors_;  // of the one thread of pool_
  QThreadPool pool_;
  QThreadPool slow_;
};

}  // namespace nezu::ike
