#include "services/ike/session/sk.h"

#include <cstdlib>

#include "services/ike/crypto/cipher.h"
#include "services/ike/crypto/prf.h"
#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
constexpr std::size_t kGenericHeader = 4;
constexpr std::size_t kFragmentHeader = 4;

std::size_t icv_size(const SkKeys& keys) {
  return is_aead(keys.encryption) ? facts(keys.encryption).icv : facts(keys.integrity).icv;
}

// Pad and its length octet, RFC 7296: any content, as little as possible.
Bytes padded(ByteView plain, std::size_t block) {
  Bytes out = bytes_of(plain);
  const std::size_t pad = (block - (plain.size() + 1) % block) % block;
  out.insert(out.end(), pad, 0);
  out.push_back(static_cast<std::uint8_t>(pad));
  return out;
}

std::optional<Bytes> unpadded(std::optional<Bytes> plain) {
  if (!plain || plain->empty()) return std::nullopt;
  const std::size_t pad = plain->back();
  if (pad + 1 > plain->size()) return std::nullopt;
  plain->resize(plain->size() - pad - 1);
  return plain;
}

// Header, generic header and fragment numbers: all that is authenticated but not encrypted.
Bytes sealed_prefix(Header header, std::uint8_t first_inner, FragmentNumber fragment,
                    std::size_t sealed_size) {
  const bool numbered = fragment.number != 0;
  const std::size_t payload = kGenericHeader + (numbered ? kFragmentHeader : 0) + sealed_size;
  header.next_payload = static_cast<std::uint8_t>(numbered ? PayloadType::kSkf : PayloadType::kSk);
  header.length = static_cast<std::uint32_t>(kHeaderSize + payload);
  Writer out;
  out.bytes(encode_header(header)).u8(first_inner).u8(0).u16(static_cast<std::uint16_t>(payload));
  if (numbered) out.u16(fragment.number).u16(fragment.total);
  return out.done();
}

// Where in a datagram the parts of its SK or SKF are.
struct Layout {
  std::uint8_t first_inner = 0;
  FragmentNumber fragment;
  ByteView prefix;
  ByteView sealed;
};

std::optional<FragmentNumber> parse_fragment(ByteView body) {
  Reader reader(body);
  FragmentNumber fragment;
  fragment.number = reader.u16();
  fragment.total = reader.u16();
  if (reader.failed() || fragment.number == 0 || fragment.number > fragment.total)
    return std::nullopt;
  return fragment;
}

std::optional<Layout> find_sealed(ByteView datagram) {
  const Header header = parse_header(datagram);
  const auto raws = split_payloads(header.next_payload, datagram.subspan(kHeaderSize));
  // Payloads beside SK are not authenticated by what we parse: there are none in the exchanges we
  // run.
  if (!raws || raws->size() != 1) return std::nullopt;
  const RawPayload& raw = raws->front();
  Layout layout;
  layout.first_inner = static_cast<std::uint8_t>(raw.next);
  std::size_t skip = 0;
  if (raw.type == PayloadType::kSkf) {
    const auto fragment = parse_fragment(raw.body);
    if (!fragment) return std::nullopt;
    layout.fragment = *fragment;
    skip = kFragmentHeader;
  } else if (raw.type != PayloadType::kSk) {
    return std::nullopt;
  }
  layout.sealed = raw.body.subspan(skip);
  layout.prefix = datagram.first(kHeaderSize + raw.body_offset + skip);
  return layout;
}

std::optional<Bytes> decrypt(ByteView datagram, const Layout& layout, const SkKeys& keys) {
  const std::size_t iv_size = facts(keys.encryption).iv, icv = icv_size(keys);
  if (icv == 0 || layout.sealed.size() < iv_size + icv) return std::nullopt;
  const ByteView iv = layout.sealed.first(iv_size), rest = layout.sealed.subspan(iv_size);
  if (is_aead(keys.encryption))
    return aead_open(keys.encryption, keys.encryption_key, iv, layout.prefix, rest);
  const Bytes expected =
      mac(keys.integrity, keys.integrity_key, datagram.first(datagram.size() - icv));
  if (!equal_secret(expected, datagram.last(icv))) return std::nullopt;
  return cbc_decrypt(keys.encryption, keys.encryption_key, iv, rest.first(rest.size() - icv));
}
}  // namespace

SkKeys sending_keys(const IkeSa& sa) {
  return {sa.suite.encryption, sa.suite.integrity, sa.initiator ? sa.keys.ei : sa.keys.er,
          sa.initiator ? sa.keys.ai : sa.keys.ar};
}

SkKeys receiving_keys(const IkeSa& sa) {
  return {sa.suite.encryption, sa.suite.integrity, sa.initiator ? sa.keys.er : sa.keys.ei,
          sa.initiator ? sa.keys.ar : sa.keys.ai};
}

Bytes seal(Header header, std::uint8_t first_inner, ByteView plain, const SkKeys& keys, ByteView iv,
           FragmentNumber fragment) {
  const Bytes inside = padded(plain, facts(keys.encryption).block);
  const std::size_t size = iv.size() + inside.size() + icv_size(keys);
  const Bytes prefix = sealed_prefix(header, first_inner, fragment, size);
  if (is_aead(keys.encryption))
    return joined(
        {prefix, iv, aead_seal(keys.encryption, keys.encryption_key, iv, prefix, inside)});
  const auto text = cbc_encrypt(keys.encryption, keys.encryption_key, iv, inside);
  if (!text) std::abort();  // wrong key sizes are ours: never send what is not encrypted
  Bytes out = joined({prefix, iv, *text});
  append(out, mac(keys.integrity, keys.integrity_key, out));
  return out;
}

std::optional<Opened> open(ByteView datagram, const SkKeys& keys) {
  const auto layout = find_sealed(datagram);
  if (!layout) return std::nullopt;
  auto plain = unpadded(decrypt(datagram, *layout, keys));
  if (!plain) return std::nullopt;
  return Opened{layout->first_inner, std::move(*plain), layout->fragment};
}

std::size_t seal_overhead(const SkKeys& keys) {
  const auto& fact = facts(keys.encryption);
  return kHeaderSize + kGenericHeader + kFragmentHeader + fact.iv + fact.block + icv_size(keys);
}

}  // namespace nezu::ike
