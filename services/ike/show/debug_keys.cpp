#include "services/ike/show/debug_keys.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "services/ike/daemon/daemon.h"
#include "services/ike/pki/file.h"
#include "services/ike/show/show.h"

namespace nezu::ike {
namespace {

// Names of Wireshark's isakmp dissector.
const char* ike_encryption(Encryption encryption) {
  switch (encryption) {
    case Encryption::kDesCbc:
      return "DES [RFC2405]";
    case Encryption::kTripleDesCbc:
      return "3DES [RFC2451]";
    case Encryption::kAesCbc128:
      return "AES-CBC-128 [RFC3602]";
    case Encryption::kAesCbc192:
      return "AES-CBC-192 [RFC3602]";
    case Encryption::kAesCbc256:
      return "AES-CBC-256 [RFC3602]";
    case Encryption::kAesGcm128:
      return "AES-GCM-128 with 16 octet ICV [RFC5282]";
    case Encryption::kAesGcm192:
      return "AES-GCM-192 with 16 octet ICV [RFC5282]";
    case Encryption::kAesGcm256:
      return "AES-GCM-256 with 16 octet ICV [RFC5282]";
    default:
      return "NULL [RFC2410]";
  }
}

const char* ike_integrity(Integrity integrity) {
  switch (integrity) {
    case Integrity::kHmacMd5_96:
      return "HMAC_MD5_96 [RFC2403]";
    case Integrity::kHmacSha1_96:
      return "HMAC_SHA1_96 [RFC2404]";
    case Integrity::kHmacSha256_128:
      return "HMAC_SHA2_256_128 [RFC4868]";
    case Integrity::kHmacSha384_192:
      return "HMAC_SHA2_384_192 [RFC4868]";
    case Integrity::kHmacSha512_256:
      return "HMAC_SHA2_512_256 [RFC4868]";
    default:
      return "NONE [RFC4306]";
  }
}

std::string esp_key_line(const ChildSa& child, bool inbound) {
  const EspKeys& keys = inbound ? child.keys_in : child.keys_out;
  const Address& from = inbound ? child.remote : child.local;
  const Address& to = inbound ? child.local : child.remote;
  return fmt::format(
      "\"{}\",\"{}\",\"{}\",\"0x{:08x}\",\"AES-GCM with 16 octet ICV [RFC4106]\",\"0x{}\",\"NULL\","
      "\"\",\"{}\"\n",
      from.size == 4 ? "IPv4" : "IPv6", to_string(from), to_string(to),
      inbound ? child.spi_in : child.spi_out, to_hex(joined({keys.encryption, keys.salt})),
      child.suite.extended_sequence ? "64-bit" : "32-bit");
}

}  // namespace

std::string ike_key_line(const IkeSa& sa) {
  // Wireshark has no word for ChaCha20 in IKE.
  if (sa.keys.ei.empty() || sa.suite.encryption == Encryption::kChaCha20Poly1305) return {};
  return fmt::format("{:016x},{:016x},{},{},\"{}\",{},{},\"{}\"\n", sa.spi_i, sa.spi_r,
                     to_hex(sa.keys.ei), to_hex(sa.keys.er), ike_encryption(sa.suite.encryption),
                     to_hex(sa.keys.ai), to_hex(sa.keys.ar), ike_integrity(sa.suite.integrity));
}

std::string esp_key_lines(const ChildSa& child) {
  if (!is_aead(child.suite.encryption) || child.suite.encryption == Encryption::kChaCha20Poly1305)
    return {};
  return esp_key_line(child, true) + esp_key_line(child, false);
}

void write_debug_keys(const Daemon& daemon, const mgmt::Input&, const Reply& reply) {
  std::string ike, esp;
  for (const auto& [_, sa] : daemon.table().sas()) {
    ike += ike_key_line(sa);
    for (const ChildSa& child : sa.children) esp += esp_key_lines(child);
  }
  const std::string directory = daemon.directory() + "/debug-keys";
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return reply->fail(directory + ": " + std::strerror(errno));
  std::string error = replace_file(directory + "/ikev2_decryption_table", view_of(ike));
  if (error.empty()) error = replace_file(directory + "/esp_sa", view_of(esp));
  if (!error.empty()) return reply->fail(error);
  reply->message("Keys written to " + directory);
  reply->finish();
}

}  // namespace nezu::ike
