#include <fmt/format.h>

#include <QTimer>
#include <charconv>
#include <map>

#include "pfe-model/api.pb.h"
#include "services/chassis/layouts.h"
#include "services/chassis/show.h"

namespace nezu::chassis_service {
namespace {

namespace api = pfe::api;
using grammar::Element;
using mgmt::Input;
using ReplyPtr = std::shared_ptr<mgmt::Reply>;

// Rates are measured, over this long.
constexpr auto kSample = std::chrono::milliseconds(250);

constexpr char kAway[] = "the forwarding plane does not answer";

// Which PFEs an input asks for.
class Wanted {
 public:
  Wanted(const chassis::Chassis& chassis, const Input& input) : chassis_(chassis) {
    fpc_ = number(input, "fpc");
    pfe_ = number(input, "pfe");
    if (pfe_ && !fpc_) fpc_ = 0;
  }

  /// Empty, or why there is no such PFE.
  std::string refusal() const {
    if (fpc_ && !chassis_.has_fpc(*fpc_)) return fmt::format("FPC slot {} is not valid", *fpc_);
    if (pfe_ && *pfe_ >= chassis_.pfe_count(*fpc_))
      return fmt::format("FPC {} has no PFE {}", *fpc_, *pfe_);
    return {};
  }
  bool single() const { return pfe_.has_value(); }
  bool contains(uint32_t id) const {
    if (!fpc_) return true;
    const uint32_t first = chassis_.pfe_id(*fpc_, 0, 0);
    if (pfe_) return id == first + *pfe_;
    return id >= first && id < first + chassis_.pfe_count(*fpc_);
  }

 private:
  static std::optional<uint32_t> number(const Input& input, const char* name) {
    const auto found = input.find(name);
    uint32_t value = 0;
    if (found == input.end()) return {};
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
    return value;
  }

  const chassis::Chassis& chassis_;
  std::optional<uint32_t> fpc_, pfe_;
};

// Counters and drops of the wanted PFEs, added up by name in the plane's order.
struct Sums {
  std::chrono::steady_clock::time_point when = std::chrono::steady_clock::now();
  std::map<std::string, uint64_t> counters;
  std::vector<std::pair<std::string, uint64_t>> drops;

  uint64_t of(const std::string& name) const {
    const auto found = counters.find(name);
    return found == counters.end() ? 0 : found->second;
  }
  uint64_t starting_with(std::string_view prefix) const {
    uint64_t sum = 0;
    for (const auto& [name, value] : counters)
      if (name.starts_with(prefix)) sum += value;
    return sum;
  }
  uint64_t dropped(std::string_view reason) const {
    for (const auto& [name, value] : drops)
      if (name == reason) return value;
    return 0;
  }
  uint64_t input() const { return of("received") + of("host-received"); }
  uint64_t output() const { return of("transmitted"); }
  uint64_t local_input() const { return starting_with("punt-") + starting_with("exception-"); }
};

Sums sums_of(const api::Statistics& statistics, const Wanted& wanted) {
  Sums sums;
  for (const api::PfeStatistics& pfe : statistics.pfe()) {
    if (!wanted.contains(pfe.id())) continue;
    for (const api::Counter& counter : pfe.counter())
      sums.counters[counter.name()] += counter.value();
    for (int i = 0; i < pfe.drop_size(); ++i) {
      if (static_cast<int>(sums.drops.size()) <= i) sums.drops.emplace_back(pfe.drop(i).name(), 0);
      sums.drops[static_cast<size_t>(i)].second += pfe.drop(i).value();
    }
  }
  return sums;
}

void write_counter(mgmt::Reply& reply, const char* element, const std::string& name,
                   const std::string& help, uint64_t value) {
  const Element one(reply, element);
  reply.leaf("name", name);
  if (!help.empty()) reply.leaf("description", help);
  reply.leaf_number("value", value);
}

void write_rate(mgmt::Reply& reply, const std::string& name, const std::string& rate,
                uint64_t before, uint64_t now, double seconds) {
  reply.leaf_number(name, now);
  const bool any = now > before && seconds > 0;
  const double each = any ? static_cast<double>(now - before) / seconds : 0;
  reply.leaf_number(rate, static_cast<uint64_t>(each + 0.5));
}

void write_traffic(mgmt::Reply& reply, const Sums& before, const Sums& now) {
  {
    const Element element(reply, "pfe-traffic-statistics");
    const double seconds = std::chrono::duration<double>(now.when - before.when).count();
    write_rate(reply, "pfe-input-packets", "input-pps", before.input(), now.input(), seconds);
    write_rate(reply, "pfe-output-packets", "output-pps", before.output(), now.output(), seconds);
    write_rate(reply, "pfe-fabric-input", "pfe-fabric-input-pps", before.of("fabric-input"),
               now.of("fabric-input"), seconds);
    write_rate(reply, "pfe-fabric-output", "pfe-fabric-output-pps", before.of("fabric-output"),
               now.of("fabric-output"), seconds);
  }
  const Element element(reply, "pfe-local-traffic-statistics");
  reply.leaf_number("pfe-input-packets", now.local_input());
  reply.leaf_number("pfe-output-packets", now.of("host-received"));
  reply.leaf_number("software-input-controlplane-drops", now.dropped("policed"));
  reply.leaf_number("hardware-input-drops", now.dropped("host-full"));
}

void write_pfes(mgmt::Reply& reply, const api::Statistics& statistics, const Wanted& wanted) {
  for (const api::PfeStatistics& pfe : statistics.pfe()) {
    if (!wanted.contains(pfe.id())) continue;
    const Element element(reply, "pfe");
    reply.leaf("pfe-name", pfe.name());
    for (const api::Counter& counter : pfe.counter())
      write_counter(reply, "counter", counter.help(), "", counter.value());
  }
}

api::GetStatistics question() {
  api::GetStatistics wanted;
  wanted.set_pfes(true);
  return wanted;
}

void show_traffic(const Machine& machine, const Input& input, const ReplyPtr& reply) {
  const Wanted wanted(machine.chassis, input);
  if (const std::string refusal = wanted.refusal(); !refusal.empty()) return reply->fail(refusal);
  chassis::PfeLink& plane = machine.plane;
  plane.statistics(question(), [&plane, wanted, reply](const api::Statistics* first) {
    if (!first) return reply->fail(kAway);
    QTimer::singleShot(kSample, [&plane, wanted, reply, before = sums_of(*first, wanted)] {
      plane.statistics(question(), [wanted, reply, before](const api::Statistics* second) {
        if (!second) return reply->fail(kAway);
        const Sums now = sums_of(*second, wanted);
        {
          const Element statistics(*reply, "pfe-statistics");
          write_traffic(*reply, before, now);
          if (wanted.single()) write_pfes(*reply, *second, wanted);
          const Element discards(*reply, "pfe-hardware-discard-statistics");
          for (const auto& [name, value] : now.drops)
            write_counter(*reply, "discard", name, "", value);
        }
        reply->finish();
      });
    });
  });
}

void write_errors(mgmt::Reply& reply, const api::PfeStatistics& pfe) {
  const Element element(reply, "pfe");
  reply.leaf("pfe-name", pfe.name());
  bool any = false;
  for (const api::Counter& drop : pfe.drop()) {
    if (drop.value() == 0) continue;
    any = true;
    write_counter(reply, "discard", drop.name(), drop.help(), drop.value());
  }
  if (!any) reply.leaf("no-errors", "");
}

void show_errors(const Machine& machine, const Input& input, const ReplyPtr& reply) {
  const Wanted wanted(machine.chassis, input);
  if (const std::string refusal = wanted.refusal(); !refusal.empty()) return reply->fail(refusal);
  machine.plane.statistics(question(), [wanted, reply](const api::Statistics* statistics) {
    if (!statistics) return reply->fail(kAway);
    {
      const Element element(*reply, "pfe-error-statistics");
      for (const api::PfeStatistics& pfe : statistics->pfe())
        if (wanted.contains(pfe.id())) write_errors(*reply, pfe);
    }
    reply->finish();
  });
}

template <const char* kText>
const grammar::Layout* layout(const Input&) {
  static const grammar::Layout kLayout(kText);
  return &kLayout;
}

}  // namespace

void add_pfe_rpcs(mgmt::Registry& registry, const Machine& machine) {
  registry.add(
      {"get-pfe-statistics",
       [machine](const Input& input, ReplyPtr reply) { show_traffic(machine, input, reply); },
       layout<kPfeTraffic>});
  registry.add(
      {"get-pfe-stats-error",
       [machine](const Input& input, ReplyPtr reply) { show_errors(machine, input, reply); },
       layout<kPfeErrors>});
}

}  // namespace nezu::chassis_service
