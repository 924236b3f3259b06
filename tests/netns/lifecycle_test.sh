#!/usr/bin/env bash
# nezu lab and nezu exec: what they leave behind, what they say to bad input.
cd "$(dirname "$0")"
. ./lab.sh

lab=test-life-$$
cat >"$copy/life.clab.yml" <<END
name: $lab
topology:
  nodes:
    a: {kind: linux, exec: [ip address add 10.0.0.1/24 dev eth1]}
    b: {kind: linux, exec: [ip address add 10.0.0.2/24 dev eth1]}
    r: {kind: nezu}
  links:
    - endpoints: ["a:eth1", "b:eth1"]
    - endpoints: ["a:eth2", "r:et-0/0/0"]
END

check "comes up" "$nezu" lab up --wait 0 "$copy"
check "the wire carries" pings a 3 10.0.0.2
check "is listed" sh -c "'$nezu' lab list | grep -q '$lab  *r  *nezu  *running'"
status_of() { "$nezu" exec "$lab/a" -- sh -c "exit $1"; [ $? -eq "$1" ]; }
check "exec gives the command's status" status_of 7
check "exec gives 0" status_of 0
not_found() { node a /no/such/program 2>/dev/null; [ $? -eq 127 ]; }
check "exec of nothing is 127" not_found
check "its own host name" sh -c "[ \$('$nezu' exec '$lab/a' hostname) = a ]"
check "its own processes" sh -c "[ \$('$nezu' exec '$lab/a' cat /proc/1/comm) = nezu-init ]"
check "the wire is in the ports' namespace" wires r ip link show et-0_0_0
not_inside() {
  local links
  links=$(node r ip -br link) && grep -q '^lo ' <<<"$links" && ! grep et-0_0_0@ <<<"$links"
}
check "and not in the router's" not_inside
check "a router forwards" sh -c "[ \$('$nezu' exec '$lab/r' cat /proc/sys/net/ipv4/ip_forward) = 1 ]"
check "FRR is alone in there" eventually 5 node r vtysh -c 'show ip route'
refused_twice() { ! "$nezu" lab up --wait 0 "$copy" 2>"$copy/err" && grep -q "already up" "$copy/err"; }
check "up twice is refused" refused_twice

cat >"$copy/checks.yaml" <<'END'
- {name: much, node: a, exec: seq 100, expect: ^101$}
- {name: nothing, node: a, exec: 'true', expect: something}
- {name: good, node: a, exec: echo something, expect: something}
END
says_what_came() {
  ! "$nezu" lab check "$copy" >"$copy/out" && diff - "$copy/out" <<END
FAIL  a          much
      seq 100
      does not match ^101\$
$(seq -f '      | %g' 20)
      (60 lines left out)
$(seq -f '      | %g' 81 100)
FAIL  a          nothing
      true
      does not match something
      (no output)
ok    a          good
3 checks, 2 failed
END
}
check "a check that fails says what came back" says_what_came
rm "$copy/checks.yaml"

limits() { node r sh -c 'grep -q "^CapEff:.0*$" /proc/$(pidof nezu-pfe)/status'; }
check "nezu-pfe has no privileges" eventually 5 limits
bounded() {
  node r sh -c 'head -c 5000000 /dev/zero | tr "\0" "x" >/proc/$(pidof staticd)/fd/1'
  [ "$(cat /run/nezu/labs/"$lab"/r/log/staticd.log* | wc -c)" -lt 2400000 ]
}
check "logs are bounded" bounded

leftovers() {
  ! pgrep -f "nezu-init .*/$lab/" >/dev/null && [ ! -e "/run/nezu/labs/$lab" ] &&
    [ ! -e "/var/lib/nezu/labs/$lab" ] && ! ip -o link | grep -q ' et-0_\| eth[12]@' &&
    ! grep -q "$lab" /proc/self/mounts
}
check "goes down" "$nezu" lab down "$lab"
check "leaves nothing" eventually 3 leftovers
down_again() { ! "$nezu" lab down "$lab" 2>"$copy/err" && grep -q "no lab" "$copy/err"; }
check "down of nothing is said" down_again

check "comes up again" "$nezu" lab up --wait 0 "$copy"
kill -9 "$("$nezu" lab list | awk -v lab="$lab" '$1 == lab && $2 == "r" {print $5}')"
check "a dead node is shown" eventually 3 sh -c "'$nezu' lab list | grep -q '$lab  *r  *nezu  *dead'"
check "goes down half dead" "$nezu" lab down "$copy"
check "leaves nothing then either" eventually 3 leftovers

says() { # PATTERN, topology on stdin
  cat >"$copy/life.clab.yml"
  ! "$nezu" lab up --wait 0 "$copy" 2>"$copy/err" && grep -qE "$1" "$copy/err" ||
    { cat "$copy/err"; false; }
}
check "not YAML" says 'life.clab.yml:2: ' <<<$'name: x\n\t- ['
check "unknown key" says "life.clab.yml:2: 'nodez' is not known in 'topology' \(known: links, nodes\)" \
  <<<"{name: $lab, topology: {
nodez: {}}}"
check "unknown kind" says ":1: kind 'router' is not known" \
  <<<"{name: $lab, topology: {nodes: {a: {kind: router}}}}"
check "unknown node" says "there is no node 'b'" \
  <<<"{name: $lab, topology: {nodes: {a: {kind: linux}}, links: [{endpoints: ['a:eth1', 'b:eth1']}]}}"
check "two links on a port" says "is on two links" \
  <<<"{name: $lab, topology: {nodes: {a: {kind: linux}}, links: [{endpoints: ['a:eth1', 'a:eth1']}]}}"
check "three ends" says "two endpoints, not 3" \
  <<<"{name: $lab, topology: {nodes: {a: {kind: linux}}, links: [{endpoints: ['a:e', 'a:f', 'a:g']}]}}"
check "not a port" says "'eth1' is not a port of a router" \
  <<<"{name: $lab, topology: {nodes: {r: {kind: nezu}, a: {kind: linux}}, links: [{endpoints: ['a:e', 'r:eth1']}]}}"
check "a name that is a path" says "cannot be a lab's name" \
  <<<"{name: ../../etc, topology: {nodes: {a: {kind: linux}}}}"
check "missing startup-config" says "is not a file" \
  <<<"{name: $lab, topology: {nodes: {r: {kind: nezu, startup-config: none.conf}}}}"
check "a failing exec is said, and nothing is left" says "'false' ended with status 1" \
  <<<"{name: $lab, topology: {nodes: {a: {kind: linux, exec: ['false']}}}}"
check "truly nothing" eventually 3 leftovers
lab=
