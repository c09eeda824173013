// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Closing and truncation (behaviours 123, 152 to 160, 162, 163).
#include "case.h"

using namespace conformance;

namespace {

class Close : public Case {
 protected:
  // Records that could be close_notify. Under TLS 1.3 an alert looks like data, so all records are counted.
  size_t alerts_or_records(const Channel &channel) {
    return channel.count_records(tls13() ? kApplicationData : kAlert);
  }
  // What a stream answers: first the failure, then `closed`.
  wasi_tls_result read_once(Peer &peer) {
    uint8_t byte;
    size_t count = 0;
    return wasi_tls_input_stream_read(peer.input.get(), &byte, 1, &count);
  }
  void expect_truncated(Peer &peer) {
    EXPECT_EQ(peer.read_result, WASI_TLS_ERR_TRUNCATED);
    EXPECT_EQ(read_once(peer), WASI_TLS_ERR_CLOSED);
    EXPECT_EQ(peer.last_error().result, WASI_TLS_ERR_TRUNCATED);
    EXPECT_EQ(peer.last_error().alert, WASI_TLS_NO_ALERT);
  }
};

}  // namespace

// 153: dropping the output sends one close_notify behind all data, in a record of its own.
CONFORMANCE_CASE(Close, close, one_close_notify_behind_the_data) {
  ASSERT_TRUE(finish_both());
  server().receive();
  client().send(to_bytes("last words"));
  run();
  size_t before = alerts_or_records(to_server());
  client().close();
  run();
  EXPECT_EQ(alerts_or_records(to_server()), before + 1);
  EXPECT_EQ(server().received_text(), "last words");
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_CLOSED);
  // Dropping the rest does not send another.
  client().input.reset();
  client().streams.reset();
  client().connection.reset();
  EXPECT_EQ(alerts_or_records(to_server()), before + 1);
  EXPECT_TRUE(to_server().writer_dropped());
}

// 154: close_notify is the end of the stream and no failure; it stays the end.
CONFORMANCE_CASE(Close, close, end_of_stream) {
  ASSERT_TRUE(finish_both());
  client().receive();
  server().close();
  run();
  EXPECT_EQ(client().read_result, WASI_TLS_ERR_CLOSED);
  EXPECT_EQ(read_once(client()), WASI_TLS_ERR_CLOSED);
  EXPECT_TRUE(wasi_tls_input_stream_poll(client().input.get(), {nullptr, nullptr}));
  wasi_tls_error error;
  wasi_tls_error_init(&error);
  EXPECT_FALSE(wasi_tls_input_stream_last_error(client().input.get(), &error));
  // What the raw stream does afterwards does not matter any more.
  to_client().cut_at(to_client().transcript().size());
  EXPECT_EQ(read_once(client()), WASI_TLS_ERR_CLOSED);
  EXPECT_EQ(client().last_error().result, WASI_TLS_OK);
}

// 156: after our close_notify we read on, until the peer's.
CONFORMANCE_CASE(Close, close, read_after_own_close) {
  for (bool client_closes : {true, false}) {
    start_over();
    ASSERT_TRUE(finish_both());
    Peer &closer = client_closes ? static_cast<Peer &>(client()) : static_cast<Peer &>(server());
    Peer &other = client_closes ? static_cast<Peer &>(server()) : static_cast<Peer &>(client());
    closer.receive();
    closer.close();
    run();
    other.send(pattern(50000));
    run();
    EXPECT_EQ(other.write_result, WASI_TLS_OK);
    EXPECT_TRUE(closer.received == pattern(50000));
    other.close();
    run();
    EXPECT_EQ(closer.read_result, WASI_TLS_ERR_CLOSED);
  }
}

// 157: after the peer's close_notify has been read, we can still write.
CONFORMANCE_CASE(Close, close, write_after_the_peers_close) {
  ASSERT_TRUE(finish_both());
  client().receive();
  server().receive();
  server().close();
  run();
  ASSERT_EQ(client().read_result, WASI_TLS_ERR_CLOSED);
  client().send(to_bytes("still here"));
  run();
  EXPECT_EQ(client().write_result, WASI_TLS_OK);
  EXPECT_EQ(server().received_text(), "still here");
  client().close();
  run();
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_CLOSED);
}

// 159: both close at the same time.
CONFORMANCE_CASE(Close, close, both_at_once) {
  ASSERT_TRUE(finish_both());
  close_both();
  EXPECT_EQ(client().last_error().result, WASI_TLS_OK);
  EXPECT_EQ(server().last_error().result, WASI_TLS_OK);
}

// 155: the end of the raw stream without close_notify is truncation, then closed; with data in front or not.
CONFORMANCE_CASE(Close, close, truncation) {
  for (bool data_first : {false, true}) {
    start_over();
    ASSERT_TRUE(finish_both());
    if (data_first) {
      server().send(to_bytes("data"));
      run();
    }
    to_client().cut_at(to_client().transcript().size());
    client().receive();
    run();
    EXPECT_EQ(client().received_text(), data_first ? "data" : "");
    expect_truncated(client());
  }
}

CONFORMANCE_CASE(Close, close, truncation_seen_by_the_server) {
  ASSERT_TRUE(finish_both());
  to_server().cut_at(to_server().transcript().size());
  server().receive();
  run();
  expect_truncated(server());
}

// 155: cut within a record, and within close_notify itself.
CONFORMANCE_CASE(Close, close, truncation_within_a_record) {
  for (size_t kept : std::initializer_list<size_t>{1, 4, 5, 6, 20}) {
    start_over();
    ASSERT_TRUE(finish_both());
    to_client().cut_at(to_client().transcript().size() + kept);
    server().send(pattern(100));
    client().receive();
    run();
    EXPECT_TRUE(client().received.empty());
    expect_truncated(client());
  }
  start_over();
  ASSERT_TRUE(finish_both());
  client().receive();
  run();
  to_client().cut_at(to_client().transcript().size() + 6);
  server().close();
  run();
  expect_truncated(client());
}

// Truncation of the one direction does not forbid to end the other in order.
CONFORMANCE_CASE(Close, close, truncation_still_says_goodbye) {
  ASSERT_TRUE(finish_both());
  to_client().cut_at(to_client().transcript().size());
  client().receive();
  server().receive();
  run();
  ASSERT_EQ(client().read_result, WASI_TLS_ERR_TRUNCATED);
  client().input.reset();
  client().close();
  client().streams.reset();
  client().connection.reset();
  run();
  EXPECT_NE(server().read_result, WASI_TLS_PENDING);
}

// 158: closing is what dropping the output is; a flush in front of it is possible, and nothing behind.
CONFORMANCE_CASE(Close, close, immediately_after_the_handshake) {
  for (bool client_closes : {true, false}) {
    start_over();
    ASSERT_TRUE(finish_both());
    Peer &closer = client_closes ? static_cast<Peer &>(client()) : static_cast<Peer &>(server());
    Peer &other = client_closes ? static_cast<Peer &>(server()) : static_cast<Peer &>(client());
    other.receive();
    closer.close();
    run();
    EXPECT_EQ(other.read_result, WASI_TLS_ERR_CLOSED);
    EXPECT_TRUE(other.received.empty());
  }
}

// 160: closed with data of the peer unread: the peer still gets our close_notify.
CONFORMANCE_CASE(Close, close, with_unread_data) {
  ASSERT_TRUE(finish_both());
  server().receive();
  server().send(pattern(5000));
  run();
  client().close();
  client().input.reset();
  client().streams.reset();
  client().connection.reset();
  run();
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_CLOSED);
}

// 160: dropped before the handshake is over: no close_notify, nothing more is written; the peer meets the end.
CONFORMANCE_CASE(Close, close, before_the_handshake_is_over) {
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  to_client().stop_reads(true);
  run();
  size_t written = to_server().transcript().size();
  pump().forget();
  client().streams.reset();
  client().connection.reset();
  EXPECT_EQ(to_server().transcript().size(), written);
  EXPECT_TRUE(to_server().writer_dropped());
  EXPECT_TRUE(to_client().reader_dropped());
  EXPECT_TRUE(to_server().count_records(kAlert) == 0);
}

// 163: closed while the transport is blocked: what was accepted is written, then close_notify, as the transport allows.
CONFORMANCE_CASE(Close, close, while_a_write_is_blocked) {
  ASSERT_TRUE(finish_both());
  to_server().stop_writes(true);
  size_t permit = 0;
  Bytes accepted = pattern(2000);
  ASSERT_EQ(wasi_tls_output_stream_check_write(client().output.get(), &permit), WASI_TLS_OK);
  ASSERT_GE(permit, accepted.size());
  ASSERT_EQ(wasi_tls_output_stream_write(client().output.get(), accepted.data(), accepted.size()), WASI_TLS_OK);
  client().close();
  client().receive();
  server().receive();
  run();
  EXPECT_TRUE(server().received.empty());
  to_server().stop_writes(false);
  run();
  EXPECT_TRUE(server().received == accepted);
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_CLOSED);
}

// 153, 163: everything is dropped at once with the transport blocked: no hang, and no byte behind what was taken.
CONFORMANCE_CASE(Close, close, all_dropped_while_blocked) {
  ASSERT_TRUE(finish_both());
  to_server().stop_writes(true);
  size_t written = to_server().transcript().size();
  Bytes block = pattern(100);
  size_t permit = 0;
  ASSERT_EQ(wasi_tls_output_stream_check_write(client().output.get(), &permit), WASI_TLS_OK);
  ASSERT_EQ(wasi_tls_output_stream_write(client().output.get(), block.data(), block.size()), WASI_TLS_OK);
  client().close();
  client().input.reset();
  client().streams.reset();
  client().connection.reset();
  EXPECT_EQ(to_server().transcript().size(), written);
  EXPECT_TRUE(to_server().writer_dropped());
  server().receive();
  run();
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_TRUNCATED);
}

// 153: when the last handle goes, close_notify goes with it, though the output was never closed by itself.
CONFORMANCE_CASE(Close, close, dropping_everything_closes) {
  ASSERT_TRUE(finish_both());
  server().receive();
  client().connection.reset();
  client().streams.reset();
  client().input.reset();
  EXPECT_FALSE(to_server().writer_dropped());
  client().output.reset();
  run();
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_CLOSED);
  EXPECT_TRUE(to_server().writer_dropped());
}

// finish was called, its streams were never taken: they end in order too.
CONFORMANCE_CASE(Close, close, streams_never_taken) {
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  FutureStreams untaken;
  ASSERT_EQ(wasi_tls_client_handshake_finish(client().handshake.get(), untaken.out()), WASI_TLS_OK);
  client().handshake.reset();
  Pollable ready;
  ASSERT_EQ(wasi_tls_future_streams_subscribe(untaken.get(), ready.out()), WASI_TLS_OK);
  pump().await("client: finish", ready.get(), [] {});
  run();
  ASSERT_EQ(server().outcome, WASI_TLS_OK);
  server().receive();
  ready.reset();
  untaken.reset();
  client().connection.reset();
  run();
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_CLOSED);
}

// 162: a fatal alert behind the handshake fails reads and writes, with its number.
CONFORMANCE_CASE(Close, close, fatal_alert) {
  ASSERT_TRUE(finish_both());
  server().receive();
  client().receive();
  to_client().flip(to_client().transcript().size() + 12, 1);
  server().send(to_bytes("spoilt"));
  run();
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_PEER_ALERT);
  EXPECT_EQ(received_alert(server().last_error()), kBadRecordMac);
  size_t permit = 0;
  EXPECT_NE(wasi_tls_output_stream_check_write(server().output.get(), &permit), WASI_TLS_OK);
}
