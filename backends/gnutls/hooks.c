/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The engine's callbacks, each handed on to the core's decision. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend_gnutls.h"

/* The certificates as they were sent; the array is to be freed. */
static wasi_tls_bytes *sent_chain(gnutls_session_t session, size_t *count) {
  unsigned int sent = 0;
  const gnutls_datum_t *certificates = gnutls_certificate_get_peers(session, &sent);
  *count = certificates != NULL ? sent : 0;
  wasi_tls_bytes *chain = *count != 0 ? calloc(*count, sizeof(*chain)) : NULL;
  for (size_t i = 0; chain != NULL && i < *count; i++)
    chain[i] = (wasi_tls_bytes){certificates[i].data, certificates[i].size};
  return chain;
}

/* The engine calls this on a server whether the client sent a chain or not. */
static int verify_peer(gnutls_session_t session) {
  wtls_gnutls_connection *connection = gnutls_session_get_ptr(session);
  size_t count = 0;
  uint8_t alert = GNUTLS_A_INTERNAL_ERROR;
  if (connection->declined) return 0;
  wasi_tls_bytes *chain = sent_chain(session, &count);
  if (count == 0 && connection->is_server) return 0;
  wasi_tls_decision decision = WASI_TLS_DECISION_REJECT;
  if (chain != NULL)
    decision = connection->host->peer_identity(connection->core, chain, count, WASI_TLS_VERIFY_OTHER, 0, &alert);
  free(chain);
  if (decision == WASI_TLS_DECISION_CONTINUE) return 0;
  connection->rejected = true;
  connection->reject_alert = alert;
  return GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
}

int wtls_gnutls_hand_out_identity(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                                  gnutls_pcert_st **chain, unsigned int *count, gnutls_ocsp_data_st **ocsp,
                                  unsigned int *ocsp_count, gnutls_privkey_t *key, unsigned int *flags) {
  wtls_gnutls_connection *connection = gnutls_session_get_ptr(session);
  if (connection->done && !connection->is_server && wtls_gnutls_ask_for_identity(connection, info) < 0) return -1;
  wtls_gnutls_identity *identity = connection->own;
  *chain = identity != NULL ? identity->chain : NULL;
  *count = identity != NULL ? identity->count : 0;
  *key = identity != NULL ? identity->key : NULL;
  *ocsp = NULL;
  *ocsp_count = 0;
  *flags = 0; /* all of it stays the identity's */
  return 0;
}

static bool was_asked_for(const wtls_gnutls_context *context, wasi_tls_cipher_suite suite) {
  for (size_t i = 0; i < context->suite_count; i++)
    if (context->suites[i] == suite) return true;
  return false;
}

/* RFC 8446, section 4.1.3: a version, 32 random bytes, a session id, the suite. */
static int note_server_hello(wtls_gnutls_connection *connection, const gnutls_datum_t *hello) {
  enum { ID_LEN_AT = 34 };
  if (hello->size <= ID_LEN_AT || hello->size < ID_LEN_AT + 3u + hello->data[ID_LEN_AT])
    return GNUTLS_E_UNEXPECTED_PACKET_LENGTH;
  const unsigned char *suite = hello->data + ID_LEN_AT + 1 + hello->data[ID_LEN_AT];
  connection->suite = (wasi_tls_cipher_suite)(suite[0] << 8 | suite[1]);
  connection->version = gnutls_protocol_get_version(connection->session) == GNUTLS_TLS1_3 ? WASI_TLS_VERSION_TLS13
                                                                                          : WASI_TLS_VERSION_TLS12;
  if (!was_asked_for(connection->context, connection->suite))
    return connection->is_server ? GNUTLS_E_NO_CIPHER_SUITES : GNUTLS_E_RECEIVED_ILLEGAL_PARAMETER;
  /* Behind the suite comes a compression method. */
  const unsigned int used = (unsigned int)(suite - hello->data) + 3;
  const gnutls_datum_t extensions = {hello->data + used, hello->size >= used ? hello->size - used : 0};
  return wtls_gnutls_note_protocol(connection, &extensions);
}

/* RFC 8446, section 4.4.2: a context, then the list. */
static void note_certificate(wtls_gnutls_connection *connection, const gnutls_datum_t *message) {
  size_t list_at = message->size != 0 ? 1u + message->data[0] : 0;
  connection->declined = message->size == list_at + 3 && message->data[list_at] == 0 &&
                         message->data[list_at + 1] == 0 && message->data[list_at + 2] == 0;
}

/* RFC 5246, section 7.4.2: a certificate has a byte at least. The engine takes a list of one that has none for an empty
 * list. */
static bool is_list_of_nothing(const wtls_gnutls_connection *connection, const gnutls_datum_t *message) {
  static const unsigned char list[] = {0, 0, 3, 0, 0, 0};
  return connection->version == WASI_TLS_VERSION_TLS12 && message->size == sizeof(list) &&
         memcmp(message->data, list, sizeof(list)) == 0;
}

/* RFC 8446, section 4.6.1: behind eight bytes and a nonce comes a ticket, which has a byte at least. */
static int check_ticket(const gnutls_datum_t *message) {
  enum { NONCE_AT = 8 };
  size_t ticket_at = message->size > NONCE_AT ? NONCE_AT + 1u + message->data[NONCE_AT] : message->size;
  bool empty = message->size >= ticket_at + 2 && message->data[ticket_at] == 0 && message->data[ticket_at + 1] == 0;
  return empty ? GNUTLS_E_PARSING_ERROR : 0;
}

/* RFC 8446, section 5.1: messages that precede a change of keys end with their record. What is left of it is pending.
 */
static int check_key_update(const wtls_gnutls_connection *connection) {
  bool shares = !connection->awaits_identity && gnutls_record_check_pending(connection->session) != 0;
  return shares ? GNUTLS_E_UNEXPECTED_PACKET : 0;
}

/* Before the engine has gone through it, and has new keys. */
static int note_coming_message(const wtls_gnutls_connection *connection, unsigned int type,
                               const gnutls_datum_t *message) {
  if (connection->version != WASI_TLS_VERSION_TLS13) return 0;
  if (type == GNUTLS_HANDSHAKE_NEW_SESSION_TICKET) return check_ticket(message);
  return type == GNUTLS_HANDSHAKE_KEY_UPDATE ? check_key_update(connection) : 0;
}

static int note_message(gnutls_session_t session, unsigned int type, unsigned int when, unsigned int incoming,
                        const gnutls_datum_t *message) {
  wtls_gnutls_connection *connection = gnutls_session_get_ptr(session);
  if (when == GNUTLS_HOOK_PRE) return incoming != 0 ? note_coming_message(connection, type, message) : 0;
  if (type == GNUTLS_HANDSHAKE_SERVER_HELLO) return note_server_hello(connection, message);
  if (type == GNUTLS_HANDSHAKE_ENCRYPTED_EXTENSIONS) return wtls_gnutls_note_protocol(connection, message);
  if (type == GNUTLS_HANDSHAKE_CERTIFICATE_PKT && incoming != 0 && connection->awaits_identity)
    note_certificate(connection, message);
  if (type == GNUTLS_HANDSHAKE_CERTIFICATE_PKT && incoming != 0 && is_list_of_nothing(connection, message))
    return GNUTLS_E_PARSING_ERROR;
  return 0;
}

static void write_hex(char *out, const gnutls_datum_t *bytes) {
  for (unsigned int i = 0; i < bytes->size; i++) (void)snprintf(out + (size_t)i * 2, 3, "%02x", bytes->data[i]);
}

static void log_secret(const wtls_gnutls_connection *connection, const char *label, const gnutls_datum_t *secret) {
  enum { RANDOM_LEN = 32, MAX_SECRET_LEN = 64, MAX_LABEL_LEN = 40 };
  char line[MAX_LABEL_LEN + 2 * RANDOM_LEN + 2 * MAX_SECRET_LEN + 3];
  gnutls_datum_t random;
  gnutls_session_get_random(connection->session, &random, NULL);
  if (random.size > RANDOM_LEN || secret->size > MAX_SECRET_LEN || strlen(label) > MAX_LABEL_LEN) return;
  size_t used = (size_t)snprintf(line, sizeof(line), "%s ", label);
  write_hex(line + used, &random);
  used += (size_t)random.size * 2;
  line[used++] = ' ';
  write_hex(line + used, secret);
  connection->host->key_log(connection->core, line);
  gnutls_memset(line, 0, sizeof(line));
}

/* Takes the place of the engine's own, which writes to a file that the environment names. */
static int note_secret(gnutls_session_t session, const char *label, const gnutls_datum_t *secret) {
  wtls_gnutls_connection *connection = gnutls_session_get_ptr(session);
  if (connection->done) return 0;
  if (!connection->is_server && strcmp(label, "SERVER_HANDSHAKE_TRAFFIC_SECRET") == 0)
    (void)wtls_gnutls_take_secret(connection, secret);
  if (connection->context->key_log) log_secret(connection, label, secret);
  return 0;
}

void wtls_gnutls_install_hooks(wtls_gnutls_connection *connection) {
  gnutls_session_t session = connection->session;
  gnutls_session_set_ptr(session, connection);
  gnutls_session_set_verify_function(session, verify_peer);
  gnutls_session_set_keylog_function(session, note_secret);
  /* On the way in the engine has settled the version only when it is through with the message. */
  gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, note_message);
}
