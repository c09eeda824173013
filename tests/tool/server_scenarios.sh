# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The tool as a server of openssl s_client, curl, gnutls-cli, Python and Node. Sourced by tool_test.sh.

# curl_json NAME STATUS OPTION...: GET / on $port as localhost.
curl_json() {
  local name=$1 expected=$2
  shift 2
  run "$name" "$expected" curl -sS --cacert "$pki/root.pem" "$@" "https://localhost:$port/"
}

scenario_server_echo() {
  ecdsa_server server
  run small 0 python3 "$here/peers.py" echo-client "$port" "$pki/root.pem" localhost 1
  expect small.out '^echoed$'
  run large 0 python3 "$here/peers.py" echo-client "$port" "$pki/root.pem" localhost 1048576
  expect large.out '^echoed$'
  expect_not server.err .
}

scenario_server_discard() {
  ecdsa_server server --mode discard
  client client 0 < <(head -c 1000000 /dev/zero)
  expect_not client.out .
  expect_not server.err .
}

# s_client says what was negotiated; the server's answer says the same.
scenario_server_s_client() {
  local version
  ecdsa_server server --mode http
  for version in 2 3; do
    run client 0 openssl s_client -connect "127.0.0.1:$port" -servername localhost -CAfile "$pki/root.pem" \
      -verify_return_error -ign_eof "-tls1_$version" < <(printf 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect client.out '^HTTP/1.1 200 OK'
    expect client.out 'Verify return code: 0 \(ok\)'
    expect client.out "^New, TLSv1.$version, Cipher is"
    expect_member client.out version "TLSv1.$version"
    expect_member client.out server_name localhost
  done
  expect_not server.err .
}

# Keys are updated twice in the middle of the data, once with the wish that we do so too (RFC 8446, section 4.6.3).
scenario_server_key_update() {
  ecdsa_server server
  run client 0 openssl s_client -connect "127.0.0.1:$port" -servername localhost -CAfile "$pki/root.pem" -tls1_3 \
    < <(echo one; sleep 0.3; echo K; sleep 0.3; echo k; sleep 0.3; echo two; sleep 0.3; echo Q)
  [ "$(grep -c KEYUPDATE "$work/client.err")" -eq 2 ] || fail "no two key updates"
  expect client.out '^one$'
  expect client.out '^two$'
  expect_not server.err .
}

# TLS 1.2 lets a client ask for another handshake: refused, and others are served on.
# One engine has no warning for it, and ends the connection.
scenario_server_renegotiation() {
  ecdsa_server server
  run client 1 openssl s_client -connect "127.0.0.1:$port" -servername localhost -CAfile "$pki/root.pem" -tls1_2 \
    < <(echo one; sleep 0.3; echo R; sleep 0.5; echo Q)
  expect client.out '^one$'
  if [ "$engine" = wolfssl ]; then
    expect client.err 'alert unexpected message'
  else
    expect client.err 'no renegotiation'
  fi
  run after 0 python3 "$here/peers.py" echo-client "$port" "$pki/root.pem" localhost 1
}

scenario_server_curl() {
  local limits
  need curl curl
  ecdsa_server server --mode http --alpn h2,http/1.1
  for limits in "--tlsv1.2 --tls-max 1.2" "--tlsv1.3"; do
    # shellcheck disable=SC2086
    curl_json curl 0 --http1.1 -D "$work/head.out" $limits
    expect head.out '^HTTP/1.1 200'
    expect head.out '^Content-Type: application/json'
    expect head.out "^Content-Length: $(wc -c <"$work/curl.out")"
    expect head.out '^Connection: close'
    expect_member curl.out role server
    expect_member curl.out alpn http/1.1
    expect_member curl.out server_identity_certificates 2
    expect_member curl.out server_identity_leaf "$(leaf_base64 server-ecdsa)"
    expect_member curl.out client_identity_leaf null
    expect_member curl.out steps '["finish"]'
  done
  head -c 100000 /dev/zero >"$work/body"
  curl_json post 0 --http1.1 --data-binary "@$work/body" -H 'Expect:'
  expect_member post.out role server
  curl_json long 0 --http1.1 -H "X-Long: $(head -c 60000 /dev/zero | tr '\0' x)"
  expect_not server.err .
}

# The other flavour of curl, which only Debian's own Python has a binding of.
scenario_server_curl_gnutls() {
  local version
  ecdsa_server server --mode http --alpn http/1.1 --client-identity required --client-ca "$pki/root.pem"
  for version in 1.2 1.3; do
    run curl 0 /usr/bin/python3 "$here/peers.py" curl-gnutls "$port" "$pki/root.pem" "$pki/client.pem" \
      "$pki/client.key" "$version"
    expect_member curl.out version "TLSv$version"
    expect_member curl.out server_name localhost
    expect_member curl.out alpn http/1.1
    expect_member curl.out client_identity_leaf "$(leaf_base64 client)"
  done
  run refused 1 /usr/bin/python3 "$here/peers.py" curl-gnutls "$port" "$pki/other-root.pem" "$pki/client.pem" \
    "$pki/client.key" 1.3
  expect refused.err 'verification failed'
}

scenario_server_versions() {
  ecdsa_server old --mode http --tls 1.2
  curl_json old 0
  expect_member old.out version TLSv1.2
  curl_json refused 35 --tlsv1.3
  expect refused.err 'alert protocol version'
  ecdsa_server new --mode http --tls 1.3
  curl_json new 0
  expect_member new.out version TLSv1.3
  curl_json refused 35 --tls-max 1.2
  expect refused.err 'alert protocol version'
}

scenario_server_alpn() {
  ecdsa_server server --mode http --alpn h2,http/1.1
  run client 0 openssl s_client -connect "127.0.0.1:$port" -alpn http/1.1,h2 -CAfile "$pki/root.pem" -ign_eof \
    < <(printf 'GET / HTTP/1.1\r\n\r\n')
  expect client.out '^ALPN protocol: h2$'
  expect_member client.out alpn h2
  run other 1 openssl s_client -connect "127.0.0.1:$port" -alpn ftp -CAfile "$pki/root.pem" -ign_eof </dev/null
  expect other.err 'alert no application protocol'
  expect_error server '^wasi-tls: error: protocol: no-application-protocol: .*\(alert 120 no_application_protocol, sent\)$'
}

# Protocol names are bytes: JSON has to survive them.
scenario_server_alpn_bytes() {
  ecdsa_server server --mode http --alpn "$(printf 'a"\\\x01\xff')"
  run peer 0 node "$here/tool/node_client.js" "$pki" "$port"
  expect peer.out '"alpn":"a\\"\\\\\\u0001\\u00ff"'
  expect_member peer.out role server
}

scenario_server_gnutls() {
  need gnutls-cli gnutls-bin
  local priority
  ecdsa_server server --mode http
  for priority in NORMAL:-VERS-ALL:+VERS-TLS1.2 NORMAL:-VERS-ALL:+VERS-TLS1.3; do
    run client 0 gnutls-cli --priority "$priority" --x509cafile "$pki/root.pem" -p "$port" localhost \
      < <(printf 'GET / HTTP/1.1\r\n\r\n'; sleep 0.5)
    expect client.out '^HTTP/1.1 200 OK'
    expect client.out '"version":"TLSv1'
    expect client.out 'Status: The certificate is trusted'
  done
  expect_not server.err .
}

scenario_server_node() {
  need node nodejs
  ecdsa_server server --mode http --alpn http/1.1
  run client 0 node -e '
    require("https").get({port: process.argv[1], host: "localhost", ca: require("fs").readFileSync(process.argv[2])},
      (response) => response.pipe(process.stdout))' "$port" "$pki/root.pem"
  expect_member client.out version TLSv1.3
  expect_not server.err .
}

scenario_server_sni() {
  tool_server server --mode http --cert "$pki/server-rsa.pem" --key "$pki/server-rsa.key" \
    --sni "example.test=$pki/example.pem:$pki/example.key" \
    --sni "Other.example.test=$pki/server-rsa.pem:$pki/server-rsa.key" \
    --sni "other.EXAMPLE.test=$pki/example.pem:$pki/example.key"
  curl_json default 0
  expect_member default.out server_identity_leaf "$(leaf_base64 server-rsa)"
  expect_member default.out steps '["receive-client-hello", "finish"]'
  run chosen 0 curl -sS --cacert "$pki/root.pem" --resolve "example.test:$port:127.0.0.1" "https://example.test:$port/"
  expect_member chosen.out server_name example.test
  expect_member chosen.out server_identity_leaf "$(leaf_base64 example)"
  run none 0 openssl s_client -connect "127.0.0.1:$port" -noservername -CAfile "$pki/root.pem" -ign_eof \
    < <(printf 'GET / HTTP/1.1\r\n\r\n')
  expect_member none.out server_name null
  expect_member none.out server_identity_leaf "$(leaf_base64 server-rsa)"
  # Two identities for one name, of which the client can use the second only.
  run second 0 openssl s_client -connect "127.0.0.1:$port" -servername other.example.test -CAfile "$pki/root.pem" \
    -sigalgs ECDSA+SHA256 -ign_eof < <(printf 'GET / HTTP/1.1\r\n\r\n')
  expect_member second.out server_identity_leaf "$(leaf_base64 example)"
}

# chosen_for NAME OPTION...: which identity a client with these options gets.
expect_choice() {
  local expected=$1
  shift
  run client 0 openssl s_client -connect "127.0.0.1:$port" -servername localhost -CAfile "$pki/root.pem" -ign_eof \
    "$@" < <(printf 'GET / HTTP/1.1\r\n\r\n')
  expect_member client.out server_identity_leaf "$(leaf_base64 "$expected")"
}

scenario_server_choice() {
  tool_server first --mode http --cert "$pki/server-rsa.pem" --key "$pki/server-rsa.key" \
    --cert "$pki/server-ecdsa.pem" --key "$pki/server-ecdsa.key"
  expect_choice server-rsa
  expect_choice server-rsa -sigalgs RSA-PSS+SHA256:ECDSA+SHA256
  expect_choice server-ecdsa -sigalgs ECDSA+SHA256
  expect_choice server-rsa -tls1_2
  expect_choice server-ecdsa -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256
  run none 1 openssl s_client -connect "127.0.0.1:$port" -CAfile "$pki/root.pem" -sigalgs ed25519 </dev/null
  expect_error first '^wasi-tls: error: protocol: no-suitable-identity: .*\(alert 40 handshake_failure, sent\)$'
  tool_server second --mode http --cert "$pki/server-ed25519.pem" --key "$pki/server-ed25519.key" \
    --cert "$pki/server-ecdsa.pem" --key "$pki/server-ecdsa.key" --cert "$pki/server-rsa.pem" --key "$pki/server-rsa.key"
  expect_choice server-ed25519
  expect_choice server-ecdsa -sigalgs RSA-PSS+SHA256:ECDSA+SHA256
  expect_choice server-rsa -sigalgs RSA-PSS+SHA256
}

scenario_server_client_identity_optional() {
  local limits
  ecdsa_server server --mode http --client-identity optional --client-ca "$pki/root.pem"
  for limits in "--tls-max 1.2" "--tlsv1.3"; do
    # shellcheck disable=SC2086
    curl_json good 0 $limits --cert "$pki/client.pem" --key "$pki/client.key"
    expect_member good.out client_identity_certificates 2
    expect_member good.out client_identity_leaf "$(leaf_base64 client)"
    expect_member good.out steps '["request-client-identity", "finish"]'
    # shellcheck disable=SC2086
    curl_json none 0 $limits
    expect_member none.out client_identity_certificates 0
  done
  expect_not server.err .
  curl_json unknown 56 --tlsv1.3 --cert "$pki/other-client.pem" --key "$pki/other-client.key"
  expect unknown.err 'alert unknown ca'
  expect_error server '^wasi-tls: error: verify: .*\(alert 48 unknown_ca, sent\) \(verify untrusted at depth 0\)$'
}

scenario_server_client_identity_required() {
  ecdsa_server server --mode http --client-identity required --client-ca "$pki/root.pem"
  curl_json good 0 --cert "$pki/client.pem" --key "$pki/client.key"
  expect_member good.out client_identity_leaf "$(leaf_base64 client)"
  expect_not server.err .
  curl_json none 56 --tlsv1.3
  expect none.err 'certificate required'
  expect_error server '^wasi-tls: error: protocol: client-identity-required: .*\(alert 116 certificate_required, sent\)$'
  curl_json old 35 --tls-max 1.2
  expect old.err 'alert handshake failure'
  curl_json unknown 35 --tls-max 1.2 --cert "$pki/other-client.pem" --key "$pki/other-client.key"
  expect unknown.err 'alert unknown ca'
  curl_json again 0 --cert "$pki/client.pem" --key "$pki/client.key"
}

scenario_server_post_handshake_auth() {
  ecdsa_server server --mode http --post-handshake-auth --client-ca "$pki/root.pem"
  local request='GET /secure HTTP/1.1\r\nHost: localhost\r\n\r\n'
  # shellcheck disable=SC2059
  run s_client 0 openssl s_client -connect "127.0.0.1:$port" -CAfile "$pki/root.pem" -enable_pha \
    -cert "$pki/client.pem" -cert_chain "$pki/intermediate.pem" -key "$pki/client.key" -ign_eof < <(printf "$request")
  expect_member s_client.out client_identity_leaf "$(leaf_base64 client)"
  expect_member s_client.out steps '["finish", "request-client-identity"]'
  run python 0 python3 "$here/peers.py" post-handshake-client "$port" "$pki/root.pem" "$pki/client.pem" "$pki/client.key"
  expect_member python.out client_identity_leaf "$(leaf_base64 client)"
  # A client that declines, two that can't be asked, and a path that is open to all.
  # shellcheck disable=SC2059
  run declines 0 openssl s_client -connect "127.0.0.1:$port" -CAfile "$pki/root.pem" -enable_pha -ign_eof \
    < <(printf "$request")
  expect_member declines.out client_identity_leaf null
  # shellcheck disable=SC2059
  run unable 0 openssl s_client -connect "127.0.0.1:$port" -CAfile "$pki/root.pem" -ign_eof < <(printf "$request")
  expect_member unable.out steps '["finish"]'
  # shellcheck disable=SC2059
  run old 0 openssl s_client -connect "127.0.0.1:$port" -CAfile "$pki/root.pem" -tls1_2 -ign_eof < <(printf "$request")
  expect_member old.out steps '["finish"]'
  curl_json open 0 --cert "$pki/client.pem" --key "$pki/client.key"
  expect_member open.out client_identity_leaf null
  expect_not server.err .
  run unknown 1 openssl s_client -connect "127.0.0.1:$port" -CAfile "$pki/root.pem" -enable_pha \
    -cert "$pki/other-client.pem" -key "$pki/other-client.key" -ign_eof < <(printf '%b' "$request")
  expect_error server '^wasi-tls: error: verify: .*\(alert 48 unknown_ca, sent\) \(verify untrusted at depth 0\)$'
}

# Fifty at once, while others hold connections and say nothing, and one never reads.
scenario_server_parallel() {
  local i
  ecdsa_server http --mode http
  start holder python3 "$here/peers.py" hold "$port" 20
  expect holder.out held
  for ((i = 0; i < 50; i++)); do echo "url = https://localhost:$port/$i"; done >"$work/urls"
  run curl 0 curl -sS --cacert "$pki/root.pem" -Z --parallel-immediate --parallel-max 50 --fail -K "$work/urls"
  [ "$(grep -c '"role":"server"' "$work/curl.out")" -eq 50 ] || fail "not 50 answers"
  ecdsa_server echo
  start stalled python3 "$here/peers.py" stalled-client "$port" "$pki/root.pem"
  expect stalled.out stalled
  run large 0 python3 "$here/peers.py" echo-client "$port" "$pki/root.pem" localhost 100000
  expect large.out '^echoed$'
}

# Whoever waits uses no processor time: for handshakes, for a reader, for input.
scenario_server_quiet() {
  local server client before
  start_listener server "$tool" server --cert "$pki/server-ecdsa.pem" --key "$pki/server-ecdsa.key" --listen 127.0.0.1:0
  server=$pid
  start holder python3 "$here/peers.py" hold "$port" 20
  expect holder.out held
  start stalled python3 "$here/peers.py" stalled-client "$port" "$pki/root.pem"
  expect stalled.out stalled
  mkfifo "$work/fifo"
  "$tool" client --info --ca "$pki/root.pem" "127.0.0.1:$port" <"$work/fifo" >"$work/client.out" 2>"$work/client.err" &
  client=$!
  started+=("$client")
  exec 9>"$work/fifo"
  echo hello >&9
  expect client.out hello
  before=$(($(cpu_ticks "$server") + $(cpu_ticks "$client")))
  sleep 2
  local used=$(($(cpu_ticks "$server") + $(cpu_ticks "$client") - before))
  [ "$used" -le 5 ] || fail "$used hundredths of a second of processor time in 2 seconds"
  exec 9>&-
  await_end "$client"
  [ "$status" -eq 0 ] || fail "the client ended with $status"
}

# Without a descriptor left it waits, says so, and goes on when there is one.
scenario_server_descriptors() {
  local holder
  start_listener server bash -c 'ulimit -n 40; exec "$0" "$@"' "$tool" server --mode http --listen 127.0.0.1:0 \
    --cert "$pki/server-ecdsa.pem" --key "$pki/server-ecdsa.key"
  start holder python3 "$here/peers.py" hold "$port" 60
  holder=$pid
  expect server.err '^wasi-tls: error: transport: accept: Too many open files$'
  kill "$holder"
  curl_json curl 0 --retry 3
  expect_member curl.out role server
}

scenario_server_bad_input() {
  ecdsa_server server
  run plain 0 python3 "$here/peers.py" raw-client "$port" 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'
  run junk 0 python3 "$here/peers.py" raw-client "$port" '\xff\xfe\xfd\xfc\xfb\xfa\x00\x01\x02\x03\x04\x05\x06\x07\x08'
  run ssl2 0 python3 "$here/peers.py" raw-client "$port" '\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10'
  run nothing 0 python3 "$here/peers.py" raw-client "$port" ''
  run half 0 python3 "$here/peers.py" raw-client "$port" '\x16\x03\x01\x02\x00\x01\x00'
  run old 1 openssl s_client -connect "127.0.0.1:$port" -tls1_1 -cipher DEFAULT@SECLEVEL=0 </dev/null
  run cut 0 python3 "$here/peers.py" truncating-client "$port" "$pki/root.pem"
  run good 0 python3 "$here/peers.py" echo-client "$port" "$pki/root.pem" localhost 100
  expect good.out '^echoed$'
  expect server.err '^wasi-tls: error: closed: eof: '
  expect server.err '^wasi-tls: error: protocol: protocol-version: .*\(alert 70 protocol_version, sent\)$'
  expect server.err '^wasi-tls: error: closed: truncated: '
  [ "$(grep -c ': not-tls: ' "$work/server.err")" -ge 2 ] || fail "not-tls was not said"
  ! grep -v -E "$error_line" "$work/server.err" || fail "lines of another shape"
}

# Either signal ends it at once and in order, whatever its connections do.
scenario_server_end() {
  local signal server
  for signal in TERM INT; do
    start_listener "$signal" env --default-signal=INT "$tool" server --cert "$pki/server-ecdsa.pem" \
      --key "$pki/server-ecdsa.key" --listen 127.0.0.1:0
    server=$pid
    start holder python3 "$here/peers.py" hold "$port" 3
    expect holder.out held
    start stalled python3 "$here/peers.py" stalled-client "$port" "$pki/root.pem"
    expect stalled.out stalled
    kill -"$signal" "$server"
    await_end "$server"
    [ "$status" -eq 0 ] || fail "SIG$signal: ended with $status"
    expect_not "$signal.err" .
  done
}

scenario_server_connections() {
  ecdsa_server server --mode http --connections 3
  server=$pid
  curl_json one 0
  run two 0 python3 "$here/peers.py" raw-client "$port" junk
  kill -0 "$server" || fail "ended before its time"
  curl_json three 0
  await_end "$server"
  [ "$status" -eq 0 ] || fail "ended with $status"
}

scenario_server_deadline() {
  ecdsa_server server
  status=0
  timeout 15 python3 "$here/peers.py" deadline-client "$port" >"$work/client.out" || status=$?
  [ "$status" -eq 0 ] || fail "the client ended with $status"
  expect client.out '^1[01]$'
  expect_error server '^wasi-tls: error: transport: timeout: '
}
