/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * What goes out. The engine gives whole records, one at a time, and the same again when it is told to wait. Its alerts
 * in a handshake differ from what other engines say, or there are none; so they are not sent, and ours are instead.
 */
#include <stdlib.h>
#include <string.h>

#include "backend_mbedtls.h"

#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl_internal.h>

static int as_error(mbed_connection *connection, wasi_tls_io io) {
  connection->last_io = io;
  if (io == WASI_TLS_IO_OK) return 0;
  return io == WASI_TLS_IO_BLOCKED ? MBEDTLS_ERR_SSL_WANT_WRITE : MBEDTLS_ERR_NET_SEND_FAILED;
}

/* The record that is not sent has used up a number, under which the next one goes instead. */
static void take_back_number(mbedtls_ssl_context *ssl) {
  for (size_t i = sizeof(ssl->cur_out_ctr); i-- > 0;)
    if (ssl->cur_out_ctr[i]-- != 0) return;
}

static void hold_alert(mbed_connection *connection, const uint8_t *record) {
  bool plain = connection->ssl.transform_out == NULL;
  connection->own_alert = plain ? record[MBED_HEADER + 1] : WASI_TLS_NO_ALERT;
  take_back_number(&connection->ssl);
}

int mbed_send(void *opaque, const unsigned char *record, size_t len) {
  mbed_connection *connection = opaque;
  bool alert = record[0] == MBED_ALERT;
  if (alert && !connection->speaks && connection->ssl.state != MBEDTLS_SSL_HANDSHAKE_OVER) {
    hold_alert(connection, record);
    return (int)len;
  }
  int error = as_error(connection, connection->host->send(connection->core, record, len, alert));
  return error != 0 ? error : (int)len;
}

int mbed_send_message(mbed_connection *connection, const uint8_t *message, size_t len) {
  size_t records = (len + MBED_MAX_FRAGMENT - 1) / MBED_MAX_FRAGMENT;
  uint8_t *bytes = malloc(len + records * MBED_HEADER);
  uint8_t *end = bytes;
  if (bytes == NULL) return MBEDTLS_ERR_SSL_ALLOC_FAILED;
  while (len != 0) {
    size_t fragment = len < MBED_MAX_FRAGMENT ? len : MBED_MAX_FRAGMENT;
    const uint8_t header[MBED_HEADER] = {MBED_HANDSHAKE, 3, 3, (uint8_t)(fragment >> 8), (uint8_t)fragment};
    memcpy(end, header, MBED_HEADER);
    memcpy(end + MBED_HEADER, message, fragment);
    end += MBED_HEADER + fragment;
    message += fragment;
    len -= fragment;
  }
  wasi_tls_io io = connection->host->send(connection->core, bytes, (size_t)(end - bytes), false);
  free(bytes);
  return as_error(connection, io);
}

int mbed_send_alert(mbed_connection *connection, uint8_t alert) {
  unsigned char level =
      alert == MBEDTLS_SSL_ALERT_MSG_CLOSE_NOTIFY ? MBEDTLS_SSL_ALERT_LEVEL_WARNING : MBEDTLS_SSL_ALERT_LEVEL_FATAL;
  connection->speaks = true;
  int error = mbedtls_ssl_send_alert_message(&connection->ssl, level, alert);
  connection->speaks = false;
  return error;
}

wasi_tls_outcome mbed_alert(void *opaque, uint8_t alert, wasi_tls_backend_report *report) {
  mbed_connection *connection = opaque;
  connection->last_io = WASI_TLS_IO_OK;
  int error = mbed_send_alert(connection, alert);
  return error == 0 ? WASI_TLS_OUTCOME_OK : mbed_outcome(connection, error, report);
}
