#!/usr/bin/env bash
# labs/inline-ipsec-slow-network: twenty rekeys over a wire of 300 ms, no ping lost. Run by rekey_test.sh.
cd "$(dirname "$0")"
. ./lab.sh
start_lab ../../labs/inline-ipsec-slow-network
check "what the lab promises holds" "$nezu" lab check "$copy"
