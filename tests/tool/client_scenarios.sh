# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The tool as a client of openssl s_server, gnutls-serv, nginx, Python and Node. Sourced by tool_test.sh.

# Two lines there and back, reversed by the server.
reversed_echo() {
  s_server server -rev "$1"
  printf 'one\ntwo\n' | client client 0 --info --tls "$2"
  expect client.out '^eno$'
  expect client.out '^owt$'
  expect_member client.err role client
  expect_member client.err engine "$engine"
  expect_member client.err server_name localhost
  expect_member client.err version "TLSv$2"
  expect_member client.err alpn null
  expect_member client.err server_identity_certificates 2
  expect_member client.err server_identity_leaf "$(leaf_base64 server-ecdsa)"
  expect_member client.err client_identity_certificates 0
  expect_member client.err client_identity_leaf null
  expect_member client.err steps '["finish"]'
}

scenario_client_tls12() {
  reversed_echo -tls1_2 1.2
  expect_member client.err version_code 771
  expect_member client.err cipher_suite_code 49195
  expect_member client.err cipher_suite TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
}

scenario_client_tls13() {
  reversed_echo -tls1_3 1.3
  expect_member client.err version_code 772
  expect client.err '"cipher_suite":"TLS_(AES_128_GCM_SHA256|AES_256_GCM_SHA384|CHACHA20_POLY1305_SHA256)"'
}

scenario_client_version_refused() {
  s_server server -www -tls1_2
  client client 4 --tls 1.3 </dev/null
  expect_error client '\(alert 70 protocol_version, received\)$'
}

scenario_client_alpn() {
  s_server both -www -alpn http/1.1,h2
  client both 0 --info --alpn h2,http/1.1 < <(printf 'GET / HTTP/1.0\r\n\r\n')
  expect_member both.err alpn http/1.1
  s_server one -www -alpn h3
  client none 4 --alpn h2 </dev/null
  expect_error none '\(alert 120 no_application_protocol, received\)$'
}

# Identity up front, and identity by the step, with either version.
scenario_client_identity() {
  local version steps
  s_server server -www -Verify 1 -verify_return_error -CAfile "$pki/root.pem"
  for version in 1.2 1.3; do
    for steps in "" verify identity verify,identity; do
      client client 0 --info --tls "$version" ${steps:+--steps $steps} --cert "$pki/client.pem" \
        --key "$pki/client.key" < <(printf 'GET / HTTP/1.0\r\n\r\n')
      expect client.out '^HTTP/1.0 200 ok'
      expect_member client.err client_identity_certificates 2
      expect_member client.err client_identity_leaf "$(leaf_base64 client)"
    done
  done
  expect_member client.err steps '["verify-server-identity", "receive-client-identity-request", "finish"]'
}

# Under TLS 1.3 the client has finished when the server finds out.
scenario_client_identity_missing() {
  s_server server -www -Verify 1 -verify_return_error -CAfile "$pki/root.pem"
  client old 4 --tls 1.2 </dev/null
  expect_error old '^wasi-tls: error: peer-alert: .*\(alert 40 handshake_failure, received\)$'
  client new 5 --tls 1.3 < <(sleep 1)
  expect_error new '^wasi-tls: error: peer-alert: .*\(alert 116 certificate_required, received\)$'
}

scenario_client_identity_not_asked() {
  s_server server -www
  client client 0 --info --steps verify,identity --cert "$pki/client.pem" --key "$pki/client.key" \
    < <(printf 'GET / HTTP/1.0\r\n\r\n')
  expect_member client.err client_identity_certificates 0
}

scenario_client_post_handshake_auth() {
  start_listener server python3 "$here/peers.py" post-handshake-server \
    "$pki/server-rsa.pem" "$pki/server-rsa.key" "$pki/root.pem"
  client client 0 --cert "$pki/client.pem" --key "$pki/client.key" < <(echo hello; sleep 0.5; echo answer)
  expect client.out '^who are you'
  expect client.out '"client"'
}

# Each refusal, with the default steps and suspended at the server's identity.
scenario_client_verify() {
  local steps
  s_server named -www
  named=$port
  start_listener other timeout 40 openssl s_server -accept 127.0.0.1:0 -www -naccept 50 \
    -cert "$pki/other-server.pem" -key "$pki/other-server.key"
  other=$port
  for steps in "" verify; do
    run name 4 "$tool" client --ca "$pki/root.pem" ${steps:+--steps $steps} --server-name example.org \
      "127.0.0.1:$named" </dev/null
    expect_error name '^wasi-tls: error: verify: .* \(alert [0-9]+ [a-z_]+, sent\) \(verify name-mismatch at depth 0\)$'
    run untrusted 4 "$tool" client --ca "$pki/root.pem" ${steps:+--steps $steps} "127.0.0.1:$other" </dev/null
    expect_error untrusted '^wasi-tls: error: verify: .* \(alert 48 unknown_ca, sent\) \(verify untrusted at depth [0-9]\)$'
    expect_not untrusted.out .
  done
  expect other.err 'alert unknown ca'
  run address 0 "$tool" client --ca "$pki/root.pem" "127.0.0.1:$named" < <(printf 'GET / HTTP/1.0\r\n\r\n')
  run system 4 env SSL_CERT_FILE="$pki/other-root.pem" "$tool" client "127.0.0.1:$named" </dev/null
  expect_error system 'verify untrusted'
  run system 0 env SSL_CERT_FILE="$pki/root.pem" "$tool" client "127.0.0.1:$named" \
    < <(printf 'GET / HTTP/1.0\r\n\r\n')
}

scenario_client_truncated() {
  start_listener server python3 "$here/peers.py" truncating-server "$pki/server-rsa.pem" "$pki/server-rsa.key"
  client client 5 < <(sleep 2)
  expect client.out '^the first half$'
  expect_error client '^wasi-tls: error: closed: truncated: '
}

scenario_client_not_tls() {
  start_listener server python3 "$here/peers.py" plain-server
  client client 4 </dev/null
  expect_error client '^wasi-tls: error: protocol: not-tls: '
}

scenario_client_eof() {
  start_listener server python3 "$here/peers.py" closing-server
  client client 4 </dev/null
  expect_error client '^wasi-tls: error: closed: eof: '
}

scenario_client_half_close() {
  head -c 1048576 /dev/urandom >"$work/data"
  start_listener server python3 "$here/peers.py" half-close-server "$pki/server-rsa.pem" "$pki/server-rsa.key"
  client file 0 <"$work/data"
  same "$work/data" "$work/file.out"
  start_listener server python3 "$here/peers.py" half-close-server "$pki/server-rsa.pem" "$pki/server-rsa.key"
  client pipe 0 --tls 1.2 < <(cat "$work/data")
  same "$work/data" "$work/pipe.out"
}

# Both directions at once, through pipes whose other end is slow to start.
scenario_client_duplex() {
  head -c 8388608 /dev/urandom >"$work/data"
  ecdsa_server server
  client pipe 0 < <(cat "$work/data")
  same "$work/data" "$work/pipe.out"
  run slow 0 bash -c '"$0" client --ca "$1" --server-name localhost "$2" | { sleep 1; cat; }' \
    "$tool" "$pki/root.pem" "127.0.0.1:$port" < <(cat "$work/data")
  same "$work/data" "$work/slow.out"
}

# A reader of standard output that waits until all was sent must not keep it from being sent.
scenario_client_late_reader() {
  head -c 4194304 /dev/zero >"$work/data"
  start_listener server python3 "$here/peers.py" two-way-server "$pki/server-rsa.pem" "$pki/server-rsa.key" 4194304
  run client 0 bash -c '
    set -o pipefail
    "$0" client --ca "$1" --server-name localhost "$2" | { until grep -q received "$3"; do sleep 0.05; done; cat; }' \
    "$tool" "$pki/root.pem" "127.0.0.1:$port" "$work/server.out" < <(cat "$work/data")
  same "$work/data" "$work/client.out"
}

scenario_client_reader_gone() {
  ecdsa_server server
  run client 2 bash -c 'set -o pipefail; "$0" client --ca "$1" --server-name localhost "$2" | head -c 1' \
    "$tool" "$pki/root.pem" "127.0.0.1:$port" < <(head -c 4000000 /dev/zero)
  expect_error client '^wasi-tls: error: configuration: file: standard output: '
}

scenario_client_gnutls() {
  need gnutls-serv gnutls-bin
  port=$(free_port)
  start server timeout 40 gnutls-serv --port "$port" --http --require-client-cert --verify-client-cert \
    --x509cafile "$pki/root.pem" --x509certfile "$pki/server-ecdsa.pem" --x509keyfile "$pki/server-ecdsa.key"
  expect server.err 'listening on IPv4.*done'
  client client 0 --info --steps verify,identity --cert "$pki/client.pem" --key "$pki/client.key" \
    < <(printf 'GET / HTTP/1.0\r\n\r\n'; sleep 1)
  expect client.out '^HTTP/1.0 200 OK'
  expect_member client.err client_identity_certificates 2
}

# The server wants a group for which the first ClientHello has no share (RFC 8446, section 4.1.4).
scenario_client_hello_retry() {
  s_server server -rev -tls1_3 -groups P-521 -msg
  printf 'one\n' | client client 0 --info --steps verify,identity
  expect client.out '^eno$'
  expect_member client.err version TLSv1.3
  [ "$(grep -c 'ClientHello' "$work/server.out")" -eq 2 ] || fail "no second ClientHello"
}

# The server updates its keys and wants ours updated (RFC 8446, section 4.6.3); its tickets come late, too.
scenario_client_key_update() {
  port=$(free_port)
  start server bash -c "(sleep 1; echo one; sleep 0.3; echo K; sleep 0.3; echo two; sleep 0.5; echo Q) |
    timeout 20 openssl s_server -accept 127.0.0.1:$port -tls1_3 -num_tickets 5 -cert '$pki/server-ecdsa.pem' \
      -cert_chain '$pki/server-ecdsa.pem' -key '$pki/server-ecdsa.key'"
  expect server.out '^ACCEPT'
  client client 5 < <(sleep 0.5; echo early; sleep 1.2; echo late; sleep 2)
  expect client.out '^one$'
  expect client.out '^two$'
  expect_not client.out '^K$'
  expect server.out '^early$'
  expect server.out '^late$'
}

# A strict peer reads why it was refused: under TLS 1.3 the alert has to be encrypted (RFC 8446, section 5).
scenario_client_refusal_read_by_gnutls() {
  need gnutls-serv gnutls-bin
  local version
  for version in 1.2 1.3; do
    port=$(free_port)
    start server timeout 40 stdbuf -oL gnutls-serv --port "$port" --http --disable-client-cert \
      --x509certfile "$pki/other-server.pem" --x509keyfile "$pki/other-server.key"
    expect server.err 'listening on IPv4.*done'
    client client 4 --tls "$version" </dev/null
    expect_error client '^wasi-tls: error: verify: verify: .* \(alert 48 unknown_ca, sent\)'
    expect server.out "Received alert '48'"
  done
}

scenario_client_nginx() {
  nginx_server "ssl_client_certificate $pki/root.pem;" "ssl_verify_client on;" "ssl_verify_depth 3;" \
    "ssl_protocols TLSv1.2 TLSv1.3;"
  local version
  for version in 1.2 1.3; do
    client client 0 --info --tls "$version" --alpn http/1.1 --cert "$pki/client.pem" --key "$pki/client.key" \
      < <(printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'; sleep 0.3)
    expect client.out '^hello from nginx'
    expect client.out '^client: SUCCESS CN=client'
    expect_member client.err alpn http/1.1
  done
}

scenario_client_node() {
  need node nodejs
  start_listener server timeout 40 node "$here/tool/node_server.js" "$pki"
  echo hello | client client 0 --info --alpn wanted
  expect client.out '^node: wanted: hello$'
}

scenario_client_ipv6() {
  start_listener server timeout -k 1 40 "$tool" server --cert "$pki/server-ecdsa.pem" --key "$pki/server-ecdsa.key" \
    --listen '[::1]:0'
  expect server.out '^listening on \[::1\]:[0-9]+$'
  echo hello | run client 0 "$tool" client --info --ca "$pki/root.pem" "[::1]:$port"
  expect client.out '^hello$'
  expect_member client.err server_name ::1
}

scenario_client_deadline() {
  start_listener server python3 "$here/peers.py" silent-server
  status=0
  timeout 15 "$tool" client --ca "$pki/root.pem" "127.0.0.1:$port" >"$work/client.out" 2>"$work/client.err" || status=$?
  [ "$status" -eq 4 ] || fail "ended with $status"
  expect_error client '^wasi-tls: error: transport: timeout: '
}
