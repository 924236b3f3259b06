#!/usr/bin/env bash
# labs/inline-ipsec-traffic-selectors over the ends of lifetimes: pings for more than three minutes, none lost.
cd "$(dirname "$0")"
. ./lab.sh
start_lab ../../labs/inline-ipsec-traffic-selectors
check "variant: rekey" "$nezu" lab check "$copy" rekey
