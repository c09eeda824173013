/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * What comes in. The engine does not put messages together that lie in more than one record, and hardly tells what is
 * wrong with a record or a message. So until encryption begins, this does both.
 */
#include <stdlib.h>
#include <string.h>

#include "backend_mbedtls.h"

#include <mbedtls/net_sockets.h>

/* All suites of the policy are AEADs, which add this much at most: a number and a tag. */
enum { MOST_ADDED = 8 + 16 };

static size_t length_in(const uint8_t *header) {
  return (size_t)header[3] << 8 | header[4];
}

static int refuse(mbed_connection *connection, uint16_t alert) {
  connection->input.refused = alert;
  return MBEDTLS_ERR_SSL_INVALID_RECORD;
}

static int check_header(mbed_connection *connection, const uint8_t *header, size_t limit) {
  bool is_known = header[0] >= MBED_CHANGE_CIPHER_SPEC && header[0] <= MBED_APPLICATION_DATA;
  if (!is_known || length_in(header) == 0) return refuse(connection, MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE);
  if (header[1] != MBEDTLS_SSL_MAJOR_VERSION_3) return refuse(connection, MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION);
  if (length_in(header) > limit) return refuse(connection, MBEDTLS_SSL_ALERT_MSG_RECORD_OVERFLOW);
  return 0;
}

static int as_error(mbed_connection *connection, wasi_tls_io io) {
  connection->last_io = io;
  switch (io) {
    case WASI_TLS_IO_OK:
      return 0;
    case WASI_TLS_IO_BLOCKED:
      return MBEDTLS_ERR_SSL_WANT_READ;
    case WASI_TLS_IO_END:
      return MBEDTLS_ERR_SSL_CONN_EOF;
    default:
      return MBEDTLS_ERR_NET_RECV_FAILED;
  }
}

/* Takes in the rest of what |to| has room for. */
static int fill(mbed_connection *connection, uint8_t *to, size_t want, size_t *have) {
  int error = 0;
  while (error == 0 && *have < want) {
    size_t count = 0;
    error = as_error(connection, connection->host->receive(connection->core, to + *have, want - *have, &count));
    if (error == 0) *have += count;
  }
  return error;
}

static int reserve(mbed_input *input, size_t len) {
  size_t needed = MBED_HEADER + input->len + len;
  if (needed <= input->room) return 0;
  uint8_t *grown = realloc(input->bytes, needed);
  if (grown == NULL) return MBEDTLS_ERR_SSL_ALLOC_FAILED;
  input->bytes = grown;
  input->room = needed;
  return 0;
}

/* Whether a record may come where the handshake is; nothing may come between the parts of a message. */
static int check_place(mbed_connection *connection, uint8_t type) {
  bool is_client = connection->config.endpoint == MBEDTLS_SSL_IS_CLIENT;
  int change = is_client ? MBEDTLS_SSL_SERVER_CHANGE_CIPHER_SPEC : MBEDTLS_SSL_CLIENT_CHANGE_CIPHER_SPEC;
  bool in_place = type == MBED_ALERT || (type == MBED_CHANGE_CIPHER_SPEC && connection->ssl.state == change);
  if (type == MBED_HANDSHAKE || (in_place && connection->input.len == 0)) return 0;
  return refuse(connection, MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE);
}

/* Puts the body of the next record behind what is there. */
static int read_record(mbed_connection *connection) {
  mbed_input *input = &connection->input;
  int error = fill(connection, input->header, MBED_HEADER, &input->header_len);
  if (error == 0) error = check_header(connection, input->header, MBED_MAX_FRAGMENT);
  if (error == 0) error = check_place(connection, input->header[0]);
  size_t body_len = length_in(input->header);
  if (error == 0) error = reserve(input, body_len);
  if (error == 0) error = fill(connection, input->bytes + MBED_HEADER + input->len, body_len, &input->body_len);
  if (error != 0) return error;
  input->len += body_len;
  input->header_len = 0;
  input->body_len = 0;
  if (input->header[0] == MBED_HANDSHAKE) return 0;
  input->item_len = MBED_HEADER + body_len;
  memcpy(input->bytes, input->header, MBED_HEADER);
  return 0;
}

/* Which messages have their place where the handshake is. */
static bool is_expected(const mbedtls_ssl_context *ssl, uint8_t type) {
  switch (ssl->state) {
    case MBEDTLS_SSL_CLIENT_HELLO:
      return type == MBEDTLS_SSL_HS_CLIENT_HELLO;
    case MBEDTLS_SSL_SERVER_HELLO:
      return type == MBEDTLS_SSL_HS_SERVER_HELLO;
    case MBEDTLS_SSL_SERVER_CERTIFICATE:
    case MBEDTLS_SSL_CLIENT_CERTIFICATE:
      return type == MBEDTLS_SSL_HS_CERTIFICATE;
    case MBEDTLS_SSL_SERVER_KEY_EXCHANGE:
      return type == MBEDTLS_SSL_HS_SERVER_KEY_EXCHANGE;
    case MBEDTLS_SSL_CERTIFICATE_REQUEST:
      return type == MBEDTLS_SSL_HS_CERTIFICATE_REQUEST || type == MBEDTLS_SSL_HS_SERVER_HELLO_DONE;
    case MBEDTLS_SSL_SERVER_HELLO_DONE:
      return type == MBEDTLS_SSL_HS_SERVER_HELLO_DONE;
    case MBEDTLS_SSL_CLIENT_KEY_EXCHANGE:
      return type == MBEDTLS_SSL_HS_CLIENT_KEY_EXCHANGE;
    case MBEDTLS_SSL_CERTIFICATE_VERIFY:
      return type == MBEDTLS_SSL_HS_CERTIFICATE_VERIFY;
    default:
      return false;
  }
}

static void drop_front(mbed_input *input, size_t len) {
  input->len -= len;
  memmove(input->bytes + MBED_HEADER, input->bytes + MBED_HEADER + len, input->len);
}

/* RFC 5246, section 7.4.1.1: a client in a handshake passes over it. */
static bool is_hello_request(const mbed_connection *connection, const uint8_t *message, size_t len) {
  return connection->config.endpoint == MBEDTLS_SSL_IS_CLIENT && message[0] == MBEDTLS_SSL_HS_HELLO_REQUEST &&
         len == MBED_MESSAGE_HEADER;
}

static int check_message(mbed_connection *connection, uint8_t type, size_t len) {
  if (!is_expected(&connection->ssl, type)) return refuse(connection, MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE);
  if (len > MBED_MAX_FRAGMENT && type != MBEDTLS_SSL_HS_CERTIFICATE)
    return refuse(connection, MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER);
  return 0;
}

/* Of these two the engine does not look at all that it should. */
static int check_body(mbed_connection *connection, const uint8_t *message, size_t len) {
  const uint8_t *body = message + MBED_MESSAGE_HEADER;
  size_t body_len = len - MBED_MESSAGE_HEADER;
  switch (message[0]) {
    case MBEDTLS_SSL_HS_CLIENT_KEY_EXCHANGE:
      if (body_len != 0 && body[0] != 0 && body[0] == body_len - 1) return 0;
      return refuse(connection, MBEDTLS_SSL_ALERT_MSG_DECODE_ERROR);
    case MBEDTLS_SSL_HS_CERTIFICATE_VERIFY: {
      bool is_known = body_len < 2 || ((body[0] == MBEDTLS_SSL_HASH_SHA256 || body[0] == MBEDTLS_SSL_HASH_SHA384) &&
                                       (body[1] == MBEDTLS_SSL_SIG_RSA || body[1] == MBEDTLS_SSL_SIG_ECDSA));
      return is_known ? 0 : refuse(connection, MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER);
    }
    default:
      return 0;
  }
}

/* Makes a record of the message in front, once it is whole. */
static int frame_message(mbed_connection *connection) {
  mbed_input *input = &connection->input;
  while (input->len >= MBED_MESSAGE_HEADER) {
    const uint8_t *message = input->bytes + MBED_HEADER;
    size_t len = MBED_MESSAGE_HEADER + ((size_t)message[1] << 16 | (size_t)message[2] << 8 | message[3]);
    if (!is_hello_request(connection, message, len)) {
      int error = check_message(connection, message[0], len);
      if (error != 0 || input->len < len) return error;
      error = check_body(connection, message, len);
      if (error != 0) return error;
      const uint8_t header[MBED_HEADER] = {MBED_HANDSHAKE, 3, 3, (uint8_t)(len >> 8), (uint8_t)len};
      memcpy(input->bytes, header, MBED_HEADER);
      input->item_len = MBED_HEADER + len;
      return 0;
    }
    drop_front(input, len);
  }
  return 0;
}

int mbed_next_item(mbed_connection *connection) {
  const mbed_input *input = &connection->input;
  int error = input->item_len == 0 ? frame_message(connection) : 0;
  while (error == 0 && input->item_len == 0) {
    error = read_record(connection);
    if (error == 0 && input->item_len == 0) error = frame_message(connection);
  }
  return error;
}

void mbed_item_used(mbed_connection *connection, size_t count) {
  mbed_input *input = &connection->input;
  input->given += count;
  if (input->given != input->item_len) return;
  input->encrypted = input->bytes[0] == MBED_CHANGE_CIPHER_SPEC;
  drop_front(input, input->item_len - MBED_HEADER);
  input->item_len = 0;
  input->given = 0;
}

static int give_item(mbed_connection *connection, uint8_t *buffer, size_t len) {
  mbed_input *input = &connection->input;
  int error = mbed_next_item(connection);
  if (error != 0) return error;
  size_t count = input->item_len - input->given;
  if (count > len) count = len;
  memcpy(buffer, input->bytes + input->given, count);
  mbed_item_used(connection, count);
  return (int)count;
}

/* The engine asks for a header, and then for its record. */
static int give_encrypted(mbed_connection *connection, uint8_t *buffer, size_t len) {
  mbed_input *input = &connection->input;
  size_t count = 0;
  int error = as_error(connection, connection->host->receive(connection->core, buffer, len, &count));
  if (error != 0) return error;
  if (input->left != 0) {
    input->left -= count;
    return (int)count;
  }
  memcpy(input->header + input->header_len, buffer, count);
  input->header_len += count;
  if (input->header_len == MBED_HEADER) {
    error = check_header(connection, input->header, MBED_MAX_FRAGMENT + MOST_ADDED);
    input->left = length_in(input->header);
    input->header_len = 0;
  }
  return error != 0 ? error : (int)count;
}

int mbed_receive(void *opaque, unsigned char *buffer, size_t len) {
  mbed_connection *connection = opaque;
  /* Empty records are the core's to count. */
  connection->ssl.nb_zero = 0;
  return connection->input.encrypted ? give_encrypted(connection, buffer, len) : give_item(connection, buffer, len);
}
