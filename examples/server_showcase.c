/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Everything a server can do: it looks at the ClientHello, chooses identity and ALPN by the name in it, asks for the
 * client's identity, and asks again after the handshake when "GET /secure" is requested.
 *
 *   server_showcase ADDRESS PORT NAME KEY1 CERTIFICATE1 KEY2 CERTIFICATE2 CLIENT_CAFILE [CONNECTIONS]
 *
 * Clients that ask for NAME get the first identity, all others the second. Port 0 takes a free one. With CONNECTIONS
 * it ends after so many clients, whether they succeeded or not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

typedef struct program {
  wasi_tls_fd_loop *loop;
  wasi_tls_config *config;
  wasi_tls_private_identity *id1;
  wasi_tls_private_identity *id2;
  const char *name;
} program;

static wasi_tls_private_identity *parse(wasi_tls_config *config, const char *key_file, const char *chain_file) {
  wasi_tls_private_identity *id = NULL;
  wasi_tls_bytes key = read_file(key_file);
  wasi_tls_bytes chain = read_file(chain_file);
  check(wasi_tls_private_identity_parse(config, key, &chain, 1, &id), "private-identity.parse");
  free_file(key);
  free_file(chain);
  return id;
}

/* The embedder's side: whom to trust. And the guest's own identities. */
static void prepare(program *self, char **argv) {
  wasi_tls_config_options options;
  config_defaults(&options);
  wasi_tls_bytes anchors = read_file(argv[8]);
  options.client_trust = (wasi_tls_trust){WASI_TLS_TRUST_LIST, &anchors, 1};
  check(wasi_tls_config_new(&options, &self->config, NULL), "config");
  free_file(anchors);
  self->name = argv[3];
  self->id1 = parse(self->config, argv[4], argv[5]);
  self->id2 = parse(self->config, argv[6], argv[7]);
}

static void print_hello(const wasi_tls_client_hello *hello) {
  wasi_tls_bytes name = text("none");
  const wasi_tls_bytes *alpn_ids = NULL;
  const wasi_tls_cipher_suite *suites = NULL;
  size_t count = 0;
  (void)wasi_tls_client_hello_server_name(hello, &name);
  print_bytes("hello: server name", name);
  check(wasi_tls_client_hello_alpn_ids(hello, &alpn_ids, &count), "alpn-ids");
  for (size_t i = 0; i < count; i++) print_bytes("hello: alpn", alpn_ids[i]);
  check(wasi_tls_client_hello_cipher_suites(hello, &suites, &count), "cipher-suites");
  printf("hello: cipher suites:");
  for (size_t i = 0; i < count; i++) printf(" %04x", (unsigned)suites[i]);
  printf("\n");
}

/* Configure connection properties based on ClientHello. */
static wasi_tls_result configure(const program *self, wasi_tls_server_handshake *handshake) {
  wasi_tls_future_client_hello *future = NULL;
  wasi_tls_client_hello *hello = NULL;
  wasi_tls_bytes name;
  check(wasi_tls_server_handshake_receive_client_hello(handshake, &future), "receive-client-hello");
  wasi_tls_result result = await_client_hello(self->loop, future, &hello);
  if (result != WASI_TLS_OK) return result;
  print_hello(hello);

  bool known = wasi_tls_client_hello_server_name(hello, &name) && name.len == strlen(self->name) &&
               memcmp(name.data, self->name, name.len) == 0;
  wasi_tls_bytes alpn_ids[] = {text("http/1.1"), text("http/1.0")};
  check(wasi_tls_server_handshake_configure_alpn_ids(handshake, alpn_ids, known ? 1 : 2), "configure-alpn-ids");
  check(wasi_tls_server_handshake_configure_server_identities(handshake, known ? &self->id1 : &self->id2, 1),
        "configure-server-identities");
  wasi_tls_client_hello_free(hello);
  return WASI_TLS_OK;
}

/* Request client certificate. */
static wasi_tls_result request_identity(const program *self, wasi_tls_server_handshake *handshake) {
  wasi_tls_future_public_identity *future = NULL;
  wasi_tls_public_identity *client_cert = NULL;
  wasi_tls_result result = wasi_tls_server_handshake_request_client_identity(handshake, &future);
  if (result == WASI_TLS_OK) result = await_public_identity(self->loop, future, &client_cert);
  if (result != WASI_TLS_OK) return result;

  /* The default validation has passed, or there is none. A check of one's own would come here, and abort if need be. */
  print_identity("client certificate", client_cert);
  wasi_tls_public_identity_free(client_cert);
  return WASI_TLS_OK;
}

/* Display TLS connection status. */
static void print_properties(const wasi_tls_server_connection *connection) {
  wasi_tls_bytes name = text("none");
  wasi_tls_bytes alpn = text("none");
  wasi_tls_public_identity *client = NULL;
  wasi_tls_private_identity *server = NULL;
  wasi_tls_public_identity *server_public = NULL;
  wasi_tls_protocol_version version = 0;
  wasi_tls_cipher_suite suite = 0;

  (void)wasi_tls_server_connection_server_name(connection, &name);
  (void)wasi_tls_server_connection_alpn_id(connection, &alpn);
  (void)wasi_tls_server_connection_client_identity(connection, &client);
  (void)wasi_tls_server_connection_protocol_version(connection, &version);
  (void)wasi_tls_server_connection_cipher_suite(connection, &suite);
  if (wasi_tls_server_connection_server_identity(connection, &server))
    check(wasi_tls_private_identity_public_identity(server, &server_public), "public-identity");

  print_status(name, alpn, client, server_public, version, suite);
  wasi_tls_public_identity_free(client);
  wasi_tls_public_identity_free(server_public);
  wasi_tls_private_identity_free(server);
}

/* Perform post-handshake authentication: for a client that is not known yet, and can be asked. */
static wasi_tls_result authenticate(const program *self, wasi_tls_server_connection *connection) {
  wasi_tls_public_identity *client_cert = NULL;
  if (wasi_tls_server_connection_client_identity(connection, &client_cert)) {
    wasi_tls_public_identity_free(client_cert);
    return WASI_TLS_OK;
  }
  wasi_tls_future_public_identity *future = NULL;
  wasi_tls_result result = wasi_tls_server_connection_request_client_identity(connection, &future);
  if (result == WASI_TLS_ERR_UNSUPPORTED) {
    printf("post-handshake: the client can't be asked\n");
    return WASI_TLS_OK;
  }
  if (result == WASI_TLS_OK) result = await_public_identity(self->loop, future, &client_cert);
  if (result == WASI_TLS_OK) print_identity("post-handshake", client_cert);
  wasi_tls_public_identity_free(client_cert);
  return result;
}

static wasi_tls_result respond(const program *self, wasi_tls_server_connection *connection,
                               wasi_tls_input_stream *tls_input, wasi_tls_output_stream *tls_output) {
  uint8_t request[4096];
  size_t len = 0;
  wasi_tls_bytes response = text("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  wasi_tls_bytes secure = text("GET /secure");
  wasi_tls_result result = wasi_tls_fd_loop_read(self->loop, tls_input, request, sizeof(request), &len, TIMEOUT_MS);
  if (result != WASI_TLS_OK) return result;
  print_bytes("request", (wasi_tls_bytes){request, len});

  if (len >= secure.len && memcmp(request, secure.data, secure.len) == 0) result = authenticate(self, connection);
  if (result != WASI_TLS_OK) return result;
  return wasi_tls_fd_loop_write(self->loop, tls_output, response.data, response.len, TIMEOUT_MS);
}

static wasi_tls_result serve(const program *self, wasi_tls_server_connection *connection,
                             wasi_tls_server_handshake *handshake) {
  wasi_tls_result result = configure(self, handshake);
  if (result == WASI_TLS_OK) result = request_identity(self, handshake);
  if (result != WASI_TLS_OK) return result;

  wasi_tls_future_streams *future = NULL;
  wasi_tls_input_stream *tls_input = NULL;
  wasi_tls_output_stream *tls_output = NULL;
  check(wasi_tls_server_handshake_finish(handshake, &future), "finish");
  result = await_streams(self->loop, future, &tls_input, &tls_output);
  if (result != WASI_TLS_OK) return result;
  print_properties(connection);
  result = respond(self, connection, tls_input, tls_output);
  wasi_tls_output_stream_free(tls_output);
  wasi_tls_input_stream_free(tls_input);
  return result;
}

int main(int argc, char **argv) {
  if (argc != 9 && argc != 10) {
    fprintf(stderr,
            "usage: server_showcase ADDRESS PORT NAME KEY1 CERTIFICATE1 KEY2 CERTIFICATE2 CLIENT_CAFILE "
            "[CONNECTIONS]\n");
    return EXIT_FAILURE;
  }
  program self = {.loop = new_loop()};
  prepare(&self, argv);
  int listener = tcp_listen(argv[1], argv[2]);
  for (long left = argc == 10 ? strtol(argv[9], NULL, 10) : -1; left != 0; left -= left > 0) {
    wasi_tls_input_stream *tcp_input = NULL;
    wasi_tls_output_stream *tcp_output = NULL;
    tcp_accept(self.loop, listener, &tcp_input, &tcp_output);

    wasi_tls_server_connection *connection = NULL;
    wasi_tls_server_handshake *handshake = NULL;
    wasi_tls_error error;
    wasi_tls_error_init(&error);
    check(wasi_tls_server_connection_new(self.config, tcp_input, tcp_output, &connection), "server-connection");
    check(wasi_tls_server_connection_accept(connection, &handshake), "accept");
    if (serve(&self, connection, handshake) != WASI_TLS_OK && wasi_tls_server_connection_last_error(connection, &error))
      print_error("client", &error);
    wasi_tls_server_handshake_free(handshake);
    wasi_tls_server_connection_free(connection);
    fflush(stdout);
  }
  close(listener);
  wasi_tls_private_identity_free(self.id2);
  wasi_tls_private_identity_free(self.id1);
  wasi_tls_config_free(self.config);
  wasi_tls_fd_loop_free(self.loop);
  return EXIT_SUCCESS;
}
