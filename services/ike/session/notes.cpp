#include "services/ike/session/notes.h"

#include <algorithm>

#include "services/ike/message/wire.h"
#include "services/ike/selectors.h"
#include "services/ike/session/compare.h"
#include "services/ike/session/decode.h"
#include "services/ike/session/events.h"
#include "services/ike/session/proposal.h"

namespace nezu::ike::notes {
namespace {
constexpr std::string_view kIkeProposals =
    "the IKE policies' proposals (dh-group, encryption-algorithm, authentication-algorithm) at the "
    "two ends";
constexpr std::string_view kIpsecProposals = "the IPsec policies' proposals at the two ends";
constexpr std::string_view kIpsecPolicies =
    "the IPsec policies at the two ends, their proposals and perfect-forward-secrecy";
constexpr std::string_view kGroups = "dh-group of the IKE proposals at the two ends";
constexpr std::string_view kSecrecy =
    "perfect-forward-secrecy of the IPsec policies at the two ends";
constexpr std::string_view kSelectors =
    "traffic-selector or proxy-identity of the VPN at the two ends: what is local here must be "
    "remote there";
constexpr std::string_view kKey =
    "pre-shared-key of the IKE policy at the two ends, and which policy the gateway names";
constexpr std::string_view kIdentities =
    "remote-identity of the gateway here, local-identity there";

std::string peer_of(const Step& step) {
  return to_string(step.sa.path.remote.address);
}

std::string group_text(std::uint16_t group) {
  return name_of(Transform{TransformType::kDh, group, 0, false});
}

// The exchange whose message is handled; for a timer or a result the latest one, since it is about
// the exchanges that make an IKE SA then, which come one after the other.
Exchange* concerned(const Step& step) {
  return step.exchange ? step.journal->kept(*step.exchange) : step.journal->latest(step.sa);
}

void explain(const Step& step, std::uint32_t tunnel, std::string what, std::string_view look_at) {
  if (!step.journal) return;
  Trouble trouble;
  trouble.at = step.now;
  Exchange* exchange = concerned(step);
  if (exchange) {
    exchange->why = what;
    trouble.exchange = exchange->number;
  }
  trouble.what = std::move(what);
  trouble.look_at = look_at;
  step.journal->trouble(step.sa.gateway, tunnel, std::move(trouble));
}

void add_acceptable(Exchange& exchange, const PayloadChain& chain, Time now) {
  Said said;
  said.what = Said::What::kAcceptable;
  said.at = now;
  Journal::keep(chain.first(), chain.bytes(), said);
  if (exchange.messages.size() < Journal::kMostMessages)
    exchange.messages.push_back(std::move(said));
}

std::string offers_text(const std::vector<Offer>& offers) {
  std::string text;
  for (const Offer& each : offers) text += (text.empty() ? "" : " | ") + text_of(each);
  return text;
}

std::string quoted_error(NotifyType type) {
  return " (" + std::string(name_of(type)) + ")";
}

std::string type_text(Identity::Type type) {
  switch (type) {
    case Identity::Type::kInet:
      return "inet ";
    case Identity::Type::kInet6:
      return "inet6 ";
    case Identity::Type::kHostname:
      return "hostname ";
    case Identity::Type::kUserAtHostname:
      return "user-at-hostname ";
    case Identity::Type::kDistinguishedName:
      return "distinguished-name ";
    case Identity::Type::kKeyId:
      return "key-id ";
    default:
      return "";
  }
}

std::string identity_text(const Identity& identity) {
  return type_text(identity.type) + to_string(identity);
}

// What the exchanges would say for themselves: the words of Said::What::kAcceptable for a child.
PayloadChain acceptable_child(const ChildPolicy& policy, bool auth) {
  PayloadChain chain;
  chain.add(PayloadType::kSa,
            encode_sa(offer_esp(policy.proposals, 0, auth ? DhGroup::kNone : policy.pfs)));
  // The initiator's selectors are remote here.
  chain.add(PayloadType::kTsI, encode_ts(remote_selectors(policy)));
  chain.add(PayloadType::kTsR, encode_ts(local_selectors(policy)));
  return chain;
}

bool meets(const ChildPolicy& policy, const Payloads& payloads) {
  return !narrow(*payloads.ts_i, remote_selectors(policy)).empty() &&
         !narrow(*payloads.ts_r, local_selectors(policy)).empty();
}

// The tunnel that the peer may have meant: the first whose selectors meet, else the first.
const ChildPolicy* meant(const Step& step, const Payloads& payloads, const ChildSa* old) {
  if (old) return policy_of(step.gateway, old->tunnel);
  if (!payloads.ts_i || !payloads.ts_r) return nullptr;
  for (const ChildPolicy& policy : step.gateway.children)
    if (meets(policy, payloads)) return &policy;
  return step.gateway.children.empty() ? nullptr : &step.gateway.children.front();
}

std::string refused_child_text(const ChildPolicy& policy, const Payloads& payloads, bool auth,
                               const Notify& why, std::string_view& look_at) {
  const std::string error = quoted_error(why.type);
  if (why.type == NotifyType::kTsUnacceptable) {
    look_at = kSelectors;
    return "Traffic selectors do not meet" + error + ": the peer offers " +
           text_of(*payloads.ts_i) + " at its end and " + text_of(*payloads.ts_r) +
           " here, this end has " + text_of(remote_selectors(policy)) + " remote and " +
           text_of(local_selectors(policy)) + " local";
  }
  if (why.type == NotifyType::kInvalidKePayload && why.data.size() == 2) {
    look_at = kSecrecy;
    const std::string sent = payloads.ke ? group_text(payloads.ke->group) : "no key exchange";
    return "The peer's rekey has " + sent + ", perfect-forward-secrecy here is " +
           group_text(Reader(why.data).u16()) + error;
  }
  const std::string differs =
      payloads.sa ? difference(*payloads.sa,
                               offer_esp(policy.proposals, 0, auth ? DhGroup::kNone : policy.pfs))
                  : std::string();
  const bool groups = differs.find("DH group:") != differs.npos;
  const bool more = differs.find(';') != differs.npos;
  look_at = !groups ? kIpsecProposals : more ? kIpsecPolicies : kSecrecy;
  return "None of the peer's IPsec proposals is acceptable here" + error +
         (differs.empty() ? "" : ": " + differs);
}
}  // namespace

void sent(const Step& step, const Header& header, std::uint8_t first, ByteView chain,
          std::size_t octets, std::size_t datagrams) {
  if (!step.journal) return;
  Said said;
  said.sent = true;
  said.at = step.now;
  said.octets = static_cast<std::uint32_t>(octets);
  said.datagrams = static_cast<std::uint32_t>(datagrams);
  step.journal->said(step.sa, header, first, chain, std::move(said));
}

void sent_clear(const Step& step, ByteView message) {
  const Header header = parse_header(message);
  sent(step, header, header.next_payload, message.subspan(kHeaderSize), message.size(), 1);
}

void taken(Step& step, const Header& header, std::uint8_t first, ByteView chain,
           std::size_t octets) {
  if (!step.journal) return;
  Said said;
  said.at = step.now;
  said.octets = static_cast<std::uint32_t>(octets);
  step.exchange = step.journal->said(step.sa, header, first, chain, std::move(said));
}

void repeated(const Step& step, const Outstanding& outstanding) {
  if (!step.journal || outstanding.sent < 2 || outstanding.packets.empty()) return;
  const Header header = parse_header(outstanding.packets.front());
  step.journal->again(step.sa, header.exchange, header.message);
}

void refused_init(Journal& journal, const Gateway& gateway, const Path& path, ByteView request,
                  const Payloads& payloads, const Notify& why, ByteView answer, Time now) {
  Exchange& exchange = journal.refused(gateway.name, path, request, answer, now);
  const auto accepted = offer_ike(gateway.proposals, {});
  PayloadChain chain;
  chain.add(PayloadType::kSa, encode_sa(accepted));
  add_acceptable(exchange, chain, now);
  const std::string error = quoted_error(why.type);
  std::string_view look_at = "the peer: its message is malformed";
  exchange.why = "Refused the peer's IKE_SA_INIT" + error;
  if (why.type == NotifyType::kNoProposalChosen) {
    exchange.why = "None of the peer's IKE proposals is acceptable here" + error;
    if (payloads.sa)
      if (const auto differs = difference(*payloads.sa, accepted); !differs.empty())
        exchange.why += ": " + differs;
    look_at = kIkeProposals;
  } else if (why.type == NotifyType::kInvalidKePayload && why.data.size() == 2 && payloads.ke) {
    // Not a mistake: the peer has the group in its proposals and begins anew with it.
    exchange.why = "The peer's public value is of " + group_text(payloads.ke->group) + ", " +
                   group_text(Reader(why.data).u16()) + " was chosen from its proposals" + error;
    return;
  }
  journal.trouble(gateway.name, 0, {now, exchange.why, std::string(look_at), exchange.number, 1});
}

void init_refused(const Step& step, const Notify& error) {
  const std::string quoted = quoted_error(error.type);
  if (error.type == NotifyType::kNoProposalChosen) {
    return explain(step, 0,
                   "The peer accepts none of our IKE proposals" + quoted +
                       ", it does not say which part it lacks. We offered " +
                       offers_text(offer_ike(step.gateway.proposals, {})),
                   kIkeProposals);
  }
  if (error.type == NotifyType::kInvalidKePayload && error.data.size() == 2)
    return explain(step, 0,
                   "The peer wants " + group_text(Reader(error.data).u16()) +
                       " for the key exchange" + quoted + ", which no proposal here has",
                   kGroups);
  explain(step, 0, "The peer refused our IKE_SA_INIT" + quoted, kIkeProposals);
}

void not_authentic(const Step& step, const Identity& expected, const std::optional<Identity>& id,
                   const std::optional<Auth>& auth) {
  const std::string peer = "The peer " + peer_of(step);
  if (!id)
    return explain(step, 0, peer + " names no identity that is understood here", kIdentities);
  const bool any_name =
      expected.type == Identity::Type::kDistinguishedName && expected.data.empty();
  if (any_name)
    return explain(step, 0,
                   peer + " says it is " + identity_text(*id) +
                       ", which is not the distinguished-name expected (AUTHENTICATION_FAILED)",
                   kIdentities);
  if (!step.gateway.any_identity && *id != expected)
    return explain(step, 0,
                   peer + " says it is " + identity_text(*id) + ", expected is " +
                       identity_text(expected) + " (AUTHENTICATION_FAILED)",
                   kIdentities);
  if (!auth) return explain(step, 0, peer + " does not authenticate itself", kKey);
  if (auth->method != static_cast<std::uint8_t>(AuthMethod::kSharedKey))
    return explain(step, 0,
                   peer +
                       " authenticates itself by another method than a pre-shared key "
                       "(AUTHENTICATION_FAILED)",
                   "authentication-method of the IKE proposals at the two ends");
  explain(step, 0,
          peer + " (" + identity_text(*id) + ") has another pre-shared key (AUTHENTICATION_FAILED)",
          kKey);
}

void unproven(const Step& step, std::string what, std::string_view look_at) {
  explain(step, 0, std::move(what), look_at);
}

void auth_refused(const Step& step, NotifyType error) {
  if (error != NotifyType::kAuthenticationFailed)
    return explain(step, 0, "The peer refused our IKE_AUTH" + quoted_error(error),
                   "the log of the peer");
  if (!step.gateway.certificates.local.empty())
    return explain(step, 0,
                   "The peer refused our authentication (AUTHENTICATION_FAILED): it does not trust "
                   "certificate " +
                       step.gateway.certificates.local + ", or does not expect " +
                       identity_text(step.sa.local_identity),
                   "the CA certificates and the log of the peer, local-identity here");
  explain(step, 0,
          "The peer refused our authentication (AUTHENTICATION_FAILED): it has another "
          "pre-shared key, or does not expect " +
              identity_text(step.sa.local_identity),
          "pre-shared-key at the two ends, local-identity here, remote-identity there");
}

void refused_child(const Step& step, const Payloads& payloads, const ChildSa* old,
                   const Notify& why) {
  if (!step.journal || why.type == NotifyType::kTemporaryFailure ||
      why.type == NotifyType::kChildSaNotFound)
    return;
  const ChildPolicy* policy = meant(step, payloads, old);
  if (!policy || !payloads.ts_i || !payloads.ts_r)
    return explain(step, 0, "Refused the peer's CREATE_CHILD_SA" + quoted_error(why.type),
                   "the peer");
  const bool auth = payloads.auth.has_value();
  if (Exchange* exchange = concerned(step))
    add_acceptable(*exchange, acceptable_child(*policy, auth), step.now);
  if (why.type == NotifyType::kNoAdditionalSas)
    return explain(step, policy->tunnel, "The peer makes more SAs than there are tunnels",
                   "the peer");
  std::string_view look_at;
  const std::string text = refused_child_text(*policy, payloads, auth, why, look_at);
  explain(step, policy->tunnel, text, look_at);
}

void child_refused(const Step& step, const ChildExchange& ours, const Notify& error) {
  if (!step.journal || error.type == NotifyType::kTemporaryFailure) return;
  const std::uint32_t tunnel = ours.tunnel;
  const ChildPolicy* policy = policy_of(step.gateway, tunnel);
  if (!policy) return;
  const std::string quoted = quoted_error(error.type);
  if (error.type == NotifyType::kTsUnacceptable)
    return explain(step, tunnel,
                   "The peer does not accept our traffic selectors" + quoted + ": " +
                       text_of(local_selectors(*policy)) + " here, " +
                       text_of(remote_selectors(*policy)) + " at its end",
                   kSelectors);
  if (error.type == NotifyType::kInvalidKePayload && error.data.size() == 2)
    return explain(step, tunnel,
                   "The peer wants " + group_text(Reader(error.data).u16()) +
                       " for perfect forward secrecy" + quoted + ", here it is " +
                       group_text(static_cast<std::uint16_t>(ours.dh.group)),
                   kSecrecy);
  if (error.type == NotifyType::kNoProposalChosen)
    return explain(step, tunnel,
                   "The peer accepts none of our IPsec proposals" + quoted + ". We offered " +
                       offers_text(offer_esp(policy->proposals, 0, ours.dh.group)),
                   policy->pfs == DhGroup::kNone ? kIpsecProposals : kIpsecPolicies);
  explain(step, tunnel, "The peer refused the tunnel" + quoted, "the log of the peer");
}

void refused_rekey(const Step& step, const Payloads& payloads, const Notify& why) {
  if (!step.journal || why.type == NotifyType::kTemporaryFailure) return;
  const std::string error = quoted_error(why.type);
  const auto accepted = offer_ike(step.gateway.proposals, {});
  PayloadChain chain;
  chain.add(PayloadType::kSa, encode_sa(accepted));
  Exchange* exchange = concerned(step);
  if (exchange) add_acceptable(*exchange, chain, step.now);
  if (why.type == NotifyType::kInvalidKePayload && why.data.size() == 2 && payloads.ke) {
    // Not a mistake, as with IKE_SA_INIT.
    if (exchange)
      exchange->why = "The peer's public value is of " + group_text(payloads.ke->group) + ", " +
                      group_text(Reader(why.data).u16()) + " was chosen from its proposals" + error;
    return;
  }
  if (why.type != NotifyType::kNoProposalChosen || !payloads.sa)
    return explain(step, 0, "Refused the peer's rekey of the IKE SA" + error, "the peer");
  const auto differs = difference(*payloads.sa, accepted);
  explain(step, 0,
          "None of the peer's proposals for the rekey of the IKE SA is acceptable here" + error +
              (differs.empty() ? "" : ": " + differs),
          kIkeProposals);
}

void rekey_refused(const Step& step, const ChildExchange& ours, const Notify& error) {
  if (!step.journal || error.type == NotifyType::kTemporaryFailure) return;
  const std::string quoted = quoted_error(error.type);
  if (error.type == NotifyType::kNoProposalChosen)
    return explain(step, 0,
                   "The peer accepts none of our proposals for the rekey of the IKE SA" + quoted +
                       ". We offered " + offers_text(offer_ike(step.gateway.proposals, {})),
                   kIkeProposals);
  if (error.type == NotifyType::kInvalidKePayload && error.data.size() == 2) {
    const std::uint16_t wanted = Reader(error.data).u16();
    const auto& proposals = step.gateway.proposals;
    const bool known = std::any_of(
        proposals.begin(), proposals.end(),
        [&](const IkeProposal& each) { return static_cast<std::uint16_t>(each.dh) == wanted; });
    if (known && wanted != static_cast<std::uint16_t>(ours.dh.group)) return;  // it is tried
    if (!known)
      return explain(step, 0,
                     "The peer wants " + group_text(wanted) + " for the rekey of the IKE SA" +
                         quoted + ", which no proposal here has",
                     kGroups);
  }
  explain(step, 0, "The peer refused the rekey of the IKE SA" + quoted, "the log of the peer");
}

void failed(const Step& step, std::string_view reason) {
  if (!step.journal) return;
  const IkeSa& sa = step.sa;
  const Exchange* exchange = concerned(step);
  if (exchange && !exchange->why.empty()) return;
  // Also if the peer was told in an exchange of its own.
  if (const Trouble* known = step.journal->trouble(sa.gateway, 0); known && known->at == step.now)
    return;
  if (reason != events::kTimedOut)
    return explain(step, 0, "Negotiation failed: " + std::string(reason), "the exchange");
  const std::uint32_t times = sa.outstanding.empty() ? 0 : sa.outstanding.front().sent;
  const std::string sent = " was sent " + std::to_string(times) + " times to " +
                           to_string(sa.path.remote) + " without an answer";
  if (sa.phase == Phase::kAuthSent)
    return explain(step, 0, "IKE_SA_INIT was answered, but IKE_AUTH" + sent,
                   "filters on the way: UDP 4500 behind a NAT, fragments, and the log of the peer");
  explain(step, 0, "IKE_SA_INIT" + sent,
          "whether the peer answers a ping, its address, its IKE gateway for this router, filters "
          "of UDP 500 on the way");
}

void lost(const Step& step, std::string what, std::string look_at) {
  if (!step.journal || (step.others && step.others->carry_for(step.sa))) return;
  step.journal->trouble(step.sa.gateway, 0, {step.now, std::move(what), std::move(look_at), 0, 1});
}

void not_negotiated(const Step& step, std::uint32_t tunnel) {
  if (step.journal) step.journal->negotiated(tunnel, false);
}

void settled(const Step& step, std::uint32_t tunnel) {
  if (!step.journal) return;
  step.journal->negotiated(tunnel, true);
  step.journal->settled(step.sa.gateway, tunnel);
  step.journal->settled(step.sa.gateway, 0);
}

void proven(const Step& step) {
  if (step.journal) step.journal->proven(step.sa);
}

}  // namespace nezu::ike::notes
