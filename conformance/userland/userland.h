// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a platform's TLS module is made of when it stands on the interface: the steps of a handshake in their order,
// each taken only where the platform's options have something to say there.
#ifndef WASI_TLS_CONFORMANCE_USERLAND_H
#define WASI_TLS_CONFORMANCE_USERLAND_H

#include "peer.h"

namespace conformance {

using Chosen = std::vector<const PrivateIdentity *>;

// Platforms have the names of protocols as text.
std::vector<Bytes> ids_of(const std::vector<std::string> &protocols);

template <class Base, class Api>
class Guest : public Base {
 public:
  using Base::Base;
  // How the handshake ended as a whole; PENDING until then. ABORTED if the platform's own check refused the peer.
  wasi_tls_result status = WASI_TLS_PENDING;
  // The same of what was asked for after it.
  wasi_tls_result late_status = WASI_TLS_PENDING;
  std::function<void()> done;

  // Ends the connection as the platform's destructor does: with the last of these the raw streams go.
  virtual void drop_everything() {
    done = nullptr;
    this->output.reset();
    this->input.reset();
    this->streams.reset();
    this->identity_future.reset();
    this->drop_handshake();
    this->drop_connection();
  }

 protected:
  using Next = std::function<void()>;
  // Waits for the step that |started|, takes its value, and goes on; a failure is the end of it all.
  template <class Future, class Subscribe>
  void after(const char *what, wasi_tls_result started, const Future &future, Subscribe subscribe,
             std::function<wasi_tls_result()> take, Next next) {
    Pollable ready;
    if (started == WASI_TLS_OK) started = subscribe(future.get(), ready.out());
    if (started != WASI_TLS_OK) return settle(started);
    this->follow(what, std::move(ready), [this, take = std::move(take), next = std::move(next)] {
      wasi_tls_result result = take();
      if (result == WASI_TLS_OK) {
        next();
      } else {
        settle(result);
      }
      return result;
    });
  }
  template <class Future>
  void after_identity(const char *what, wasi_tls_result started, const Future &future, Next next) {
    after(
        what, started, future, wasi_tls_future_public_identity_subscribe,
        [this] { return wasi_tls_future_public_identity_get(this->identity_future.get(), this->identity.out()); },
        std::move(next));
  }
  void settle(wasi_tls_result result) {
    (status == WASI_TLS_OK ? late_status : status) = result;
    // A copy: what is called may ask for more, and set another.
    if (std::function<void()> call = done) call();
  }
  void refuse_peer() {
    (void)this->abort();
    settle(WASI_TLS_ERR_ABORTED);
  }
  void finish_and_settle() {
    wasi_tls_result started = Api::finish(this->handshake.get(), this->streams.out());
    after(
        "finish", started, this->streams, wasi_tls_future_streams_subscribe, [this] { return take_streams(); },
        [this] { settle(WASI_TLS_OK); });
  }

 private:
  wasi_tls_result take_streams() {
    wasi_tls_input_stream *in = nullptr;
    wasi_tls_output_stream *out = nullptr;
    wasi_tls_result result = wasi_tls_future_streams_get(this->streams.get(), &in, &out);
    this->input = Input(in);
    this->output = Output(out);
    return result;
  }
};

struct ClientPlan {
  std::string server_name;
  std::vector<Bytes> alpn;
  // Answers a request that comes after the handshake, or that nobody looks at.
  Chosen identities;
  std::function<bool(const std::vector<Bytes> &chain)> accepts_server;
  std::function<Chosen(const std::vector<Bytes> &authorities)> answers_request;
};

class GuestClient : public Guest<Client, ClientApi> {
 public:
  using Guest::Guest;
  void authenticate(ClientPlan plan);
  void drop_everything() override;

 private:
  void look_at_the_server();
  void answer_the_request();
  ClientPlan plan_;
};

struct ServerPlan {
  std::vector<Bytes> alpn;
  Chosen identities;
  // False refuses the client; what it configures by the hello wins over the above.
  std::function<bool(const ClientHello &hello)> reads_hello;
  // Asks the client for its identity; an empty chain is a client that declines.
  std::function<bool(const std::vector<Bytes> &chain)> accepts_client;
};

class GuestServer : public Guest<Server, ServerApi> {
 public:
  using Guest::Guest;
  void authenticate(ServerPlan plan);
  void drop_everything() override;
  // After the handshake: |then| is given how it went; the chain is |identity|.
  void ask_again(std::function<void(wasi_tls_result)> then);

 private:
  void look_at_the_client();
  ServerPlan plan_;
};

}  // namespace conformance

#endif
