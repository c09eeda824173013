/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Identities: a chain, and for private ones the engine's handle of the key. Counted, immutable, shared by threads. */
#ifndef WASI_TLS_CORE_IDENTITY_H
#define WASI_TLS_CORE_IDENTITY_H

#include <stdatomic.h>

#include "memory.h"
#include "signer.h"
#include "wasi_tls/backend.h"
#include "wasi_tls/identity.h"
#include "x509.h"

struct wasi_tls_public_identity {
  atomic_size_t holds;
  wasi_tls_allocator allocator;
  size_t count;
  wasi_tls_bytes *certificates; /* into one block behind the array */
};

struct wasi_tls_private_identity {
  atomic_size_t holds;
  wasi_tls_allocator allocator;
  const wasi_tls_backend *backend;
  void *engine_identity;
  wasi_tls_public_identity *chain;
  wtls_x509 *certificates; /* of |chain|, read */
  wtls_signer signer;      /* of an opaque key */
};

/* Collects certificates into a public identity. */
typedef struct wtls_chain_builder {
  const wasi_tls_allocator *allocator;
  wasi_tls_result result; /* sticky */
  size_t limit;
  size_t count;
  size_t capacity;
  size_t *ends;
  uint8_t *data;
  size_t len;
  size_t room;
} wtls_chain_builder;

void wtls_chain_builder_init(wtls_chain_builder *builder, const wasi_tls_allocator *allocator, size_t limit);
/* Adds a copy of one DER certificate. Failures stick: they come out of finish. */
bool wtls_chain_builder_add(wtls_chain_builder *builder, wasi_tls_bytes der);
/* Frees the builder; OK, _CHAIN_EMPTY, _CHAIN_TOO_LONG, _OUT_OF_MEMORY. */
WASI_TLS_NODISCARD wasi_tls_result wtls_chain_builder_finish(wtls_chain_builder *builder,
                                                             wasi_tls_public_identity **identity);

wasi_tls_public_identity *wtls_public_identity_hold(wasi_tls_public_identity *identity);
wasi_tls_private_identity *wtls_private_identity_hold(wasi_tls_private_identity *identity);

/* What an identity is made of. The key is given, or the signer in its place, which was checked then. */
typedef struct wtls_identity_parts {
  wasi_tls_bytes private_key;
  const wasi_tls_signer *signer; /* or NULL */
  const wasi_tls_bytes *x509_chain;
  size_t count;
} wtls_identity_parts;

/* What parse and from_signer do, but the signer is not the identity's yet: see wtls_signer_adopt. */
WASI_TLS_NODISCARD wasi_tls_result wtls_private_identity_make(const wasi_tls_config *config,
                                                              const wtls_identity_parts *parts,
                                                              wasi_tls_private_identity **identity);

/* A counted list of identities, as configure-* and respond take them. */
typedef struct wtls_identity_list {
  wasi_tls_private_identity **items;
  size_t count;
} wtls_identity_list;

/* Replaces |*list| by holds on |items|. OK, _NULL_ARGUMENT, _IDENTITY_ENGINE, _LIMIT_VALUE, _OUT_OF_MEMORY: unchanged
 * then. */
WASI_TLS_NODISCARD wasi_tls_result wtls_identity_list_set(wtls_identity_list *list, const wasi_tls_allocator *allocator,
                                                          const wasi_tls_backend *backend, size_t limit,
                                                          wasi_tls_private_identity *const *items, size_t count);
void wtls_identity_list_clear(wtls_identity_list *list, const wasi_tls_allocator *allocator);

#endif
