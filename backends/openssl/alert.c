/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Alerts of the core's choice. The engine has no call for them, so under TLS 1.3 the record is made here: its
 * protection is RFC 8446 sections 5.2, 5.3 and 7.3, with the engine's own KDF and AEAD.
 */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>

#include "backend_openssl.h"

enum { HEADER_LEN = 5, INNER_LEN = 3, TAG_LEN = 16, RECORD_LEN = HEADER_LEN + INNER_LEN + TAG_LEN };
enum { NONCE_LEN = 12, MAX_KEY_LEN = 32 };
enum { RECORD_ALERT = 21, RECORD_APPLICATION_DATA = 23, LEVEL_FATAL = 2 };

static const EVP_CIPHER *aead_of(const SSL_CIPHER *suite) {
  switch (SSL_CIPHER_get_protocol_id(suite)) {
    case 0x1301:
      return EVP_aes_128_gcm();
    case 0x1302:
      return EVP_aes_256_gcm();
    case 0x1303:
      return EVP_chacha20_poly1305();
    default:
      return NULL;
  }
}

/* HKDF-Expand-Label(secret, label, "", len). */
static bool expand_label(const EVP_MD *digest, const wtls_ossl_secret *secret, const char *label, unsigned char *out,
                         size_t len) {
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)EVP_MD_get0_name(digest), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)secret->bytes, secret->len),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PREFIX, (void *)(uintptr_t) "tls13 ", 6),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_LABEL, (void *)(uintptr_t)label, strlen(label)),
      OSSL_PARAM_construct_end(),
  };
  EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", NULL);
  EVP_KDF_CTX *context = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
  bool derived = context != NULL && EVP_KDF_derive(context, out, len, params) == 1;
  EVP_KDF_CTX_free(context);
  EVP_KDF_free(kdf);
  return derived;
}

static bool seal(const EVP_CIPHER *aead, const unsigned char *key, const unsigned char *nonce, unsigned char *record) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  int len = 0;
  unsigned char *inner = record + HEADER_LEN;
  bool sealed = context != NULL && EVP_EncryptInit_ex(context, aead, NULL, key, nonce) == 1 &&
                EVP_EncryptUpdate(context, NULL, &len, record, HEADER_LEN) == 1 &&
                EVP_EncryptUpdate(context, inner, &len, inner, INNER_LEN) == 1 &&
                EVP_EncryptFinal_ex(context, inner + len, &len) == 1 &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, inner + INNER_LEN) == 1;
  EVP_CIPHER_CTX_free(context);
  return sealed;
}

/* The record is the first under its keys, so the sequence number is 0 and the nonce is the IV. */
static bool protect(const SSL_CIPHER *suite, const wtls_ossl_secret *secret, uint8_t alert,
                    unsigned char record[RECORD_LEN]) {
  const unsigned char plain[HEADER_LEN + INNER_LEN] = {RECORD_APPLICATION_DATA, 3,           3,     0,
                                                       INNER_LEN + TAG_LEN,     LEVEL_FATAL, alert, RECORD_ALERT};
  unsigned char key[MAX_KEY_LEN];
  unsigned char nonce[NONCE_LEN];
  const EVP_CIPHER *aead = aead_of(suite);
  const EVP_MD *digest = SSL_CIPHER_get_handshake_digest(suite);
  memcpy(record, plain, sizeof(plain));
  bool made = aead != NULL && digest != NULL &&
              expand_label(digest, secret, "key", key, (size_t)EVP_CIPHER_get_key_length(aead)) &&
              expand_label(digest, secret, "iv", nonce, sizeof(nonce)) && seal(aead, key, nonce, record);
  OPENSSL_cleanse(key, sizeof(key));
  OPENSSL_cleanse(nonce, sizeof(nonce));
  return made;
}

wasi_tls_io wtls_ossl_send_alert13(wtls_ossl_connection *connection, uint8_t alert) {
  if (connection->secret.len == 0) {
    const uint8_t plain[] = {RECORD_ALERT, 3, 3, 0, 2, LEVEL_FATAL, alert};
    return connection->host->send(connection->core, plain, sizeof(plain), true);
  }
  unsigned char record[RECORD_LEN];
  const SSL_CIPHER *suite = SSL_get_pending_cipher(connection->ssl);
  if (suite == NULL || !protect(suite, &connection->secret, alert, record)) return WASI_TLS_IO_FAILED;
  return connection->host->send(connection->core, record, sizeof(record), true);
}

void wtls_ossl_doom(wtls_ossl_connection *connection, uint8_t alert) {
  connection->rejected = true;
  connection->doomed = true;
  connection->reject_alert = alert;
  SSL_set_SSL_CTX(connection->ssl, connection->context->client_logged);
}

/* If the rest of the server's flight is not there yet, the alert leaves in the clear: better than none. */
static wasi_tls_io send_as_client(wtls_ossl_connection *connection, uint8_t alert) {
  if (!connection->doomed) wtls_ossl_doom(connection, alert);
  if (!connection->doom_sent) (void)SSL_do_handshake(connection->ssl);
  if (connection->doom_sent) return connection->last_io;
  connection->doom_sent = true;
  return wtls_ossl_send_alert13(connection, alert);
}

static wasi_tls_outcome close_output(wtls_ossl_connection *connection, wasi_tls_backend_report *report) {
  return SSL_shutdown(connection->ssl) >= 0 ? WASI_TLS_OUTCOME_OK : wtls_ossl_outcome(connection, report);
}

wasi_tls_outcome wtls_ossl_alert(void *opaque, uint8_t alert, wasi_tls_backend_report *report) {
  wtls_ossl_connection *connection = opaque;
  if (alert == SSL_AD_CLOSE_NOTIFY) return close_output(connection, report);
  bool can = SSL_version(connection->ssl) == TLS1_3_VERSION &&
             (connection->is_server ? connection->secret.len != 0 : !SSL_is_init_finished(connection->ssl));
  *report = (wasi_tls_backend_report){.alert = WASI_TLS_NO_ALERT};
  if (!can) return WASI_TLS_OUTCOME_UNSUPPORTED;
  wasi_tls_io io =
      connection->is_server ? wtls_ossl_send_alert13(connection, alert) : send_as_client(connection, alert);
  ERR_clear_error();
  return io == WASI_TLS_IO_OK ? WASI_TLS_OUTCOME_OK : WASI_TLS_OUTCOME_ENGINE_ERROR;
}
