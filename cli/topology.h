#pragma once
#include <array>
#include <chrono>
#include <map>
#include <string>
#include <vector>

/// A lab's topology, in containerlab's YAML.
namespace nezu::cli {

struct TopologyNode {
  std::string kind;            ///< "nezu" or "linux"
  std::string model;           ///< of a router: "mx304"
  std::string startup_config;  ///< absolute path, "" if none
  std::vector<std::string> exec;
};

struct Endpoint {
  std::string node;
  std::string interface;  ///< as written: "et-0/2/10" of a router, "eth1" of a host
  std::string device;     ///< its Linux name: "et-0_2_10"
};
struct Link {
  std::array<Endpoint, 2> ends;
  std::chrono::milliseconds delay{0};  ///< of every frame, each way
};

struct Topology {
  std::string name;
  std::map<std::string, TopologyNode> nodes;
  std::vector<Link> links;

  std::vector<std::string> errors;    ///< "FILE:LINE: words"; the rest is usable only without any
  std::vector<std::string> warnings;  ///< likewise
};

/// The topology file that `path` means: itself, or the only *.clab.yml, *.clab.yaml or
/// topology.yml/.yaml in that directory. "" with `error` if there is none.
std::string topology_file(const std::string& path, std::string& error);

Topology read_topology(const std::string& file);

/// Whether a lab or node may be called that: it becomes a directory and a host name.
bool good_name(const std::string& name);

}  // namespace nezu::cli
