#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# pki.sh DIRECTORY: makes certificates and keys for trying things out, and replaces those it made before.
#
#   root.pem                        the trust anchor; it issued intermediate.pem, which issued:
#   server-{rsa,ecdsa,ed25519}      localhost, 127.0.0.1, ::1, example.test
#   example                         example.test and *.example.test, and nothing else
#   client                          a client
#   other-root.pem                  an anchor that nobody trusts; it issued:
#   other-server, other-client      the same names
#
# Each NAME is NAME.key (PKCS#8) and NAME.pem (the chain, end entity first, without the root).
set -euo pipefail
umask 077

[ $# -eq 1 ] || { echo "usage: pki.sh DIRECTORY" >&2; exit 1; }
mkdir -p "$1"
cd "$1"

days=30
server_names=DNS:localhost,IP:127.0.0.1,IP:::1,DNS:example.test

# new_key NAME KIND
new_key() {
  case $2 in
    rsa) openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1.key" ;;
    ecdsa) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" ;;
    ed25519) openssl genpkey -algorithm ED25519 -out "$1.key" ;;
  esac
}

# sign NAME SUBJECT ISSUER EXTENSION...: issues NAME.pem, self-signed if the issuer is NAME itself.
sign() {
  local name=$1 subject=$2 issuer=$3
  shift 3
  local by=(-CA "$issuer.pem" -CAkey "$issuer.key")
  [ "$issuer" != "$name" ] || by=(-signkey "$name.key")
  openssl req -new -key "$name.key" -subj "/O=wasi-tls test/CN=$subject" |
    openssl x509 -req "${by[@]}" -days "$days" -set_serial "0x01$(openssl rand -hex 15)" \
      -extfile <(printf '%s\n' "subjectKeyIdentifier=hash" "$@") -out "$name.pem" 2>openssl.log ||
    { cat openssl.log >&2; return 1; }
  rm -f openssl.log
}

authority() {
  new_key "$1" ecdsa
  sign "$1" "$1" "$2" "basicConstraints=critical,CA:TRUE" "keyUsage=critical,keyCertSign,cRLSign"
}

# leaf NAME KIND ISSUER PURPOSE ALTERNATIVE_NAMES
leaf() {
  new_key "$1" "$2"
  sign "$1" "$1" "$3" "basicConstraints=critical,CA:FALSE" "keyUsage=critical,digitalSignature" \
    "authorityKeyIdentifier=keyid" "extendedKeyUsage=$4" "subjectAltName=$5"
}

authority root root
authority intermediate root
authority other-root other-root

for kind in rsa ecdsa ed25519; do
  leaf "server-$kind" "$kind" intermediate serverAuth "$server_names"
done
leaf example ecdsa intermediate serverAuth "DNS:example.test,DNS:*.example.test"
leaf client ecdsa intermediate clientAuth DNS:client.example.test
leaf other-server ecdsa other-root serverAuth "$server_names"
leaf other-client ecdsa other-root clientAuth DNS:client.example.test

for name in server-rsa server-ecdsa server-ed25519 example client; do
  cat intermediate.pem >>"$name.pem"
done
# Only the leaves' keys are of use to anybody.
rm -f root.key intermediate.key other-root.key
