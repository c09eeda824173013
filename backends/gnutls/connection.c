/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <stdlib.h>
#include <string.h>

#include "backend_gnutls.h"

static bool set_client(wtls_gnutls_connection *connection, const wasi_tls_backend_connection_params *params) {
  const char *name = params->server_name;
  return name == NULL ||
         gnutls_server_name_set(connection->session, GNUTLS_NAME_DNS, name, strlen(name)) == GNUTLS_E_SUCCESS;
}

static bool set_server(wtls_gnutls_connection *connection, const wasi_tls_backend_connection_params *params) {
  connection->own = params->identity;
  gnutls_certificate_server_set_request(connection->session,
                                        params->request_client_identity ? GNUTLS_CERT_REQUEST : GNUTLS_CERT_IGNORE);
  return true;
}

/* With post-handshake authentication the engine keeps the transcript for as long as the connection lives. */
static unsigned int flags_of(const wtls_gnutls_context *context, const wasi_tls_backend_connection_params *params) {
  bool server = params->role == WASI_TLS_ROLE_SERVER;
  bool post_handshake = server ? params->post_handshake_auth : context->post_handshake_auth;
  unsigned int flags = GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS | GNUTLS_ALLOW_ID_CHANGE;
  if (post_handshake) flags |= GNUTLS_POST_HANDSHAKE_AUTH;
  return flags | (server ? GNUTLS_SERVER : GNUTLS_CLIENT | GNUTLS_KEY_SHARE_TOP);
}

static void connection_free(void *opaque) {
  wtls_gnutls_connection *self = opaque;
  if (self->packet != NULL) gnutls_packet_deinit(self->packet);
  if (self->session != NULL) gnutls_deinit(self->session);
  wtls_gnutls_forget_secret(self);
  wtls_gnutls_drop_protocols(self);
  free(self->protocol);
  free(self->stash);
  free(self);
}

static wasi_tls_result set_up(wtls_gnutls_connection *connection, const wasi_tls_backend_connection_params *params) {
  const wtls_gnutls_context *context = connection->context;
  const wtls_gnutls_side *side = connection->is_server ? &context->server : &context->client;
  int made = gnutls_init(&connection->session, flags_of(context, params));
  if (made == GNUTLS_E_SUCCESS) made = gnutls_priority_set(connection->session, side->priority);
  if (made == GNUTLS_E_SUCCESS)
    made = gnutls_credentials_set(connection->session, GNUTLS_CRD_CERTIFICATE, side->credentials);
  if (made != GNUTLS_E_SUCCESS) return wtls_gnutls_result(made);
  wtls_gnutls_install_transport(connection);
  wtls_gnutls_install_hooks(connection);
  if (!(connection->is_server ? set_server(connection, params) : set_client(connection, params)))
    return WASI_TLS_ERR_ENGINE;
  return wtls_gnutls_set_protocols(connection, params->alpn, params->alpn_count);
}

static wasi_tls_result connection_new(void *context, const wasi_tls_backend_connection_params *params,
                                      void **connection) {
  wtls_gnutls_connection *made = calloc(1, sizeof(*made));
  if (made == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  made->context = context;
  made->host = params->host;
  made->core = params->core;
  made->is_server = params->role == WASI_TLS_ROLE_SERVER;
  wasi_tls_result result = set_up(made, params);
  if (result == WASI_TLS_OK)
    *connection = made;
  else
    connection_free(made);
  return result;
}

/* RFC 5246, section 7.4.1.1: what asks for a new handshake is refused, and all goes on. A server that is asked keeps
 * the ClientHello, and gives it up when it is asked for data. */
static ssize_t refuse_renegotiation(wtls_gnutls_connection *connection) {
  unsigned char none;
  int sent = wtls_gnutls_send_alert(connection, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
  if (sent == GNUTLS_E_SUCCESS && connection->is_server) (void)gnutls_record_recv(connection->session, &none, 1);
  return sent;
}

/* What came in place of cleartext. */
static ssize_t answer(wtls_gnutls_connection *connection, ssize_t event) {
  if (event == GNUTLS_E_REAUTH_REQUEST)
    event = gnutls_reauth(connection->session, 0);
  else if (event == GNUTLS_E_REHANDSHAKE)
    event = refuse_renegotiation(connection);
  else
    return event;
  return event == GNUTLS_E_SUCCESS ? GNUTLS_E_AGAIN : event;
}

/* One record's cleartext, or, without |buffer|, in |packet|. */
static ssize_t receive(wtls_gnutls_connection *connection, uint8_t *buffer, size_t len) {
  if (connection->awaits_identity) {
    int waited = wtls_gnutls_await_identity(connection);
    if (waited != GNUTLS_E_SUCCESS) return waited;
  }
  ssize_t got = buffer != NULL ? gnutls_record_recv(connection->session, buffer, len)
                               : gnutls_record_recv_packet(connection->session, &connection->packet);
  return got >= 0 ? got : answer(connection, got);
}

static size_t take_packet(wtls_gnutls_connection *connection, uint8_t *buffer, size_t len) {
  gnutls_datum_t whole;
  gnutls_packet_get(connection->packet, &whole, NULL);
  size_t count = whole.size - connection->packet_read;
  if (count > len) count = len;
  memcpy(buffer, whole.data + connection->packet_read, count);
  connection->packet_read += count;
  if (connection->packet_read != whole.size) return count;
  gnutls_packet_deinit(connection->packet);
  connection->packet = NULL;
  return count;
}

static wasi_tls_outcome read_cleartext(void *opaque, uint8_t *buffer, size_t len, size_t *count,
                                       wasi_tls_backend_report *report) {
  wtls_gnutls_connection *self = opaque;
  ssize_t got;
  if (self->packet != NULL) {
    if (len != 0) *count = take_packet(self, buffer, len);
    return WASI_TLS_OUTCOME_OK;
  }
  do {
    self->last_io = WASI_TLS_IO_OK;
    got = receive(self, len != 0 ? buffer : NULL, len);
  } while (got < 0 && wtls_gnutls_goes_on(self, (int)got));
  if (got == GNUTLS_E_AGAIN) wtls_gnutls_rest_transport(self);
  if (got < 0) return wtls_gnutls_outcome(self, (int)got, report);
  if (got == 0) return wtls_gnutls_outcome(self, GNUTLS_E_SESSION_EOF, report);
  self->packet_read = 0;
  if (len != 0) *count = (size_t)got;
  return WASI_TLS_OUTCOME_OK;
}

static wasi_tls_outcome write_cleartext(void *opaque, const uint8_t *data, size_t len, size_t *count,
                                        wasi_tls_backend_report *report) {
  wtls_gnutls_connection *self = opaque;
  self->last_io = WASI_TLS_IO_OK;
  ssize_t sent = gnutls_record_send(self->session, data, len);
  if (sent < 0) return wtls_gnutls_outcome(self, (int)sent, report);
  *count = (size_t)sent;
  return WASI_TLS_OUTCOME_OK;
}

static void info(void *opaque, wasi_tls_backend_info *out) {
  const wtls_gnutls_connection *self = opaque;
  *out = (wasi_tls_backend_info){self->version, self->suite, {self->protocol, self->protocol_len}};
}

static void peer_chain(void *opaque, bool (*visit)(void *context, wasi_tls_bytes certificate), void *context) {
  const wtls_gnutls_connection *self = opaque;
  unsigned int count = 0;
  const gnutls_datum_t *chain = gnutls_certificate_get_peers(self->session, &count);
  for (unsigned int i = 0; chain != NULL && i < count; i++)
    if (!visit(context, (wasi_tls_bytes){chain[i].data, chain[i].size})) return;
}

static wasi_tls_result use_identity(void *connection, void *identity) {
  wtls_gnutls_connection *self = connection;
  self->own = identity;
  return WASI_TLS_OK;
}

static const char *version(void) {
  return gnutls_check_version(NULL);
}

extern const wasi_tls_backend wasi_tls_backend_gnutls;
const wasi_tls_backend wasi_tls_backend_gnutls = {
    .size = sizeof(wasi_tls_backend),
    .abi = WASI_TLS_BACKEND_ABI,
    .name = "gnutls",
    .capabilities = (UINT64_C(1) << WASI_TLS_CAP_COUNT) - 1,
    .version = version,
    .context_new = wtls_gnutls_context_new,
    .context_free = wtls_gnutls_context_free,
    .identity_new = wtls_gnutls_identity_new,
    .identity_free = wtls_gnutls_identity_free,
    .identity_new_opaque = wtls_gnutls_identity_new_opaque,
    .connection_new = connection_new,
    .connection_free = connection_free,
    .handshake = wtls_gnutls_handshake,
    .read = read_cleartext,
    .write = write_cleartext,
    .alert = wtls_gnutls_alert,
    .request_client_identity = wtls_gnutls_request_client_identity,
    .info = info,
    .peer_chain = peer_chain,
    .open_record = wtls_gnutls_open_record,
    .use_identity = use_identity,
    .verify_signature = wtls_gnutls_verify_signature,
};
