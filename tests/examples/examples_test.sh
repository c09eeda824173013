#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# examples_test.sh DIRECTORY PKI SCENARIO: one example, from DIRECTORY, against real peers. Scenarios are the functions
# that begin with "scenario_".
set -euo pipefail

bin=$(readlink -f "$1")
pki=$(readlink -f "$2")
scenario=$3

. "$(dirname "$0")/../peers.sh"

minimal_client() {
  run client "$1" "$bin/client_minimal" localhost "$port" "$2"
}

scenario_client_minimal() {
  local version
  for version in -tls1_2 -tls1_3; do
    s_server s_server -www "$version"
    minimal_client 0 "$pki/root.pem"
    expect client.out '^HTTP/1.0 200 ok'
    minimal_client 1 "$pki/other-root.pem"
    expect client.err '^handshake: verify$'
  done
  nginx_server
  minimal_client 0 "$pki/root.pem"
  expect client.out '^hello from nginx'
  run system 0 env SSL_CERT_FILE="$pki/root.pem" "$bin/client_minimal" localhost "$port"
  run refused 1 "$bin/client_minimal" localhost "$(free_port)" "$pki/root.pem"
  run usage 1 "$bin/client_minimal"
}

# Bytes in, bytes out: what a runtime without streams embeds.
scenario_client_sans_io() {
  local version
  for version in -tls1_2 -tls1_3; do
    s_server s_server -www "$version"
    run client 0 "$bin/client_sans_io" localhost "$port" "$pki/root.pem"
    expect client.out '^HTTP/1.0 200 ok'
    run client 1 "$bin/client_sans_io" localhost "$port" "$pki/other-root.pem"
    expect client.err '^failed: verify: .*\(alert unknown_ca sent\)$'
    expect s_server.err 'alert unknown ca'
  done
  start_listener truncating python3 "$here/peers.py" truncating-server "$pki/server-rsa.pem" "$pki/server-rsa.key"
  run client 1 "$bin/client_sans_io" localhost "$port" "$pki/root.pem"
  expect client.err '^failed: truncated: '
}

scenario_server_minimal() {
  local server
  need curl curl
  start_listener server timeout 40 "$bin/server_minimal" 127.0.0.1 0 "$pki/server-rsa.key" "$pki/server-rsa.pem" 4
  server=$pid
  run curl 0 curl -sS -i --cacert "$pki/root.pem" "https://localhost:$port/"
  expect curl.out '^HTTP/1.1 200 OK'
  run s_client 0 openssl s_client -connect "127.0.0.1:$port" -CAfile "$pki/root.pem" -tls1_2 -ign_eof \
    < <(printf 'GET / HTTP/1.1\r\n\r\n')
  expect s_client.out '^HTTP/1.1 200 OK'
  run refuses 60 curl -sS --cacert "$pki/other-root.pem" "https://localhost:$port/"
  run again 0 curl -sS -i --cacert "$pki/root.pem" "https://localhost:$port/"
  await_end "$server"
  [ "$status" -eq 0 ] || fail "the server ended with $status"
  expect server.out '^request: GET / HTTP/1.1'
  expect server.err '^client: peer-alert$'
  run usage 1 "$bin/server_minimal"
}

showcase_client() {
  local expected=$1
  shift
  run client "$expected" "$bin/client_showcase" localhost "$port" "$pki/root.pem" "$pki/client.key" "$pki/client.pem" "$@"
}

expect_client_properties() {
  expect client.out '^server certificate: 2 certificates of [0-9]+ [0-9]+ bytes$'
  expect client.out '^server name: localhost$'
  expect client.out '^alpn: http/1.1$'
  expect client.out '^server identity: 2 certificates of '
  expect client.out "^protocol version: $1\$"
  expect client.out '^cipher suite: TLS_'
}

scenario_client_showcase() {
  local version number
  for version in 1.2 1.3; do
    number=${version/./_}
    s_server s_server -www "-tls$number" -alpn http/1.1 -Verify 1 -verify_return_error -CAfile "$pki/root.pem"
    showcase_client 0 /
    expect_client_properties "TLSv$version"
    expect client.out '^client certificate: requested, 1 acceptable issuers$'
    expect client.out '^client identity: 2 certificates of '
    expect client.out '^HTTP/1.0 200 ok'
  done
  nginx_server "ssl_protocols TLSv1.2 TLSv1.3;"
  showcase_client 0 /
  expect_client_properties TLSv1.3
  expect client.out '^client certificate: not requested$'
  expect client.out '^client identity: none$'
  expect client.out '^hello from nginx'
  expect client.out '^client: NONE'
  run usage 1 "$bin/client_showcase"
}

# The check of its own ends the handshake with an alert that the server reads.
scenario_client_showcase_check() {
  local version
  for version in -tls1_2 -tls1_3; do
    s_server s_server -www "$version"
    showcase_client 1 / 100
    expect client.err '^connection: aborted: .*\(alert bad_certificate sent\)$'
    expect_not client.out '^cipher suite'
    expect s_server.err 'alert bad certificate'
    showcase_client 0 / 100000
  done
}

# showcase_server CONNECTIONS: sets $port and $server.
showcase_server() {
  start_listener server timeout 40 "$bin/server_showcase" 127.0.0.1 0 example.test "$pki/example.key" \
    "$pki/example.pem" "$pki/server-rsa.key" "$pki/server-rsa.pem" "$pki/root.pem" "$1"
  server=$pid
}

expect_server_end() {
  await_end "$server"
  [ "$status" -eq 0 ] || fail "the server ended with $status"
}

scenario_server_showcase() {
  need curl curl
  showcase_server 4
  run named 0 curl -sS -v --http1.1 --cacert "$pki/root.pem" --cert "$pki/client.pem" --key "$pki/client.key" \
    --resolve "example.test:$port:127.0.0.1" "https://example.test:$port/page"
  expect named.err 'subject: O=wasi-tls test; CN=example$'
  expect named.err 'ALPN: server accepted http/1.1'
  run other 0 curl -sS -v --http1.1 --tls-max 1.2 --cacert "$pki/root.pem" "https://localhost:$port/"
  expect other.err 'subject: O=wasi-tls test; CN=server-rsa$'
  run s_client 0 openssl s_client -connect "127.0.0.1:$port" -noservername -CAfile "$pki/root.pem" -alpn http/1.0 \
    -ign_eof < <(printf 'GET / HTTP/1.0\r\n\r\n')
  expect s_client.out '^ALPN protocol: http/1.0$'
  expect s_client.out '^HTTP/1.1 200 OK'
  run unknown 56 curl -sS --tlsv1.3 --cacert "$pki/root.pem" --cert "$pki/other-client.pem" \
    --key "$pki/other-client.key" "https://localhost:$port/"
  expect_server_end
  expect server.out '^hello: server name: example.test$'
  expect server.out '^hello: server name: localhost$'
  expect server.out '^hello: server name: none$'
  expect server.out '^hello: alpn: http/1.0$'
  expect server.out '^hello: cipher suites:.* 1301'
  expect server.out '^client certificate: 2 certificates of [0-9]+ [0-9]+ bytes$'
  expect server.out '^client certificate: none$'
  expect server.out '^client identity: 2 certificates of '
  expect server.out '^server identity: 2 certificates of '
  expect server.out '^protocol version: TLSv1.2$'
  expect server.out '^request: GET /page HTTP/1.1'
  expect server.err '^client: verify: .*\(alert unknown_ca sent\)$'
  run usage 1 "$bin/server_showcase"
}

# Clients that can be asked after the handshake, with and without an identity then, and one that can't.
scenario_server_showcase_secure() {
  showcase_server 3
  run python 0 python3 "$here/peers.py" late-client "$port" "$pki/root.pem" "$pki/client.pem" "$pki/client.key"
  expect python.out '^HTTP/1.1 200 OK'
  run s_client 0 openssl s_client -connect "127.0.0.1:$port" -CAfile "$pki/root.pem" -enable_pha -ign_eof \
    < <(printf 'GET /secure HTTP/1.1\r\n\r\n')
  run unable 0 openssl s_client -connect "127.0.0.1:$port" -CAfile "$pki/root.pem" -ign_eof \
    < <(printf 'GET /secure HTTP/1.1\r\n\r\n')
  expect_server_end
  expect server.out '^post-handshake: 2 certificates of '
  expect server.out '^post-handshake: none$'
  expect server.out "^post-handshake: the client can't be asked\$"
}

# The two showcases with each other.
scenario_showcases() {
  showcase_server 1
  showcase_client 0 /secure
  expect_client_properties TLSv1.3
  expect client.out '^client identity: 2 certificates of '
  expect client.out '^HTTP/1.1 200 OK'
  expect_server_end
  expect server.out '^client identity: 2 certificates of '
}

[ "$(type -t "scenario_$scenario")" = function ] || fail "there is no scenario $scenario"
need openssl openssl
need python3 python3
"scenario_$scenario"
echo "passed: $scenario"
