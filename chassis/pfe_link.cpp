#include "chassis/pfe_link.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "pfe-model/api.pb.h"

namespace nezu::chassis {
namespace api = pfe::api;
using namespace std::chrono_literals;

namespace {

constexpr auto kRetry = 50ms;  // a restarted plane is filled again within a second
constexpr auto kAnswer = 2s;
constexpr size_t kLargestMessage = 16 << 20;
// A plane that does not read is as good as gone: it is left, and gets everything again later.
constexpr size_t kLargestQueue = 256 << 20;
constexpr size_t kLengthOctets = 4;

uint32_t length_at(const std::string& bytes, size_t offset) {
  uint32_t length = 0;
  for (size_t i = 0; i < kLengthOctets; ++i)
    length |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[offset + i])) << (8 * i);
  return length;
}

std::string framed(const api::Request& request) {
  const size_t size = request.ByteSizeLong();
  std::string bytes;
  bytes.reserve(kLengthOctets + size);
  for (size_t i = 0; i < kLengthOctets; ++i) bytes += static_cast<char>(size >> (8 * i));
  request.AppendToString(&bytes);
  return bytes;
}

Descriptor connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return {};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) < 0) return {};
  return socket;
}

}  // namespace

PfeLink::PfeLink(std::string path, Forwarding& forwarding)
    : path_(std::move(path)), forwarding_(forwarding) {
  forwarding_.set_sink(this);
  retry_.setInterval(kRetry);
  QObject::connect(&retry_, &QTimer::timeout, [this] { try_connect(); });
}

PfeLink::~PfeLink() {
  forwarding_.set_sink(nullptr);
}

void PfeLink::start() {
  retry_.start();
  try_connect();
}

void PfeLink::try_connect() {
  if (socket_) return;
  socket_ = connect_to(path_);
  if (!socket_) return;
  retry_.stop();
  const int fd = socket_.get();
  readable_ = std::make_unique<QSocketNotifier>(fd, QSocketNotifier::Read);
  writable_ = std::make_unique<QSocketNotifier>(fd, QSocketNotifier::Write);
  writable_->setEnabled(false);
  QObject::connect(readable_.get(), &QSocketNotifier::activated, [this] { read(); });
  QObject::connect(writable_.get(), &QSocketNotifier::activated, [this] { write(); });
  if (on_change) on_change(true);
  forwarding_.synchronise();
}

void PfeLink::disconnect() {
  if (!socket_) return;
  // The notifier whose signal runs this must outlive it.
  readable_->setEnabled(false);
  writable_->setEnabled(false);
  readable_.release()->deleteLater();
  writable_.release()->deleteLater();
  socket_ = {};
  outgoing_.clear();
  written_ = queued_ = 0;
  incoming_.clear();
  while (!waiting_.empty()) answer(waiting_.begin()->first, nullptr);
  retry_.start();
  if (on_change) on_change(false);
}

void PfeLink::send(const api::Request& request, int descriptor) {
  unasked_ = true;
  enqueue(request, descriptor);
}

void PfeLink::enqueue(const api::Request& request, int descriptor) {
  if (!socket_) return;
  Outgoing message{framed(request), {}};
  if (descriptor >= 0) message.descriptor = Descriptor(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  queued_ += message.bytes.size();
  outgoing_.push_back(std::move(message));
  if (queued_ > kLargestQueue) return disconnect();
  if (!writable_->isEnabled()) write();
}

void PfeLink::write() {
  while (socket_ && !outgoing_.empty())
    if (!write_first()) break;
  if (socket_) writable_->setEnabled(!outgoing_.empty());
}

// Whether there may be more room.
bool PfeLink::write_first() {
  Outgoing& first = outgoing_.front();
  iovec part{first.bytes.data() + written_, first.bytes.size() - written_};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  if (first.descriptor && written_ == 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = first.descriptor.get();
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN && errno != EINTR) disconnect();
    return false;
  }
  written_ += static_cast<size_t>(sent);
  queued_ -= static_cast<size_t>(sent);
  if (written_ < first.bytes.size()) return true;
  outgoing_.pop_front();
  written_ = 0;
  return true;
}

void PfeLink::read() {
  char buffer[65536];
  const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return disconnect();
  incoming_.append(buffer, static_cast<size_t>(got));
  if (!take_messages()) disconnect();
}

bool PfeLink::take_messages() {
  size_t at = 0;
  while (incoming_.size() - at >= kLengthOctets) {
    const uint32_t length = length_at(incoming_, at);
    if (length > kLargestMessage) return false;
    if (incoming_.size() - at - kLengthOctets < length) break;
    api::Reply reply;
    if (!reply.ParseFromArray(incoming_.data() + at + kLengthOctets, static_cast<int>(length)))
      return false;
    at += kLengthOctets + length;
    take(reply);
    if (!socket_) return true;  // somebody's answer led to a disconnect
  }
  incoming_.erase(0, at);
  return true;
}

void PfeLink::take(const api::Reply& reply) {
  if (reply.has_event()) return forwarding_.deliver(reply.event());
  const api::Response& response = reply.response();
  answered_ = std::max(answered_, response.sequence());
  silent_ = false;
  // Whoever waits for a refusal tells it.
  if (answer(response.sequence(), &response)) return;
  if (!response.error().empty() && on_error) on_error(response.error());
}

// Whether somebody waited for it.
bool PfeLink::answer(uint64_t sequence, const api::Response* response) {
  const auto found = waiting_.find(sequence);
  if (found == waiting_.end()) return false;
  const ResponseSink done = std::move(found->second);
  waiting_.erase(found);
  done(response);
  return true;
}

void PfeLink::statistics(const api::GetStatistics& wanted, StatisticsSink done) {
  api::Request request;
  *request.mutable_get_statistics() = wanted;
  call(std::move(request), [this, done = std::move(done)](const api::Response* response) {
    if (response && !response->error().empty() && on_error) on_error(response->error());
    done(response && response->error().empty() ? &response->statistics() : nullptr);
  });
}

void PfeLink::call(api::Request request, ResponseSink done) {
  if (!socket_) return done(nullptr);
  request.set_sequence(++sequence_);
  waiting_.emplace(sequence_, std::move(done));
  QTimer::singleShot(kAnswer, &retry_, [this, sequence = sequence_] { answer(sequence, nullptr); });
  enqueue(request, -1);
}

// The plane does one request after the other: the answer to one that asks for nothing says that
// those before it are done.
void PfeLink::settle(std::function<void()> done) {
  if (!socket_ || (!unasked_ && answered_ >= asked_)) return done();
  unasked_ = false;
  asked_ = sequence_ + 1;
  const bool waits = !silent_;
  statistics({}, [this, waits, done](const api::Statistics* statistics) {
    if (!statistics) silent_ = true;
    if (waits) done();
  });
  if (!waits) done();
}

std::string PfeLink::behind() const {
  if (!socket_) return "is not running";
  return answered_ < asked_ ? "does not answer" : "";
}

}  // namespace nezu::chassis
