#!/usr/bin/env bash
# labs/inline-ipsec-p2p: the tunnel comes up by itself, carries both ways, shows ESP and no clear
# text on the wire, and survives the death of each program.
cd "$(dirname "$0")"
. ./lab.sh
start_lab ../../labs/inline-ipsec-p2p

check "the tunnel carries" eventually 30 pings host1 1 2.2.2.2
check "what the lab promises holds" "$nezu" lab check "$copy"
check "host1 to host2, nothing lost" pings host1 20 2.2.2.2
check "host2 to host1, nothing lost" pings host2 20 1.1.1.2
check "large packets" pings host1 5 2.2.2.2 -s 6000

wires peer1 timeout 5 tcpdump -lnni et-0_2_10 -c 40 >"$copy/wire" 2>/dev/null &
capture=$!
sleep 0.7
pings host1 20 2.2.2.2
wait "$capture"
esp() { [ "$(grep -c 'ESP(spi=' "$copy/wire")" -ge 38 ]; }
check "the wire carries ESP" esp
clear_text() { ! grep -qE 'ICMP|1\.1\.1\.2|2\.2\.2\.2' "$copy/wire"; }
check "and no clear text" clear_text

# Kills, under a ping in each direction.
killed() { # NODE PROGRAM MOST-LOST
  local before after lost sent=80
  before=$(pid_in "$1" "$2") || return 1
  node host1 ping -q -c $sent -i 0.05 -W 1 2.2.2.2 >"$copy/there" &
  local there=$!
  node host2 ping -q -c $sent -i 0.05 -W 1 1.1.1.2 >"$copy/back" &
  local back=$!
  sleep 0.7
  node "$1" kill -9 "$before"
  wait "$there"
  wait "$back"
  after=$(pid_in "$1" "$2") && [ "$after" != "$before" ] || { echo "$2 did not come back"; return 1; }
  lost=$((2 * sent))
  for log in there back; do
    lost=$((lost - $(sed -n 's/.* \([0-9]*\) received.*/\1/p' "$copy/$log")))
  done
  echo "lost $lost of $((2 * sent))"
  [ "$lost" -le "$3" ]
}
cookies() { command_of peer1 show security ike security-associations | grep -oE '[0-9a-f]{16} +[0-9a-f]{16}'; }
before=$(cookies)
check "kill of nezu-iked loses nothing" killed peer1 nezu-iked 0
same_sa() { [ -n "$before" ] && [ "$(cookies)" = "$before" ]; }
check "and its SA is the same" eventually 5 same_sa
check "kill of nezu-re loses nothing" killed peer1 nezu-re 0
check "kill of zebra loses nothing" killed peer1 zebra 0
check "kill of staticd loses nothing" killed peer1 staticd 0
check "kill of nezu-pfe loses less than a second" killed peer1 nezu-pfe 40
check "on the other peer too" killed peer2 nezu-pfe 40
no_replays() { command_of peer2 show security ipsec statistics | grep -q 'Replay errors: 0'; }
check "no sequence number went back" no_replays
check "the lab's promises hold again" "$nezu" lab check "$copy"
