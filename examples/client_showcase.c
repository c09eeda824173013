/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Everything a client can do: ALPN, a check of its own on the server's certificate, an identity if the server asks
 * for one, the connection's properties. Then HTTP's GET, the answer on standard output.
 *
 *   client_showcase HOST PORT CAFILE KEY CERTIFICATE [PATH [LARGEST]]
 *
 * With LARGEST, a server whose certificate has more bytes than that is refused: the custom check.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common.h"

typedef struct program {
  wasi_tls_fd_loop *loop;
  wasi_tls_config *config;
  wasi_tls_private_identity *client_cert;
  wasi_tls_client_connection *connection;
  const char *host;
  const char *path;
  size_t largest;
} program;

/* The embedder's side: whom to trust. And the guest's own identity. */
static void prepare(program *self, char **argv) {
  wasi_tls_config_options options;
  config_defaults(&options);
  wasi_tls_bytes anchors = read_file(argv[3]);
  wasi_tls_bytes key = read_file(argv[4]);
  wasi_tls_bytes chain = read_file(argv[5]);
  options.server_trust = (wasi_tls_trust){WASI_TLS_TRUST_LIST, &anchors, 1};
  options.post_handshake_auth = true;
  check(wasi_tls_config_new(&options, &self->config, NULL), "config");
  check(wasi_tls_private_identity_parse(self->config, key, &chain, 1, &self->client_cert), "private-identity.parse");
  free_file(anchors);
  free_file(key);
  free_file(chain);
}

/* Receive and validate server certificate. True if it is good enough. */
static wasi_tls_result verify(const program *self, wasi_tls_client_handshake *handshake, bool *good) {
  wasi_tls_future_public_identity *future = NULL;
  wasi_tls_public_identity *server_cert = NULL;
  const wasi_tls_bytes *certificates = NULL;
  size_t count = 0;
  check(wasi_tls_client_handshake_verify_server_identity(handshake, &future), "verify-server-identity");
  wasi_tls_result result = await_public_identity(self->loop, future, &server_cert);
  if (result != WASI_TLS_OK) return result;

  /* The default validation has passed. What is checked here comes in addition to it. */
  check(wasi_tls_public_identity_export_x509_chain(server_cert, &certificates, &count), "export-X509-chain");
  print_identity("server certificate", server_cert);
  *good = certificates[0].len <= self->largest;
  wasi_tls_public_identity_free(server_cert);
  return WASI_TLS_OK;
}

/* Handle client certificate request. */
static wasi_tls_result answer(const program *self, wasi_tls_client_handshake *handshake) {
  wasi_tls_future_client_identity_request *future = NULL;
  wasi_tls_client_identity_request *request = NULL;
  check(wasi_tls_client_handshake_receive_client_identity_request(handshake, &future),
        "receive-client-identity-request");
  wasi_tls_result result = await_identity_request(self->loop, future, &request);
  if (result != WASI_TLS_OK) return result;
  if (request == NULL) {
    printf("client certificate: not requested\n");
    return WASI_TLS_OK;
  }
  const wasi_tls_bytes *authorities = NULL;
  size_t count = 0;
  check(wasi_tls_client_identity_request_authorities(request, &authorities, &count), "authorities");
  printf("client certificate: requested, %zu acceptable issuers\n", count);
  result = wasi_tls_client_identity_request_respond(request, &self->client_cert, 1);
  wasi_tls_client_identity_request_free(request);
  return result;
}

/* Display TLS connection status. */
static void print_properties(const wasi_tls_client_connection *connection) {
  wasi_tls_bytes name = text("none");
  wasi_tls_bytes alpn = text("none");
  wasi_tls_private_identity *client = NULL;
  wasi_tls_public_identity *client_public = NULL;
  wasi_tls_public_identity *server = NULL;
  wasi_tls_protocol_version version = 0;
  wasi_tls_cipher_suite suite = 0;

  (void)wasi_tls_client_connection_server_name(connection, &name);
  (void)wasi_tls_client_connection_alpn_id(connection, &alpn);
  (void)wasi_tls_client_connection_server_identity(connection, &server);
  (void)wasi_tls_client_connection_protocol_version(connection, &version);
  (void)wasi_tls_client_connection_cipher_suite(connection, &suite);
  if (wasi_tls_client_connection_client_identity(connection, &client))
    check(wasi_tls_private_identity_public_identity(client, &client_public), "public-identity");

  print_status(name, alpn, client_public, server, version, suite);
  wasi_tls_public_identity_free(server);
  wasi_tls_public_identity_free(client_public);
  wasi_tls_private_identity_free(client);
}

static wasi_tls_result get(const program *self, wasi_tls_input_stream *tls_input, wasi_tls_output_stream *tls_output) {
  char request[512];
  int len = snprintf(request, sizeof(request), "GET %.128s HTTP/1.1\r\nHost: %.255s\r\nConnection: close\r\n\r\n",
                     self->path, self->host);
  wasi_tls_result result = wasi_tls_fd_loop_write(self->loop, tls_output, (uint8_t *)request, (size_t)len, TIMEOUT_MS);
  if (result == WASI_TLS_OK) result = print_all(self->loop, tls_input);
  wasi_tls_output_stream_free(tls_output);
  wasi_tls_input_stream_free(tls_input);
  return result == WASI_TLS_ERR_CLOSED ? WASI_TLS_OK : result;
}

static wasi_tls_result run(const program *self, wasi_tls_client_handshake *handshake) {
  /* Configure settings: it is HTTP/1.1 that is spoken here. */
  wasi_tls_bytes alpn_ids[] = {text("http/1.1")};
  check(wasi_tls_client_handshake_configure_alpn_ids(handshake, alpn_ids, 1), "configure-alpn-ids");

  bool good = true;
  wasi_tls_result result = verify(self, handshake, &good);
  if (result == WASI_TLS_OK && !good) {
    wasi_tls_pollable *written = NULL;
    check(wasi_tls_client_handshake_abort(handshake, &written), "abort");
    await_abort(self->loop, written);
    return WASI_TLS_ERR_ABORTED;
  }
  if (result == WASI_TLS_OK) result = answer(self, handshake);
  if (result != WASI_TLS_OK) return result;

  wasi_tls_future_streams *future = NULL;
  wasi_tls_input_stream *tls_input = NULL;
  wasi_tls_output_stream *tls_output = NULL;
  check(wasi_tls_client_handshake_finish(handshake, &future), "finish");
  result = await_streams(self->loop, future, &tls_input, &tls_output);
  if (result != WASI_TLS_OK) return result;
  print_properties(self->connection);
  return get(self, tls_input, tls_output);
}

int main(int argc, char **argv) {
  if (argc < 6 || argc > 8) {
    fprintf(stderr, "usage: client_showcase HOST PORT CAFILE KEY CERTIFICATE [PATH [LARGEST]]\n");
    return EXIT_FAILURE;
  }
  program self = {.loop = new_loop(), .host = argv[1], .path = argc > 6 ? argv[6] : "/"};
  self.largest = argc > 7 ? (size_t)strtoul(argv[7], NULL, 10) : SIZE_MAX;
  prepare(&self, argv);

  wasi_tls_input_stream *tcp_input = NULL;
  wasi_tls_output_stream *tcp_output = NULL;
  tcp_connect(self.loop, self.host, argv[2], &tcp_input, &tcp_output);
  check(wasi_tls_client_connection_new(self.config, tcp_input, tcp_output, &self.connection), "client-connection");

  wasi_tls_client_handshake *handshake = NULL;
  wasi_tls_error error;
  wasi_tls_error_init(&error);
  check(wasi_tls_client_connection_connect(self.connection, text(self.host), &handshake), "connect");
  wasi_tls_result result = run(&self, handshake);
  if (result != WASI_TLS_OK && wasi_tls_client_connection_last_error(self.connection, &error))
    print_error("connection", &error);

  wasi_tls_client_handshake_free(handshake);
  wasi_tls_client_connection_free(self.connection);
  wasi_tls_private_identity_free(self.client_cert);
  wasi_tls_config_free(self.config);
  wasi_tls_fd_loop_free(self.loop);
  check(result, "client");
  return EXIT_SUCCESS;
}
