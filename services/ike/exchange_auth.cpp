#include "services/ike/exchange_auth.h"

#include "services/ike/child.h"
#include "services/ike/events.h"
#include "services/ike/exchange_child.h"
#include "services/ike/keys.h"
#include "services/ike/notes.h"

namespace nezu::ike::auth {
namespace {
Identity local_identity(const Step& step) {
  const Identity& configured = step.gateway.local_identity;
  return configured.type == Identity::Type::kNone ? Identity::of(step.sa.path.local.address)
                                                  : configured;
}

Identity remote_identity(const Step& step) {
  const Identity& configured = step.gateway.remote_identity;
  return configured.type == Identity::Type::kNone ? Identity::of(step.sa.path.remote.address)
                                                  : configured;
}

// What the initiator signs is its request and the responder's nonce, and the reverse.
Bytes auth_of(const Step& step, bool of_initiator, ByteView id_body) {
  const IkeSa& sa = step.sa;
  return psk_auth(
      sa.suite.prf, step.gateway.pre_shared_key, of_initiator ? sa.init_request : sa.init_response,
      of_initiator ? sa.nonce_r : sa.nonce_i, of_initiator ? sa.keys.pi : sa.keys.pr, id_body);
}

bool is_authentic(const Step& step, bool of_initiator, const std::optional<Identity>& id,
                  ByteView id_body, const std::optional<Auth>& auth) {
  if (!id || !auth || step.gateway.pre_shared_key.empty()) return false;
  return (step.gateway.any_identity || *id == remote_identity(step)) &&
         auth->method == static_cast<std::uint8_t>(AuthMethod::kSharedKey) &&
         equal_secret(auth->data, auth_of(step, of_initiator, id_body));
}

Auth own_auth(const Step& step, ByteView id_body) {
  return {static_cast<std::uint8_t>(AuthMethod::kSharedKey),
          auth_of(step, step.sa.initiator, id_body)};
}

void establish(Step& step, const Identity& peer) {
  IkeSa& sa = step.sa;
  sa.remote_identity = peer;
  sa.init_request.clear();
  sa.init_response.clear();
  sa.cookie.clear();
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
}  // namespace

void send(Step& step) {
  IkeSa& sa = step.sa;
  sa.local_identity = local_identity(step);
  const Bytes id = encode_id(sa.local_identity);
  PayloadChain chain;
  chain.add(PayloadType::kIdI, id);
  if (sa.initial_contact) add_notify(chain, notify(NotifyType::kInitialContact));
  chain.add(PayloadType::kIdR, encode_id(remote_identity(step)));
  chain.add(PayloadType::kAuth, encode_auth(own_auth(step, id)));
  if (!child::add_first_offer(step, chain)) return fail(step, events::kNotConfigured);
  sa.phase = Phase::kAuthSent;
  send_request(step, ExchangeType::kAuth, chain, {});
}

// RFC 7296 section 2.21.2: when the peer does not prove itself it is told, and the SA is gone at
// once.
void on_response(Step& step, const Payloads& payloads) {
  IkeSa& sa = step.sa;
  take_outstanding(step);
  if (!payloads.auth) {
    const Notify* error = find_error(payloads);
    notes::auth_refused(step, error ? error->type : NotifyType::kInvalidSyntax);
    const bool auth_failed = error && error->type == NotifyType::kAuthenticationFailed;
    return fail(step, auth_failed ? events::kAuthenticationFailed
                      : error     ? name_of(error->type)
                                  : events::kInvalidSyntax);
  }
  if (!is_authentic(step, false, payloads.id_r, payloads.id_r_body, payloads.auth)) {
    PayloadChain chain;
    add_notify(chain, notify(NotifyType::kAuthenticationFailed));
    send_notice(step, chain);
    notes::not_authentic(step, remote_identity(step), payloads.id_r, payloads.auth);
    return fail(step, events::kAuthenticationFailed);
  }
  sa.last_heard = step.now;
  establish(step, *payloads.id_r);
  child::on_first_answer(step, payloads);
}

void on_request(Step& step, const Payloads& payloads) {
  IkeSa& sa = step.sa;
  if (!is_authentic(step, true, payloads.id_i, payloads.id_i_body, payloads.auth)) {
    notes::not_authentic(step, remote_identity(step), payloads.id_i, payloads.auth);
    return refuse(step);
  }
  sa.last_heard = step.now;
  sa.local_identity = local_identity(step);
  const Bytes id = encode_id(sa.local_identity);
  PayloadChain chain;
  chain.add(PayloadType::kIdR, id);
  chain.add(PayloadType::kAuth, encode_auth(own_auth(step, id)));
  establish(step, *payloads.id_i);
  if (find_notify(payloads, NotifyType::kInitialContact)) step.wishes.initial_contact = true;
  child::answer_first_offer(step, payloads, chain);
  send_response(step, ExchangeType::kAuth, chain);
}

}  // namespace nezu::ike::auth
