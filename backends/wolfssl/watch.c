/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Records of TLS 1.3 that are looked at before the engine gets them: those of the peer's flight, and behind the
 * handshake those to a client that offers post-handshake authentication or to a server that waits for an answer. Nobody
 * else pays for that.
 */
#include <stdlib.h>
#include <string.h>

#include "backend_wolfssl.h"

/* Behind the ServerHello. Until the suite is chosen the engine's version is only a guess. */
static bool is_in_flight(const wtls_wolf_connection *connection) {
  return !connection->done && wolfSSL_version(connection->ssl) == TLS1_3_VERSION &&
         wolfSSL_get_current_cipher_suite(connection->ssl) > 0;
}

bool wtls_wolf_is_watching(const wtls_wolf_connection *connection) {
  if (connection->watched != NULL && connection->watched->len != 0) return true;
  return wtls_wolf_at_boundary(connection) && (connection->watches || is_in_flight(connection));
}

static void look_at_record(wtls_wolf_connection *connection) {
  wtls_wolf_watched *watched = connection->watched;
  word64 sequence = 0;
  size_t len = 0;
  if (!connection->done && connection->is_server) return;          /* the engine shows the keys for data by then */
  (void)wolfSSL_GetPeerSequenceNumber(connection->ssl, &sequence); /* it returns whether the number is 0 */
  if (!wtls_wolf_open_record(connection, sequence, watched->record, watched->len, watched->plain, &len)) return;
  while (len != 0 && watched->plain[len - 1] == 0) len--; /* RFC 8446, section 5.4 */
  if (len == 0 || watched->plain[len - 1] != WTLS_WOLF_RECORD_HANDSHAKE) return;
  const wasi_tls_bytes content = {watched->plain, len - 1};
  if (connection->done)
    wtls_wolf_look_at_messages(connection, content);
  else if (!wtls_wolf_may_come_in_flight(&watched->flight, content))
    wtls_wolf_note_alert(connection, unexpected_message);
}

/* RFC 8446, section 5: it is dropped wherever it comes. The engine takes one, and no second at the same place. */
static bool is_change_cipher_spec(const wtls_wolf_watched *watched) {
  static const uint8_t record[] = {20, 3, 3, 0, 1, 1};
  return watched->len == sizeof(record) && memcmp(watched->record, record, sizeof(record)) == 0;
}

static bool make_room(wtls_wolf_watched *watched, size_t len) {
  if (len <= watched->room) return true;
  uint8_t *record = realloc(watched->record, len);
  if (record != NULL) watched->record = record;
  uint8_t *plain = record != NULL ? realloc(watched->plain, len) : NULL;
  if (plain == NULL) return false;
  watched->plain = plain;
  watched->room = len;
  return true;
}

static wasi_tls_io fill_record(wtls_wolf_connection *connection) {
  wtls_wolf_watched *watched = connection->watched;
  for (;;) {
    size_t whole = WTLS_WOLF_HEADER;
    size_t count = 0;
    if (watched->len >= WTLS_WOLF_HEADER) whole += (size_t)watched->record[3] << 8 | watched->record[4];
    bool complete = watched->len >= WTLS_WOLF_HEADER && (watched->len == whole || whole > WTLS_WOLF_MAX_RECORD);
    if (complete && !(is_in_flight(connection) && is_change_cipher_spec(watched))) return WASI_TLS_IO_OK;
    if (complete) {
      watched->len = 0;
      continue;
    }
    if (!make_room(watched, whole)) return WASI_TLS_IO_FAILED;
    wasi_tls_io io =
        connection->host->receive(connection->core, watched->record + watched->len, whole - watched->len, &count);
    if (io != WASI_TLS_IO_OK) return io;
    watched->len += count;
  }
}

wasi_tls_io wtls_wolf_watch(wtls_wolf_connection *connection, uint8_t *buffer, size_t len, size_t *count) {
  if (connection->watched == NULL) connection->watched = calloc(1, sizeof(*connection->watched));
  wtls_wolf_watched *watched = connection->watched;
  if (watched == NULL) return WASI_TLS_IO_FAILED;
  if (!watched->looked_at) {
    wasi_tls_io io = fill_record(connection);
    if (io != WASI_TLS_IO_OK) return io;
    look_at_record(connection);
    watched->looked_at = true;
  }
  *count = watched->len - watched->given < len ? watched->len - watched->given : len;
  memcpy(buffer, watched->record + watched->given, *count);
  watched->given += *count;
  if (watched->given != watched->len) return WASI_TLS_IO_OK;
  watched->len = 0;
  watched->given = 0;
  watched->looked_at = false;
  return WASI_TLS_IO_OK;
}

void wtls_wolf_free_watch(wtls_wolf_connection *connection) {
  if (connection->watched == NULL) return;
  free(connection->watched->record);
  free(connection->watched->plain);
  free(connection->watched->messages);
  free(connection->watched);
  connection->watched = NULL;
}

void wtls_wolf_rest_watch(wtls_wolf_connection *connection) {
  if (connection->watches || connection->watched == NULL || connection->watched->len != 0) return;
  wtls_wolf_free_watch(connection);
}
