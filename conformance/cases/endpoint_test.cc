// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The layer without I/O (endpoint.h): handshake, steps, data and close over plain byte vectors.
#include <algorithm>

#include "case.h"
#include "wasi_tls/endpoint.h"

using namespace conformance;

namespace {

using Endpoint = Handle<wasi_tls_endpoint, wasi_tls_endpoint_free>;

class EndpointCase : public Case {
 protected:
  void make_both() {
    ASSERT_EQ(client_options.build(&client_config_), WASI_TLS_OK);
    ASSERT_EQ(server_options.build(&server_config_), WASI_TLS_OK);
    ASSERT_EQ(wasi_tls_endpoint_new(client_config_.get(), WASI_TLS_ROLE_CLIENT, of_client_.out()), WASI_TLS_OK);
    ASSERT_EQ(wasi_tls_endpoint_new(server_config_.get(), WASI_TLS_ROLE_SERVER, of_server_.out()), WASI_TLS_OK);
    ASSERT_EQ(wasi_tls_endpoint_connect(of_client_.get(), view_of(kServerName)), WASI_TLS_OK);
    ASSERT_EQ(wasi_tls_endpoint_accept(of_server_.get()), WASI_TLS_OK);
    PrivateIdentity identity = parse_identity(server_config_, server_chain(KeyType::kP256));
    wasi_tls_private_identity *raw = identity.get();
    ASSERT_EQ(wasi_tls_endpoint_configure_identities(of_server_.get(), &raw, 1), WASI_TLS_OK);
  }
  // Moves all output of |from| to |to|, |chop| bytes at a time. How many bytes that were.
  size_t carry(Endpoint &from, Endpoint &to, size_t chop = kNever) {
    size_t total = 0;
    for (;;) {
      wasi_tls_bytes output = wasi_tls_endpoint_output(from.get());
      if (output.len == 0) return total;
      size_t part = std::min(output.len, chop), accepted = 0;
      EXPECT_EQ(wasi_tls_endpoint_input(to.get(), output.data, part, &accepted), WASI_TLS_OK);
      if (accepted == 0) return total;
      wasi_tls_endpoint_output_sent(from.get(), accepted);
      total += accepted;
    }
  }
  // Drives both until neither says anything more.
  void converse(size_t chop = kNever) {
    for (int turn = 0; turn < 100000; turn++) {
      client_result_ = wasi_tls_endpoint_drive(of_client_.get());
      size_t moved = carry(of_client_, of_server_, chop);
      server_result_ = wasi_tls_endpoint_drive(of_server_.get());
      moved += carry(of_server_, of_client_, chop);
      if (moved == 0) return;
    }
    ADD_FAILURE() << "the conversation does not end";
  }
  void finish_endpoints(size_t chop = kNever) {
    ASSERT_EQ(wasi_tls_endpoint_start(of_client_.get(), WASI_TLS_STEP_FINISH), WASI_TLS_OK);
    ASSERT_EQ(wasi_tls_endpoint_start(of_server_.get(), WASI_TLS_STEP_FINISH), WASI_TLS_OK);
    converse(chop);
    ASSERT_EQ(client_result_, WASI_TLS_OK);
    ASSERT_EQ(server_result_, WASI_TLS_OK);
  }
  wasi_tls_result read_all(Endpoint &from, Bytes *to) {
    uint8_t buffer[1000];
    for (;;) {
      size_t count = 0;
      wasi_tls_result result = wasi_tls_endpoint_read(from.get(), buffer, sizeof(buffer), &count);
      if (result != WASI_TLS_OK) return result;
      to->insert(to->end(), buffer, buffer + count);
    }
  }
  // |data| from one to the other, with as much waiting in between as the endpoints allow.
  void expect_transfer(Endpoint &from, Endpoint &to, const Bytes &data) {
    Bytes arrived;
    size_t at = 0;
    for (int turn = 0; turn < 100000 && (at < data.size() || wasi_tls_endpoint_output(from.get()).len != 0); turn++) {
      size_t permit = 0;
      ASSERT_EQ(wasi_tls_endpoint_check_write(from.get(), &permit), WASI_TLS_OK);
      size_t part = std::min(permit, data.size() - at);
      ASSERT_EQ(wasi_tls_endpoint_write(from.get(), data.data() + at, part), WASI_TLS_OK);
      at += part;
      carry(from, to);
      ASSERT_EQ(read_all(to, &arrived), WASI_TLS_PENDING);
    }
    EXPECT_TRUE(arrived == data);
  }
  wasi_tls_properties properties(const Endpoint &of) {
    wasi_tls_properties value;
    value.size = sizeof(value);
    EXPECT_EQ(wasi_tls_endpoint_properties(of.get(), &value), WASI_TLS_OK);
    return value;
  }
  std::vector<Bytes> peer_identity(const Endpoint &of) {
    PublicIdentity identity;
    EXPECT_EQ(wasi_tls_endpoint_peer_identity(of.get(), identity.out()), WASI_TLS_OK);
    return identity ? export_chain(identity) : std::vector<Bytes>();
  }

  Config client_config_, server_config_;
  Endpoint of_client_, of_server_;
  wasi_tls_result client_result_ = WASI_TLS_PENDING, server_result_ = WASI_TLS_PENDING;
};

}  // namespace

// Handshake, properties, data both ways and close.
CONFORMANCE_CASE(EndpointCase, endpoint, whole_life) {
  make_both();
  finish_endpoints();
  EXPECT_EQ(properties(of_client_).version, pairing.version);
  EXPECT_EQ(properties(of_client_).cipher_suite, properties(of_server_).cipher_suite);
  EXPECT_EQ(to_string(properties(of_server_).server_name), kServerName);
  EXPECT_EQ(properties(of_client_).alpn_id.data, nullptr);
  EXPECT_EQ(peer_identity(of_client_), ders_of(server_chain(KeyType::kP256)));
  EXPECT_TRUE(peer_identity(of_server_).empty());
  expect_transfer(of_client_, of_server_, pattern(300000, 1));
  expect_transfer(of_server_, of_client_, pattern(300000, 2));
  Bytes none;
  EXPECT_EQ(wasi_tls_endpoint_close(of_client_.get()), WASI_TLS_OK);
  EXPECT_GT(carry(of_client_, of_server_), 0u);
  EXPECT_EQ(read_all(of_server_, &none), WASI_TLS_ERR_CLOSED);
  EXPECT_EQ(wasi_tls_endpoint_close(of_client_.get()), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_endpoint_output(of_client_.get()).len, 0u);
  // The other direction is open still.
  expect_transfer(of_server_, of_client_, pattern(1000));
  EXPECT_EQ(wasi_tls_endpoint_close(of_server_.get()), WASI_TLS_OK);
  carry(of_server_, of_client_);
  EXPECT_EQ(read_all(of_client_, &none), WASI_TLS_ERR_CLOSED);
}

// To ask whether there is cleartext takes none of it.
CONFORMANCE_CASE(EndpointCase, endpoint, asking_takes_nothing) {
  make_both();
  finish_endpoints();
  Bytes data = pattern(5), arrived;
  size_t permit = 0, count = 0;
  EXPECT_EQ(wasi_tls_endpoint_read(of_server_.get(), nullptr, 0, &count), WASI_TLS_PENDING);
  EXPECT_EQ(wasi_tls_endpoint_check_write(of_client_.get(), &permit), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_endpoint_write(of_client_.get(), data.data(), data.size()), WASI_TLS_OK);
  carry(of_client_, of_server_);
  for (int time = 0; time < 2; time++) {
    EXPECT_EQ(wasi_tls_endpoint_read(of_server_.get(), nullptr, 0, &count), WASI_TLS_OK);
    EXPECT_EQ(count, 0u);
  }
  EXPECT_EQ(read_all(of_server_, &arrived), WASI_TLS_PENDING);
  EXPECT_TRUE(arrived == data);
}

// One byte at a time.
CONFORMANCE_CASE(EndpointCase, endpoint, one_byte_at_a_time) {
  make_both();
  finish_endpoints(1);
  expect_transfer(of_client_, of_server_, pattern(2000));
}

// No byte comes out before a step is started, and none goes on while suspended.
CONFORMANCE_CASE(EndpointCase, endpoint, steps) {
  make_both();
  converse();
  EXPECT_EQ(client_result_, WASI_TLS_OK);
  ASSERT_EQ(wasi_tls_endpoint_start(of_server_.get(), WASI_TLS_STEP_CLIENT_HELLO), WASI_TLS_OK);
  ASSERT_EQ(wasi_tls_endpoint_start(of_client_.get(), WASI_TLS_STEP_SERVER_IDENTITY), WASI_TLS_OK);
  converse();
  EXPECT_EQ(server_result_, WASI_TLS_OK);
  EXPECT_EQ(client_result_, WASI_TLS_PENDING);
  EXPECT_EQ(to_string(properties(of_server_).server_name), kServerName);
  EXPECT_EQ(wasi_tls_endpoint_output(of_server_.get()).len, 0u);
  ASSERT_EQ(wasi_tls_endpoint_start(of_server_.get(), WASI_TLS_STEP_FINISH), WASI_TLS_OK);
  converse();
  EXPECT_EQ(client_result_, WASI_TLS_OK);
  EXPECT_EQ(peer_identity(of_client_), ders_of(server_chain(KeyType::kP256)));
  EXPECT_EQ(wasi_tls_endpoint_output(of_client_.get()).len, 0u);
  ASSERT_EQ(wasi_tls_endpoint_start(of_client_.get(), WASI_TLS_STEP_FINISH), WASI_TLS_OK);
  converse();
  EXPECT_EQ(client_result_, WASI_TLS_OK);
  EXPECT_EQ(server_result_, WASI_TLS_OK);
}

// Steps of the other role and out of order.
CONFORMANCE_CASE(EndpointCase, endpoint, wrong_steps) {
  make_both();
  EXPECT_EQ(wasi_tls_endpoint_start(of_client_.get(), WASI_TLS_STEP_CLIENT_HELLO), WASI_TLS_ERR_WRONG_STATE);
  EXPECT_EQ(wasi_tls_endpoint_start(of_client_.get(), WASI_TLS_STEP_CLIENT_IDENTITY), WASI_TLS_ERR_WRONG_STATE);
  EXPECT_EQ(wasi_tls_endpoint_start(of_server_.get(), WASI_TLS_STEP_SERVER_IDENTITY), WASI_TLS_ERR_WRONG_STATE);
  EXPECT_EQ(wasi_tls_endpoint_start(of_client_.get(), WASI_TLS_STEP_OPEN), WASI_TLS_ERR_ENUM_VALUE);
  EXPECT_EQ(wasi_tls_endpoint_accept(of_client_.get()), WASI_TLS_ERR_WRONG_STATE);
  EXPECT_EQ(wasi_tls_endpoint_connect(of_client_.get(), view_of(kServerName)), WASI_TLS_ERR_WRONG_STATE);
  uint8_t byte = 0;
  size_t count = 0;
  EXPECT_EQ(wasi_tls_endpoint_write(of_client_.get(), &byte, 1), WASI_TLS_ERR_WRONG_STATE);
  EXPECT_NE(wasi_tls_endpoint_read(of_client_.get(), &byte, 1, &count), WASI_TLS_OK);
  finish_endpoints();
}

// A client identity, asked for and answered.
CONFORMANCE_CASE(EndpointCase, endpoint, client_identity) {
  if (!client_can(WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST) || !server_can(WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY)) return;
  make_both();
  ASSERT_EQ(wasi_tls_endpoint_start(of_server_.get(), WASI_TLS_STEP_CLIENT_IDENTITY), WASI_TLS_OK);
  ASSERT_EQ(wasi_tls_endpoint_start(of_client_.get(), WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST), WASI_TLS_OK);
  converse();
  ASSERT_EQ(client_result_, WASI_TLS_OK);
  PrivateIdentity identity = parse_identity(client_config_, client_chain(KeyType::kP256));
  wasi_tls_private_identity *raw = identity.get();
  ASSERT_EQ(wasi_tls_endpoint_respond(of_client_.get(), &raw, 1), WASI_TLS_OK);
  ASSERT_EQ(wasi_tls_endpoint_start(of_client_.get(), WASI_TLS_STEP_FINISH), WASI_TLS_OK);
  converse();
  ASSERT_EQ(server_result_, WASI_TLS_OK);
  EXPECT_EQ(peer_identity(of_server_), ders_of(client_chain(KeyType::kP256)));
  ASSERT_EQ(wasi_tls_endpoint_start(of_server_.get(), WASI_TLS_STEP_FINISH), WASI_TLS_OK);
  converse();
  EXPECT_EQ(server_result_, WASI_TLS_OK);
  EXPECT_EQ(client_result_, WASI_TLS_OK);
  PrivateIdentity own;
  EXPECT_EQ(wasi_tls_endpoint_own_identity(of_client_.get(), own.out()), WASI_TLS_OK);
  ASSERT_TRUE(own);
  EXPECT_EQ(export_chain(own), ders_of(client_chain(KeyType::kP256)));
}

// abort: the alert is in the output, and the peer reads it.
CONFORMANCE_CASE(EndpointCase, endpoint, abort) {
  if (!client_can(WASI_TLS_CAP_VERIFY_SERVER_IDENTITY)) return;
  make_both();
  ASSERT_EQ(wasi_tls_endpoint_start(of_client_.get(), WASI_TLS_STEP_SERVER_IDENTITY), WASI_TLS_OK);
  ASSERT_EQ(wasi_tls_endpoint_start(of_server_.get(), WASI_TLS_STEP_FINISH), WASI_TLS_OK);
  converse();
  ASSERT_EQ(client_result_, WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_endpoint_abort(of_client_.get(), 1), WASI_TLS_ERR_ALERT_VALUE);
  EXPECT_EQ(wasi_tls_endpoint_abort(of_client_.get(), kUnknownCa), WASI_TLS_OK);
  converse();
  EXPECT_EQ(server_result_, WASI_TLS_ERR_PEER_ALERT);
  EXPECT_EQ(client_result_, WASI_TLS_ERR_ABORTED);
  wasi_tls_error error;
  wasi_tls_error_init(&error);
  ASSERT_TRUE(wasi_tls_endpoint_last_error(of_server_.get(), &error));
  EXPECT_EQ(received_alert(error), kUnknownCa);
}

// The end of the transport: in the handshake, and behind it.
CONFORMANCE_CASE(EndpointCase, endpoint, end_of_input) {
  make_both();
  ASSERT_EQ(wasi_tls_endpoint_start(of_server_.get(), WASI_TLS_STEP_CLIENT_HELLO), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_endpoint_drive(of_server_.get()), WASI_TLS_PENDING);
  wasi_tls_endpoint_input_end(of_server_.get());
  EXPECT_EQ(wasi_tls_endpoint_drive(of_server_.get()), WASI_TLS_ERR_EOF);
  EXPECT_EQ(wasi_tls_endpoint_drive(of_server_.get()), WASI_TLS_ERR_EOF);
  make_both();
  finish_endpoints();
  wasi_tls_endpoint_input_end(of_server_.get());
  Bytes none;
  EXPECT_EQ(read_all(of_server_, &none), WASI_TLS_ERR_TRUNCATED);
  EXPECT_EQ(read_all(of_server_, &none), WASI_TLS_ERR_TRUNCATED);
}

// Ciphertext waiting is bounded: the endpoint takes no more than there is room for.
CONFORMANCE_CASE(EndpointCase, endpoint, input_is_bounded) {
  server_options.limits.ciphertext_in = 17408;
  make_both();
  finish_endpoints();
  Bytes junk(100000, 0x17);
  size_t accepted = 0, total = 0;
  for (int i = 0; i < 20; i++) {
    ASSERT_EQ(wasi_tls_endpoint_input(of_server_.get(), junk.data(), junk.size(), &accepted), WASI_TLS_OK);
    total += accepted;
  }
  EXPECT_LE(total, 17408u);
  EXPECT_EQ(accepted, 0u);
}

// NULL arguments of this layer.
CONFORMANCE_CASE(EndpointCase, endpoint, null_arguments) {
  constexpr wasi_tls_result kNull = WASI_TLS_ERR_NULL_ARGUMENT;
  make_both();
  size_t count = 0;
  uint8_t byte = 0;
  wasi_tls_endpoint *good = of_client_.get();
  EXPECT_EQ(wasi_tls_endpoint_new(nullptr, WASI_TLS_ROLE_CLIENT, &good), kNull);
  EXPECT_EQ(wasi_tls_endpoint_new(client_config_.get(), WASI_TLS_ROLE_CLIENT, nullptr), kNull);
  EXPECT_EQ(wasi_tls_endpoint_connect(nullptr, view_of(kServerName)), kNull);
  EXPECT_EQ(wasi_tls_endpoint_accept(nullptr), kNull);
  EXPECT_EQ(wasi_tls_endpoint_configure_alpn_ids(nullptr, nullptr, 0), kNull);
  EXPECT_EQ(wasi_tls_endpoint_configure_alpn_ids(good, nullptr, 1), kNull);
  EXPECT_EQ(wasi_tls_endpoint_configure_identities(nullptr, nullptr, 0), kNull);
  EXPECT_EQ(wasi_tls_endpoint_start(nullptr, WASI_TLS_STEP_FINISH), kNull);
  EXPECT_EQ(wasi_tls_endpoint_respond(nullptr, nullptr, 0), kNull);
  EXPECT_EQ(wasi_tls_endpoint_abort(nullptr, 0), kNull);
  EXPECT_EQ(wasi_tls_endpoint_drive(nullptr), kNull);
  EXPECT_EQ(wasi_tls_endpoint_input(nullptr, &byte, 1, &count), kNull);
  EXPECT_EQ(wasi_tls_endpoint_input(good, nullptr, 1, &count), kNull);
  EXPECT_EQ(wasi_tls_endpoint_input(good, &byte, 1, nullptr), kNull);
  EXPECT_EQ(wasi_tls_endpoint_read(nullptr, &byte, 1, &count), kNull);
  EXPECT_EQ(wasi_tls_endpoint_check_write(nullptr, &count), kNull);
  EXPECT_EQ(wasi_tls_endpoint_check_write(good, nullptr), kNull);
  EXPECT_EQ(wasi_tls_endpoint_write(nullptr, &byte, 1), kNull);
  EXPECT_EQ(wasi_tls_endpoint_close(nullptr), kNull);
  EXPECT_EQ(wasi_tls_endpoint_properties(nullptr, nullptr), kNull);
  EXPECT_EQ(wasi_tls_endpoint_peer_identity(good, nullptr), kNull);
  EXPECT_EQ(wasi_tls_endpoint_own_identity(good, nullptr), kNull);
  EXPECT_EQ(wasi_tls_endpoint_output(nullptr).len, 0u);
  wasi_tls_endpoint_input_end(nullptr);
  wasi_tls_endpoint_output_sent(nullptr, 1);
  wasi_tls_properties wrong;
  wrong.size = 1;
  EXPECT_EQ(wasi_tls_endpoint_properties(good, &wrong), WASI_TLS_ERR_STRUCT_SIZE);
  finish_endpoints();
}
