#include "services/ike/session/exchange_auth.h"

#include <algorithm>

#include "services/ike/distinguished_name.h"
#include "services/ike/message/wire.h"
#include "services/ike/session/child.h"
#include "services/ike/session/events.h"
#include "services/ike/session/exchange_child.h"
#include "services/ike/session/keys.h"
#include "services/ike/session/notes.h"
#include "services/ike/session/proof.h"

namespace nezu::ike::auth {
namespace {
// Seconds: no peer keeps us at nothing but proofs.
constexpr Time kShortestAuthLifetime = 10;

using Type = Identity::Type;

Identity local_identity(const Step& step) {
  const Identity& configured = step.gateway.local_identity;
  if (configured.type == Type::kNone) return Identity::of(step.sa.path.local.address);
  if (configured.type == Type::kDistinguishedName && configured.data.empty() &&
      step.gateway.credential)
    return {Type::kDistinguishedName, step.gateway.credential->subject};
  return configured;
}

// A name without octets: any that fits.
Identity remote_identity(const Step& step) {
  const Identity& configured = step.gateway.remote_identity;
  return configured.type == Type::kNone ? Identity::of(step.sa.path.remote.address) : configured;
}

bool is_wanted(const Step& step, const Identity& peer) {
  const Gateway& gateway = step.gateway;
  const Identity wanted = remote_identity(step);
  if (gateway.any_identity) return true;
  if (wanted.type != Type::kDistinguishedName || !wanted.data.empty()) return peer == wanted;
  return peer.type == Type::kDistinguishedName &&
         (gateway.name_container.empty() || has_container(peer.data, gateway.name_container)) &&
         (gateway.name_fields.empty() || has_fields(peer.data, gateway.name_fields));
}

Bytes auth_of(const Step& step, bool of_initiator, ByteView id_body) {
  return psk_auth(step.sa.suite.prf, step.gateway.pre_shared_key,
                  proof::signed_octets(step.sa, of_initiator, id_body));
}

bool has_secret(const Step& step, bool of_initiator, ByteView id_body, const Auth& auth) {
  return !step.gateway.pre_shared_key.empty() &&
         auth.method == static_cast<std::uint8_t>(AuthMethod::kSharedKey) &&
         equal_secret(auth.data, auth_of(step, of_initiator, id_body));
}

// Of the peer: who it says it is, and that something proves it. Whether that holds is found out
// elsewhere when it is a certificate.
enum class Claim : std::uint8_t { kFalse, kProven, kToBeProven };

Claim claim_of(const Step& step, const Payloads& payloads) {
  const bool of_initiator = !step.sa.initiator;
  const auto& id = of_initiator ? payloads.id_i : payloads.id_r;
  if (!id || !payloads.auth) return Claim::kFalse;
  if (!is_wanted(step, *id)) return Claim::kFalse;
  if (proof::is_used(step.gateway)) return Claim::kToBeProven;
  const Bytes& body = of_initiator ? payloads.id_i_body : payloads.id_r_body;
  return has_secret(step, of_initiator, body, *payloads.auth) ? Claim::kProven : Claim::kFalse;
}

Auth own_auth(const Step& step, ByteView id_body) {
  return {static_cast<std::uint8_t>(AuthMethod::kSharedKey),
          auth_of(step, step.sa.initiator, id_body)};
}

void establish(Step& step, const Identity& peer) {
  IkeSa& sa = step.sa;
  sa.remote_identity = peer;
  sa.introduced = sa.initiator;
  sa.init_request.clear();
  sa.init_response.clear();
  sa.cookie.clear();
  sa.auth.reset();
  sa.give_up_at = 0;
  begin_lifetime(step);
  notes::proven(step);
  report_gateway(step, "IKE SA is established");
}

void refuse(Step& step) {
  PayloadChain chain;
  add_notify(chain, notify(NotifyType::kAuthenticationFailed));
  send_response(step, ExchangeType::kAuth, chain);
  fail(step, events::kAuthenticationFailed);
}

// RFC 7296 section 2.21.2: when the peer does not prove itself it is told, and the SA is gone at
// once.
void give_notice(Step& step) {
  PayloadChain chain;
  add_notify(chain, notify(NotifyType::kAuthenticationFailed));
  send_notice(step, chain);
  fail(step, events::kAuthenticationFailed);
}

void send_with(Step& step, const Auth& auth) {
  IkeSa& sa = step.sa;
  sa.auth.reset();
  sa.give_up_at = 0;
  PayloadChain chain;
  chain.add(PayloadType::kIdI, encode_id(sa.local_identity));
  proof::add_certificates(step, chain);
  if (sa.initial_contact) add_notify(chain, notify(NotifyType::kInitialContact));
  proof::add_request(step, chain);
  if (const Identity remote = remote_identity(step); !remote.data.empty())
    chain.add(PayloadType::kIdR, encode_id(remote));
  chain.add(PayloadType::kAuth, encode_auth(auth));
  if (!child::add_first_offer(step, chain)) return fail(step, events::kNotConfigured);
  sa.phase = Phase::kAuthSent;
  send_request(step, ExchangeType::kAuth, chain, {});
}

void accept_answer(Step& step, const Payloads& payloads) {
  step.sa.last_heard = step.now;
  establish(step, *payloads.id_r);
  take_lifetime(step, payloads);
  child::on_first_answer(step, payloads);
}

void answer_with(Step& step, const Payloads& payloads, const Auth& auth) {
  IkeSa& sa = step.sa;
  sa.last_heard = step.now;
  PayloadChain chain;
  chain.add(PayloadType::kIdR, encode_id(sa.local_identity));
  proof::add_certificates(step, chain);
  chain.add(PayloadType::kAuth, encode_auth(auth));
  establish(step, *payloads.id_i);
  if (find_notify(payloads, NotifyType::kInitialContact)) step.wishes.initial_contact = true;
  child::answer_first_offer(step, payloads, chain);
  send_response(step, ExchangeType::kAuth, chain);
}

void note_false(const Step& step, const Payloads& payloads) {
  notes::not_authentic(step, remote_identity(step),
                       step.sa.initiator ? payloads.id_r : payloads.id_i, payloads.auth);
}

// The peer's message that waited; it was one when it came.
std::optional<Payloads> waiting(const IkeSa& sa) {
  const auto parsed = parse_payloads(sa.auth->first, sa.auth->message);
  const auto* payloads = std::get_if<Payloads>(&parsed);
  if (!payloads || !payloads->auth) return std::nullopt;
  if (sa.initiator ? !payloads->id_r : !payloads->id_i) return std::nullopt;
  return *payloads;
}

Auth auth_from(const Step& step, const ProofResult& result) {
  // The scheme was chosen when the signature was asked for, from what has not changed since.
  return {static_cast<std::uint8_t>(proof::method_of(step)), result.signature};
}

void signed_by_us(Step& step, const ProofResult& result) {
  IkeSa& sa = step.sa;
  if (!result.ok) {
    report_gateway(step, "Local certificate cannot sign: " + result.error);
    notes::unproven(step, "Our certificate cannot sign: " + result.error,
                    "show security pki local-certificate");
    return sa.initiator ? fail(step, events::kAuthenticationFailed) : refuse(step);
  }
  if (sa.initiator) return send_with(step, auth_from(step, result));
  const auto payloads = waiting(sa);
  if (!payloads) return refuse(step);
  answer_with(step, *payloads, auth_from(step, result));
}

void note_untrusted(Step& step, const std::string& why) {
  report_gateway(step, "Peer is not authentic: " + why);
  notes::unproven(step,
                  "The peer " + to_string(step.sa.path.remote.address) +
                      " is not authentic (AUTHENTICATION_FAILED): " + why,
                  "the peer's certificate, show security pki ca-certificate and crl here, "
                  "trusted-ca of the IKE policy");
}

void verified(Step& step, const ProofResult& result) {
  IkeSa& sa = step.sa;
  const auto payloads = waiting(sa);
  if (!result.ok || !payloads) {
    if (!result.ok) note_untrusted(step, result.error);
    return sa.initiator ? give_notice(step) : refuse(step);
  }
  sa.proven_until = step.now + result.holds_for;
  if (sa.initiator) return accept_answer(step, *payloads);
  sa.local_identity = local_identity(step);
  if (!proof::ask_signature(step, encode_id(sa.local_identity))) refuse(step);
}
}  // namespace

void send(Step& step) {
  IkeSa& sa = step.sa;
  sa.local_identity = local_identity(step);
  const Bytes id = encode_id(sa.local_identity);
  if (!proof::is_used(step.gateway)) return send_with(step, own_auth(step, id));
  if (!proof::ask_signature(step, id)) fail(step, events::kAuthenticationFailed);
}

void on_response(Step& step, const Payloads& payloads) {
  if (!payloads.auth) {
    const Notify* error = find_error(payloads);
    notes::auth_refused(step, error ? error->type : NotifyType::kInvalidSyntax);
    const bool auth_failed = error && error->type == NotifyType::kAuthenticationFailed;
    return fail(step, auth_failed ? events::kAuthenticationFailed
                      : error     ? name_of(error->type)
                                  : events::kInvalidSyntax);
  }
  switch (claim_of(step, payloads)) {
    case Claim::kFalse:
      note_false(step, payloads);
      return give_notice(step);
    case Claim::kProven:
      return accept_answer(step, payloads);
    case Claim::kToBeProven:
      return proof::ask_verdict(step, payloads);
  }
}

void on_request(Step& step, const Payloads& payloads) {
  IkeSa& sa = step.sa;
  const Claim claim = claim_of(step, payloads);
  if (claim == Claim::kFalse) {
    note_false(step, payloads);
    return refuse(step);
  }
  if (claim == Claim::kToBeProven) return proof::ask_verdict(step, payloads);
  sa.local_identity = local_identity(step);
  answer_with(step, payloads, own_auth(step, encode_id(sa.local_identity)));
}

void take_lifetime(Step& step, const Payloads& payloads) {
  const Notify* asked = find_notify(payloads, NotifyType::kAuthLifetime);
  if (!asked || asked->data.size() != 4 || !step.sa.introduced) return;
  const Time seconds = std::max(Time{Reader(asked->data).u32()}, kShortestAuthLifetime);
  step.sa.reauth_at = soft_end(step, static_cast<std::uint64_t>(seconds * kSecond));
}

void complete(Step& step, const ProofResult& result) {
  IkeSa& sa = step.sa;
  if (!sa.auth || result.job == 0 || sa.auth->job != result.job) return;
  sa.auth->signs ? signed_by_us(step, result) : verified(step, result);
}

void resume(Step& step) {
  IkeSa& sa = step.sa;
  if (!proof::is_lost(sa)) return;
  if (!sa.initiator || !sa.auth->signs) {
    const auto payloads = waiting(sa);
    if (!payloads) return sa.initiator ? give_notice(step) : refuse(step);
    if (!sa.auth->signs) return proof::ask_verdict(step, *payloads);
  }
  if (proof::ask_signature(step, encode_id(sa.local_identity))) return;
  sa.initiator ? fail(step, events::kAuthenticationFailed) : refuse(step);
}

}  // namespace nezu::ike::auth
