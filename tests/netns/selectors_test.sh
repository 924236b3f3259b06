#!/usr/bin/env bash
# labs/inline-ipsec-traffic-selectors: what the lab promises holds, its overlapping selectors too,
# and the wire between the routers never shows an address of what is inside. Beside it labs/inline-ipsec-nat.
cd "$(dirname "$0")"
. ./lab.sh
start_lab ../../labs/inline-ipsec-traffic-selectors

in_this_directory() { (cd "$copy" && node hosta test -f transfer.py); }
check "a program in a node is where we are" in_this_directory
start_capture wires mx304-a et-0_2_10 "$copy/core.pcap" -U -w -
check "what the lab promises holds" "$nezu" lab check "$copy"
check "all of it was captured" stop_capture "$copy/core.pcap"
esp() { # ADDRESSES: at least a megabyte of ESP between them
  local octets
  octets=$(dissect "$copy/core.pcap" "esp && $1" -T fields -e frame.len | awk '{sum += $1} END {print sum + 0}') || return
  echo "$octets octets"
  [ "$octets" -gt 1000000 ]
}
check "the wire carries the IPv4 tunnel" esp 'ip.addr == 10.1.1.1'
check "and the IPv6 tunnel" esp 'ipv6.addr == 2001:db8:1611::1'
clear_text() {
  none_of "$copy/core.pcap" 'tcp || icmp || ip.addr == 192.168.0.0/16 ||
    ipv6.addr == 2001:db8:10::/64 || ipv6.addr == 2001:db8:20::/64'
}
check "and nothing of it in clear" clear_text
./nat.sh >"$copy/nat" 2>&1 &
nat=$!
for variant in overlap families refused vxlan; do
  check "variant: $variant" "$nezu" lab check "$copy" "$variant"
done
wait "$nat"
check "the lab behind a NAT" [ $? = 0 ]
sed 's/^/      /' "$copy/nat"
