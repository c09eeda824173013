// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Much data, what stands on the wire for it, and many connections at once (behaviours 138, 140).
#include <algorithm>

#include "case.h"
#include "sanitized.h"

using namespace conformance;

namespace {

constexpr size_t kLongestPlain = 16384;
constexpr size_t kLongestRecord = kLongestPlain + 256;  // RFC 8446, section 5.2

class DataBulk : public Case {
 protected:
  // |total| bytes of a pattern from |from| to |to|, made and compared as they pass: nothing is kept.
  void stream(Peer &from, Peer &to, size_t total) {
    auto sent = std::make_shared<size_t>(0), arrived = std::make_shared<size_t>(0);
    pump().add(from.name() + ": stream",
               [this, &from, total, sent](wasi_tls_waker waker) { return write_some(from, total, sent.get(), waker); });
    pump().add(to.name() + ": compare", [this, &to, total, arrived](wasi_tls_waker waker) {
      return compare_some(to, total, arrived.get(), waker);
    });
    run();
    EXPECT_EQ(*sent, total);
    EXPECT_EQ(*arrived, total);
  }
  // Of records of the type that carries data behind |first|: how long the bodies are.
  static std::vector<size_t> lengths_of(const Channel &channel, size_t first) {
    std::vector<size_t> lengths;
    for (const Record &record : channel.records()) {
      if (record.type == kApplicationData && record.offset >= first) lengths.push_back(record.body.size());
    }
    return lengths;
  }

 private:
  bool write_some(Peer &from, size_t total, size_t *sent, wasi_tls_waker waker) {
    while (*sent < total) {
      size_t permit = 0;
      if (wasi_tls_output_stream_check_write(from.output.get(), &permit) != WASI_TLS_OK) return true;
      if (permit == 0) {
        if (!wasi_tls_output_stream_poll(from.output.get(), waker)) return false;
        continue;
      }
      size_t at = *sent % block_.size();
      size_t part = std::min({permit, block_.size() - at, total - *sent});
      if (wasi_tls_output_stream_write(from.output.get(), block_.data() + at, part) != WASI_TLS_OK) return true;
      *sent += part;
    }
    return wasi_tls_output_stream_poll(from.output.get(), waker);
  }
  bool compare_some(Peer &to, size_t total, size_t *arrived, wasi_tls_waker waker) {
    while (*arrived < total) {
      size_t count = 0;
      if (wasi_tls_input_stream_read(to.input.get(), buffer_.data(), buffer_.size(), &count) != WASI_TLS_OK)
        return true;
      if (count == 0 && !wasi_tls_input_stream_poll(to.input.get(), waker)) return false;
      for (size_t done = 0; done < count;) {
        size_t at = *arrived % block_.size();
        size_t part = std::min(count - done, block_.size() - at);
        auto from = buffer_.begin() + static_cast<ptrdiff_t>(done);
        if (!std::equal(from, from + static_cast<ptrdiff_t>(part), block_.begin() + static_cast<ptrdiff_t>(at)))
          return true;
        done += part;
        *arrived += part;
      }
    }
    return true;
  }

  // Its length has nothing in common with that of a record.
  Bytes block_ = pattern(1000003);
  Bytes buffer_ = Bytes(65536);
};

}  // namespace

// 140: 100 MB from end to end, where an engine meets itself; less between two, and where time is short.
CONFORMANCE_CASE(DataBulk, data_bulk, hundred_megabytes) {
  ASSERT_TRUE(finish_both());
  to_server().forget_what_was_read();
  to_server().set_capacity(200000);
  bool all = pairing.client_engine == pairing.server_engine && !kSanitized;
  size_t total = size_t{all ? 100u : 10u} * 1000 * 1000;
  stream(client(), server(), total);
  record_count("bytes", total);
  if (!HasFailure()) close_both();
}

// 140: 16 MiB in the other direction.
CONFORMANCE_CASE(DataBulk, data_bulk, from_the_server) {
  ASSERT_TRUE(finish_both());
  to_client().forget_what_was_read();
  to_client().set_capacity(200000);
  stream(server(), client(), size_t{16} << 20);
  if (!HasFailure()) close_both();
}

// What is written at once stands in as few records as the protocol allows, none longer than it allows; about the bound
// of a record too.
CONFORMANCE_CASE(DataBulk, data_bulk, records_on_the_wire) {
  ASSERT_TRUE(finish_both());
  for (size_t len : std::initializer_list<size_t>{1, kLongestPlain - 1, kLongestPlain, kLongestPlain + 1, 65536}) {
    SCOPED_TRACE(len);
    size_t client_first = to_server().written(), server_first = to_client().written();
    expect_echo(len);
    for (const auto &lengths : {lengths_of(to_server(), client_first), lengths_of(to_client(), server_first)}) {
      size_t on_the_wire = 0;
      for (size_t each : lengths) {
        EXPECT_LE(each, kLongestRecord);
        on_the_wire += each;
      }
      EXPECT_GE(on_the_wire, len + lengths.size() * 16);
      EXPECT_LE(on_the_wire, len + lengths.size() * 40) << "no padding, and no empty records";
      EXPECT_LE(lengths.size(), len / 8192 + 1);
    }
  }
}

// Many small writes keep their order and lose nothing.
CONFORMANCE_CASE(DataBulk, data_bulk, writes_of_one_byte) {
  ASSERT_TRUE(finish_both());
  Bytes sent = pattern(1000);
  server().receive();
  for (uint8_t byte : sent) client().send({byte});
  run();
  EXPECT_TRUE(server().received == sent);
}

// Reads of one byte too.
CONFORMANCE_CASE(DataBulk, data_bulk, reads_of_one_byte) {
  ASSERT_TRUE(finish_both());
  server().read_size = 1;
  expect_echo(40000);
}

// 138: a dozen connections on one thread, in all states at once, and all of them come through.
CONFORMANCE_CASE(DataBulk, data_bulk, many_connections_interleaved) {
  struct Pair {
    Wire wire;
    std::unique_ptr<Client> client;
    std::unique_ptr<Server> server;
  };
  std::vector<std::unique_ptr<Pair>> pairs;
  for (size_t i = 0; i < 12; i++) {
    pairs.push_back(std::make_unique<Pair>());
    Pair &pair = *pairs.back();
    pair.client = std::make_unique<Client>(&pump(), &pair.wire, client_options);
    pair.server = std::make_unique<Server>(&pump(), &pair.wire, server_options);
    ASSERT_EQ(pair.client->connect(server_name), WASI_TLS_OK);
    ASSERT_EQ(pair.server->accept(), WASI_TLS_OK);
    ASSERT_EQ(pair.server->configure_chains(server_chains), WASI_TLS_OK);
    ASSERT_EQ(pair.client->finish(), WASI_TLS_OK);
    ASSERT_EQ(pair.server->finish(), WASI_TLS_OK);
    // Each stops at another place of its handshake.
    pair.wire.to_client().pause_at(i * 150);
    run();
  }
  for (auto &pair : pairs) pair->wire.to_client().pause_at(kNever);
  run();
  for (size_t i = 0; i < pairs.size(); i++) {
    ASSERT_EQ(pairs[i]->client->outcome, WASI_TLS_OK) << i;
    ASSERT_EQ(pairs[i]->server->outcome, WASI_TLS_OK) << i;
    pairs[i]->server->receive();
    pairs[i]->client->send(pattern(5000, static_cast<uint32_t>(i)));
  }
  run();
  for (size_t i = 0; i < pairs.size(); i++)
    EXPECT_TRUE(pairs[i]->server->received == pattern(5000, static_cast<uint32_t>(i))) << i;
}
