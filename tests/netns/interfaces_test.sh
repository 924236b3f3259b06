#!/usr/bin/env bash
# Interfaces and the chassis of a running router: what a cable, a commit, an FPC and the death of
# nezu-re do to devices, addresses and traffic.
cd "$(dirname "$0")"
. ./lab.sh
start_lab forwarding

shows() { grep -Eq "$2" <<<"$(command_of r1 "$1")"; }
lacks() { # COMMAND PATTERN: the command works, and does not say that
  local said
  said=$(command_of r1 "$1") && ! grep -Eq "$2" <<<"$said"
}
change_on() { # NODE SET-LINES…
  local arguments=(-c configure)
  for line in "${@:2}"; do arguments+=(-c "$line"); done
  "$nezu" cli "$lab/$1" "${arguments[@]}" -c commit | grep -q "commit complete"
}
change() { change_on r1 "$@"; }
warns() { # PATTERN SET-LINE: it is committed with a warning
  grep -Eq "$1" <<<"$("$nezu" cli "$lab/r1" -c configure -c "$2" -c commit)"
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
node h1 sh -c 'ip address replace 2001:db8:1::2/64 dev eth1 nodad; ip route replace default via 2001:db8:1::1'
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
check "all" eventually 3 lacks "show interfaces terse" "^si-"

# The Routing Engine dies: nothing of this changes.
"$nezu" exec "$lab/r1" -- ip -o monitor link address >"$copy/events" 2>&1 &
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

# Ports as configured.
check "a port's speed" change "set chassis fpc 0 pic 0 port 0 speed 40g"
check "is shown" shows "show interfaces et-0/0/0" "Speed: 40Gbps"
check "and in the PIC" shows "show chassis pic fpc-slot 0 pic-slot 0" "^ +0 +40G VIRTUAL"
check "an unused port" change "set chassis fpc 0 pic 0 port 0 unused"
check "is no interface" eventually 3 lacks "show interfaces terse" "^et-0/0/0"
check "and has no carrier for the far end" eventually 3 sh -c \
  "'$nezu' exec '$lab/h1' ip link show eth1 | grep -q NO-CARRIER"
check "until it is used again" change "delete chassis fpc 0 pic 0 port 0"
check "with its traffic" eventually 5 pings h1 1 10.2.0.2
check "a port that is not there" warns "FPC 0 of this chassis .mx304. has no PIC 9; the interface does not come up" \
  "set interfaces et-0/9/0 unit 0 family inet"
check "is not shown either" lacks "show interfaces terse" "^et-0/9/0"
check "the management port" warns "management port; its link is down" \
  "set interfaces fxp0 unit 0 family inet address 192.0.2.1/24"
check "has its address, and no link" shows "show interfaces terse" "^fxp0.0 +up +down +inet +192.0.2.1/24"
check "on a device" has_address fxp0.0 192.0.2.1/24
check "no route to its network without a link" eventually 3 lacks "show route 192.0.2.7" fxp0
check "both go" change "delete interfaces fxp0" "delete interfaces et-0/9/0"

# VLANs: the link between the routers carries two, and tcpdump says which.
tagged() { # NODE NUMBER
  change_on "$1" "delete interfaces et-0/2/10" "set interfaces et-0/2/10 vlan-tagging" \
    "set interfaces et-0/2/10 unit 100 vlan-id 100 family inet address 10.0.0.$2/24" \
    "set interfaces et-0/2/10 unit 100 family inet6 address 2001:db8::$2/64" \
    "set interfaces et-0/2/10 unit 7 vlan-id 4094 family inet address 10.0.20.$2/24"
}
check "units of VLANs" tagged r1 1
check "on both ends" tagged r2 2
check "carry" eventually 5 pings h1 1 10.2.0.2
check "nothing lost" pings h1 20 10.2.0.2
check "IPv6 too" eventually 5 pings h1 1 2001:db8:2::2
start_capture wires r1 et-0_2_10 "$copy/vlans" -eln icmp or 'vlan and icmp'
check "the other unit" pings r1 5 10.0.20.2
check "its neighbour across" pings h1 5 10.2.0.2
check "all is captured" stop_capture "$copy/vlans"
in_vlan() { [ "$(grep -c "vlan $1,.*$2" "$copy/vlans")" = 10 ]; }
check "is VLAN 4094 on the wire" in_vlan 4094 10.0.20.1
check "the hosts' is VLAN 100" in_vlan 100 10.1.0.2
check "20 MB of TCP in a VLAN, offloads on" transfer h1 h2 10.2.0.2
counted() { # the port has counted packets as they are on a wire, not as offloads made them
  local packets
  packets=$(command_of r1 show interfaces et-0/2/10 detail | sed -n 's/.*Output packets: *\([0-9]*\).*/\1/p' | head -1)
  echo "$packets packets"
  [ "$packets" -gt 13800 ]
}
check "which are packets of 1448 octets" counted
check "each unit its own MTU" change "set interfaces et-0/2/10 unit 7 family inet mtu 1400"
check "the one's" shows "show interfaces et-0/2/10.7" "MTU: 1400"
check "and the other's" shows "show interfaces et-0/2/10.100" "MTU: 1500"
check "which holds" unanswered r1 "mtu *= *1400" -M do -s 1400 10.0.20.2
check "a unit goes, the other stays" change "delete interfaces et-0/2/10 unit 7"
check "with its traffic" pings h1 10 10.2.0.2
