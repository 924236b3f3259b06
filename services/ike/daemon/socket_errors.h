// Why datagrams do not reach their peers, as far as the kernel and the routers on the way say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "services/ike/address.h"

namespace nezu::ike {

/// The last word on each destination. What ICMP says may be forged: it is told to people, nothing
/// is decided by it.
class SocketErrors {
 public:
  static constexpr std::size_t kMost = 4096;  ///< destinations; the oldest word gives way

  /// Asks the kernel to keep the ICMP errors of a UDP socket.
  static void enable(int descriptor, int family);
  /// Takes what ICMP said off the socket's error queue. To be done whenever it is readable.
  void drain(int descriptor);

  void refused(const Address& destination, int error);  ///< by the kernel, an errno
  void sent(const Address& destination);
  void heard(const Address& from);

  /// "No route to 16.1.1.1"; empty: nothing is known to be wrong.
  /// `local`: what it is sent from, for that is who reports an address that nobody has.
  std::string text(const Address& destination, const Address& local) const;

 private:
  struct Word {
    int local = 0;     ///< errno of the last sendmsg, 0: it went out
    int reported = 0;  ///< errno that an ICMP error stands for, 0: none since it was heard
    Address reporter;
    std::uint64_t age = 0;  ///< key in by_age_
  };

  bool take_one(int descriptor);
  Word& place(const Address& destination);
  void forget(std::map<Address, Word>::iterator at);

  std::map<Address, Word> words_;
  std::map<std::uint64_t, Address> by_age_;
  std::uint64_t next_age_ = 0;
};

}  // namespace nezu::ike
