// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Failures as tables: how each comes about, and all that is told about it on either side, the same on every engine.
#ifndef WASI_TLS_CONFORMANCE_ERRORS_CASE_H
#define WASI_TLS_CONFORMANCE_ERRORS_CASE_H

#include "case.h"

namespace conformance {

// What a scenario works with.
class ErrorCase : public Case {
 public:
  using Case::client;
  using Case::client_can;
  using Case::client_options;
  using Case::pump;
  using Case::run;
  using Case::server;
  using Case::server_can;
  using Case::server_chains;
  using Case::server_name;
  using Case::server_options;
  using Case::start_over;
  using Case::tls13;
  using Case::to_client;
  using Case::to_server;
  using Case::wire;

  void finish_both_sides();
  // Both are through the handshake, and read.
  void open();
  // Options and names as they are at the beginning of a case, on a fresh wire.
  void reset();

 protected:
  // What |peer| was told by the call that failed: a step, or the first read behind the handshake.
  wasi_tls_result told(Peer *peer);
  // What holds for whatever is told: bounded, for people, and nothing in it that is nobody's business.
  static void expect_readable(const wasi_tls_error &error);
  static void expect_same(const wasi_tls_error &a, const wasi_tls_error &b);
};

constexpr int kNoAlert = -1;

struct Told {
  wasi_tls_result result;
  int alert = kNoAlert;
  bool received = false;
  wasi_tls_step step = WASI_TLS_STEP_FINISH;
};

// A connection that ends badly.
struct ConnectionFailure {
  const char *what;
  wasi_tls_role role;  // who finds it
  std::function<void(ErrorCase &)> provoke;
  std::function<Told(const ErrorCase &)> told;
  wasi_tls_result peer = WASI_TLS_OK;  // what the other side is told; OK: there is none, or it has nothing to say
  wasi_tls_capability needs = WASI_TLS_CAP_COUNT;
};
std::vector<ConnectionFailure> client_failures();
std::vector<ConnectionFailure> server_failures();

// A call that is refused, with nothing to be found on the connection.
struct CallFailure {
  wasi_tls_result result;
  std::function<wasi_tls_result(ErrorCase &)> call;
};
const std::vector<CallFailure> &call_failures();

}  // namespace conformance

#endif
