/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Records made and opened outside of the engine, with the keys it shows for that purpose and its own AEADs: to look at
 * what a peer sends before the engine does (TLS 1.3), and to send alerts of the core's choice.
 */
#include <string.h>

#include "backend_wolfssl.h"

#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/chacha20_poly1305.h>

enum { NONCE_LEN = 12, NUMBER_LEN = 8, RECORD_APPLICATION_DATA = 23 };

/* How one record is protected: by AES-GCM, or else by ChaCha20-Poly1305. */
typedef struct protection {
  bool aes;
  const uint8_t *key;
  word32 key_len;
  const uint8_t *iv;
  uint8_t nonce[NONCE_LEN];
  const uint8_t *header; /* what is authenticated only */
  word32 header_len;
} protection;

static bool take_keys(WOLFSSL *ssl, bool of_server, protection *out) {
  int suite = wolfSSL_get_current_cipher_suite(ssl);
  int key_len = wolfSSL_GetKeySize(ssl);
  out->aes = suite != 0x1303 && suite >> 8 != 0xCC; /* the core knows no other suites */
  out->key = of_server ? wolfSSL_GetServerWriteKey(ssl) : wolfSSL_GetClientWriteKey(ssl);
  out->iv = of_server ? wolfSSL_GetServerWriteIV(ssl) : wolfSSL_GetClientWriteIV(ssl);
  out->key_len = (word32)key_len;
  return suite > 0 && out->key != NULL && out->iv != NULL && key_len > 0;
}

/* Those that this side writes with. */
static bool take_own_keys(const wtls_wolf_connection *connection, protection *out) {
  if (!take_keys(connection->ssl, connection->is_server, out)) return false;
  if (!connection->is_unsigned || connection->is_server || connection->done) return true;
  out->key = connection->flight_keys.key;
  out->iv = connection->flight_keys.iv;
  return true;
}

void wtls_wolf_keep_keys(wtls_wolf_connection *connection) {
  protection with;
  if (!take_keys(connection->ssl, connection->is_server, &with) || with.key_len > sizeof(connection->flight_keys.key))
    return;
  memcpy(connection->flight_keys.key, with.key, with.key_len);
  memcpy(connection->flight_keys.iv, with.iv, sizeof(connection->flight_keys.iv));
}

bool wtls_wolf_has_keys13(const wtls_wolf_connection *connection) {
  const uint8_t none[NONCE_LEN] = {0};
  protection with;
  return take_keys(connection->ssl, connection->is_server, &with) && memcmp(with.iv, none, sizeof(none)) != 0;
}

static void put_number(uint8_t out[NUMBER_LEN], uint64_t number) {
  for (unsigned i = 0; i < NUMBER_LEN; i++) out[i] = (uint8_t)(number >> (8 * (NUMBER_LEN - 1 - i)));
}

/* RFC 8446, section 5.3, and RFC 7905, section 2. */
static void number_nonce(protection *with, uint64_t sequence) {
  uint8_t number[NUMBER_LEN];
  put_number(number, sequence);
  memcpy(with->nonce, with->iv, NONCE_LEN);
  for (size_t i = 0; i < NUMBER_LEN; i++) with->nonce[NONCE_LEN - NUMBER_LEN + i] ^= number[i];
}

static bool start_aes(Aes *aes, const protection *with) {
  if (wc_AesInit(aes, NULL, INVALID_DEVID) != 0) return false;
  if (wc_AesGcmSetKey(aes, with->key, with->key_len) == 0) return true;
  wc_AesFree(aes);
  return false;
}

static bool open_body(const protection *with, const uint8_t *body, word32 len, uint8_t *plain) {
  Aes aes;
  if (!with->aes)
    return wc_ChaCha20Poly1305_Decrypt(with->key, with->nonce, with->header, with->header_len, body, len, body + len,
                                       plain) == 0;
  if (!start_aes(&aes, with)) return false;
  int result = wc_AesGcmDecrypt(&aes, plain, body, len, with->nonce, NONCE_LEN, body + len, WTLS_WOLF_TAG, with->header,
                                with->header_len);
  wc_AesFree(&aes);
  return result == 0;
}

static bool seal_body(const protection *with, const uint8_t *plain, word32 len, uint8_t *body) {
  Aes aes;
  if (!with->aes)
    return wc_ChaCha20Poly1305_Encrypt(with->key, with->nonce, with->header, with->header_len, plain, len, body,
                                       body + len) == 0;
  if (!start_aes(&aes, with)) return false;
  int result = wc_AesGcmEncrypt(&aes, body, plain, len, with->nonce, NONCE_LEN, body + len, WTLS_WOLF_TAG, with->header,
                                with->header_len);
  wc_AesFree(&aes);
  return result == 0;
}

bool wtls_wolf_open_record(void *opaque, uint64_t sequence, const uint8_t *record, size_t len, uint8_t *plain,
                           size_t *plain_len) {
  const wtls_wolf_connection *connection = opaque;
  protection with;
  if (len < WTLS_WOLF_HEADER + WTLS_WOLF_TAG || wolfSSL_version(connection->ssl) != TLS1_3_VERSION) return false;
  if (!take_keys(connection->ssl, !connection->is_server, &with)) return false;
  number_nonce(&with, sequence);
  with.header = record;
  with.header_len = WTLS_WOLF_HEADER;
  *plain_len = len - WTLS_WOLF_HEADER - WTLS_WOLF_TAG;
  return open_body(&with, record + WTLS_WOLF_HEADER, (word32)*plain_len, plain);
}

static void put_header(uint8_t *record, uint8_t type, size_t len) {
  const uint8_t header[WTLS_WOLF_HEADER] = {type, 3, 3, (uint8_t)(len >> 8), (uint8_t)len};
  memcpy(record, header, sizeof(header));
}

size_t wtls_wolf_seal13(const wtls_wolf_connection *connection, uint64_t sequence, uint8_t type, const uint8_t *plain,
                        size_t len, uint8_t *record) {
  protection with;
  uint8_t inner[WTLS_WOLF_MAX_ALERT];
  if (!take_own_keys(connection, &with)) return 0;
  memcpy(inner, plain, len);
  inner[len++] = type;
  put_header(record, RECORD_APPLICATION_DATA, len + WTLS_WOLF_TAG);
  number_nonce(&with, sequence);
  with.header = record;
  with.header_len = WTLS_WOLF_HEADER;
  if (!seal_body(&with, inner, (word32)len, record + WTLS_WOLF_HEADER)) return 0;
  return WTLS_WOLF_HEADER + len + WTLS_WOLF_TAG;
}

/* RFC 5288, section 3: with AES half of the nonce stands in front of the body. RFC 5246, section 6.2.3.3. */
size_t wtls_wolf_seal12(const wtls_wolf_connection *connection, uint64_t sequence, uint8_t type, const uint8_t *plain,
                        size_t len, uint8_t *record) {
  protection with;
  uint8_t header[NUMBER_LEN + WTLS_WOLF_HEADER];
  if (!take_keys(connection->ssl, connection->is_server, &with)) return 0;
  size_t explicit_len = with.aes ? NUMBER_LEN : 0;
  uint8_t *body = record + WTLS_WOLF_HEADER + explicit_len;
  put_number(header, sequence);
  put_header(header + NUMBER_LEN, type, len);
  put_header(record, type, explicit_len + len + WTLS_WOLF_TAG);
  if (with.aes) {
    put_number(record + WTLS_WOLF_HEADER, ~sequence); /* unlike the engine's, which counts up from a random number */
    memcpy(with.nonce, with.iv, NONCE_LEN - NUMBER_LEN);
    memcpy(with.nonce + NONCE_LEN - NUMBER_LEN, record + WTLS_WOLF_HEADER, NUMBER_LEN);
  } else {
    number_nonce(&with, sequence);
  }
  with.header = header;
  with.header_len = sizeof(header);
  if (!seal_body(&with, plain, (word32)len, body)) return 0;
  return WTLS_WOLF_HEADER + explicit_len + len + WTLS_WOLF_TAG;
}
