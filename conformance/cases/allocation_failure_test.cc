// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Each allocation fails in turn (behaviour 191), in lives that between them make every call that allocates: out of
// memory is the answer, nothing leaks, nothing hangs.
#include "allocation_lives.h"

using namespace conformance;

namespace {

class AllocationFailure : public AllocationLives {
 protected:
  void start_server() {
    EXPECT_EQ(server().configure_alpn({to_bytes("h2")}), WASI_TLS_OK);
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
  }
  void start_client() {
    EXPECT_EQ(client().configure_alpn({to_bytes("h2")}), WASI_TLS_OK);
    PrivateIdentity identity = client().parse(client_chain(KeyType::kP256));
    EXPECT_EQ(client().configure_identities({&identity}), WASI_TLS_OK);
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
  }
  bool late_requests_possible() const {
    return tls13() && server_can(WASI_TLS_CAP_POST_HANDSHAKE_SERVER) && client_can(WASI_TLS_CAP_POST_HANDSHAKE_CLIENT);
  }

  wasi_tls_result live_as_client() {
    Side<ClientApi> side;
    wasi_tls_result result = open(&side);
    if (result == WASI_TLS_OK) result = verify(&side);
    if (result == WASI_TLS_OK) result = answer_request(&side);
    if (result == WASI_TLS_OK) result = finish(&side);
    if (result == WASI_TLS_OK) result = exchange(side.input, side.output, to_server());
    return result;
  }
  wasi_tls_result live_as_server() {
    Side<ServerApi> side;
    wasi_tls_result result = open(&side);
    if (result == WASI_TLS_OK) result = receive_hello(&side);
    if (result == WASI_TLS_OK) result = request_identity(&side);
    if (result == WASI_TLS_OK) result = finish(&side);
    if (result == WASI_TLS_OK) result = exchange(side.input, side.output, to_client());
    return result;
  }
  wasi_tls_result ask_late() {
    Side<ServerApi> side;
    wasi_tls_result result = open(&side);
    if (result == WASI_TLS_OK) result = finish(&side);
    if (result != WASI_TLS_OK) return result;
    client().receive();
    return request_identity_late(&side);
  }
  wasi_tls_result answer_late() {
    Side<ClientApi> side;
    wasi_tls_result result = open(&side);
    if (result == WASI_TLS_OK) result = finish(&side);
    if (result != WASI_TLS_OK) return result;
    EXPECT_EQ(server().request_identity_late(), WASI_TLS_OK);
    uint8_t byte;
    size_t count = 0;
    result = wasi_tls_input_stream_read(side.input.get(), &byte, 1, &count);
    run();
    return result;
  }
};

}  // namespace

// A client through every step, with an identity and a protocol, and data over a transport that blocks.
CONFORMANCE_CASE(AllocationFailure, allocation_failure, client) {
  server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_OPTIONAL;
  fail_each([this] { start_server(); }, [this] { return live_as_client(); });
}

CONFORMANCE_CASE(AllocationFailure, allocation_failure, server) {
  fail_each([this] { start_client(); }, [this] { return live_as_server(); });
}

// The same in what is between the core and the engine.
SOLO_CASE(AllocationFailure, allocation_failure, backend_of_a_client) {
  server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_OPTIONAL;
  starve_each(
      &client_options, [this] { start_server(); }, [this] { return live_as_client(); });
}

SOLO_CASE(AllocationFailure, allocation_failure, backend_of_a_server) {
  server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_OPTIONAL;
  starve_each(
      &server_options, [this] { start_client(); }, [this] { return live_as_server(); });
}

// Nobody is trusted for want of memory.
SOLO_CASE(AllocationFailure, allocation_failure, backend_of_a_client_without_trust) {
  client_options.server_anchors = {other_root()->der};
  starve_each(
      &client_options, [this] { start_server(); }, [this] { return live_as_client(); }, false);
}

SOLO_CASE(AllocationFailure, allocation_failure, backend_of_a_server_without_trust) {
  server_options.client_anchors = {other_root()->der};
  server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_REQUIRED;
  starve_each(
      &server_options, [this] { start_client(); }, [this] { return live_as_server(); }, false);
}

// abort, at the point where the peer is known.
CONFORMANCE_CASE(AllocationFailure, allocation_failure, client_that_aborts) {
  fail_each([this] { start_server(); },
            [this] {
              Side<ClientApi> side;
              wasi_tls_result result = open(&side);
              if (result == WASI_TLS_OK) result = verify(&side);
              return result == WASI_TLS_OK ? abort(&side) : result;
            });
}

CONFORMANCE_CASE(AllocationFailure, allocation_failure, server_that_aborts) {
  fail_each([this] { start_client(); },
            [this] {
              Side<ServerApi> side;
              wasi_tls_result result = open(&side);
              if (result == WASI_TLS_OK) result = receive_hello(&side);
              return result == WASI_TLS_OK ? abort(&side) : result;
            });
}

// A request behind the handshake, on the side that asks and on the one that answers.
CONFORMANCE_CASE(AllocationFailure, allocation_failure, server_that_asks_late) {
  if (!late_requests_possible()) return;
  client_options.post_handshake_auth = true;
  fail_each([this] { start_client(); }, [this] { return ask_late(); });
}

CONFORMANCE_CASE(AllocationFailure, allocation_failure, client_that_answers_late) {
  if (!late_requests_possible()) return;
  client_options.post_handshake_auth = true;
  fail_each([this] { start_server(); }, [this] { return answer_late(); });
}

// A configuration with all that can be in one.
CONFORMANCE_CASE(AllocationFailure, allocation_failure, configuration) {
  server_options.crls = {revocation_list(root(), {}), revocation_list(intermediate(), {})};
  server_options.identities = {{"one", server_chain(KeyType::kP256)}, {"two", server_chain(KeyType::kRsa)}};
  server_options.allocator = ledger_.allocator();
  fail_each([] {},
            [this] {
              Config config;
              PrivateIdentity opened;
              PublicIdentity shown;
              wasi_tls_result result = server_options.build(&config);
              if (result == WASI_TLS_OK)
                result = wasi_tls_private_identity_open(config.get(), view_of("two"), opened.out());
              if (result == WASI_TLS_OK) result = wasi_tls_private_identity_public_identity(opened.get(), shown.out());
              return result;
            });
}
