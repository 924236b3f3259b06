#pragma once

/// The world a node lives in: pid, mount and uts namespace, and one or two network namespaces.
namespace nezu::init {

/// Moves the caller's children into a new pid namespace, and the caller into new mount and uts
/// namespaces. Aborts with a line on stderr when the kernel refuses.
void enter_new_world();

/// Makes the ports' network namespace, keeps it as kPortsNamespaceDescriptor, and enters the RE's.
void make_router_networks();
/// A host has one network namespace, with the kernel's defaults.
void make_host_network();

/// Own /proc, /sys, /run, /var/tmp and /etc/frr. `run` is the node's run directory outside; inside
/// it becomes /run/nezu.
void mount_node(const char* run);

/// A router's own /etc/passwd, group and shadow, links to files of /run/accounts that nezu-re
/// writes; the machine's own passwd is /run/accounts/machine. After mount_node().
void mount_accounts();

/// Switches the caller to a network namespace held as a descriptor; aborts on failure.
void enter_network(int descriptor);

/// Ends the program: "nezu-init: WHAT: error text".
[[noreturn]] void give_up(const char* what);

}  // namespace nezu::init
