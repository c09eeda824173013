/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Everything a server can do: it looks at the ClientHello, chooses identity and ALPN by the name in it, asks for the
 * client's identity, and asks again after the handshake when "GET /secure" is requested.
 *
 *   server_showcase PORT NAME KEY1 CERTIFICATE1 KEY2 CERTIFICATE2 [CONNECTIONS]
 *
 * Clients that ask for NAME get the first identity, all others the second. Port 0 takes a free one. With CONNECTIONS
 * it ends after so many clients, whether they succeeded or not. "named" in the place of a key says that the
 * certificate's place has the name of an identity that the host has: its key never comes here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/status.h"
#include "shared/tcp.h"

typedef struct program {
  private_identity id1;
  private_identity id2;
  const char *name;
} program;

static private_identity identity_of(const char *key, const char *certificate) {
  return strcmp(key, "named") == 0 ? open_identity(certificate) : parse_identity(key, certificate);
}

static void print_hello(const guest_option_string_t *name, wasi_tls_types_borrow_client_hello_t hello) {
  wasi_tls_types_list_alpn_id_t alpn_ids;
  wasi_tls_types_list_cipher_suite_t suites;
  print_bytes("hello: server name", name->is_some ? (bytes){name->val.ptr, name->val.len} : text_bytes("none"));
  wasi_tls_types_method_client_hello_alpn_ids(hello, &alpn_ids);
  for (size_t i = 0; i < alpn_ids.len; i++)
    print_bytes("hello: alpn", (bytes){alpn_ids.ptr[i].ptr, alpn_ids.ptr[i].len});
  wasi_tls_types_method_client_hello_cipher_suites(hello, &suites);
  printf("hello: cipher suites:");
  for (size_t i = 0; i < suites.len; i++) printf(" %04x", (unsigned)suites.ptr[i]);
  printf("\n");
  wasi_tls_types_list_alpn_id_free(&alpn_ids);
  wasi_tls_types_list_cipher_suite_free(&suites);
}

/* Prints a ClientHello and drops it. True if it asks for the name. */
static bool asks_for(const char *wanted, client_hello hello) {
  wasi_tls_types_borrow_client_hello_t borrowed = wasi_tls_types_borrow_client_hello(hello);
  guest_option_string_t name;
  name.is_some = wasi_tls_types_method_client_hello_server_name(borrowed, &name.val);
  print_hello(&name, borrowed);
  bool same = name.is_some && name.val.len == strlen(wanted) && memcmp(name.val.ptr, wanted, name.val.len) == 0;
  guest_option_string_free(&name);
  wasi_tls_types_client_hello_drop_own(hello);
  return same;
}

/* Configure connection properties based on ClientHello. */
static bool configure(const program *self, wasi_tls_types_borrow_server_handshake_t handshake) {
  wasi_tls_types_own_future_client_hello_t future;
  client_hello hello;
  check(wasi_tls_types_method_server_handshake_receive_client_hello(handshake, &future), "receive-client-hello");
  if (!await_client_hello(future, &hello)) return false;
  bool known = asks_for(self->name, hello);

  bytes newer = text_bytes("http/1.1");
  bytes older = text_bytes("http/1.0");
  wasi_tls_types_alpn_id_t ids[] = {{newer.ptr, newer.len}, {older.ptr, older.len}};
  wasi_tls_types_list_alpn_id_t alpn_ids = {ids, known ? 1 : 2};
  wasi_tls_types_borrow_private_identity_t id = wasi_tls_types_borrow_private_identity(known ? self->id1 : self->id2);
  wasi_tls_types_list_borrow_private_identity_t identities = {&id, 1};
  check(wasi_tls_types_method_server_handshake_configure_alpn_ids(handshake, &alpn_ids), "configure-alpn-ids");
  check(wasi_tls_types_method_server_handshake_configure_server_identities(handshake, &identities),
        "configure-server-identities");
  return true;
}

/* Request client certificate. */
static bool request_identity(wasi_tls_types_borrow_server_handshake_t handshake) {
  wasi_tls_types_own_future_public_identity_t future;
  optional_identity client_cert;
  check(wasi_tls_types_method_server_handshake_request_client_identity(handshake, &future), "request-client-identity");
  if (!await_public_identity(future, &client_cert)) return false;

  /* The default validation has passed, or there is none. A check of one's own would come here, and abort if need be. */
  print_identity("client certificate", &client_cert);
  drop_identity(&client_cert);
  return true;
}

/* Display TLS connection status. */
static void print_properties(wasi_tls_types_borrow_server_connection_t self) {
  private_identity server;
  status all;
  all.server_name.is_some = wasi_tls_types_method_server_connection_server_name(self, &all.server_name.val);
  all.alpn_id.is_some = wasi_tls_types_method_server_connection_alpn_id(self, &all.alpn_id.val);
  all.client.is_some = wasi_tls_types_method_server_connection_client_identity(self, &all.client.val);
  all.server.is_some = wasi_tls_types_method_server_connection_server_identity(self, &server);
  if (all.server.is_some) all.server.val = public_part(server);
  check(wasi_tls_types_method_server_connection_protocol_version(self, &all.version), "protocol-version");
  check(wasi_tls_types_method_server_connection_cipher_suite(self, &all.suite), "cipher-suite");
  print_status(&all);
}

/* Perform post-handshake authentication: for a client that is not known yet, and can be asked. */
static bool authenticate(wasi_tls_types_borrow_server_connection_t connection) {
  optional_identity client_cert;
  client_cert.is_some = wasi_tls_types_method_server_connection_client_identity(connection, &client_cert.val);
  drop_identity(&client_cert);
  if (client_cert.is_some) return true;

  wasi_tls_types_own_future_public_identity_t future;
  if (!wasi_tls_types_method_server_connection_request_client_identity(connection, &future)) {
    printf("post-handshake: the client can't be asked\n");
    return true;
  }
  if (!await_public_identity(future, &client_cert)) return false;
  print_identity("post-handshake", &client_cert);
  drop_identity(&client_cert);
  return true;
}

static bool respond(wasi_tls_types_borrow_server_connection_t connection, streams tls) {
  bytes request;
  bytes secure = text_bytes("GET /secure");
  if (read_some(tls.input, 4096, &request) != IO_OK) return false;
  print_bytes("request", request);
  bool good = true;
  if (request.len >= secure.len && memcmp(request.ptr, secure.ptr, secure.len) == 0) good = authenticate(connection);
  guest_list_u8_free(&request);
  return good && write_all(tls.output, text_bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                                                  "Connection: close\r\n\r\n")) == IO_OK;
}

static bool serve(const program *self, wasi_tls_types_borrow_server_connection_t connection) {
  server_handshake handshake;
  check(wasi_tls_types_method_server_connection_accept(connection, &handshake), "accept");
  wasi_tls_types_borrow_server_handshake_t borrowed = wasi_tls_types_borrow_server_handshake(handshake);
  if (!configure(self, borrowed) || !request_identity(borrowed)) {
    wasi_tls_types_server_handshake_drop_own(handshake);
    return false;
  }
  streams tls;
  if (!await_streams(wasi_tls_types_static_server_handshake_finish(handshake), &tls)) return false;
  print_properties(connection);
  bool good = respond(connection, tls);
  drop_streams(tls);
  return good;
}

/* One client, from its connection to the end of it. */
static void serve_next(const program *self, tcp_socket listener) {
  tcp_connection tcp = tcp_accept(listener);
  server_connection connection = wasi_tls_types_constructor_server_connection(tcp.raw.input, tcp.raw.output);
  wasi_tls_types_borrow_server_connection_t borrowed = wasi_tls_types_borrow_server_connection(connection);
  wasi_tls_types_error_detail_t error;
  if (!serve(self, borrowed) && wasi_tls_types_method_server_connection_last_error(borrowed, &error))
    print_error("client", &error);
  wasi_tls_types_server_connection_drop_own(connection);
  tcp_drop(tcp.socket);
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc != 7 && argc != 8) {
    fprintf(stderr, "usage: server_showcase PORT NAME KEY1 CERTIFICATE1 KEY2 CERTIFICATE2 [CONNECTIONS]\n");
    return EXIT_FAILURE;
  }
  program self = {identity_of(argv[3], argv[4]), identity_of(argv[5], argv[6]), argv[2]};
  tcp_socket listener = tcp_listen(argv[1]);
  for (long left = argc == 8 ? strtol(argv[7], NULL, 10) : -1; left != 0; left -= left > 0) serve_next(&self, listener);
  tcp_drop(listener);
  wasi_tls_types_private_identity_drop_own(self.id2);
  wasi_tls_types_private_identity_drop_own(self.id1);
  return EXIT_SUCCESS;
}
