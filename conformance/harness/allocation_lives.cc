// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "allocation_lives.h"

#include <algorithm>

#include "starved_backend.h"

namespace conformance {

void AllocationLives::fail_each(const std::function<void()> &start_peer, const Live &live) {
  size_t number = 0;
  for (; number < 5000; number++) {
    SCOPED_TRACE(testing::Message() << "allocation " << number);
    start_over();
    ledger_ = Ledger();
    ledger_.fail_at = number;
    start_peer();
    wasi_tls_result result = live();
    EXPECT_EQ(ledger_.live, 0u) << "leaked";
    if (!ledger_.failed) {
      EXPECT_EQ(result, WASI_TLS_OK);
      break;
    }
    EXPECT_EQ(result, WASI_TLS_ERR_OUT_OF_MEMORY);
    if (HasFailure()) return;
  }
  EXPECT_GT(number, 10u) << "the allocator is hardly used";
  record_count("failed allocations", number);
}

void AllocationLives::starve_each(Options *options, const std::function<void()> &start_peer, const Live &live,
                                  bool good) {
  if (!can_starve()) return;
  size_t number = 0;
  for (starvation.failed = true; starvation.failed && !HasFailure(); number++) {
    SCOPED_TRACE(testing::Message() << "allocation " << number);
    start_over();
    ledger_ = Ledger();
    options->backend = starved(options->engine);
    starvation = Starvation();
    starvation.fail_at = number;
    start_peer();
    wasi_tls_result result = live();
    EXPECT_EQ(ledger_.live, 0u) << "leaked";
    EXPECT_TRUE(starvation.failed || !good || result == WASI_TLS_OK) << result;
    EXPECT_TRUE(good || result != WASI_TLS_OK) << "a false success";
    EXPECT_NE(wasi_tls_result_class(result), WASI_TLS_CLASS_USAGE) << result;
  }
  record_count("failed allocations of backends", number - 1);
}

wasi_tls_result AllocationLives::open(Side<ClientApi> *side) {
  client_options.allocator = ledger_.allocator();
  wasi_tls_result result = client_options.build(&side->config);
  if (result != WASI_TLS_OK) return result;
  Input input(wire().client_input());
  Output output(wire().client_output());
  result = wasi_tls_client_connection_new(side->config.get(), input.get(), output.get(), side->connection.out());
  if (result != WASI_TLS_OK) return result;
  (void)input.release();
  (void)output.release();
  result = wasi_tls_client_connection_connect(side->connection.get(), view_of(kServerName), side->handshake.out());
  if (result != WASI_TLS_OK) return result;
  wasi_tls_bytes alpn = view_of("h2");
  result = wasi_tls_client_handshake_configure_alpn_ids(side->handshake.get(), &alpn, 1);
  if (result != WASI_TLS_OK) return result;
  side->identity = parse_identity(side->config, client_chain(KeyType::kP256), &result);
  if (result != WASI_TLS_OK) return result;
  wasi_tls_private_identity *raw = side->identity.get();
  return wasi_tls_client_handshake_configure_client_identities(side->handshake.get(), &raw, 1);
}

wasi_tls_result AllocationLives::open(Side<ServerApi> *side) {
  server_options.allocator = ledger_.allocator();
  wasi_tls_result result = server_options.build(&side->config);
  if (result != WASI_TLS_OK) return result;
  side->identity = parse_identity(side->config, server_chain(KeyType::kP256), &result);
  if (result != WASI_TLS_OK) return result;
  Input input(wire().server_input());
  Output output(wire().server_output());
  result = wasi_tls_server_connection_new(side->config.get(), input.get(), output.get(), side->connection.out());
  if (result != WASI_TLS_OK) return result;
  (void)input.release();
  (void)output.release();
  result = wasi_tls_server_connection_accept(side->connection.get(), side->handshake.out());
  if (result != WASI_TLS_OK) return result;
  wasi_tls_private_identity *raw = side->identity.get();
  return wasi_tls_server_handshake_configure_server_identities(side->handshake.get(), &raw, 1);
}

void AllocationLives::wait_on(const Pollable &pollable) {
  bool ready = false;
  pump().await("side under test", pollable.get(), [&ready] { ready = true; });
  run();
  EXPECT_TRUE(ready);
  if (!ready) pump().forget();
}

template <class Future, class Raw>
wasi_tls_result AllocationLives::wait_for(Future &future, wasi_tls_result (*subscribe)(Raw *, wasi_tls_pollable **),
                                          const Live &get) {
  Pollable pollable;
  wasi_tls_result result = subscribe(future.get(), pollable.out());
  if (result != WASI_TLS_OK) return result;
  wait_on(pollable);
  return get();
}

wasi_tls_result AllocationLives::verify(Side<ClientApi> *side) {
  if (!client_can(WASI_TLS_CAP_VERIFY_SERVER_IDENTITY)) return WASI_TLS_OK;
  FuturePublicIdentity future;
  PublicIdentity shown;
  wasi_tls_result result = wasi_tls_client_handshake_verify_server_identity(side->handshake.get(), future.out());
  if (result != WASI_TLS_OK) return result;
  return wait_for(future, wasi_tls_future_public_identity_subscribe,
                  [&] { return wasi_tls_future_public_identity_get(future.get(), shown.out()); });
}

wasi_tls_result AllocationLives::answer_request(Side<ClientApi> *side) {
  if (!client_can(WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST)) return WASI_TLS_OK;
  FutureIdentityRequest future;
  IdentityRequest request;
  wasi_tls_result result =
      wasi_tls_client_handshake_receive_client_identity_request(side->handshake.get(), future.out());
  if (result != WASI_TLS_OK) return result;
  result = wait_for(future, wasi_tls_future_client_identity_request_subscribe,
                    [&] { return wasi_tls_future_client_identity_request_get(future.get(), request.out()); });
  if (result != WASI_TLS_OK || !request) return result;
  wasi_tls_private_identity *raw = side->identity.get();
  return wasi_tls_client_identity_request_respond(request.get(), &raw, 1);
}

wasi_tls_result AllocationLives::receive_hello(Side<ServerApi> *side) {
  if (!server_can(WASI_TLS_CAP_CLIENT_HELLO)) return WASI_TLS_OK;
  FutureClientHello future;
  ClientHello hello;
  wasi_tls_result result = wasi_tls_server_handshake_receive_client_hello(side->handshake.get(), future.out());
  if (result != WASI_TLS_OK) return result;
  result = wait_for(future, wasi_tls_future_client_hello_subscribe,
                    [&] { return wasi_tls_future_client_hello_get(future.get(), hello.out()); });
  if (result != WASI_TLS_OK) return result;
  wasi_tls_bytes alpn = view_of("h2");
  return wasi_tls_server_handshake_configure_alpn_ids(side->handshake.get(), &alpn, 1);
}

wasi_tls_result AllocationLives::request_identity(Side<ServerApi> *side) {
  if (!server_can(WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY)) return WASI_TLS_OK;
  FuturePublicIdentity future;
  PublicIdentity shown;
  wasi_tls_result result = wasi_tls_server_handshake_request_client_identity(side->handshake.get(), future.out());
  if (result != WASI_TLS_OK) return result;
  return wait_for(future, wasi_tls_future_public_identity_subscribe,
                  [&] { return wasi_tls_future_public_identity_get(future.get(), shown.out()); });
}

wasi_tls_result AllocationLives::request_identity_late(Side<ServerApi> *side) {
  FuturePublicIdentity future;
  PublicIdentity shown;
  wasi_tls_result result = wasi_tls_server_connection_request_client_identity(side->connection.get(), future.out());
  if (result != WASI_TLS_OK) return result;
  return wait_for(future, wasi_tls_future_public_identity_subscribe,
                  [&] { return wasi_tls_future_public_identity_get(future.get(), shown.out()); });
}

template <class Api>
wasi_tls_result AllocationLives::finish(Side<Api> *side) {
  FutureStreams streams;
  wasi_tls_result result = Api::finish(side->handshake.get(), streams.out());
  if (result != WASI_TLS_OK) return result;
  side->handshake.reset();
  wasi_tls_input_stream *in = nullptr;
  wasi_tls_output_stream *out = nullptr;
  result = wait_for(streams, wasi_tls_future_streams_subscribe,
                    [&] { return wasi_tls_future_streams_get(streams.get(), &in, &out); });
  if (result != WASI_TLS_OK) return result;
  side->input = Input(in);
  side->output = Output(out);
  return result;
}

template <class Api>
wasi_tls_result AllocationLives::abort(Side<Api> *side) {
  Pollable written;
  wasi_tls_result result = Api::abort(side->handshake.get(), written.out());
  if (result != WASI_TLS_OK) return result;
  side->handshake.reset();
  wait_on(written);
  return result;
}

wasi_tls_result AllocationLives::exchange(Input &input, Output &output, Channel &out) {
  Pollable readable, writable;
  wasi_tls_result result = wasi_tls_input_stream_subscribe(input.get(), readable.out());
  if (result == WASI_TLS_OK) result = wasi_tls_output_stream_subscribe(output.get(), writable.out());
  size_t permit = 0;
  if (result == WASI_TLS_OK) result = wasi_tls_output_stream_check_write(output.get(), &permit);
  if (result != WASI_TLS_OK) return result;
  Bytes data = pattern(std::min<size_t>(permit, 20000));
  out.stop_writes(true);
  result = wasi_tls_output_stream_write(output.get(), data.data(), data.size());
  out.stop_writes(false);
  if (result != WASI_TLS_OK) return result;
  wait_on(writable);
  size_t count = 0;
  result = wasi_tls_output_stream_flush(output.get());
  if (result != WASI_TLS_OK) return result;
  return wasi_tls_input_stream_read(input.get(), data.data(), data.size(), &count);
}

template wasi_tls_result AllocationLives::finish(Side<ClientApi> *side);
template wasi_tls_result AllocationLives::finish(Side<ServerApi> *side);
template wasi_tls_result AllocationLives::abort(Side<ClientApi> *side);
template wasi_tls_result AllocationLives::abort(Side<ServerApi> *side);

}  // namespace conformance
