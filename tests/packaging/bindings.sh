#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# bindings.sh PROGRAM ENGINE...: no symbol of one engine's library is bound to another's when PROGRAM runs. Some of them
# export functions of the same names, and a library that comes too early in the order of search gets its neighbour's calls.
set -eu
program=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# bindings LOG: what is bound across engines, a line each; nothing is good.
bindings() {
  awk '
    function engine(path) {
      sub(".*/", "", path)
      if (path ~ /^lib(ssl|crypto)\./) return "openssl"
      if (path ~ /^libwolfssl\./) return "wolfssl"
      return path ~ /^libgnutls\./ ? "gnutls" : ""
    }
    $2 == "binding" && $3 == "file" {
      from = engine($4); to = engine($7)
      if (from != "") seen[from] = 1
      if (from != "" && to != "" && from != to) print from " to " to ": " $11
    }
    END { for (name in seen) print name > "/dev/stderr" }
  ' "$1" 2>"$work/seen" | sort -u
}

LD_BIND_NOW=1 LD_DEBUG=bindings "$program" engines >/dev/null 2>"$work/log"
bindings "$work/log" >"$work/across"
for engine in "$@"; do
  grep -qx "$engine" "$work/seen" || { echo "nothing is known of $engine: the check sees nothing" >&2; exit 1; }
done
if [ -s "$work/across" ]; then
  echo "bound across engines:" >&2
  cat "$work/across" >&2
  exit 1
fi

# The check can fail: with the wrong library first, the wrong one is found.
case " $* " in
  *" openssl "*" wolfssl "* | *" wolfssl "*" openssl "*)
    first=$(ldd "$program" | awk '/libwolfssl/ { print $3 }')
    LD_PRELOAD=$first LD_BIND_NOW=1 LD_DEBUG=bindings "$program" engines >/dev/null 2>"$work/log"
    bindings "$work/log" >"$work/across"
    [ -s "$work/across" ] || { echo "a library in the wrong place was not noticed" >&2; exit 1; }
    ;;
esac
echo "no binding across: $*"
