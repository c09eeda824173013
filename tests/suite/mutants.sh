#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# mutants.sh SUITE MODULE: the suite passes on the sound engine in the module, and notices each of its defects, in the
# behaviour that is about it.
set -u
suite=$1
module=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrong=0

# run MUTATION BEHAVIOUR: the suite's exit status.
run() {
  WASI_TLS_MUTATION=$1 timeout 100 "$suite" --backend "$module" --engine mutant --only "$2" --timeout 10 --jobs 1 \
    --report "$work/$1" >"$work/log" 2>&1
}

# caught MUTATION BEHAVIOUR: complains unless the behaviour holds on the sound engine and fails on the mutant.
caught() {
  run none "$2" || { echo "$2 does not hold on the sound engine:"; tail -n 20 "$work/log"; wrong=1; return; }
  run "$1" "$2"
  status=$?
  if [ "$status" -eq 1 ] && python3 - "$work/$1/report.json" "$2" <<'END'
import json, sys
report = json.load(open(sys.argv[1], encoding="utf-8"))
states = {each["id"]: each["cells"]["mutant"]["state"] for each in report["behaviours"]}
sys.exit(0 if states[sys.argv[2]] == "failed" else 1)
END
  then
    echo "$1: noticed by $2"
  else
    echo "$1: NOT noticed by $2 (exit status $status)"
    tail -n 20 "$work/log"
    wrong=1
  fi
}

while read -r mutation behaviour; do caught "$mutation" "$behaviour"; done <<'END'
crashes suspension.at-the-hello
hangs suspension.at-the-hello
sends-no-alerts abort.every-alert-client
hides-transport-errors faults.error-at-every-write
accepts-any-chain verification.unknown-issuer
shows-no-messages messages.unoffered-extension
one-reason-for-all verification.expired
shows-the-leaf-only verification.good
goes-on-where-told-to-stop suspension.at-the-server-identity
goes-on-where-refused verification.wrong-name
declines-always client_identity.answered
sends-no-server-name client_hello.shown
forgets-protocols configuration.alpn-preference
never-asks-clients client_identity.answered
tells-no-alert abort.at-the-hello
takes-truncation-for-the-end closing.truncation
takes-the-end-for-truncation closing.end-of-stream
loses-a-byte data.sizes
changes-a-byte data.sizes
writes-twice data.sizes
never-says-goodbye closing.one-close-notify
sends-another-alert abort.every-alert-server
names-another-suite configuration.suites
names-another-version call_order.getters-after
ignores-revocation-lists verification.revoked
ignores-the-choice-of-suites configuration.suites
END
exit "$wrong"
