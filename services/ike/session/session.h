// An IKE SA as a state machine: what happens to it, handed to the exchange that it concerns.
#pragma once

#include "services/ike/session/step.h"
#include "services/ike/session/window.h"

namespace nezu::ike::session {

/// What became of a datagram; the table counts what was dropped.
enum class Verdict : std::uint8_t {
  kTaken,
  kRepeated,       // a request that was answered already: the answer went out again
  kUnexpectedId,   // outside the window
  kUnexpected,     // an exchange that has no place in this phase, or of the wrong side
  kNotAuthentic,   // no SK, wrong ICV, wrong padding
  kMalformed,      // authentic, but not a message
  kStillComputing  // a request while the answer to it is being computed
};

/// The SA is as it was before: nothing of it has to be written down again.
inline bool leaves_no_trace(Verdict verdict) {
  return verdict == Verdict::kRepeated || verdict == Verdict::kUnexpectedId ||
         verdict == Verdict::kUnexpected || verdict == Verdict::kNotAuthentic ||
         verdict == Verdict::kStillComputing;
}

/// A datagram whose header names this SA.
Verdict receive(Step& step, const Header& header, ByteView datagram);
/// The peer is to be found at another address or port of the NAT before it: pairs in UDP follow
/// it, by a rekey when the address is another.
void move(Step& step, const Path& path);
/// Whether an authentic request asks for more than the end of the SA. Changes nothing.
bool is_for_children(const IkeSa& sa, const Header& header, ByteView datagram);
/// The result of a computation that this SA asked for; others are ignored.
void complete(Step& step, const DhResult& result);
void complete(Step& step, const ProofResult& result);
/// Whatever is due.
void tick(Step& step);
/// Begins the next task if the window is free. To be called after each of the above.
void advance(Step& step);
/// The next moment at which tick() has something to do.
std::optional<Time> next_timeout(const IkeSa& sa);

/// Asks for the computations again that were under way.
void resume(Step& step);

void delete_ike(Step& step);
/// The peer is not trusted any more: its pairs are out now, and the DELETE of the IKE SA goes
/// beside what is under way, or as soon as the peer's window lets it.
void expel(Step& step);
void rekey_ike(Step& step);
void rekey_child(Step& step, ChildSa& child);

}  // namespace nezu::ike::session
