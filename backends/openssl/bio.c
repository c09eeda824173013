/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The transport of an SSL: the core's gate as a BIO. */
#include <openssl/bio.h>

#include "backend_openssl.h"

static int transport_read(BIO *bio, char *buffer, size_t len, size_t *count) {
  wtls_ossl_connection *connection = BIO_get_data(bio);
  if (connection->last_io != WASI_TLS_IO_OK) BIO_clear_retry_flags(bio);
  connection->last_io = connection->host->receive(connection->core, (uint8_t *)buffer, len, count);
  if (connection->last_io == WASI_TLS_IO_OK) return 1;
  if (connection->last_io == WASI_TLS_IO_BLOCKED) BIO_set_retry_read(bio);
  return 0;
}

static int transport_write(BIO *bio, const char *data, size_t len, size_t *count) {
  wtls_ossl_connection *connection = BIO_get_data(bio);
  if (connection->last_io != WASI_TLS_IO_OK) BIO_clear_retry_flags(bio);
  if (connection->doomed) {
    if (!connection->doom_sent) connection->last_io = wtls_ossl_send_alert13(connection, connection->reject_alert);
    connection->doom_sent = true;
    return 0;
  }
  connection->last_io = connection->host->send(connection->core, (const uint8_t *)data, len, false);
  if (connection->last_io == WASI_TLS_IO_OK) {
    *count = len;
    return 1;
  }
  if (connection->last_io == WASI_TLS_IO_BLOCKED) BIO_set_retry_write(bio);
  return 0;
}

/* BIO_CTRL_EOF is not answered: the engine would send decode_error, and whether an end is an error is the core's
 * matter. */
static long transport_control(BIO *bio, int command, long number, void *pointer) {
  (void)bio;
  (void)number;
  (void)pointer;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static int transport_create(BIO *bio) {
  BIO_set_init(bio, 1);
  return 1;
}

BIO_METHOD *wtls_ossl_transport_new(void) {
  BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wasi-tls");
  if (method == NULL) return NULL;
  if (BIO_meth_set_read_ex(method, transport_read) == 1 && BIO_meth_set_write_ex(method, transport_write) == 1 &&
      BIO_meth_set_ctrl(method, transport_control) == 1 && BIO_meth_set_create(method, transport_create) == 1)
    return method;
  BIO_meth_free(method);
  return NULL;
}
