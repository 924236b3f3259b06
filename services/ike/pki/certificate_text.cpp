#include "services/ike/pki/certificate_text.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "services/ike/address.h"

namespace nezu::ike {
namespace {
constexpr std::size_t kOctetsALine = 20;
constexpr int kMostNames = 64;

std::string colons(ByteView octets) {
  std::string text;
  for (const std::uint8_t octet : octets)
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", octet);
  return text;
}

const char* field_name(const ASN1_OBJECT* field) {
  switch (OBJ_obj2nid(field)) {
    case NID_commonName:
      return "Common name";
    case NID_organizationName:
      return "Organization";
    case NID_organizationalUnitName:
      return "Organizational unit";
    case NID_countryName:
      return "Country";
    case NID_stateOrProvinceName:
      return "State";
    case NID_localityName:
      return "Locality";
    case NID_domainComponent:
      return "Domain component";
    case NID_serialNumber:
      return "Serial number";
    case NID_pkcs9_emailAddress:
      return "Email address";
    default:
      return "Other";
  }
}

// Whatever a certificate says ends up on a terminal: nothing but printable characters.
std::string printable(const ASN1_STRING* string) {
  unsigned char* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, string);
  std::string text;
  for (int i = 0; i < length; ++i)
    if (utf8[i] >= 0x20 && utf8[i] < 0x7f && utf8[i] != '\\')
      text += static_cast<char>(utf8[i]);
    else
      text += fmt::format("\\x{:02x}", utf8[i]);
  OPENSSL_free(utf8);
  return text;
}

std::string one_name(const GENERAL_NAME* name) {
  switch (name->type) {
    case GEN_EMAIL:
      return '"' + printable(name->d.rfc822Name) + '"';
    case GEN_DNS:
      return printable(name->d.dNSName);
    case GEN_URI:
      return printable(name->d.uniformResourceIdentifier);
    case GEN_IPADD: {
      const ASN1_STRING* octets = name->d.iPAddress;
      return to_string(Address::of(
          {ASN1_STRING_get0_data(octets), static_cast<std::size_t>(ASN1_STRING_length(octets))}));
    }
    default:
      return {};
  }
}
}  // namespace

std::string time_text(std::time_t time) {
  std::tm parts{};
  char text[32];
  if (time == 0 || !gmtime_r(&time, &parts)) return {};
  std::strftime(text, sizeof text, "%m-%d-%Y %H:%M UTC", &parts);
  return text;
}

std::vector<std::string> name_lines(const X509_NAME* name) {
  std::vector<std::string> lines;
  for (int i = 0; i < std::min(X509_NAME_entry_count(name), kMostNames); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    lines.push_back(std::string(field_name(X509_NAME_ENTRY_get_object(entry))) + ": " +
                    printable(X509_NAME_ENTRY_get_data(entry)));
  }
  return lines;
}

std::string key_text(EVP_PKEY* key) {
  if (!key) return "unknown";
  const char* kind = EVP_PKEY_is_a(key, "RSA")  ? "rsaEncryption"
                     : EVP_PKEY_is_a(key, "EC") ? "ecdsaPublicKey"
                                                : EVP_PKEY_get0_type_name(key);
  return fmt::format("{}({} bits)", kind, EVP_PKEY_get_bits(key));
}

std::vector<std::string> key_lines(EVP_PKEY* key) {
  unsigned char* out = nullptr;
  const int length = key ? i2d_PublicKey(key, &out) : 0;
  std::vector<std::string> lines;
  const ByteView octets(out, static_cast<std::size_t>(std::max(length, 0)));
  for (std::size_t at = 0; at < octets.size(); at += kOctetsALine)
    lines.push_back(colons(octets.subspan(at, std::min(kOctetsALine, octets.size() - at))));
  OPENSSL_free(out);
  return lines;
}

std::vector<std::pair<std::string, std::string>> fingerprints(ByteView der) {
  std::vector<std::pair<std::string, std::string>> all;
  const std::pair<const EVP_MD*, const char*> kinds[] = {
      {EVP_sha1(), "sha1"}, {EVP_md5(), "md5"}, {EVP_sha256(), "sha256"}};
  for (const auto& [digest, name] : kinds) {
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_Digest(der.data(), der.size(), hash, &length, digest, nullptr) == 1)
      all.emplace_back(colons({hash, length}), name);
  }
  return all;
}

std::string fingerprint_lines(ByteView der) {
  std::string text = "Fingerprint:\n";
  for (const auto& [octets, name] : fingerprints(der)) text += "  " + octets + " (" + name + ")\n";
  return text;
}

std::string alternate_text(const STACK_OF(GENERAL_NAME) * names) {
  std::string text;
  for (int i = 0; i < std::min(sk_GENERAL_NAME_num(names), kMostNames); ++i) {
    const std::string one = one_name(sk_GENERAL_NAME_value(names, i));
    if (!one.empty()) text += (text.empty() ? "" : ", ") + one;
  }
  return text;
}

std::string usage_text(std::uint32_t usage) {
  constexpr std::pair<std::uint32_t, const char*> kUses[] = {
      {KU_DIGITAL_SIGNATURE, "Digital signature"},
      {KU_NON_REPUDIATION, "Non repudiation"},
      {KU_KEY_ENCIPHERMENT, "Key encipherment"},
      {KU_DATA_ENCIPHERMENT, "Data encipherment"},
      {KU_KEY_AGREEMENT, "Key agreement"},
      {KU_KEY_CERT_SIGN, "Certificate signing"},
      {KU_CRL_SIGN, "CRL signing"}};
  std::string text;
  if (usage == UINT32_MAX) return text;
  for (const auto& [bit, name] : kUses)
    if (usage & bit) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

}  // namespace nezu::ike
