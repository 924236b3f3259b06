#include "cli/delay_line.h"

#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>

namespace nezu::cli {
namespace {

/// What a packet socket with PACKET_VNET_HDR has in front of a frame (linux/virtio_net.h is not
/// C++).
struct VirtioHeader {
  uint8_t flags, gso_type;
  uint16_t header_length, gso_size, checksum_start, checksum_offset;
};
constexpr uint8_t kNeedsChecksum = 1;

constexpr size_t kAddresses = 2 * ETH_ALEN;
constexpr size_t kTag = 4;
constexpr size_t kLongest = 1 << 17;  // a segment that a sender left to the device, and its header
constexpr int kSocketBuffer = 16 << 20;
constexpr int kTurn = 256;  // frames of one side before the other has its turn

[[noreturn]] void give_up(int report, const char* what) {
  const std::string words = std::string(what) + ": " + strerror(errno);
  if (write(report, words.data(), words.size()) < 0) _exit(2);
  _exit(1);
}

// With the header in front that says what sums and segments the sender left to the device.
int open_device(const char* name, int report) {
  const int socket = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) give_up(report, "packet socket");
  const int on = 1, bytes = kSocketBuffer;
  for (const int option : {PACKET_VNET_HDR, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING})
    if (setsockopt(socket, SOL_PACKET, option, &on, sizeof on) < 0) give_up(report, name);
  setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
  setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex(name));
  packet_mreq all{};
  all.mr_ifindex = address.sll_ifindex;
  all.mr_type = PACKET_MR_PROMISC;
  if (!address.sll_ifindex ||
      setsockopt(socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) < 0 ||
      bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0)
    give_up(report, name);
  return socket;
}

// The kernel took the tag out; the frame goes on with it.
void put_tag_back(std::string& frame, const msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part;
       part = CMSG_NXTHDR(const_cast<msghdr*>(&message), part)) {
    tpacket_auxdata about;
    if (part->cmsg_level != SOL_PACKET || part->cmsg_type != PACKET_AUXDATA) continue;
    memcpy(&about, CMSG_DATA(part), sizeof about);
    if (!(about.tp_status & TP_STATUS_VLAN_VALID)) continue;
    const uint16_t tag[] = {
        htons(about.tp_status & TP_STATUS_VLAN_TPID_VALID ? about.tp_vlan_tpid : ETH_P_8021Q),
        htons(about.tp_vlan_tci)};
    VirtioHeader header;
    memcpy(&header, frame.data(), sizeof header);
    if (header.flags & kNeedsChecksum)
      header.checksum_start = static_cast<uint16_t>(header.checksum_start + kTag);
    if (header.gso_type != 0)
      header.header_length = static_cast<uint16_t>(header.header_length + kTag);
    memcpy(frame.data(), &header, sizeof header);
    frame.insert(sizeof header + kAddresses, reinterpret_cast<const char*>(tag), sizeof tag);
  }
}

/// Both ways of a link, for ever.
class DelayLine {
 public:
  DelayLine(int left, int right, std::chrono::milliseconds delay)
      : ways_{{{left, right, DelayQueue(delay)}, {right, left, DelayQueue(delay)}}},
        buffer_(kLongest, '\0') {}

  [[noreturn]] void run() {
    for (;;) {
      wait();
      const auto now = DelayQueue::Clock::now();
      for (Way& way : ways_) {
        receive(way, now);
        while (way.frames.ready(now)) send(way);
      }
    }
  }

 private:
  struct Way {
    int from, to;
    DelayQueue frames;
  };

  void wait() {
    pollfd sockets[2] = {{ways_[0].from, POLLIN, 0}, {ways_[1].from, POLLIN, 0}};
    const auto now = DelayQueue::Clock::now();
    bool any = false;
    auto longest = std::chrono::nanoseconds(std::chrono::hours(1));
    for (const Way& way : ways_)
      if (!way.frames.empty()) {
        any = true;
        longest = std::min<std::chrono::nanoseconds>(longest, way.frames.due() - now);
      }
    if (longest.count() < 0) longest = {};
    const timespec time{longest.count() / 1'000'000'000, longest.count() % 1'000'000'000};
    ppoll(sockets, 2, any ? &time : nullptr, nullptr);
    // A device that is down is an error once; that it is told takes it off the socket.
    int error;
    socklen_t size = sizeof error;
    for (const pollfd& socket : sockets)
      if (socket.revents & POLLERR) getsockopt(socket.fd, SOL_SOCKET, SO_ERROR, &error, &size);
  }

  void receive(Way& way, DelayQueue::Clock::time_point now) {
    for (int count = 0; count < kTurn; ++count) {
      iovec bytes{buffer_.data(), buffer_.size()};
      alignas(cmsghdr) char control[CMSG_SPACE(sizeof(tpacket_auxdata))];
      msghdr message{};
      message.msg_iov = &bytes;
      message.msg_iovlen = 1;
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      const ssize_t length = recvmsg(way.from, &message, 0);
      if (length < 0) return;
      if (message.msg_flags & MSG_TRUNC ||
          length < static_cast<ssize_t>(sizeof(VirtioHeader) + ETH_HLEN))
        continue;
      std::string frame(buffer_, 0, static_cast<size_t>(length));
      put_tag_back(frame, message);
      way.frames.put(std::move(frame), now);
    }
  }

  // A far end that is down takes nothing: what was for it is lost, as on any wire.
  static void send(Way& way) {
    const std::string frame = way.frames.take();
    if (write(way.to, frame.data(), frame.size()) < 0) return;
  }

  std::array<Way, 2> ways_;
  std::string buffer_;
};

void detach() {
  setsid();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_DFL);
  prctl(PR_SET_NAME, "nezu-delay");
  const int nothing = open("/dev/null", O_RDWR);
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    dup2(nothing, descriptor);
  if (nothing > STDERR_FILENO) close(nothing);
  if (chdir("/") < 0) _exit(1);
}

// Closing the report says that the line works. Whatever else was open is not ours to hold for as
// long as the lab lives.
[[noreturn]] void work(std::chrono::milliseconds delay, int report) {
  constexpr int kReport = STDERR_FILENO + 1;
  if (report != kReport && dup2(report, kReport) < 0) give_up(report, "report");
  close_range(kReport + 1, ~0u, 0);
  const int left = open_device(kLeftDevice, kReport), right = open_device(kRightDevice, kReport);
  detach();
  close(kReport);
  DelayLine(left, right, delay).run();
}

// The pid namespace is that of the child's child.
[[noreturn]] void move_and_work(const Node& node, std::chrono::milliseconds delay, int report) {
  std::string error;
  if (!enter(node, Network::kNode, error)) {
    if (write(report, error.data(), error.size()) < 0) _exit(2);
    _exit(1);
  }
  const pid_t worker = fork();
  if (worker < 0) give_up(report, "fork");
  if (worker > 0) _exit(0);
  work(delay, report);
}

}  // namespace

bool DelayQueue::put(std::string frame, Clock::time_point now) {
  if (bytes_ + sizeof(Frame) + frame.size() > kMostBytes) return false;
  bytes_ += sizeof(Frame) + frame.size();
  frames_.push_back({now + delay_, std::move(frame)});
  return true;
}

std::string DelayQueue::take() {
  std::string bytes = std::move(frames_.front().bytes);
  frames_.pop_front();
  bytes_ -= sizeof(Frame) + bytes.size();
  return bytes;
}

std::string start_delay_line(const Node& node, std::chrono::milliseconds delay) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) < 0) return strerror(errno);
  const pid_t child = fork();
  if (child == 0) move_and_work(node, delay, report[1]);
  close(report[1]);
  std::string words(256, '\0');
  const ssize_t length = child < 0 ? -1 : read(report[0], words.data(), words.size());
  close(report[0]);
  if (child > 0) waitpid(child, nullptr, 0);
  if (length < 0) return strerror(errno);
  words.resize(static_cast<size_t>(length));
  return words;
}

}  // namespace nezu::cli
