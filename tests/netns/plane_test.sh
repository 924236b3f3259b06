#!/usr/bin/env bash
# ESP on the way between two routers, through a Linux router that can be a NAT: tunnels that traffic
# asks for, each suite, path MTU in and through, DF, fragmentation, UDP encapsulation and what it
# discards, NAT traversal and peers that move, replays, limits of kilobytes and of sequence numbers.
cd "$(dirname "$0")"
. ./lab.sh
start_lab plane

change() { # ROUTER SET-LINES…
  local arguments=(-c configure)
  for line in "${@:2}"; do arguments+=(-c "$line"); done
  "$nezu" cli "$lab/$1" "${arguments[@]}" -c commit >"$copy/commit" 2>&1
  grep -q "commit complete" "$copy/commit" || { cat "$copy/commit"; return 1; }
}
both() { change r1 "$@" && change r2 "$@"; }
shows() { # ROUTER COMMAND PATTERN
  local said
  said=$(command_of "$1" "$2")
  grep -Eq -- "$3" <<<"$said" || { echo "$said"; return 1; }
}
refuses() { # LINE REASON
  local said
  said=$("$nezu" cli "$lab/r1" -c "configure private" -c "$1" -c "commit check" 2>&1)
  grep -qF -- "$2" <<<"$said" || { echo "$said"; return 1; }
}
no_answer() { unanswered h1 "" "$@" 10.2.0.2; }
drops() { # ROUTER NAME: how often
  command_of "$1" show pfe statistics error | sed -nE "s/^ *$2 .* ([0-9]+)$/\1/p" | head -1
}
counted() { [ "$(drops "$1" "$2")" -ge "$3" ]; } # ROUTER NAME AT-LEAST
# What passes between the routers on FILTER while COMMAND runs, in tcpdump's words, in $copy/seen.
watching() { # DEVICE FILTER COMMAND…
  start_capture node way "$1" "$copy/seen" -lvn "$2"
  "${@:3}"
  local status=$?
  stop_capture "$copy/seen" && return "$status"
}
seen() { grep -Ec -- "$1" "$copy/seen"; }

events() { shows "$1" "show security ipsec security-associations index 500001 detail" "$2"; }

# Traffic without an SA.
shows_none() { shows r1 "show security ipsec security-associations" "Total active tunnels: 0"; }
check "there is no SA before there is traffic" shows_none
check "a packet asks for one" eventually 10 pings h1 1 10.2.0.2
check "and is told so" shows r1 "show security ipsec security-associations index 500001 detail" "negotiation succeeds"
check "nothing in UDP" shows r1 "show security ipsec security-associations index 500001 detail" \
  "PFS group: N/A, Packet Encapsulation: None, Dest port: 0"

# Each suite of the table for si- interfaces, with short and long sequence numbers.
suite() { # CIPHER BITS set|delete Enabled|Disabled
  both "set security ipsec proposal p encryption-algorithm $1" \
    "$3 security ipsec proposal p extended-sequence-number" &&
    eventually 10 pings h1 1 10.2.0.2 && pings h1 20 10.2.0.2 && pings h2 5 10.1.0.2 &&
    shows r2 "show security ipsec security-associations index 500001 detail" \
      "Encryption: aes-gcm \($2 bits\)" &&
    shows r2 "show security ipsec security-associations index 500001 detail" \
      "Extended-Sequence-Number: $4"
}
check "aes-128-gcm, extended numbers" suite aes-128-gcm 128 set Enabled
check "aes-256-gcm, extended numbers" suite aes-256-gcm 256 set Enabled
check "aes-128-gcm" suite aes-128-gcm 128 delete Disabled
check "aes-256-gcm" suite aes-256-gcm 256 delete Disabled
for cipher in des-cbc 3des-cbc aes-128-cbc aes-192-cbc aes-256-cbc aes-192-gcm chacha20-poly1305; do
  check "$cipher is refused" refuses "set security ipsec proposal p encryption-algorithm $cipher" \
    "Inline IPsec does not support $cipher, only aes-128-gcm and aes-256-gcm"
done
check "AH is refused" refuses "set security ipsec proposal p protocol ah" "Inline IPsec supports ESP only"

# Path MTU: the way takes 1400 octets, which it says only of packets that it must not fragment.
node way ip route replace 172.16.2.0/24 dev eth2 mtu lock 1400
node way ip route replace 172.16.1.0/24 dev eth1 mtu lock 1400
large="-M dont -s 1390"
check "DF cleared, the way fragments ESP" no_answer $large
check "which is dropped and counted" counted r2 esp-fragment 2
check "DF set" both "set security ipsec vpn v df-bit set"
check "the tunnel learns" eventually 5 pings h1 1 10.2.0.2 $large
check "and fragments before it encrypts" watching eth2 "esp" pings h1 5 10.2.0.2 $large
set_before() { [ "$(seen 'flags \[DF\], proto ESP')" -ge 10 ] && [ "$(seen 'flags \[\+\]')" = 0 ]; }
check "with DF on the outside, no fragment" set_before
check "DF copied" both "set security ipsec vpn v df-bit copy"
says_mtu() { # OCTETS: what fits the tunnel, which the way takes in packets of 1400
  local said
  said=$(node h1 ping -c 1 -W 1 -M do -s 1390 10.2.0.2 2>&1)
  grep -q "mtu *= *$1" <<<"$said" || { echo "$said"; return 1; }
}
forget_mtu() { node h1 ip route flush cache; }
check "the sender is told the exact size" eventually 5 says_mtu 1346
check "which is counted" shows r1 "show security ipsec statistics" "Exceeds tunnel MTU: [1-9]"
check "and fits" watching eth2 "esp" pings h1 5 10.2.0.2 -M do -s 1318
copied() { [ "$(seen 'flags \[DF\], proto ESP')" -ge 5 ]; }
check "DF is copied" copied
check "and its absence" watching eth2 "src 172.16.1.1 and esp" pings h1 5 10.2.0.2 -M dont -s 100
not_set() { [ "$(seen 'flags \[none\], proto ESP')" -ge 5 ] && [ "$(seen 'flags \[DF\]')" = 0 ]; }
check "is copied too" not_set
check "TCP through it" transfer h1 h2 10.2.0.2
node way ip route replace 172.16.2.0/24 dev eth2
node way ip route replace 172.16.1.0/24 dev eth1
check "a tunnel MTU" both "set security ipsec vpn v tunnel-mtu 1000" "set security ipsec vpn v df-bit clear"
check "holds for what is inside" watching eth2 "esp" pings h1 5 10.2.0.2 -M dont -s 2900
in_pieces() {
  local longest
  longest=$(sed -nE 's/.*proto ESP \(50\), length ([0-9]+)\).*/\1/p' "$copy/seen" | sort -n | tail -1)
  echo "longest $longest, $(seen 'proto ESP') packets"
  [ "$longest" -le 1056 ] && [ "$(seen 'proto ESP')" -ge 30 ] && [ "$(seen 'flags \[\+\]')" = 0 ]
}
check "in pieces of it" in_pieces
check "no more of it" both "delete security ipsec vpn v tunnel-mtu"

# UDP encapsulation.
statistics() { shows "$1" "show security ipsec statistics index 500001" "$2"; }
check "UDP encapsulation" both "set security ike gateway g packet-encapsulation"
check "comes up" eventually 10 pings h1 1 10.2.0.2
flows() { # datagrams of thirty flows, and their answers
  node h1 /usr/bin/python3 -c "
import socket
for port in range(30):
    one=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); one.bind(('10.1.0.2',20000+port))
    for again in range(2): one.sendto(b'x'*100,('10.2.0.2',9))"
}
check "is ESP in UDP" watching eth2 "src 172.16.1.1 and udp dst port 500" flows
ports_of() { sed -nE 's/.*(172\.16\.1\.1|2001:db8:1::1)\.([0-9]+) > .*\.'"$1"':.*/\2/p' "$copy/seen"; }
spread() { # DESTINATION-PORT: a source port a flow, from 49152 on
  local ports different
  ports=$(ports_of "$1")
  different=$(sort -u <<<"$ports" | wc -l)
  echo "$different ports: $ports"
  [ "$different" -ge 28 ] && [ "$different" -le 30 ] && [ "$(wc -l <<<"$ports")" = 60 ] &&
    [ "$(sort -n <<<"$ports" | head -1)" -ge 49152 ]
}
check "from a port for each flow" spread 500
check "shown" shows r1 "show security ipsec security-associations index 500001 detail" \
  "Packet Encapsulation: UDP, Dest port: 500"
check "IKE beside it on its port" sh -c "'$nezu' cli '$lab/r1' -c 'clear security ike security-associations'"
check "which comes back" eventually 10 pings h1 1 10.2.0.2
check "port 4500 is refused" refuses "set security ike packet-encapsulation dest-port 4500" "Port 4500 is that of NAT traversal"
check "a global port that there is not" refuses "set security ike gateway g packet-encapsulation use-global-dest-port" \
  "Requires 'security ike packet-encapsulation dest-port'"
global="set security ike packet-encapsulation dest-port"
check "one end with another port" change r1 "$global 5000" "set security ike gateway g packet-encapsulation use-global-dest-port"
check "is not heard" eventually 5 no_answer
check "for it is not port 500" eventually 3 statistics r2 "Not port 500: [1-9]"
check "nor hears" unanswered h2 "" 10.1.0.2
check "for it is not the configured one" eventually 3 statistics r1 "Not the configured port: [1-9]"
check "the same at the other end" change r2 "$global 5000" "set security ike gateway g packet-encapsulation use-global-dest-port"
check "carries" eventually 10 pings h1 1 10.2.0.2
check "to that port" watching eth2 "src 172.16.1.1 and udp dst port 5000" flows
check "from a port for each flow" spread 5000
# Path MTU in UDP: eight octets less.
node way ip route replace 172.16.2.0/24 dev eth2 mtu lock 1400
node way ip route replace 172.16.1.0/24 dev eth1 mtu lock 1400
forget_mtu
check "DF copied, in UDP" both "set security ipsec vpn v df-bit copy"
check "the sender is told the exact size" eventually 5 says_mtu 1338
check "what fits goes whole" watching eth2 "udp dst port 5000" pings h1 5 10.2.0.2 -M do -s 1310
whole() { [ "$(seen 'flags \[DF\], proto UDP')" -ge 5 ] && [ "$(seen 'flags \[\+\]')" = 0 ]; }
check "in one datagram with DF" whole
check "DF set" both "set security ipsec vpn v df-bit set"
check "the tunnel knows the size, or learns it" eventually 5 pings h1 1 10.2.0.2 $large
check "fragments go in before UDP" watching eth2 "udp dst port 5000" pings h1 5 10.2.0.2 $large
in_two() { [ "$(seen 'flags \[DF\], proto UDP')" -ge 10 ] && [ "$(seen 'flags \[\+\]')" = 0 ]; }
check "each in a datagram of its own" in_two
node way ip route replace 172.16.2.0/24 dev eth2
node way ip route replace 172.16.1.0/24 dev eth1
check "DF as it was" both "set security ipsec vpn v df-bit clear"
check "one end without UDP" change r2 "delete security ike gateway g packet-encapsulation"
check "is not heard" eventually 5 no_answer
node h2 ping -q -c 2 -i 0.1 -W 0.3 10.1.0.2 >/dev/null 2>&1
check "for the header is missing" eventually 3 statistics r1 "No UDP header: [1-9]"
check "and at the other end it is unexpected" eventually 3 statistics r2 "Unexpected UDP header: [1-9]"
check "in UDP again" change r2 "set security ike gateway g packet-encapsulation use-global-dest-port"
check "it carries" eventually 10 pings h1 1 10.2.0.2

# A NAT goes before what is configured.
masquerade() { # STATEMENT: for what begins from now on
  node way nft -f - <<<"flush ruleset
table ip nat { chain out { type nat hook postrouting priority 100; oifname eth2 meta l4proto udp $1; }; }"
}
outside_is() { # ADDRESS: what the NAT remembered goes with the address it had
  node way ip -4 address flush dev eth2
  node way ip address add "$1/24" dev eth2
}
check "an end that knows the address of a NAT" change r2 "delete security ike gateway g address 172.16.1.1" \
  "set security ike gateway g address 172.16.2.254" "set security ike gateway g remote-identity inet 172.16.1.1"
check "the other end begins anew" sh -c "'$nezu' cli '$lab/r1' -c 'clear security ike security-associations'"
check "behind a NAT" masquerade masquerade  # what it has seen before it leaves as it is
check "it carries" eventually 15 pings h1 1 10.2.0.2
check "in UDP to 4500" watching eth2 "udp port 4500" pings h1 6 10.2.0.2
outside() { [ "$(seen '172\.16\.2\.254\.4500 > 172\.16\.2\.2\.4500: UDP-encap: ESP')" -ge 5 ]; }
check "from the NAT's address" outside
check "for that goes before" shows r2 "show security ipsec security-associations index 500001 detail" \
  "Packet Encapsulation: NAT-T, Dest port: 4500"
check "both ways" pings h2 5 10.1.0.2
masquerade "masquerade to :30000-30100"
check "the NAT gives another port" outside_is 172.16.2.254
check "the first packet is followed" pings h1 5 10.2.0.2
check "and answered there" watching eth2 "udp" pings h2 6 10.1.0.2
moved() { [ "$(seen '172\.16\.2\.2\.4500 > 172\.16\.2\.254\.30[01]..: UDP-encap: ESP')" -ge 5 ]; }
check "at its new port" moved
check "the NAT gets another address" outside_is 172.16.2.253
check "is followed as well" eventually 5 pings h1 1 10.2.0.2
check "both ways" pings h2 5 10.1.0.2
check "shown" shows r2 "show security ipsec security-associations" "172\.16\.2\.253"
check "nothing was taken twice" statistics r2 "Replay errors: 0"
node way nft flush ruleset
outside_is 172.16.2.254

# The outside in IPv6: in UDP first, then without.
node way sh -c 'sysctl -qw net.ipv6.conf.all.forwarding=1; ip address add 2001:db8:1::fe/64 dev eth1 nodad
  ip address add 2001:db8:2::fe/64 dev eth2 nodad'
outside6() { # ROUTER ITS-NUMBER THE-OTHER'S ADDRESS-OF-BEFORE
  change "$1" "set interfaces et-0/2/10 unit 0 family inet6 address 2001:db8:$2::1/64" \
    "set routing-options rib inet6.0 static route 2001:db8:$3::/64 next-hop 2001:db8:$2::fe" \
    "delete security ike gateway g address $4" "set security ike gateway g address 2001:db8:$3::1" \
    "delete security ike gateway g remote-identity"
}
inside_out() { outside6 r1 1 2 172.16.2.2 && outside6 r2 2 1 172.16.2.254; }
check "an outside of IPv6" inside_out
check "carries" eventually 15 pings h1 1 10.2.0.2
check "in UDP" watching eth2 "ip6 and src 2001:db8:1::1 and udp dst port 5000" flows
check "from a port for each flow" spread 5000
sums() { [ "$(seen 'UDP')" -ge 60 ] && [ "$(seen 'bad udp cksum|\[no cksum\]')" = 0 ]; }
check "with the checksum that IPv6 asks for" sums
node way ip -6 route replace 2001:db8:2::/64 dev eth2 mtu 1400
node way ip -6 route replace 2001:db8:1::/64 dev eth1 mtu 1400
forget_mtu
check "the sender is told the exact size" eventually 5 says_mtu 1318
check "no UDP" both "delete security ike gateway g packet-encapsulation"
check "carries" eventually 15 pings h1 1 10.2.0.2
forget_mtu
check "nothing is in the way of eight octets more" eventually 5 says_mtu 1326
check "what fits goes whole" watching eth2 "ip6 proto 50" pings h1 5 10.2.0.2 -M do -s 1298
six() { [ "$(seen 'IP6 .*next-header ESP')" -ge 5 ] && [ "$(seen 'frag')" = 0 ]; }
check "as ESP in IPv6" six
check "larger ones in pieces" watching eth2 "ip6" pings h1 5 10.2.0.2 $large
pieces6() { [ "$(seen 'IP6 .*next-header ESP')" -ge 10 ] && [ "$(seen 'frag')" = 0 ]; }
check "of the inside, not of the outside" pieces6
check "TCP through it" transfer h1 h2 10.2.0.2
check "shown" shows r2 "show security ipsec security-associations" "500 +2001:db8:1::1"
node way ip -6 route replace 2001:db8:2::/64 dev eth2
node way ip -6 route replace 2001:db8:1::/64 dev eth1
outside4() { # ROUTER NUMBER-OF-THE-OTHER ADDRESS
  change "$1" "delete security ike gateway g address 2001:db8:$2::1" "set security ike gateway g address $3"
}
back() { outside4 r1 2 172.16.2.2 && outside4 r2 1 172.16.1.1; }
check "an outside of IPv4 again" back
check "carries" eventually 15 pings h1 1 10.2.0.2
# Both ends begin: of two pairs one goes, and with it perhaps a packet.
one_pair() { shows r1 "show security ipsec security-associations" "IPsec sas: 1"; }
settled() { one_pair && sleep 2 && one_pair; }
check "one pair is left" eventually 15 settled

# What the way does to ESP: it repeats, is late, and writes on the outside.
# Forwards what r1 sends to r2 in the place of the way's kernel, and does as it is told.
forwarding() { # WHAT COUNT: "late": the second ESP packet comes behind all others; "twice": all do
  node way nft -f - <<<"flush ruleset
table ip way { chain through { type filter hook forward priority 0; iifname eth1 ip protocol esp drop; }; }"
  node way /usr/bin/python3 - "$1" "$2" >"$copy/forwarding" 2>&1 <<'PYTHON' &
import socket, subprocess, sys
what, count = sys.argv[1], int(sys.argv[2])
mac = lambda text: bytes.fromhex(text.replace(':', ''))
found = subprocess.run(['ip', 'neigh', 'show', '172.16.2.2', 'dev', 'eth2'], capture_output=True, text=True)
link = mac(found.stdout.split('lladdr ')[1].split()[0]) + mac(open('/sys/class/net/eth2/address').read().strip())
into, out = (socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(n)) for n in (0x800, 0))
into.bind(('eth1', 0x800)); out.bind(('eth2', 0)); into.settimeout(5)
print('ready', flush=True)
held, seen = [], 0
while seen < count:
    frame, about = into.recvfrom(65536)
    if about[2] != socket.PACKET_HOST or frame[23] != 50: continue
    seen += 1
    frame = link + frame[12:]
    if what == 'late' and seen == 2: held.append(frame); continue
    out.send(frame)
    if what == 'twice': held.append(frame)
for frame in held: out.send(frame)
PYTHON
  forwarder=$!
  eventually 5 grep -q ready "$copy/forwarding"
}
through() { # WHAT COUNT: that many pings, and the answers that came
  forwarding "$1" "$2"
  node h1 ping -q -c "$2" -i 0.005 -W 2 10.2.0.2 >"$copy/said"
  wait "$forwarder"
  node way nft flush ruleset
  sed -nE 's/.* ([0-9]+) received.*/\1/p' "$copy/said" >"$copy/answers"
}
replay_errors() { command_of r2 show security ipsec statistics | sed -nE 's/.*Replay errors: ([0-9]+).*/\1/p'; }
twice() { # REPLAY-ERRORS: so many more by twenty packets that come twice
  local before
  before=$(replay_errors)
  through twice 20
  cat "$copy/said" "$copy/forwarding"
  events r2 none
  [ "$(cat "$copy/answers")" -ge 20 ] && [ "$(replay_errors)" = "$((before + $1))" ]
}
late() { # ANSWERS REPLAY-ERRORS
  local before
  before=$(replay_errors)
  through late 300
  cat "$copy/said" "$copy/forwarding"
  events r2 none
  echo "replay errors $before $(replay_errors)"
  [ "$(cat "$copy/answers")" = "$1" ] && [ "$(replay_errors)" = "$((before + $2))" ]
}
check "what comes twice is taken once" twice 20
check "what is late by 298 packets is too late" late 299 1
check "a window of 4096" change r2 "set security ipsec vpn v ike anti-replay-window-size 4096"
check "carries" eventually 15 pings h1 1 10.2.0.2
check "one pair is left here, too" eventually 15 settled
check "and is shown" shows r2 "show security ipsec security-associations index 500001 detail" "Replay window size: 4096"
check "then it is not" late 300 0
check "but once only" twice 20
check "no anti-replay" change r2 "delete security ipsec vpn v ike anti-replay-window-size" "set security ipsec vpn v ike no-anti-replay"
check "carries" eventually 15 pings h1 1 10.2.0.2
asked() { node h2 awk '/^Icmp:/ && $10 + 0 == $10 {print $10}' /proc/net/snmp; }
before=$(asked)
check "takes all" twice 0
all_asked() { [ "$(asked)" = "$((before + 40))" ] || { echo "$before $(asked)"; return 1; }; }
check "and each arrives" eventually 1 all_asked
check "anti-replay again" change r2 "delete security ipsec vpn v ike no-anti-replay"

written() { # NFT-STATEMENT PING-OPTIONS TOS-AT-h2 TIMES
  node way nft -f - <<<"flush ruleset
table ip way { chain through { type filter hook forward priority 0; iifname eth1 ip protocol esp $1; }; }"
  start_capture node h2 eth1 "$copy/inner" -lvn "icmp[0] == 8"
  node h1 ping -q -c 5 -i 0.02 -W 0.5 $2 10.2.0.2 >/dev/null
  stop_capture "$copy/inner"
  node way nft flush ruleset
  cat "$copy/inner"
  [ "$(grep -c "tos $3" "$copy/inner")" = "$4" ]
}
check "carries" eventually 15 pings h1 1 10.2.0.2
check "the DSCP of the outside stays there" written "ip dscp set af41" "-Q 0x20" 0x20, 5
check "copy-outer-dscp" change r2 "set security ipsec vpn v copy-outer-dscp"
check "carries" eventually 15 pings h1 1 10.2.0.2
check "takes it in" written "ip dscp set af41" "-Q 0x20" 0x88, 5
check "not the ECN with it" written "ip dscp set af41" "-Q 0x22" 0x8a,ECT 5
check "a congestion mark comes in" written "ip ecn set ce" "-Q 0x02" 0x3,CE 5
before=$(drops r2 ecn)
check "not to what cannot bear it" written "ip ecn set ce" "-Q 0x00" 0x 0
check "which is dropped and counted" counted r2 ecn $((before + 5))
check "no copy-outer-dscp" change r2 "delete security ipsec vpn v copy-outer-dscp"

# Limits.
spi() { # of r1, outbound
  command_of r1 show security ipsec security-associations | sed -nE 's/^ *>500001 .*(0x[0-9a-f]{8}).*/\1/p' | tail -1
}
other_spi() {
  [ -n "$(spi)" ] && [ "$(spi)" != "$before" ] && return
  echo "before $before"
  command_of r1 show security ipsec security-associations index 500001 detail
  advance 0
  return 1
}
check "a limit of kilobytes" both "set security ipsec proposal p lifetime-kilobytes 64000"
check "carries" eventually 15 pings h1 1 10.2.0.2
before=$(spi)
check "20 MB of them" transfer h1 h2 10.2.0.2
check "more of them" transfer h1 h2 10.2.0.2
check "change nothing" test "$(spi)" = "$before"
check "but 60 MB" transfer h1 h2 10.2.0.2
check "a rekey" eventually 3 other_spi
check "which is told" events r1 "rekey initiated because soft life"
check "one end that lets it end" change r2 "set security ipsec vpn v establish-tunnels responder-only-no-rekey"
check "the other without a limit" change r1 "delete security ipsec proposal p lifetime-kilobytes"
check "carries" eventually 15 pings h1 1 10.2.0.2
for part in 1 2 3; do check "20 MB" transfer h1 h2 10.2.0.2; done
check "20 MB more, over the hard end" transfer h1 h2 10.2.0.2
check "which is told" events r2 "hard life-time expired"
check "no limit" change r2 "delete security ipsec proposal p lifetime-kilobytes" "set security ipsec vpn v establish-tunnels on-traffic"
check "carries" eventually 15 pings h1 1 10.2.0.2
# The numbers that an SA has used stand in memory that outlives nezu-pfe; here they rise.
advance() { # FIELD-OFFSET VALUE: of r1's outbound record; without a value it is shown
  node r1 /usr/bin/python3 - "$(spi)" "$1" "${2:-}" "$(pid_in r1 nezu-pfe)" <<'PYTHON'
import glob, mmap, os, struct, sys
spi, offset, value, pid = int(sys.argv[1], 16), int(sys.argv[2]), sys.argv[3], sys.argv[4]
found = 0
for link in glob.glob(f'/proc/{pid}/fd/*'):
    if '/memfd:' not in os.readlink(link): continue
    with open(link, 'r+b') as file:
        memory = mmap.mmap(file.fileno(), 0)
        for at in range(0, len(memory) - 64, 64):
            state, its = struct.unpack_from('<II', memory, at)
            if (state, its) == (1, spi) and struct.unpack_from('<I', memory, at + 16)[0] == 1:
                print('sent %#x, packets %#x' % struct.unpack_from('<QQ', memory, at + 32))
                if value: struct.pack_into('<Q', memory, at + offset, int(value, 0))
                found += 1
sys.exit(found != 1)
PYTHON
}
before=$(spi)
check "three quarters of the numbers are used" advance 40 0xbffffff0
check "nothing is lost" pings h1 60 10.2.0.2
check "for the pair is made anew" other_spi
before=$(spi)
check "all but a few numbers are used" advance 32 0xfffffff0
node h1 ping -q -c 60 -i 0.05 -W 1 10.2.0.2 >"$copy/said"
few_lost() { cat "$copy/said"; [ "$(sed -nE 's/.* ([0-9]+) received.*/\1/p' "$copy/said")" -ge 50 ]; }
check "little is lost" few_lost
check "and the pair is another" other_spi
