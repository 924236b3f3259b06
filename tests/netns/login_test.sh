#!/usr/bin/env bash
# Users come in: by ssh with a password or a key, at the console, as themselves and with no more than
# their rights.
cd "$(dirname "$0")"
. ./lab.sh
start_lab forwarding

hash() { openssl passwd -6 -salt "$1" "$2"; }
keys=$(mktemp -d -p "$copy")
ssh-keygen -q -t ed25519 -N '' -C '' -f "$keys/bob"
ssh-keygen -q -t ed25519 -N '' -C '' -f "$keys/nobody"
cat >"$keys/ask" <<'ASK'
#!/bin/sh
echo "$PASSWORD"
ASK
chmod 755 "$keys/ask"

configured() { # SET-LINES…
  local arguments=(-c configure)
  for line in "$@"; do arguments+=(-c "$line"); done
  "$nezu" cli "$lab/r1" "${arguments[@]}" -c commit | grep -q "commit complete"
}
# ssh from the host behind et-0/0/0, by password or, with KEY, by that key only.
ssh_as() { # USER PASSWORD-OR-KEY [SSH-WORDS…]
  local with=(-o PubkeyAuthentication=no)
  [ -f "$keys/$2" ] && with=(-o PasswordAuthentication=no -o IdentitiesOnly=yes -i "$keys/$2")
  node h1 env PASSWORD="$2" SSH_ASKPASS="$keys/ask" SSH_ASKPASS_REQUIRE=force setsid -w \
    ssh -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=5 \
    -o NumberOfPasswordPrompts=1 "${with[@]}" -l "$1" "${@:3:$#-3}" -o LogLevel=ERROR 10.1.0.1 "${@: -1}" 2>&1 </dev/null
}
says() { grep -Eq -- "$1" <<<"$("${@:2}")"; }
refused() { says "Permission denied" ssh_as "$@"; }

check "nobody listens before it is configured" says "refused" ssh_as alice secret1 "show version"
check "users and ssh" configured "set system services ssh" \
  "set system login message \"Keep out\"" "set system login announcement \"Welcome in\"" \
  "set system login class watch permissions view" \
  "set system login user alice class super-user" \
  "set system login user alice authentication encrypted-password \"$(hash grains secret1)\"" \
  "set system login user bob class watch" \
  "set system login user bob authentication ssh-ed25519 \"$(cat "$keys/bob.pub")\"" \
  "set system root-authentication encrypted-password \"$(hash grains secret0)\""
check "by password" eventually 10 says "^Hostname: r1" ssh_as alice secret1 "show version"
check "as oneself" says "^Current user: 'alice .* class 'super-user'" ssh_as alice secret1 "show cli authorization"
check "the message comes before the login" says "^Keep out" ssh_as alice secret1 -o LogLevel=INFO "show version"
check "by key" says "^Hostname: r1" ssh_as bob bob "show version"
check "with no more than the rights of the class" says "unknown command" ssh_as bob bob configure
check "a command that is refused is no failure" ssh_as bob bob configure
check "not by a wrong password" refused alice secret2 "show version"
check "not by no password" refused alice "" "show version"
check "not by another key" refused bob nobody "show version"
check "not without a password of one's own" refused bob secret1 "show version"
check "not as somebody unknown" refused carol secret1 "show version"
check "not as an account of the machine" refused daemon "" "show version"
check "not as root by password" refused root secret0 "show version"
check "root-login allow" configured "set system services ssh root-login allow"
check "as root by password, then" eventually 5 says "class 'super-user'" ssh_as root secret0 "show cli authorization"

# Nothing but the command line.
check "no shell" says "syntax error|unknown command" ssh_as alice secret1 "/bin/sh -c id"
check "no way around by the shell's words" says "unknown command|syntax error" ssh_as alice secret1 '; id'
check "no files" says "[Ss]ubsystem request failed|Connection closed" ssh_as alice secret1 -s sftp
forwarded() {
  node h1 env PASSWORD=secret1 SSH_ASKPASS="$keys/ask" SSH_ASKPASS_REQUIRE=force setsid -w ssh -F none \
    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -W 127.0.0.1:22 \
    alice@10.1.0.1 </dev/null 2>&1
}
check "no forwarding" says "prohibited|failed" forwarded
check "the command line runs as the user" says "^7[0-9]+$" node r1 sh -c 'getent passwd alice | cut -d: -f3'
check "the machine has no such user" bash -c '! getent passwd alice'
own_accounts() {
  node r1 cmp /etc/passwd /run/accounts/passwd && node r1 cmp /etc/shadow /run/accounts/shadow
}
check "the machine's passwords are not the router's" own_accounts
# A mount over the machine's file would be gone when the machine writes it anew.
check "they are links in a file system of the router's own" says "^/run/accounts/passwd$" node r1 readlink /etc/passwd
check "in no group of the machine" says "^7[0-9]+ *$" node r1 id -G alice
check "no file of the machine" says "permission denied" ssh_as alice secret1 "file show /etc/passwd"
check "logins are on record" says "Accepted password for alice" command_of r1 show log messages
check "with where they are from" says "UI_LOGIN_EVENT: User 'bob' login, class 'watch'.*ssh-connection '10.1.0.2 " command_of r1 show log messages
check "no password is" bash -c "grep -rq 'Accepted password' /run/nezu/labs/$lab/r1/log && ! grep -r 'secret[0-9]' /run/nezu/labs/$lab/r1/log"

# A session on a terminal, while the configuration changes and the engine dies.
cat >"$keys/session.py" <<'PY'
import os, pty, re, select, sys, time
def talk(words, script):
    pid, tty = pty.fork()
    if pid == 0:
        os.execvp(words[0], words)
    seen = ""
    for expected, answer in script:
        end = time.time() + 15
        while not re.search(expected, seen):
            if time.time() > end:
                sys.exit("no %r in %r" % (expected, seen))
            if select.select([tty], [], [], 0.1)[0]:
                try:
                    seen += os.read(tty, 65536).decode(errors="replace")
                except OSError:
                    if not re.search(expected, seen): sys.exit("closed: %r" % seen)
                    break
        seen = ""
        if callable(answer): answer()
        elif answer: os.write(tty, answer.encode())
    return 0
node, nezu = sys.argv[2], sys.argv[3]
if sys.argv[1] == "console":
    talk([nezu, "console", node], [
        (r"Keep out[\s\S]*login: ", "alice\r"), ("Password:", "wrong\r"),
        ("Login incorrect[\\s\\S]*login: ", "alice\r"), ("Password:", "secret1\r"),
        (r"Welcome in[\s\S]*alice@r1> ", "show cli authorization\r"),
        ("class 'read-only'[\\s\\S]*alice@r1> ", "exit\r"), ("login: ", "\x04")])
elif sys.argv[1] == "programs":
    # Of root of the machine, then of a user who came by ssh from the router itself.
    talk(["env", "TERM=vt100", nezu, "cli", node], [
        ("root@r1> ", 'start shell command "hostname; id -u"\r'), (r"r1\s+0\s[\s\S]*root@r1> ", "ssh alice@10.1.0.1\r"),
        ("continue connecting", "yes\r"), ("password: ", "secret1\r"),
        (r"Welcome in[\s\S]*alice@r1> ", "telnet 10.1.0.1 port 22\r"), ("SSH-2.0", "\x1d"),
        ("Connection closed[\\s\\S]*alice@r1> ", "ssh bob@10.1.0.1\r"), ("continue connecting", "no\r"),
        ("verification failed[\\s\\S]*alice@r1> ", "start shell\r"),
        ("root of the machine alone[\\s\\S]*alice@r1> ", "exit\r"),
        ("root@r1> ", "monitor start messages | match no-such-command\r"), ("root@r1> ", "no-such-command\r"),
        (r"\*\*\* messages \*\*\*[\s\S]*command 'no-such-command", "monitor stop\r"),
        ("root@r1> ", "monitor list\r"), (r"list[^\"]*root@r1> ", "exit\r"), ("", None)])
else:
    run = lambda line: lambda: os.system(line)
    cli = nezu + " cli " + node + " -c configure "
    talk(["env", "TERM=vt100", nezu, "exec", node.replace("/r1", "/h1"), "--", "ssh", "-F", "none", "-tt",
          "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
          "-o", "PubkeyAuthentication=no", "alice@10.1.0.1"], [
        ("password: ", "secret1\r"), (r"Welcome in[\s\S]*alice@r1> ", "configure\r"), ("alice@r1# ", "exit\r"),
        ("alice@r1> ", run(cli + "-c 'set system login user alice class read-only' -c commit >/dev/null")),
        ("", "configure\r"), ("unknown command[\\s\\S]*alice@r1> ",
         run(nezu + " exec " + node + " -- pkill -9 -x nezu-re")),
        ("Reconnected[\\s\\S]*alice@r1> ", "show cli authorization\r"),
        ("class 'read-only'[\\s\\S]*alice@r1> ", "exit\r"), ("", None)])
PY
check "programs on the user's terminal" python3 "$keys/session.py" programs "$lab/r1" "$nezu"
check "a terminal, a change of the class and kill -9 of nezu-re" python3 "$keys/session.py" ssh "$lab/r1" "$nezu"
check "ssh is there again" eventually 10 says "^Hostname: r1" ssh_as alice secret1 "show version"
check "the console" python3 "$keys/session.py" console "$lab/r1" "$nezu"
sleep 60 | "$nezu" exec "$lab/h1" -- env PASSWORD=secret1 SSH_ASKPASS="$keys/ask" SSH_ASKPASS_REQUIRE=force setsid -w \
  ssh -F none -tt -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o PubkeyAuthentication=no \
  alice@10.1.0.1 >/dev/null 2>&1 &
session=$!
check "a session" eventually 10 says "login user alice|alice" node r1 sh -c 'ps -eo user:20,args | grep "^alice"'
check "who is deleted is out" configured "delete system login user alice"
check "with the session" eventually 5 bash -c "! kill -0 $session 2>/dev/null"
check "at once" eventually 5 refused alice secret1 "show version"
check "ssh is switched off" configured "delete system services ssh"
check "nobody listens then" eventually 5 says "refused" ssh_as bob bob "show version"
