#include "services/chassis/packet_filter.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <memory>
#include <set>

namespace nezu::chassis_service {
namespace {

constexpr size_t kLongest = 255;
constexpr size_t kMostInstructions = 512;
constexpr int kWholePacket = 65535;

// Without `protochain`, which makes loops, and what is about frames.
const std::set<std::string_view> kWords = {"src",
                                           "dst",
                                           "host",
                                           "net",
                                           "mask",
                                           "port",
                                           "portrange",
                                           "less",
                                           "greater",
                                           "proto",
                                           "ip",
                                           "ip6",
                                           "tcp",
                                           "udp",
                                           "sctp",
                                           "icmp",
                                           "icmp6",
                                           "igmp",
                                           "pim",
                                           "vrrp",
                                           "esp",
                                           "ah",
                                           "and",
                                           "or",
                                           "not",
                                           "len",
                                           "icmptype",
                                           "icmpcode",
                                           "tcpflags",
                                           "tcp-syn",
                                           "tcp-ack",
                                           "tcp-fin",
                                           "tcp-rst",
                                           "tcp-push",
                                           "tcp-urg",
                                           "icmp-echo",
                                           "icmp-echoreply",
                                           "icmp-unreach",
                                           "icmp-timxceed"};

constexpr std::string_view kDigits = "0123456789";

bool all_of(std::string_view word, std::string_view characters) {
  return word.find_first_not_of(characters) == word.npos;
}

bool is_number(std::string_view word) {
  if (word.starts_with("0x"))
    return word.size() > 2 && all_of(word.substr(2), "0123456789abcdefABCDEF");
  return all_of(word, kDigits);
}

// "10.0.0.1", "10.1".
bool is_dotted(std::string_view word) {
  return all_of(word, "0123456789.") && std::count(word.begin(), word.end(), '.') <= 3 &&
         word.front() != '.' && word.back() != '.' && word.find("..") == word.npos;
}

bool is_address(std::string_view word) {
  in6_addr address;
  return is_dotted(word) || ::inet_pton(AF_INET6, std::string(word).c_str(), &address) == 1;
}

// "100-200", or without a first or last number what is left of a sum. The language knows the former
// behind one word only: anywhere else it is the name of a host.
bool is_range(std::string_view word, std::string_view before) {
  const auto dash = word.find('-');
  if (dash == word.npos) return false;
  const auto first = word.substr(0, dash), last = word.substr(dash + 1);
  const bool sum = first.empty() || last.empty();
  return all_of(first, kDigits) && all_of(last, kDigits) && (sum || before == "portrange");
}

// The first word that is neither of the language nor a number or an address. None may be left that
// the language takes for a name: it would ask servers for its address.
std::string_view unknown_word(std::string_view text) {
  constexpr std::string_view kBetween = " \t()[]!&|=<>+*/%,^";
  std::string_view before;
  while (true) {
    const size_t start = text.find_first_not_of(kBetween);
    if (start == text.npos) return {};
    text.remove_prefix(start);
    const std::string_view word = text.substr(0, text.find_first_of(kBetween));
    text.remove_prefix(word.size());
    // Within [ ]: "ip[2:2]".
    const auto colon = word.find(':');
    const bool slice =
        colon != word.npos && is_number(word.substr(0, colon)) && is_number(word.substr(colon + 1));
    if (!slice && !is_number(word) && !is_address(word) && !is_range(word, before) &&
        !kWords.contains(word))
      return word;
    before = word;
  }
}

void put(std::string& out, uint32_t value, int octets) {
  for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift);
}

std::string octets_of(const bpf_program& made) {
  std::string octets;
  for (u_int i = 0; i < made.bf_len; ++i) {
    put(octets, made.bf_insns[i].code, 2);
    put(octets, made.bf_insns[i].jt, 1);
    put(octets, made.bf_insns[i].jf, 1);
    put(octets, made.bf_insns[i].k, 4);
  }
  return octets;
}

}  // namespace

std::string compile_filter(std::string_view text, std::string& program) {
  program.clear();
  if (text.find_first_not_of(" \t") == text.npos) return {};
  if (text.size() > kLongest) return fmt::format("a filter has {} characters at most", kLongest);
  if (const auto word = unknown_word(text); !word.empty())
    return fmt::format(
        "'{}' is no word of a packet filter; addresses and ports are to be given as numbers", word);
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> language(::pcap_open_dead(DLT_RAW, kWholePacket),
                                                            ::pcap_close);
  bpf_program made{};
  // Not optimised: it runs for a few packets, and the optimiser is the part that may take long.
  if (::pcap_compile(language.get(), &made, std::string(text).c_str(), 0, PCAP_NETMASK_UNKNOWN) !=
      0)
    return fmt::format("not a packet filter: {}", ::pcap_geterr(language.get()));
  const bool small = made.bf_len <= kMostInstructions;
  if (small) program = octets_of(made);
  ::pcap_freecode(&made);
  return small ? "" : "the packet filter is too long";
}

}  // namespace nezu::chassis_service
