/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The built configuration: immutable, counted, shared by threads. */
#ifndef WASI_TLS_CORE_CONFIG_H
#define WASI_TLS_CORE_CONFIG_H

#include <stdatomic.h>

#include "client_hello.h"
#include "identity.h"
#include "memory.h"
#include "validation.h"
#include "wasi_tls/backend.h"
#include "wasi_tls/config.h"

typedef struct wtls_named_identity {
  uint8_t *name;
  size_t name_len;
  wasi_tls_private_identity *identity;
} wtls_named_identity;

struct wasi_tls_config {
  atomic_size_t holds;
  wasi_tls_allocator allocator;
  const wasi_tls_backend *backend;
  void *context;                 /* the engine's */
  wtls_trust_store server_store; /* for an engine that leaves validation to the core, as is the next one */
  wtls_trust_store client_store;
  wasi_tls_limits limits;
  wasi_tls_protocol_version min_version;
  wasi_tls_protocol_version max_version;
  wasi_tls_cipher_suite *suites;
  size_t suite_count;
  wasi_tls_client_identity_policy client_identity;
  bool post_handshake_auth;
  wtls_named_identity *named;
  size_t named_count;
  int64_t (*clock)(void *context);
  void *clock_context;
  void (*log)(void *context, wasi_tls_log_level level, const char *line);
  void *log_context;
  void (*key_log)(void *context, const char *line);
  void *key_log_context;
};

wasi_tls_config *wtls_config_hold(wasi_tls_config *config);

/* Replaces zeros by defaults, and checks ranges. OK, _STRUCT_SIZE, _LIMIT_VALUE. */
WASI_TLS_NODISCARD wasi_tls_result wtls_limits_resolve(const wasi_tls_limits *given, wasi_tls_limits *limits);

#endif
