/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What connections share. The engine's own configuration is made for each of them: it is small, and then nobody's. */
#include <stdlib.h>
#include <sys/random.h>

#include "backend_mbedtls.h"

#include <mbedtls/entropy.h>
#include <mbedtls/ssl_ciphersuites.h>

int mbed_random(void *unused, unsigned char *bytes, size_t len) {
  (void)unused;
  while (len != 0) {
    ssize_t got = getrandom(bytes, len, 0);
    if (got < 0) return MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
    bytes += got;
    len -= (size_t)got;
  }
  return 0;
}

static wasi_tls_result take_suites(mbed_context *context, const wasi_tls_backend_context_params *params) {
  size_t count = 0;
  context->suites = calloc(params->cipher_suite_count + 1, sizeof(int));
  if (context->suites == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  for (size_t i = 0; i < params->cipher_suite_count; i++)
    if (mbedtls_ssl_ciphersuite_from_id(params->cipher_suites[i]) != NULL)
      context->suites[count++] = params->cipher_suites[i];
  return count != 0 ? WASI_TLS_OK : WASI_TLS_ERR_CIPHER_SUITE;
}

/* The names are a hint to clients: one that the engine can't read is left out. Without keys the engine can do nothing
 * else with them. */
static wasi_tls_result take_authorities(mbed_context *context, const wasi_tls_backend_context_params *params) {
  context->names_authorities = params->names_authorities && params->client_anchor_count != 0;
  for (size_t i = 0; context->names_authorities && i < params->client_anchor_count; i++)
    if (mbed_is_out_of_memory(mbed_parse_leaf(&context->authorities, params->client_anchors[i])))
      return WASI_TLS_ERR_OUT_OF_MEMORY;
  for (mbedtls_x509_crt *each = &context->authorities; each != NULL; each = each->next) mbedtls_pk_free(&each->pk);
  return WASI_TLS_OK;
}

wasi_tls_result mbed_context_new(const wasi_tls_backend_context_params *params, void **context,
                                 wasi_tls_backend_report *report) {
  (void)report;
  mbed_context *made = calloc(1, sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  mbedtls_x509_crt_init(&made->authorities);
  made->key_log = params->key_log;
  wasi_tls_result result = take_suites(made, params);
  if (result == WASI_TLS_OK) result = take_authorities(made, params);
  if (result == WASI_TLS_OK)
    *context = made;
  else
    mbed_context_free(made);
  return result;
}

void mbed_context_free(void *context) {
  mbed_context *self = context;
  mbedtls_x509_crt_free(&self->authorities);
  free(self->suites);
  free(self);
}
