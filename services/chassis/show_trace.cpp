#include "services/chassis/show_trace.h"

#include <fmt/format.h>

#include <charconv>

#include "chassis/time_text.h"
#include "pfe-model/api.pb.h"
#include "services/chassis/layouts.h"
#include "services/chassis/packet_filter.h"
#include "services/chassis/trace_hints.h"

namespace nezu::chassis_service {
namespace {

namespace api = pfe::api;
using grammar::Element;
using mgmt::Input;
using ReplyPtr = std::shared_ptr<mgmt::Reply>;

constexpr uint32_t kPackets = 10;
constexpr uint32_t kSeconds = 60;
constexpr char kAway[] = "the forwarding plane does not answer";
constexpr char kGone[] = "the trace has gone meanwhile; what is shown is the beginning of it";
constexpr char kReplaced[] =
    "another trace has begun meanwhile; what is shown is of the one before";

uint32_t number(const Input& input, const char* name, uint32_t otherwise) {
  const auto found = input.find(name);
  uint32_t value = otherwise;
  if (found == input.end()) return value;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
  return value;
}

std::string text(const Input& input, const char* name) {
  const auto found = input.find(name);
  return found == input.end() ? "" : found->second;
}

void leaf_if(mgmt::Reply& reply, const char* name, const std::string& value) {
  if (!value.empty()) reply.leaf(name, value);
}

// "2026-11-22 17:20:01.123456 UTC"
std::string time_text(uint64_t unix_nanoseconds) {
  const std::chrono::microseconds since(unix_nanoseconds / 1000);
  std::string text = chassis::utc_text(std::chrono::system_clock::time_point(since));
  return text.insert(text.rfind(' '), fmt::format(".{:06}", since.count() % 1'000'000));
}

void start(const Machine& machine, const Input& input, const ReplyPtr& reply) {
  api::Request request;
  api::StartTrace& order = *request.mutable_start_trace();
  order.set_packets(number(input, "count", kPackets));
  order.set_seconds(number(input, "seconds", kSeconds));
  order.set_interface(text(input, "interface"));
  order.set_matching(text(input, "matching"));
  const std::string fault = compile_filter(order.matching(), *order.mutable_filter());
  if (!fault.empty()) return reply->fail(fault);
  const std::string done =
      fmt::format("Following the next {}, for {} seconds at most; 'show pfe trace' tells of them",
                  order.packets() == 1 ? "packet" : fmt::format("{} packets", order.packets()),
                  order.seconds());
  machine.plane.call(request, [reply, done](const api::Response* response) {
    if (!response) return reply->fail(kAway);
    if (!response->error().empty()) return reply->fail(response->error());
    reply->message(done);
    reply->finish();
  });
}

void stop(const Machine& machine, const ReplyPtr& reply) {
  api::Request request;
  request.mutable_stop_trace();
  machine.plane.call(request, [reply](const api::Response* response) {
    if (!response) return reply->fail(kAway);
    if (!response->error().empty()) return reply->fail(response->error());
    reply->finish();
  });
}

void write_step(const Machine& machine, const api::TraceStep& step, mgmt::Reply& reply) {
  const Element element(reply, "step");
  reply.leaf_number("microseconds", step.nanoseconds() / 1000);
  reply.leaf("pfe-name", step.pfe_name());
  reply.leaf("stage", step.stage());
  reply.leaf("description", step.text());
  leaf_if(reply, "interface-name", step.interface());
  leaf_if(reply, "prefix", step.prefix());
  leaf_if(reply, "next-hop", step.next_hop());
  if (step.tunnel() != 0) {
    reply.leaf_number("tunnel-index", step.tunnel());
    if (machine.vpn_name) leaf_if(reply, "vpn-name", machine.vpn_name(step.tunnel()));
  }
  if (step.spi() != 0) reply.leaf("spi", fmt::format("0x{:08x}", step.spi()));
  if (step.sequence() != 0) reply.leaf_number("sequence-number", step.sequence());
  if (step.octets() != 0) reply.leaf_number("octets", step.octets());
  leaf_if(reply, "reason", step.reason());
}

// The pages of one answer, one after the other, so that the plane stands still for one at a time.
class TraceWalk : public std::enable_shared_from_this<TraceWalk> {
 public:
  TraceWalk(const Machine& machine, const Input& input, ReplyPtr reply)
      : machine_(machine),
        brief_(input.contains("brief")),
        only_(number(input, "packet", 0)),
        reply_(std::move(reply)) {
    if (only_ != 0) first_ = only_ - 1;
  }

  void ask() {
    api::Request request;
    request.mutable_get_trace()->set_first(first_);
    machine_.plane.call(request, [self = shared_from_this()](const api::Response* response) {
      if (self->reply_->cancelled()) return;
      self->take(response);
    });
  }

 private:
  void take(const api::Response* response) {
    if (!response || !response->error().empty()) return end(kAway);
    const api::TraceReport& report = response->trace();
    if (open_ && report.number() != trace_) return end(report.number() != 0 ? kReplaced : kGone);
    trace_ = report.number();
    if (only_ != 0 && report.packet_size() == 0)
      return reply_->fail(fmt::format("packet {} has not been followed", only_));
    if (!open_) {
      reply_->open("pfe-trace");
      write_trace(report, *reply_);
    }
    open_ = true;
    for (const api::TracedPacket& packet : report.packet())
      if (only_ == 0 || packet.number() == only_) write_packet(machine_, packet, !brief_, *reply_);
    first_ += static_cast<uint32_t>(report.packet_size());
    if (only_ == 0 && report.more() && report.packet_size() > 0) return ask();
    reply_->close();
    reply_->finish();
  }

  // What has come is not all there is.
  void end(const char* why) {
    if (open_) reply_->close();
    reply_->fail(why);
  }

  const Machine machine_;
  const bool brief_;
  const uint32_t only_;
  const ReplyPtr reply_;
  uint32_t first_ = 0;
  uint32_t trace_ = 0;  // whose pages these are
  bool open_ = false;
};

template <const char* kText>
const grammar::Layout* layout() {
  static const grammar::Layout kLayout(kText);
  return &kLayout;
}

}  // namespace

void write_trace(const api::TraceReport& report, mgmt::Reply& reply) {
  if (report.wanted() == 0) return reply.leaf("no-trace", "");
  reply.leaf("trace-state", report.running()                      ? "running"
                            : report.packets() >= report.wanted() ? "complete"
                                                                  : "ended");
  reply.leaf_number("packets", report.packets());
  reply.leaf_number("packets-wanted", report.wanted());
  if (report.running()) reply.leaf_number("seconds-left", report.seconds_left());
  leaf_if(reply, "matching", report.matching());
  leaf_if(reply, "interface-name", report.interface());
}

void write_packet(const Machine& machine, const api::TracedPacket& packet, bool steps,
                  mgmt::Reply& reply) {
  const Element element(reply, "packet");
  reply.leaf_number("number", packet.number());
  reply.leaf("packet-description", packet.text());
  reply.leaf("time", time_text(packet.unix_nanoseconds()));
  leaf_if(reply, "input-interface", packet.interface());
  leaf_if(reply, "source-address", packet.source());
  leaf_if(reply, "destination-address", packet.destination());
  if (!packet.source().empty()) reply.leaf_number("protocol", packet.protocol());
  reply.leaf_number("octets", packet.octets());
  reply.leaf("fate", packet.fate());
  leaf_if(reply, "reason", packet.reason());
  leaf_if(reply, "hint", std::string(trace_hint(packet.reason())));
  if (packet.cut()) reply.leaf("steps-left-out", "");
  if (!steps) return;
  for (const api::TraceStep& step : packet.step()) write_step(machine, step, reply);
}

void add_trace_rpcs(mgmt::Registry& registry, const Machine& machine) {
  registry.add({"request-pfe-trace-start",
                [machine](const Input& input, ReplyPtr reply) { start(machine, input, reply); },
                nullptr});
  registry.add({"request-pfe-trace-stop",
                [machine](const Input&, ReplyPtr reply) { stop(machine, reply); }, nullptr});
  registry.add({"get-pfe-trace",
                [machine](const Input& input, ReplyPtr reply) {
                  std::make_shared<TraceWalk>(machine, input, std::move(reply))->ask();
                },
                [](const Input& input) {
                  return input.contains("brief") ? layout<kPfeTraceBrief>() : layout<kPfeTrace>();
                }});
}

}  // namespace nezu::chassis_service
