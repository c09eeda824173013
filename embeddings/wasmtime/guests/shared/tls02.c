/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "tls02.h"

typedef wasi_tls_types_result_result_tuple3_own_client_connection_own_input_stream_own_output_stream_own_io_error_void_t
    outcome;

bool tls02_handshake(streams raw, const char *server_name, client_connection *connection, streams *tls) {
  guest_string_t name = text(server_name);
  wasi_tls_types_own_future_client_streams_t future = wasi_tls_types_static_client_handshake_finish(
      wasi_tls_types_constructor_client_handshake(&name, raw.input, raw.output));
  wasi_tls_types_borrow_future_client_streams_t borrowed = wasi_tls_types_borrow_future_client_streams(future);
  outcome result;
  block(wasi_tls_types_method_future_client_streams_subscribe(borrowed));
  check(wasi_tls_types_method_future_client_streams_get(borrowed, &result) && !result.is_err, "future");
  wasi_tls_types_future_client_streams_drop_own(future);
  if (result.val.ok.is_err) {
    print_io_error("handshake", result.val.ok.val.err);
    return false;
  }
  *connection = result.val.ok.val.ok.f0;
  *tls = (streams){result.val.ok.val.ok.f1, result.val.ok.val.ok.f2};
  return true;
}
