// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bits that change on the way (behaviours 147, 195): at every byte of a life, and at every bit of a record of data.
// Nobody comes through with something else than what was said.
#include "lives.h"

using namespace conformance;

namespace {

class RecordFault : public Lives {
 protected:
  // Over the bytes all eight bits have their turn.
  void flip_at_every_byte(Side side, Life life) {
    size_t count = at_places(length_into(side, life), [&](size_t offset) {
      prepare(life);
      into(side).flip(offset, static_cast<uint8_t>(1u << (offset % 8)));
      live();
      // A length that promises more than comes waits: then the stream ends.
      end_transport();
      expect_honest_end();
      if (into(side).written() > offset && lived(side)) {
        EXPECT_TRUE(lived(other(side)));
      }
    });
    record_count("flipped bits", count);
  }

  // As at_places, but at all of them.
  size_t at_each_place(size_t length, const std::function<void(size_t)> &attempt) {
    for (size_t at = 0; at < length && !HasFailure(); at++) {
      SCOPED_TRACE(testing::Message() << "at " << at << " of " << length);
      attempt(at);
    }
    return length;
  }
  // |judge| with the reader, after one bit of the bytes |first| to |last| of a record of data to it was flipped, for
  // each |step|-th bit.
  void flip_data(Side side, size_t first, size_t last, size_t step, const std::function<void(Peer &)> &judge) {
    size_t places = 8 * (last + 1 - first) / step;
    auto flip_one = [&](size_t place) {
      size_t bit = place * step;
      start_over();
      ASSERT_TRUE(finish_both());
      into(side).flip(into(side).written() + first + bit / 8, static_cast<uint8_t>(1u << (bit % 8)));
      peer(side).receive();
      peer(other(side)).receive();
      peer(other(side)).send(kWords);
      run();
      // A length that promises more than comes.
      into(side).cut_at(into(side).written());
      run();
      EXPECT_TRUE(peer(side).received.empty()) << peer(side).received_text();
      judge(peer(side));
    };
    record_count("flipped bits", step == 1 ? at_each_place(places, flip_one) : at_places(places, flip_one));
  }
  void flip_data_both_ways(size_t first, size_t last, size_t step, const std::function<void(Peer &)> &judge) {
    flip_data(Side::kClient, first, last, step, judge);
    if (!HasFailure()) flip_data(Side::kServer, first, last, step, judge);
  }
  // Refused, and the peer heard of it.
  void expect_refused(Peer &reader) {
    wasi_tls_error error = reader.last_error();
    EXPECT_EQ(wasi_tls_result_class(reader.read_result), WASI_TLS_CLASS_PROTOCOL) << error.text;
    EXPECT_NE(sent_alert(error), -1);
    EXPECT_NE(sent_alert(error), kInternalError);
    const Peer &writer = &reader == &peer(Side::kClient) ? peer(Side::kServer) : peer(Side::kClient);
    EXPECT_EQ(received_alert(writer.last_error()), sent_alert(error));
  }

  const Bytes kWords = to_bytes("not to be seen");
  // With the tag, and the type that TLS 1.3 has inside or the nonce that TLS 1.2 has in front.
  const size_t kRecord = 5 + kWords.size() + 16 + 1;
};

}  // namespace

CONFORMANCE_CASE(RecordFault, record_fault, flip_at_every_byte_to_the_client) {
  flip_at_every_byte(Side::kClient, Life::kPlain);
}

CONFORMANCE_CASE(RecordFault, record_fault, flip_at_every_byte_to_the_server) {
  flip_at_every_byte(Side::kServer, Life::kPlain);
}

CONFORMANCE_CASE(RecordFault, record_fault, flip_at_every_byte_to_the_client_by_steps) {
  flip_at_every_byte(Side::kClient, Life::kSteps);
}

CONFORMANCE_CASE(RecordFault, record_fault, flip_at_every_byte_to_the_server_by_steps) {
  flip_at_every_byte(Side::kServer, Life::kSteps);
}

// 147: what is protected: bad_record_mac, and nothing of it is shown.
CONFORMANCE_CASE(RecordFault, record_fault, flip_every_byte_of_protected_data) {
  flip_data_both_ways(5, kRecord - 1, 9, [this](Peer &reader) {
    expect_refused(reader);
    EXPECT_EQ(reader.read_result, WASI_TLS_ERR_PROTOCOL);
    EXPECT_EQ(sent_alert(reader.last_error()), kBadRecordMac) << reader.last_error().text;
  });
}

// The protection covers the header too: the type of a record that carries data,
CONFORMANCE_CASE(RecordFault, record_fault, flip_every_bit_of_a_type) {
  flip_data_both_ways(0, 0, 1, [this](Peer &reader) { expect_refused(reader); });
}

// its version,
CONFORMANCE_CASE(RecordFault, record_fault, flip_every_bit_of_a_version) {
  flip_data_both_ways(1, 2, 1, [this](Peer &reader) { expect_refused(reader); });
}

// and its length, which may also promise what never comes.
CONFORMANCE_CASE(RecordFault, record_fault, flip_every_bit_of_a_length) {
  flip_data_both_ways(3, 4, 1, [this](Peer &reader) {
    if (reader.read_result != WASI_TLS_ERR_TRUNCATED) expect_refused(reader);
  });
}
