#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "router.h"

#define NEEDS_ROOT() \
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: network namespaces need root"

namespace nezu::pfe::test {

/// Tests run side by side: each process has namespaces of its own.
inline std::string own(const std::string& name) {
  return name + std::to_string(::getpid());
}

/// A host in a namespace, joined by a veth to a device in another one.
class Host {
 public:
  Host(const std::string& space, const std::string& device, const std::string& own_mac,
       const std::string& peer_space, const std::string& peer_device)
      : name(space), device_(device) {
    sh("ip netns del " + name);
    sh("ip netns add " + name);
    sh("ip -n " + name + " link set lo up");
    sh("ip link add " + device + " address " + own_mac + " netns " + name +
       " type veth peer name " + peer_device + " netns " + peer_space);
    sh("ip -n " + name + " link set " + device + " up");
    sh("ip -n " + peer_space + " link set " + peer_device + " up");
  }
  ~Host() { sh("ip netns del " + name); }
  void address(const std::string& with_length, const std::string& gateway) {
    sh("ip -n " + name + " addr add " + with_length + " dev " + device_ + " nodad");
    sh("ip -n " + name + " route add default via " + gateway);
  }
  int run(const std::string& command) const { return sh("ip netns exec " + name + " " + command); }
  std::string output(const std::string& command) const {
    return output_of("ip netns exec " + name + " " + command);
  }
  const std::string name;

 private:
  std::string device_;
};

/// Moves 50 MB over TCP; empty when all arrived.
inline std::string transfer(const Host& from, const Host& to, const std::string& to_address) {
  const std::string server =
      "timeout 20 python3 -c \"import socket;"
      "s=socket.create_server(('" +
      to_address + "',5001),family=socket.AF_INET6 if ':' in '" + to_address +
      "' else socket.AF_INET);c,_=s.accept();n=0\n"
      "while True:\n d=c.recv(1<<20)\n if not d: break\n n+=len(d)\nprint(n)\"";
  const std::string client =
      "timeout 20 python3 -c \"import socket,time;time.sleep(0.4);"
      "s=socket.create_connection(('" +
      to_address + "',5001));s.sendall(bytes(50000000));s.close()\"";
  const std::string out = output_of("ip netns exec " + to.name + " " + server + " & sleep 0.3; " +
                                    "ip netns exec " + from.name + " " + client + "; wait");
  return out == "50000000\n" ? "" : out;
}

}  // namespace nezu::pfe::test
