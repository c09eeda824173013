#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# consumer_test.sh SOURCE BUILD CMAKE CC ENGINES VERSION: builds and runs the consumer out of tree in each way that the library
# can be had: find_package and pkg-config on what BUILD installs, and add_subdirectory of SOURCE.
set -eu
source=$1
build=$2
cmake=$3
cc=$4
engines=$5
version=$6
consumer=$source/tests/packaging/consumer
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
first_engine=${engines%%;*}

# bounded COMMAND...: quiet unless it fails.
bounded() {
  if ! timeout 200 "$@" >"$work/log" 2>&1; then
    cat "$work/log"
    echo "failed: $*"
    exit 1
  fi
}

# check WAY PROGRAM static|shared: it runs, and needs the shared library or does not.
check() {
  said=$(timeout 20 "$2") || { echo "$1: the program fails"; exit 1; }
  case $said in
    "wasi-tls $version with $first_engine") ;;
    *) echo "$1: unexpected output: $said"; exit 1 ;;
  esac
  kind=static
  if ldd "$2" | grep -q libwasi-tls; then kind=shared; fi
  [ "$kind" = "$3" ] || { echo "$1: linked $kind, not $3"; exit 1; }
  echo "$1 ($3): $said"
}

# with_cmake WAY static|shared OPTION...
with_cmake() {
  way=$1 kind=$2
  shift 2
  shared=OFF
  if [ "$kind" = shared ]; then shared=ON; fi
  bounded "$cmake" -S "$consumer" -B "$work/$way-$kind" -DCMAKE_C_COMPILER="$cc" -DBUILD_SHARED_LIBS=$shared "$@"
  bounded "$cmake" --build "$work/$way-$kind" --parallel 2
  check "$way" "$work/$way-$kind/consumer" "$kind"
}

bounded "$cmake" --install "$build" --prefix "$prefix"
with_cmake find_package static -DCMAKE_PREFIX_PATH="$prefix"
with_cmake find_package shared -DCMAKE_PREFIX_PATH="$prefix"

with_cmake add_subdirectory static -DWASI_TLS_SOURCE="$source" -DWASI_TLS_BACKENDS="$engines"
bounded "$cmake" --install "$work/add_subdirectory-static" --prefix "$work/unwanted"
if [ -n "$(find "$work/unwanted" -type f 2>/dev/null)" ]; then
  echo "add_subdirectory: the library adds to what its user installs"
  exit 1
fi

PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name wasi-tls.pc)")
export PKG_CONFIG_PATH
libdir=$(pkg-config --variable=libdir wasi-tls)
strict="-std=c11 -Wall -Wextra -Wpedantic -Werror"
# shellcheck disable=SC2046,SC2086
bounded "$cc" $strict "$consumer/consumer.c" $(pkg-config --cflags --libs wasi-tls-adapters wasi-tls) -o "$work/shared"
LD_LIBRARY_PATH=$libdir
export LD_LIBRARY_PATH
check pkg-config "$work/shared" shared
unset LD_LIBRARY_PATH

# The engine's library may exist as a shared one only, so the choice is made for ours.
libraries=$(pkg-config --static --libs wasi-tls-adapters wasi-tls | sed 's/-l\(wasi-tls[a-z-]*\)/-l:lib\1.a/g')
# shellcheck disable=SC2046,SC2086
bounded "$cc" $strict "$consumer/consumer.c" $(pkg-config --static --cflags wasi-tls-adapters) $libraries -o "$work/static"
check "pkg-config --static" "$work/static" static
