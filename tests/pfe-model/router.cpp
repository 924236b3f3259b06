#include "router.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>

namespace nezu::pfe::test {

int sh(const std::string& command) {
  const int status = std::system((command + " >/dev/null 2>&1").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  char buffer[4096];
  while (size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, n);
  ::pclose(pipe);
  return text;
}

void in_namespace(const std::string& name, const std::function<void()>& work) {
  Descriptor mine(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  Descriptor other(::open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC));
  if (::setns(other.number(), CLONE_NEWNET) != 0) throw std::runtime_error("setns " + name);
  work();
  if (::setns(mine.number(), CLONE_NEWNET) != 0) throw std::runtime_error("setns back");
}

std::string address(const std::string& text) {
  char bytes[16];
  if (::inet_pton(AF_INET, text.c_str(), bytes) == 1) return std::string(bytes, 4);
  if (::inet_pton(AF_INET6, text.c_str(), bytes) == 1) return std::string(bytes, 16);
  throw std::runtime_error("not an address: " + text);
}

std::string mac(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 3)
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  return bytes;
}

ApiClient::ApiClient(const std::string& path, api::Owner owner)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  for (int i = 0; i < 300; ++i) {
    if (::connect(socket_.number(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0) {
      api::Request hello;
      hello.mutable_hello()->set_owner(owner);
      must(hello);
      return;
    }
    ::usleep(10'000);
  }
  throw std::runtime_error("no server on " + path);
}

bool ApiClient::receive(api::Reply& reply, int milliseconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  while (true) {
    Message message;
    switch (reader_.read(socket_.number(), message)) {
      case MessageReader::State::kMessage:
        return reply.ParseFromString(message.bytes);
      case MessageReader::State::kClosed:
        return false;
      case MessageReader::State::kNothing:
        break;
    }
    if (std::chrono::steady_clock::now() > end) return false;
    pollfd wait{socket_.number(), POLLIN, 0};
    ::poll(&wait, 1, 50);
  }
}

void ApiClient::post(const api::Request& request, int attached) {
  if (!send_message(socket_.number(), request.SerializeAsString(), attached))
    throw std::runtime_error("pfe.sock is closed");
}

api::Response ApiClient::call(api::Request request, int attached) {
  request.set_sequence(++sequence_);
  post(request, attached);
  api::Reply reply;
  while (receive(reply, 5000)) {
    if (reply.has_event())
      events.push_back(reply.event());
    else if (reply.response().sequence() == sequence_)
      return reply.response();
  }
  api::Response lost;
  lost.set_error("no response");
  return lost;
}

void ApiClient::must(const api::Request& request, int attached) {
  EXPECT_EQ(call(request, attached).error(), "");
}

bool ApiClient::wait_event(const std::function<bool(const api::Event&)>& wanted, int milliseconds) {
  for (const api::Event& event : events)
    if (wanted(event)) return true;
  api::Reply reply;
  while (receive(reply, milliseconds))
    if (reply.has_event()) {
      events.push_back(reply.event());
      if (wanted(reply.event())) return true;
    }
  return false;
}

api::Statistics ApiClient::statistics() {
  api::Request request;
  auto* what = request.mutable_get_statistics();
  what->set_pfes(true);
  what->set_ports(true);
  what->set_interfaces(true);
  what->set_tunnels(true);
  what->set_sas(true);
  return call(request).statistics();
}

Router::Router(const std::string& name)
    : name_(name), memory_(::memfd_create("sa-records", MFD_CLOEXEC)) {
  run_ = "/tmp/nezu-pfe-test-" + name + "-" + std::to_string(::getpid());
  std::filesystem::create_directories(run_);
  for (const std::string& space : {ports(), host()}) {
    sh("ip netns del " + space);
    if (sh("ip netns add " + space) != 0) throw std::runtime_error("ip netns add");
    sh("ip -n " + space + " link set lo up");
  }
  sh("ip netns exec " + host() + " sysctl -qw net.ipv4.ip_forward=1 " +
     "net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.rp_filter=0");
  sh("ip netns exec " + ports() + " sysctl -qw net.ipv6.conf.all.disable_ipv6=1 " +
     "net.ipv6.conf.default.disable_ipv6=1");
}

Router::~Router() {
  kill();
  held_.clear();
  sh("ip netns del " + ports());
  sh("ip netns del " + host());
  std::filesystem::remove_all(run_);
}

void Router::start() {
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(memory_.number(), 3);
    ::fcntl(3, F_SETFD, 0);
    ::execl(NEZU_BINARY_DIR "/bin/nezu-pfe", "nezu-pfe", run_.c_str(), nullptr);
    ::_exit(127);
  }
  send_all();
}

void Router::kill() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void Router::send_all() {
  api::Request end;
  end.mutable_end_of_sync();
  ApiClient re(run_ + "/pfe.sock", api::OWNER_RE);
  for (const Object& object : re_objects_) {
    api::Request request = object.request;
    if (request.has_port()) request.mutable_port()->set_receive(receive);
    re.must(request, object.descriptor);
  }
  re.must(end);
  ApiClient iked(run_ + "/pfe.sock", api::OWNER_IKED);
  for (const api::Request& request : iked_objects_) iked.must(request);
  iked.must(end);
}

namespace {

Descriptor packet_socket(const std::string& space, const std::string& device) {
  Descriptor socket;
  in_namespace(space, [&] {
    socket = Descriptor(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    sockaddr_ll name{};
    name.sll_family = AF_PACKET;
    name.sll_protocol = htons(ETH_P_ALL);
    name.sll_ifindex = static_cast<int>(::if_nametoindex(device.c_str()));
    if (::bind(socket.number(), reinterpret_cast<sockaddr*>(&name), sizeof name) != 0)
      throw std::runtime_error("bind to " + device);
  });
  return socket;
}

Descriptor host_device(const std::string& space, const std::string& name, int kind) {
  Descriptor device;
  in_namespace(space, [&] {
    device = Descriptor(::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK));
    ifreq request{};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_flags = static_cast<short>(kind | IFF_NO_PI);
    if (::ioctl(device.number(), TUNSETIFF, &request) != 0) throw std::runtime_error("TUNSETIFF");
  });
  return device;
}

}  // namespace

void Router::add_pfe(uint32_t id) {
  api::Request request;
  request.mutable_pfe()->set_id(id);
  request.mutable_pfe()->set_name("fpc0 pfe" + std::to_string(id));
  request.mutable_pfe()->set_online(true);
  add(request);
}

void Router::add_port(uint32_t id, const std::string& device, const std::string& own_mac,
                      uint32_t pfe, uint32_t mtu) {
  held_.push_back(packet_socket(ports(), device));
  add_pfe(pfe);
  api::Request request;
  auto* port = request.mutable_port();
  port->set_id(id);
  port->set_name(device);
  port->set_pfe(pfe);
  port->set_enabled(true);
  re_objects_.push_back({request, held_.back().number()});
  held_.push_back(host_device(host(), tap_name(id), IFF_TAP));
  sh("ip -n " + host() + " link set " + tap_name(id) + " address " + own_mac + " mtu " +
     std::to_string(mtu) + " up");
  auto* interface = request.mutable_interface();
  interface->set_index(id);
  interface->set_name(device + ".0");
  interface->set_up(true);
  interface->set_mtu(mtu);
  interface->set_inet(true);
  interface->set_inet6(true);
  interface->mutable_ethernet()->set_port(id);
  interface->mutable_ethernet()->set_mac(mac(own_mac));
  re_objects_.push_back({request, held_.back().number()});
}

void Router::add_tunnel_interface(uint32_t index, uint32_t pfe) {
  held_.push_back(host_device(host(), tap_name(index), IFF_TUN));
  sh("ip -n " + host() + " link set " + tap_name(index) + " addrgenmode none up");
  api::Request request;
  auto* interface = request.mutable_interface();
  interface->set_index(index);
  interface->set_name("st0." + std::to_string(index));
  interface->set_up(true);
  interface->set_mtu(9192);
  interface->set_inet(true);
  interface->set_inet6(true);
  interface->mutable_tunnel()->set_anchor_pfe(pfe);
  re_objects_.push_back({request, held_.back().number()});
}

void Router::add_address(uint32_t interface, const std::string& text, int length) {
  sh("ip -n " + host() + " addr add " + text + "/" + std::to_string(length) + " dev " +
     tap_name(interface) + " nodad");
  api::Request request;
  request.mutable_local_address()->set_address(address(text));
  request.mutable_local_address()->set_interface(interface);
  add(request);
  std::string network = address(text);
  for (size_t bit = static_cast<size_t>(length); bit < network.size() * 8; ++bit)
    network[bit / 8] = static_cast<char>(network[bit / 8] & ~(0x80 >> (bit % 8)));
  auto* route = request.mutable_route();
  route->mutable_prefix()->set_address(network);
  route->mutable_prefix()->set_length(static_cast<uint32_t>(length));
  route->add_next_hop()->set_interface(interface);
  add(request);
}

void Router::add_route(const std::string& prefix, int length, uint32_t interface,
                       const std::string& gateway) {
  sh("ip -n " + host() + " route add " + prefix + "/" + std::to_string(length) + " dev " +
     tap_name(interface) + (gateway.empty() ? "" : " via " + gateway));
  api::Request request;
  auto* route = request.mutable_route();
  route->mutable_prefix()->set_address(address(prefix));
  route->mutable_prefix()->set_length(static_cast<uint32_t>(length));
  auto* hop = route->add_next_hop();
  hop->set_interface(interface);
  if (!gateway.empty()) hop->set_gateway(address(gateway));
  add(request);
}

void Router::add_neighbour(uint32_t interface, const std::string& text,
                           const std::string& its_mac) {
  api::Request request;
  auto* neighbour = request.mutable_neighbour();
  neighbour->set_interface(interface);
  neighbour->set_address(address(text));
  neighbour->set_mac(mac(its_mac));
  add(request);
}

namespace {
uint64_t sum(const google::protobuf::RepeatedPtrField<api::Counter>& counters,
             const std::string& name) {
  uint64_t total = 0;
  for (const api::Counter& counter : counters)
    if (counter.name() == name) total += counter.value();
  return total;
}
}  // namespace

uint64_t Router::drops(const std::string& reason) const {
  uint64_t total = 0;
  const api::Statistics statistics = re().statistics();
  for (const auto& pfe : statistics.pfe()) total += sum(pfe.drop(), reason);
  return total;
}

uint64_t Router::count(const std::string& counter) const {
  uint64_t total = 0;
  const api::Statistics statistics = re().statistics();
  for (const auto& pfe : statistics.pfe()) total += sum(pfe.counter(), counter);
  return total;
}

std::string Router::report() const {
  std::string text;
  const api::Statistics statistics = re().statistics();
  for (const auto& pfe : statistics.pfe()) {
    text += name_ + " pfe" + std::to_string(pfe.id()) + ":";
    for (const auto* list : {&pfe.counter(), &pfe.drop()})
      for (const api::Counter& counter : *list)
        if (counter.value() != 0)
          text += " " + counter.name() + "=" + std::to_string(counter.value());
    text += "\n";
  }
  return text;
}

}  // namespace nezu::pfe::test
