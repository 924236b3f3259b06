// The Security Association payload: proposals and their transforms, RFC 7296 section 3.3.
#pragma once

#include <optional>
#include <vector>

#include "services/ike/bytes.h"

namespace nezu::ike {

enum class Protocol : std::uint8_t { kNone = 0, kIke = 1, kAh = 2, kEsp = 3 };

enum class TransformType : std::uint8_t {
  kEncryption = 1,
  kPrf = 2,
  kIntegrity = 3,
  kDh = 4,
  kExtendedSequence = 5,
};

struct Transform {
  TransformType type = TransformType::kEncryption;
  std::uint16_t id = 0;
  std::uint16_t key_bits = 0;  // 0: no KEY_LENGTH attribute
  bool strange = false;        // has an attribute we do not know: not to be chosen

  bool operator==(const Transform&) const = default;
};

struct Offer {
  std::uint8_t number = 1;
  Protocol protocol = Protocol::kIke;
  Bytes spi;
  std::vector<Transform> transforms;

  bool operator==(const Offer&) const = default;
};

bool validate_sa(ByteView body);
/// Nothing when lengths, counts or "last" marks lie, or numbers do not count up from 1.
std::optional<std::vector<Offer>> parse_sa(ByteView body);
Bytes encode_sa(const std::vector<Offer>& offers);

}  // namespace nezu::ike
