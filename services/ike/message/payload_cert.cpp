#include "services/ike/message/payload_cert.h"

#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
constexpr std::size_t kHash = 20;
}  // namespace

bool validate_cert(ByteView body) {
  return body.size() > 1 && body.size() <= 1 + kMaxCertificate;
}

std::optional<CertPayload> parse_cert(ByteView body) {
  if (!validate_cert(body)) return std::nullopt;
  return CertPayload{body[0], bytes_of(body.subspan(1))};
}

Bytes encode_cert(ByteView der) {
  return Writer().u8(kX509Signature).bytes(der).done();
}

Bytes encode_cert_request(ByteView authorities) {
  return Writer().u8(kX509Signature).bytes(authorities).done();
}

bool validate_cert_request(ByteView body) {
  if (body.empty()) return false;
  if (body[0] != kX509Signature) return true;
  return (body.size() - 1) % kHash == 0 && body.size() <= 1 + kMaxAuthorities * kHash;
}

Bytes encode_hashes(const std::set<HashAlgorithm>& hashes) {
  Writer writer;
  for (const HashAlgorithm hash : hashes) writer.u16(static_cast<std::uint16_t>(hash));
  return writer.done();
}

std::optional<std::set<HashAlgorithm>> parse_hashes(ByteView data) {
  if (data.size() % 2 != 0) return std::nullopt;
  std::set<HashAlgorithm> hashes;
  for (Reader reader(data); reader.left() != 0;) {
    const std::uint16_t number = reader.u16();
    if (number >= 1 && number <= 4) hashes.insert(static_cast<HashAlgorithm>(number));
  }
  return hashes;
}

}  // namespace nezu::ike
