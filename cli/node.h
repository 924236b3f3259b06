#pragma once
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

/// The nodes of the labs of this machine, as the file system and the kernel know them.
namespace nezu::cli {

struct Node {
  std::string lab;
  std::string name;

  std::string run() const;   ///< run directory: sockets, logs; gone after `lab down`
  std::string data() const;  ///< configuration database
  std::string kind() const;  ///< "nezu", "linux", or "delay": what a link's delay is made of
  bool router() const;
  /// The pid of its init, 0 if it does not live. Asked of the kernel (a lock init holds), so no
  /// stale number is ever taken for it.
  pid_t pid() const;
};

std::string lab_run(std::string_view lab);   ///< /run/nezu/labs/LAB
std::string lab_data(std::string_view lab);  ///< /var/lib/nezu/labs/LAB

std::vector<std::string> all_labs();  ///< also those that crashed half way
std::vector<Node> nodes_of(const std::string& lab);

/// The node called "NODE", or "LAB/NODE" where several labs have one. If there is none, says so in
/// `error`.
bool find_node(std::string_view name, Node& node, std::string& error);

enum class Network {
  kNode,   ///< what programs in the node see
  kWires,  ///< a router's other side: the wires on its ports
};

/// Moves the caller into the node's namespaces; its pid namespace is that of children from now on.
/// False with `error` on failure.
bool enter(const Node& node, Network network, std::string& error);

struct Outcome {
  int status = 0;      ///< of the shell: 0…255, 128 + signal
  std::string output;  ///< stdout and stderr
};
/// Runs a shell command in the node and collects what it prints.
Outcome run_in(const Node& node, const std::string& command, Network network = Network::kNode);
/// Runs a program here and collects what it prints.
Outcome run_here(const std::vector<std::string>& command);

/// What a parent makes of waitpid's status.
int exit_status(int wait_status);

}  // namespace nezu::cli
