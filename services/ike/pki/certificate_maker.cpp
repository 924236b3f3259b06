#include "services/ike/pki/certificate_maker.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "services/ike/address.h"
#include "services/ike/der.h"
#include "services/ike/distinguished_name.h"

namespace nezu::ike {
namespace {
using Name = std::unique_ptr<X509_NAME, decltype(&X509_NAME_free)>;
using Request = std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)>;
using Own = std::unique_ptr<X509, decltype(&X509_free)>;
using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;
using Extension = std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)>;

constexpr long kFiveYears = 5 * 365 * 86400L;
constexpr int kSerial = 16;  // octets

MadeDer failed(std::string why) {
  return {{}, std::move(why)};
}

Name subject_of(const Applicant& applicant) {
  const auto der = name_of_text(applicant.subject);
  if (!der) return {nullptr, X509_NAME_free};
  const unsigned char* at = der->data();
  return {d2i_X509_NAME(nullptr, &at, static_cast<long>(der->size())), X509_NAME_free};
}

const EVP_MD* digest_of(const std::string& name) {
  if (name == "sha-1") return EVP_sha1();
  if (name == "sha-384") return EVP_sha384();
  return name == "sha-512" ? EVP_sha512() : EVP_sha256();
}

void add_name(GENERAL_NAMES* names, int type, ByteView octets, int string_type) {
  if (octets.empty()) return;
  ASN1_STRING* value = ASN1_STRING_type_new(string_type);
  ASN1_STRING_set(value, octets.data(), static_cast<int>(octets.size()));
  GENERAL_NAME* name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, type, value);
  sk_GENERAL_NAME_push(names, name);
}

// Not through OpenSSL's configuration texts: what is typed stays one name.
Extension alternate_names(const Applicant& applicant) {
  const Names names(GENERAL_NAMES_new(), GENERAL_NAMES_free);
  add_name(names.get(), GEN_EMAIL, view_of(applicant.email), V_ASN1_IA5STRING);
  add_name(names.get(), GEN_DNS, view_of(applicant.domain_name), V_ASN1_IA5STRING);
  for (const auto& text : {applicant.ip_address, applicant.ipv6_address})
    if (const auto address = Address::parse(text))
      add_name(names.get(), GEN_IPADD, address->view(), V_ASN1_OCTET_STRING);
  if (sk_GENERAL_NAME_num(names.get()) == 0) return {nullptr, X509_EXTENSION_free};
  return {X509V3_EXT_i2d(NID_subject_alt_name, 0, names.get()), X509_EXTENSION_free};
}

Extension plain(int type, const char* value) {
  return {X509V3_EXT_conf_nid(nullptr, nullptr, type, value), X509_EXTENSION_free};
}

bool add_to(X509_REQ* request, const Extension& extension) {
  if (!extension) return true;
  STACK_OF(X509_EXTENSION)* all = sk_X509_EXTENSION_new_null();
  sk_X509_EXTENSION_push(all, extension.get());
  const bool added = X509_REQ_add_extensions(request, all) == 1;
  sk_X509_EXTENSION_free(all);
  return added;
}

bool set_serial(X509* certificate) {
  unsigned char octets[kSerial];
  if (RAND_bytes(octets, sizeof octets) != 1) return false;
  octets[0] = (octets[0] & 0x7f) | 0x40;  // positive, and always as long
  ASN1_INTEGER* serial = X509_get_serialNumber(certificate);
  return ASN1_STRING_set(serial, octets, sizeof octets) == 1;
}

void add_extensions(X509* certificate, const Applicant& applicant) {
  const char* constraint = applicant.authority ? "critical,CA:TRUE" : "critical,CA:FALSE";
  const char* usage = applicant.authority ? "critical,digitalSignature,keyCertSign,cRLSign"
                                          : "critical,digitalSignature";
  for (const Extension& each : {plain(NID_basic_constraints, constraint),
                                plain(NID_key_usage, usage), alternate_names(applicant)})
    if (each) X509_add_ext(certificate, each.get(), -1);
}
}  // namespace

PrivateKey generate_key(KeyKind kind, unsigned bits) {
  EVP_PKEY* key = nullptr;
  if (kind == KeyKind::kRsa && (bits == 1024 || bits == 2048 || bits == 4096))
    key = EVP_RSA_gen(bits);
  if (kind == KeyKind::kEcdsa256) key = EVP_EC_gen("P-256");
  if (kind == KeyKind::kEcdsa384) key = EVP_EC_gen("P-384");
  if (kind == KeyKind::kEcdsa521) key = EVP_EC_gen("P-521");
  return {key, EVP_PKEY_free};
}

MadeDer make_request(const Applicant& applicant, EVP_PKEY* key) {
  const Name subject = subject_of(applicant);
  if (!subject) return failed("'" + applicant.subject + "' is no distinguished name");
  const Request request(X509_REQ_new(), X509_REQ_free);
  if (!request || X509_REQ_set_version(request.get(), 0) != 1 ||
      X509_REQ_set_subject_name(request.get(), subject.get()) != 1 ||
      X509_REQ_set_pubkey(request.get(), key) != 1 ||
      !add_to(request.get(), alternate_names(applicant)) ||
      X509_REQ_sign(request.get(), key, digest_of(applicant.digest)) <= 0)
    return failed("the request cannot be made");
  return {encoded<X509_REQ>(request.get(), i2d_X509_REQ), {}};
}

MadeDer make_self_signed(const Applicant& applicant, EVP_PKEY* key) {
  const Name subject = subject_of(applicant);
  if (!subject) return failed("'" + applicant.subject + "' is no distinguished name");
  const Own made(X509_new(), X509_free);
  if (!made || X509_set_version(made.get(), 2) != 1 || !set_serial(made.get()) ||
      X509_set_subject_name(made.get(), subject.get()) != 1 ||
      X509_set_issuer_name(made.get(), subject.get()) != 1 || X509_set_pubkey(made.get(), key) != 1)
    return failed("the certificate cannot be made");
  X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), kFiveYears);
  add_extensions(made.get(), applicant);
  if (X509_sign(made.get(), key, digest_of(applicant.digest)) <= 0)
    return failed("the certificate cannot be signed");
  return {encoded<X509>(made.get(), i2d_X509), {}};
}

}  // namespace nezu::ike
