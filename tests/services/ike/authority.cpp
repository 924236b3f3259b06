#include "tests/services/ike/authority.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <map>

#include "services/ike/distinguished_name.h"

namespace nezu::ike::test {
namespace {
constexpr long kHour = 3600;

const char* curve_of(KeyKind kind) {
  return kind == KeyKind::kEcdsa256 ? "P-256" : kind == KeyKind::kEcdsa384 ? "P-384" : "P-521";
}

void add(X509* certificate, X509* issuer, int extension, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, &context, extension, value.c_str());
  ASSERT_TRUE(made) << value;
  X509_add_ext(certificate, made, -1);
  X509_EXTENSION_free(made);
}

void set_subject(X509* certificate, const std::string& subject) {
  const Bytes der = *name_of_text(subject);
  const unsigned char* at = der.data();
  X509_NAME* name = d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size()));
  X509_set_subject_name(certificate, name);
  X509_NAME_free(name);
}

void add_extensions(X509* certificate, X509* issuer, const Wish& wish) {
  add(certificate, issuer, NID_basic_constraints, wish.authority ? "critical,CA:TRUE" : "CA:FALSE");
  add(certificate, issuer, NID_subject_alt_name, wish.alternate);
  add(certificate, issuer, NID_key_usage,
      wish.authority && wish.usage.empty() ? "critical,keyCertSign,cRLSign" : wish.usage);
  add(certificate, issuer, NID_ext_key_usage, wish.extended);
  add(certificate, issuer, NID_name_constraints, wish.constraints);
  if (wish.identifiers) {
    add(certificate, issuer, NID_subject_key_identifier, "hash");
    add(certificate, issuer, NID_authority_key_identifier, "keyid");
  }
  if (!wish.crl_url.empty())
    add(certificate, issuer, NID_crl_distribution_points, "URI:" + wish.crl_url);
  if (!wish.ocsp_url.empty())
    add(certificate, issuer, NID_info_access, "OCSP;URI:" + wish.ocsp_url);
}

Made make(const Wish& wish, const Key& key, const Made* issuer, long serial) {
  Made made{key, std::shared_ptr<X509>(X509_new(), X509_free)};
  X509* certificate = made.certificate.get();
  X509* above = issuer ? issuer->certificate.get() : certificate;
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  set_subject(certificate, wish.subject);
  X509_set_issuer_name(certificate, X509_get_subject_name(above));
  X509_gmtime_adj(X509_getm_notBefore(certificate), wish.from_hours * kHour);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wish.to_hours * kHour);
  X509_set_pubkey(certificate, key.get());
  add_extensions(certificate, above, wish);
  X509_sign(certificate, issuer ? issuer->key.get() : key.get(), EVP_get_digestbyname(wish.digest));
  return made;
}

template <typename Object>
Bytes encoded(const Object* object, int (*encode)(const Object*, unsigned char**)) {
  unsigned char* out = nullptr;
  const int length = encode(object, &out);
  Bytes der(out, out + length);
  OPENSSL_free(out);
  return der;
}
}  // namespace

Key key_of(KeyKind kind, int number) {
  static std::map<std::pair<KeyKind, int>, Key> keys;
  Key& key = keys[{kind, number}];
  if (!key)
    key.reset(kind == KeyKind::kRsa ? EVP_RSA_gen(number < 1024 ? 2048u : unsigned(number))
                                    : EVP_EC_gen(curve_of(kind)),
              EVP_PKEY_free);
  return key;
}

std::string pem_of(const Key& key) {
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  const char* text = nullptr;
  const long length = BIO_get_mem_data(out, &text);
  const std::string pem(text, static_cast<std::size_t>(length));
  BIO_free(out);
  return pem;
}

Bytes Made::der() const {
  return encoded<X509>(certificate.get(), i2d_X509);
}

std::string Made::pem() const {
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate.get());
  const char* text = nullptr;
  const long length = BIO_get_mem_data(out, &text);
  const std::string pem(text, static_cast<std::size_t>(length));
  BIO_free(out);
  return pem;
}

Authority::Authority(Wish wish) {
  static long next = 1000;
  serial_ = next += 1000;
  wish.authority = true;
  own_ = make(wish, key_of(wish.kind, 100 + wish.key), nullptr, serial_);
}

Authority::Authority(Wish wish, Authority& above) : serial_(above.serial_ + 500) {
  wish.authority = true;
  own_ = above.issue(wish, key_of(wish.kind, 200 + wish.key));
}

Made Authority::issue(const Wish& wish) {
  return issue(wish, key_of(wish.kind, wish.key));
}

Made Authority::issue(const Wish& wish, const Key& key) {
  return make(wish, key, &own_, ++serial_);
}

Bytes Authority::crl(const ListWish& wish) const {
  const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> list(X509_CRL_new(), X509_CRL_free);
  X509_CRL_set_version(list.get(), 1);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(own_.certificate.get()));
  ASN1_TIME* at = X509_gmtime_adj(nullptr, wish.from_hours * kHour);
  X509_CRL_set1_lastUpdate(list.get(), at);
  if (wish.to_hours) {
    X509_gmtime_adj(at, *wish.to_hours * kHour);
    X509_CRL_set1_nextUpdate(list.get(), at);
  }
  for (const auto& each : revoked_) {
    X509_REVOKED* entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(each.get()));
    X509_gmtime_adj(at, -kHour);
    X509_REVOKED_set_revocationDate(entry, at);
    X509_CRL_add0_revoked(list.get(), entry);
  }
  ASN1_TIME_free(at);
  if (wish.number != 0) {
    ASN1_INTEGER* number = ASN1_INTEGER_new();
    ASN1_INTEGER_set(number, wish.number);
    X509_CRL_add1_ext_i2d(list.get(), NID_crl_number, number, 0, 0);
    ASN1_INTEGER_free(number);
  }
  if (!wish.critical.empty()) {
    ASN1_OBJECT* type = OBJ_txt2obj(wish.critical.c_str(), 1);
    ASN1_OCTET_STRING* value = ASN1_OCTET_STRING_new();
    X509_EXTENSION* extension = X509_EXTENSION_create_by_OBJ(nullptr, type, 1, value);
    X509_CRL_add_ext(list.get(), extension, -1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(type);
  }
  X509_CRL_sort(list.get());
  X509_CRL_sign(list.get(), own_.key.get(), EVP_get_digestbyname(wish.digest));
  return encoded<X509_CRL>(list.get(), i2d_X509_CRL);
}

Bytes Authority::ocsp(const Bytes& request, const AnswerWish& wish) const {
  const unsigned char* at = request.data();
  OCSP_REQUEST* asked = d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(request.size()));
  OCSP_BASICRESP* basic = OCSP_BASICRESP_new();
  ASN1_TIME* from = X509_gmtime_adj(nullptr, wish.from_hours * kHour);
  ASN1_TIME* until = wish.to_hours ? X509_gmtime_adj(nullptr, *wish.to_hours * kHour) : nullptr;
  for (int i = 0; i < OCSP_request_onereq_count(asked); ++i) {
    OCSP_CERTID* id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(asked, i));
    ASN1_INTEGER* serial = nullptr;
    OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial, id);
    bool revoked = false;
    for (const auto& each : revoked_)
      revoked = revoked || ASN1_INTEGER_cmp(serial, X509_get_serialNumber(each.get())) == 0;
    const int status = revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD;
    OCSP_basic_add1_status(basic, id, status, revoked ? OCSP_REVOKED_STATUS_KEYCOMPROMISE : -1,
                           revoked ? from : nullptr, from, until);
  }
  if (wish.nonce) OCSP_copy_nonce(basic, asked);
  const Made& signer = wish.signer ? *wish.signer : own_;
  OCSP_basic_sign(basic, signer.certificate.get(), signer.key.get(),
                  EVP_get_digestbyname(wish.digest), nullptr, 0);
  OCSP_RESPONSE* response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
  const Bytes der = encoded<OCSP_RESPONSE>(response, i2d_OCSP_RESPONSE);
  OCSP_RESPONSE_free(response);
  OCSP_BASICRESP_free(basic);
  OCSP_REQUEST_free(asked);
  ASN1_TIME_free(from);
  ASN1_TIME_free(until);
  return der;
}

}  // namespace nezu::ike::test
