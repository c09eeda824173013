/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The transport of a connection: the core's gate as the engine's two callbacks. */
#include <string.h>

#include "backend_wolfssl.h"

enum { RECORD_CHANGE_CIPHER_SPEC = 20, RECORD_ALERT = 21, RECORD_ENCRYPTED = 23, ALERT_LEN = 2 };

wtls_wolf_connection *wtls_wolf_connection_of(WOLFSSL *ssl) {
  return wolfSSL_GetIOReadCtx(ssl);
}

bool wtls_wolf_at_boundary(const wtls_wolf_connection *connection) {
  return connection->input.header_len == 0 && connection->input.left == 0;
}

/* Keeps account of where records begin. */
static void follow(wtls_wolf_connection *connection, const uint8_t *data, size_t len) {
  wtls_wolf_input *input = &connection->input;
  while (len != 0) {
    size_t wanted = input->left != 0 ? input->left : WTLS_WOLF_HEADER - input->header_len;
    size_t step = wanted < len ? wanted : len;
    if (input->left != 0) {
      input->left -= step;
    } else {
      memcpy(input->header + input->header_len, data, step);
      input->header_len += step;
    }
    if (input->header_len == WTLS_WOLF_HEADER) {
      input->left = (size_t)input->header[3] << 8 | input->header[4];
      input->header_len = 0;
    }
    data += step;
    len -= step;
  }
}

/*
 * A client that has not seen the whole flight of a TLS 1.3 server may have no keys yet, and says its alert in the
 * clear. The engine takes no plain record any more by then, and gives up at the header.
 */
bool wtls_wolf_hears_plain_alert(const wtls_wolf_connection *connection) {
  const uint8_t *header = connection->input.header;
  return connection->is_server && !connection->done && header[0] == RECORD_ALERT && header[3] == 0 &&
         header[4] == ALERT_LEN && connection->input.header_len == 0 && connection->input.left != 0;
}

static wasi_tls_io take(wtls_wolf_connection *connection, uint8_t *buffer, size_t len, size_t *count) {
  if (wtls_wolf_is_watching(connection)) return wtls_wolf_watch(connection, buffer, len, count);
  return connection->host->receive(connection->core, buffer, len, count);
}

wasi_tls_io wtls_wolf_take_plain_alert(wtls_wolf_connection *connection) {
  while (connection->input.left != 0) {
    uint8_t byte = 0;
    size_t count = 0;
    connection->last_io = take(connection, &byte, 1, &count);
    if (connection->last_io != WASI_TLS_IO_OK) break;
    follow(connection, &byte, 1);
    connection->plain_alert = byte; /* the last one is the number */
  }
  return connection->last_io;
}

/* An end is told as a failure without details: of one that it is told about, the engine makes that the connection is
 * closed, and doesn't say close_notify any more. */
static int receive(WOLFSSL *ssl, char *buffer, int len, void *opaque) {
  wtls_wolf_connection *connection = opaque;
  (void)ssl;
  size_t count = 0;
  connection->last_was_send = false;
  if (wtls_wolf_at_boundary(connection)) {
    /* The engine goes on behind an alert of the level warning, and remembers the last one only. */
    uint16_t alert;
    if (connection->took_record && wtls_wolf_hears_fatal_alert(connection, &alert)) return WOLFSSL_CBIO_ERR_GENERAL;
    connection->took_record = true;
  }
  connection->last_io = take(connection, (uint8_t *)buffer, (size_t)len, &count);
  if (connection->last_io == WASI_TLS_IO_BLOCKED) return WOLFSSL_CBIO_ERR_WANT_READ;
  if (connection->last_io != WASI_TLS_IO_OK || connection->muted) return WOLFSSL_CBIO_ERR_GENERAL;
  follow(connection, (const uint8_t *)buffer, count);
  return (int)count;
}

/* In the handshake. TLS 1.2: whatever comes behind ChangeCipherSpec is encrypted. */
static void note_output(wtls_wolf_connection *connection, const uint8_t *data, size_t len) {
  while (len >= WTLS_WOLF_HEADER) {
    size_t record = WTLS_WOLF_HEADER + ((size_t)data[3] << 8 | data[4]);
    if (data[0] == RECORD_CHANGE_CIPHER_SPEC) connection->output_encrypted = true;
    if (data[0] == RECORD_ENCRYPTED) connection->flight_start++;
    if (record > len) return;
    data += record;
    len -= record;
  }
}

/*
 * RFC 5246, section 7.4.1.1: what asks for a handshake in the middle of one is ignored. The engine declines it, and
 * does so in the clear up to the peer's ChangeCipherSpec, also where it has sent its own.
 */
static bool declines_handshake(const wtls_wolf_connection *connection, const uint8_t *data, size_t len) {
  return !connection->done && len == WTLS_WOLF_HEADER + ALERT_LEN && data[0] == RECORD_ALERT &&
         data[len - 1] == no_renegotiation;
}

/* The engine's buffer holds whole records, and it calls again with the same when it is told to wait. */
static int send_records(WOLFSSL *ssl, char *data, int len, void *opaque) {
  wtls_wolf_connection *connection = opaque;
  const uint8_t *records = (const uint8_t *)data;
  (void)ssl;
  if (connection->muted) return len;
  if (declines_handshake(connection, records, (size_t)len)) {
    connection->alerting = false;
    return len;
  }
  connection->last_was_send = true;
  connection->last_io = connection->host->send(connection->core, records, (size_t)len, connection->alerting);
  if (connection->last_io == WASI_TLS_IO_BLOCKED) return WOLFSSL_CBIO_ERR_WANT_WRITE;
  connection->alerting = false;
  if (!connection->output_encrypted) note_output(connection, records, (size_t)len);
  return connection->last_io == WASI_TLS_IO_OK ? len : WOLFSSL_CBIO_ERR_GENERAL;
}

void wtls_wolf_install_transport(WOLFSSL_CTX *context) {
  wolfSSL_CTX_SetIORecv(context, receive);
  wolfSSL_CTX_SetIOSend(context, send_records);
}

void wtls_wolf_set_transport(wtls_wolf_connection *connection) {
  wolfSSL_SetIOReadCtx(connection->ssl, connection);
  wolfSSL_SetIOWriteCtx(connection->ssl, connection);
}
