/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "tls.h"

client_connection tls_client(streams raw, const char *host, client_handshake *handshake) {
  client_connection connection = wasi_tls_types_constructor_client_connection(raw.input, raw.output);
  guest_string_t name = text(host);
  check(wasi_tls_types_method_client_connection_connect(wasi_tls_types_borrow_client_connection(connection), &name,
                                                        handshake),
        "connect");
  return connection;
}

private_identity parse_identity(const char *key_file, const char *chain_file) {
  private_identity identity;
  bytes key = read_file(key_file);
  bytes certificates = read_file(chain_file);
  guest_list_list_u8_t chain = {&certificates, 1};
  check(wasi_tls_types_static_private_identity_parse(&key, &chain, &identity), "private-identity.parse");
  guest_list_u8_free(&key);
  guest_list_u8_free(&certificates);
  return identity;
}

private_identity open_identity(const char *name) {
  private_identity identity;
  guest_string_t wanted = text(name);
  check(wasi_tls_types_static_private_identity_open(&wanted, &identity), "private-identity.open");
  return identity;
}

/* take_KIND: the outcome of a future-KIND, which is the same thing for each type of outcome. */
#define DEFINE_TAKE(kind, outcome_type)                                                             \
  static bool take_##kind(wasi_tls_types_own_future_##kind##_t future, outcome_type *outcome) {     \
    wasi_tls_types_borrow_future_##kind##_t borrowed = wasi_tls_types_borrow_future_##kind(future); \
    block(wasi_tls_types_method_future_##kind##_subscribe(borrowed));                               \
    bool there = wasi_tls_types_method_future_##kind##_get(borrowed, outcome);                      \
    wasi_tls_types_future_##kind##_drop_own(future);                                                \
    return there && !outcome->is_err && !outcome->val.ok.is_err;                                    \
  }

DEFINE_TAKE(streams, wasi_tls_types_result_result_tuple2_own_input_stream_own_output_stream_void_void_t)
DEFINE_TAKE(client_hello, wasi_tls_types_result_result_own_client_hello_void_void_t)
DEFINE_TAKE(public_identity, wasi_tls_types_result_result_option_own_public_identity_void_void_t)
DEFINE_TAKE(client_identity_request, wasi_tls_types_result_result_option_own_client_identity_request_void_void_t)

bool await_streams(wasi_tls_types_own_future_streams_t future, streams *both) {
  wasi_tls_types_result_result_tuple2_own_input_stream_own_output_stream_void_void_t outcome;
  bool good = take_streams(future, &outcome);
  if (good) *both = (streams){outcome.val.ok.val.ok.f0, outcome.val.ok.val.ok.f1};
  return good;
}

bool await_client_hello(wasi_tls_types_own_future_client_hello_t future, client_hello *hello) {
  wasi_tls_types_result_result_own_client_hello_void_void_t outcome;
  bool good = take_client_hello(future, &outcome);
  if (good) *hello = outcome.val.ok.val.ok;
  return good;
}

bool await_public_identity(wasi_tls_types_own_future_public_identity_t future, optional_identity *identity) {
  wasi_tls_types_result_result_option_own_public_identity_void_void_t outcome;
  bool good = take_public_identity(future, &outcome);
  if (good) *identity = outcome.val.ok.val.ok;
  return good;
}

bool await_identity_request(wasi_tls_types_own_future_client_identity_request_t future, optional_request *request) {
  wasi_tls_types_result_result_option_own_client_identity_request_void_void_t outcome;
  bool good = take_client_identity_request(future, &outcome);
  if (good) *request = outcome.val.ok.val.ok;
  return good;
}
