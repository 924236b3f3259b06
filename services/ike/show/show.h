// What iked answers: the operational commands of nezu-rpc-ike.yang.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "services/ike/session/sa.h"
#include "services/mgmt/rpc.h"
#include "services/state/daemon_client.h"

namespace nezu::ike {

class Daemon;

/// Every RPC of the module by its name. `daemon` outlives them.
std::map<std::string, state::DaemonClient::Call> rpcs_of(Daemon& daemon);

// One function a command.
using Reply = std::shared_ptr<mgmt::Reply>;
void show_ike(const Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void show_ipsec(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void show_exchange(const Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void show_explanation(const Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void show_active_peers(const Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void show_stats(const Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void show_event_statistics(const Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void clear_event_statistics(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void initiate(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void rekey(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void terminate(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void show_inactive(const Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void show_traffic_selectors(const Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void show_distribution(const Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void show_statistics(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void clear_ike(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void clear_ipsec(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void clear_statistics(Daemon& daemon, const mgmt::Input& input, const Reply& reply);
void write_debug_keys(const Daemon& daemon, const mgmt::Input& input, const Reply& reply);

// What they share.

/// The value of a numeric argument; 0 if it was not given.
std::uint32_t number_of(const mgmt::Input& input, std::string_view name);
/// Whether `family inet|inet6`, if it was given, is that of the address.
bool is_of_family(const Address& address, const mgmt::Input& input);
/// Whole seconds from now until `at`, not below 0.
std::string seconds_until(Time at);
/// The wall clock's time of a moment of the protocol's, in local time.
std::string wall_time(Time at);
/// "aes256-gcm", "3des-cbc": how shows write "aes-256-gcm", "3des-cbc".
std::string cipher_text(Encryption encryption);
/// "ipv4(0.0.0.0-255.255.255.255)", "ipv4(6,500-1010,192.168.10.0-192.168.10.255)"; several are
/// parted by ", ".
std::string selector_text(const TrafficSelector& selector);
std::string selector_text(const std::vector<TrafficSelector>& selectors);

}  // namespace nezu::ike
