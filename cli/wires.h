#pragma once
#include <string>

/// Wires between nodes: veth pairs, made straight inside the two network namespaces, so that no
/// name ever exists outside.
namespace nezu::cli {

struct WireEnd {
  int network = -1;    ///< descriptor of the network namespace
  std::string device;  ///< its name there
  int mtu = 1500;
};

/// Makes the pair and raises both ends. "" or the reason in words.
std::string make_wire(const WireEnd& left, const WireEnd& right);

}  // namespace nezu::cli
