// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Cleartext streams have the vtables of the streams taken in: a connection runs inside of a connection (behaviour 164).
#include "case.h"

using namespace conformance;

namespace {

class TlsInTls : public Case {
 protected:
  // From now on |client()| and |server()| are connections inside of those that they were. With |swapped| each has the
  // engine of the other: then the two levels of each end have different ones, if the pairing has two.
  void go_inside(bool swapped = false) {
    if (swapped) std::swap(client_options.engine, server_options.engine);
    Config of_client, of_server;
    ASSERT_EQ(client_options.build(&of_client), WASI_TLS_OK);
    ASSERT_EQ(server_options.build(&of_server), WASI_TLS_OK);
    ClientConnection inner_client;
    ASSERT_EQ(wasi_tls_client_connection_new(of_client.get(), client().input.get(), client().output.get(),
                                             inner_client.out()),
              WASI_TLS_OK);
    (void)client().input.release();
    (void)client().output.release();
    ServerConnection inner_server;
    ASSERT_EQ(wasi_tls_server_connection_new(of_server.get(), server().input.get(), server().output.get(),
                                             inner_server.out()),
              WASI_TLS_OK);
    (void)server().input.release();
    (void)server().output.release();
    // Nothing but the streams is needed of the outer ones.
    client().streams.reset();
    server().streams.reset();
    client().connection = std::move(inner_client);
    server().connection = std::move(inner_server);
    client().config = std::move(of_client);
    server().config = std::move(of_server);
    ASSERT_EQ(client().connect(server_name), WASI_TLS_OK);
    ASSERT_EQ(server().accept(), WASI_TLS_OK);
    ASSERT_EQ(server().configure_chains(server_chains), WASI_TLS_OK);
  }
  void open_inside(bool swapped = false) {
    ASSERT_TRUE(finish_both());
    go_inside(swapped);
    ASSERT_TRUE(finish_both());
  }
  // The last handles of |peer| go.
  static void drop_all(Peer &peer) {
    peer.input.reset();
    peer.output.reset();
    peer.streams.reset();
    peer.drop_connection();
  }
};

}  // namespace

CONFORMANCE_CASE(TlsInTls, tls_in_tls, data) {
  open_inside();
  expect_echo(50000);
  close_both();
}

CONFORMANCE_CASE(TlsInTls, tls_in_tls, levels_with_different_engines) {
  open_inside(true);
  expect_echo(50000);
  EXPECT_EQ(client().version(), pairing.version);
  close_both();
}

CONFORMANCE_CASE(TlsInTls, tls_in_tls, three_levels) {
  open_inside(true);
  go_inside(true);
  ASSERT_TRUE(finish_both());
  expect_echo(20000);
  close_both();
}

// The steps of a handshake inside: while it is suspended nothing moves on the wire.
CONFORMANCE_CASE(TlsInTls, tls_in_tls, steps_inside) {
  ASSERT_TRUE(finish_both());
  go_inside(true);
  if (!start_verify()) return;
  run();
  size_t moved = wire().progress();
  EXPECT_EQ(client().outcome, WASI_TLS_PENDING);
  if (!start_receive_hello()) return;
  run();
  ASSERT_EQ(server().outcome, WASI_TLS_OK);
  EXPECT_EQ(hello_server_name(server().hello), kServerName);
  EXPECT_EQ(to_client().written(), to_client().reads().bytes) << "the hello is not answered";
  EXPECT_GT(wire().progress(), moved) << "the hello is taken in";
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  ASSERT_EQ(client().outcome, WASI_TLS_OK);
  EXPECT_EQ(export_chain(client().identity), ders_of(server_chains[0]));
  size_t written = to_server().written();
  run();
  EXPECT_EQ(to_server().written(), written);
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  ASSERT_EQ(client().outcome, WASI_TLS_OK);
  ASSERT_EQ(server().outcome, WASI_TLS_OK);
  expect_echo(1000);
}

// The inner connection ends first; when its last handle goes, the outer one ends in order too, and its streams go.
CONFORMANCE_CASE(TlsInTls, tls_in_tls, closing_inside_then_outside) {
  open_inside();
  close_both();
  size_t records = to_server().records().size();
  EXPECT_FALSE(to_server().writer_dropped());
  drop_all(client());
  EXPECT_EQ(to_server().records().size(), records + 1) << "one close_notify of the outer connection";
  EXPECT_TRUE(to_server().writer_dropped());
  EXPECT_TRUE(to_client().reader_dropped());
  drop_all(server());
  EXPECT_TRUE(to_client().writer_dropped());
}

// The outer connection ends in order, the inner one does not: that is truncation inside.
CONFORMANCE_CASE(TlsInTls, tls_in_tls, outer_end_truncates_the_inner) {
  ASSERT_TRUE(finish_both());
  // The outer output of the server, which closes it without a word of an inner connection.
  Output outer(server().output.release());
  Input inner_input(client().input.release());
  ClientConnection inner;
  ASSERT_EQ(wasi_tls_client_connection_new(client().config.get(), inner_input.release(), client().output.release(),
                                           inner.out()),
            WASI_TLS_OK);
  client().connection = std::move(inner);
  ASSERT_EQ(client().connect(server_name), WASI_TLS_OK);
  ASSERT_EQ(client().finish(), WASI_TLS_OK);
  run();
  outer.reset();
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_ERR_EOF) << client().last_error().text;
}

// The outer connection is truncated: inside, that is a transport that failed, and not an end.
CONFORMANCE_CASE(TlsInTls, tls_in_tls, outer_truncation_fails_the_inner) {
  open_inside();
  client().receive();
  run();
  to_client().cut_at(to_client().written());
  run();
  EXPECT_EQ(client().read_result, WASI_TLS_ERR_TRANSPORT_READ);
  EXPECT_EQ(client().last_error().result, WASI_TLS_ERR_TRANSPORT_READ);
}

// So is a record outside that was changed, and an error of the raw stream, on either way.
CONFORMANCE_CASE(TlsInTls, tls_in_tls, outer_faults_are_told_as_transport_errors) {
  open_inside();
  client().receive();
  to_client().flip(to_client().written() + 12, 1);
  server().send(to_bytes("changed"));
  run();
  EXPECT_EQ(client().read_result, WASI_TLS_ERR_TRANSPORT_READ);
  EXPECT_TRUE(client().received.empty());
  start_over();
  ASSERT_TRUE(finish_both());
  go_inside();
  to_client().fail_read_call(to_client().reads().calls + 1);
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_ERR_TRANSPORT_READ);
  start_over();
  open_inside();
  to_server().fail_write_call(to_server().writes().calls + 1);
  client().send(to_bytes("lost"));
  run();
  EXPECT_EQ(client().write_result, WASI_TLS_ERR_TRANSPORT_WRITE);
}
