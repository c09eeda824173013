/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "config.h"

typedef struct limit_rule {
  size_t offset;
  uint32_t standard;
  uint32_t min;
  uint32_t max;
} limit_rule;

/* As documented in config.h. */
static const limit_rule rules[] = {
    {offsetof(wasi_tls_limits, client_hello_bytes), 16384, 512, 131072},
    {offsetof(wasi_tls_limits, handshake_bytes), 262144, 16384, 16777216},
    {offsetof(wasi_tls_limits, chain_certificates), 10, 1, 100},
    {offsetof(wasi_tls_limits, write_permit), 65536, 1024, 1048576},
    {offsetof(wasi_tls_limits, ciphertext_in), 32768, 17408, 1048576},
    {offsetof(wasi_tls_limits, post_handshake_bytes), 65536, 16384, 16777216},
    {offsetof(wasi_tls_limits, alpn_ids), 64, 1, 1024},
    {offsetof(wasi_tls_limits, identities), 16, 1, 256},
};

wasi_tls_result wtls_limits_resolve(const wasi_tls_limits *given, wasi_tls_limits *limits) {
  if (given->size != sizeof(*given)) return WASI_TLS_ERR_STRUCT_SIZE;
  wasi_tls_limits resolved = *given;
  for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
    uint32_t *value = (uint32_t *)(void *)((char *)&resolved + rules[i].offset);
    if (*value == 0) *value = rules[i].standard;
    if (*value < rules[i].min || *value > rules[i].max) return WASI_TLS_ERR_LIMIT_VALUE;
  }
  *limits = resolved;
  return WASI_TLS_OK;
}
