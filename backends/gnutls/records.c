/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Opens the records of a server's first flight before the engine reads them: RFC 8446 sections 5.2, 5.3 and 7.3, with
 * the engine's own HKDF and AEAD.
 */
#include <stdio.h>
#include <string.h>

#include "backend_gnutls.h"

enum { HEADER_LEN = 5, TAG_LEN = 16, MAX_KEY_LEN = 32 };

/* HKDF-Expand-Label(secret, label, "", len). What ends the text is the length of the empty context, too. */
static bool expand_label(gnutls_mac_algorithm_t digest, const gnutls_datum_t *secret, const char *label, uint8_t *out,
                         size_t len) {
  enum { TEXT_AT = 3 };
  uint8_t info[32] = {0, (uint8_t)len};
  int text_len = snprintf((char *)info + TEXT_AT, sizeof(info) - TEXT_AT, "tls13 %s", label);
  info[TEXT_AT - 1] = (uint8_t)text_len;
  const gnutls_datum_t whole = {info, (unsigned int)(TEXT_AT + text_len + 1)};
  return gnutls_hkdf_expand(digest, secret, &whole, out, len) == GNUTLS_E_SUCCESS;
}

bool wtls_gnutls_take_secret(wtls_gnutls_connection *connection, const gnutls_datum_t *secret) {
  const wtls_gnutls_suite *suite = wtls_gnutls_suite_of(connection->suite);
  uint8_t key[MAX_KEY_LEN];
  gnutls_datum_t whole = {key, 0};
  wtls_gnutls_forget_secret(connection);
  if (suite == NULL) return false;
  whole.size = (unsigned int)gnutls_cipher_get_key_size(suite->cipher);
  bool taken = whole.size <= sizeof(key) && expand_label(suite->digest, secret, "key", key, whole.size) &&
               expand_label(suite->digest, secret, "iv", connection->opener_iv, sizeof(connection->opener_iv)) &&
               gnutls_aead_cipher_init(&connection->opener, suite->cipher, &whole) == GNUTLS_E_SUCCESS;
  gnutls_memset(key, 0, sizeof(key));
  return taken;
}

bool wtls_gnutls_open_record(void *opaque, uint64_t sequence, const uint8_t *record, size_t len, uint8_t *plain,
                             size_t *plain_len) {
  const wtls_gnutls_connection *connection = opaque;
  uint8_t nonce[WTLS_GNUTLS_NONCE];
  if (connection->opener == NULL || len < HEADER_LEN + TAG_LEN) return false;
  memcpy(nonce, connection->opener_iv, sizeof(nonce));
  for (size_t i = sizeof(nonce); sequence != 0; sequence >>= 8) nonce[--i] ^= (uint8_t)sequence;
  *plain_len = len;
  return gnutls_aead_cipher_decrypt(connection->opener, nonce, sizeof(nonce), record, HEADER_LEN, TAG_LEN,
                                    record + HEADER_LEN, len - HEADER_LEN, plain, plain_len) == GNUTLS_E_SUCCESS;
}

void wtls_gnutls_forget_secret(wtls_gnutls_connection *connection) {
  if (connection->opener != NULL) gnutls_aead_cipher_deinit(connection->opener);
  connection->opener = NULL;
  gnutls_memset(connection->opener_iv, 0, sizeof(connection->opener_iv));
}
