// ns a packet of the forwarding path in process, without sockets, beside what it cannot go below:
// copying the packet once and, for ESP, the library's bare AES-256-GCM.
#include <intel-ipsec-mb.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <vector>

#include "tests/pfe-model/memory_wire.h"

using namespace nezu::pfe;
using namespace nezu::pfe::test;

namespace {

constexpr size_t kBurst = 64;

/// Receives copies of given frames as a ring would hand them out; keeps what is sent if asked to.
class LoopWire final : public Wire {
 public:
  std::vector<std::string> frames;
  std::vector<std::string>* kept = nullptr;

  int descriptor() const override { return -1; }
  size_t receive(Pool& pool, Queue& out, size_t budget, Counters&) override {
    const size_t count = std::min(budget, frames.size());
    for (size_t i = 0; i < count; ++i) {
      Packet* packet = pool.take();
      packet->length = static_cast<uint32_t>(frames[i].size());
      std::memcpy(packet->data, frames[i].data(), frames[i].size());
      out.push(packet);
    }
    return count;
  }
  size_t transmit(Packet* const* packets, size_t count) override {
    for (size_t i = 0; i < count; ++i) packets[i]->sent = true;
    if (kept != nullptr)
      for (size_t i = 0; i < count; ++i)
        kept->emplace_back(reinterpret_cast<char*>(packets[i]->data), packets[i]->length);
    return count;
  }
  size_t capacity() const override { return frames.size(); }
  uint64_t overruns() override { return 0; }
};

/// Best of several runs: the machine is not ours alone.
double nanoseconds(size_t packets, const std::function<void()>& burst) {
  double best = 1e9;
  for (int run = 0; run < 7; ++run) {
    const auto start = std::chrono::steady_clock::now();
    for (size_t done = 0; done < packets; done += kBurst) burst();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count() / static_cast<double>(packets));
  }
  return best;
}

struct Bench {
  MemoryRouter router;
  LoopWire* in;
  LoopWire* out;
  Bench(uint32_t in_pfe, uint32_t out_pfe) {
    router.add_port(1, in_pfe);
    router.add_port(2, out_pfe);
    in = replace(1);
    out = replace(2);
  }
  LoopWire* replace(uint32_t port) {
    auto wire = std::make_unique<LoopWire>();
    LoopWire* made = wire.get();
    router.plane.tables.ports.at(port)->wire = std::move(wire);
    return made;
  }
  void turn() {
    auto& pfes = router.plane.pfes;
    for (auto& [id, pfe] : pfes) pfe->begin(++now_);
    pfes.at(router.plane.tables.ports.at(1)->pfe)->receive(*router.plane.tables.ports.at(1));
    for (auto& [id, pfe] : pfes) pfe->finish();
    if (pfes.size() == 1) return;
    for (int hop = 0; hop < 2; ++hop)
      for (auto& [id, pfe] : pfes) {
        pfe->receive_fabric();
        pfe->finish();
      }
  }

 private:
  uint64_t now_ = 0;
};

const std::string kA = octets({192, 0, 2, 1}), kB = octets({192, 0, 2, 2});

std::vector<std::string> burst_of(size_t ip_size) {
  return std::vector<std::string>(
      kBurst, ipv4_frame(kMac1, kFrom, kTo, 17, std::string(ip_size - 20, 'x')));
}

double plain(size_t size, uint32_t out_pfe) {
  Bench bench(0, out_pfe);
  bench.router.add_route(octets({10, 0, 2, 0}), 24, 2);
  bench.router.add_neighbour(2, kTo, kNext);
  bench.in->frames = burst_of(size);
  return nanoseconds(500'000, [&] { bench.turn(); });
}

void tunnel(Bench& bench, uint32_t anchor, const std::string& local, const std::string& remote,
            uint32_t in, uint32_t out) {
  bench.router.add_local(local, 1);
  add_tunnel(bench.router, anchor, local, remote, in, out, 0);
  bench.router.add_route(octets({192, 0, 2, 0}), 24, 2);
  bench.router.add_neighbour(2, remote, kNext);
}

void esp(size_t size, uint32_t anchor, double& seal_ns, double& open_ns) {
  Bench sender(0, anchor == 0 ? 0 : 2);
  tunnel(sender, anchor, kA, kB, 5001, 5002);
  sender.router.add_route(octets({10, 0, 2, 0}), 24, 100);
  sender.in->frames = burst_of(size);
  std::vector<std::string> sealed;
  sender.out->kept = &sealed;
  sender.turn();
  sender.out->kept = nullptr;
  seal_ns = nanoseconds(300'000, [&] { sender.turn(); });

  Bench receiver(0, anchor == 0 ? 0 : 2);
  tunnel(receiver, anchor, kB, kA, 5002, 5001);
  receiver.router.add_route(octets({10, 0, 2, 0}), 24, 2);
  receiver.router.add_neighbour(2, kTo, kNext);
  for (std::string& frame : sealed) frame.replace(0, 6, octets({2, 0, 0, 0, 0, 1}));
  receiver.in->frames = sealed;  // without a replay window the same ones will do
  open_ns = nanoseconds(300'000, [&] { receiver.turn(); });
  if (receiver.router.dropped() + sender.router.dropped() != 0) std::printf("DROPS: not valid\n");
}

double copy(size_t size) {
  static char from[kBurst][2048], to[kBurst][2048];
  return nanoseconds(2'000'000, [&] {
    for (size_t i = 0; i < kBurst; ++i) {
      std::memcpy(to[i], from[i], size + 14);
      asm volatile("" ::"r"(to[i]) : "memory");
    }
  });
}

double bare_gcm(size_t size) {
  IMB_MGR* library = alloc_mb_mgr(0);
  init_mb_mgr_auto(library, nullptr);
  alignas(64) static gcm_key_data key;
  static uint8_t data[kBurst][2048];
  IMB_AES256_GCM_PRE(library, std::string(32, 'k').data(), &key);
  const double best = nanoseconds(500'000, [&] {
    for (auto& packet : data) {
      gcm_context_data context;
      uint8_t nonce[12] = {}, aad[8] = {}, tag[16];
      IMB_AES256_GCM_ENC(library, &key, &context, packet, packet, size, nonce, aad, sizeof aad, tag,
                         sizeof tag);
    }
  });
  free_mb_mgr(library);
  return best;
}

}  // namespace

int main() {
  std::printf("ns a packet, one core, best of 7 runs; sizes are IP packets\n");
  std::printf("%28s %8s %8s %8s\n", "", "64", "576", "1400");
  double rows[8][3];
  const size_t sizes[3] = {64, 576, 1400};
  for (int i = 0; i < 3; ++i) {
    rows[0][i] = copy(sizes[i]);
    rows[1][i] = bare_gcm(sizes[i]);
    rows[2][i] = plain(sizes[i], 0);
    rows[3][i] = plain(sizes[i], 1);
    esp(sizes[i], 0, rows[4][i], rows[5][i]);
    esp(sizes[i], 1, rows[6][i], rows[7][i]);
  }
  const char* names[8] = {"memcpy",
                          "bare AES-256-GCM",
                          "plain, one PFE",
                          "plain, two PFEs",
                          "ESP seal, one PFE",
                          "ESP open, one PFE",
                          "ESP seal, three PFEs",
                          "ESP open, three PFEs"};
  for (int row = 0; row < 8; ++row)
    std::printf("%28s %8.1f %8.1f %8.1f\n", names[row], rows[row][0], rows[row][1], rows[row][2]);
  std::printf("%28s %8.2f %8.2f %8.2f\n", "seal / (plain + bare GCM)",
              rows[4][0] / (rows[2][0] + rows[1][0]), rows[4][1] / (rows[2][1] + rows[1][1]),
              rows[4][2] / (rows[2][2] + rows[1][2]));
}
