#include "services/ike/certificates/crl.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "services/ike/crypto/strength.h"
#include "services/ike/der.h"
#include "services/ike/distinguished_name.h"

namespace nezu::ike {
namespace {
X509_CRL* decoded(ByteView file) {
  const unsigned char* at = file.data();
  X509_CRL* crl = d2i_X509_CRL(nullptr, &at, static_cast<long>(file.size()));
  if (crl && at == file.data() + file.size()) return crl;
  X509_CRL_free(crl);
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(file.data(), static_cast<int>(file.size())), BIO_free);
  return in ? PEM_read_bio_X509_CRL(in.get(), nullptr, nullptr, nullptr) : nullptr;
}

constexpr std::time_t kDay = 86400;

// RFC 5280 section 5.2: a list with a critical extension that is not known may not be used.
bool is_understood(const X509_CRL* crl) {
  for (int i = 0; i < X509_CRL_get_ext_count(crl); ++i) {
    X509_EXTENSION* each = X509_CRL_get_ext(crl, i);
    const int type = OBJ_obj2nid(X509_EXTENSION_get_object(each));
    if (X509_EXTENSION_get_critical(each) && type != NID_crl_number &&
        type != NID_authority_key_identifier)
      return false;
  }
  return true;
}

// What is on such a list only, or not on it, is not all that its issuer revoked.
bool is_whole(const X509_CRL* crl) {
  return X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) < 0 &&
         X509_CRL_get_ext_by_NID(crl, NID_issuing_distribution_point, -1) < 0;
}

const X509_ALGOR* algorithm_of(const X509_CRL* crl) {
  const X509_ALGOR* algorithm = nullptr;
  X509_CRL_get0_signature(crl, nullptr, &algorithm);
  return algorithm;
}

using Number = std::unique_ptr<ASN1_INTEGER, decltype(&ASN1_INTEGER_free)>;
Number number_of(const X509_CRL* crl) {
  return {static_cast<ASN1_INTEGER*>(X509_CRL_get_ext_d2i(crl, NID_crl_number, nullptr, nullptr)),
          ASN1_INTEGER_free};
}
}  // namespace

std::optional<Crl> Crl::read(ByteView file) {
  if (file.empty() || file.size() > kMaxCrl) return std::nullopt;
  Crl crl;
  crl.crl_.reset(decoded(file), X509_CRL_free);
  if (!crl.crl_ || !is_whole(crl.crl_.get()) || !is_understood(crl.crl_.get())) return std::nullopt;
  return crl;
}

bool Crl::is_signed_by(const Certificate& authority) const {
  const std::uint32_t usage = X509_get_key_usage(authority.get());
  const bool may = usage == UINT32_MAX || (usage & KU_CRL_SIGN) != 0;
  return may && authority.kind() != KeyKind::kNone && is_strong(algorithm_of(crl_.get())) &&
         X509_NAME_cmp(X509_CRL_get_issuer(crl_.get()), X509_get_subject_name(authority.get())) ==
             0 &&
         X509_CRL_verify(crl_.get(), authority.key()) == 1;
}

bool Crl::is_older_than(const Crl& other) const {
  if (this_update() != other.this_update()) return this_update() < other.this_update();
  const Number ours = number_of(crl_.get()), theirs = number_of(other.crl_.get());
  return ours && theirs && ASN1_INTEGER_cmp(ours.get(), theirs.get()) < 0;
}

bool Crl::lists(const Certificate& certificate) const {
  X509_REVOKED* entry = nullptr;
  return X509_CRL_get0_by_cert(crl_.get(), &entry, certificate.get()) == 1;
}

std::time_t Crl::this_update() const {
  return time_of(X509_CRL_get0_lastUpdate(crl_.get()));
}

std::time_t Crl::next_update() const {
  return time_of(X509_CRL_get0_nextUpdate(crl_.get()));
}

bool Crl::is_current(std::time_t now) const {
  const std::time_t next = next_update();
  return !is_of_future(now) && (next == 0 ? this_update() + kDay : next) > now;
}

bool Crl::is_of_future(std::time_t now) const {
  return this_update() > now + kClockSkew;
}

bool Crl::operator==(const Crl& other) const {
  return X509_CRL_match(crl_.get(), other.crl_.get()) == 0;
}

Bytes Crl::der() const {
  return encoded(crl_.get(), i2d_X509_CRL);
}

Bytes Crl::issuer() const {
  return name_der(X509_CRL_get_issuer(crl_.get()));
}

std::size_t Crl::size() const {
  return static_cast<std::size_t>(
      std::max(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl_.get())), 0));
}

std::vector<Crl::Entry> Crl::entries(std::size_t most) const {
  std::vector<Entry> all;
  const STACK_OF(X509_REVOKED)* revoked = X509_CRL_get_REVOKED(crl_.get());
  for (std::size_t i = 0; i < std::min(size(), most); ++i) {
    const X509_REVOKED* each = sk_X509_REVOKED_value(revoked, static_cast<int>(i));
    const ASN1_INTEGER* serial = X509_REVOKED_get0_serialNumber(each);
    const unsigned char* data = ASN1_STRING_get0_data(serial);
    all.push_back({to_hex({data, static_cast<std::size_t>(ASN1_STRING_length(serial))}),
                   time_of(X509_REVOKED_get0_revocationDate(each))});
  }
  return all;
}

}  // namespace nezu::ike
