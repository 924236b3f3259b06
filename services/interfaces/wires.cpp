#include "services/interfaces/wires.h"

#include <linux/if.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>

#include <errno.h>
#include <sys/socket.h>

#include <cstring>
#include <set>

namespace nezu::interfaces {
using chassis::attribute;
using chassis::Message;

namespace {

constexpr int kAttempts = 3;

int bound_to(int socket) {
  sockaddr_ll address{};
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return address.sll_ifindex;
}

}  // namespace

int Wires::start() {
  if (complete_) return 0;
  if (!monitor_)
    if (const int error = open_sockets()) return error;
  return read_all();
}

int Wires::open_sockets() {
  Devices::Result requests = devices_.open(init::Op::kPortsNetlink, "");
  if (requests.error) return requests.error;
  Devices::Result monitor = devices_.open(init::Op::kPortsNetlink, "");
  if (monitor.error) return monitor.error;
  requests_ = std::make_unique<chassis::Netlink>(std::move(requests.descriptor));
  auto listening = std::make_unique<chassis::Netlink>(std::move(monitor.descriptor));
  // Before the dump, so that nothing falls between.
  if (!listening->join(RTNLGRP_LINK)) return errno;
  monitor_ = std::move(listening);
  notifier_ = std::make_unique<QSocketNotifier>(monitor_->descriptor(), QSocketNotifier::Read);
  QObject::connect(notifier_.get(), &QSocketNotifier::activated, [this] { read_changes(); });
  return 0;
}

// A dump that something changed meanwhile is asked for again, a few times at once.
int Wires::read_all() {
  int error = EAGAIN;
  for (int attempt = 0; error == EAGAIN && attempt < kAttempts; ++attempt) error = dump();
  complete_ = error == 0;
  return error;
}

int Wires::dump() {
  std::set<std::string> gone;
  for (const auto& [name, wire] : wires_) gone.insert(name);
  const ifinfomsg every{};
  const int error =
      requests_->request(Message(RTM_GETLINK, NLM_F_DUMP, every), [&](const nlmsghdr& message) {
        take(message);
        const std::string_view text = attribute(message, sizeof(ifinfomsg), IFLA_IFNAME);
        if (!text.empty()) gone.erase(std::string(text.substr(0, text.size() - 1)));
      });
  if (!error)
    for (const std::string& name : gone) remove(name);
  return error;
}

void Wires::read_changes() {
  bool changed = false;
  const bool complete = monitor_->read([&](const nlmsghdr& message) { changed |= take(message); });
  if (!complete) {
    read_all();
    changed = true;
  }
  if (changed && on_change) on_change();
}

// Whether it changed anything.
bool Wires::take(const nlmsghdr& message) {
  if (message.nlmsg_type != RTM_NEWLINK && message.nlmsg_type != RTM_DELLINK) return false;
  ifinfomsg header;
  std::memcpy(&header, NLMSG_DATA(&message), sizeof header);
  const std::string_view text = attribute(message, sizeof header, IFLA_IFNAME);
  if (text.empty() || text.back() != '\0') return false;
  const std::string name(text.data());
  if (message.nlmsg_type == RTM_DELLINK || !wanted_(name)) {
    const bool known = wires_.contains(name);
    remove(name);
    return known;
  }
  const auto found = wires_.find(name);
  if (found != wires_.end() && found->second.index != header.ifi_index) remove(name);
  Wire& wire = wires_[name];
  const bool up = header.ifi_flags & IFF_UP;
  const bool carrier = up && (header.ifi_flags & IFF_LOWER_UP);
  const bool same = wire.index == header.ifi_index && wire.up == up && wire.carrier == carrier;
  wire.index = header.ifi_index;
  wire.up = up;
  wire.carrier = carrier;
  return add(name, wire) || !same;
}

std::map<std::string, int> Wires::open_missing() {
  std::map<std::string, int> missing;
  for (auto& [name, wire] : wires_)
    if (!wire.descriptor && !add(name, wire)) missing.emplace(name, wire.error);
  return missing;
}

// Whether it is new.
bool Wires::add(const std::string& name, Wire& wire) {
  if (wire.descriptor) return false;
  Devices::Result opened = devices_.open(init::Op::kWire, name);
  if (!opened.error && bound_to(opened.descriptor.get()) != wire.index) {
    // Held since before this wire took its name's place.
    devices_.release(name);
    opened = devices_.open(init::Op::kWire, name);
  }
  wire.error = opened.error;
  if (opened.error) return false;
  wire.descriptor = std::move(opened.descriptor);
  return true;
}

void Wires::remove(const std::string& name) {
  // The socket of a wire that is gone would be handed out again for its namesake.
  if (wires_.erase(name) == 0) return;
  devices_.release(name);
  if (on_remove) on_remove(name);
}

const Wires::Wire* Wires::find(const std::string& name) const {
  const auto found = wires_.find(name);
  return found == wires_.end() || !found->second.descriptor ? nullptr : &found->second;
}

void Wires::set_up(const std::string& name, bool up) {
  const auto found = wires_.find(name);
  if (found == wires_.end() || found->second.up == up) return;
  ifinfomsg header{};
  header.ifi_index = found->second.index;
  header.ifi_flags = up ? IFF_UP : 0;
  header.ifi_change = IFF_UP;
  if (requests_->request(Message(RTM_NEWLINK, NLM_F_ACK, header)) == 0) found->second.up = up;
}

}  // namespace nezu::interfaces
