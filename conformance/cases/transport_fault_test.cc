// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Faults of the raw streams at every place of a life (behaviours 123, 155, 165, 166): an end, a wait, an error. Never a
// hang, never a crash, never a success that is none.
#include <algorithm>

#include "lives.h"

using namespace conformance;

namespace {

class TransportFault : public Lives {
 protected:
  // The stream into |side| ends at each byte. It is told as an end that came too early, and never as an orderly one.
  void end_at_every_byte(Side side, Life life) {
    size_t count = at_places(length_into(side, life), [&](size_t offset) {
      prepare(life);
      into(side).cut_at(offset);
      live();
      bool met = into(side).written() > offset;
      end_transport();
      // Signatures differ in length: this life may have been shorter than the cut.
      if (!met) return expect_both_lived();
      expect_honest_end();
      expect_early_end(side);
    });
    record_count("ends of the stream", count);
  }
  void expect_early_end(Side side) {
    Peer &cut = peer(side);
    wasi_tls_result expected = cut.outcome != WASI_TLS_OK ? WASI_TLS_ERR_EOF : WASI_TLS_ERR_TRUNCATED;
    EXPECT_EQ(cut.outcome != WASI_TLS_OK ? cut.outcome : cut.read_result, expected) << cut.last_error().text;
    EXPECT_EQ(cut.last_error().result, expected);
    EXPECT_EQ(cut.last_error().alert, WASI_TLS_NO_ALERT);
  }

  // Nothing comes behind a byte for a while. A wait is a whole life, twice as dear as what ends one; at each call of
  // the transport there is one anyway.
  void wait_at_every_fifth_byte(Side side, Life life) {
    auto wait = [&](size_t offset) {
      prepare(life);
      into(side).pause_at(offset);
      live();
      EXPECT_FALSE(into(side).written() > offset && lived(side));
      into(side).pause_at(kNever);
      live();
      expect_both_lived();
    };
    size_t count = at_places(length_into(side, life), wait, 5);
    record_count("waits", count);
  }

  // |arm| sets the fault for the n-th call of a kind, which |met| tells to have been made; |judge| looks at the end.
  // Goes on until a life does not make as many calls. How many it made.
  size_t at_calls(Life life, const std::function<void(size_t)> &arm, const std::function<bool()> &met,
                  const std::function<void()> &judge) {
    for (size_t call = 1; call < 10000; call++) {
      SCOPED_TRACE(testing::Message() << "call " << call);
      prepare(life);
      arm(call);
      live();
      if (!met()) {
        expect_both_lived();
        EXPECT_GT(call, 1u);
        return call - 1;
      }
      judge();
      if (HasFailure()) return call;
    }
    ADD_FAILURE() << "a life takes more calls than it can need";
    return 0;
  }

  void block_at_every_call(void (Channel::*block)(size_t), bool reading) {
    size_t count = 0;
    for (Side side : {Side::kClient, Side::kServer}) {
      for (Life life : {Life::kPlain, Life::kSteps}) {
        auto channel = [&]() -> Channel & { return reading ? into(side) : out_of(side); };
        count += at_calls(
            life, [&](size_t call) { (channel().*block)(call); }, [&] { return channel().has_blocked(); },
            [&] {
              channel().unblock();
              live();
              expect_both_lived();
            });
      }
    }
    record_count(reading ? "blocked reads" : "blocked writes", count);
  }

  // An error of the transport is told as one, whatever the engine makes of it.
  void fail_at_every_call(void (Channel::*fail)(size_t), bool reading, const char *what) {
    wasi_tls_result expected = reading ? WASI_TLS_ERR_TRANSPORT_READ : WASI_TLS_ERR_TRANSPORT_WRITE;
    size_t count = 0;
    for (Side side : {Side::kClient, Side::kServer}) {
      for (Life life : {Life::kPlain, Life::kSteps}) {
        auto channel = [&]() -> Channel & { return reading ? into(side) : out_of(side); };
        count += at_calls(
            life, [&](size_t call) { (channel().*fail)(call); }, [&] { return channel().has_failed(); },
            [&] { expect_failure(side, expected); });
      }
    }
    record_count(what, count);
  }
  void expect_failure(Side side, wasi_tls_result expected) {
    end_transport();
    expect_honest_end();
    wasi_tls_error error = peer(side).last_error();
    EXPECT_EQ(error.result, expected) << error.text;
    EXPECT_EQ(error.alert, WASI_TLS_NO_ALERT);
  }
};

}  // namespace

CONFORMANCE_CASE(TransportFault, transport_fault, end_at_every_byte_to_the_client) {
  end_at_every_byte(Side::kClient, Life::kPlain);
}

CONFORMANCE_CASE(TransportFault, transport_fault, end_at_every_byte_to_the_server) {
  end_at_every_byte(Side::kServer, Life::kPlain);
}

CONFORMANCE_CASE(TransportFault, transport_fault, end_at_every_byte_to_the_client_by_steps) {
  end_at_every_byte(Side::kClient, Life::kSteps);
}

CONFORMANCE_CASE(TransportFault, transport_fault, end_at_every_byte_to_the_server_by_steps) {
  end_at_every_byte(Side::kServer, Life::kSteps);
}

CONFORMANCE_CASE(TransportFault, transport_fault, wait_at_every_fifth_byte_to_the_client) {
  wait_at_every_fifth_byte(Side::kClient, Life::kPlain);
}

CONFORMANCE_CASE(TransportFault, transport_fault, wait_at_every_fifth_byte_to_the_server) {
  wait_at_every_fifth_byte(Side::kServer, Life::kPlain);
}

CONFORMANCE_CASE(TransportFault, transport_fault, wait_at_every_fifth_byte_to_the_client_by_steps) {
  wait_at_every_fifth_byte(Side::kClient, Life::kSteps);
}

CONFORMANCE_CASE(TransportFault, transport_fault, wait_at_every_fifth_byte_to_the_server_by_steps) {
  wait_at_every_fifth_byte(Side::kServer, Life::kSteps);
}

CONFORMANCE_CASE(TransportFault, transport_fault, blocked_at_every_read) {
  block_at_every_call(&Channel::block_read_call, true);
}

CONFORMANCE_CASE(TransportFault, transport_fault, blocked_at_every_write) {
  block_at_every_call(&Channel::block_write_call, false);
}

CONFORMANCE_CASE(TransportFault, transport_fault, error_at_every_read) {
  fail_at_every_call(&Channel::fail_read_call, true, "failed reads");
}

CONFORMANCE_CASE(TransportFault, transport_fault, error_at_every_write) {
  fail_at_every_call(&Channel::fail_write_call, false, "failed writes");
}

CONFORMANCE_CASE(TransportFault, transport_fault, error_at_every_flush) {
  fail_at_every_call(&Channel::fail_flush_call, false, "failed flushes");
}

// One byte at a time in both directions, in each life.
CONFORMANCE_CASE(TransportFault, transport_fault, one_byte_at_a_time) {
  for (Life life : {Life::kPlain, Life::kSteps}) {
    prepare(life);
    to_server().set_chop(1);
    to_client().set_chop(1);
    live();
    expect_both_lived();
  }
}

// The write side takes a few bytes at a time, and nothing now and then.
CONFORMANCE_CASE(TransportFault, transport_fault, narrow_writes) {
  for (size_t capacity : std::initializer_list<size_t>{1, 2, 5, 100}) {
    start_over();
    to_server().set_capacity(capacity);
    to_client().set_capacity(capacity);
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    run();
    // What a side that is done has still to write goes out while it waits for data.
    peer(tls13() ? Side::kClient : Side::kServer).receive();
    run();
    EXPECT_EQ(client().outcome, WASI_TLS_OK) << capacity;
    EXPECT_EQ(server().outcome, WASI_TLS_OK) << capacity;
    if (!HasFailure()) expect_echo(2000);
  }
}

// 166: a stream tells what failed, and is closed behind it.
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
