#!/usr/bin/env bash
# A certification authority of three steps, root, region and site, made of openssl's own commands:
#   authority.sh DIR make             keys and certificates, anew; root.pem, region.pem, site.pem
#   authority.sh DIR sign NAME        NAME.csr becomes NAME.pem, signed by the site
#   authority.sh DIR revoke NAME      NAME.pem is revoked from now on
#   authority.sh DIR lists [SECONDS]  the lists of all three, for a day unless said
#   authority.sh DIR serve ADDRESS    lists by HTTP at port 80, until serve.pid is killed
#   authority.sh DIR answer           OCSP about the site's certificates at port 2560, until answer.pid is killed
#   authority.sh DIR forge NAME       NAME.csr becomes NAME.forged.pem, by a stranger who calls himself the site
# Everything is in DIR, keys too: it is thrown away with it.
set -euo pipefail
self=$(realpath "$0")
usage() { sed -n '2,9s/^# //p' "$self" >&2; exit 2; }
[ $# -ge 2 ] || usage
cd "$1"
shift

settings() { # NAME: what `openssl ca` reads
  cat <<END
[ca]
default_ca = this
[this]
database = $1/index.txt
new_certs_dir = $1
serial = $1/serial
crlnumber = $1/crlnumber
certificate = $1.pem
private_key = $1.key
default_md = sha256
default_days = 30
default_crl_days = 1
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
organizationalUnitName = optional
organizationName = optional
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[end]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
END
}

books() { # NAME: of what it signed
  mkdir -p "$1"
  : >"$1/index.txt"
  echo 1000 >"$1/serial"
  echo 01 >"$1/crlnumber"
  settings "$1" >"$1.cnf"
}

request() { # NAME: keys and a request of an authority
  openssl req -new -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1/O=Nezu" 2>/dev/null
}

ca() { # NAME WORDS…
  openssl ca -batch -notext -config "$1.cnf" "${@:2}" 2>/dev/null
}

make() {
  for name in root region site; do
    books "$name"
    request "$name"
  done
  ca root -selfsign -extensions authority -days 365 -in root.csr -out root.pem
  ca root -extensions authority -in region.csr -out region.pem
  ca region -extensions authority -in site.csr -out site.pem
  openssl verify -CAfile root.pem -untrusted region.pem site.pem
}

forge() {
  request stranger
  openssl req -x509 -key stranger.key -out stranger.pem -subj "/CN=site/O=Nezu" -days 30
  openssl x509 -req -in "$1.csr" -CA stranger.pem -CAkey stranger.key -CAcreateserial -copy_extensions copy \
    -days 30 -out "$1.forged.pem" 2>/dev/null
}

lists() {
  mkdir -p lists
  for name in root region site; do
    ca "$name" -gencrl ${1:+-crlsec "$1"} | openssl crl -outform der -out "lists/$name.new"
    mv "lists/$name.new" "lists/$name.crl"
  done
}

case $1 in
  make) make ;;
  sign) ca site -extensions end -in "$2.csr" -out "$2.pem" ;;
  forge) forge "$2" ;;
  revoke) ca site -revoke "$2.pem" ;;
  lists) lists "${2:-}" ;;
  serve)
    echo $$ >serve.pid
    exec python3 -m http.server --bind "$2" --directory lists 80
    ;;
  answer)
    echo $$ >answer.pid
    exec openssl ocsp -index site/index.txt -CA site.pem -rsigner site.pem -rkey site.key -nmin 5 -port 2560
    ;;
  *) usage ;;
esac
