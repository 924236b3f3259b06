#include "grammar/ip_text.h"

#include <arpa/inet.h>

#include <charconv>

namespace nezu::grammar {
namespace {

constexpr size_t kLongest = INET6_ADDRSTRLEN + 4;

std::optional<int> parse_length(std::string_view text, int most) {
  int value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end || value < 0 || value > most)
    return std::nullopt;
  return value;
}

bool parse_address(std::string_view text, IpText& ip) {
  if (text.empty() || text.size() >= kLongest) return false;
  const std::string copy(text);
  ip.v6 = text.find(':') != std::string_view::npos;
  return inet_pton(ip.v6 ? AF_INET6 : AF_INET, copy.c_str(), ip.bytes.data()) == 1;
}

// "1.2.3.400" → "400"; empty if the text does not look like an IPv4 address at all.
std::string_view wrong_octet(std::string_view text) {
  if (text.find_first_not_of("0123456789.") != std::string_view::npos) return {};
  while (!text.empty()) {
    const auto dot = std::min(text.find('.'), text.size());
    const auto octet = text.substr(0, dot);
    if (!parse_length(octet, 255)) return octet;
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return {};
}

}  // namespace

bool IpText::has_host_bits() const {
  if (length < 0) return false;
  for (int bit = length; bit < bits(); ++bit)
    if (bytes[bit / 8] & (0x80 >> (bit % 8))) return true;
  return false;
}

std::string IpText::text() const {
  char out[INET6_ADDRSTRLEN];
  inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), out, sizeof out);
  return length < 0 ? out : std::string(out) + "/" + std::to_string(length);
}

std::optional<IpText> parse_ip(std::string_view text) {
  IpText ip;
  const auto slash = text.find('/');
  if (!parse_address(text.substr(0, slash), ip)) return std::nullopt;
  if (slash == std::string_view::npos) return ip;
  const auto length = parse_length(text.substr(slash + 1), ip.bits());
  if (!length) return std::nullopt;
  ip.length = *length;
  return ip;
}

std::string ip_complaint(std::string_view text) {
  IpText ip;
  const auto slash = text.find('/');
  const auto address = text.substr(0, slash);
  const std::string whole(text);
  if (slash != std::string_view::npos && parse_address(address, ip))
    return "invalid prefix length '" + std::string(text.substr(slash + 1)) + "' in ip address: '" +
           whole + "'";
  if (const auto octet = wrong_octet(address); !octet.empty())
    return "invalid value '" + std::string(octet) + "' in ip address: '" + whole + "'";
  return "invalid ip address: '" + whole + "'";
}

}  // namespace nezu::grammar
