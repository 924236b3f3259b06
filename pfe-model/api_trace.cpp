#include <algorithm>
#include <string>

#include "pfe-model/api.h"
#include "pfe-model/clock.h"
#include "pfe-model/ip.h"

namespace nezu::pfe {

namespace {

constexpr size_t kInstruction = 8;
constexpr size_t kMostText = 255;
constexpr uint64_t kSecond = 1'000'000'000;

/// The interpreter ends the process at an instruction that it does not know, and its validator lets
/// some of those pass.
bool is_known(const bpf_insn& one) {
  constexpr uint16_t kLoads[] = {BPF_W | BPF_ABS, BPF_H | BPF_ABS, BPF_B | BPF_ABS,
                                 BPF_W | BPF_IND, BPF_H | BPF_IND, BPF_B | BPF_IND,
                                 BPF_W | BPF_LEN, BPF_IMM,         BPF_MEM};
  constexpr uint16_t kIndexLoads[] = {BPF_B | BPF_MSH, BPF_W | BPF_LEN, BPF_IMM, BPF_MEM};
  const auto rest = static_cast<uint16_t>(one.code & ~7);
  const auto operation = static_cast<uint16_t>(one.code & ~0xf);
  switch (BPF_CLASS(one.code)) {
    case BPF_LD:
      return std::find(std::begin(kLoads), std::end(kLoads), rest) != std::end(kLoads);
    case BPF_LDX:
      return std::find(std::begin(kIndexLoads), std::end(kIndexLoads), rest) !=
             std::end(kIndexLoads);
    case BPF_ST:
    case BPF_STX:
      return rest == 0;
    case BPF_ALU:
      return operation <= (BPF_ALU | BPF_XOR) && (rest != (BPF_NEG | BPF_X));
    case BPF_JMP:
      return operation <= (BPF_JMP | BPF_JSET) && rest != (BPF_JA | BPF_X);
    case BPF_RET:
      return rest == BPF_K || rest == BPF_A;
    default:
      return rest == BPF_TAX || rest == BPF_TXA;
  }
}

/// Also, its jumps without a condition may go back: not here, a program is to end.
bool goes_on(const bpf_insn& one, size_t left) {
  return one.code != (BPF_JMP | BPF_JA) || one.k < left;
}

/// Nothing: it is no program that ends and stays within the packet.
std::optional<std::vector<bpf_insn>> read_filter(const std::string& octets) {
  const size_t count = octets.size() / kInstruction;
  if (octets.size() % kInstruction != 0 || count > Trace::kMostInstructions) return {};
  std::vector<bpf_insn> filter(count);
  const auto* at = reinterpret_cast<const uint8_t*>(octets.data());
  for (size_t i = 0; i < count; ++i, at += kInstruction) {
    filter[i] = {load16(at), at[2], at[3], load32(at + 4)};
    if (!is_known(filter[i]) || !goes_on(filter[i], count - i - 1)) return {};
  }
  if (count > 0 && ::bpf_validate(filter.data(), static_cast<int>(count)) == 0) return {};
  return filter;
}

const Interface* interface_named(const Tables& tables, const std::string& name) {
  for (const auto& [index, interface] : tables.interfaces)
    if (interface->name == name) return interface.get();
  return nullptr;
}

std::string busy(const Trace& trace, uint64_t now) {
  return "a trace is running: " + std::to_string(trace.packets()) + " of " +
         std::to_string(trace.order().packets) + " packets, " +
         std::to_string((trace.order().until - now) / kSecond) + " seconds left";
}

}  // namespace

Api::Error Api::start(const api::StartTrace& wanted, uint64_t client) {
  const uint64_t now = monotonic_now();
  if (const Trace* trace = plane_.trace(); trace != nullptr && trace->wants(now))
    return busy(*trace, now);
  if (wanted.packets() == 0 || wanted.packets() > Trace::kMostPackets)
    return "a trace follows 1 to 100 packets";
  if (wanted.seconds() == 0 || wanted.seconds() > Trace::kMostSeconds)
    return "a trace takes 1 to 3600 seconds";
  if (wanted.matching().size() > kMostText) return "text of the filter is too long";
  auto filter = read_filter(wanted.filter());
  if (!filter) return "not a filter program";
  Trace::Order order;
  order.packets = wanted.packets();
  order.filter = std::move(*filter);
  order.matching = wanted.matching();
  order.until = now + wanted.seconds() * kSecond;
  order.client = client;
  if (!wanted.interface().empty()) {
    const Interface* interface = interface_named(plane_.tables, wanted.interface());
    if (interface == nullptr) return "there is no logical interface " + wanted.interface();
    order.interface = interface->index;
  }
  plane_.start_trace(std::move(order));
  return {};
}

}  // namespace nezu::pfe
