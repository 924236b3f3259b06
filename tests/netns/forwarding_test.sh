#!/usr/bin/env bash
# Two routers forward between two hosts: IPv4, IPv6, errors to the sender, static routes, and what
# each program's death does to it.
cd "$(dirname "$0")"
. ./lab.sh
start_lab forwarding

check "host to its router" eventually 5 pings h1 1 10.1.0.1
check "IPv4 across" eventually 5 pings h1 1 10.2.0.2
check "IPv4 across, nothing lost" pings h1 20 10.2.0.2
check "IPv4 back, nothing lost" pings h2 20 10.1.0.2
check "IPv6 across" eventually 5 pings h1 1 2001:db8:2::2
check "IPv6 across, nothing lost" pings h1 20 2001:db8:2::2
check "large packets in fragments" pings h1 5 10.2.0.2 -s 4000
check "router to far host" pings r1 5 10.2.0.2
check "router to far host, IPv6" pings r1 5 2001:db8:2::2

error_of() { grep -q "From $1" <<<"$(node h1 ping -c 1 -W 2 "${@:2}")"; }
check "TTL ends at the first router" error_of "10.1.0.1 .*Time to live exceeded" -t 1 10.2.0.2
check "TTL ends at the second router" error_of "10.0.0.2 .*Time to live exceeded" -t 2 10.2.0.2
check "hop limit ends at the first router" error_of "2001:db8:1::1 .*Time exceeded" -t 1 2001:db8:2::2
check "reject is answered" error_of "10.1.0.1 .*Unreachable" 10.9.0.2
silent() {
  local said
  said=$(node h1 ping -c 1 -W 1 10.8.0.2)
  grep -q "1 packets transmitted, 0 received" <<<"$said" && ! grep From <<<"$said"
}
check "discard is silent" silent

check "20 MB of TCP, offloads on" transfer h1 h2 10.2.0.2
check "20 MB of TCP over IPv6" transfer h2 h1 2001:db8:1::2

# Kills, under a ping.
killed() { killed_under "$@" h1 10.2.0.2; } # ROUTER PROGRAM MOST-LOST
check "kill of zebra loses nothing" killed r1 zebra 0
check "kill of staticd loses nothing" killed r1 staticd 0
check "kill of nezu-re loses nothing" killed r1 nezu-re 0
check "kill of nezu-pfe is an outage of less than a second" killed r1 nezu-pfe second
check "afterwards nothing is lost" eventually 10 pings h1 20 10.2.0.2
check "static routes are in the kernel" eventually 5 sh -c \
  "'$nezu' exec '$lab/r1' ip route show 10.2.0.0/24 | grep -q 'via 10.0.0.2'"
