/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Post-handshake authentication. The engine answers a request at once, with what is loaded by then, and tells neither
 * side what has come in. So messages are looked at before it gets them.
 */
#include <stdlib.h>
#include <string.h>

#include "backend_wolfssl.h"

enum { MESSAGE_CERTIFICATE_REQUEST = 13, MESSAGE_FINISHED = 20, MESSAGE_HEADER = 4 };
enum { EXTENSION_SIGNATURE_ALGORITHMS = 13, EXTENSION_AUTHORITIES = 47 };

/* Takes the next |length_len| bytes as the length of what is behind them. */
static bool take_vector(wasi_tls_bytes *from, size_t length_len, wasi_tls_bytes *out) {
  size_t len = 0;
  if (from->len < length_len) return false;
  for (size_t i = 0; i < length_len; i++) len = len << 8 | from->data[i];
  if (from->len - length_len < len) return false;
  *out = (wasi_tls_bytes){from->data + length_len, len};
  *from = (wasi_tls_bytes){out->data + len, from->len - length_len - len};
  return true;
}

static bool find_extension(wasi_tls_bytes list, unsigned wanted, wasi_tls_bytes *body) {
  while (list.len >= 2) {
    unsigned type = (unsigned)(list.data[0] << 8 | list.data[1]);
    list.data += 2;
    list.len -= 2;
    if (!take_vector(&list, 2, body)) return false;
    if (type == wanted) return true;
  }
  return false;
}

/* Both arrays are as long as they could be. */
static bool read_request(wasi_tls_bytes extensions, wasi_tls_backend_identity_request *request, uint16_t *schemes,
                         wasi_tls_bytes *authorities) {
  wasi_tls_bytes body;
  wasi_tls_bytes list;
  if (!find_extension(extensions, EXTENSION_SIGNATURE_ALGORITHMS, &body) || !take_vector(&body, 2, &list)) return false;
  for (size_t i = 0; i + 1 < list.len; i += 2)
    schemes[request->signature_scheme_count++] = (uint16_t)(list.data[i] << 8 | list.data[i + 1]);
  request->signature_schemes = schemes;
  request->authorities = authorities;
  if (!find_extension(extensions, EXTENSION_AUTHORITIES, &body)) return true;
  if (!take_vector(&body, 2, &list)) return false;
  while (list.len != 0)
    if (!take_vector(&list, 2, &authorities[request->authority_count++])) return false;
  return true;
}

/* What can't be read is left to the engine to refuse; it has nothing to show then. */
static void answer_request(wtls_wolf_connection *connection, wasi_tls_bytes message) {
  wasi_tls_backend_identity_request request = {NULL, 0, NULL, 0};
  wasi_tls_bytes context;
  wasi_tls_bytes extensions;
  void *identity = NULL;
  wolfSSL_UnloadCertsKeys(connection->ssl);
  if (!take_vector(&message, 1, &context) || !take_vector(&message, 2, &extensions)) return;
  uint16_t *schemes = calloc(extensions.len / 2 + 1, sizeof(*schemes));
  wasi_tls_bytes *authorities = calloc(extensions.len / 2 + 1, sizeof(*authorities));
  if (schemes != NULL && authorities != NULL && read_request(extensions, &request, schemes, authorities) &&
      connection->host->identity_request(connection->core, &request, &identity) == WASI_TLS_DECISION_CONTINUE &&
      identity != NULL)
    (void)wtls_wolf_identity_use(connection, identity);
  free(schemes);
  free(authorities);
}

/*
 * Each exchange is to be signed as the first one behind the handshake (RFC 8446, section 4.4.1), but the engine goes on
 * from the one before: there is no good answer to a second request.
 */
static void take_request(wtls_wolf_connection *connection, wasi_tls_bytes message) {
  if (connection->was_requested)
    wtls_wolf_note_alert(connection, 80 /* internal_error */);
  else
    answer_request(connection, message);
  connection->was_requested = true;
}

static void look_at_messages(wtls_wolf_connection *connection) {
  wtls_wolf_watched *watched = connection->watched;
  wasi_tls_bytes rest = {watched->messages, watched->messages_len};
  while (rest.len >= MESSAGE_HEADER) {
    uint8_t type = rest.data[0];
    wasi_tls_bytes body = {rest.data + 1, rest.len - 1};
    wasi_tls_bytes message;
    if (!take_vector(&body, 3, &message)) break;
    rest = body;
    if (!connection->is_server && type == MESSAGE_CERTIFICATE_REQUEST) take_request(connection, message);
    if (connection->is_server && type == MESSAGE_FINISHED) connection->client_answered = true;
  }
  memmove(watched->messages, rest.data, rest.len);
  watched->messages_len = rest.len;
}

void wtls_wolf_look_at_messages(wtls_wolf_connection *connection, wasi_tls_bytes content) {
  wtls_wolf_watched *watched = connection->watched;
  if (watched->messages == NULL) watched->messages = malloc(WTLS_WOLF_MAX_MESSAGE);
  if (watched->messages == NULL || content.len > WTLS_WOLF_MAX_MESSAGE - watched->messages_len) return;
  memcpy(watched->messages + watched->messages_len, content.data, content.len);
  watched->messages_len += content.len;
  look_at_messages(connection);
}

wasi_tls_outcome wtls_wolf_request_client_identity(void *opaque, wasi_tls_backend_report *report) {
  wtls_wolf_connection *connection = opaque;
  *report = (wasi_tls_backend_report){.alert = WASI_TLS_NO_ALERT};
  wolfSSL_set_verify(connection->ssl, WOLFSSL_VERIFY_PEER, wtls_wolf_verify);
  int result = wolfSSL_request_certificate(connection->ssl);
  if (result == WOLFSSL_SUCCESS) {
    connection->watches = true;
    (void)wolfSSL_write(connection->ssl, "", 0); /* the request waits for company: nothing is written, but it is sent */
    return WASI_TLS_OUTCOME_OK;
  }
  report->native_code = result;
  wolfSSL_ERR_clear_error();
  return WASI_TLS_OUTCOME_UNSUPPORTED;
}

/* The engine has processed the client's Finished, since it has asked for more or answered with cleartext. */
void wtls_wolf_tell_answered(wtls_wolf_connection *connection) {
  if (!connection->client_answered) return;
  connection->client_answered = false;
  connection->watches = false;
  wtls_wolf_rest_watch(connection);
  connection->host->post_handshake_done(connection->core);
}
