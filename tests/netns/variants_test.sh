#!/usr/bin/env bash
# The variants of labs/inline-ipsec-p2p: VPNs whose selectors overlap; the machine under the tunnel,
# with its PICs, unified services and a reboot; VPN monitoring; a proxy identity; UDP encapsulation;
# sizes, numbers and suites; peers that are dead or only answer; two thousand tunnels and one more.
cd "$(dirname "$0")"
. ./lab.sh
start_lab ../../labs/inline-ipsec-p2p
for variant in vpns machine udp packets peers many; do
  check "variant: $variant" "$nezu" lab check "$copy" "$variant"
done
