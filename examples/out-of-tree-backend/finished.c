/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * A Finished message that comes in parts. Being encrypted it can't be put together before the engine has it, and the
 * engine fails over each part; but it has opened its record by then, and can be called again.
 */
#include <string.h>

#include "backend_mbedtls.h"

#include <mbedtls/ssl_internal.h>

static bool waits_for_it(const mbed_connection *connection) {
  bool is_client = connection->config.endpoint == MBEDTLS_SSL_IS_CLIENT;
  return connection->ssl.state == (is_client ? MBEDTLS_SSL_SERVER_FINISHED : MBEDTLS_SSL_CLIENT_FINISHED);
}

bool mbed_is_part_of_finished(const mbed_connection *connection, int error) {
  bool is_part = error == MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE || error == MBEDTLS_ERR_SSL_INVALID_RECORD;
  return is_part && waits_for_it(connection) && connection->input.refused == WASI_TLS_NO_ALERT &&
         connection->ssl.in_msgtype == MBEDTLS_SSL_MSG_HANDSHAKE && connection->ssl.in_msglen != 0 &&
         connection->ssl.in_msglen <= sizeof(connection->finished) - connection->finished_len;
}

int mbed_take_part_of_finished(mbed_connection *connection) {
  mbedtls_ssl_context *ssl = &connection->ssl;
  const size_t whole = sizeof(connection->finished);
  memcpy(connection->finished + connection->finished_len, ssl->in_msg, ssl->in_msglen);
  connection->finished_len += ssl->in_msglen;
  ssl->in_msglen = 0;
  ssl->in_hslen = 0;
  if (connection->finished_len != whole) return 0;
  memcpy(ssl->in_msg, connection->finished, whole);
  ssl->in_msglen = whole;
  ssl->in_hslen = whole;
  ssl->keep_current_message = 1;
  int error = mbedtls_ssl_handshake_step(ssl);
  /* Of a message that it has kept the engine takes no account for what comes next. */
  if (error == 0) ssl->handshake->update_checksum(ssl, connection->finished, whole);
  return error;
}
