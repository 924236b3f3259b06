#include "services/ike/certificates/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>
#include <cstring>

#include "services/ike/crypto/prf.h"
#include "services/ike/der.h"
#include "services/ike/distinguished_name.h"
#include "services/ike/message/payload_cert.h"

namespace nezu::ike {
namespace {
constexpr std::size_t kMaxUrls = 4;
constexpr std::size_t kMaxUrl = 500;
constexpr std::size_t kMaxFile = 1 << 20;
constexpr int kMaxNames = 256;  // of a subjectAltName that are looked at

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;

Bytes octets_of(const ASN1_STRING* text) {
  const unsigned char* data = ASN1_STRING_get0_data(text);
  return {data, data + ASN1_STRING_length(text)};
}

std::optional<Identity> identity_of(const GENERAL_NAME* name) {
  switch (name->type) {
    case GEN_DNS:
      return Identity{Identity::Type::kHostname, octets_of(name->d.dNSName)};
    case GEN_EMAIL:
      return Identity{Identity::Type::kUserAtHostname, octets_of(name->d.rfc822Name)};
    case GEN_DIRNAME:
      return Identity{Identity::Type::kDistinguishedName, name_der(name->d.directoryName)};
    case GEN_IPADD: {
      const Bytes address = octets_of(name->d.iPAddress);
      if (address.size() == 4) return Identity{Identity::Type::kInet, address};
      if (address.size() == 16) return Identity{Identity::Type::kInet6, address};
      return std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

bool is_same_text(ByteView a, ByteView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

bool is_same(const Identity& a, const Identity& b) {
  if (a.type != b.type) return false;
  switch (a.type) {
    case Identity::Type::kDistinguishedName:
      return is_same_name(a.data, b.data);
    case Identity::Type::kHostname:
    case Identity::Type::kUserAtHostname:
      return is_same_text(a.data, b.data);
    default:
      return a.data == b.data;
  }
}

bool is_use_for_ike(const ASN1_OBJECT* use) {
  constexpr const char* kIkeIntermediate = "1.3.6.1.5.5.8.2.2";
  const int known[] = {NID_anyExtendedKeyUsage, NID_ipsec_IKE, NID_ipsecEndSystem, NID_ipsecTunnel,
                       NID_ipsecUser};
  if (std::ranges::find(known, OBJ_obj2nid(use)) != std::end(known)) return true;
  char text[32];
  OBJ_obj2txt(text, sizeof text, use, 1);
  return std::strcmp(text, kIkeIntermediate) == 0;
}

// Nothing is said of it, or it is among what is said.
bool has_use_for_ike(const X509* certificate) {
  if (X509_get_ext_by_NID(certificate, NID_ext_key_usage, -1) < 0) return true;
  const std::unique_ptr<EXTENDED_KEY_USAGE, decltype(&EXTENDED_KEY_USAGE_free)> uses(
      static_cast<EXTENDED_KEY_USAGE*>(
          X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)),
      EXTENDED_KEY_USAGE_free);
  for (int i = 0; uses && i < std::min(sk_ASN1_OBJECT_num(uses.get()), kMaxNames); ++i)
    if (is_use_for_ike(sk_ASN1_OBJECT_value(uses.get(), i))) return true;
  return false;
}

bool is_url(const std::string& url) {
  const bool http = url.starts_with("http://") || url.starts_with("https://");
  return http && url.size() <= kMaxUrl &&
         std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

void take_url(const GENERAL_NAME* name, std::vector<std::string>& urls) {
  if (name->type != GEN_URI || urls.size() == kMaxUrls) return;
  const Bytes octets = octets_of(name->d.uniformResourceIdentifier);
  std::string url(octets.begin(), octets.end());
  if (is_url(url)) urls.push_back(std::move(url));
}
}  // namespace

std::time_t time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (!time || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return timegm(&parts);
}

std::optional<Certificate> Certificate::of_der(ByteView der) {
  if (der.empty() || der.size() > kMaxCertificate) return std::nullopt;
  const unsigned char* at = der.data();
  Certificate certificate;
  certificate.x509_.reset(d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free);
  if (!certificate.x509_ || at != der.data() + der.size()) return std::nullopt;
  return certificate;
}

Certificate Certificate::shared(X509* x509) {
  Certificate certificate;
  X509_up_ref(x509);
  certificate.x509_.reset(x509, X509_free);
  return certificate;
}

EVP_PKEY* Certificate::key() const {
  return X509_get0_pubkey(get());
}

KeyKind Certificate::kind() const {
  return kind_of(key());
}

Bytes Certificate::der() const {
  return encoded<X509>(get(), i2d_X509);
}

Bytes Certificate::subject() const {
  return name_der(X509_get_subject_name(get()));
}

Bytes Certificate::issuer() const {
  return name_der(X509_get_issuer_name(get()));
}

Bytes Certificate::key_hash() const {
  return sha1(encoded<X509_PUBKEY>(X509_get_X509_PUBKEY(get()), i2d_X509_PUBKEY));
}

std::string Certificate::serial() const {
  return to_hex(octets_of(X509_get0_serialNumber(get())));
}

std::time_t Certificate::not_before() const {
  return time_of(X509_get0_notBefore(get()));
}

std::time_t Certificate::not_after() const {
  return time_of(X509_get0_notAfter(get()));
}

bool Certificate::is_self_signed() const {
  return X509_self_signed(get(), 0) == 1;
}

bool Certificate::is_authority() const {
  return X509_check_ca(get()) != 0;
}

bool Certificate::operator==(const Certificate& other) const {
  return X509_cmp(get(), other.get()) == 0;
}

std::vector<Certificate> read_certificates(ByteView file) {
  if (file.size() > kMaxFile) return {};
  if (auto one = Certificate::of_der(file)) return {*one};
  std::vector<Certificate> all;
  const Bio in(BIO_new_mem_buf(file.data(), static_cast<int>(file.size())), BIO_free);
  char *name = nullptr, *header = nullptr;
  unsigned char* data = nullptr;
  long length = 0;
  while (in && PEM_read_bio(in.get(), &name, &header, &data, &length) == 1) {
    const bool ours =
        std::strcmp(name, PEM_STRING_X509) == 0 || std::strcmp(name, PEM_STRING_X509_OLD) == 0;
    std::optional<Certificate> one;
    if (ours) one = Certificate::of_der({data, static_cast<std::size_t>(length)});
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<std::size_t>(length));
    if (!ours) continue;
    if (!one || all.size() == kMaxCertificates) return {};
    all.push_back(std::move(*one));
  }
  return all;
}

std::vector<Identity> alternate_names(const Certificate& certificate) {
  std::vector<Identity> found;
  const Names names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(
                        certificate.get(), NID_subject_alt_name, nullptr, nullptr)),
                    GENERAL_NAMES_free);
  for (int i = 0; names && i < std::min(sk_GENERAL_NAME_num(names.get()), kMaxNames); ++i)
    if (auto identity = identity_of(sk_GENERAL_NAME_value(names.get(), i)))
      found.push_back(std::move(*identity));
  return found;
}

bool stands_for(const Certificate& certificate, const Identity& identity) {
  if (identity.type == Identity::Type::kDistinguishedName &&
      is_same_name(identity.data, certificate.subject()))
    return true;
  const auto names = alternate_names(certificate);
  return std::any_of(names.begin(), names.end(),
                     [&](const Identity& name) { return is_same(name, identity); });
}

std::string use_problem(const Certificate& certificate) {
  const std::uint32_t usage = X509_get_key_usage(certificate.get());
  if (usage != UINT32_MAX && (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0)
    return "not for signatures (keyUsage)";
  if (!has_use_for_ike(certificate.get())) return "not for IKE (extendedKeyUsage)";
  return {};
}

std::vector<std::string> crl_urls(const Certificate& certificate) {
  std::vector<std::string> urls;
  const std::unique_ptr<CRL_DIST_POINTS, decltype(&CRL_DIST_POINTS_free)> points(
      static_cast<CRL_DIST_POINTS*>(
          X509_get_ext_d2i(certificate.get(), NID_crl_distribution_points, nullptr, nullptr)),
      CRL_DIST_POINTS_free);
  for (int i = 0; points && i < sk_DIST_POINT_num(points.get()) && urls.size() < kMaxUrls; ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points.get(), i);
    if (!point->distpoint || point->distpoint->type != 0) continue;
    const GENERAL_NAMES* names = point->distpoint->name.fullname;
    for (int j = 0; j < std::min(sk_GENERAL_NAME_num(names), kMaxNames); ++j)
      take_url(sk_GENERAL_NAME_value(names, j), urls);
  }
  return urls;
}

std::vector<std::string> ocsp_urls(const Certificate& certificate) {
  std::vector<std::string> urls;
  const std::unique_ptr<AUTHORITY_INFO_ACCESS, decltype(&AUTHORITY_INFO_ACCESS_free)> access(
      static_cast<AUTHORITY_INFO_ACCESS*>(
          X509_get_ext_d2i(certificate.get(), NID_info_access, nullptr, nullptr)),
      AUTHORITY_INFO_ACCESS_free);
  const int count = access ? sk_ACCESS_DESCRIPTION_num(access.get()) : 0;
  for (int i = 0; i < std::min(count, kMaxNames); ++i) {
    const ACCESS_DESCRIPTION* each = sk_ACCESS_DESCRIPTION_value(access.get(), i);
    if (OBJ_obj2nid(each->method) == NID_ad_OCSP) take_url(each->location, urls);
  }
  return urls;
}

}  // namespace nezu::ike
