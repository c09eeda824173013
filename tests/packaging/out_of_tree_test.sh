#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# out_of_tree_test.sh SOURCE BUILD CMAKE CC: builds the engine of examples/out-of-tree-backend as its author would, from a copy of
# its folder and what BUILD installs, and lets the installed suite run against it.
set -eu
source=$1
build=$2
cmake=$3
cc=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
example=$work/engine

# bounded SECONDS COMMAND...: quiet unless it fails.
bounded() {
  seconds=$1
  shift
  if ! timeout "$seconds" "$@" >"$work/log" 2>&1; then
    tail -n 100 "$work/log"
    echo "failed: $*"
    exit 1
  fi
}

bounded 200 "$cmake" --install "$build" --prefix "$prefix"
cp -R "$source/examples/out-of-tree-backend" "$example"
bounded 100 "$cmake" -S "$example" -B "$work/build" -DCMAKE_C_COMPILER="$cc" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_C_FLAGS=-Werror
bounded 200 "$cmake" --build "$work/build" --parallel 2
module=$(find "$work/build" -name libwasi-tls-backend-mbedtls.so)

# Ninja keeps what was included in its log of dependencies, make in files.
{ ninja -C "$work/build" -t deps 2>/dev/null || true; find "$work/build" -name '*.d' -exec cat {} +; } >"$work/included"
grep -q "$prefix/include/wasi_tls/backend.h" "$work/included" || { echo "the installed headers are not used"; exit 1; }
if grep -F "$source/" "$work/included"; then
  echo "files of the source tree are included"
  exit 1
fi
if ldd "$module" | grep libwasi-tls; then
  echo "the engine links the library"
  exit 1
fi
exported=$(nm -D --defined-only "$module" | sed 's/.* //')
if [ "$exported" != wasi_tls_backend_mbedtls ]; then
  echo "exported is: $exported"
  exit 1
fi

bounded 900 "$prefix/bin/wasi-tls-conformance" --backend "$module" --engine mbedtls --report "$work/report"
tail -n 1 "$work/log"
