#include "services/ike/session/session.h"

#include <algorithm>

#include "services/ike/session/child.h"
#include "services/ike/session/events.h"
#include "services/ike/session/exchange_auth.h"
#include "services/ike/session/exchange_child.h"
#include "services/ike/session/exchange_informational.h"
#include "services/ike/session/exchange_init.h"
#include "services/ike/session/exchange_rekey.h"
#include "services/ike/session/notes.h"

namespace nezu::ike::session {
namespace {
bool has_keys(const IkeSa& sa) {
  return sa.phase >= Phase::kAuthSent && sa.phase != Phase::kAnswering && sa.phase != Phase::kDead;
}

// The first that fits is no longer among them.
std::optional<ChildExchange> taken(std::vector<ChildExchange>& exchanges, const auto& fits) {
  const auto found = std::find_if(exchanges.begin(), exchanges.end(), fits);
  if (found == exchanges.end()) return std::nullopt;
  ChildExchange exchange = std::move(*found);
  exchanges.erase(found);
  return exchange;
}

// One whose computation this is the result of.
std::optional<ChildExchange> computed(std::vector<ChildExchange>& exchanges,
                                      const DhResult& result) {
  auto exchange = taken(exchanges, [&](const ChildExchange& each) {
    return each.dh.job != 0 && each.dh.job == result.job;
  });
  if (!exchange) return std::nullopt;
  exchange->dh.job = 0;
  if (!result.public_key.empty()) exchange->dh.public_key = result.public_key;
  return exchange;
}

void on_create_child_request(Step& step, const Payloads& payloads) {
  const bool rekeys_ike =
      payloads.sa && !payloads.sa->empty() && payloads.sa->front().protocol == Protocol::kIke;
  if (rekeys_ike) return rekey::on_request(step, payloads);
  const IkeSa& sa = step.sa;
  const bool going = sa.phase != Phase::kEstablished || sa.successor != 0 || is_ending(sa);
  if (!going && !has_ike_rekey(sa.ours) && !has_ike_rekey(sa.theirs))
    return child::on_request(step, payloads);
  PayloadChain chain;
  add_notify(chain, notify(NotifyType::kTemporaryFailure));
  send_response(step, ExchangeType::kCreateChild, chain);
}

// Before IKE_AUTH nothing but IKE_AUTH, after it no second one.
bool fits_phase(const IkeSa& sa, const Header& header) {
  const bool auth = header.exchange == ExchangeType::kAuth;
  if (sa.phase == Phase::kAnswered) return auth && !header.response;
  if (sa.phase == Phase::kAuthSent) return auth && header.response;
  return !auth && header.exchange != ExchangeType::kInit;
}

void on_request(Step& step, const Header& header, const Payloads& payloads) {
  switch (header.exchange) {
    case ExchangeType::kAuth:
      return auth::on_request(step, payloads);
    case ExchangeType::kCreateChild:
      return on_create_child_request(step, payloads);
    default:
      return informational::on_request(step, payloads);
  }
}

void on_response(Step& step, std::uint32_t message, const Payloads& payloads) {
  const Outstanding asked = take_outstanding(step, message);
  if (step.sa.phase == Phase::kAuthSent) return auth::on_response(step, payloads);
  switch (asked.task.kind) {
    case Task::Kind::kCreateChild:
    case Task::Kind::kRekeyChild:
    case Task::Kind::kRekeyIke: {
      auto ours = taken(step.sa.ours, [&](const ChildExchange& each) {
        return each.sent && each.message == message;
      });
      if (!ours) return;
      return asked.task.kind == Task::Kind::kRekeyIke
                 ? rekey::on_response(step, std::move(*ours), payloads)
                 : child::on_response(step, std::move(*ours), payloads);
    }
    default:
      return informational::on_response(step, asked.task);
  }
}

// RFC 7296 section 2.21.3: an authentic message that is none ends the SA when it was a request.
void refuse_malformed(Step& step, const Header& header, const Refusal& refusal) {
  if (header.response) return;
  PayloadChain chain;
  add_notify(chain, notify(refusal.type, refusal.data));
  send_response(step, header.exchange, chain);
  if (step.sa.phase == Phase::kAnswered) return fail(step, events::kInvalidSyntax);
  if (refusal.type == NotifyType::kInvalidSyntax) die(step);
}

Verdict take_message(Step& step, const Header& header, const Opened& opened) {
  notes::taken(step, header, opened.first_inner, opened.plain,
               std::max<std::size_t>(header.length, opened.plain.size()));
  forget_parts(step.sa, header);
  if (!header.response) forget_answers(step.sa, header.message);
  const auto parsed = parse_payloads(opened.first_inner, opened.plain);
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
    refuse_malformed(step, header, *refusal);
    return Verdict::kMalformed;
  }
  step.inner_first = opened.first_inner;
  step.inner = opened.plain;
  take_window(step.sa, std::get<Payloads>(parsed));
  if (header.response)
    on_response(step, header.message, std::get<Payloads>(parsed));
  else
    on_request(step, header, std::get<Payloads>(parsed));
  return Verdict::kTaken;
}

// The first fragment of a request stands for all of them, RFC 7383 section 2.6.1.
Verdict repeat(Step& step, const Header& header, ByteView datagram) {
  const auto opened = open(datagram, receiving_keys(step.sa));
  if (!opened) return Verdict::kNotAuthentic;
  step.sa.repeated_at = step.now;
  if (opened->fragment.number <= 1) repeat_response(step, header.message);
  return Verdict::kRepeated;
}

// RFC 7296 section 2.23: a peer behind a NAT is followed by what it authenticates, and so is its
// change to port 4500 before IKE_AUTH. Nobody else moves, nor by a request that others overtook.
void follow(Step& step, const Header& header) {
  const IkeSa& sa = step.sa;
  if (!header.response && !sa.answers.empty() && sa.answers.back().message > header.message) return;
  if (!step.from || *step.from == sa.path || !step.gateway.nat_traversal) return;
  const bool changes_port = sa.phase == Phase::kAnswered && step.from->local.port == kNatPort &&
                            step.from->remote.address == sa.path.remote.address;
  if (changes_port || (sa.peer_behind_nat && step.from->local.port == kNatPort))
    move(step, *step.from);
}

void count_input(IkeSa& sa, ByteView datagram, bool fragment) {
  ++sa.counters.input_packets;
  sa.counters.input_bytes += datagram.size();
  if (fragment) ++sa.counters.input_fragments;
}

Verdict receive_sealed(Step& step, const Header& header, ByteView datagram) {
  IkeSa& sa = step.sa;
  if (!has_keys(sa) || !fits_phase(sa, header)) return Verdict::kUnexpected;
  auto opened = open(datagram, receiving_keys(sa));
  if (!opened) return Verdict::kNotAuthentic;
  const bool fragment = opened->fragment.number != 0;
  if (fragment && !sa.peer_fragments) return Verdict::kUnexpected;
  count_input(sa, datagram, fragment);
  follow(step, header);
  if (sa.phase >= Phase::kEstablished) sa.last_heard = step.now;
  if (fragment) opened = reassemble(sa, header, std::move(*opened));
  return opened ? take_message(step, header, *opened) : Verdict::kTaken;
}

Verdict receive_request(Step& step, const Header& header, ByteView datagram) {
  switch (place_of(step.sa, header.message)) {
    case Place::kAnswered:
      return has_keys(step.sa) ? repeat(step, header, datagram) : Verdict::kUnexpectedId;
    case Place::kOutside:
      return Verdict::kUnexpectedId;
    case Place::kBeingComputed:
      return Verdict::kStillComputing;
    case Place::kNew:
      break;
  }
  step.request = header.message;
  return receive_sealed(step, header, datagram);
}

Verdict receive_init_response(Step& step, const Header& header, ByteView datagram) {
  if (step.sa.phase != Phase::kInitSent) return Verdict::kUnexpected;
  const auto parsed = parse_payloads(header.next_payload, datagram.subspan(kHeaderSize));
  if (!std::holds_alternative<Payloads>(parsed)) return Verdict::kMalformed;
  count_input(step.sa, datagram, false);
  notes::taken(step, header, header.next_payload, datagram.subspan(kHeaderSize), datagram.size());
  init::on_response(step, header, std::get<Payloads>(parsed));
  if (step.sa.phase == Phase::kDeriving) step.sa.init_response = bytes_of(datagram);
  return Verdict::kTaken;
}

Verdict receive_init_again(Step& step, ByteView datagram) {
  const IkeSa& sa = step.sa;
  if (sa.phase == Phase::kAnswering) return Verdict::kStillComputing;
  if (sa.phase != Phase::kAnswered || !std::ranges::equal(sa.init_request, datagram))
    return Verdict::kUnexpectedId;
  repeat_response(step, 0);
  return Verdict::kRepeated;
}

std::optional<Task> next_task(IkeSa& sa, Time now) {
  for (auto each = sa.tasks.begin(); each != sa.tasks.end(); ++each) {
    if (each->not_before <= now && may_begin(sa, *each)) {
      const Task task = *each;
      sa.tasks.erase(each);
      return task;
    }
    if (holds_up(sa, *each)) return std::nullopt;
  }
  return std::nullopt;
}

void begin(Step& step, const Task& task) {
  switch (task.kind) {
    case Task::Kind::kNone:
      return;
    case Task::Kind::kCreateChild:
    case Task::Kind::kRekeyChild:
      return child::start(step, task);
    case Task::Kind::kDeleteChild:
      return informational::start_delete_child(step, task);
    case Task::Kind::kRekeyIke:
      return rekey::start(step, task);
    case Task::Kind::kDeleteIke:
      return informational::start_delete_ike(step, task);
    case Task::Kind::kProbe:
      return informational::start_probe(step, task);
  }
}

// Of the exchanges that make an IKE SA.
void complete_first(Step& step, const DhResult& result) {
  IkeSa& sa = step.sa;
  sa.dh.job = 0;
  if (!result.public_key.empty()) sa.dh.public_key = result.public_key;
  if (!result.ok) return fail(step, events::kInvalidKe);
  if (sa.phase == Phase::kStarting) return init::send(step);
  if (sa.phase == Phase::kDeriving) return init::derived(step, result.shared_secret);
  init::answer(step, result.shared_secret);
}
}  // namespace

Verdict receive(Step& step, const Header& header, ByteView datagram) {
  IkeSa& sa = step.sa;
  if (header.initiator == sa.initiator) return Verdict::kUnexpected;
  if (header.exchange == ExchangeType::kInit) {
    if (header.message != 0) return Verdict::kUnexpectedId;
    return header.response ? receive_init_response(step, header, datagram)
                           : receive_init_again(step, datagram);
  }
  if (!header.response) return receive_request(step, header, datagram);
  if (!find_outstanding(sa, header.message)) return Verdict::kUnexpectedId;
  return receive_sealed(step, header, datagram);
}

void move(Step& step, const Path& path) {
  IkeSa& sa = step.sa;
  const bool other_address = sa.path.remote.address != path.remote.address;
  sa.path = path;
  if (is_half_open(sa.phase)) return;
  report_gateway(step, "Peer is at " + to_string(path.remote) + " now");
  // As they began to send: the latest does so after it, and one that waits beside a wider one, or
  // the other way round, knows the port too.
  std::vector<ChildSa*> pairs;
  for (ChildSa& child : sa.children)
    if (child.udp_local == kNatPort) pairs.push_back(&child);
  std::stable_sort(pairs.begin(), pairs.end(), [](const ChildSa* one, const ChildSa* other) {
    return one->outbound_at < other->outbound_at;
  });
  for (ChildSa* child : pairs) {
    // The plane knows an outbound SA by the peer's address, and its numbers must not begin anew; a
    // pair that has not sent yet has none.
    if (other_address && child->outbound_at != 0) {
      if (child->state == ChildSa::State::kActive) rekey_child(step, *child);
      continue;
    }
    child->remote = path.remote.address;
    child->udp_remote = path.remote.port;
    step.out.actions.push_back(InstallChild{*child, true, child->outbound_at != 0});
  }
}

bool is_for_children(const IkeSa& sa, const Header& header, ByteView datagram) {
  if (header.response || place_of(sa, header.message) != Place::kNew) return false;
  const auto opened = open(datagram, receiving_keys(sa));
  if (!opened || opened->fragment.number > 1) return false;
  if (header.exchange == ExchangeType::kCreateChild || opened->fragment.number == 1) return true;
  const auto parsed = parse_payloads(opened->first_inner, opened->plain);
  const auto* payloads = std::get_if<Payloads>(&parsed);
  if (!payloads) return false;
  return std::any_of(payloads->deletes.begin(), payloads->deletes.end(),
                     [](const Delete& each) { return each.protocol == Protocol::kEsp; });
}

void complete(Step& step, const DhResult& result) {
  IkeSa& sa = step.sa;
  if (sa.dh.job != 0 && sa.dh.job == result.job) return complete_first(step, result);
  if (auto ours = computed(sa.ours, result)) {
    const bool ike = is_ike_rekey(*ours);
    if (ours->dh.peer_public.empty())
      return ike ? rekey::send(step, std::move(*ours)) : child::send(step, std::move(*ours));
    return ike ? rekey::derived(step, *ours, result.ok, result.shared_secret)
               : child::derived(step, *ours, result.ok, result.shared_secret);
  }
  if (const auto theirs = computed(sa.theirs, result)) {
    step.request = theirs->message;
    return is_ike_rekey(*theirs) ? rekey::answer(step, *theirs, result.ok, result.shared_secret)
                                 : child::answer(step, *theirs, result.ok, result.shared_secret);
  }
}

void complete(Step& step, const ProofResult& result) {
  auth::complete(step, result);
}

void advance(Step& step) {
  while (const auto task = next_task(step.sa, step.now)) begin(step, *task);
}

void resume(Step& step) {
  IkeSa& sa = step.sa;
  if (sa.auth) sa.auth->job = 0;  // asked for again when there is a configuration
  const auto ask_again = [&](const DhState& dh) {
    if (dh.job != 0) step.out.actions.push_back(job_of(sa, dh));
  };
  ask_again(sa.dh);
  for (const auto* exchanges : {&sa.ours, &sa.theirs})
    for (const ChildExchange& each : *exchanges) ask_again(each.dh);
}

void delete_ike(Step& step) {
  IkeSa& sa = step.sa;
  if (is_half_open(sa.phase)) return die(step);
  if (sa.phase != Phase::kEstablished) return;
  Task task;
  task.kind = Task::Kind::kDeleteIke;
  // It waits for the exchanges that are under way, and nothing new is begun meanwhile.
  sa.tasks.assign(1, task);
}

// The DELETE names the IKE SA and so all that is on it. What is being computed for either side
// comes to nothing; what waits for an answer may leave no room for it.
void expel(Step& step) {
  IkeSa& sa = step.sa;
  for (const std::uint32_t tunnel : tunnels_of(sa)) report_tunnel(step, tunnel, events::kRevoked);
  remove_children(step, {});
  if (sa.phase != Phase::kEstablished) return delete_ike(step);
  sa.ours.clear();
  sa.theirs.clear();
  sa.successor_answered = false;
  delete_ike(step);
  if (!has_room(sa)) return;
  const Task task = sa.tasks.front();
  sa.tasks.clear();
  informational::start_delete_ike(step, task);
}

void rekey_ike(Step& step) {
  step.sa.soft_at = 0;
  if (step.sa.phase != Phase::kEstablished || step.sa.successor != 0) return;
  const auto is_rekey = [](const Task& task) { return task.kind == Task::Kind::kRekeyIke; };
  if (std::any_of(step.sa.tasks.begin(), step.sa.tasks.end(), is_rekey)) return;
  if (has_ike_rekey(step.sa.ours)) return;
  Task task;
  task.kind = Task::Kind::kRekeyIke;
  step.sa.tasks.push_back(task);
}

void rekey_child(Step& step, ChildSa& child) {
  child.soft_at = 0;
  Task task;
  task.kind = Task::Kind::kRekeyChild;
  task.tunnel = child.tunnel;
  task.spi_in = child.spi_in;
  step.sa.tasks.push_back(task);
}

}  // namespace nezu::ike::session
