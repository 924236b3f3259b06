#!/usr/bin/env bash
# labs/inline-ipsec-traffic-selectors: what the lab promises holds, its overlapping selectors too,
# and the wire between the routers never shows an address of what is inside.
cd "$(dirname "$0")"
. ./lab.sh
start_lab ../../labs/inline-ipsec-traffic-selectors

wires mx304-a tcpdump -Uni et-0_2_10 -B 8192 -w - >"$copy/core.pcap" 2>/dev/null &
capture=$!
check "what the lab promises holds" "$nezu" lab check "$copy"
kill "$capture"
wait "$capture" 2>/dev/null
esp() { # ADDRESSES: at least a megabyte of ESP between them
  [ "$(tshark -r "$copy/core.pcap" -Y "esp && $1" -T fields -e frame.len 2>/dev/null |
    awk '{sum += $1} END {print (sum > 1000000)}')" = 1 ]
}
check "the wire carries the IPv4 tunnel" esp 'ip.addr == 10.1.1.1'
check "and the IPv6 tunnel" esp 'ipv6.addr == 2001:db8:1611::1'
clear_text() {
  ! tshark -r "$copy/core.pcap" -Y 'tcp || icmp || ip.addr == 192.168.0.0/16 ||
    ipv6.addr == 2001:db8:10::/64 || ipv6.addr == 2001:db8:20::/64' 2>/dev/null | grep .
}
check "and nothing of it in clear" clear_text
for variant in overlap families refused; do
  check "variant: $variant" "$nezu" lab check "$copy" "$variant"
done
