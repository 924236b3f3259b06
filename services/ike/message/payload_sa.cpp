#include "services/ike/message/payload_sa.h"

#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
constexpr std::uint8_t kMoreProposals = 2;
constexpr std::uint8_t kMoreTransforms = 3;
constexpr std::uint16_t kShortAttribute = 0x8000;
constexpr std::uint16_t kKeyLength = 14;
constexpr std::size_t kProposalHeader = 8;
constexpr std::size_t kTransformHeader = 8;
constexpr std::size_t kMaxProposals = 64;

// A key length of 0 is as strange as an unknown attribute: nothing may be chosen on it.
bool parse_attributes(Reader& reader, Transform& transform) {
  while (reader.left() > 0) {
    const std::uint16_t type = reader.u16();
    const std::uint16_t value = reader.u16();
    if (type == (kShortAttribute | kKeyLength) && transform.key_bits == 0 && value != 0)
      transform.key_bits = value;
    else
      transform.strange = true;
    if (!(type & kShortAttribute)) reader.take(value);
  }
  return !reader.failed();
}

bool parse_transform(Reader& reader, bool last, Transform& transform) {
  if (reader.u8() != (last ? 0 : kMoreTransforms)) return false;
  reader.u8();
  const std::uint16_t length = reader.u16();
  if (length < kTransformHeader) return false;
  transform.type = static_cast<TransformType>(reader.u8());
  reader.u8();
  transform.id = reader.u16();
  Reader attributes(reader.take(length - kTransformHeader));
  return !reader.failed() && parse_attributes(attributes, transform);
}

bool parse_transforms(Reader& reader, std::size_t count, Offer& offer) {
  for (std::size_t i = 1; i <= count; ++i) {
    Transform transform;
    if (!parse_transform(reader, i == count, transform)) return false;
    offer.transforms.push_back(transform);
  }
  return reader.finished();
}

bool spi_size_fits(Protocol protocol, std::size_t size) {
  if (protocol == Protocol::kIke) return size == 0 || size == 8;
  return size == 4;
}

bool parse_offer(Reader& reader, std::uint8_t expected_number, bool& more, Offer& offer) {
  const std::uint8_t mark = reader.u8();
  if (mark != 0 && mark != kMoreProposals) return false;
  more = mark == kMoreProposals;
  reader.u8();
  const std::uint16_t length = reader.u16();
  if (length < kProposalHeader) return false;
  Reader inner(reader.take(length - 4));
  if (reader.failed()) return false;
  offer.number = inner.u8();
  offer.protocol = static_cast<Protocol>(inner.u8());
  const std::uint8_t spi_size = inner.u8();
  const std::uint8_t transforms = inner.u8();
  offer.spi = bytes_of(inner.take(spi_size));
  if (inner.failed() || !spi_size_fits(offer.protocol, spi_size)) return false;
  if (expected_number != 0 && offer.number != expected_number) return false;
  return parse_transforms(inner, transforms, offer);
}

Bytes encode_transform(const Transform& transform, bool last) {
  Writer out;
  const bool keyed = transform.key_bits != 0;
  out.u8(last ? 0 : kMoreTransforms).u8(0).u16(keyed ? 12 : 8);
  out.u8(static_cast<std::uint8_t>(transform.type)).u8(0).u16(transform.id);
  if (keyed) out.u16(kShortAttribute | kKeyLength).u16(transform.key_bits);
  return out.done();
}

Bytes encode_offer(const Offer& offer, bool last) {
  Bytes transforms;
  for (std::size_t i = 0; i < offer.transforms.size(); ++i)
    append(transforms, encode_transform(offer.transforms[i], i + 1 == offer.transforms.size()));
  const std::size_t length = kProposalHeader + offer.spi.size() + transforms.size();
  return Writer()
      .u8(last ? 0 : kMoreProposals)
      .u8(0)
      .u16(static_cast<std::uint16_t>(length))
      .u8(offer.number)
      .u8(static_cast<std::uint8_t>(offer.protocol))
      .u8(static_cast<std::uint8_t>(offer.spi.size()))
      .u8(static_cast<std::uint8_t>(offer.transforms.size()))
      .bytes(offer.spi)
      .bytes(transforms)
      .done();
}
}  // namespace

bool validate_sa(ByteView body) {
  return parse_sa(body).has_value();
}

// A choice (one proposal) keeps the number it had in the offer, so only lists must count up from 1.
std::optional<std::vector<Offer>> parse_sa(ByteView body) {
  std::vector<Offer> offers;
  Reader reader(body);
  for (bool more = true; more;) {
    if (offers.size() == kMaxProposals) return std::nullopt;
    const std::size_t expected = offers.empty() ? 0 : offers.front().number + offers.size();
    Offer offer;
    if (!parse_offer(reader, static_cast<std::uint8_t>(expected), more, offer)) return std::nullopt;
    offers.push_back(std::move(offer));
  }
  if (!reader.finished()) return std::nullopt;
  if (offers.size() > 1 && offers.front().number != 1) return std::nullopt;
  return offers;
}

Bytes encode_sa(const std::vector<Offer>& offers) {
  Bytes body;
  for (std::size_t i = 0; i < offers.size(); ++i)
    append(body, encode_offer(offers[i], i + 1 == offers.size()));
  return body;
}

}  // namespace nezu::ike
