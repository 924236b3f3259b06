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
pid_in() { node "$1" pidof "$2"; }
