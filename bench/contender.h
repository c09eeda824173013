/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What is compared: an engine used directly, and the same engine behind the library. */
#ifndef WASI_TLS_BENCH_CONTENDER_H
#define WASI_TLS_BENCH_CONTENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* PEM, made by main before the first contender is set up. */
typedef struct bench_pki {
  const char *ca;
  const char *certificate;
  const char *key;
} bench_pki;

/* A client and a server that trust each other, over two memory wires. */
typedef struct bench_pair bench_pair;

typedef struct bench_contender {
  const char *name;
  /* What connections share; NULL on failure. */
  void *(*setup)(const bench_pki *pki);
  void (*teardown)(void *shared);
  /* A full TLS 1.3 handshake, the server verified and named; NULL on failure. */
  bench_pair *(*open)(void *shared);
  /* Client writes |len| bytes, server reads them all; false on failure. */
  bool (*transfer)(bench_pair *pair, const uint8_t *data, uint8_t *out, size_t len);
  /* Both ends wait for input that does not come: what they don't need meanwhile is given back. */
  void (*rest)(bench_pair *pair);
  /* In order: each end says close_notify. */
  void (*close)(bench_pair *pair);
  /* How often this contender's own code has asked for memory so far. */
  uint64_t (*allocations)(void);
} bench_contender;

/* The engine in its documented idiom; NULL if the benchmark knows none for |engine|. */
const bench_contender *bench_direct(const char *engine);
/* The engine behind its vtable, without the core. */
const bench_contender *bench_seam(const char *engine);
/* The vtable of |engine|. */
const struct wasi_tls_backend *bench_backend(const char *engine);
/* The library with |engine|. */
const bench_contender *bench_layer(const char *engine);

#endif
