// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lives.h"

#include <numeric>

#include "sanitized.h"

namespace conformance {

namespace {

// Coprime to 8, so that all bits of a byte have their turn, and to all that is regular in a record.
size_t stride_of(const Pairing &pairing) {
  bool with_itself = pairing.client_engine == pairing.server_engine;
  if (kSanitized) return with_itself ? 11 : 101;
  return with_itself ? 1 : 31;
}

bool is_prefix(const std::string &part, const std::string &whole) {
  return whole.compare(0, part.size(), part) == 0;
}

}  // namespace

Peer &Lives::peer(Side side) {
  return side == Side::kClient ? static_cast<Peer &>(client()) : static_cast<Peer &>(server());
}

Channel &Lives::into(Side side) {
  return side == Side::kClient ? to_client() : to_server();
}

Channel &Lives::out_of(Side side) {
  return into(other(side));
}

Lives::Script &Lives::script(Side side) {
  return side == Side::kClient ? client_script_ : server_script_;
}

std::string Lives::words_of(Side side) {
  return side == Side::kClient ? "what the client has to say" : "and what the server answers";
}

wasi_tls_result Lives::respond_and_finish() {
  if (client().request) {
    PrivateIdentity identity = client().parse(client_chain(KeyType::kP256));
    wasi_tls_result result = client().respond({&identity});
    if (result != WASI_TLS_OK) return result;
  }
  return client().finish();
}

void Lives::script_steps() {
  std::vector<Step> &of_client = client_script_.steps, &of_server = server_script_.steps;
  of_client.push_back([this] { return client().configure_alpn({to_bytes("h2"), to_bytes("http/1.1")}); });
  if (client_can(WASI_TLS_CAP_VERIFY_SERVER_IDENTITY)) of_client.push_back([this] { return client().verify(); });
  if (client_can(WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST))
    of_client.push_back([this] { return client().receive_request(); });
  of_client.push_back([this] { return respond_and_finish(); });
  if (server_can(WASI_TLS_CAP_CLIENT_HELLO)) of_server.push_back([this] { return server().receive_hello(); });
  of_server.push_back([this] { return server().configure_alpn({to_bytes("http/1.1")}); });
  if (server_can(WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY))
    of_server.push_back([this] { return server().request_identity(); });
  of_server.push_back([this] { return server().finish(); });
}

void Lives::add_talk(Side side) {
  script(side).steps.push_back([this, side] {
    Peer &speaker = peer(side);
    speaker.receive();
    speaker.send(to_bytes(words_of(side)), [&speaker] { speaker.close(); });
    return WASI_TLS_OK;
  });
}

void Lives::prepare(Life life) {
  start_over();
  client_script_ = server_script_ = Script();
  if (life == Life::kSteps) {
    script_steps();
  } else {
    client_script_.steps.push_back([this] { return client().finish(); });
    server_script_.steps.push_back([this] { return server().finish(); });
  }
  add_talk(Side::kClient);
  add_talk(Side::kServer);
}

bool Lives::advance(Side side) {
  Script &left = script(side);
  if (left.next == left.steps.size() || peer(side).outcome != WASI_TLS_OK) return false;
  EXPECT_EQ(left.steps[left.next++](), WASI_TLS_OK) << "step " << left.next;
  return true;
}

void Lives::live() {
  bool moved;
  do {
    run();
    moved = advance(Side::kClient);
    moved = advance(Side::kServer) || moved;
  } while (moved);
}

void Lives::end_transport() {
  to_client().cut_at(to_client().written());
  to_server().cut_at(to_server().written());
  live();
}

size_t Lives::length_into(Side side, Life life) {
  prepare(life);
  live();
  expect_both_lived();
  return into(side).written();
}

size_t Lives::at_places(size_t length, const std::function<void(size_t)> &attempt, size_t every) {
  size_t stride = stride_of(pairing) * every, count = 0;
  // Not the same places for every pairing.
  std::string name = pairing.name();
  for (size_t at = std::accumulate(name.begin(), name.end(), size_t{0}) % stride; at < length; at += stride) {
    SCOPED_TRACE(testing::Message() << "at " << at << " of " << length);
    attempt(at);
    count++;
    if (HasFailure()) break;
  }
  return count;
}

bool Lives::lived(Side side) {
  const Peer &who = peer(side);
  return who.outcome == WASI_TLS_OK && who.read_result == WASI_TLS_ERR_CLOSED &&
         who.last_error().result == WASI_TLS_OK && script(side).next == script(side).steps.size();
}

void Lives::let_go(Side side) {
  if (!lived(side) || lived(other(side))) return;
  Peer &gone = peer(side);
  gone.identity_future.reset();
  gone.streams.reset();
  gone.input.reset();
  gone.drop_connection();
  if (side == Side::kClient) {
    client().request_future.reset();
  } else {
    server().hello_future.reset();
    server().hello.reset();
  }
  run();
}

void Lives::expect_both_lived() {
  expect_agreement();
  let_go(Side::kClient);
  let_go(Side::kServer);
  for (Side side : {Side::kClient, Side::kServer}) {
    EXPECT_TRUE(lived(side)) << peer(side).name() << ": " << wasi_tls_result_name(peer(side).outcome) << ", "
                             << wasi_tls_result_name(peer(side).read_result) << ", " << peer(side).last_error().text;
    EXPECT_EQ(peer(side).received_text(), words_of(other(side)));
  }
}

void Lives::expect_end(Side side) {
  const Peer &who = peer(side);
  SCOPED_TRACE(who.name());
  EXPECT_NE(who.outcome, WASI_TLS_PENDING);
  if (who.outcome == WASI_TLS_OK) {
    EXPECT_NE(who.read_result, WASI_TLS_PENDING);
  }
  if (lived(side)) return;
  wasi_tls_error error = who.last_error();
  EXPECT_NE(error.result, WASI_TLS_OK) << "ended for no reason";
  EXPECT_NE(wasi_tls_result_class(error.result), WASI_TLS_CLASS_INTERNAL) << error.text;
  EXPECT_NE(wasi_tls_result_class(error.result), WASI_TLS_CLASS_USAGE) << error.text;
  if (who.outcome != WASI_TLS_OK) {
    EXPECT_FALSE(who.input || who.output);
  }
}

void Lives::expect_what_was_said(Side reader) {
  const Peer &who = peer(reader), &speaker = peer(other(reader));
  SCOPED_TRACE(who.name());
  EXPECT_TRUE(is_prefix(who.received_text(), words_of(other(reader)))) << who.received_text();
  if (who.read_result == WASI_TLS_ERR_CLOSED) {
    EXPECT_EQ(who.received_text(), words_of(other(reader)));
  }
  if (speaker.outcome == WASI_TLS_OK) return;
  EXPECT_TRUE(who.received.empty());
  EXPECT_NE(who.read_result, WASI_TLS_ERR_CLOSED);
}

void Lives::expect_agreement() {
  if (client().outcome != WASI_TLS_OK || server().outcome != WASI_TLS_OK) return;
  if (!client().input || !server().input) return;
  EXPECT_EQ(client().version(), pairing.version);
  EXPECT_EQ(server().version(), pairing.version);
  EXPECT_EQ(client().suite(), server().suite());
  EXPECT_EQ(client().alpn_id(), server().alpn_id());
  EXPECT_EQ(client().sni(), server().sni());
  EXPECT_EQ(client().server_identity(), ders_of(server_chains[0]));
  EXPECT_EQ(server().server_identity(), ders_of(server_chains[0]));
  EXPECT_EQ(client().client_identity(), server().client_identity());
  if (client().identity) {
    EXPECT_EQ(export_chain(client().identity), ders_of(server_chains[0]));
  }
  if (server().identity) {
    EXPECT_EQ(export_chain(server().identity), server().client_identity());
  }
}

void Lives::expect_honest_end() {
  for (Side side : {Side::kClient, Side::kServer}) {
    expect_end(side);
    expect_what_was_said(side);
  }
  expect_agreement();
}

}  // namespace conformance
