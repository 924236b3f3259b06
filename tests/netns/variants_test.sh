#!/usr/bin/env bash
# variants_test.sh [VARIANT…]: variants of labs/inline-ipsec-p2p, one after the other. Without a word VPNs
# whose selectors overlap; the machine under the tunnel, with its PICs, unified services and a reboot, VPN
# monitoring and a proxy identity; two thousand tunnels and one more. rekey_test.sh runs the others.
cd "$(dirname "$0")"
. ./lab.sh
[ $# -gt 0 ] || set -- vpns machine many
start_lab ../../labs/inline-ipsec-p2p
for variant in "$@"; do
  check "variant: $variant" "$nezu" lab check "$copy" "$variant"
done
