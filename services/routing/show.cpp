#include "services/routing/show.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace nezu::routing {
using grammar::Element;
using grammar::Output;
using mgmt::Input;
using mgmt::Reply;

namespace {

const grammar::Layout& route_layout() {
  static const grammar::Layout layout(R"({#route-information}
{#route-table}

{table-name}: {destination-count} destinations, {total-route-count} routes ({active-route-count} active, {holddown-route-count} holddown, {hidden-route-count} hidden)
+ = Active Route, - = Last Active, * = Both

{#rt}
{#rt-entry}
{rt-destination:~18} {active-tag}[{protocol-name}/{preference}] {age}{?metric}, metric {metric}{/metric}
{#nh}
{?nh-local-interface}
                      {nh-type} via {nh-local-interface}
{/nh-local-interface}
{?via}
                    {?selected-next-hop}>{/selected-next-hop}{^selected-next-hop} {/selected-next-hop} {?to}to {to} {/to}via {via}
{/via}
{/nh}
{^nh}
                      {nh-type}
{/nh}
{/rt-entry}
{/rt}
{/route-table}
{/route-information}
)");
  return layout;
}

const grammar::Layout& arp_layout(bool names) {
  static const grammar::Layout with(
      R"({#arp-table-information}
MAC Address       Address         Name                      Interface               Flags
{#arp-table-entry}
{mac-address:17} {ip-address:15} {hostname:25} {interface-name:23} {#arp-table-entry-flags}{?permanent}permanent{/permanent}{?none}none{/none}{/arp-table-entry-flags}
{/arp-table-entry}
Total entries: {arp-entry-count}
{/arp-table-information}
)");
  static const grammar::Layout without(
      R"({#arp-table-information}
MAC Address       Address         Interface               Flags
{#arp-table-entry}
{mac-address:17} {ip-address:15} {interface-name:23} {#arp-table-entry-flags}{?permanent}permanent{/permanent}{?none}none{/none}{/arp-table-entry-flags}
{/arp-table-entry}
Total entries: {arp-entry-count}
{/arp-table-information}
)");
  return names ? with : without;
}

const grammar::Layout& nd_layout() {
  static const grammar::Layout layout(
      R"({#ipv6-nd-information}
IPv6 Address                 Linklayer Address  State       Exp Rtr Secure Interface
{#ipv6-nd-entry}
{ipv6-nd-neighbor-address:28} {ipv6-nd-neighbor-l2-address:18} {ipv6-nd-state:11} {ipv6-nd-expire:3} {ipv6-nd-isrouter:3} {ipv6-nd-issecure:6} {ipv6-nd-interface-name}
{/ipv6-nd-entry}
Total entries: {ipv6-nd-total}
{/ipv6-nd-information}
)");
  return layout;
}

/// "2.2.2.0/24", or an address; nothing if it is neither.
std::optional<Prefix> parse_prefix(const std::string& text) {
  const size_t slash = text.find('/');
  const std::string address = text.substr(0, slash);
  const bool inet6 = address.find(':') != address.npos;
  Prefix prefix{std::string(inet6 ? 16 : 4, '\0'), static_cast<uint8_t>(inet6 ? 128 : 32)};
  if (inet_pton(inet6 ? AF_INET6 : AF_INET, address.c_str(), prefix.octets.data()) != 1) return {};
  if (slash == text.npos) return prefix;
  unsigned length = 0;
  const auto [end, error] =
      std::from_chars(text.data() + slash + 1, text.data() + text.size(), length);
  if (error != std::errc{} || end != text.data() + text.size() || length > prefix.length) return {};
  prefix.length = static_cast<uint8_t>(length);
  for (size_t bit = length; bit < prefix.octets.size() * 8; ++bit)
    prefix.octets[bit / 8] = static_cast<char>(prefix.octets[bit / 8] & ~(0x80 >> bit % 8));
  return prefix;
}

using Entry = std::pair<const Prefix, Route>;
using Entries = std::vector<const Entry*>;

struct Protocol {
  std::string_view name;
  uint32_t preference;
};

constexpr uint8_t kZebraStatic = 196;  // what FRR calls RTPROT_ZSTATIC

Protocol protocol_of(const Route& route) {
  if (route.action == Route::Action::kLocal) return {"Local", 0};
  switch (route.protocol) {
    case RTPROT_KERNEL:
      return {"Direct", 0};
    case RTPROT_BOOT:  // what somebody typed into the kernel
    case RTPROT_STATIC:
    case RTPROT_ZEBRA:
    case kZebraStatic:
      return {"Static", kStaticPreference};
    case RTPROT_BGP:
      return {"BGP", 170};
    case RTPROT_OSPF:
      return {"OSPF", 10};
    case RTPROT_ISIS:
      return {"IS-IS", 18};
    case RTPROT_RIP:
      return {"RIP", 100};
    default:
      return {"Unknown", 0};
  }
}

bool is_static(const Route& route) {
  return protocol_of(route).name == "Static";
}

bool goes_by(const Route& route, const NextHop& wanted) {
  return std::any_of(route.hops.begin(), route.hops.end(), [&](const Hop& hop) {
    if (!hop.gateway.empty()) return address_text(hop.gateway) == wanted.target;
    return hop.interface == wanted.target || hop.interface == wanted.target + ".0";
  });
}

/// Next hops of one route may have preferences of their own; those it goes by say which is used.
uint32_t preference_of(const Entry& entry, const StaticRoutes& statics) {
  const auto it = statics.find(entry.first.text());
  if (!is_static(entry.second) || it == statics.end()) return protocol_of(entry.second).preference;
  std::optional<uint32_t> best;
  for (const NextHop& hop : it->second.next_hops)
    if (goes_by(entry.second, hop)) best = std::min(best.value_or(hop.preference), hop.preference);
  return best.value_or(it->second.preference);
}

/// What a `show route` was asked for.
struct Filter {
  std::optional<Prefix> destination;
  bool address = false;  ///< the best match for an address, not what a prefix covers
  bool exact = false;
  std::string table, protocol;

  bool wants(const Entry& entry) const {
    const std::string_view name = protocol_of(entry.second).name;
    if (!protocol.empty() && !std::equal(protocol.begin(), protocol.end(), name.begin(), name.end(),
                                         [](char a, char b) { return a == std::tolower(b); }))
      return false;
    if (!destination) return true;
    if (exact) return entry.first == *destination;
    return address ? entry.first.covers(*destination) : destination->covers(entry.first);
  }
};

/// The best match is the longest; the entries are in order, so it is the last that covers.
void keep_best(Entries& entries) {
  if (entries.empty()) return;
  const auto longest = std::max_element(
      entries.begin(), entries.end(),
      [](const Entry* a, const Entry* b) { return a->first.length < b->first.length; });
  entries = {*longest};
}

Entries table_of(const Tables& tables, bool inet6) {
  Entries entries;
  for (const auto* from : {&tables.routes.active(), &tables.routes.locals()})
    for (const Entry& entry : *from)
      if (entry.first.inet6() == inet6) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(),
            [](const Entry* a, const Entry* b) { return a->first < b->first; });
  return entries;
}

size_t hidden_of(const Tables& tables, bool inet6) {
  return static_cast<size_t>(
      std::count_if(tables.statics.begin(), tables.statics.end(), [&](const auto& wanted) {
        if (wanted.second.inet6 != inet6) return false;
        const auto prefix = parse_prefix(wanted.first);
        return !prefix || !tables.routes.active().contains(*prefix);
      }));
}

void write_hops(Output& out, const Route& route) {
  bool first = true;
  for (const Hop& hop : route.hops) {
    Element nh(out, "nh");
    if (route.action == Route::Action::kLocal) {
      out.leaf("nh-local-interface", hop.interface);
      continue;
    }
    if (std::exchange(first, false)) out.leaf("selected-next-hop", "");
    if (!hop.gateway.empty()) out.leaf("to", address_text(hop.gateway));
    out.leaf("via", hop.interface);
  }
}

void write_route(Output& out, const Entry& entry, const StaticRoutes& statics) {
  const Route& route = entry.second;
  Element rt(out, "rt");
  out.leaf("rt-destination", entry.first.text());
  Element rt_entry(out, "rt-entry");
  out.leaf("active-tag", "*");
  out.leaf("protocol-name", protocol_of(route).name);
  out.leaf_number("preference", preference_of(entry, statics));
  const auto configured = statics.find(entry.first.text());
  if (is_static(route) && configured != statics.end() && configured->second.metric)
    out.leaf_number("metric", *configured->second.metric);
  out.leaf("age",
           age_text(std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - route.since)));
  if (route.action == Route::Action::kLocal) out.leaf("nh-type", "Local");
  if (route.action == Route::Action::kDiscard) out.leaf("nh-type", "Discard");
  if (route.action == Route::Action::kReject) out.leaf("nh-type", "Reject");
  write_hops(out, route);
}

void write_table(Output& out, const Tables& tables, bool inet6, const Filter& filter) {
  const Entries all = table_of(tables, inet6);
  Entries wanted;
  std::copy_if(all.begin(), all.end(), std::back_inserter(wanted),
               [&](const Entry* entry) { return filter.wants(*entry); });
  if (filter.address && !filter.exact) keep_best(wanted);
  if (wanted.empty()) return;
  const size_t hidden = hidden_of(tables, inet6);
  Element table(out, "route-table");
  out.leaf("table-name", inet6 ? "inet6.0" : "inet.0");
  out.leaf_number("destination-count", all.size() + hidden);
  out.leaf_number("total-route-count", all.size() + hidden);
  out.leaf_number("active-route-count", all.size());
  out.leaf_number("holddown-route-count", 0);
  out.leaf_number("hidden-route-count", hidden);
  for (const Entry* entry : wanted) write_route(out, *entry, tables.statics);
}

std::string argument(const Input& input, std::string_view name) {
  const auto it = input.find(name);
  return it == input.end() ? "" : it->second;
}

void show_route(const Tables& tables, const Input& input, Reply& reply) {
  Filter filter;
  const std::string destination = argument(input, "destination");
  filter.destination = parse_prefix(destination);
  if (!destination.empty() && !filter.destination)
    return reply.fail("invalid destination: " + destination);
  // An address arrives with the length of a host.
  filter.address =
      filter.destination && filter.destination->length == filter.destination->octets.size() * 8;
  filter.exact = input.contains("exact");
  filter.table = argument(input, "table");
  filter.protocol = argument(input, "protocol");
  {
    Element information(reply, "route-information");
    if (filter.table != "inet6.0") write_table(reply, tables, false, filter);
    if (filter.table != "inet.0") write_table(reply, tables, true, filter);
  }
  reply.finish();
}

std::string mac_text(const std::string& mac) {
  std::string text;
  for (const char octet : mac)
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", static_cast<unsigned char>(octet));
  return text;
}

bool wanted(const Neighbours::Key& key, const Neighbours::Entry& entry, bool inet6,
            const Input& input) {
  const std::string interface = argument(input, "interface");
  return (key.address.size() == 16) == inet6 && (interface.empty() || interface == entry.interface);
}

void show_arp(const Tables& tables, const Input& input, Reply& reply) {
  {
    Element information(reply, "arp-table-information");
    size_t count = 0;
    for (const auto& [key, entry] : tables.neighbours.entries()) {
      if (!wanted(key, entry, false, input)) continue;
      ++count;
      Element row(reply, "arp-table-entry");
      reply.leaf("mac-address", mac_text(entry.mac));
      reply.leaf("ip-address", address_text(key.address));
      if (!input.contains("no-resolve")) reply.leaf("hostname", address_text(key.address));
      reply.leaf("interface-name", entry.interface);
      Element flags(reply, "arp-table-entry-flags");
      reply.leaf(entry.state & NUD_PERMANENT ? "permanent" : "none", "");
    }
    reply.leaf_number("arp-entry-count", count);
  }
  reply.finish();
}

std::string_view state_text(uint16_t state) {
  if (state & (NUD_REACHABLE | NUD_PERMANENT)) return "reachable";
  if (state & NUD_DELAY) return "delay";
  if (state & NUD_PROBE) return "probe";
  return "stale";
}

// How long the entry still counts as reachable; the kernel's base time is 30 s, give or take half.
uint64_t expiry_of(const Neighbours::Entry& entry) {
  constexpr std::chrono::seconds kReachable(30);
  if (!(entry.state & NUD_REACHABLE)) return 0;
  const auto age =
      std::chrono::steady_clock::now() - entry.told + std::chrono::milliseconds(entry.confirmed_ms);
  return age >= kReachable
             ? 0
             : static_cast<uint64_t>(
                   std::chrono::duration_cast<std::chrono::seconds>(kReachable - age).count());
}

void show_neighbours(const Tables& tables, const Input& input, Reply& reply) {
  {
    Element information(reply, "ipv6-nd-information");
    size_t count = 0;
    for (const auto& [key, entry] : tables.neighbours.entries()) {
      if (!wanted(key, entry, true, input)) continue;
      ++count;
      Element row(reply, "ipv6-nd-entry");
      reply.leaf("ipv6-nd-neighbor-address", address_text(key.address));
      reply.leaf("ipv6-nd-neighbor-l2-address", mac_text(entry.mac));
      reply.leaf("ipv6-nd-state", state_text(entry.state));
      reply.leaf_number("ipv6-nd-expire", expiry_of(entry));
      reply.leaf("ipv6-nd-isrouter", entry.router ? "yes" : "no");
      reply.leaf("ipv6-nd-issecure", "no");
      reply.leaf("ipv6-nd-interface-name", entry.interface);
    }
    reply.leaf_number("ipv6-nd-total", count);
  }
  reply.finish();
}

using Show = void (*)(const Tables&, const Input&, Reply&);
using ChooseLayout = std::function<const grammar::Layout*(const Input&)>;

void add(mgmt::Registry& registry, const char* name, Tables tables, Show show,
         ChooseLayout layout) {
  registry.add({name,
                [tables, show](const Input& input, std::shared_ptr<Reply> reply) {
                  show(tables, input, *reply);
                },
                std::move(layout)});
}

}  // namespace

std::string age_text(std::chrono::seconds age) {
  const int64_t seconds = std::max<int64_t>(age.count(), 0), days = seconds / 86400;
  const std::string clock =
      fmt::format("{:02}:{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
  if (days >= 7) return fmt::format("{}w{}d {}", days / 7, days % 7, clock);
  return days ? fmt::format("{}d {}", days, clock) : clock;
}

void add_shows(mgmt::Registry& registry, Tables tables) {
  add(registry, "get-route-information", tables, show_route,
      [](const Input&) { return &route_layout(); });
  add(registry, "get-arp-table-information", tables, show_arp,
      [](const Input& input) { return &arp_layout(!input.contains("no-resolve")); });
  add(registry, "get-ipv6-nd-information", tables, show_neighbours,
      [](const Input&) { return &nd_layout(); });
}

}  // namespace nezu::routing
