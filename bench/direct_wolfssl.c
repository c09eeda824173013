/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * wolfSSL used directly, as its manual shows: one WOLFSSL_CTX for each role with the trust anchor or the identity in
 * it, and two callbacks for the transport. Tickets are off, as in the library. The engine gives its buffers back by
 * itself.
 */
#include <wolfssl/options.h>

#include <stdlib.h>
#include <string.h>
#include <wolfssl/ssl.h>

#include "contender.h"
#include "wire.h"

extern const bench_contender bench_direct_wolfssl;

typedef struct shared_state {
  WOLFSSL_CTX *client;
  WOLFSSL_CTX *server;
} shared_state;

typedef struct wire_end {
  bench_wire *in;
  bench_wire *out;
} wire_end;

struct bench_pair {
  WOLFSSL *client;
  WOLFSSL *server;
  wire_end client_end;
  wire_end server_end;
  bench_wire *up;
  bench_wire *down;
};

static int end_read(WOLFSSL *ssl, char *buffer, int len, void *context) {
  const wire_end *end = context;
  (void)ssl;
  size_t count = bench_wire_take(end->in, (uint8_t *)buffer, (size_t)len);
  return count != 0 ? (int)count : WOLFSSL_CBIO_ERR_WANT_READ;
}

static int end_write(WOLFSSL *ssl, char *data, int len, void *context) {
  const wire_end *end = context;
  (void)ssl;
  if (bench_wire_room(end->out) < (size_t)len) return WOLFSSL_CBIO_ERR_WANT_WRITE;
  bench_wire_put(end->out, (const uint8_t *)data, (size_t)len);
  return len;
}

static void settle(WOLFSSL_CTX *context) {
  wolfSSL_CTX_no_ticket_TLSv13(context);
  wolfSSL_CTX_set_session_cache_mode(context, WOLFSSL_SESS_CACHE_OFF);
  wolfSSL_CTX_set_cipher_list(context, "TLS13-AES128-GCM-SHA256");
  wolfSSL_CTX_set_group_messages(context);
  wolfSSL_CTX_SetIORecv(context, end_read);
  wolfSSL_CTX_SetIOSend(context, end_write);
}

static void *setup(const bench_pki *pki) {
  shared_state *shared = calloc(1, sizeof(*shared));
  wolfSSL_Init();
  shared->client = wolfSSL_CTX_new(wolfTLSv1_3_client_method());
  shared->server = wolfSSL_CTX_new(wolfTLSv1_3_server_method());
  settle(shared->client);
  settle(shared->server);
  wolfSSL_CTX_load_verify_buffer(shared->client, (const unsigned char *)pki->ca, (long)strlen(pki->ca),
                                 WOLFSSL_FILETYPE_PEM);
  wolfSSL_CTX_set_verify(shared->client, WOLFSSL_VERIFY_PEER, NULL);
  wolfSSL_CTX_use_certificate_buffer(shared->server, (const unsigned char *)pki->certificate,
                                     (long)strlen(pki->certificate), WOLFSSL_FILETYPE_PEM);
  wolfSSL_CTX_use_PrivateKey_buffer(shared->server, (const unsigned char *)pki->key, (long)strlen(pki->key),
                                    WOLFSSL_FILETYPE_PEM);
  return shared;
}

static void teardown(void *opaque) {
  shared_state *shared = opaque;
  wolfSSL_CTX_free(shared->client);
  wolfSSL_CTX_free(shared->server);
  wolfSSL_Cleanup();
  free(shared);
}

static WOLFSSL *new_side(WOLFSSL_CTX *context, wire_end *end) {
  WOLFSSL *ssl = wolfSSL_new(context);
  wolfSSL_SetIOReadCtx(ssl, end);
  wolfSSL_SetIOWriteCtx(ssl, end);
  return ssl;
}

static void close_side(WOLFSSL *ssl) {
  if (wolfSSL_is_init_finished(ssl)) wolfSSL_shutdown(ssl);
  wolfSSL_free(ssl);
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
    int client = wolfSSL_connect(pair->client);
    if (client != WOLFSSL_SUCCESS && wolfSSL_get_error(pair->client, client) != WOLFSSL_ERROR_WANT_READ) return false;
    int server = wolfSSL_accept(pair->server);
    if (server != WOLFSSL_SUCCESS && wolfSSL_get_error(pair->server, server) != WOLFSSL_ERROR_WANT_READ) return false;
    if (client == WOLFSSL_SUCCESS && server == WOLFSSL_SUCCESS) return true;
  }
  return false;
}

static bench_pair *open_pair(void *opaque) {
  shared_state *shared = opaque;
  int groups[] = {WOLFSSL_ECC_X25519, WOLFSSL_ECC_SECP256R1};
  bench_pair *pair = calloc(1, sizeof(*pair));
  pair->up = malloc(sizeof(*pair->up));
  pair->down = malloc(sizeof(*pair->down));
  pair->up->start = pair->up->end = pair->down->start = pair->down->end = 0;
  pair->client_end = (wire_end){pair->down, pair->up};
  pair->server_end = (wire_end){pair->up, pair->down};
  pair->client = new_side(shared->client, &pair->client_end);
  pair->server = new_side(shared->server, &pair->server_end);
  wolfSSL_set_groups(pair->client, groups, 2);
  wolfSSL_UseKeyShare(pair->client, WOLFSSL_ECC_X25519);
  wolfSSL_UseSNI(pair->client, WOLFSSL_SNI_HOST_NAME, "localhost", 9);
  wolfSSL_check_domain_name(pair->client, "localhost");
  if (shake(pair)) return pair;
  close_pair(pair);
  return NULL;
}

static bool transfer(bench_pair *pair, const uint8_t *data, uint8_t *out, size_t len) {
  if (wolfSSL_write(pair->client, data, (int)len) != (int)len) return false;
  for (size_t got = 0; got < len;) {
    int count = wolfSSL_read(pair->server, out + got, (int)(len - got));
    if (count <= 0) return false;
    got += (size_t)count;
  }
  return true;
}

static void rest(bench_pair *pair) {
  (void)pair;
}

static uint64_t allocations(void) {
  return 0;
}

const bench_contender bench_direct_wolfssl = {"direct", setup, teardown,   open_pair,
                                              transfer, rest,  close_pair, allocations};
