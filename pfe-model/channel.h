#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pfe-model/descriptor.h"

struct msghdr;

namespace nezu::pfe {

/// Framing of api.proto on a stream socket: a 4-byte little-endian length, then the message; a
/// descriptor travels with the first byte of its message.
constexpr size_t kMaxMessage = 256 << 10;

struct Message {
  std::string bytes;
  Descriptor attached;
  bool too_many = false;  ///< more than one descriptor came with it; all but the first are closed
};

/// Reads whole messages from a stream that may hand them over in pieces.
class MessageReader {
 public:
  enum class State : uint8_t { kMessage, kNothing, kClosed };

  /// One message if there is one whole. kClosed also for a length above kMaxMessage.
  State read(int socket, Message& message);

 private:
  State fill(int socket);
  void attach(msghdr& header);

  std::string buffer_;  ///< length field, message, next length field
  size_t filled_ = 0;
  size_t wanted_ = 4;
  // Each call reads at most to the end of the length field that follows a message. So descriptors
  // that come along belong to the message of which the first byte came along.
  std::vector<Descriptor> arrived_;
  std::vector<Descriptor> next_;
};

/// A message with its length in front.
std::string frame(std::string_view message);

/// Sends one framed message, waiting for room; `attached` -1: none. For clients. False: errno.
bool send_message(int socket, std::string_view message, int attached = -1);

}  // namespace nezu::pfe
