// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Post-handshake authentication (RFC 8446, section 4.6.2; behaviours 111 to 115) and late messages of the server (177).
#include "case.h"

using namespace conformance;

namespace {

class PostHandshake : public Case {
 protected:
  void SetUp() override {
    Case::SetUp();
    client_options.post_handshake_auth = client_can(WASI_TLS_CAP_POST_HANDSHAKE_CLIENT);
  }
  bool possible() {
    return tls13() && server_can(WASI_TLS_CAP_POST_HANDSHAKE_SERVER) && client_can(WASI_TLS_CAP_POST_HANDSHAKE_CLIENT);
  }
  // An open connection whose client has |chain| to offer (or nothing), with both sides reading.
  void open_with(const Chain &chain) {
    if (!chain.empty()) {
      PrivateIdentity identity = client().parse(chain);
      EXPECT_EQ(client().configure_identities({&identity}), WASI_TLS_OK);
    }
    ASSERT_TRUE(finish_both());
    client().receive();
    server().receive();
    run();
  }
};

}  // namespace

// 113: under TLS 1.2 it is refused, and the connection stays usable. Otherwise a client that answers is seen.
CONFORMANCE_CASE(PostHandshake, post_handshake, request_and_answer) {
  Chain chain = client_chain(KeyType::kP256);
  open_with(chain);
  if (!possible()) {
    EXPECT_EQ(server().request_identity_late(), WASI_TLS_ERR_UNSUPPORTED);
    expect_echo();
    return;
  }
  ASSERT_EQ(server().request_identity_late(), WASI_TLS_OK);
  run();
  ASSERT_EQ(server().outcome, WASI_TLS_OK) << server().last_error().text;
  EXPECT_EQ(export_chain(server().identity), ders_of(chain));
  EXPECT_EQ(server().client_identity(), ders_of(chain));
  EXPECT_EQ(client().client_identity(), ders_of(chain));
  expect_echo();
  close_both();
}

// 111: data goes on before, during and after.
CONFORMANCE_CASE(PostHandshake, post_handshake, data_meanwhile) {
  if (!possible()) return;
  open_with(client_chain(KeyType::kRsa));
  expect_echo(2000);
  client().received.clear();
  server().received.clear();
  to_client().stop_reads(true);
  ASSERT_EQ(server().request_identity_late(), WASI_TLS_OK);
  client().send(pattern(3000));
  run();
  server().send(pattern(4000));
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_PENDING);
  EXPECT_TRUE(server().received == pattern(3000));
  to_client().stop_reads(false);
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_OK) << server().last_error().text;
  EXPECT_TRUE(client().received == pattern(4000));
  expect_echo(2000);
}

// Cleartext in front of the answer is kept up to the write permit; then the future waits, quietly, for it to be read.
CONFORMANCE_CASE(PostHandshake, post_handshake, kept_data_is_bounded) {
  if (!possible()) return;
  server_options.limits.write_permit = 2048;
  PrivateIdentity identity = client().parse(client_chain(KeyType::kP256));
  EXPECT_EQ(client().configure_identities({&identity}), WASI_TLS_OK);
  ASSERT_TRUE(finish_both());
  client().send(pattern(60000));
  run();
  size_t taken = to_server().reads().bytes;
  ASSERT_EQ(server().request_identity_late(), WASI_TLS_OK);
  client().receive();
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_PENDING);
  // The permit, and what the engine reads ahead.
  EXPECT_LE(to_server().reads().bytes - taken, 2048u + 2 * 17408u);
  // Reading some of it makes room: the future goes on looking.
  size_t asked = pump().asked(), count = 0;
  Bytes part(1500);
  ASSERT_EQ(wasi_tls_input_stream_read(server().input.get(), part.data(), part.size(), &count), WASI_TLS_OK);
  part.resize(count);
  run();
  EXPECT_GT(pump().asked(), asked);
  server().receive();
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_OK) << server().last_error().text;
  EXPECT_EQ(export_chain(server().identity), ders_of(client_chain(KeyType::kP256)));
  part.insert(part.end(), server().received.begin(), server().received.end());
  EXPECT_TRUE(part == pattern(60000));
}

// After the server's own close_notify it can't ask any more.
CONFORMANCE_CASE(PostHandshake, post_handshake, after_own_close) {
  open_with({});
  server().close();
  run();
  EXPECT_EQ(server().request_identity_late(), WASI_TLS_ERR_WRONG_STATE);
}

// 115: a client with nothing to offer declines; the server sees none.
CONFORMANCE_CASE(PostHandshake, post_handshake, declined) {
  if (!possible()) return;
  open_with({});
  ASSERT_EQ(server().request_identity_late(), WASI_TLS_OK);
  run();
  ASSERT_EQ(server().outcome, WASI_TLS_OK) << server().last_error().text;
  EXPECT_FALSE(server().identity);
  expect_echo();
}

// 114: a second request while one is pending fails; after the answer another is possible.
CONFORMANCE_CASE(PostHandshake, post_handshake, one_at_a_time) {
  if (!possible()) return;
  open_with(client_chain(KeyType::kP256));
  to_client().stop_reads(true);
  ASSERT_EQ(server().request_identity_late(), WASI_TLS_OK);
  run();
  FuturePublicIdentity second;
  EXPECT_EQ(wasi_tls_server_connection_request_client_identity(server().connection.get(), second.out()),
            WASI_TLS_ERR_WRONG_STATE);
  to_client().stop_reads(false);
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_OK);
  if (!server_can(WASI_TLS_CAP_POST_HANDSHAKE_REPEAT)) {
    EXPECT_EQ(server().request_identity_late(), WASI_TLS_ERR_UNSUPPORTED);
    expect_echo();
    return;
  }
  EXPECT_EQ(server().request_identity_late(), WASI_TLS_OK);
  run();
  bool answered = client_can(WASI_TLS_CAP_POST_HANDSHAKE_REPEAT);
  EXPECT_EQ(server().outcome, answered ? WASI_TLS_OK : WASI_TLS_ERR_PEER_ALERT);
}

// 112: a client that did not offer it: refused, nothing is sent, the connection stays usable.
CONFORMANCE_CASE(PostHandshake, post_handshake, not_offered) {
  client_options.post_handshake_auth = false;
  ASSERT_TRUE(finish_both());
  size_t written = to_client().transcript().size();
  EXPECT_EQ(server().request_identity_late(), WASI_TLS_ERR_UNSUPPORTED);
  EXPECT_EQ(to_client().transcript().size(), written);
  expect_echo();
}

// An identity that fails the default validation fails the future, and the client hears of it.
CONFORMANCE_CASE(PostHandshake, post_handshake, refused) {
  if (!possible()) return;
  CertificateSpec expired = client_spec();
  expired.not_after = -60;
  open_with({issue(expired, intermediate()), intermediate()});
  ASSERT_EQ(server().request_identity_late(), WASI_TLS_OK);
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_ERR_VERIFY);
  EXPECT_EQ(server().last_error().verify_reason, WASI_TLS_VERIFY_EXPIRED);
  EXPECT_EQ(client().read_result, WASI_TLS_ERR_PEER_ALERT);
  EXPECT_TRUE(server().client_identity().empty());
}

// The future may be dropped; the answer is taken in all the same.
CONFORMANCE_CASE(PostHandshake, post_handshake, future_dropped) {
  if (!possible()) return;
  open_with(client_chain(KeyType::kP256));
  FuturePublicIdentity dropped;
  ASSERT_EQ(wasi_tls_server_connection_request_client_identity(server().connection.get(), dropped.out()), WASI_TLS_OK);
  dropped.reset();
  run();
  expect_echo();
  EXPECT_EQ(server().client_identity(), ders_of(client_chain(KeyType::kP256)));
}

// Closing while a request is pending ends it.
CONFORMANCE_CASE(PostHandshake, post_handshake, closed_meanwhile) {
  if (!possible()) return;
  open_with(client_chain(KeyType::kP256));
  to_client().stop_reads(true);
  ASSERT_EQ(server().request_identity_late(), WASI_TLS_OK);
  run();
  to_server().cut_at(to_server().transcript().size());
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_ERR_TRUNCATED);
}

// 177: tickets that the server sends behind its Finished show nowhere in the cleartext, and no read fails over them.
CONFORMANCE_CASE(PostHandshake, post_handshake, tickets_are_invisible) {
  ASSERT_TRUE(finish_both());
  client().receive();
  run();
  EXPECT_TRUE(client().received.empty());
  EXPECT_EQ(client().read_result, WASI_TLS_PENDING);
  EXPECT_EQ(to_client().waiting(), 0u);
  expect_echo();
}
