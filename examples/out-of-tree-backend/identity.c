/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <stdlib.h>
#include <string.h>

#include "backend_mbedtls.h"

#include <mbedtls/oid.h>
#include <mbedtls/threading.h>

#ifndef MBEDTLS_THREADING_C
#error "identities are used by several threads at once, and this engine was built without locks for keys"
#endif

static uint8_t *put_length(uint8_t *to, size_t len) {
  to[0] = (uint8_t)(len >> 16);
  to[1] = (uint8_t)(len >> 8);
  to[2] = (uint8_t)len;
  return to + 3;
}

/* RFC 5246, section 7.4.2. */
static wasi_tls_result write_message(mbed_identity *identity, const wasi_tls_bytes *chain, size_t count) {
  size_t list_len = 0;
  for (size_t i = 0; i < count; i++) list_len += 3 + chain[i].len;
  uint8_t *end = malloc(MBED_MESSAGE_HEADER + 3 + list_len);
  if (end == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  identity->message = end;
  identity->message_len = MBED_MESSAGE_HEADER + 3 + list_len;
  *end++ = MBEDTLS_SSL_HS_CERTIFICATE;
  end = put_length(put_length(end, 3 + list_len), list_len);
  for (size_t i = 0; i < count; i++) {
    end = put_length(end, chain[i].len);
    memcpy(end, chain[i].data, chain[i].len);
    end += chain[i].len;
  }
  return WASI_TLS_OK;
}

static wasi_tls_result as_result(int error, wasi_tls_result otherwise) {
  if (error == 0) return WASI_TLS_OK;
  return mbed_is_out_of_memory(error) ? WASI_TLS_ERR_OUT_OF_MEMORY : otherwise;
}

/* The engine computes a table for a key on a curve at its first use, and without a lock: so that is here. */
static int use_once(mbed_identity *identity) {
  static const unsigned char digest[32] = {0};
  unsigned char signature[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
  size_t len = 0;
  return mbedtls_pk_sign(&identity->key, MBEDTLS_MD_SHA256, digest, sizeof(digest), signature, &len, mbed_random, NULL);
}

/* Whether an identity may be shown for a purpose is for the peer to say; the engine would not show it. */
static void forget_usage(mbedtls_x509_crt *leaf) {
  leaf->ext_types &= (int)~(unsigned)(MBEDTLS_X509_EXT_KEY_USAGE | MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE);
}

/* The engine finds out by itself how a key is encoded. */
static wasi_tls_result fill(mbed_identity *identity, wasi_tls_bytes key, const wasi_tls_bytes *chain, size_t count) {
  wasi_tls_result result = as_result(mbed_parse_leaf(&identity->leaf, chain[0]), WASI_TLS_ERR_CERTIFICATE_FORMAT);
  if (result == WASI_TLS_OK)
    result = as_result(mbedtls_pk_parse_key(&identity->key, key.data, key.len, NULL, 0), WASI_TLS_ERR_KEY_FORMAT);
  if (result == WASI_TLS_OK)
    result = as_result(mbedtls_pk_check_pair(&identity->leaf.pk, &identity->key), WASI_TLS_ERR_KEY_MISMATCH);
  if (result == WASI_TLS_OK) result = as_result(use_once(identity), WASI_TLS_ERR_ENGINE);
  forget_usage(&identity->leaf);
  return result == WASI_TLS_OK ? write_message(identity, chain, count) : result;
}

wasi_tls_result mbed_identity_new(void *context, wasi_tls_key_encoding encoding, wasi_tls_bytes key,
                                  const wasi_tls_bytes *chain, size_t count, void **identity) {
  (void)context;
  (void)encoding;
  mbed_identity *made = calloc(1, sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  mbedtls_pk_init(&made->key);
  mbedtls_x509_crt_init(&made->leaf);
  wasi_tls_result result = fill(made, key, chain, count);
  if (result == WASI_TLS_OK)
    *identity = made;
  else
    mbed_identity_free(made);
  return result;
}

/* The engine wipes keys by itself. */
void mbed_identity_free(void *identity) {
  mbed_identity *self = identity;
  mbedtls_pk_free(&self->key);
  mbedtls_x509_crt_free(&self->leaf);
  free(self->message);
  free(self);
}
