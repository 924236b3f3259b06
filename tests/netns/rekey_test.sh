#!/usr/bin/env bash
# What waits for most of its time. labs/inline-ipsec-traffic-selectors over the ends of lifetimes: pings for
# more than three minutes, none lost. Meanwhile in labs/inline-ipsec-p2p: UDP encapsulation; sizes, numbers
# and suites; peers that are dead or only answer.
cd "$(dirname "$0")"
. ./lab.sh
start_lab ../../labs/inline-ipsec-traffic-selectors
./variants_test.sh udp packets peers >"$copy/others" 2>&1 &
others=$!
check "variant: rekey" "$nezu" lab check "$copy" rekey
wait "$others"
check "the other lab" [ $? = 0 ]
sed 's/^/      /' "$copy/others"
