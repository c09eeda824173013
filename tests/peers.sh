# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Sourced by the tests that talk to other programs. Everything runs on loopback, in a directory of its own ($work), and
# nothing outlives the test: what was started is ended by its pid, and would end by itself.
#
# Expects $pki, the directory that pki.sh filled.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
started=()
trap clean_up EXIT

clean_up() {
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}

# fail TEXT: shows all that was said, and ends the test.
fail() {
  local file
  echo "FAILED: $*" >&2
  for file in "$work"/*.out "$work"/*.err; do
    [ -s "$file" ] || continue
    echo "--- ${file##*/}" >&2
    head -c 4000 "$file" | cat -v >&2
  done
  exit 1
}

# need PROGRAM PACKAGE: a peer that is missing is a failure, not a reason to test less.
need() {
  command -v "$1" >/dev/null || fail "$1 is missing: apt-get install $2"
}

# start NAME COMMAND...: in the background; $work/NAME.out and NAME.err hold what it says, $pid is its process.
start() {
  local name=$1
  shift
  : >"$work/$name.out" # what an earlier one of that name said is not to be taken for this one's
  : >"$work/$name.err"
  "$@" </dev/null >>"$work/$name.out" 2>>"$work/$name.err" &
  pid=$!
  started+=("$pid")
}

# expect FILE PATTERN: a line of $work/FILE matches, or will within 5 seconds: a peer may be heard before the program
# has said what it did.
expect() {
  local i
  for ((i = 0; i < 100; i++)); do
    grep -q -a -E -- "$2" "$work/$1" 2>/dev/null && return 0
    sleep 0.05
  done
  fail "no line like '$2' in $1"
}

expect_not() {
  ! grep -q -a -E -- "$2" "$work/$1" || fail "a line like '$2' in $1"
}

# await_end PID: its exit status in $status.
await_end() {
  status=0
  wait "$1" || status=$?
}

# start_listener NAME COMMAND...: as start, for a program that says "... PORT" in its first line; sets $port.
start_listener() {
  start "$@"
  expect "$1.out" ':[0-9]+$'
  port=$(sed -n -E '/:[0-9]+$/{s/.*:([0-9]+)$/\1/p;q}' "$work/$1.out")
}

# run NAME STATUS COMMAND...: must end with that status within 20 seconds. Standard input is the caller's.
run() {
  local name=$1 expected=$2
  shift 2
  status=0
  timeout 20 "$@" >"$work/$name.out" 2>"$work/$name.err" || status=$?
  [ "$status" -eq "$expected" ] || fail "$name ended with $status, not $expected: $*"
}

same() {
  cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

# cpu_ticks PID: how much processor time it has used, in hundredths of a second.
cpu_ticks() {
  local fields
  read -r -a fields < <(sed 's/.*) //' "/proc/$1/stat")
  echo $((fields[11] + fields[12]))
}

free_port() {
  python3 "$here/peers.py" free-port
}

# await_port PORT: until something listens there.
await_port() {
  python3 "$here/peers.py" await-port "$1" || fail "nothing listens on $1"
}

# leaf_base64 NAME: the end-entity certificate of the PKI, as the tool prints it.
leaf_base64() {
  openssl x509 -in "$pki/$1.pem" -outform DER | base64 -w 0
}

# member FILE KEY: what the JSON object in the last line of $work/FILE has there.
member() {
  python3 "$here/peers.py" member "$work/$1" "$2" || fail "$1 holds no JSON object with $2"
}

# expect_member FILE KEY VALUE
expect_member() {
  local found
  found=$(member "$1" "$2") || exit 1
  [ "$found" = "$3" ] || fail "$2 is $found, not $3"
}

# s_server NAME OPTION...: openssl's server on a free port; sets $port and $pid.
s_server() {
  local name=$1
  shift
  start_listener "$name" timeout 40 openssl s_server -accept 127.0.0.1:0 -naccept 50 \
    -cert "$pki/server-ecdsa.pem" -cert_chain "$pki/intermediate.pem" -key "$pki/server-ecdsa.key" "$@"
}

# nginx_server OPTION...: nginx as a TLS server that answers "hello from nginx"; each option is a line of its server
# block. Sets $port and $pid.
nginx_server() {
  need nginx nginx-light
  port=$(free_port)
  mkdir -p "$work/nginx"
  {
    echo "daemon off; master_process off; pid $work/nginx/pid; error_log stderr;"
    echo "events {}"
    echo "http {"
    echo "  access_log off;"
    for kind in client_body proxy fastcgi uwsgi scgi; do echo "  ${kind}_temp_path $work/nginx/$kind;"; done
    echo "  server {"
    echo "    listen 127.0.0.1:$port ssl;"
    echo "    ssl_certificate $pki/server-rsa.pem;"
    echo "    ssl_certificate_key $pki/server-rsa.key;"
    printf '    %s\n' "$@"
    echo "    location / { return 200 \"hello from nginx\\nclient: \$ssl_client_verify \$ssl_client_s_dn\\n\"; }"
    echo "  }"
    echo "}"
  } >"$work/nginx/nginx.conf"
  start nginx timeout 40 nginx -p "$work/nginx" -c "$work/nginx/nginx.conf" -e stderr
  await_port "$port"
}
