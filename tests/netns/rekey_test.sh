#!/usr/bin/env bash
# What waits for most of its time. labs/inline-ipsec-traffic-selectors over the ends of lifetimes: pings for
# more than three minutes, none lost. Meanwhile the same on a wire of 300 ms, in labs/inline-ipsec-slow-network;
# and in labs/inline-ipsec-p2p: UDP encapsulation; sizes, numbers and suites; peers that are dead or only answer;
# certificates.
cd "$(dirname "$0")"
. ./lab.sh
start_lab ../../labs/inline-ipsec-traffic-selectors
./variants_test.sh udp packets peers >"$copy/others" 2>&1 &
others=$!
./variants_test.sh certificates >"$copy/certificates" 2>&1 &
certificates=$!
./slow_network.sh >"$copy/slow" 2>&1 &
slow=$!
check "variant: rekey" "$nezu" lab check "$copy" rekey
wait "$others"
check "the other lab" [ $? = 0 ]
sed 's/^/      /' "$copy/others"
wait "$certificates"
check "certificates" [ $? = 0 ]
sed 's/^/      /' "$copy/certificates"
wait "$slow"
check "the slow network" [ $? = 0 ]
sed 's/^/      /' "$copy/slow"
