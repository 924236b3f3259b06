#pragma once
#include <linux/netlink.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "chassis/descriptor.h"

/// NETLINK_ROUTE messages, built and taken apart.
namespace nezu::chassis {

/// One request, e.g. Message(RTM_SETLINK, NLM_F_ACK) with a header struct and attributes.
class Message {
 public:
  Message(uint16_t type, uint16_t flags, const void* header, size_t size);
  template <class Header>
  Message(uint16_t type, uint16_t flags, const Header& header)
      : Message(type, flags, &header, sizeof header) {}

  Message& attribute(uint16_t type, const void* data, size_t size);
  Message& attribute(uint16_t type, uint32_t value) {
    return attribute(type, &value, sizeof value);
  }
  Message& attribute(uint16_t type, std::string_view value) {
    return attribute(type, value.data(), value.size());
  }
  Message& begin(uint16_t type);  ///< a nested attribute, until end()
  Message& end();

  const std::string& finish(uint32_t sequence);

 private:
  std::string bytes_;
  std::vector<size_t> open_;
};

/// Called for each message of an answer or a notification.
using Visitor = std::function<void(const nlmsghdr&)>;

/// Finds an attribute in a message whose header struct is `header` octets long; empty if it is not
/// there.
std::string_view attribute(const nlmsghdr& message, size_t header, uint16_t type);

/// Requests with their answers on a blocking socket; at most two seconds each.
class Netlink {
 public:
  /// Of the caller's namespace.
  Netlink();
  explicit Netlink(Descriptor socket);

  /// 0 or an errno: the acknowledgement, or the end of a dump whose messages `visitor` sees.
  /// EAGAIN: something changed during the dump, and it may lack what was there all the time; ask
  /// again.
  int request(Message message, const Visitor& visitor = {});
  /// Joins a multicast group (RTNLGRP_…): from then on read() brings notifications. Do not mix
  /// with request().
  bool join(int group);
  /// Takes what is there without blocking. False: messages were lost, ask for everything again.
  bool read(const Visitor& visitor);

  int descriptor() const { return socket_.get(); }

 private:
  Descriptor socket_;
  uint32_t sequence_ = 0;
};

}  // namespace nezu::chassis
