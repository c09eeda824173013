// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Cases in which the engine under test, in either role, meets an outsider. They are registered with SOLO_CASE.
#ifndef WASI_TLS_CONFORMANCE_OUTSIDER_CASE_H
#define WASI_TLS_CONFORMANCE_OUTSIDER_CASE_H

#include <set>

#include "case.h"
#include "outsider.h"
#include "wasi_tls/endpoint.h"

namespace conformance {

using Endpoint = Handle<wasi_tls_endpoint, wasi_tls_endpoint_free>;
using Alerts = std::set<int>;

constexpr const char *kFromEngine = "from the engine";
constexpr const char *kFromOutsider = "from the outsider";

// How a connection went.
struct Encounter {
  wasi_tls_result handshake = WASI_TLS_PENDING;  // of finish
  wasi_tls_result read = WASI_TLS_PENDING;       // how reading ended
  wasi_tls_error error;
  Bytes received;
  wasi_tls_cipher_suite suite = 0;
  nlohmann::json outsider;  // what the other side saw
};

class OutsiderCase : public Case {
 protected:
  void SetUp() override;  // fails if there are no outsiders
  // Our client meets a server, our server meets a client. |more| are the members that the scenario wants.
  void client_meets(const char *scenario, const nlohmann::json &more = nlohmann::json::object());
  void server_meets(const char *scenario, const nlohmann::json &more = nlohmann::json::object());

  // Of the last encounter. The handshake came through, data went both ways, and all ended in order.
  void expect_completed();
  // We refused it in the handshake, or behind it: the result is of the class of protocol faults, and one fatal alert of
  // these left, which the outsider could read.
  void expect_refused(const Alerts &alerts);
  void expect_refused_when_open(const Alerts &alerts);
  // What stands behind a Finished may be met when the handshake is over.
  void expect_refused_at_once_or_later();
  // The outsider's alert ended it, and was not answered.
  void expect_peer_alert(int number);
  void expect_ended_with(wasi_tls_result result, wasi_tls_step step);
  // What the outsider heard: fatal alerts.
  Alerts heard() const;
  bool heard_sealed() const;
  std::string received_text() const {
    return std::string(met.received.begin(), met.received.end());
  }

  Encounter met;
  std::vector<Bytes> alpn;
  bool identify = false;  // our client has an identity to show

 private:
  void meet(wasi_tls_role role, const char *scenario, const nlohmann::json &more);
  void configure(const Config &config, wasi_tls_role role, Endpoint *endpoint);
};

}  // namespace conformance

#endif
