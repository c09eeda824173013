#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# tool_test.sh TOOL PKI SCENARIO [ENGINE]: one scenario of the tool against real peers, on an engine if one is named.
# Scenarios are the functions that begin with "scenario_" here and in the files beside this one.
set -euo pipefail

tool=$(readlink -f "$1")
pki=$(readlink -f "$2")
scenario=$3
engine=${4-}

. "$(dirname "$0")/../peers.sh"

# The tool with the engine chosen.
if [ -n "$engine" ]; then
  printf '#!/bin/sh\ncommand=$1\nshift\nexec "%s" "$command" --engine %s "$@"\n' "$tool" "$engine" >"$work/tool"
  chmod +x "$work/tool"
  tool=$work/tool
fi
. "$(dirname "$0")/client_scenarios.sh"
. "$(dirname "$0")/server_scenarios.sh"

# The tool's error lines have one shape, whatever went wrong.
error_line='^wasi-tls: error: [a-z-]+: [a-z0-9-]+: [^(]+( \(alert [0-9]+ [a-z0-9_]+, (sent|received)\))?( \(verify [a-z-]+ at depth [0-9]+\))?$'

# client NAME STATUS OPTION...: the tool as a client of 127.0.0.1:$port, by the name localhost.
client() {
  local name=$1 expected=$2
  shift 2
  run "$name" "$expected" "$tool" client --ca "$pki/root.pem" --server-name localhost "$@" "127.0.0.1:$port"
}

# tool_server NAME OPTION...: the tool as a server; sets $port and $pid. With -k, since a leak checker at its work may hang when the
# second signal comes that timeout sends (to the process, and to its group).
tool_server() {
  start_listener "$1" timeout -k 1 20 "$tool" server --listen 127.0.0.1:0 "${@:2}"
}

# What most servers here are.
ecdsa_server() {
  tool_server "$1" --cert "$pki/server-ecdsa.pem" --key "$pki/server-ecdsa.key" "${@:2}"
}

# One error line, and it says this.
expect_error() {
  expect "$1.err" "$error_line"
  expect "$1.err" "$2"
}

scenario_engines() {
  run table 0 "$tool" engines
  expect table.out '^engine +[a-z]+'
  expect table.out '^tls-1.3 +yes'
  run json 0 "$tool" engines --json
  python3 - "$work/json.out" <<'END' || fail "the JSON is not what it should be"
import json, sys
engines = json.load(open(sys.argv[1]))
assert engines
for engine in engines:
    assert set(engine) == {"name", "version", "capabilities"}, engine
    assert engine["version"]
    assert len(engine["capabilities"]) == 23, engine["capabilities"]
    assert engine["capabilities"]["tls-1.3"] is True
    assert all(isinstance(value, bool) for value in engine["capabilities"].values())
END
  run full 2 bash -c '"$0" engines >/dev/full' "$tool"
  expect_error full '^wasi-tls: error: configuration: file: standard output: '
}

scenario_usage() {
  local command
  for command in "" engines client server; do
    run help 0 "$tool" $command --help
    expect help.out "^Usage: wasi-tls ${command:-COMMAND}"
    expect help.out '^Exit codes:'
  done
  run none 1 "$tool"
  expect_error none '^wasi-tls: error: usage: arguments: '
  run command 1 "$tool" serve
  run option 1 "$tool" client --verbose localhost:443
  run value 1 "$tool" client --ca
  run two 1 "$tool" client localhost:443 localhost:444
  run version 1 "$tool" client --tls 1.1 localhost:443
  expect_error version '1\.1'
  run steps 1 "$tool" client --steps verify,guess localhost:443
  run pair 1 "$tool" client --cert x localhost:443
  run port 1 "$tool" client localhost
  run bare 1 "$tool" client ::1:443
  run bracket 1 "$tool" client '[::1:443'
  run listen 1 "$tool" server --cert x --key x
  run identity 1 "$tool" server --listen 127.0.0.1:0
  run mode 1 "$tool" server --mode chargen --cert x --key x --listen 127.0.0.1:0
  run count 1 "$tool" server --connections 0 --cert x --key x --listen 127.0.0.1:0
  run sni 1 "$tool" server --sni name=cert --cert x --key x --listen 127.0.0.1:0
  run ca 1 "$tool" server --client-identity required --cert x --key x --listen 127.0.0.1:0
  for command in command option value two version steps pair port bare bracket listen identity mode count sni ca; do
    expect_error "$command" '^wasi-tls: error: usage: arguments: '
  done
}

scenario_configuration() {
  local key=$pki/server-ecdsa.key cert=$pki/server-ecdsa.pem
  port=1
  run engine 2 "$tool" client --engine none localhost:1
  expect_error engine '^wasi-tls: error: configuration: unknown-engine: '
  run file 2 "$tool" client --ca "$work/missing" localhost:1
  expect_error file '^wasi-tls: error: configuration: file: .*missing'
  run store 2 "$tool" client --ca "$key" localhost:1
  expect_error store '^wasi-tls: error: configuration: trust-store: '
  run mismatch 2 "$tool" server --cert "$cert" --key "$pki/server-rsa.key" --listen 127.0.0.1:0
  expect_error mismatch '^wasi-tls: error: identity: key-mismatch: '
  run format 2 "$tool" server --cert "$cert" --key "$cert" --listen 127.0.0.1:0
  expect_error format '^wasi-tls: error: identity: key-format: '
  openssl pkcs8 -topk8 -in "$key" -passout pass:secret -out "$work/encrypted"
  run encrypted 2 "$tool" server --cert "$cert" --key "$work/encrypted" --listen 127.0.0.1:0
  expect_error encrypted '^wasi-tls: error: identity: key-encrypted: '
  run certificate 2 "$tool" server --cert "$key" --key "$key" --listen 127.0.0.1:0
  expect_error certificate '^wasi-tls: error: identity: certificate-format: '
  run sni 2 "$tool" server --cert "$cert" --key "$key" --sni "a=$cert:$work/missing" --listen 127.0.0.1:0
  expect_error sni '^wasi-tls: error: configuration: file: '
  ecdsa_server server
  run name 2 "$tool" client --ca "$pki/root.pem" --server-name 'not a name' "127.0.0.1:$port"
  expect_error name '^wasi-tls: error: configuration: server-name: '
  run alpn 2 "$tool" client --ca "$pki/root.pem" --alpn a,,b "127.0.0.1:$port"
  expect_error alpn '^wasi-tls: error: configuration: alpn-id: '
  run listen 3 "$tool" server --cert "$cert" --key "$key" --listen "127.0.0.1:$port"
  expect_error listen '^wasi-tls: error: transport: listen: '
  run connect 3 "$tool" client "127.0.0.1:$(free_port)"
  expect_error connect '^wasi-tls: error: transport: connect: '
  run resolve 3 "$tool" client name.invalid:443
  expect_error resolve '^wasi-tls: error: transport: resolve: '
}

# Each engine's client with each engine's server, as two processes over a socket: all that the properties say agrees.
scenario_pairs() {
  local engines from to version
  engines=$("$tool" engines --json | python3 -c 'import json, sys; print(*[e["name"] for e in json.load(sys.stdin)])')
  for to in $engines; do
    for version in 1.2 1.3; do
      tool_server "server-$to" --engine "$to" --tls "$version" --mode http --alpn h2,http/1.1 --connections 10 \
        --cert "$pki/server-rsa.pem" --key "$pki/server-rsa.key" \
        --cert "$pki/server-ecdsa.pem" --key "$pki/server-ecdsa.key" \
        --client-identity required --client-ca "$pki/root.pem"
      for from in $engines; do
        client "client-$from" 0 --engine "$from" --alpn http/1.1 --cert "$pki/client.pem" --key "$pki/client.key" \
          --steps verify,identity --info < <(printf 'GET / HTTP/1.1\r\n\r\n')
        expect_member "client-$from.err" version "TLSv$version"
        expect_member "client-$from.err" alpn http/1.1
        expect_member "client-$from.err" server_identity_leaf "$(leaf_base64 server-rsa)"
        expect_member "client-$from.err" client_identity_leaf "$(leaf_base64 client)"
        expect_member "client-$from.out" cipher_suite "$(member "client-$from.err" cipher_suite)"
        expect_member "client-$from.out" client_identity_leaf "$(leaf_base64 client)"
        echo "$from to $to, TLS $version: $(member "client-$from.err" cipher_suite)"
      done
    done
  done
}

[ "$(type -t "scenario_$scenario")" = function ] || fail "there is no scenario $scenario"
need openssl openssl
need python3 python3
"scenario_$scenario"
echo "passed: $scenario${engine:+ on $engine}"
