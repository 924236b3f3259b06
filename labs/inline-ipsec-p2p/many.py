#!/usr/bin/env python3
"""many.py OURS THEIRS: ten VPNs of two hundred traffic selectors each, OURS.VPN.NUMBER.0/24 at this end and
THEIRS.VPN.NUMBER.0/24 at the other, but one less in the last: with the lab's own tunnel that is two thousand.
Each VPN has a gateway of its own, between two more addresses of the core link."""
import sys

ours, theirs = sys.argv[1:]
host, here, there = {"10": ("1.1.1.2", 100, 200), "11": ("2.2.2.2", 200, 100)}[ours]
print(f"set routing-options static route {ours}.0.0.0/8 next-hop {host}")
for vpn in range(10):
    gateway = f"set security ike gateway many-{vpn}"
    print(f"set interfaces et-0/2/10 unit 0 family inet address 16.1.1.{here + vpn}/24")
    print(f"{gateway} ike-policy ike_policy")
    print(f"{gateway} address 16.1.1.{there + vpn}")
    print(f"{gateway} local-address 16.1.1.{here + vpn}")
    print(f"{gateway} external-interface et-0/2/10")
    print(f"{gateway} version v2-only")
    at = f"set security ipsec vpn many-{vpn}"
    print(f"set interfaces st0 unit {10 + vpn} family inet")
    print(f"set services service-set ss1 ipsec-vpn many-{vpn}")
    print(f"{at} bind-interface st0.{10 + vpn}")
    print(f"{at} ike gateway many-{vpn}")
    print(f"{at} ike ipsec-policy ipsec_policy")
    print(f"{at} establish-tunnels {'immediately' if ours == '10' else 'responder-only'}")
    for number in range(200 - (vpn == 9)):
        print(f"{at} traffic-selector ts-{number} local-ip {ours}.{vpn}.{number}.0/24")
        print(f"{at} traffic-selector ts-{number} remote-ip {theirs}.{vpn}.{number}.0/24")
