#!/usr/bin/env bash
# Interfaces and the chassis of a running router: what a cable, a commit, an FPC and the death of
# nezu-re do to devices, addresses and traffic.
cd "$(dirname "$0")"
. ./lab.sh
start_lab forwarding

shows() { grep -Eq "$2" <<<"$(command_of r1 "$1")"; }
change() { # SET-LINES…
  local arguments=(-c configure)
  for line in "$@"; do arguments+=(-c "$line"); done
  "$nezu" cli "$lab/r1" "${arguments[@]}" -c commit | grep -q "commit complete"
}
has_address() { node r1 ip -br address show dev "$1" | grep -q " $2 "; }

check "traffic to begin with" eventually 5 pings h1 1 10.2.0.2
check "the port is up" shows "show interfaces terse" "^et-0/0/0 +up +up"
check "its unit has its address" shows "show interfaces terse" "^et-0/0/0.0 +up +up +inet +10.1.0.1/24"
mac() { node r1 cat /sys/class/net/et-0_0_0.0/address; }
before=$(mac)

# Links.
node h1 ip link set eth1 down
check "the unit goes down with its cable" eventually 3 shows "show interfaces terse" "^et-0/0/0.0 +up +down"
node h1 ip link set eth1 up
node h1 ip route replace default via 10.1.0.1 2>/dev/null
node h1 ip address replace 2001:db8:1::2/64 dev eth1 nodad
check "and comes back with it" eventually 3 shows "show interfaces terse" "^et-0/0/0.0 +up +up"

# FPC.
check "FPC offline" shows "request chassis fpc slot 0 offline" "Offline initiated"
check "the far end sees no carrier" eventually 3 sh -c \
  "'$nezu' exec '$lab/h1' ip link show eth1 | grep -q NO-CARRIER"
# The first packet after the link is back: its ARP or ND is answered, not asked again a second later.
first_packet() {
  command_of r1 request chassis fpc slot 0 offline >/dev/null
  sleep 1
  node h1 sh -c 'ip neigh flush all; until ip -br link show eth1 | grep -q LOWER_UP; do sleep 0.002; done
    ping -c 1 -W 0.9 10.1.0.1 >/dev/null & first=$!
    ping -c 1 -W 0.9 2001:db8:1::1 >/dev/null && wait $first' &
  local pings=$!
  command_of r1 request chassis fpc slot 0 online >/dev/null
  wait "$pings"
}
check "the first packets after an FPC came online" first_packet
check "and once more" first_packet
command_of r1 request chassis fpc slot 0 offline >/dev/null
check "an alarm says so" shows "show chassis alarms" "FPC 0 offline"
node r1 kill -9 "$(pid_in r1 nezu-re)"
# A loaded machine takes its time to start it; what comes next needs it.
check "a new nezu-re leaves it offline" eventually 20 shows "show chassis fpc" "Offline +---Offlined by cli"
check "FPC online" shows "request chassis fpc slot 0 online" "Online initiated"
check "the alarm is gone" shows "show chassis alarms" "No alarms"
check "the router answers again" eventually 5 pings h1 1 10.1.0.1

# Commits.
check "a second address" change "set interfaces et-0/0/0 unit 0 family inet address 10.77.0.1/24"
check "is on the device" has_address et-0_0_0.0 10.77.0.1/24
check "the first stays when it goes" change "delete interfaces et-0/0/0 unit 0 family inet address 10.77.0.1/24"
check "as it was" has_address et-0_0_0.0 10.1.0.1/24
check "disable" change "set interfaces et-0/0/0 disable"
check "shows" shows "show interfaces terse" "^et-0/0/0 +down +down"
check "enable" change "delete interfaces et-0/0/0 disable"
check "traffic again" eventually 5 pings h1 1 10.2.0.2
check "a loopback" change "set interfaces lo0 unit 0 family inet address 10.99.0.1/32"
check "answers" eventually 3 pings h1 1 10.99.0.1
check "and goes" change "delete interfaces lo0"
check "127.0.0.1 stays" has_address lo 127.0.0.1/8
check "inline services" change "set chassis fpc 0 pic 0 inline-services"
check "bring four service interfaces" shows "show interfaces terse" "^si-0/0/3 +up +up"
check "that go with it" change "delete chassis fpc 0 pic 0 inline-services"
check "all" eventually 3 sh -c "! '$nezu' cli '$lab/r1' -c 'show interfaces terse' | grep -q ^si-"

# The Routing Engine dies: nothing of this changes.
node r1 ip -o monitor link address >"$copy/events" 2>&1 &
monitor=$!
sleep 0.3
node r1 kill -9 "$(pid_in r1 nezu-re)"
check "the router is back" eventually 20 shows "show interfaces terse" "^et-0/0/0.0 +up +up"
sleep 0.5
check "no device or address moved" test ! -s "$copy/events"
check "but one that is configured does" change "set interfaces lo0 unit 0 family inet address 10.99.0.1/32"
check "and is seen to" eventually 2 test -s "$copy/events"
kill "$monitor" 2>/dev/null
check "the MAC address is the same" test "$(mac)" = "$before"
check "traffic in the end" pings h1 10 10.2.0.2
