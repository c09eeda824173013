/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Everything a client can do: ALPN, a check of its own on the server's certificate, an identity if the server asks
 * for one, the connection's properties. Then HTTP's GET, the answer on standard output.
 *
 *   client_showcase HOST PORT KEY CERTIFICATE [PATH [LARGEST]]
 *
 * With LARGEST, a server whose certificate has more bytes than that is refused: the custom check.
 */
#include <stdio.h>
#include <stdlib.h>

#include "shared/status.h"
#include "shared/tcp.h"

typedef struct program {
  private_identity client_cert;
  client_connection connection;
  const char *host;
  const char *path;
  size_t largest;
} program;

/* Receive and validate server certificate. |good| if it is good enough. */
static bool verify(const program *self, client_handshake handshake, bool *good) {
  wasi_tls_types_own_future_public_identity_t future;
  optional_identity server_cert;
  check(wasi_tls_types_method_client_handshake_verify_server_identity(wasi_tls_types_borrow_client_handshake(handshake),
                                                                      &future),
        "verify-server-identity");
  if (!await_public_identity(future, &server_cert)) return false;

  /* The default validation has passed. What is checked here comes in addition to it. */
  guest_list_list_u8_t chain;
  print_identity("server certificate", &server_cert);
  wasi_tls_types_method_public_identity_export_x509_chain(wasi_tls_types_borrow_public_identity(server_cert.val),
                                                          &chain);
  *good = chain.ptr[0].len <= self->largest;
  guest_list_list_u8_free(&chain);
  drop_identity(&server_cert);
  return true;
}

/* Handle client certificate request. */
static bool answer(const program *self, client_handshake handshake) {
  wasi_tls_types_own_future_client_identity_request_t future;
  optional_request request;
  check(wasi_tls_types_method_client_handshake_receive_client_identity_request(
            wasi_tls_types_borrow_client_handshake(handshake), &future),
        "receive-client-identity-request");
  if (!await_identity_request(future, &request)) return false;
  if (!request.is_some) {
    printf("client certificate: not requested\n");
    return true;
  }
  guest_list_list_u8_t authorities;
  wasi_tls_types_method_client_identity_request_authorities(wasi_tls_types_borrow_client_identity_request(request.val),
                                                            &authorities);
  printf("client certificate: requested, %zu acceptable issuers\n", authorities.len);
  guest_list_list_u8_free(&authorities);

  wasi_tls_types_borrow_private_identity_t borrowed = wasi_tls_types_borrow_private_identity(self->client_cert);
  wasi_tls_types_list_borrow_private_identity_t identities = {&borrowed, 1};
  wasi_tls_types_static_client_identity_request_respond(request.val, &identities);
  return true;
}

/* Display TLS connection status. */
static void print_properties(client_connection connection) {
  wasi_tls_types_borrow_client_connection_t self = wasi_tls_types_borrow_client_connection(connection);
  private_identity client;
  status all;
  all.server_name.is_some = wasi_tls_types_method_client_connection_server_name(self, &all.server_name.val);
  all.alpn_id.is_some = wasi_tls_types_method_client_connection_alpn_id(self, &all.alpn_id.val);
  all.client.is_some = wasi_tls_types_method_client_connection_client_identity(self, &client);
  if (all.client.is_some) all.client.val = public_part(client);
  all.server.is_some = wasi_tls_types_method_client_connection_server_identity(self, &all.server.val);
  check(wasi_tls_types_method_client_connection_protocol_version(self, &all.version), "protocol-version");
  check(wasi_tls_types_method_client_connection_cipher_suite(self, &all.suite), "cipher-suite");
  print_status(&all);
}

static bool get(const program *self, streams tls) {
  char request[512];
  snprintf(request, sizeof(request), "GET %.128s HTTP/1.1\r\nHost: %.255s\r\nConnection: close\r\n\r\n", self->path,
           self->host);
  bool good = write_all(tls.output, text_bytes(request)) == IO_OK && print_all(tls.input) == IO_CLOSED;
  drop_streams(tls);
  return good;
}

static bool run(const program *self, client_handshake handshake) {
  /* Configure settings: it is HTTP/1.1 that is spoken here. */
  bytes http = text_bytes("http/1.1");
  wasi_tls_types_alpn_id_t alpn_id = {http.ptr, http.len};
  wasi_tls_types_list_alpn_id_t alpn_ids = {&alpn_id, 1};
  check(wasi_tls_types_method_client_handshake_configure_alpn_ids(wasi_tls_types_borrow_client_handshake(handshake),
                                                                  &alpn_ids),
        "configure-alpn-ids");

  bool good = true;
  bool going = verify(self, handshake, &good);
  if (going && !good) {
    block(wasi_tls_types_static_client_handshake_abort(handshake));
    return false;
  }
  if (!going || !answer(self, handshake)) {
    wasi_tls_types_client_handshake_drop_own(handshake);
    return false;
  }

  streams tls;
  if (!await_streams(wasi_tls_types_static_client_handshake_finish(handshake), &tls)) return false;
  print_properties(self->connection);
  return get(self, tls);
}

int main(int argc, char **argv) {
  if (argc < 5 || argc > 7) {
    fprintf(stderr, "usage: client_showcase HOST PORT KEY CERTIFICATE [PATH [LARGEST]]\n");
    return EXIT_FAILURE;
  }
  program self = {.host = argv[1], .path = argc > 5 ? argv[5] : "/"};
  self.largest = argc > 6 ? (size_t)strtoul(argv[6], NULL, 10) : SIZE_MAX;
  self.client_cert = parse_identity(argv[3], argv[4]);

  tcp_connection tcp = tcp_connect(self.host, argv[2]);
  client_handshake handshake;
  wasi_tls_types_error_detail_t error;
  self.connection = tls_client(tcp.raw, self.host, &handshake);
  bool good = run(&self, handshake);
  if (!good && wasi_tls_types_method_client_connection_last_error(
                   wasi_tls_types_borrow_client_connection(self.connection), &error))
    print_error("connection", &error);

  wasi_tls_types_client_connection_drop_own(self.connection);
  wasi_tls_types_private_identity_drop_own(self.client_cert);
  tcp_drop(tcp.socket);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
