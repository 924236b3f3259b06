#include "services/ike/pki/chain_record.h"

#include <algorithm>

#include "services/ike/message/payload_cert.h"
#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
constexpr std::size_t kMostLinks = kMaxChain + 1;

std::string text_of(ByteView octets) {
  return {octets.begin(), octets.end()};
}

// Its place among those that are written, where it is put if it is not there.
std::uint8_t place_of(const Certificate& certificate, std::vector<Bytes>& written) {
  Bytes der = certificate.der();
  const auto found = std::find(written.begin(), written.end(), der);
  const auto place = static_cast<std::uint8_t>(found - written.begin());
  if (found == written.end()) written.push_back(std::move(der));
  return place;
}

void write_text(Writer& out, std::string_view text) {
  out.u16(static_cast<std::uint16_t>(text.size()));
  out.bytes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::optional<std::vector<Certificate>> read_all(Reader& in) {
  std::vector<Certificate> certificates;
  for (std::size_t left = in.u8(); left > 0; --left) {
    const auto certificate = Certificate::of_der(in.take(in.u32()));
    if (!certificate) return std::nullopt;
    certificates.push_back(*certificate);
  }
  return certificates;
}
}  // namespace

Bytes record_of(const ChainVerdict& chain) {
  std::vector<Bytes> certificates;
  Writer links;
  links.u8(static_cast<std::uint8_t>(chain.links.size()));
  for (const ChainLink& link : chain.links) {
    links.u8(place_of(link.certificate, certificates));
    links.u8(place_of(link.issuer, certificates));
    write_text(links, link.profile);
  }
  Writer out;
  out.u8(static_cast<std::uint8_t>(certificates.size()));
  for (const Bytes& der : certificates) out.u32(static_cast<std::uint32_t>(der.size())).bytes(der);
  out.bytes(links.done());
  write_text(out, chain.profile);
  return out.u64(static_cast<std::uint64_t>(chain.until)).done();
}

std::optional<ChainVerdict> chain_of(ByteView record) {
  Reader in(record);
  const auto certificates = read_all(in);
  if (!certificates) return std::nullopt;
  ChainVerdict chain;
  const std::size_t links = in.u8();
  if (links == 0 || links > kMostLinks) return std::nullopt;
  for (std::size_t i = 0; i < links; ++i) {
    const std::size_t own = in.u8(), issuer = in.u8();
    if (own >= certificates->size() || issuer >= certificates->size()) return std::nullopt;
    chain.links.push_back(
        {(*certificates)[own], (*certificates)[issuer], text_of(in.take(in.u16()))});
  }
  chain.profile = text_of(in.take(in.u16()));
  chain.until = static_cast<std::time_t>(in.u64());
  if (!in.finished()) return std::nullopt;
  return chain;
}

}  // namespace nezu::ike
