// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Faults of the raw streams at every place of a handshake (behaviours 123, 165, 166, 195): an end, an error, a wait or
// a flipped bit. Never a hang, never a crash, never a success that is none.
#include <algorithm>

#include "case.h"

using namespace conformance;

namespace {

class TransportFault : public Case {
 protected:
  enum class Side { kClient, kServer };

  Peer &peer(Side side) {
    return side == Side::kClient ? static_cast<Peer &>(client()) : static_cast<Peer &>(server());
  }
  Channel &into(Side side) {
    return side == Side::kClient ? to_client() : to_server();
  }
  Channel &out_of(Side side) {
    return side == Side::kClient ? to_server() : to_client();
  }
  void finish_and_run() {
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    run();
  }
  // How many bytes of handshake |side| is sent when nothing is wrong.
  size_t flight_length(Side side) {
    start_over();
    finish_and_run();
    EXPECT_EQ(peer(side).outcome, WASI_TLS_OK);
    return into(side).transcript().size();
  }

  void end_at_every_byte(Side side) {
    size_t length = flight_length(side);
    for (size_t offset = 0; offset < length; offset += kStride) {
      SCOPED_TRACE(offset);
      start_over();
      into(side).cut_at(offset);
      finish_and_run();
      Peer &cut = peer(side);
      if (cut.outcome == WASI_TLS_OK) {
        // It was done before the cut (signatures differ in length: before it was met at all): the rest is for the
        // reads.
        into(side).cut_at(std::min(offset, into(side).transcript().size()));
        cut.receive();
        run();
        EXPECT_EQ(cut.read_result, WASI_TLS_ERR_TRUNCATED);
      } else {
        EXPECT_EQ(cut.outcome, WASI_TLS_ERR_EOF) << cut.last_error().text;
        EXPECT_FALSE(cut.input);
      }
      if (HasFailure()) return;
    }
  }

  void wait_at_every_byte(Side side) {
    size_t length = flight_length(side);
    for (size_t offset = 0; offset < length; offset += kStride) {
      SCOPED_TRACE(offset);
      start_over();
      into(side).pause_at(offset);
      finish_and_run();
      into(side).pause_at(kNever);
      run();
      EXPECT_EQ(client().outcome, WASI_TLS_OK) << client().last_error().text;
      EXPECT_EQ(server().outcome, WASI_TLS_OK) << server().last_error().text;
      if (HasFailure()) return;
    }
  }

  // A call fails with an error of the transport, which is told as such.
  void fail_at_every_call(Side side, bool reading, wasi_tls_result expected) {
    for (size_t call = 1; call < 1000; call++) {
      SCOPED_TRACE(call);
      start_over();
      if (reading) {
        into(side).fail_read_call(call);
      } else {
        out_of(side).fail_write_call(call);
      }
      finish_and_run();
      Peer &failing = peer(side);
      if (failing.outcome == WASI_TLS_OK) {
        EXPECT_GT(call, 1u);
        return;
      }
      EXPECT_EQ(failing.outcome, expected) << failing.last_error().text;
      EXPECT_EQ(failing.last_error().result, expected);
      EXPECT_EQ(failing.last_error().alert, WASI_TLS_NO_ALERT);
      if (HasFailure()) return;
    }
    ADD_FAILURE() << "a handshake takes more calls than it can need";
  }

  void flip_at_every_byte(Side side) {
    size_t length = flight_length(side);
    for (size_t offset = 0; offset < length; offset += kStride) {
      SCOPED_TRACE(offset);
      start_over();
      into(side).flip(offset, static_cast<uint8_t>(1u << (offset % 8)));
      finish_and_run();
      // A length that promises more than comes waits: then the stream ends.
      to_client().cut_at(to_client().transcript().size());
      to_server().cut_at(to_server().transcript().size());
      run();
      EXPECT_NE(client().outcome, WASI_TLS_PENDING);
      EXPECT_NE(server().outcome, WASI_TLS_PENDING);
      expect_agreement();
      if (HasFailure()) return;
    }
  }

  // Where both succeed, what was flipped did not matter: both say the same.
  void expect_agreement() {
    if (client().outcome != WASI_TLS_OK || server().outcome != WASI_TLS_OK) return;
    EXPECT_EQ(client().version(), server().version());
    EXPECT_EQ(client().suite(), server().suite());
    EXPECT_EQ(client().server_identity(), server().server_identity());
  }

  // Coprime to all that is regular in a record; every byte would take minutes under the sanitizers.
  static constexpr size_t kStride = 7;
};

}  // namespace

CONFORMANCE_CASE(TransportFault, transport_fault, end_at_every_byte_to_the_client) {
  end_at_every_byte(Side::kClient);
}

CONFORMANCE_CASE(TransportFault, transport_fault, end_at_every_byte_to_the_server) {
  end_at_every_byte(Side::kServer);
}

CONFORMANCE_CASE(TransportFault, transport_fault, wait_at_every_byte_to_the_client) {
  wait_at_every_byte(Side::kClient);
}

CONFORMANCE_CASE(TransportFault, transport_fault, wait_at_every_byte_to_the_server) {
  wait_at_every_byte(Side::kServer);
}

CONFORMANCE_CASE(TransportFault, transport_fault, error_at_every_read) {
  fail_at_every_call(Side::kClient, true, WASI_TLS_ERR_TRANSPORT_READ);
  fail_at_every_call(Side::kServer, true, WASI_TLS_ERR_TRANSPORT_READ);
}

CONFORMANCE_CASE(TransportFault, transport_fault, error_at_every_write) {
  fail_at_every_call(Side::kClient, false, WASI_TLS_ERR_TRANSPORT_WRITE);
  fail_at_every_call(Side::kServer, false, WASI_TLS_ERR_TRANSPORT_WRITE);
}

CONFORMANCE_CASE(TransportFault, transport_fault, flip_at_every_byte_to_the_client) {
  flip_at_every_byte(Side::kClient);
}

CONFORMANCE_CASE(TransportFault, transport_fault, flip_at_every_byte_to_the_server) {
  flip_at_every_byte(Side::kServer);
}

// The write side takes a few bytes at a time, and nothing now and then.
CONFORMANCE_CASE(TransportFault, transport_fault, narrow_writes) {
  for (size_t capacity : std::initializer_list<size_t>{1, 2, 5, 100}) {
    start_over();
    to_server().set_capacity(capacity);
    to_client().set_capacity(capacity);
    finish_and_run();
    // What a side that is done has still to write goes out while it waits for data.
    Peer &done_first = tls13() ? static_cast<Peer &>(client()) : static_cast<Peer &>(server());
    done_first.receive();
    run();
    EXPECT_EQ(client().outcome, WASI_TLS_OK) << capacity;
    EXPECT_EQ(server().outcome, WASI_TLS_OK) << capacity;
    if (!HasFailure()) expect_echo(2000);
  }
}

// 166: behind the handshake too, an error of the transport is told as one, on reads and on writes.
CONFORMANCE_CASE(TransportFault, transport_fault, error_behind_the_handshake) {
  ASSERT_TRUE(finish_both());
  to_client().fail_read_call(1);
  client().receive();
  run();
  EXPECT_EQ(client().read_result, WASI_TLS_ERR_TRANSPORT_READ);
  wasi_tls_error error;
  wasi_tls_error_init(&error);
  EXPECT_TRUE(wasi_tls_input_stream_last_error(client().input.get(), &error));
  EXPECT_EQ(error.result, WASI_TLS_ERR_TRANSPORT_READ);
  start_over();
  ASSERT_TRUE(finish_both());
  to_server().fail_write_call(1);
  client().send(pattern(100));
  run();
  EXPECT_EQ(client().write_result, WASI_TLS_ERR_TRANSPORT_WRITE);
}

// 91: the transport ends while a step waits: the step's future fails.
CONFORMANCE_CASE(TransportFault, transport_fault, end_while_a_step_waits) {
  if (!start_verify()) return;
  run();
  to_client().cut_at(0);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_ERR_EOF);
  EXPECT_EQ(client().last_error().step, WASI_TLS_STEP_SERVER_IDENTITY);
}

// 127: a peer that never comes to an end is met by the limit on the handshake.
CONFORMANCE_CASE(TransportFault, transport_fault, never_ending_handshake) {
  client_options.limits.handshake_bytes = 16384;
  CertificateSpec big = server_spec();
  big.padding = 16000;
  server_chains = {{issue(big, intermediate()), intermediate()}};
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_ERR_LIMIT) << client().last_error().text;
  EXPECT_LE(to_client().reads().bytes, 16384u);
}
