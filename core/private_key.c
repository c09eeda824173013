/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "private_key.h"

#include <string.h>

#include "der.h"
#include "pem.h"

/* What may follow in PKCS#8 (attributes, public key) and SEC1 (parameters, public key): tagged 0 and 1, in order. */
static bool has_only_optional_fields(wasi_tls_bytes rest) {
  const uint8_t constructed = WTLS_DER_CONTEXT | WTLS_DER_CONSTRUCTED;
  return wtls_der_skip_optional(&rest, constructed) && wtls_der_skip_optional(&rest, WTLS_DER_CONTEXT | 1) &&
         wtls_der_skip_optional(&rest, constructed | 1) && rest.len == 0;
}

static bool starts_with_oid(wasi_tls_bytes algorithm) {
  wasi_tls_bytes oid;
  return wtls_der_take(&algorithm, WTLS_DER_OID, &oid) && oid.len != 0;
}

/* AlgorithmIdentifier and OCTET STRING: the middle of PKCS#8, and all of EncryptedPrivateKeyInfo. */
static bool take_algorithm_and_octets(wasi_tls_bytes *fields) {
  wasi_tls_bytes algorithm;
  wasi_tls_bytes octets;
  return wtls_der_take(fields, WTLS_DER_SEQUENCE, &algorithm) && starts_with_oid(algorithm) &&
         wtls_der_take(fields, WTLS_DER_OCTET_STRING, &octets);
}

static bool is_encrypted(wasi_tls_bytes fields) {
  return take_algorithm_and_octets(&fields) && fields.len == 0;
}

static bool is_pkcs8(wasi_tls_bytes fields) {
  if (!wtls_der_take_small(&fields, 0) && !wtls_der_take_small(&fields, 1)) return false;
  return take_algorithm_and_octets(&fields) && has_only_optional_fields(fields);
}

static bool is_pkcs1(wasi_tls_bytes fields) {
  wasi_tls_bytes number;
  if (!wtls_der_take_small(&fields, 0)) return false;
  for (int i = 0; i < 8; i++)
    if (!wtls_der_take(&fields, WTLS_DER_INTEGER, &number) || number.len == 0) return false;
  return fields.len == 0;
}

static bool is_sec1(wasi_tls_bytes fields) {
  wasi_tls_bytes scalar;
  return wtls_der_take_small(&fields, 1) && wtls_der_take(&fields, WTLS_DER_OCTET_STRING, &scalar) &&
         has_only_optional_fields(fields);
}

static wasi_tls_result recognize(wasi_tls_bytes der, wasi_tls_key_encoding *encoding) {
  wasi_tls_bytes fields;
  if (!wtls_der_only(der, WTLS_DER_SEQUENCE, &fields)) return WASI_TLS_ERR_KEY_FORMAT;
  if (is_encrypted(fields)) return WASI_TLS_ERR_KEY_ENCRYPTED;
  if (is_pkcs8(fields))
    *encoding = WASI_TLS_KEY_PKCS8;
  else if (is_pkcs1(fields))
    *encoding = WASI_TLS_KEY_PKCS1;
  else if (is_sec1(fields))
    *encoding = WASI_TLS_KEY_SEC1;
  else
    return WASI_TLS_ERR_KEY_FORMAT;
  return WASI_TLS_OK;
}

/* Whether a block of |label| holds keys in |encoding|. */
static bool label_fits(const char *label, wasi_tls_key_encoding encoding) {
  static const char *const labels[] = {[WASI_TLS_KEY_PKCS8] = "PRIVATE KEY",
                                       [WASI_TLS_KEY_PKCS1] = "RSA PRIVATE KEY",
                                       [WASI_TLS_KEY_SEC1] = "EC PRIVATE KEY"};
  return strcmp(label, labels[encoding]) == 0;
}

/* Moves the key out of |block|. */
static wasi_tls_result take_key(wtls_pem_block *block, wtls_private_key *key) {
  if (block->encrypted) return WASI_TLS_ERR_KEY_ENCRYPTED;
  wasi_tls_result result = recognize((wasi_tls_bytes){block->der, block->der_len}, &key->encoding);
  if (result != WASI_TLS_OK) return result;
  if (!label_fits(block->label, key->encoding)) return WASI_TLS_ERR_KEY_FORMAT;
  key->der = block->der;
  key->der_len = block->der_len;
  block->der = NULL;
  return WASI_TLS_OK;
}

static wasi_tls_result decode_pem(const wasi_tls_allocator *allocator, wasi_tls_bytes text, wtls_private_key *key) {
  wtls_private_key found = {0};
  wasi_tls_result result = WASI_TLS_OK;
  while (result == WASI_TLS_OK) {
    wtls_pem_block block;
    result = wtls_pem_next(allocator, &text, &block);
    if (result != WASI_TLS_OK) break;
    if (found.der != NULL)
      result = WASI_TLS_ERR_KEY_FORMAT;
    else if (strcmp(block.label, "EC PARAMETERS") != 0)
      result = take_key(&block, &found);
    wtls_pem_block_clear(allocator, &block);
  }
  if (result == WASI_TLS_PENDING && found.der != NULL) {
    *key = found;
    return WASI_TLS_OK;
  }
  wtls_private_key_clear(allocator, &found);
  return result == WASI_TLS_PENDING || result == WASI_TLS_ERR_CERTIFICATE_FORMAT ? WASI_TLS_ERR_KEY_FORMAT : result;
}

wasi_tls_result wtls_private_key_decode(const wasi_tls_allocator *allocator, wasi_tls_bytes input,
                                        wtls_private_key *key) {
  if (wtls_pem_is(input)) return decode_pem(allocator, input, key);
  wtls_private_key found = {.der_len = input.len};
  wasi_tls_result result = recognize(input, &found.encoding);
  if (result != WASI_TLS_OK) return result;
  found.der = wtls_copy(allocator, input.data, input.len);
  if (found.der == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  *key = found;
  return WASI_TLS_OK;
}

void wtls_private_key_clear(const wasi_tls_allocator *allocator, wtls_private_key *key) {
  wtls_release_secret(allocator, key->der, key->der_len);
  *key = (wtls_private_key){0};
}
