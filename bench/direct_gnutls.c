/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * GnuTLS used directly, as its manual shows: credentials for each role, a session over push and pull functions for each
 * connection, gnutls_record_send and gnutls_record_recv. Tickets are off, as in the library.
 */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "contender.h"
#include "wire.h"

extern const bench_contender bench_direct_gnutls;

typedef struct shared_state {
  gnutls_certificate_credentials_t client;
  gnutls_certificate_credentials_t server;
  gnutls_priority_t priority;
} shared_state;

typedef struct wire_end {
  gnutls_session_t session;
  bench_wire *in;
  bench_wire *out;
} wire_end;

struct bench_pair {
  wire_end client;
  wire_end server;
  bench_wire *up;
  bench_wire *down;
};

static ssize_t end_pull(gnutls_transport_ptr_t opaque, void *buffer, size_t len) {
  wire_end *end = opaque;
  size_t count = bench_wire_take(end->in, buffer, len);
  if (count != 0) return (ssize_t)count;
  gnutls_transport_set_errno(end->session, EAGAIN);
  return -1;
}

static ssize_t end_push(gnutls_transport_ptr_t opaque, const void *data, size_t len) {
  wire_end *end = opaque;
  if (bench_wire_room(end->out) >= len) {
    bench_wire_put(end->out, data, len);
    return (ssize_t)len;
  }
  gnutls_transport_set_errno(end->session, EAGAIN);
  return -1;
}

static gnutls_datum_t datum_of(const char *pem) {
  return (gnutls_datum_t){(unsigned char *)(uintptr_t)pem, (unsigned int)strlen(pem)};
}

static void *setup(const bench_pki *pki) {
  shared_state *shared = calloc(1, sizeof(*shared));
  const gnutls_datum_t ca = datum_of(pki->ca);
  const gnutls_datum_t certificate = datum_of(pki->certificate);
  const gnutls_datum_t key = datum_of(pki->key);
  gnutls_certificate_allocate_credentials(&shared->client);
  gnutls_certificate_allocate_credentials(&shared->server);
  gnutls_certificate_set_x509_trust_mem(shared->client, &ca, GNUTLS_X509_FMT_PEM);
  gnutls_certificate_set_x509_key_mem(shared->server, &certificate, &key, GNUTLS_X509_FMT_PEM);
  gnutls_priority_init(&shared->priority, "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM", NULL);
  return shared;
}

static void teardown(void *opaque) {
  shared_state *shared = opaque;
  gnutls_certificate_free_credentials(shared->client);
  gnutls_certificate_free_credentials(shared->server);
  gnutls_priority_deinit(shared->priority);
  free(shared);
}

static void open_end(wire_end *end, unsigned int role, const shared_state *shared) {
  gnutls_init(&end->session, role | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS);
  gnutls_priority_set(end->session, shared->priority);
  gnutls_credentials_set(end->session, GNUTLS_CRD_CERTIFICATE, role == GNUTLS_CLIENT ? shared->client : shared->server);
  gnutls_transport_set_ptr(end->session, end);
  gnutls_transport_set_pull_function(end->session, end_pull);
  gnutls_transport_set_push_function(end->session, end_push);
}

static void close_end(wire_end *end) {
  gnutls_bye(end->session, GNUTLS_SHUT_WR);
  gnutls_deinit(end->session);
}

static void close_pair(bench_pair *pair) {
  close_end(&pair->client);
  close_end(&pair->server);
  free(pair->up);
  free(pair->down);
  free(pair);
}

static bool shake(bench_pair *pair) {
  int client = GNUTLS_E_AGAIN;
  int server = GNUTLS_E_AGAIN;
  for (int turn = 0; turn < 8; turn++) {
    if (client != GNUTLS_E_SUCCESS) client = gnutls_handshake(pair->client.session);
    if (server != GNUTLS_E_SUCCESS) server = gnutls_handshake(pair->server.session);
    if (client == GNUTLS_E_SUCCESS && server == GNUTLS_E_SUCCESS) return true;
    if (gnutls_error_is_fatal(client) != 0 || gnutls_error_is_fatal(server) != 0) return false;
  }
  return false;
}

static bench_pair *open_pair(void *opaque) {
  const shared_state *shared = opaque;
  bench_pair *pair = calloc(1, sizeof(*pair));
  pair->up = malloc(sizeof(*pair->up));
  pair->down = malloc(sizeof(*pair->down));
  pair->up->start = pair->up->end = pair->down->start = pair->down->end = 0;
  pair->client = (wire_end){NULL, pair->down, pair->up};
  pair->server = (wire_end){NULL, pair->up, pair->down};
  open_end(&pair->client, GNUTLS_CLIENT, shared);
  open_end(&pair->server, GNUTLS_SERVER, shared);
  gnutls_server_name_set(pair->client.session, GNUTLS_NAME_DNS, "localhost", strlen("localhost"));
  gnutls_session_set_verify_cert(pair->client.session, "localhost", 0);
  if (shake(pair)) return pair;
  close_pair(pair);
  return NULL;
}

static bool transfer(bench_pair *pair, const uint8_t *data, uint8_t *out, size_t len) {
  for (size_t written = 0; written < len;) {
    ssize_t count = gnutls_record_send(pair->client.session, data + written, len - written);
    if (count <= 0) return false;
    written += (size_t)count;
  }
  for (size_t got = 0; got < len;) {
    ssize_t count = gnutls_record_recv(pair->server.session, out + got, len - got);
    if (count <= 0) return false;
    got += (size_t)count;
  }
  return true;
}

/* The engine keeps no buffers between records. */
static void rest(bench_pair *pair) {
  (void)pair;
}

static uint64_t allocations(void) {
  return 0;
}

const bench_contender bench_direct_gnutls = {"direct", setup, teardown,   open_pair,
                                             transfer, rest,  close_pair, allocations};
