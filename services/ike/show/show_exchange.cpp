// show security ike exchange
#include <algorithm>

#include "services/ike/daemon/daemon.h"
#include "services/ike/session/compare.h"
#include "services/ike/session/decode.h"
#include "services/ike/show/show.h"

namespace nezu::ike {
namespace {

using grammar::Element;

std::string cookie(std::uint64_t spi) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(spi));
  return text;
}

// What list and detail have in common.
void write_head(const Exchange& exchange, mgmt::Reply& out) {
  out.leaf_number("exchange-number", exchange.number);
  out.leaf("exchange-time",
           wall_time(exchange.messages.empty() ? 0 : exchange.messages.front().at));
  out.leaf("ike-gw-name", exchange.gateway);
  out.leaf("ike-sa-remote-address", to_string(exchange.path.remote.address));
  out.leaf("exchange-type", name_of(exchange.type));
  out.leaf("exchange-begun-by", exchange.ours ? "this end" : "the peer");
  out.leaf("exchange-result", outcome_of(exchange));
}

void write_payloads(const Said& said, mgmt::Reply& out) {
  for (const KeptPayload& payload : payloads_of(said)) {
    bool first = true;
    for (const std::string& line : lines_of(payload)) {
      const Element entry(out, "message-payload");
      out.leaf("payload-name", std::exchange(first, false) ? name_of(payload.type) : std::string());
      out.leaf("payload-text", line);
    }
  }
  if (!said.clipped) return;
  const Element entry(out, "message-payload");
  out.leaf("payload-name", "…");
  out.leaf("payload-text", "the rest was not kept");
}

std::string elapsed(Time span) {
  if (span < 10 * kSecond) return std::to_string(span) + " ms";
  return std::to_string(span / kSecond) + " s";
}

void write_message(const Exchange& exchange, const Said& said, Time begin, mgmt::Reply& out) {
  const Element entry(out, "exchange-message");
  const Endpoint &local = exchange.path.local, &remote = exchange.path.remote;
  out.leaf("message-kind", said.what == Said::What::kRequest ? "Request" : "Answer");
  out.leaf("message-direction", said.sent ? "sent" : "received");
  out.leaf("message-source", to_string(said.sent ? local : remote));
  out.leaf("message-destination", to_string(said.sent ? remote : local));
  out.leaf_number("message-octets", said.octets);
  if (said.datagrams > 1) out.leaf_number("message-fragments", said.datagrams);
  if (said.times > 1) out.leaf_number("message-times", said.times);
  if (said.at > begin) out.leaf("message-after", elapsed(said.at - begin));
  write_payloads(said, out);
}

void write_comparison(const Exchange& exchange, mgmt::Reply& out) {
  for (const Row& row : side_by_side(exchange)) {
    const Element entry(out, "exchange-comparison");
    out.leaf("comparison-item", row.what);
    out.leaf("comparison-initiator", row.initiator);
    out.leaf("comparison-responder", row.responder);
    out.leaf("comparison-verdict", row.verdict);
  }
}

void write(const Exchange& exchange, mgmt::Reply& out) {
  const Element entry(out, "ike-exchange");
  write_head(exchange, out);
  out.leaf_number("exchange-message-id", exchange.message);
  if (exchange.sa != 0) out.leaf_number("ike-sa-index", exchange.sa);
  out.leaf("ike-sa-initiator-cookie", cookie(exchange.spi_i));
  out.leaf("ike-sa-responder-cookie", cookie(exchange.spi_r));
  if (!exchange.why.empty()) out.leaf("exchange-explanation", exchange.why);
  const Time begin = exchange.messages.empty() ? 0 : exchange.messages.front().at;
  for (const Said& said : exchange.messages)
    if (said.what != Said::What::kAcceptable) write_message(exchange, said, begin, out);
  write_comparison(exchange, out);
}

void write_summary(const Exchange& exchange, mgmt::Reply& out) {
  const Element entry(out, "ike-exchange-summary");
  write_head(exchange, out);
}

}  // namespace

std::string wall_time(Time at) {
  return event_time(std::time(nullptr) - (Daemon::now() - at) / kSecond);
}

void show_exchange(const Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::uint32_t index = number_of(input, "index");
  const auto gateway = input.find("gateway");
  const Journal& journal = daemon.table().journal();
  if (index != 0 && !journal.exchange(index))
    return reply->fail("Exchange " + std::to_string(index) + " is not kept (any more)");
  const Element all(*reply, "ike-exchange-information");
  for (const Exchange* exchange : journal.exchanges()) {
    if (index != 0 && exchange->number != index) continue;
    if (gateway != input.end() && exchange->gateway != gateway->second) continue;
    if (index != 0 || input.contains("detail"))
      write(*exchange, *reply);
    else
      write_summary(*exchange, *reply);
  }
  reply->finish();
}

}  // namespace nezu::ike
