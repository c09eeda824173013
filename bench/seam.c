/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * The engine behind its vtable, without the core: what the backend alone costs. Its host says yes to everything and
 * moves records over the wire. Where the core validates chains in the engine's place, nobody does here.
 */
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contender.h"
#include "wasi_tls/backend.h"
#include "wire.h"

static const wasi_tls_backend *backend;

typedef struct shared_state {
  void *context;
  void *identity;
} shared_state;

typedef struct wire_end {
  void *connection;
  bench_wire *in;
  bench_wire *out;
} wire_end;

struct bench_pair {
  wire_end client;
  wire_end server;
  bench_wire *up;
  bench_wire *down;
};

static wasi_tls_io receive(void *core, uint8_t *buffer, size_t len, size_t *count) {
  *count = bench_wire_take(((wire_end *)core)->in, buffer, len);
  return *count != 0 ? WASI_TLS_IO_OK : WASI_TLS_IO_BLOCKED;
}

static wasi_tls_io send(void *core, const uint8_t *data, size_t len, bool alert) {
  const wire_end *end = core;
  (void)alert;
  if (bench_wire_room(end->out) < len) return WASI_TLS_IO_BLOCKED;
  bench_wire_put(end->out, data, len);
  return WASI_TLS_IO_OK;
}

static wasi_tls_decision accept_peer(void *core, const wasi_tls_bytes *chain, size_t count,
                                     wasi_tls_verify_reason reason, uint32_t depth, uint8_t *alert) {
  (void)core;
  (void)chain;
  (void)count;
  (void)reason;
  (void)depth;
  (void)alert;
  return WASI_TLS_DECISION_CONTINUE;
}

static wasi_tls_decision decline_request(void *core, const wasi_tls_backend_identity_request *request,
                                         void **identity) {
  (void)core;
  (void)request;
  *identity = NULL;
  return WASI_TLS_DECISION_CONTINUE;
}

static wasi_tls_decision take_message(void *core, uint8_t type, wasi_tls_bytes body, uint8_t *alert) {
  (void)core;
  (void)type;
  (void)body;
  (void)alert;
  return WASI_TLS_DECISION_CONTINUE;
}

static void note_done(void *core) {
  (void)core;
}

static void note_line(void *core, const char *line) {
  (void)core;
  (void)line;
}

static const wasi_tls_backend_host host = {.size = sizeof(host),
                                           .receive = receive,
                                           .send = send,
                                           .peer_identity = accept_peer,
                                           .identity_request = decline_request,
                                           .server_message = take_message,
                                           .post_handshake_done = note_done,
                                           .key_log = note_line};

static int64_t now(void *context) {
  (void)context;
  return (int64_t)time(NULL);
}

/* Freed by the caller. */
static wasi_tls_bytes decode(const char *pem) {
  BIO *bio = BIO_new_mem_buf(pem, -1);
  char *name = NULL;
  char *header = NULL;
  unsigned char *data = NULL;
  long len = 0;
  (void)PEM_read_bio(bio, &name, &header, &data, &len);
  uint8_t *copy = malloc((size_t)len);
  memcpy(copy, data, (size_t)len);
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(data);
  BIO_free(bio);
  return (wasi_tls_bytes){copy, (size_t)len};
}

static void teardown(void *opaque) {
  shared_state *shared = opaque;
  if (shared->identity != NULL) backend->identity_free(shared->identity);
  if (shared->context != NULL) backend->context_free(shared->context);
  free(shared);
}

static void *setup(const bench_pki *pki) {
  static const wasi_tls_cipher_suite suite = 0x1301;
  wasi_tls_backend_report report;
  wasi_tls_bytes anchor = decode(pki->ca);
  wasi_tls_bytes leaf = decode(pki->certificate);
  wasi_tls_bytes key = decode(pki->key);
  const wasi_tls_backend_context_params params = {.size = sizeof(params),
                                                  .server_anchors = &anchor,
                                                  .server_anchor_count = 1,
                                                  .min_version = WASI_TLS_VERSION_TLS13,
                                                  .max_version = WASI_TLS_VERSION_TLS13,
                                                  .cipher_suites = &suite,
                                                  .cipher_suite_count = 1,
                                                  .chain_certificates = 10,
                                                  .clock = now};
  shared_state *shared = calloc(1, sizeof(*shared));
  bool made =
      backend->context_new(&params, &shared->context, &report) == WASI_TLS_OK &&
      backend->identity_new(shared->context, WASI_TLS_KEY_PKCS8, key, &leaf, 1, &shared->identity) == WASI_TLS_OK;
  free((void *)(uintptr_t)anchor.data);
  free((void *)(uintptr_t)leaf.data);
  free((void *)(uintptr_t)key.data);
  if (made) return shared;
  teardown(shared);
  return NULL;
}

static void close_end(wire_end *end) {
  wasi_tls_backend_report report;
  if (end->connection == NULL) return;
  (void)backend->alert(end->connection, 0, &report);
  backend->connection_free(end->connection);
}

static void close_pair(bench_pair *pair) {
  close_end(&pair->client);
  close_end(&pair->server);
  free(pair->up);
  free(pair->down);
  free(pair);
}

static bool shake(const bench_pair *pair) {
  for (int turn = 0; turn < 8; turn++) {
    wasi_tls_backend_report report;
    wasi_tls_outcome client = backend->handshake(pair->client.connection, &report);
    wasi_tls_outcome server = backend->handshake(pair->server.connection, &report);
    if (client == WASI_TLS_OUTCOME_OK && server == WASI_TLS_OUTCOME_OK) return true;
    if (client != WASI_TLS_OUTCOME_OK && client != WASI_TLS_OUTCOME_WANT_READ) return false;
    if (server != WASI_TLS_OUTCOME_OK && server != WASI_TLS_OUTCOME_WANT_READ) return false;
  }
  return false;
}

static bool connect_end(const shared_state *shared, wasi_tls_role role, wire_end *end) {
  wasi_tls_backend_connection_params params = {.size = sizeof(params), .role = role, .host = &host, .core = end};
  if (role == WASI_TLS_ROLE_CLIENT)
    params.server_name = "localhost";
  else
    params.identity = shared->identity;
  return backend->connection_new(shared->context, &params, &end->connection) == WASI_TLS_OK;
}

static bench_pair *open_pair(void *opaque) {
  const shared_state *shared = opaque;
  bench_pair *pair = calloc(1, sizeof(*pair));
  pair->up = malloc(sizeof(*pair->up));
  pair->down = malloc(sizeof(*pair->down));
  pair->up->start = pair->up->end = pair->down->start = pair->down->end = 0;
  pair->client = (wire_end){NULL, pair->down, pair->up};
  pair->server = (wire_end){NULL, pair->up, pair->down};
  if (connect_end(shared, WASI_TLS_ROLE_CLIENT, &pair->client) &&
      connect_end(shared, WASI_TLS_ROLE_SERVER, &pair->server) && shake(pair))
    return pair;
  close_pair(pair);
  return NULL;
}

static bool transfer(bench_pair *pair, const uint8_t *data, uint8_t *out, size_t len) {
  wasi_tls_backend_report report;
  size_t count = 0;
  for (size_t sent = 0; sent < len; sent += count)
    if (backend->write(pair->client.connection, data + sent, len - sent, &count, &report) != WASI_TLS_OUTCOME_OK)
      return false;
  for (size_t got = 0; got < len; got += count)
    if (backend->read(pair->server.connection, out + got, len - got, &count, &report) != WASI_TLS_OUTCOME_OK)
      return false;
  return true;
}

static void rest(bench_pair *pair) {
  wasi_tls_backend_report report;
  size_t count = 0;
  (void)backend->read(pair->client.connection, NULL, 0, &count, &report);
  (void)backend->read(pair->server.connection, NULL, 0, &count, &report);
}

static uint64_t allocations(void) {
  return 0;
}

const bench_contender *bench_seam(const char *engine) {
  static const bench_contender seam = {"backend", setup, teardown, open_pair, transfer, rest, close_pair, allocations};
  backend = bench_backend(engine);
  return &seam;
}
