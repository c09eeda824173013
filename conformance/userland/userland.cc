// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "userland.h"

#include <gtest/gtest.h>

namespace conformance {

namespace {

std::vector<Bytes> authorities_of(const IdentityRequest &request) {
  const wasi_tls_bytes *names = nullptr;
  size_t count = 0;
  EXPECT_EQ(wasi_tls_client_identity_request_authorities(request.get(), &names, &count), WASI_TLS_OK);
  return to_list(names, count);
}

}  // namespace

std::vector<Bytes> ids_of(const std::vector<std::string> &protocols) {
  std::vector<Bytes> ids;
  ids.reserve(protocols.size());
  for (const std::string &protocol : protocols) ids.push_back(to_bytes(protocol));
  return ids;
}

void GuestClient::authenticate(ClientPlan plan) {
  plan_ = std::move(plan);
  wasi_tls_result result = connect(plan_.server_name);
  if (result == WASI_TLS_OK) result = configure_alpn(plan_.alpn);
  if (result == WASI_TLS_OK) result = configure_identities(plan_.identities);
  if (result != WASI_TLS_OK) return settle(result);
  if (!plan_.accepts_server) return answer_the_request();
  look_at_the_server();
}

void GuestClient::look_at_the_server() {
  wasi_tls_result started = wasi_tls_client_handshake_verify_server_identity(handshake.get(), identity_future.out());
  after_identity("verify-server-identity", started, identity_future, [this] {
    if (!plan_.accepts_server(export_chain(identity))) return refuse_peer();
    answer_the_request();
  });
}

void GuestClient::answer_the_request() {
  if (!plan_.answers_request) return finish_and_settle();
  wasi_tls_result started =
      wasi_tls_client_handshake_receive_client_identity_request(handshake.get(), request_future.out());
  after(
      "receive-client-identity-request", started, request_future, wasi_tls_future_client_identity_request_subscribe,
      [this] { return wasi_tls_future_client_identity_request_get(request_future.get(), request.out()); },
      [this] {
        wasi_tls_result answered = WASI_TLS_OK;
        if (request) answered = respond(plan_.answers_request(authorities_of(request)));
        if (answered != WASI_TLS_OK) return settle(answered);
        finish_and_settle();
      });
}

void GuestClient::drop_everything() {
  request.reset();
  request_future.reset();
  Guest::drop_everything();
}

void GuestServer::drop_everything() {
  hello.reset();
  hello_future.reset();
  Guest::drop_everything();
}

void GuestServer::authenticate(ServerPlan plan) {
  plan_ = std::move(plan);
  wasi_tls_result result = accept();
  if (result == WASI_TLS_OK) result = configure_alpn(plan_.alpn);
  if (result == WASI_TLS_OK) result = configure_identities(plan_.identities);
  if (result != WASI_TLS_OK) return settle(result);
  if (!plan_.reads_hello) return look_at_the_client();
  wasi_tls_result started = wasi_tls_server_handshake_receive_client_hello(handshake.get(), hello_future.out());
  after(
      "receive-client-hello", started, hello_future, wasi_tls_future_client_hello_subscribe,
      [this] { return wasi_tls_future_client_hello_get(hello_future.get(), hello.out()); },
      [this] {
        if (!plan_.reads_hello(hello)) return refuse_peer();
        look_at_the_client();
      });
}

void GuestServer::look_at_the_client() {
  if (!plan_.accepts_client) return finish_and_settle();
  wasi_tls_result started = wasi_tls_server_handshake_request_client_identity(handshake.get(), identity_future.out());
  after_identity("request-client-identity", started, identity_future, [this] {
    if (!plan_.accepts_client(export_chain(identity))) return refuse_peer();
    finish_and_settle();
  });
}

void GuestServer::ask_again(std::function<void(wasi_tls_result)> then) {
  wasi_tls_result started = wasi_tls_server_connection_request_client_identity(connection.get(), identity_future.out());
  done = [this, then = std::move(then)] { then(late_status); };
  after_identity("post-handshake request-client-identity", started, identity_future, [this] { settle(WASI_TLS_OK); });
}

}  // namespace conformance
