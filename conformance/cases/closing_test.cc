// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Closing with something in the way: a cut at each byte of the last records, data and alerts behind the end, flushes
// and blocked transports, handles that go in either order (behaviours 152 to 163).
#include "lives.h"

using namespace conformance;

namespace {

class Closing : public Lives {
 protected:
  wasi_tls_result read_once(Peer &reader) {
    uint8_t byte;
    size_t count = 0;
    return wasi_tls_input_stream_read(reader.input.get(), &byte, 1, &count);
  }
  void write(Peer &writer, const Bytes &bytes) {
    size_t permit = 0;
    ASSERT_EQ(wasi_tls_output_stream_check_write(writer.output.get(), &permit), WASI_TLS_OK);
    ASSERT_GE(permit, bytes.size());
    ASSERT_EQ(wasi_tls_output_stream_write(writer.output.get(), bytes.data(), bytes.size()), WASI_TLS_OK);
  }
  // A life of words and a close_notify from one side, cut at |kept| bytes behind the handshake. How many there were.
  size_t cut_last_words(Side reader, size_t kept) {
    start_over();
    EXPECT_TRUE(finish_both());
    size_t start = into(reader).written();
    into(reader).cut_at(start + kept);
    peer(reader).receive();
    peer(other(reader)).send(kWords);
    run();
    size_t words_end = into(reader).written() - start;
    peer(other(reader)).close();
    run();
    size_t end = into(reader).written() - start;
    EXPECT_EQ(peer(reader).received, kept >= words_end ? kWords : Bytes());
    EXPECT_EQ(peer(reader).read_result, kept >= end ? WASI_TLS_ERR_CLOSED : WASI_TLS_ERR_TRUNCATED) << kept;
    EXPECT_EQ(read_once(peer(reader)), WASI_TLS_ERR_CLOSED);
    return end;
  }
  void cut_at_each_byte(Side reader) {
    size_t end = cut_last_words(reader, 1000);
    size_t count = at_places(end + 1, [&](size_t kept) { EXPECT_EQ(cut_last_words(reader, kept), end); });
    record_count("cuts", count);
  }

  const Bytes kWords = to_bytes("last words");
};

}  // namespace

// 155: truncation at each byte of the last record of data and of close_notify: a record is shown whole or not at all.
CONFORMANCE_CASE(Closing, closing, cut_at_each_byte_to_the_client) {
  cut_at_each_byte(Side::kClient);
}

CONFORMANCE_CASE(Closing, closing, cut_at_each_byte_to_the_server) {
  cut_at_each_byte(Side::kServer);
}

// What comes behind the peer's close_notify is never looked at.
CONFORMANCE_CASE(Closing, closing, bytes_behind_close_notify) {
  for (Side reader : {Side::kClient, Side::kServer}) {
    start_over();
    ASSERT_TRUE(finish_both());
    size_t start = into(reader).written();
    peer(other(reader)).send(kWords);
    run();
    const Bytes &wire_bytes = into(reader).transcript();
    Bytes again(wire_bytes.begin() + static_cast<ptrdiff_t>(start), wire_bytes.end());
    peer(other(reader)).close();
    into(reader).inject(again);
    into(reader).inject(to_bytes("and no TLS at all"));
    peer(reader).receive();
    run();
    EXPECT_EQ(peer(reader).received, kWords);
    EXPECT_EQ(peer(reader).read_result, WASI_TLS_ERR_CLOSED);
    EXPECT_EQ(read_once(peer(reader)), WASI_TLS_ERR_CLOSED);
    EXPECT_EQ(peer(reader).last_error().result, WASI_TLS_OK);
    // The other direction is not disturbed.
    peer(other(reader)).receive();
    peer(reader).send(kWords);
    run();
    EXPECT_EQ(peer(other(reader)).received, kWords);
  }
}

// 162: a fatal alert and then the end, or more bytes: the alert is what is told, and nothing behind it is looked at.
CONFORMANCE_CASE(Closing, closing, alert_and_then_more) {
  for (bool more : {false, true}) {
    start_over();
    ASSERT_TRUE(finish_both());
    to_server().stop_reads(true);
    client().receive();
    to_client().flip(to_client().written() + 12, 1);
    server().send(to_bytes("spoilt"));
    run();
    ASSERT_EQ(client().read_result, WASI_TLS_ERR_PROTOCOL);
    if (more) {
      to_server().inject(to_bytes("and no TLS at all"));
    } else {
      to_server().cut_at(to_server().written());
    }
    to_server().stop_reads(false);
    server().receive();
    run();
    EXPECT_EQ(server().read_result, WASI_TLS_ERR_PEER_ALERT);
    EXPECT_EQ(received_alert(server().last_error()), kBadRecordMac);
    EXPECT_TRUE(server().received.empty());
    EXPECT_EQ(read_once(server()), WASI_TLS_ERR_CLOSED);
  }
}

// Closed while a flush waits: all that was written arrives, and then the end.
CONFORMANCE_CASE(Closing, closing, while_a_flush_waits) {
  ASSERT_TRUE(finish_both());
  server().receive();
  client().receive();
  write(client(), kWords);
  to_server().hold_flush(true);
  EXPECT_EQ(wasi_tls_output_stream_flush(client().output.get()), WASI_TLS_OK);
  client().close();
  run();
  to_server().hold_flush(false);
  run();
  EXPECT_EQ(server().received, kWords);
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_CLOSED);
}

// 152: the input goes while the peer is sending: our own words and our close_notify still arrive.
CONFORMANCE_CASE(Closing, closing, input_dropped_while_the_peer_sends) {
  ASSERT_TRUE(finish_both());
  to_client().set_capacity(5000);
  server().send(pattern(100000));
  server().receive();
  run();
  client().input.reset();
  client().send(kWords);
  run();
  EXPECT_EQ(server().received, kWords);
  client().close();
  run();
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_CLOSED);
  EXPECT_FALSE(to_client().reader_dropped()) << "the raw streams stay as long as the connection";
}

// 152: either order of dropping the two streams ends the connection in order, and lets the raw streams go.
CONFORMANCE_CASE(Closing, closing, streams_dropped_in_either_order) {
  for (bool output_first : {true, false}) {
    start_over();
    ASSERT_TRUE(finish_both());
    server().receive();
    client().drop_connection();
    client().streams.reset();
    if (output_first) client().output.reset();
    client().input.reset();
    EXPECT_EQ(to_server().writer_dropped(), output_first);
    client().output.reset();
    run();
    EXPECT_EQ(server().read_result, WASI_TLS_ERR_CLOSED);
    EXPECT_TRUE(to_server().writer_dropped());
    EXPECT_TRUE(to_client().reader_dropped());
  }
}

// 157, 163: the peer closes while our output is blocked: we see its end, and what we wrote still arrives.
CONFORMANCE_CASE(Closing, closing, peer_closes_while_we_are_blocked) {
  ASSERT_TRUE(finish_both());
  to_server().stop_writes(true);
  write(client(), kWords);
  server().receive();
  server().close();
  client().receive();
  run();
  EXPECT_EQ(client().read_result, WASI_TLS_ERR_CLOSED);
  EXPECT_TRUE(server().received.empty());
  to_server().stop_writes(false);
  client().send(to_bytes(" and more"), [this] { client().close(); });
  run();
  EXPECT_EQ(server().received_text(), "last words and more");
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_CLOSED);
}

// 160: everything is dropped with data of our own on the way and data of the peer unread: what the transport took
// arrives, and then the end.
CONFORMANCE_CASE(Closing, closing, all_dropped_with_data_on_the_way) {
  ASSERT_TRUE(finish_both());
  server().send(pattern(3000));
  run();
  write(client(), kWords);
  client().output.reset();
  client().input.reset();
  client().streams.reset();
  client().drop_connection();
  server().receive();
  run();
  EXPECT_EQ(server().received, kWords);
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_CLOSED);
}

// 159: close_notifys that cross on the wire.
CONFORMANCE_CASE(Closing, closing, close_notifys_cross) {
  ASSERT_TRUE(finish_both());
  to_client().stop_reads(true);
  to_server().stop_reads(true);
  client().receive();
  server().receive();
  client().close();
  server().close();
  run();
  size_t of_client = to_server().records().size(), of_server = to_client().records().size();
  to_client().stop_reads(false);
  to_server().stop_reads(false);
  run();
  EXPECT_EQ(client().read_result, WASI_TLS_ERR_CLOSED);
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_CLOSED);
  EXPECT_EQ(to_server().records().size(), of_client) << "a close_notify is not answered with another";
  EXPECT_EQ(to_client().records().size(), of_server);
}

// The transport fails while close_notify is said: reading is over too, and says why.
CONFORMANCE_CASE(Closing, closing, transport_fails_under_close_notify) {
  ASSERT_TRUE(finish_both());
  client().receive();
  run();
  to_server().fail_write_call(to_server().writes().calls + 1);
  client().close();
  run();
  EXPECT_EQ(client().last_error().result, WASI_TLS_ERR_TRANSPORT_WRITE);
  EXPECT_EQ(client().read_result, WASI_TLS_ERR_TRANSPORT_WRITE);
}
