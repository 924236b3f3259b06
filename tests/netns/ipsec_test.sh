#!/usr/bin/env bash
# labs/inline-ipsec-p2p: the tunnel comes up by itself, carries both ways, shows ESP and no clear
# text on the wire, is what tshark decrypts with the exported keys, and survives the death of each
# program: how long an outage was is printed, and that no sequence number was ever used twice.
cd "$(dirname "$0")"
. ./lab.sh
start_lab ../../labs/inline-ipsec-p2p

check "the tunnel carries" eventually 30 pings host1 1 2.2.2.2
check "what the lab promises holds" "$nezu" lab check "$copy"
check "host1 to host2, nothing lost" pings host1 20 2.2.2.2
check "host2 to host1, nothing lost" pings host2 20 1.1.1.2
check "large packets" pings host1 5 2.2.2.2 -s 6000

start_capture wires peer1 et-0_2_10 "$copy/wire" -ln
check "pings to look at" pings host1 20 2.2.2.2
check "all of them are captured" stop_capture "$copy/wire"
esp() { [ "$(grep -c 'ESP(spi=' "$copy/wire")" -ge 38 ]; }
check "the wire carries ESP" esp
clear_text() { [ -s "$copy/wire" ] && ! grep -E 'ICMP|1\.1\.1\.2|2\.2\.2\.2' "$copy/wire"; }
check "and no clear text" clear_text

# What the router says are its keys, in the hands of a program that is not ours.
check "it writes its keys" command_of peer1 request security ike debug-keys
mkdir -p "$copy/home/.config/wireshark"
cp /run/nezu/labs/"$lab"/peer1/debug-keys/* "$copy/home/.config/wireshark/"
start_capture wires peer1 et-0_2_10 "$copy/keys.pcap" -U -w -
check "pings to decrypt" pings host1 10 2.2.2.2 -s 333
check "both ways" pings host2 10 1.1.1.2 -s 444
check "all of them are captured" stop_capture "$copy/keys.pcap"
decrypted() { # FILTER, fields…
  local fields=()
  for field in "${@:2}"; do fields+=(-e "$field"); done
  HOME=$copy/home dissect "$copy/keys.pcap" "$1" -o esp.enable_encryption_decode:TRUE \
    -o esp.enable_authentication_check:TRUE -T fields "${fields[@]}"
}
pings_inside() { # SIZE SOURCES DESTINATIONS: outer and inner, as tshark prints them
  local found
  found=$(decrypted "icmp.type == 8 && data.len == $1 && esp.icv_good == 1" ip.src ip.dst |
    sort | uniq -c | xargs)
  [ "$found" = "10 $2 $3" ] || { echo "found: $found"; return 1; }
}
check "tshark finds host1's ping in ESP, ICV good" pings_inside 325 16.1.1.2,1.1.1.2 16.1.1.1,2.2.2.2
check "and host2's" pings_inside 436 16.1.1.1,2.2.2.2 16.1.1.2,1.1.1.2
all_good() { [ "$(decrypted esp esp.icv_good | sort -u)" = 1 ]; }
check "no ESP packet that it cannot verify" all_good

# Kills, under a ping each way. What leaves both peers meanwhile is kept.
for peer in peer1 peer2; do
  start_capture wires "$peer" et-0_2_10 "$copy/$peer.pcap" -U -w - esp
  captures+=("$capture")
done
killed() { killed_under "$@" host1 2.2.2.2 host2 1.1.1.2; } # ROUTER PROGRAM MOST-LOST
cookies() { # of the first gateway; what the variant left behind goes on its own time
  command_of peer1 show security ike security-associations | grep ' 16.1.1.1$\| 16.1.1.1 ' |
    grep -oE '[0-9a-f]{16} +[0-9a-f]{16}'
}
before=$(cookies)
check "kill of nezu-iked loses nothing" killed peer1 nezu-iked 0
same_sa() { [ -n "$before" ] && [ "$(cookies)" = "$before" ]; }
check "and its SA is the same" eventually 5 same_sa
check "kill of nezu-re loses nothing" killed peer1 nezu-re 0
check "kill of zebra loses nothing" killed peer1 zebra 0
check "kill of staticd loses nothing" killed peer1 staticd 0
check "kill of nezu-pfe is an outage of less than a second" killed peer1 nezu-pfe second
check "on the other peer too" killed peer2 nezu-pfe second
no_replays() { command_of peer2 show security ipsec statistics | grep -q 'Replay errors: 0'; }
check "the peer took nothing twice" no_replays
check "all that peer1 sent is captured" stop_capture "$copy/peer1.pcap" "${captures[0]}"
check "and peer2" stop_capture "$copy/peer2.pcap" "${captures[1]}"
# Every packet of an SA that a peer sent has a higher number than the one before.
rising() { # PEER ADDRESS
  dissect "$copy/$1.pcap" "ip.src == $2" -T fields -e esp.spi -e esp.sequence |
    awk '$2 + 0 <= last[$1] + 0 {print $1, $2, "after", last[$1]; bad = 1} {last[$1] = $2}
         END {print NR, "packets"; exit bad || NR < 4000}'
}
check "no sequence number of peer1 went back" rising peer1 16.1.1.2
check "nor of peer2" rising peer2 16.1.1.1
check "the lab's promises hold again" "$nezu" lab check "$copy"
