// nezu-pfe between two veth wires beside a bare AF_PACKET forwarder that only swaps frames:
// processor time a packet at a load below saturation. And what twenty idle nezu-pfe cost.
// Needs root.
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

#include "tests/pfe-model/host.h"
#include "tests/pfe-model/memory_wire.h"
#include "tests/pfe-model/router.h"

using namespace nezu::pfe;
using namespace nezu::pfe::test;

namespace {

constexpr int kSeconds = 4;
constexpr int kRate = 150'000;  // packets a second

Descriptor bound_socket(const std::string& space, const std::string& device) {
  Descriptor made;
  in_namespace(space, [&] {
    made = Descriptor(::socket(AF_PACKET, SOCK_RAW, 0));
    sockaddr_ll name{};
    name.sll_family = AF_PACKET;
    name.sll_protocol = htons(ETH_P_ALL);
    name.sll_ifindex = static_cast<int>(::if_nametoindex(device.c_str()));
    ::bind(made.number(), reinterpret_cast<sockaddr*>(&name), sizeof name);
  });
  return made;
}

double processor_seconds(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string field;
  double ticks = 0;
  for (int i = 3; i <= 15 && fields >> field; ++i)
    if (i >= 14) ticks += std::stod(field);
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

long resident_kilobytes(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  return 0;
}

uint64_t received_on(const Host& host, const std::string& device) {
  return std::stoull(host.output("cat /sys/class/net/" + device + "/statistics/rx_packets"));
}

/// Sends `frame` at kRate for kSeconds in batches of 64.
uint64_t generate(const std::string& space, const std::string& device, const std::string& frame) {
  const Descriptor socket = bound_socket(space, device);
  const int one = 1;
  ::setsockopt(socket.number(), SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
  constexpr unsigned kBatch = 64;
  iovec part{const_cast<char*>(frame.data()), frame.size()};
  mmsghdr messages[kBatch] = {};
  for (mmsghdr& message : messages) {
    message.msg_hdr.msg_iov = &part;
    message.msg_hdr.msg_iovlen = 1;
  }
  uint64_t sent = 0;
  timespec next;
  ::clock_gettime(CLOCK_MONOTONIC, &next);
  for (int i = 0; i < kSeconds * kRate / static_cast<int>(kBatch); ++i) {
    const int n = ::sendmmsg(socket.number(), messages, kBatch, 0);
    sent += n > 0 ? static_cast<uint64_t>(n) : 0;
    next.tv_nsec += 1'000'000'000L / kRate * kBatch;
    if (next.tv_nsec >= 1'000'000'000L) {
      next.tv_nsec -= 1'000'000'000L;
      ++next.tv_sec;
    }
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, nullptr);
  }
  return sent;
}

/// The least a user-space forwarder can do: the same rings, no look at the frame but the two MACs.
pid_t start_bare(const std::string& space, Receive receive) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  std::string error;
  auto in = open_wire(bound_socket(space, "w1"), receive, error);
  auto out = open_wire(bound_socket(space, "w2"), receive, error);
  if (!in || !out) ::_exit(1);
  Pool pool(0, kPoolPackets);
  Queue frames;
  Counters counters;
  const Descriptor poll(::epoll_create1(0));
  epoll_event event{};
  event.events = EPOLLIN;
  ::epoll_ctl(poll.number(), EPOLL_CTL_ADD, in->descriptor(), &event);
  const std::string macs = mac("02:00:00:00:02:02") + mac("02:00:00:00:02:01");
  while (true) {
    ::epoll_wait(poll.number(), &event, 1, -1);
    in->receive(pool, frames, 128, counters);
    for (Packet* packet : frames) macs.copy(reinterpret_cast<char*>(packet->data), 12);
    out->transmit(frames.begin(), frames.size());
    for (Packet* packet : frames) pool.give(packet);
    frames.clear();
  }
}

struct Lab {
  Router router{own("nbr")};
  Host host1{own("nbh1"), "h1", "02:00:00:00:01:02", router.ports(), "w1"};
  Host host2{own("nbh2"), "h2", "02:00:00:00:02:02", router.ports(), "w2"};
  Lab() { sh("ip netns exec " + host2.name + " sysctl -qw net.ipv4.ip_forward=0"); }
};

void measure(const char* name, Lab& lab, pid_t pid, size_t size) {
  const std::string frame = ipv4_frame(mac("02:00:00:00:01:01"), octets({10, 0, 1, 2}),
                                       octets({10, 0, 2, 2}), 17, std::string(size - 20, 'x'));
  ::usleep(300'000);
  const uint64_t before = received_on(lab.host2, "h2");
  const double busy = processor_seconds(pid);
  const uint64_t sent = generate(lab.host1.name, "h1", frame);
  ::usleep(200'000);
  const uint64_t got = received_on(lab.host2, "h2") - before;
  std::printf("%-28s %5zu B: %7.0f ns a packet, %5.2f %% lost\n", name, size,
              (processor_seconds(pid) - busy) * 1e9 / static_cast<double>(got + 1),
              100.0 * (1 - static_cast<double>(got) / static_cast<double>(sent)));
}

void compare(Receive receive, const char* ring) {
  for (const size_t size : {64u, 1400u}) {
    {
      Lab lab;
      const pid_t bare = start_bare(lab.router.ports(), receive);
      measure((std::string("bare forwarder, ") + ring).c_str(), lab, bare, size);
      ::kill(bare, SIGKILL);
      ::waitpid(bare, nullptr, 0);
    }
    Lab lab;
    lab.router.receive =
        receive == Receive::kSmall ? api::Port::RECEIVE_SMALL : api::Port::RECEIVE_LARGE;
    lab.router.add_port(1, "w1", "02:00:00:00:01:01");
    lab.router.add_port(2, "w2", "02:00:00:00:02:01");
    lab.router.add_address(1, "10.0.1.1", 24);
    lab.router.add_address(2, "10.0.2.1", 24);
    lab.router.add_neighbour(2, "10.0.2.2", "02:00:00:00:02:02");
    lab.router.start();
    measure((std::string("nezu-pfe, ") + ring).c_str(), lab, lab.router.pid(), size);
  }
}

void idle() {
  constexpr int kRouters = 20;
  std::vector<std::unique_ptr<Router>> routers;
  for (int i = 0; i < kRouters; ++i) {
    auto router = std::make_unique<Router>(own("nbi" + std::to_string(i) + "x"));
    for (uint32_t port = 1; port <= 4; ++port) {
      const std::string device = "w" + std::to_string(port);
      sh("ip link add " + device + " netns " + router->ports() + " type veth peer name p" + device +
         " netns " + router->ports());
      sh("ip -n " + router->ports() + " link set " + device + " up");
      router->add_port(port, device, "02:00:00:00:00:0" + std::to_string(port), port % 2);
    }
    router->start();
    routers.push_back(std::move(router));
  }
  ::sleep(3);
  double busy = 0;
  long memory = 0;
  for (auto& router : routers) busy -= processor_seconds(router->pid());
  ::sleep(10);
  for (auto& router : routers) {
    busy += processor_seconds(router->pid());
    memory = std::max(memory, resident_kilobytes(router->pid()));
  }
  std::printf("%d idle nezu-pfe, 4 ports each: %.2f %% of one core together, at most %ld kB each\n",
              kRouters, busy * 10, memory);
}

}  // namespace

int main(int count, char** arguments) {
  if (::geteuid() != 0) {
    std::printf("needs root\n");
    return 1;
  }
  const std::string what = count > 1 ? arguments[1] : "";
  if (what != "idle") {
    compare(Receive::kSmall, "TPACKET_V2");
    compare(Receive::kLarge, "TPACKET_V3");
  }
  if (what != "wire") idle();
}
