// The chain of payloads, RFC 7296 section 3.2.
#pragma once

#include <optional>
#include <vector>

#include "services/ike/bytes.h"

namespace nezu::ike {

enum class PayloadType : std::uint8_t {
  kNone = 0,
  kSa = 33,
  kKe = 34,
  kIdI = 35,
  kIdR = 36,
  kCert = 37,
  kCertRequest = 38,
  kAuth = 39,
  kNonce = 40,
  kNotify = 41,
  kDelete = 42,
  kVendor = 43,
  kTsI = 44,
  kTsR = 45,
  kSk = 46,
  kConfiguration = 47,
  kEap = 48,
  kSkf = 53,
};

/// More payloads than any real message has: a longer chain is refused.
constexpr std::size_t kMaxPayloads = 64;

struct RawPayload {
  PayloadType type = PayloadType::kNone;
  PayloadType next =
      PayloadType::kNone;  // what the chain says follows; inside SK: its first payload
  bool critical = false;
  ByteView body;
  std::size_t body_offset = 0;  // from the start of the chain
};

/// Every payload of the chain, nothing left over. SK and SKF end it. Nothing when a length lies,
/// the chain is too long, or a type is one of IKEv1's (1-32).
std::optional<std::vector<RawPayload>> split_payloads(std::uint8_t first, ByteView chain);

/// Builds a chain.
class PayloadChain {
 public:
  PayloadChain& add(PayloadType type, ByteView body);
  std::uint8_t first() const { return first_; }
  const Bytes& bytes() const { return bytes_; }

 private:
  std::uint8_t first_ = 0;
  std::size_t last_at_ = 0;  // where the newest generic header starts
  Bytes bytes_;
};

}  // namespace nezu::ike
