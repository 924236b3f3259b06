#include "services/ike/certificates/ocsp.h"

#include <openssl/ocsp.h>
#include <openssl/x509_vfy.h>

#include "services/ike/certificates/certificate_stack.h"
#include "services/ike/certificates/chain.h"
#include "services/ike/certificates/crl.h"
#include "services/ike/crypto/strength.h"
#include "services/ike/der.h"

namespace nezu::ike {
namespace {
using Request = std::unique_ptr<OCSP_REQUEST, decltype(&OCSP_REQUEST_free)>;
using Response = std::unique_ptr<OCSP_RESPONSE, decltype(&OCSP_RESPONSE_free)>;
using Basic = std::unique_ptr<OCSP_BASICRESP, decltype(&OCSP_BASICRESP_free)>;
using Id = std::unique_ptr<OCSP_CERTID, decltype(&OCSP_CERTID_free)>;
using Store = std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)>;

constexpr long kMostAge = 600;  // seconds, of an answer that does not say how long it holds

OcspAnswer invalid(const char* why) {
  return {OcspStatus::kInvalid, 0, why};
}

Id id_of(const Certificate& certificate, const Certificate& issuer) {
  return {OCSP_cert_to_id(EVP_sha1(), certificate.get(), issuer.get()), OCSP_CERTID_free};
}

// Its key costs no more time than those of peers: the signature is computed before it is known who
// certified it.
bool has_sound_signer(OCSP_BASICRESP* basic, STACK_OF(X509) * known) {
  X509* signer = nullptr;
  return OCSP_resp_get0_signer(basic, &signer, known) == 1 &&
         kind_of(X509_get0_pubkey(signer)) != KeyKind::kNone;
}

// The issuer itself is what is trusted, whoever certified it.
bool is_signed_for(OCSP_BASICRESP* basic, const Certificate& issuer) {
  const Store store(X509_STORE_new(), X509_STORE_free);
  CertificateStack known;
  if (!store || !known.get()) return false;
  X509_STORE_add_cert(store.get(), issuer.get());
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_auth_level(X509_STORE_get0_param(store.get()), kAuthLevel);
  known.push(issuer);
  return is_strong(OCSP_resp_get0_tbs_sigalg(basic)) && has_sound_signer(basic, known.get()) &&
         OCSP_basic_verify(basic, known.get(), store.get(), 0) == 1;
}

OcspStatus status_of(int status) {
  if (status == V_OCSP_CERTSTATUS_GOOD) return OcspStatus::kGood;
  return status == V_OCSP_CERTSTATUS_REVOKED ? OcspStatus::kRevoked : OcspStatus::kUnknown;
}

bool has_nonce(OCSP_REQUEST* request, OCSP_BASICRESP* basic, OcspNonce nonce) {
  const int match = OCSP_check_nonce(request, basic);
  // 1: both and equal; 2: neither; 3: in the answer only; -1: in the request only; 0: different.
  if (nonce == OcspNonce::kRequired) return match == 1;
  return match != 0;
}
}  // namespace

Bytes ocsp_request(const Certificate& certificate, const Certificate& issuer, OcspNonce nonce) {
  const Request request(OCSP_REQUEST_new(), OCSP_REQUEST_free);
  Id id = id_of(certificate, issuer);
  if (!request || !id || !OCSP_request_add0_id(request.get(), id.get())) return {};
  (void)id.release();  // the request's now
  if (nonce != OcspNonce::kOff && OCSP_request_add1_nonce(request.get(), nullptr, 16) != 1)
    return {};
  return encoded(request.get(), i2d_OCSP_REQUEST);
}

OcspAnswer read_ocsp(ByteView response, ByteView request, const Certificate& certificate,
                     const Certificate& issuer, OcspNonce nonce) {
  if (response.empty() || response.size() > kMaxOcspResponse) return invalid("no answer");
  const unsigned char *at = response.data(), *asked_at = request.data();
  const Response parsed(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(response.size())),
                        OCSP_RESPONSE_free);
  const Request asked(d2i_OCSP_REQUEST(nullptr, &asked_at, static_cast<long>(request.size())),
                      OCSP_REQUEST_free);
  if (!parsed || !asked) return invalid("the answer cannot be read");
  if (OCSP_response_status(parsed.get()) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
    return invalid(OCSP_response_status_str(OCSP_response_status(parsed.get())));
  const Basic basic(OCSP_response_get1_basic(parsed.get()), OCSP_BASICRESP_free);
  if (!basic || !is_signed_for(basic.get(), issuer))
    return invalid("the answer is not signed by the authority");
  if (!has_nonce(asked.get(), basic.get(), nonce))
    return invalid("the answer is to another request");
  const Id id = id_of(certificate, issuer);
  int status = 0;
  ASN1_GENERALIZEDTIME *from = nullptr, *until = nullptr;
  if (!id ||
      OCSP_resp_find_status(basic.get(), id.get(), &status, nullptr, nullptr, &from, &until) != 1)
    return invalid("the answer is about another certificate");
  if (OCSP_check_validity(from, until, kClockSkew, until ? -1 : kMostAge) != 1)
    return invalid("the answer is out of date");
  return {status_of(status), time_of(until), {}};
}

}  // namespace nezu::ike
