// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// abort and abort-with (behaviours 50, 88, 129 to 133): the peer reads exactly the alert that was chosen, at every
// point.
#include <algorithm>

#include "case.h"

using namespace conformance;

namespace {

constexpr uint8_t kChoosable[] = {40, 42, 43, 44, 45, 46, 48, 49, 80, 112};

class Abort : public Case {
 protected:
  // What |peer| has read: -1 for no alert so far. Under TLS 1.3 a client that is done meets it on its first read.
  int alert_at(Peer &peer) {
    run();
    if (peer.outcome == WASI_TLS_OK && peer.input) {
      peer.receive();
      run();
      EXPECT_EQ(peer.read_result, WASI_TLS_ERR_PEER_ALERT) << peer.name();
    } else {
      EXPECT_EQ(peer.outcome, WASI_TLS_ERR_PEER_ALERT) << peer.name();
    }
    return received_alert(peer.last_error());
  }
  void expect_abort_reaches(Peer &aborting, Peer &other, uint8_t alert) {
    EXPECT_EQ(aborting.abort_with(alert), WASI_TLS_OK);
    run();
    EXPECT_EQ(aborting.outcome, WASI_TLS_OK) << "the pollable is not ready";
    EXPECT_EQ(alert_at(other), alert) << other.last_error().text;
    EXPECT_EQ(sent_alert(aborting.last_error()), alert);
    EXPECT_EQ(aborting.last_error().result, WASI_TLS_ERR_ABORTED);
  }
  bool client_at_server_identity() {
    if (!start_verify()) return false;
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    run();
    EXPECT_EQ(client().outcome, WASI_TLS_OK);
    return true;
  }
  bool client_at_request() {
    server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_OPTIONAL;
    if (!start_receive_request()) return false;
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    run();
    EXPECT_EQ(client().outcome, WASI_TLS_OK);
    return true;
  }
  bool server_at_hello() {
    if (!start_receive_hello()) return false;
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    run();
    EXPECT_EQ(server().outcome, WASI_TLS_OK);
    return true;
  }
  bool server_at_client_identity() {
    if (!start_request_identity()) return false;
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    run();
    EXPECT_EQ(server().outcome, WASI_TLS_OK);
    return true;
  }
};

}  // namespace

// 129: before anything was said nothing is written, and the pollable is ready at once.
CONFORMANCE_CASE(Abort, abort, before_any_byte) {
  for (Peer *peer : std::initializer_list<Peer *>{&client(), &server()}) {
    EXPECT_EQ(peer->abort(), WASI_TLS_OK);
  }
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_OK);
  EXPECT_EQ(server().outcome, WASI_TLS_OK);
  EXPECT_EQ(to_server().transcript().size(), 0u);
  EXPECT_EQ(to_client().transcript().size(), 0u);
}

// A server that was to read the hello, and got nothing, has nobody to tell.
CONFORMANCE_CASE(Abort, abort, server_waiting_for_the_hello) {
  if (!start_receive_hello()) return;
  run();
  EXPECT_EQ(server().abort(), WASI_TLS_OK);
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_OK);
  EXPECT_EQ(to_client().transcript().size(), 0u);
}

// 50, 130: at the hello: one record, an alert in plain sight.
CONFORMANCE_CASE(Abort, abort, server_at_the_hello) {
  if (!server_at_hello()) return;
  EXPECT_EQ(server().abort(), WASI_TLS_OK);
  EXPECT_EQ(alert_at(client()), kHandshakeFailure);
  EXPECT_EQ(server().outcome, WASI_TLS_OK);
  EXPECT_EQ(to_client().records().size(), 1u);
  EXPECT_EQ(to_client().plain_alerts(), std::vector<uint8_t>{kHandshakeFailure});
}

// With each suite: an alert that the engine does not send by itself has to be sealed with the right AEAD and hash.
CONFORMANCE_CASE(Abort, abort, with_every_suite) {
  const std::vector<wasi_tls_cipher_suite> suites = tls13()
                                                        ? std::vector<wasi_tls_cipher_suite>{0x1301, 0x1302, 0x1303}
                                                        : std::vector<wasi_tls_cipher_suite>{0xC02B, 0xC02C, 0xCCA9};
  for (wasi_tls_cipher_suite suite : suites) {
    SCOPED_TRACE(wasi_tls_cipher_suite_name(suite));
    client_options.suites = {suite};
    start_over();
    if (!client_at_server_identity()) return;
    expect_abort_reaches(client(), server(), 46);
    start_over();
    if (!client_at_request()) return;
    expect_abort_reaches(client(), server(), 46);
    start_over();
    if (!server_at_client_identity()) return;
    EXPECT_EQ(server().suite(), suite);
    expect_abort_reaches(server(), client(), 46);
  }
}

// 88: at the server's identity: bad_certificate, and the server fails.
CONFORMANCE_CASE(Abort, abort, client_at_the_server_identity) {
  if (!client_at_server_identity()) return;
  size_t records = to_server().records().size();
  EXPECT_EQ(client().abort(), WASI_TLS_OK);
  EXPECT_EQ(alert_at(server()), kBadCertificate) << server().last_error().text;
  EXPECT_EQ(client().outcome, WASI_TLS_OK);
  // One alert, and under TLS 1.3 at most the change_cipher_spec that middleboxes want in front of it.
  EXPECT_LE(to_server().records().size(), records + (tls13() ? 2u : 1u));
}

CONFORMANCE_CASE(Abort, abort, client_at_the_identity_request) {
  if (!client_at_request()) return;
  EXPECT_EQ(client().abort(), WASI_TLS_OK);
  EXPECT_EQ(alert_at(server()), kBadCertificate) << server().last_error().text;
}

CONFORMANCE_CASE(Abort, abort, server_at_the_client_identity) {
  if (!server_at_client_identity()) return;
  EXPECT_EQ(server().abort(), WASI_TLS_OK);
  EXPECT_EQ(alert_at(client()), kBadCertificate) << client().last_error().text;
}

// abort-with: every alert that a guest may choose arrives as it is, from each suspended point of each role.
CONFORMANCE_CASE(Abort, abort, with_every_alert_from_the_client) {
  if (!client_can(WASI_TLS_CAP_ABORT_ALERT)) return;
  for (uint8_t alert : kChoosable) {
    start_over();
    if (client_at_server_identity()) expect_abort_reaches(client(), server(), alert);
    start_over();
    if (client_at_request()) expect_abort_reaches(client(), server(), alert);
  }
}

CONFORMANCE_CASE(Abort, abort, with_every_alert_from_the_server) {
  if (!server_can(WASI_TLS_CAP_ABORT_ALERT)) return;
  for (uint8_t alert : kChoosable) {
    start_over();
    if (server_at_hello()) expect_abort_reaches(server(), client(), alert);
    start_over();
    if (server_at_client_identity()) expect_abort_reaches(server(), client(), alert);
  }
}

// The server has spoken and waits for the client's identity, which is on its way.
CONFORMANCE_CASE(Abort, abort, server_waiting_for_the_client_identity) {
  if (!start_request_identity()) return;
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  to_client().stop_reads(true);
  run();
  ASSERT_EQ(server().outcome, WASI_TLS_PENDING);
  EXPECT_EQ(server().abort_with(49), WASI_TLS_OK);
  to_client().stop_reads(false);
  EXPECT_EQ(alert_at(client()), 49) << client().last_error().text;
}

// Mid-handshake: the client has sent its hello and got some of the answer, at every few bytes of it.
CONFORMANCE_CASE(Abort, abort, client_within_the_servers_flight) {
  size_t flight = 1;
  for (size_t offset = 0; offset <= flight; offset += 97) {
    SCOPED_TRACE(offset);
    start_over();
    to_client().pause_at(offset);
    if (!start_verify()) return;
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    run();
    flight = to_client().transcript().size();
    if (client().outcome != WASI_TLS_PENDING) return;
    EXPECT_EQ(client().abort_with(49), WASI_TLS_OK);
    EXPECT_EQ(alert_at(server()), 49) << server().last_error().text;
    if (HasFailure()) return;
  }
}

// Alerts that are not for a guest to choose are refused, and the handshake goes on.
CONFORMANCE_CASE(Abort, abort, refused_alerts) {
  for (int alert = 0; alert < 256; alert++) {
    if (std::find(std::begin(kChoosable), std::end(kChoosable), alert) != std::end(kChoosable)) continue;
    EXPECT_EQ(client().abort_with(static_cast<uint8_t>(alert)), WASI_TLS_ERR_ALERT_VALUE) << alert;
    EXPECT_EQ(server().abort_with(static_cast<uint8_t>(alert)), WASI_TLS_ERR_ALERT_VALUE) << alert;
  }
  ASSERT_TRUE(finish_both());
}

// 131: the alert is written even if the transport takes one byte at a time; ready only when it is out.
CONFORMANCE_CASE(Abort, abort, one_byte_at_a_time) {
  if (!client_at_server_identity()) return;
  to_server().set_chop(1);
  to_client().set_chop(1);
  expect_abort_reaches(client(), server(), 48);
}

CONFORMANCE_CASE(Abort, abort, ready_when_written) {
  if (!client_at_server_identity()) return;
  to_server().stop_writes(true);
  EXPECT_EQ(client().abort(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_PENDING);
  to_server().stop_writes(false);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_OK);
  EXPECT_EQ(alert_at(server()), kBadCertificate);
}

// 132: with the transport closed or failing, the pollable is ready all the same.
CONFORMANCE_CASE(Abort, abort, transport_gone) {
  if (!client_at_server_identity()) return;
  to_server().fail_write_call(1);
  EXPECT_EQ(client().abort(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_OK);
  start_over();
  if (!client_at_server_identity()) return;
  to_client().cut_at(to_client().transcript().size());
  EXPECT_EQ(client().abort(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_OK);
}

// 132: blocked until the transport breaks.
CONFORMANCE_CASE(Abort, abort, transport_breaks_while_waiting) {
  if (!client_at_server_identity()) return;
  to_server().stop_writes(true);
  EXPECT_EQ(client().abort(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_PENDING);
  to_server().fail_write_call(1);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_OK);
}

// 133: getters work, a second handshake does not start, and nothing more moves.
CONFORMANCE_CASE(Abort, abort, afterwards) {
  if (!client_at_server_identity()) return;
  EXPECT_EQ(client().abort(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().sni(), kServerName);
  EXPECT_EQ(client().server_identity(), ders_of(server_chains[0]));
  ClientHandshake second;
  EXPECT_EQ(wasi_tls_client_connection_connect(client().connection.get(), view_of(server_name), second.out()),
            WASI_TLS_ERR_WRONG_STATE);
  size_t written = to_server().transcript().size();
  to_client().inject(pattern(100));
  run();
  client().connection.reset();
  EXPECT_EQ(to_server().transcript().size(), written);
}

// A step that was pending when the handshake was aborted ends with `aborted`.
CONFORMANCE_CASE(Abort, abort, pending_step_is_aborted) {
  if (!start_verify()) return;
  run();
  FuturePublicIdentity pending = std::move(client().identity_future);
  pump().forget();
  EXPECT_EQ(client().abort(), WASI_TLS_OK);
  run();
  PublicIdentity none;
  EXPECT_EQ(wasi_tls_future_public_identity_get(pending.get(), none.out()), WASI_TLS_ERR_ABORTED);
  EXPECT_EQ(wasi_tls_future_public_identity_get(pending.get(), none.out()), WASI_TLS_ERR_ALREADY_TAKEN);
}

// The pollable may outlive everything, and is ready then; dropping it does not take the alert back.
CONFORMANCE_CASE(Abort, abort, pollable_and_connection_in_any_order) {
  for (bool pollable_first : {true, false}) {
    start_over();
    if (!client_at_server_identity()) return;
    Pollable written;
    ASSERT_EQ(wasi_tls_client_handshake_abort(client().handshake.get(), written.out()), WASI_TLS_OK);
    client().handshake.reset();
    if (pollable_first) written.reset();
    client().identity_future.reset();
    client().connection.reset();
    if (!pollable_first) {
      EXPECT_TRUE(wasi_tls_pollable_poll(written.get(), {nullptr, nullptr}));
    }
    EXPECT_EQ(alert_at(server()), kBadCertificate);
  }
}

// Dropping the handshake without finish or abort ends the connection and writes nothing.
CONFORMANCE_CASE(Abort, abort, dropping_is_silent) {
  if (!client_at_server_identity()) return;
  size_t written = to_server().transcript().size();
  client().handshake.reset();
  EXPECT_EQ(client().last_error().result, WASI_TLS_ERR_ABORTED);
  client().identity_future.reset();
  client().connection.reset();
  EXPECT_EQ(to_server().transcript().size(), written);
  run();
  EXPECT_EQ(server().outcome, WASI_TLS_ERR_EOF);
}
