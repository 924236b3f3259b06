#pragma once
#include "tests/services/state/configuration.h"

namespace nezu::ike {

/// The configuration of peer1 in labs/inline-ipsec-p2p.
inline configdb::View lab_tree() {
  static const configdb::View lab = state::tree({
      "set chassis fpc 0 pic 0 inline-services",
      "set services service-set ss1 next-hop-service inside-service-interface si-0/0/0.0",
      "set services service-set ss1 next-hop-service outside-service-interface si-0/0/0.1",
      "set services service-set ss1 ipsec-vpn ipsec_vpn",
      "set security ike proposal ike_prop description \"IKE Proposal\"",
      "set security ike proposal ike_prop authentication-method pre-shared-keys",
      "set security ike policy ike_policy mode main",
      "set security ike policy ike_policy proposals ike_prop",
      "set security ike policy ike_policy pre-shared-key ascii-text \"test123\"",
      "set security ike gateway ike_gw ike-policy ike_policy",
      "set security ike gateway ike_gw address 16.1.1.1",
      "set security ike gateway ike_gw external-interface et-0/2/10",
      "set security ike gateway ike_gw local-address 16.1.1.2",
      "set security ike gateway ike_gw version v2-only",
      "set security ipsec proposal ipsec_prop protocol esp",
      "set security ipsec proposal ipsec_prop encryption-algorithm aes-256-gcm",
      "set security ipsec policy ipsec_policy proposals ipsec_prop",
      "set security ipsec vpn ipsec_vpn bind-interface st0.1",
      "set security ipsec vpn ipsec_vpn copy-outer-dscp",
      "set security ipsec vpn ipsec_vpn ike gateway ike_gw",
      "set security ipsec vpn ipsec_vpn ike ipsec-policy ipsec_policy",
      "set security ipsec vpn ipsec_vpn establish-tunnels immediately",
      "set interfaces et-0/0/0 unit 0 family inet address 1.1.1.1/24",
      "set interfaces si-0/0/0 unit 0 family inet",
      "set interfaces si-0/0/0 unit 0 service-domain inside",
      "set interfaces si-0/0/0 unit 1 family inet",
      "set interfaces si-0/0/0 unit 1 service-domain outside",
      "set interfaces et-0/2/10 unit 0 family inet address 16.1.1.2/24",
      "set interfaces st0 unit 1 family inet",
      "set interfaces st0 unit 1 family inet6",
  });
  return lab;
}

}  // namespace nezu::ike
