#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# exported_symbols.sh NM LIBRARY HEADER...: the library exports what the headers declare WASI_TLS_API, and nothing else.
set -eu
nm=$1
library=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sed -e 's@//.*@@' "$@" | tr '\n' ' ' | sed -e 's@/\*@\n/*@g' -e 's@\*/@*/\n@g' | grep -v '^/\*' | tr '\n' ' ' |
  grep -o 'WASI_TLS_API [^;(]*(' | sed -n 's/.*\(wasi_tls_[a-z0-9_]*\)($/\1/p' | LC_ALL=C sort >"$work/declared"
"$nm" -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort >"$work/exported"

[ -s "$work/declared" ] || { echo "no function is declared in $*"; exit 1; }
if ! diff "$work/declared" "$work/exported" >"$work/diff"; then
  echo "declared in the headers (<) and exported by $library (>) differ:"
  cat "$work/diff"
  exit 1
fi
echo "$(wc -l <"$work/exported") functions, all declared"
