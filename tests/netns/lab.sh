# Sourced by the lab tests: a lab of one's own, in whatever else runs on this machine.
#   start_lab DIRECTORY     brings a copy of it up under a name of this test's; sets $lab
#   node NODE COMMAND…      runs inside a node
#   wires NODE COMMAND…     runs on the wires' side of a router
#   check WORDS COMMAND…    one expectation; the test goes on, and fails in the end
#   eventually SECONDS COMMAND…
# The lab goes when the script ends, however it ends.
set -uo pipefail
nezu=${NEZU:?path of the nezu program}
failures=0
copy=$(mktemp -d)

finish() {
  local status=$?
  trap - EXIT INT TERM
  [ -n "${lab:-}" ] && [ "$failures" -gt 0 ] && show_logs
  [ -n "${lab:-}" ] && "$nezu" lab down "$lab"
  rm -rf "$copy"
  [ "$failures" -eq 0 ] || { echo "$failures expectations failed"; exit 1; }
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

show_logs() {
  for log in /run/nezu/labs/"$lab"/*/log/nezu-*.log; do
    echo "--- $log"
    tail -n 15 "$log"
  done
}

start_lab() {
  lab=test-$(basename "$1")-$$
  cp -r "$1"/. "$copy"
  sed -i "s/^name:.*/name: $lab/" "$copy"/*.clab.yml
  "$nezu" lab up "$copy" || { failures=1; exit 1; }
}

node() { local name=$1; shift; "$nezu" exec "$lab/$name" -- "$@"; }
wires() { local name=$1; shift; "$nezu" exec --wires "$lab/$name" -- "$@"; }
command_of() { local name=$1; shift; "$nezu" cli "$lab/$name" -c "$*"; }

check() {
  local words=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "ok    $words"
    sed -n '/longest outage/s/^/      /p' <<<"$output"
  else
    echo "FAIL  $words: $*"
    sed 's/^/      | /' <<<"$output"
    failures=$((failures + 1))
  fi
}

eventually() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { "$@"; return; }
    sleep 0.1
  done
}

# Every one of COUNT pings from NODE is answered.
pings() { # NODE COUNT ADDRESS [OPTIONS…]
  local name=$1 count=$2 address=$3
  shift 3
  local said
  said=$(node "$name" ping -q -c "$count" -i 0.05 -W 2 "$@" "$address" 2>&1)
  grep -q " $count received" <<<"$said" || { echo "$said"; return 1; }
}
# Pings from NODE that were sent, that nobody answered, and that said WORDS (an expression, or "").
unanswered() { # NODE WORDS PING-OPTIONS…
  local said
  said=$(node "$1" ping -c 2 -i 0.1 -W 0.5 "${@:3}" 2>&1)
  grep -q "2 packets transmitted, 0 received" <<<"$said" && grep -Eq -- "$2" <<<"$said" ||
    { echo "$said"; return 1; }
}

# A capture that runs until stop_capture; $capture is its pid. TO tcpdump's words or, with -w -, a
# file of packets.
start_capture() { # wires|node NODE DEVICE TO [TCPDUMP-OPTIONS-AND-FILTER…]
  local where=()
  [ "$1" = wires ] && where=(--wires)
  rm -f "$4.said"  # it may have the words of one before
  # Whole packets, but small slots: a ring of them holds thousands.
  "$nezu" exec "${where[@]}" "$lab/$2" -- tcpdump -ni "$3" -s 2048 -B 16384 --immediate-mode "${@:5}" >"$4" 2>"$4.said" &
  capture=$!
  eventually 5 grep -q "listening on" "$4.said" || cat "$4.said"
}
# What was sent before is in it; it is an error if the kernel lost some of it.
stop_capture() { # TO [PID]
  sleep 0.3
  kill "${2:-$capture}"
  eventually 5 grep -q "^0 packets dropped by kernel" "$1.said" || { cat "$1.said"; return 1; }
}
# What tshark finds in a file of packets; its own failure is one, and not nothing found.
dissect() { # FILE FILTER [OPTIONS…]
  tshark -r "$1" -Y "$2" "${@:3}" 2>"$copy/tshark" || { cat "$copy/tshark" >&2; return 2; }
}
none_of() { # FILE FILTER
  local found
  found=$(dissect "$1" "$2") || return
  [ -z "$found" ] || { head -20 <<<"$found"; return 1; }
}
pid_in() { node "$1" pidof "$2"; }

# A ping every 10 ms from NODE, over the death of a program: how many answers are missing, and the
# longest time without one. Several may run at once, each with its own LOG.
ping_over() { # NODE ADDRESS LOG
  node "$1" ping -D -c 400 -i 0.01 -W 1 "$2" >"$3"
}
lost_in() { echo $((400 - $(grep -c 'bytes from' "$1"))); } # LOG
outage_in() { # LOG; milliseconds
  sed -n 's/^\[\([0-9.]*\)\] .*bytes from.*/\1/p' "$1" |
    awk 'NR > 1 && $1 - last > most {most = $1 - last} {last = $1} END {printf "%d", most * 1000}'
}
# Kills PROGRAM of ROUTER under a ping from each of the NODE ADDRESS pairs. It must be back in the
# end; for MOST-LOST packets, or, if that is "second", without an outage of a second.
killed_under() { # ROUTER PROGRAM MOST-LOST NODE ADDRESS [NODE ADDRESS]
  local router=$1 program=$2 most=$3 before after log pings=() logs=() status=0
  shift 3
  # The kill before may have taken it along.
  eventually 5 pid_in "$router" "$program" >/dev/null || { echo "$program is not there"; return 1; }
  before=$(pid_in "$router" "$program")
  while [ $# -gt 0 ]; do
    logs+=("$copy/ping.$1")
    ping_over "$1" "$2" "$copy/ping.$1" &
    pings+=($!)
    shift 2
  done
  sleep 0.7
  node "$router" kill -9 "$before"
  wait "${pings[@]}"
  after=$(pid_in "$router" "$program") && [ "$after" != "$before" ] ||
    { echo "$program did not come back"; return 1; }
  for log in "${logs[@]}"; do
    echo "$(lost_in "$log") of 400 lost, longest outage $(outage_in "$log") ms"
    if [ "$most" = second ]; then
      [ "$(outage_in "$log")" -lt 1000 ] && [ "$(lost_in "$log")" -lt 100 ] || status=1
    else
      [ "$(lost_in "$log")" -le "$most" ] || status=1
    fi
  done
  return "$status"
}

# 20 MB over TCP arrive whole.
transfer() { # FROM TO ADDRESS
  node "$2" sh -c 'python3 -c "
import socket,sys
family=socket.AF_INET6 if \":\" in sys.argv[1] else socket.AF_INET
server=socket.socket(family); server.bind((sys.argv[1],7000)); server.listen(); server.settimeout(10)
peer,_=server.accept(); total=0
while data:=peer.recv(65536): total+=len(data)
print(total)" '"$3"' >/tmp/nezu-'"$lab"'.count' &
  local server=$!
  node "$1" python3 -c "
import socket,sys,time
for again in range(50):
    try: peer=socket.create_connection((sys.argv[1],7000),5); break
    except ConnectionRefusedError: time.sleep(0.1)
peer.sendall(bytes(20000000)); peer.close()" "$3"
  wait "$server"
  local got
  got=$(cat "/tmp/nezu-$lab.count")
  rm -f "/tmp/nezu-$lab.count"
  [ "$got" = 20000000 ]
}
