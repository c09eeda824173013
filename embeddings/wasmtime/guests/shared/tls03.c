/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "tls03.h"

#include <stdio.h>

side tls_send(connector self) {
  side made;
  wasi_tls_client_tuple2_stream_u8_future_result_void_own_error_t streams;
  reader cleartext = wasi_tls_client_stream_u8_new(&made.in);
  wasi_tls_client_method_connector_send(wasi_tls_client_borrow_connector(self), cleartext, &streams);
  made.out = streams.f0;
  made.end = streams.f1;
  return made;
}

side tls_receive_from(connector self, reader ciphertext) {
  wasi_tls_client_tuple2_stream_u8_future_result_void_own_error_t streams;
  wasi_tls_client_method_connector_receive(wasi_tls_client_borrow_connector(self), ciphertext, &streams);
  return (side){.out = streams.f0, .end = streams.f1};
}

side tls_receive(connector self) {
  writer in;
  reader ciphertext = wasi_tls_client_stream_u8_new(&in);
  side made = tls_receive_from(self, ciphertext);
  made.in = in;
  return made;
}

operation read_from(reader stream, uint8_t *buffer, size_t len) {
  return started(stream, wasi_tls_client_stream_u8_read(stream, buffer, len));
}

operation write_to(writer stream, const uint8_t *data, size_t len) {
  return started(stream, wasi_tls_client_stream_u8_write(stream, data, len));
}

bool print_result(const char *label, const result *outcome) {
  if (!outcome->is_err) {
    fprintf(stderr, "%s: ok\n", label);
    return true;
  }
  guest_string_t words;
  wasi_tls_types_method_error_to_debug_string(wasi_tls_types_borrow_error(outcome->val.err), &words);
  fprintf(stderr, "%s: %.*s\n", label, (int)words.len, (const char *)words.ptr);
  guest_string_free(&words);
  wasi_tls_types_error_drop_own(outcome->val.err);
  return false;
}

bool print_ending(const char *label, ending end) {
  result outcome;
  operation read = started(end, wasi_tls_client_future_result_void_own_error_read(end, &outcome));
  check(GUEST_WAITABLE_STATE(await(&read)) == GUEST_WAITABLE_COMPLETED, label);
  wasi_tls_client_future_result_void_own_error_drop_readable(end);
  return print_result(label, &outcome);
}

bool handshake(connector self, const char *server_name) {
  result outcome;
  operation connect = called(wasi_tls_client_static_connector_connect(self, text(server_name), &outcome));
  await(&connect);
  return !outcome.is_err || print_result("handshake", &outcome);
}
