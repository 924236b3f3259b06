#!/usr/bin/env bash
# The variant vxlan, and VXLAN by fti0 over the tunnel of labs/inline-ipsec-p2p: what is on the core, packet for packet, as tshark
# decrypts and dissects it; congestion marks, sizes, TCP. And Linux's own VXLAN as the other end, both ways,
# with Ethernet inside and with the generic protocol extension; one that sends what it should not.
cd "$(dirname "$0")"
. ./lab.sh
start_lab ../../labs/inline-ipsec-p2p

says() { # NODE COMMAND EXPRESSION
  local said
  said=$(command_of "$1" "$2" 2>&1)
  grep -Eq -- "$3" <<<"$said" || { echo "$said"; return 1; }
}
commits() { # NODE LINE…: nothing of it is without effect
  local said lines=()
  for line in "${@:2}"; do lines+=(-c "$line"); done
  said=$("$nezu" cli "$lab/$1" -c configure "${lines[@]}" -c "commit and-quit" 2>&1)
  grep -q "commit complete" <<<"$said" && ! grep -qi "warning" <<<"$said" || { echo "$said"; return 1; }
}
gpe="tunnel encapsulation vxlan-gpe"
fti() { # NODE UNIT OWN OTHER VNI ADDRESS LINE…
  local unit="set interfaces fti0 unit $2"
  commits "$1" "$unit $gpe source address $3" "$unit $gpe destination address $4" "$unit $gpe vni $5" \
    "$unit family inet address $6" "${@:7}"
}
on_lo() { commits "$1" "set interfaces lo0 unit 0 family inet address $2/32"; }

check "the tunnel below carries" eventually 30 pings host1 1 2.2.2.2
check "variant: vxlan" "$nezu" lab check "$copy" vxlan
check "an address for VXLAN, peer1" on_lo peer1 10.255.0.1
check "and peer2" on_lo peer2 10.255.0.2
check "fti0 of peer1" fti peer1 0 10.255.0.1 10.255.0.2 7000 192.168.70.1/30 \
  "set interfaces fti0 unit 0 $gpe tunnel-endpoint vxlan" \
  "set routing-options static route 10.255.0.2/32 next-hop st0.1" \
  "delete routing-options static route 2.2.2.0/24" "set routing-options static route 2.2.2.0/24 next-hop fti0.0"
check "fti0 of peer2" fti peer2 0 10.255.0.2 10.255.0.1 7000 192.168.70.2/30 \
  "set interfaces fti0 unit 0 $gpe tunnel-endpoint vxlan" \
  "set routing-options static route 10.255.0.1/32 next-hop st0.1" \
  "delete routing-options static route 1.1.1.0/24" "set routing-options static route 1.1.1.0/24 next-hop fti0.0"
check "host1 reaches host2" eventually 5 pings host1 1 2.2.2.2
check "it is shown" says peer1 "show interfaces fti0" "Link-level type: Flexible-tunnel-Interface, MTU: Unlimited"
check "with its tunnel" says peer1 "show interfaces fti0" \
  "Destination UDP port: 4789, VNI: 7000, Source address: 10.255.0.1, Destination address: 10.255.0.2"
check "its route" says peer1 "show route 2.2.2.2" "via fti0.0"

# Two encapsulations on the core.
check "peer1 writes its keys" command_of peer1 request security ike debug-keys
mkdir -p "$copy/home/.config/wireshark"
cp /run/nezu/labs/"$lab"/peer1/debug-keys/* "$copy/home/.config/wireshark/"
start_capture wires peer1 et-0_2_10 "$copy/core.pcap" -U -w -
check "pings to decrypt" pings host1 10 2.2.2.2 -s 333 -Q 0xb9
check "both ways" pings host2 10 1.1.1.2 -s 444
check "all of them are captured" stop_capture "$copy/core.pcap"
decrypted() { # FILTER, fields…
  local fields=()
  for field in "${@:2}"; do fields+=(-e "$field"); done
  HOME=$copy/home dissect "$copy/core.pcap" "$1" -o esp.enable_encryption_decode:TRUE \
    -o esp.enable_authentication_check:TRUE -T fields "${fields[@]}"
}
inside() { # FILTER EXPECTED FIELD…: ten times the same
  local found
  found=$(decrypted "$1 && esp.icv_good == 1" "${@:3}" | sort | uniq -c | xargs)
  [ "$found" = "10 $2" ] || { echo "found: $found"; return 1; }
}
there="icmp.type == 8 && data.len == 325"
check "ESP, VXLAN, the ping: three IP headers" inside "$there" \
  "16.1.1.2,10.255.0.1,1.1.1.2 16.1.1.1,10.255.0.2,2.2.2.2" ip.src ip.dst
check "in the network, to the port, of the pseudo addresses" inside \
  "$there && eth.src == 00:00:5e:00:52:01 && eth.dst == 00:00:5e:00:52:00" "7000 4789" vxlan.vni udp.dstport
check "its class on all three" inside "$there" "46,46,46 1,1,1" ip.dsfield.dscp ip.dsfield.ecn
back="icmp.type == 8 && data.len == 436"
check "and the other way" inside "$back" "16.1.1.1,10.255.0.2,2.2.2.2 16.1.1.2,10.255.0.1,1.1.1.2" ip.src ip.dst
bare() { none_of "$copy/core.pcap" "udp.port == 4789 || icmp"; }
check "nothing of it in clear text" bare

# Sizes: 1446 octets fit into ESP, 1396 of them into VXLAN.
check "large packets" pings host1 5 2.2.2.2 -M dont -s 4000
check "that must not be fragmented: told the size" unanswered host1 "mtu ?= ?1396" -M do -s 1472 2.2.2.2
check "which fits" pings host1 5 2.2.2.2 -M do -s 1368
check "TCP" transfer host1 host2 2.2.2.2
check "TCP back" transfer host2 host1 1.1.1.2
check "the router itself" says peer1 "ping 192.168.70.2 count 3 rapid" "3 packets transmitted, 3 (packets )?received"

# Linux is the other end: host2, from which peer2 routes to peer1 through the tunnel.
check "peer2 leads host2's packets into the tunnel" commits peer2 "delete interfaces fti0" \
  "delete routing-options static" "set routing-options static route 10.255.0.1/32 next-hop st0.1" \
  "set routing-options static route 1.1.1.0/24 next-hop st0.1"
check "a unit to Linux" fti peer1 1 10.255.0.1 2.2.2.2 301 192.168.71.1/30 \
  "set interfaces fti0 unit 1 $gpe tunnel-endpoint vxlan" \
  "delete routing-options static route 2.2.2.0/24" "set routing-options static route 2.2.2.0/24 next-hop st0.1" \
  "set routing-options static route 10.77.0.0/16 next-hop fti0.1"
node host2 ip link add vx1 type vxlan id 301 local 2.2.2.2 remote 10.255.0.1 dstport 4789 nolearning udpcsum
node host2 ip link set vx1 address 00:00:5e:00:52:00 up mtu 1396
node host2 ip address add 192.168.71.2/30 dev vx1
node host2 ip address add 10.77.0.1/32 dev lo
node host2 ip neighbour add 192.168.71.1 lladdr 00:00:5e:00:52:01 dev vx1
node host2 ip route add 1.1.1.2/32 via 192.168.71.1 dev vx1 src 10.77.0.1
# veth would hand over large packets in VXLAN, which the kernel does not describe to a packet socket.
node host2 ethtool -K eth1 tx-udp_tnl-segmentation off tx-udp_tnl-csum-segmentation off >/dev/null
check "Linux' VXLAN answers" eventually 5 pings host1 5 10.77.0.1
check "and asks, with UDP checksums" pings host2 10 1.1.1.2 -I 10.77.0.1
check "large ones" pings host1 5 10.77.0.1 -s 4000
check "TCP to it" transfer host1 host2 10.77.0.1

linux_arp() {
  node host2 ip neighbour del 192.168.71.1 dev vx1
  node host2 ping -c 2 -i 0.1 -W 0.3 192.168.71.1 >/dev/null
  says peer1 "show pfe statistics error" "What was in VXLAN is not a good IP packet *: *[1-9]"
}
check "ARP is not for a tunnel of IP packets, and counted" linux_arp

# The generic protocol extension, both ways: IP right behind the header.
check "a unit without tunnel-endpoint" fti peer1 2 10.255.0.1 2.2.2.2 302 192.168.72.1/30 \
  "set routing-options static route 10.78.0.0/16 next-hop fti0.2"
node host2 ip link add vx2 type vxlan dstport 4790 gpe external
node host2 ip link set vx2 up mtu 1396
node host2 ip address add 10.78.0.1/32 dev lo
node host2 ip route add 1.1.1.3/32 encap ip id 302 dst 10.255.0.1 src 2.2.2.2 ttl 64 dev vx2 src 10.78.0.1
node host1 ip address add 1.1.1.3/24 dev eth1
check "Linux' VXLAN-GPE asks and is answered" eventually 5 pings host2 10 1.1.1.3 -I 10.78.0.1
check "and answers" pings host1 10 10.78.0.1 -I 1.1.1.3

# Bridge domains: host1's LAN reaches to Linux, and then to peer2's port. What does not fit is nobody's to
# cut in pieces, so that hosts have the size that does.
lan() { # NODE: its address in the LAN
  node "$1" ip address flush dev "$2"
  node "$1" ip link set "$2" mtu 1396 up
  node "$1" ip address add "$3/24" dev "$2"
}
domain() { # NODE REMOTE LINE…
  commits "$1" "delete interfaces et-0/0/0 unit 0 family" "set interfaces et-0/0/0 encapsulation ethernet-bridge" \
    "set switch-options vtep-source-interface lo0.0" "set switch-options remote-vtep-list $2" \
    "set bridge-domains LAN vlan-id 10" "set bridge-domains LAN interface et-0/0/0.0" \
    "set bridge-domains LAN vxlan vni 400" "set bridge-domains LAN vxlan ingress-node-replication" "${@:3}"
}
mac_of() { node "$1" cat "/sys/class/net/$2/address"; }
check "a bridge domain of peer1" domain peer1 2.2.2.2 "delete interfaces fti0" "delete routing-options static" \
  "set routing-options static route 2.2.2.0/24 next-hop st0.1" "set routing-options static route 10.255.0.2/32 next-hop st0.1"
node host2 ip link add vx4 type vxlan id 400 local 2.2.2.2 remote 10.255.0.1 dstport 4789
lan host1 eth1 10.50.0.1
lan host2 vx4 10.50.0.2
check "host1 and Linux' VXLAN are on one LAN" eventually 5 pings host1 5 10.50.0.2
check "both ways" pings host2 5 10.50.0.1
check "TCP" transfer host1 host2 10.50.0.2
check "TCP back" transfer host2 host1 10.50.0.1
check "peer1 has learnt where host1 is" says peer1 "show bridge mac-table" "$(mac_of host1 eth1) +D +et-0/0/0.0"
check "and the other" says peer1 "show bridge mac-table bridge-domain LAN" "$(mac_of host2 vx4) +D +vtep.32769"
# More of them than are told at once; to host1, where they are themselves.
stations() { # COUNT
  node host1 python3 - "$1" "$(mac_of host1 eth1)" <<'END'
import socket, sys, time
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(("eth1", 0))
to = bytes.fromhex(sys.argv[2].replace(":", ""))
for i in range(int(sys.argv[1])):
    wire.send(to + bytes([2, 0xaa, 0, 0, i >> 8, i & 255]) + b"\x88\xb5" + bytes(46))
    if i % 50 == 0:
        time.sleep(0.01)  # so that no ring overruns
END
}
told() { # COUNT: each once, in order
  local said
  said=$(command_of peer1 show bridge mac-table | grep -Eo '02:aa(:[0-9a-f]{2}){4}')
  [ "$(wc -l <<<"$said")" -eq "$1" ] && sort -uc <<<"$said" || { tail -3 <<<"$said"; return 1; }
}
shown() { stations "$1" && told "$1"; }
check "many stations are shown" eventually 15 shown 5000
check "endpoints are shown" says peer1 "show l2-learning vxlan-tunnel-end-point remote" " 2.2.2.2 +default-switch +[0-9]+ +vtep.32769 +RNVE"
check "as interfaces" says peer1 "show interfaces vtep" "VXLAN Endpoint Type: Remote, VXLAN Endpoint Address: 2.2.2.2"
check "that count" says peer1 "show interfaces vtep.32769" "Input packets : [1-9][0-9]+"

node host2 ip link del vx4
check "peer1 has peer2 in place of Linux" commits peer1 "delete switch-options remote-vtep-list 2.2.2.2" \
  "set switch-options remote-vtep-list 10.255.0.2"
check "a bridge domain of peer2" domain peer2 10.255.0.1
lan host2 eth1 10.50.0.2
node host1 ip neighbour flush dev eth1
check "host1 and host2 are on one LAN" eventually 5 pings host1 5 10.50.0.2
start_capture wires peer1 et-0_2_10 "$copy/core.pcap" -U -w -
check "pings to decrypt" pings host1 10 10.50.0.2 -s 333
check "all of them are captured" stop_capture "$copy/core.pcap"
cp /run/nezu/labs/"$lab"/peer1/debug-keys/* "$copy/home/.config/wireshark/"
check "ESP, VXLAN, host1's own frames" inside "$there && eth.src == $(mac_of host1 eth1)" \
  "16.1.1.2,10.255.0.1,10.50.0.1 400" ip.src vxlan.vni
check "nothing in clear text" bare
check "peer2 has learnt where host1 is" says peer2 "show bridge mac-table" "$(mac_of host1 eth1) +D +vtep.32769"
forgotten() {
  local said
  said=$("$nezu" cli "$lab/peer2" -c "clear bridge mac-table" -c "show bridge mac-table")
  ! grep -Eq ":[0-9a-f]{2} +D " <<<"$said" || { echo "$said"; return 1; }
}
check "and forgets it when told to" forgotten
check "and learnt again" pings host1 5 10.50.0.2
check "an endpoint in a domain is shown" says peer2 "show l2-learning vxlan-tunnel-end-point source" "LAN\+10 +400 "
