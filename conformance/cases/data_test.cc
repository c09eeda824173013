// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Cleartext streams: the semantics of wasi:io 0.2 (behaviours 117 to 120, 138 to 145, 147, 148, 150 to 152).
#include "case.h"

using namespace conformance;

namespace {

constexpr wasi_tls_waker kOnlyAsking = {nullptr, nullptr};
constexpr uint8_t kByte = '!';

class Data : public Case {
 protected:
  size_t permit_of(Peer &peer) {
    size_t permit = 12345;
    EXPECT_EQ(wasi_tls_output_stream_check_write(peer.output.get(), &permit), WASI_TLS_OK);
    return permit;
  }
  wasi_tls_result read(Peer &peer, size_t len, Bytes *bytes) {
    bytes->assign(len, 0);
    size_t count = 12345;
    wasi_tls_result result = wasi_tls_input_stream_read(peer.input.get(), bytes->data(), len, &count);
    bytes->resize(result == WASI_TLS_OK ? count : 0);
    return result;
  }
  // Makes the server's cleartext bytes come to the client's raw stream.
  void server_says(const Bytes &bytes) {
    server().send(bytes);
    run();
    ASSERT_EQ(server().write_result, WASI_TLS_OK);
  }
};

}  // namespace

// 117: with nothing configured but name and identity, data goes both ways.
CONFORMANCE_CASE(Data, data, defaults) {
  client_options.min_version = server_options.min_version = WASI_TLS_VERSION_TLS12;
  client_options.max_version = server_options.max_version = pairing.version;
  ASSERT_TRUE(finish_both());
  EXPECT_EQ(client().version(), pairing.version);
  expect_echo();
  close_both();
}

// 140: sizes about the bounds of a record, both ways.
CONFORMANCE_CASE(Data, data, echo_of_every_size) {
  ASSERT_TRUE(finish_both());
  for (size_t len : std::initializer_list<size_t>{0, 1, 2, 16383, 16384, 16385, 65535, 65536, 65537}) {
    SCOPED_TRACE(len);
    expect_echo(len);
  }
  close_both();
}

// 140, 141: 1 MiB each way at once, over a wire that holds little: no deadlock.
CONFORMANCE_CASE(Data, data, full_duplex_over_a_narrow_wire) {
  ASSERT_TRUE(finish_both());
  to_server().set_capacity(4096);
  to_client().set_capacity(4096);
  expect_echo(size_t{1} << 20);
  close_both();
}

// 118: the handshake and data over a wire that gives and takes one byte at a time.
CONFORMANCE_CASE(Data, data, chunks_of_one) {
  to_server().set_chop(1);
  to_client().set_chop(1);
  ASSERT_TRUE(finish_both());
  expect_echo(3000);
  close_both();
}

// 138: two connections on one thread do not disturb each other.
CONFORMANCE_CASE(Data, data, two_connections) {
  Wire other_wire;
  Client other_client(&pump(), &other_wire, client_options);
  Server other_server(&pump(), &other_wire, server_options);
  ASSERT_EQ(other_client.connect(server_name), WASI_TLS_OK);
  ASSERT_EQ(other_server.accept(), WASI_TLS_OK);
  ASSERT_EQ(other_server.configure_chains(server_chains), WASI_TLS_OK);
  ASSERT_EQ(other_client.finish(), WASI_TLS_OK);
  ASSERT_EQ(other_server.finish(), WASI_TLS_OK);
  other_wire.to_client().stop_reads(true);
  ASSERT_TRUE(finish_both());
  expect_echo();
  EXPECT_EQ(other_client.outcome, WASI_TLS_PENDING);
  other_wire.to_client().stop_reads(false);
  run();
  EXPECT_EQ(other_client.outcome, WASI_TLS_OK);
  EXPECT_EQ(other_server.outcome, WASI_TLS_OK);
}

// 142: reads and writes of nothing move nothing and fail nothing.
CONFORMANCE_CASE(Data, data, zero_length) {
  ASSERT_TRUE(finish_both());
  server_says(to_bytes("x"));
  size_t wire_bytes = to_server().transcript().size();
  EXPECT_GT(permit_of(client()), 0u);
  EXPECT_EQ(wasi_tls_output_stream_write(client().output.get(), nullptr, 0), WASI_TLS_OK);
  EXPECT_EQ(to_server().transcript().size(), wire_bytes);
  Bytes bytes;
  EXPECT_EQ(read(client(), 0, &bytes), WASI_TLS_OK);
  EXPECT_EQ(read(client(), 8, &bytes), WASI_TLS_OK);
  EXPECT_EQ(bytes, to_bytes("x"));
}

// A read with nothing there is no error and no end.
CONFORMANCE_CASE(Data, data, nothing_there) {
  ASSERT_TRUE(finish_both());
  Bytes bytes;
  EXPECT_EQ(read(client(), 8, &bytes), WASI_TLS_OK);
  EXPECT_TRUE(bytes.empty());
  EXPECT_FALSE(wasi_tls_input_stream_poll(client().input.get(), kOnlyAsking));
}

// check-write and write: the permit is what the next write may have; more is refused and sends nothing.
CONFORMANCE_CASE(Data, data, permit) {
  client_options.limits.write_permit = 1024;
  ASSERT_TRUE(finish_both());
  size_t permit = permit_of(client());
  EXPECT_GT(permit, 0u);
  EXPECT_LE(permit, 1024u);
  size_t wire_bytes = to_server().transcript().size();
  Bytes too_much = pattern(permit + 1);
  EXPECT_EQ(wasi_tls_output_stream_write(client().output.get(), too_much.data(), too_much.size()),
            WASI_TLS_ERR_PERMIT_EXCEEDED);
  EXPECT_EQ(to_server().transcript().size(), wire_bytes);
  EXPECT_EQ(wasi_tls_output_stream_write(client().output.get(), too_much.data(), permit), WASI_TLS_OK);
  server().receive();
  run();
  EXPECT_TRUE(server().received == Bytes(too_much.begin(), too_much.end() - 1));
}

// 143: a peer that does not read stops our writes, with bounded memory; they resume when it reads.
CONFORMANCE_CASE(Data, data, back_pressure) {
  client_options.limits.write_permit = 16384;
  ASSERT_TRUE(finish_both());
  to_server().set_capacity(10000);
  Bytes block = pattern(1024);
  size_t accepted = 0;
  while (permit_of(client()) >= block.size() && accepted < (size_t{1} << 20)) {
    ASSERT_EQ(wasi_tls_output_stream_write(client().output.get(), block.data(), block.size()), WASI_TLS_OK);
    accepted += block.size();
  }
  // What the wire holds, the write permit, and a record's worth in between.
  EXPECT_LE(accepted, 10000u + 16384u + 17408u);
  EXPECT_LE(to_server().waiting(), 10000u);
  EXPECT_FALSE(wasi_tls_output_stream_poll(client().output.get(), kOnlyAsking));
  server().receive();
  client().send(block);
  run();
  EXPECT_EQ(client().write_result, WASI_TLS_OK);
  EXPECT_EQ(server().received.size(), accepted + block.size());
}

// 144: a flush is done when the transport has taken and passed on all; until then nothing is permitted.
CONFORMANCE_CASE(Data, data, flush_waits_for_the_transport) {
  ASSERT_TRUE(finish_both());
  to_server().stop_writes(true);
  Bytes block = pattern(500);
  EXPECT_GE(permit_of(client()), block.size());
  EXPECT_EQ(wasi_tls_output_stream_write(client().output.get(), block.data(), block.size()), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_output_stream_flush(client().output.get()), WASI_TLS_OK);
  EXPECT_EQ(permit_of(client()), 0u);
  EXPECT_FALSE(wasi_tls_output_stream_poll(client().output.get(), kOnlyAsking));
  to_server().hold_flush(true);
  to_server().stop_writes(false);
  EXPECT_EQ(permit_of(client()), 0u) << "the transport has not passed it on";
  EXPECT_GT(to_server().flushes(), 0u);
  to_server().hold_flush(false);
  EXPECT_TRUE(wasi_tls_output_stream_poll(client().output.get(), kOnlyAsking));
  EXPECT_GT(permit_of(client()), 0u);
  EXPECT_GT(to_server().waiting(), block.size());
}

// wasi:io write-zeroes.
CONFORMANCE_CASE(Data, data, write_zeroes) {
  ASSERT_TRUE(finish_both());
  ASSERT_GE(permit_of(client()), 5000u);
  EXPECT_EQ(wasi_tls_output_stream_write_zeroes(client().output.get(), 5000), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_output_stream_write_zeroes(client().output.get(), size_t{1} << 24), WASI_TLS_ERR_PERMIT_EXCEEDED);
  client().send(to_bytes("end"));
  server().receive();
  run();
  Bytes expected(5000, 0);
  expected.insert(expected.end(), {'e', 'n', 'd'});
  EXPECT_TRUE(server().received == expected);
}

// wasi:io splice: an echo without a buffer of the guest's, and what it moves with nothing there.
CONFORMANCE_CASE(Data, data, splice) {
  ASSERT_TRUE(finish_both());
  size_t count = 12345;
  EXPECT_EQ(wasi_tls_output_stream_splice(server().output.get(), server().input.get(), 100, &count), WASI_TLS_OK);
  EXPECT_EQ(count, 0u);
  Bytes sent = pattern(40000);
  client().send(sent);
  client().receive();
  pump().add("server: splice", [this](wasi_tls_waker waker) {
    for (;;) {
      size_t moved = 0;
      wasi_tls_result result =
          wasi_tls_output_stream_splice(server().output.get(), server().input.get(), 10000, &moved);
      EXPECT_LE(moved, 10000u);
      if (result != WASI_TLS_OK) return true;
      if (moved == 0 && !wasi_tls_input_stream_poll(server().input.get(), waker)) return false;
    }
  });
  run();
  EXPECT_TRUE(client().received == sent);
}

// wasi:io skip.
CONFORMANCE_CASE(Data, data, skip) {
  ASSERT_TRUE(finish_both());
  server_says(to_bytes("0123456789"));
  size_t count = 0;
  EXPECT_EQ(wasi_tls_input_stream_skip(client().input.get(), 4, &count), WASI_TLS_OK);
  EXPECT_EQ(count, 4u);
  Bytes bytes;
  EXPECT_EQ(read(client(), 100, &bytes), WASI_TLS_OK);
  EXPECT_EQ(bytes, to_bytes("456789"));
}

// 145: short reads lose nothing, and what is decrypted already counts as readable, with the wire quiet.
CONFORMANCE_CASE(Data, data, short_reads) {
  ASSERT_TRUE(finish_both());
  Bytes sent = pattern(3000);
  server_says(sent);
  Bytes all, part;
  while (all.size() < sent.size()) {
    ASSERT_TRUE(wasi_tls_input_stream_poll(client().input.get(), kOnlyAsking)) << all.size();
    ASSERT_EQ(read(client(), 7, &part), WASI_TLS_OK);
    ASSERT_FALSE(part.empty());
    all.insert(all.end(), part.begin(), part.end());
  }
  EXPECT_TRUE(all == sent);
  EXPECT_FALSE(wasi_tls_input_stream_poll(client().input.get(), kOnlyAsking));
}

// 119, 120: data in the same read as the last flight is not lost, whoever finishes last.
CONFORMANCE_CASE(Data, data, right_behind_the_last_flight) {
  // Under TLS 1.3 the client speaks last in the handshake, under TLS 1.2 the server does.
  Peer &last_to_know = tls13() ? static_cast<Peer &>(server()) : static_cast<Peer &>(client());
  Peer &first_to_know = tls13() ? static_cast<Peer &>(client()) : static_cast<Peer &>(server());
  Channel &held = tls13() ? to_server() : to_client();
  to_client().stop_reads(true);
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  held.pause_at(held.transcript().size());
  to_client().stop_reads(false);
  run();
  ASSERT_EQ(first_to_know.outcome, WASI_TLS_OK);
  ASSERT_EQ(last_to_know.outcome, WASI_TLS_PENDING);
  first_to_know.send(to_bytes("early"));
  run();
  held.pause_at(kNever);
  run();
  ASSERT_EQ(last_to_know.outcome, WASI_TLS_OK);
  last_to_know.receive();
  run();
  EXPECT_EQ(last_to_know.received_text(), "early");
}

// 147: a corrupted record fails the read with bad_record_mac, and goes on failing; the peer hears of it.
CONFORMANCE_CASE(Data, data, corrupted_record) {
  ASSERT_TRUE(finish_both());
  server().receive();
  to_client().flip(to_client().transcript().size() + 12, 0x40);
  server_says(to_bytes("spoilt"));
  client().receive();
  run();
  EXPECT_EQ(client().read_result, WASI_TLS_ERR_PROTOCOL);
  EXPECT_TRUE(client().received.empty());
  EXPECT_EQ(sent_alert(client().last_error()), kBadRecordMac);
  EXPECT_EQ(client().last_error().step, WASI_TLS_STEP_OPEN);
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_PEER_ALERT);
  EXPECT_EQ(received_alert(server().last_error()), kBadRecordMac);
  // wasi:io: behind last-operation-failed the stream is closed.
  Bytes bytes;
  EXPECT_EQ(read(client(), 8, &bytes), WASI_TLS_ERR_CLOSED);
  wasi_tls_error error;
  wasi_tls_error_init(&error);
  EXPECT_TRUE(wasi_tls_input_stream_last_error(client().input.get(), &error));
  EXPECT_EQ(error.result, WASI_TLS_ERR_PROTOCOL);
}

// 148: a record longer than the protocol allows.
CONFORMANCE_CASE(Data, data, oversized_record) {
  ASSERT_TRUE(finish_both());
  server().receive();
  Bytes record = {kApplicationData, 3, 3, 0x50, 0};
  record.insert(record.end(), 0x5000, 7);
  to_client().inject(record);
  client().receive();
  run();
  EXPECT_EQ(client().read_result, WASI_TLS_ERR_PROTOCOL);
  EXPECT_EQ(sent_alert(client().last_error()), kRecordOverflow);
  EXPECT_EQ(received_alert(server().last_error()), kRecordOverflow);
}

// 150: good data in front of a bad record comes first.
CONFORMANCE_CASE(Data, data, data_before_the_error) {
  ASSERT_TRUE(finish_both());
  to_client().stop_reads(true);
  server_says(to_bytes("good"));
  to_client().flip(to_client().transcript().size() + 12, 0x40);
  server_says(to_bytes("bad"));
  to_client().stop_reads(false);
  client().receive();
  run();
  EXPECT_EQ(client().received_text(), "good");
  EXPECT_EQ(client().read_result, WASI_TLS_ERR_PROTOCOL);
}

// The cleartext streams work on when the connection's handle and the future are gone.
CONFORMANCE_CASE(Data, data, streams_outlive_the_connection) {
  ASSERT_TRUE(finish_both());
  for (Peer *peer : std::initializer_list<Peer *>{&client(), &server()}) {
    peer->drop_connection();
    peer->streams.reset();
  }
  expect_echo(20000);
  close_both();
}

// 152: with the input dropped, the output works on, and the other way about.
CONFORMANCE_CASE(Data, data, one_stream_dropped) {
  ASSERT_TRUE(finish_both());
  client().input.reset();
  server().receive();
  client().send(to_bytes("one way"));
  run();
  EXPECT_EQ(server().received_text(), "one way");
  client().close();
  run();
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_CLOSED);
}

// A splice into an output that has no room moves nothing and takes nothing; it goes on when there is room.
CONFORMANCE_CASE(Data, data, splice_into_a_blocked_output) {
  ASSERT_TRUE(finish_both());
  client().send(to_bytes("through"));
  run();
  to_client().stop_writes(true);
  EXPECT_GT(permit_of(server()), 0u);
  EXPECT_EQ(wasi_tls_output_stream_write(server().output.get(), &kByte, 1), WASI_TLS_OK);
  size_t count = 12345;
  EXPECT_EQ(wasi_tls_output_stream_splice(server().output.get(), server().input.get(), 100, &count), WASI_TLS_OK);
  EXPECT_EQ(count, 0u);
  to_client().stop_writes(false);
  EXPECT_EQ(wasi_tls_output_stream_splice(server().output.get(), server().input.get(), 100, &count), WASI_TLS_OK);
  EXPECT_EQ(count, 7u);
  client().receive();
  run();
  EXPECT_EQ(client().received_text(), "!through");
}

// A splice from an input that has ended, or into an output that has failed, says so.
CONFORMANCE_CASE(Data, data, splice_of_ended_streams) {
  ASSERT_TRUE(finish_both());
  client().close();
  run();
  size_t count = 0;
  EXPECT_EQ(wasi_tls_output_stream_splice(server().output.get(), server().input.get(), 100, &count),
            WASI_TLS_ERR_CLOSED);
  start_over();
  ASSERT_TRUE(finish_both());
  client().send(to_bytes("kept"));
  run();
  to_client().fail_write_call(1);
  EXPECT_NE(wasi_tls_output_stream_write(server().output.get(), &kByte, 0), WASI_TLS_ERR_TRANSPORT_WRITE);
  EXPECT_GT(permit_of(server()), 0u);
  EXPECT_EQ(wasi_tls_output_stream_write(server().output.get(), &kByte, 1), WASI_TLS_ERR_TRANSPORT_WRITE);
  EXPECT_EQ(wasi_tls_output_stream_splice(server().output.get(), server().input.get(), 100, &count),
            WASI_TLS_ERR_CLOSED);
}

// A flush with nothing written is done at once, and puts nothing on the wire.
CONFORMANCE_CASE(Data, data, flush_of_nothing) {
  ASSERT_TRUE(finish_both());
  size_t wire_bytes = to_server().written();
  EXPECT_EQ(wasi_tls_output_stream_flush(client().output.get()), WASI_TLS_OK);
  EXPECT_TRUE(wasi_tls_output_stream_poll(client().output.get(), kOnlyAsking));
  EXPECT_GT(permit_of(client()), 0u);
  EXPECT_EQ(to_server().written(), wire_bytes);
}
