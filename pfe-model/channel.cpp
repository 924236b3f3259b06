#include "pfe-model/channel.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>

namespace nezu::pfe {

namespace {

constexpr size_t kLength = 4;
constexpr size_t kMaxDescriptors = 8;

uint32_t read_length(const char* at) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(at);
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<uint32_t>(bytes[3]) << 24;
}

}  // namespace

MessageReader::State MessageReader::read(int socket, Message& message) {
  if (buffer_.empty()) buffer_.resize(kLength);
  while (true) {
    // The length field is whole: the message and the length field behind it are wanted next.
    if (filled_ >= kLength && wanted_ == kLength) {
      const uint32_t length = read_length(buffer_.data());
      if (length > kMaxMessage) return State::kClosed;
      wanted_ = kLength + length + kLength;
      buffer_.resize(wanted_);
    }
    const size_t end = wanted_ - kLength;  // of the message
    if (wanted_ > kLength && filled_ >= end) {
      message.bytes.assign(buffer_, kLength, end - kLength);
      message.too_many = arrived_.size() > 1;
      message.attached = arrived_.empty() ? Descriptor() : std::move(arrived_.front());
      arrived_ = std::move(next_);
      next_.clear();
      std::memmove(buffer_.data(), buffer_.data() + end, filled_ - end);
      filled_ -= end;
      wanted_ = kLength;
      buffer_.resize(kLength);
      return State::kMessage;
    }
    if (const State state = fill(socket); state != State::kMessage) return state;
  }
}

MessageReader::State MessageReader::fill(int socket) {
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxDescriptors * sizeof(int))];
  iovec part{buffer_.data() + filled_, wanted_ - filled_};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  const ssize_t n = ::recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0) return errno == EAGAIN || errno == EINTR ? State::kNothing : State::kClosed;
  if (n == 0) return State::kClosed;
  attach(header);
  filled_ += static_cast<size_t>(n);
  return State::kMessage;
}

void MessageReader::attach(msghdr& header) {
  // While the message itself is being read its first byte is here already: what comes belongs to
  // the next one.
  auto& owner = filled_ > 0 && wanted_ > kLength ? next_ : arrived_;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int descriptor;
      std::memcpy(&descriptor, CMSG_DATA(c) + i * sizeof(int), sizeof descriptor);
      owner.emplace_back(descriptor);
    }
  }
}

std::string frame(std::string_view message) {
  const auto length = static_cast<uint32_t>(message.size());
  std::string framed;
  framed.reserve(kLength + message.size());
  for (int shift = 0; shift < 32; shift += 8) framed += static_cast<char>(length >> shift);
  return framed.append(message);
}

bool send_message(int socket, std::string_view message, int attached) {
  const std::string framed = frame(message);
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  for (size_t sent = 0; sent < framed.size();) {
    iovec part{const_cast<char*>(framed.data()) + sent, framed.size() - sent};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (attached >= 0 && sent == 0) {
      header.msg_control = control;
      header.msg_controllen = sizeof control;
      cmsghdr* c = CMSG_FIRSTHDR(&header);
      c->cmsg_level = SOL_SOCKET;
      c->cmsg_type = SCM_RIGHTS;
      c->cmsg_len = CMSG_LEN(sizeof(int));
      std::memcpy(CMSG_DATA(c), &attached, sizeof attached);
    }
    const ssize_t n = ::sendmsg(socket, &header, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    sent += static_cast<size_t>(n);
  }
  return true;
}

}  // namespace nezu::pfe
