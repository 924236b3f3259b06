#!/usr/bin/env bash
# labs/inline-ipsec-nat: a peer behind a NAT, which moves. Run by selectors_test.sh.
cd "$(dirname "$0")"
. ./lab.sh
start_lab ../../labs/inline-ipsec-nat
check "what the lab promises holds" "$nezu" lab check "$copy"
