// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Lives of one side, given up at the first failure, for failing each of its allocations in turn. Calls are made
// directly: each may be the one that fails.
#ifndef WASI_TLS_CONFORMANCE_ALLOCATION_LIVES_H
#define WASI_TLS_CONFORMANCE_ALLOCATION_LIVES_H

#include "case.h"
#include "ledger.h"

namespace conformance {

class AllocationLives : public Case {
 protected:
  using Live = std::function<wasi_tls_result()>;

  // Fails each allocation of |live| in turn, until a life needs no more than that: out of memory is the answer, and all
  // that was taken is given back. |start_peer| makes the other side and starts it.
  void fail_each(const std::function<void()> &start_peer, const Live &live);
  // The same with the allocations of the backend of |options|, which are those of the side that lives. It may do
  // without some; else that is told as a failure. |good|: whether a life may come to a good end at all.
  void starve_each(Options *options, const std::function<void()> &start_peer, const Live &live, bool good = true);

  // What is the same for both roles: makes a connection, opens a handshake, and is what a life begins with.
  template <class Api>
  struct Side {
    Config config;
    typename Api::ConnectionHandle connection;
    typename Api::HandshakeHandle handshake;
    PrivateIdentity identity;
    Input input;
    Output output;
  };
  wasi_tls_result open(Side<ClientApi> *side);
  wasi_tls_result open(Side<ServerApi> *side);
  // Steps, each up to its future's value.
  wasi_tls_result verify(Side<ClientApi> *side);
  wasi_tls_result answer_request(Side<ClientApi> *side);
  wasi_tls_result receive_hello(Side<ServerApi> *side);
  wasi_tls_result request_identity(Side<ServerApi> *side);
  wasi_tls_result request_identity_late(Side<ServerApi> *side);
  template <class Api>
  wasi_tls_result finish(Side<Api> *side);
  template <class Api>
  wasi_tls_result abort(Side<Api> *side);
  // Some data out, over a transport that takes none for a while, and a look at the input.
  wasi_tls_result exchange(Input &input, Output &output, Channel &out);
  // Runs until |pollable| is ready.
  void wait_on(const Pollable &pollable);

  Ledger ledger_;

 private:
  template <class Future, class Raw>
  wasi_tls_result wait_for(Future &future, wasi_tls_result (*subscribe)(Raw *, wasi_tls_pollable **), const Live &get);
};

}  // namespace conformance

#endif
