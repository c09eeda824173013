/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * OpenSSL used directly, as its manual shows: one SSL_CTX for each role, an SSL over a BIO for each connection,
 * SSL_write_ex and SSL_read_ex, with the engine's defaults for buffers. Tickets are off, as in the library. On idle
 * connections the record buffers are released.
 */
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "contender.h"
#include "wire.h"

extern const bench_contender bench_direct_openssl;

typedef struct shared_state {
  SSL_CTX *client;
  SSL_CTX *server;
  BIO_METHOD *method;
} shared_state;

typedef struct wire_end {
  bench_wire *in;
  bench_wire *out;
} wire_end;

struct bench_pair {
  SSL *client;
  SSL *server;
  wire_end client_end;
  wire_end server_end;
  bench_wire *up;
  bench_wire *down;
};

static int end_read(BIO *bio, char *buffer, size_t len, size_t *count) {
  wire_end *end = BIO_get_data(bio);
  *count = bench_wire_take(end->in, (uint8_t *)buffer, len);
  BIO_clear_retry_flags(bio);
  if (*count != 0) return 1;
  BIO_set_retry_read(bio);
  return 0;
}

static int end_write(BIO *bio, const char *data, size_t len, size_t *count) {
  wire_end *end = BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  if (bench_wire_room(end->out) < len) {
    BIO_set_retry_write(bio);
    return 0;
  }
  bench_wire_put(end->out, (const uint8_t *)data, len);
  *count = len;
  return 1;
}

static long end_control(BIO *bio, int command, long number, void *pointer) {
  (void)bio;
  (void)number;
  (void)pointer;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static int end_create(BIO *bio) {
  BIO_set_init(bio, 1);
  return 1;
}

static X509 *read_certificate(const char *pem) {
  BIO *bio = BIO_new_mem_buf(pem, -1);
  X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
  BIO_free(bio);
  return certificate;
}

static EVP_PKEY *read_key(const char *pem) {
  BIO *bio = BIO_new_mem_buf(pem, -1);
  EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
  BIO_free(bio);
  return key;
}

static void settle(SSL_CTX *context) {
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256");
}

static void *setup(const bench_pki *pki) {
  shared_state *shared = calloc(1, sizeof(*shared));
  shared->client = SSL_CTX_new(TLS_client_method());
  shared->server = SSL_CTX_new(TLS_server_method());
  settle(shared->client);
  settle(shared->server);
  shared->method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
  BIO_meth_set_read_ex(shared->method, end_read);
  BIO_meth_set_write_ex(shared->method, end_write);
  BIO_meth_set_ctrl(shared->method, end_control);
  BIO_meth_set_create(shared->method, end_create);
  X509 *ca = read_certificate(pki->ca);
  X509 *leaf = read_certificate(pki->certificate);
  EVP_PKEY *key = read_key(pki->key);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(shared->client), ca);
  SSL_CTX_set_verify(shared->client, SSL_VERIFY_PEER, NULL);
  SSL_CTX_use_certificate(shared->server, leaf);
  SSL_CTX_use_PrivateKey(shared->server, key);
  X509_free(ca);
  X509_free(leaf);
  EVP_PKEY_free(key);
  return shared;
}

static void teardown(void *opaque) {
  shared_state *shared = opaque;
  SSL_CTX_free(shared->client);
  SSL_CTX_free(shared->server);
  BIO_meth_free(shared->method);
  free(shared);
}

static SSL *new_side(SSL_CTX *context, const BIO_METHOD *method, wire_end *end) {
  SSL *ssl = SSL_new(context);
  BIO *bio = BIO_new(method);
  BIO_set_data(bio, end);
  SSL_set_bio(ssl, bio, bio);
  return ssl;
}

static void close_side(SSL *ssl) {
  if (SSL_is_init_finished(ssl)) SSL_shutdown(ssl);
  SSL_free(ssl);
}

static void close_pair(bench_pair *pair) {
  close_side(pair->client);
  close_side(pair->server);
  free(pair->up);
  free(pair->down);
  free(pair);
}

static bool shake(bench_pair *pair) {
  for (int turn = 0; turn < 8; turn++) {
    int client = SSL_do_handshake(pair->client);
    if (client != 1 && SSL_get_error(pair->client, client) != SSL_ERROR_WANT_READ) return false;
    int server = SSL_do_handshake(pair->server);
    if (server != 1 && SSL_get_error(pair->server, server) != SSL_ERROR_WANT_READ) return false;
    if (client == 1 && server == 1) return true;
  }
  return false;
}

static bench_pair *open_pair(void *opaque) {
  shared_state *shared = opaque;
  bench_pair *pair = calloc(1, sizeof(*pair));
  pair->up = malloc(sizeof(*pair->up));
  pair->down = malloc(sizeof(*pair->down));
  pair->up->start = pair->up->end = pair->down->start = pair->down->end = 0;
  pair->client_end = (wire_end){pair->down, pair->up};
  pair->server_end = (wire_end){pair->up, pair->down};
  pair->client = new_side(shared->client, shared->method, &pair->client_end);
  pair->server = new_side(shared->server, shared->method, &pair->server_end);
  SSL_set_connect_state(pair->client);
  SSL_set_accept_state(pair->server);
  SSL_set_tlsext_host_name(pair->client, "localhost");
  SSL_set1_host(pair->client, "localhost");
  if (shake(pair)) return pair;
  close_pair(pair);
  return NULL;
}

static bool transfer(bench_pair *pair, const uint8_t *data, uint8_t *out, size_t len) {
  size_t written = 0;
  if (SSL_write_ex(pair->client, data, len, &written) != 1 || written != len) return false;
  for (size_t got = 0; got < len;) {
    size_t count = 0;
    if (SSL_read_ex(pair->server, out + got, len - got, &count) != 1) return false;
    got += count;
  }
  return true;
}

static void rest(bench_pair *pair) {
  SSL_free_buffers(pair->client);
  SSL_free_buffers(pair->server);
}

static uint64_t allocations(void) {
  return 0;
}

const bench_contender bench_direct_openssl = {"direct", setup, teardown,   open_pair,
                                              transfer, rest,  close_pair, allocations};
