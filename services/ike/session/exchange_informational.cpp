#include "services/ike/session/exchange_informational.h"

#include "services/ike/session/child.h"
#include "services/ike/session/events.h"
#include "services/ike/session/exchange_auth.h"
#include "services/ike/session/notes.h"

namespace nezu::ike::informational {
namespace {
bool deletes_ike(const Payloads& payloads) {
  for (const Delete& each : payloads.deletes)
    if (each.protocol == Protocol::kIke) return true;
  return false;
}

// What we were deleting ourselves is not named again: the answer to our own DELETE is on its way.
void delete_named(Step& step, const Delete& named, std::vector<std::uint32_t>& paired) {
  if (named.protocol != Protocol::kEsp) return;
  for (std::uint32_t spi : named.spis) {
    const ChildSa* child = child_by_outbound(step.sa, spi);
    if (!child) continue;
    const bool crossed = child->state == ChildSa::State::kDeleting;
    const std::uint32_t spi_in = child->spi_in;
    if (!crossed) paired.push_back(spi_in);
    remove_child(step, spi_in, crossed ? event_of(child->reason) : events::kDeletedByPeer);
  }
}

void answer(Step& step, const std::vector<std::uint32_t>& paired) {
  PayloadChain chain;
  if (!paired.empty()) chain.add(PayloadType::kDelete, encode_delete({Protocol::kEsp, paired}));
  send_response(step, ExchangeType::kInformational, chain);
}

// Who answered us has found out that we are not who it expects.
void peer_refused_us(Step& step) {
  report_gateway(step,
                 "IKE SA is refused by the peer: " + std::string(events::kAuthenticationFailed));
  notes::auth_refused(step, NotifyType::kAuthenticationFailed);
  die(step);
}

void peer_deleted_ike(Step& step) {
  if (step.sa.successor_answered) {
    step.sa.successor_answered = false;
    bequeath(step, step.sa.successor);
    step.sa.phase = Phase::kDead;
    return;
  }
  if (step.sa.successor == 0) {
    report_gateway(step, "IKE SA is deleted by the peer");
    notes::lost(step, "The peer " + to_string(step.sa.path.remote.address) + " deleted the IKE SA",
                "the peer: cleared there, another configuration, or a restart");
  }
  die(step);
}
}  // namespace

void start_delete_child(Step& step, const Task& task) {
  PayloadChain chain;
  chain.add(PayloadType::kDelete, encode_delete({Protocol::kEsp, {task.spi_in}}));
  send_request(step, ExchangeType::kInformational, chain, task);
}

void start_delete_ike(Step& step, const Task& task) {
  step.sa.phase = Phase::kDeleting;
  if (step.sa.successor == 0) step.sa.tasks.clear();  // else they are the successor's
  PayloadChain chain;
  chain.add(PayloadType::kDelete, encode_delete({Protocol::kIke, {}}));
  send_request(step, ExchangeType::kInformational, chain, task);
}

void start_probe(Step& step, const Task& task) {
  send_request(step, ExchangeType::kInformational, PayloadChain(), task);
}

void on_response(Step& step, const Task& task) {
  if (task.kind == Task::Kind::kDeleteIke) return die(step);
  if (task.kind != Task::Kind::kDeleteChild) return;
  if (const ChildSa* child = child_by_inbound(step.sa, task.spi_in))
    remove_child(step, task.spi_in, event_of(child->reason));
}

void on_request(Step& step, const Payloads& payloads) {
  const bool unauthentic = find_notify(payloads, NotifyType::kAuthenticationFailed) != nullptr;
  step.wishes.by_peer = true;
  auth::take_lifetime(step, payloads);
  if (deletes_ike(payloads) || unauthentic) {
    answer(step, {});
    const bool stands = step.sa.successor == 0 && !step.sa.successor_answered;
    return unauthentic && stands ? peer_refused_us(step) : peer_deleted_ike(step);
  }
  std::vector<std::uint32_t> paired;
  for (const Delete& each : payloads.deletes) delete_named(step, each, paired);
  answer(step, paired);
}

}  // namespace nezu::ike::informational
