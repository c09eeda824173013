// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "peer.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace conformance {

void Peer::follow(const char *what, Pollable step, std::function<wasi_tls_result()> take) {
  outcome = WASI_TLS_PENDING;
  size_t number = ++steps_;
  auto kept = std::make_shared<Pollable>(std::move(step));
  pump_->await(name_ + ": " + what, kept->get(), [this, kept, number, take = std::move(take)] {
    wasi_tls_result result = take();
    if (number == steps_) outcome = result;
  });
}

wasi_tls_result Peer::follow_identity(const char *what) {
  Pollable step;
  EXPECT_EQ(wasi_tls_future_public_identity_subscribe(identity_future.get(), step.out()), WASI_TLS_OK);
  follow(what, std::move(step),
         [this] { return wasi_tls_future_public_identity_get(identity_future.get(), identity.out()); });
  return WASI_TLS_OK;
}

wasi_tls_result Peer::follow_streams() {
  Pollable step;
  EXPECT_EQ(wasi_tls_future_streams_subscribe(streams.get(), step.out()), WASI_TLS_OK);
  follow("finish", std::move(step), [this] {
    wasi_tls_input_stream *in = nullptr;
    wasi_tls_output_stream *out = nullptr;
    wasi_tls_result result = wasi_tls_future_streams_get(streams.get(), &in, &out);
    if (result != WASI_TLS_OK) return result;
    input = Input(in);
    output = Output(out);
    return result;
  });
  return WASI_TLS_OK;
}

bool Peer::write_some(Bytes *data, size_t *at, wasi_tls_waker waker) {
  while (*at < data->size()) {
    if (output.get() == nullptr) return true;
    size_t permit = 0;
    write_result = wasi_tls_output_stream_check_write(output.get(), &permit);
    if (write_result != WASI_TLS_OK) return true;
    if (permit == 0) {
      if (!wasi_tls_output_stream_poll(output.get(), waker)) return false;
      continue;
    }
    size_t part = std::min(permit, data->size() - *at);
    write_result = wasi_tls_output_stream_write(output.get(), data->data() + *at, part);
    if (write_result != WASI_TLS_OK) return true;
    *at += part;
  }
  // Written is not sent: the wait for the flush is what moves the rest.
  if (output.get() == nullptr || data->empty()) return true;
  size_t permit = 0;
  write_result = wasi_tls_output_stream_check_write(output.get(), &permit);
  return write_result != WASI_TLS_OK || permit != 0 || wasi_tls_output_stream_poll(output.get(), waker);
}

void Peer::send(Bytes data, std::function<void()> then) {
  auto bytes = std::make_shared<Bytes>(std::move(data));
  auto at = std::make_shared<size_t>(0);
  pump_->add(name_ + ": write", [this, bytes, at, then = std::move(then)](wasi_tls_waker waker) {
    if (!write_some(bytes.get(), at.get(), waker)) return false;
    if (then) then();
    return true;
  });
}

bool Peer::read_some(wasi_tls_waker waker) {
  Bytes buffer(read_size);
  while (input.get() != nullptr) {
    size_t count = 0;
    wasi_tls_result result = wasi_tls_input_stream_read(input.get(), buffer.data(), buffer.size(), &count);
    if (result != WASI_TLS_OK) {
      read_result = result;
      return true;
    }
    received.insert(received.end(), buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(count));
    if (count == 0 && !wasi_tls_input_stream_poll(input.get(), waker)) return false;
  }
  return true;
}

void Peer::receive() {
  if (std::exchange(receiving_, true)) return;
  pump_->add(name_ + ": read", [this](wasi_tls_waker waker) { return read_some(waker); });
}

namespace {

// The getters of both roles look alike: option<T> by a bool and an output.
template <class T, class Owner>
std::optional<T> option(bool (*getter)(const Owner *, T *), const Owner *connection) {
  T value{};
  if (!getter(connection, &value)) return std::nullopt;
  return value;
}

template <class Connection>
std::vector<Bytes> chain_of(bool (*getter)(const Connection *, wasi_tls_public_identity **),
                            const Connection *connection) {
  return export_chain(PublicIdentity(option(getter, connection).value_or(nullptr)));
}

template <class Connection>
std::vector<Bytes> chain_of(bool (*getter)(const Connection *, wasi_tls_private_identity **),
                            const Connection *connection) {
  return export_chain(PrivateIdentity(option(getter, connection).value_or(nullptr)));
}

std::vector<wasi_tls_private_identity *> raw_of(const std::vector<const PrivateIdentity *> &identities) {
  std::vector<wasi_tls_private_identity *> raw;
  for (const PrivateIdentity *identity : identities) raw.push_back(identity->get());
  return raw;
}

template <class T>
std::optional<T> mapped(const std::optional<wasi_tls_bytes> &value, T (*convert)(wasi_tls_bytes)) {
  if (!value.has_value()) return std::nullopt;
  return convert(*value);
}

}  // namespace

template <class Api>
wasi_tls_result RolePeer<Api>::finish() {
  wasi_tls_result result = Api::finish(handshake.get(), streams.out());
  if (result != WASI_TLS_OK) return result;
  handshake.reset();
  return follow_streams();
}

template <class Api>
wasi_tls_result RolePeer<Api>::abort() {
  Pollable written;
  wasi_tls_result result = Api::abort(handshake.get(), written.out());
  if (result != WASI_TLS_OK) return result;
  handshake.reset();
  follow("abort", std::move(written), [] { return WASI_TLS_OK; });
  return result;
}

template <class Api>
wasi_tls_result RolePeer<Api>::abort_with(uint8_t alert) {
  Pollable written;
  wasi_tls_result result = Api::abort_with(handshake.get(), alert, written.out());
  if (result != WASI_TLS_OK) return result;
  handshake.reset();
  follow("abort", std::move(written), [] { return WASI_TLS_OK; });
  return result;
}

template <class Api>
wasi_tls_result RolePeer<Api>::configure_alpn(const std::vector<Bytes> &ids) {
  std::vector<wasi_tls_bytes> views = views_of(ids);
  return Api::configure_alpn(handshake.get(), views.data(), views.size());
}

template <class Api>
wasi_tls_result RolePeer<Api>::configure_identities(const std::vector<const PrivateIdentity *> &identities) {
  std::vector<wasi_tls_private_identity *> raw = raw_of(identities);
  return Api::configure_identities(handshake.get(), raw.data(), raw.size());
}

template <class Api>
wasi_tls_error RolePeer<Api>::last_error() const {
  wasi_tls_error error;
  wasi_tls_error_init(&error);
  if (!Api::last_error(connection.get(), &error)) error.result = WASI_TLS_OK;
  return error;
}

template <class Api>
std::optional<Bytes> RolePeer<Api>::alpn_id() const {
  return mapped<Bytes>(option(Api::alpn_id, connection.get()), to_bytes);
}

template <class Api>
std::optional<std::string> RolePeer<Api>::sni() const {
  return mapped<std::string>(option(Api::server_name, connection.get()), to_string);
}

template <class Api>
wasi_tls_protocol_version RolePeer<Api>::version() const {
  return option(Api::version, connection.get()).value_or(0);
}

template <class Api>
wasi_tls_cipher_suite RolePeer<Api>::suite() const {
  return option(Api::suite, connection.get()).value_or(0);
}

template <class Api>
std::vector<Bytes> RolePeer<Api>::server_identity() const {
  return chain_of(Api::server_identity, connection.get());
}

template <class Api>
std::vector<Bytes> RolePeer<Api>::client_identity() const {
  return chain_of(Api::client_identity, connection.get());
}

template class RolePeer<ClientApi>;
template class RolePeer<ServerApi>;

Client::Client(Pump *pump, Wire *wire, const Options &options) : RolePeer("client", pump) {
  EXPECT_EQ(options.build(&config), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_client_connection_new(config.get(), wire->client_input(), wire->client_output(), connection.out()),
            WASI_TLS_OK);
}

wasi_tls_result Client::connect(std::string_view server_name) {
  return wasi_tls_client_connection_connect(connection.get(), view_of(server_name), handshake.out());
}

wasi_tls_result Client::verify() {
  wasi_tls_result result = wasi_tls_client_handshake_verify_server_identity(handshake.get(), identity_future.out());
  return result == WASI_TLS_OK ? follow_identity("verify-server-identity") : result;
}

wasi_tls_result Client::receive_request() {
  wasi_tls_result result =
      wasi_tls_client_handshake_receive_client_identity_request(handshake.get(), request_future.out());
  if (result != WASI_TLS_OK) return result;
  Pollable step;
  EXPECT_EQ(wasi_tls_future_client_identity_request_subscribe(request_future.get(), step.out()), WASI_TLS_OK);
  follow("receive-client-identity-request", std::move(step),
         [this] { return wasi_tls_future_client_identity_request_get(request_future.get(), request.out()); });
  return WASI_TLS_OK;
}

wasi_tls_result Client::respond(const std::vector<const PrivateIdentity *> &identities) {
  std::vector<wasi_tls_private_identity *> raw = raw_of(identities);
  wasi_tls_result result = wasi_tls_client_identity_request_respond(request.get(), raw.data(), raw.size());
  request.reset();
  return result;
}

Server::Server(Pump *pump, Wire *wire, const Options &options) : RolePeer("server", pump) {
  EXPECT_EQ(options.build(&config), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_server_connection_new(config.get(), wire->server_input(), wire->server_output(), connection.out()),
            WASI_TLS_OK);
}

wasi_tls_result Server::accept() {
  return wasi_tls_server_connection_accept(connection.get(), handshake.out());
}

wasi_tls_result Server::receive_hello() {
  wasi_tls_result result = wasi_tls_server_handshake_receive_client_hello(handshake.get(), hello_future.out());
  if (result != WASI_TLS_OK) return result;
  Pollable step;
  EXPECT_EQ(wasi_tls_future_client_hello_subscribe(hello_future.get(), step.out()), WASI_TLS_OK);
  follow("receive-client-hello", std::move(step),
         [this] { return wasi_tls_future_client_hello_get(hello_future.get(), hello.out()); });
  return WASI_TLS_OK;
}

wasi_tls_result Server::request_identity() {
  wasi_tls_result result = wasi_tls_server_handshake_request_client_identity(handshake.get(), identity_future.out());
  return result == WASI_TLS_OK ? follow_identity("request-client-identity") : result;
}

wasi_tls_result Server::request_identity_late() {
  wasi_tls_result result = wasi_tls_server_connection_request_client_identity(connection.get(), identity_future.out());
  return result == WASI_TLS_OK ? follow_identity("post-handshake request-client-identity") : result;
}

wasi_tls_result Server::configure_chains(const std::vector<Chain> &chains) {
  std::vector<PrivateIdentity> identities;
  std::vector<const PrivateIdentity *> pointers;
  for (const Chain &chain : chains) {
    wasi_tls_result result;
    identities.push_back(parse_identity(config, chain, &result));
    if (result != WASI_TLS_OK) return result;
  }
  for (const PrivateIdentity &each : identities) pointers.push_back(&each);
  return configure_identities(pointers);
}

std::optional<std::string> hello_server_name(const ClientHello &hello) {
  return mapped<std::string>(option(wasi_tls_client_hello_server_name, hello.get()), to_string);
}

std::vector<Bytes> hello_alpn_ids(const ClientHello &hello) {
  const wasi_tls_bytes *ids = nullptr;
  size_t count = 0;
  EXPECT_EQ(wasi_tls_client_hello_alpn_ids(hello.get(), &ids, &count), WASI_TLS_OK);
  return to_list(ids, count);
}

std::vector<wasi_tls_cipher_suite> hello_suites(const ClientHello &hello) {
  const wasi_tls_cipher_suite *suites = nullptr;
  size_t count = 0;
  EXPECT_EQ(wasi_tls_client_hello_cipher_suites(hello.get(), &suites, &count), WASI_TLS_OK);
  return std::vector<wasi_tls_cipher_suite>(suites, suites + count);
}

}  // namespace conformance
