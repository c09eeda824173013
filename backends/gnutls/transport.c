/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The transport of a session: the core's gate as the engine's push and pull functions. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend_gnutls.h"

enum { RECORD_CHANGE_CIPHER_SPEC = 20, RECORD_ALERT = 21, RECORD_HANDSHAKE = 22, RECORD_APPLICATION_DATA = 23 };
enum { STASH_LEN = 2048 };

static ssize_t not_moved(wtls_gnutls_connection *connection, wasi_tls_outcome want) {
  connection->want = want;
  gnutls_transport_set_errno(connection->session, connection->last_io == WASI_TLS_IO_BLOCKED ? EAGAIN : EIO);
  return -1;
}

static void remember(wtls_gnutls_connection *connection, const uint8_t *data, size_t len) {
  enum { ROOM = sizeof(connection->last_bytes) };
  size_t fresh = len < ROOM ? len : ROOM;
  memmove(connection->last_bytes, connection->last_bytes + fresh, ROOM - fresh);
  memcpy(connection->last_bytes + ROOM - fresh, data + len - fresh, fresh);
}

uint16_t wtls_gnutls_plain_alert(const wtls_gnutls_connection *connection) {
  const uint8_t *record = connection->last_bytes;
  bool is_one = record[0] == RECORD_ALERT && record[1] == 3 && record[3] == 0 && record[4] == 2;
  return is_one ? record[6] : WASI_TLS_NO_ALERT;
}

static size_t take_stashed(wtls_gnutls_connection *connection, void *buffer, size_t len) {
  size_t count = connection->stash_end - connection->stash_start;
  if (count == 0) return 0;
  if (count > len) count = len;
  memcpy(buffer, connection->stash + connection->stash_start, count);
  connection->stash_start += count;
  return count;
}

static void receive(wtls_gnutls_connection *connection, uint8_t *buffer, size_t len, size_t *count) {
  connection->last_io =
      connection->holds_input ? WASI_TLS_IO_BLOCKED : connection->host->receive(connection->core, buffer, len, count);
}

/*
 * The engine asks for a header and then for the rest of its record. More than a header is had at once, so that most
 * records cost one call of the transport, and the bulk of large ones is not copied.
 */
static size_t receive_for(wtls_gnutls_connection *connection, uint8_t *buffer, size_t len) {
  size_t count = 0;
  if (connection->stash == NULL && len < STASH_LEN) connection->stash = malloc(STASH_LEN);
  if (connection->stash == NULL || len >= STASH_LEN) {
    receive(connection, buffer, len, &count);
    return connection->last_io == WASI_TLS_IO_OK ? count : 0;
  }
  receive(connection, connection->stash, STASH_LEN, &count);
  connection->stash_start = 0;
  connection->stash_end = connection->last_io == WASI_TLS_IO_OK ? count : 0;
  return take_stashed(connection, buffer, len);
}

/*
 * RFC 8446, section 5.2: what is protected has the type of data. The engine does not look, and authenticates that type
 * whatever the record says. Behind the ServerHello only alerts and ChangeCipherSpec may still be plain, and only up to
 * the end of the handshake.
 */
static bool may_come(const wtls_gnutls_connection *connection, uint8_t type) {
  if (connection->version != WASI_TLS_VERSION_TLS13) return true;
  return connection->done ? type == RECORD_APPLICATION_DATA : type != RECORD_HANDSHAKE;
}

static bool follow(wtls_gnutls_connection *connection, const uint8_t *data, size_t len) {
  wtls_gnutls_input *input = &connection->input;
  while (len != 0) {
    size_t wanted = input->left != 0 ? input->left : sizeof(input->header) - input->header_len;
    size_t step = wanted < len ? wanted : len;
    if (input->left != 0) {
      input->left -= step;
    } else {
      if (input->header_len == 0 && !may_come(connection, *data)) return false;
      memcpy(input->header + input->header_len, data, step);
      input->header_len += step;
    }
    if (input->header_len == sizeof(input->header)) {
      input->left = (size_t)input->header[3] << 8 | input->header[4];
      input->header_len = 0;
    }
    data += step;
    len -= step;
  }
  return true;
}

static ssize_t refuse_record(const wtls_gnutls_connection *connection) {
  gnutls_transport_set_errno(connection->session, EIO);
  return -1;
}

static ssize_t pull(gnutls_transport_ptr_t opaque, void *buffer, size_t len) {
  wtls_gnutls_connection *connection = opaque;
  size_t count = take_stashed(connection, buffer, len);
  if (count == 0) count = receive_for(connection, buffer, len);
  if (!connection->done && count != 0) remember(connection, buffer, count);
  if (!follow(connection, buffer, count)) return refuse_record(connection);
  if (count != 0 || connection->last_io == WASI_TLS_IO_END) return (ssize_t)count;
  return not_moved(connection, WASI_TLS_OUTCOME_WANT_READ);
}

void wtls_gnutls_rest_transport(wtls_gnutls_connection *connection) {
  if (connection->stash_start != connection->stash_end) return;
  free(connection->stash);
  connection->stash = NULL;
}

/* Each element is one record. An alert of ours is the last of them, unless the engine first gets rid of an older one.
 */
static bool is_own_alert(const wtls_gnutls_connection *connection, const giovec_t *record, bool last) {
  return connection->sending_alert && last && *(const uint8_t *)record->iov_base != RECORD_CHANGE_CIPHER_SPEC;
}

static wasi_tls_io send_record(wtls_gnutls_connection *connection, const giovec_t *record, bool alert) {
  connection->last_io = connection->host->send(connection->core, record->iov_base, record->iov_len, alert);
  return connection->last_io;
}

/* RFC 8446, appendix D.4: a client's ChangeCipherSpec goes out before its second flight, not before it has been decided
 * that there will be one. */
static bool is_early(const wtls_gnutls_connection *connection, const giovec_t *record) {
  return connection->version == WASI_TLS_VERSION_TLS13 && !connection->is_server &&
         *(const uint8_t *)record->iov_base == RECORD_CHANGE_CIPHER_SPEC;
}

static wasi_tls_io send_held(wtls_gnutls_connection *connection) {
  uint8_t record[] = {RECORD_CHANGE_CIPHER_SPEC, 3, 3, 0, 1, 1};
  if (!connection->holds_change_cipher_spec) return WASI_TLS_IO_OK;
  wasi_tls_io io = send_record(connection, &(giovec_t){record, sizeof(record)}, false);
  connection->holds_change_cipher_spec = io != WASI_TLS_IO_OK;
  return io;
}

static wasi_tls_io push_record(wtls_gnutls_connection *connection, const giovec_t *record, bool last) {
  if (is_early(connection, record)) {
    connection->holds_change_cipher_spec = true;
    return WASI_TLS_IO_OK;
  }
  bool alert = is_own_alert(connection, record, last);
  wasi_tls_io io = send_held(connection);
  if (io == WASI_TLS_IO_OK) io = send_record(connection, record, alert);
  if (io == WASI_TLS_IO_OK && alert) connection->alert_pushed = true;
  return io;
}

static ssize_t push(gnutls_transport_ptr_t opaque, const giovec_t *records, int count) {
  wtls_gnutls_connection *connection = opaque;
  bool plain = connection->done && !connection->sending_alert;
  ssize_t sent = 0;
  for (int i = 0; i < count; i++) {
    wasi_tls_io io =
        plain ? send_record(connection, &records[i], false) : push_record(connection, &records[i], i == count - 1);
    if (io != WASI_TLS_IO_OK) {
      ssize_t failed = not_moved(connection, WASI_TLS_OUTCOME_WANT_WRITE);
      return sent != 0 ? sent : failed;
    }
    sent += (ssize_t)records[i].iov_len;
  }
  return sent;
}

void wtls_gnutls_install_transport(wtls_gnutls_connection *connection) {
  gnutls_transport_set_ptr(connection->session, connection);
  gnutls_transport_set_pull_function(connection->session, pull);
  gnutls_transport_set_vec_push_function(connection->session, push);
}
