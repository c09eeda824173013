/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What is decided in a server's flight before an engine gets it, against an engine that takes what comes. */
#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <vector>

#include "mock_backend.h"
#include "test_certificates.h"
#include "wasi_tls/client.h"
#include "wasi_tls/endpoint.h"

using namespace wasi_tls_test;

namespace {

const Bytes kServerHello = {2, 0, 0, 2, 3, 3};
const Bytes kExtensions = {8, 0, 0, 2, 0, 0};
const Bytes kKeyExchange = {12, 0, 0, 1, 9};
const Bytes kDone = {14, 0, 0, 0};
const Bytes kRest = {15, 0, 0, 1, 7};

Bytes operator+(Bytes a, const Bytes &b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Bytes Vector(size_t size, const Bytes &contents) {
  Bytes out;
  for (size_t i = size; i-- > 0;) out.push_back(static_cast<uint8_t>(contents.size() >> (8 * i)));
  return out + contents;
}

Bytes Message(uint8_t type, const Bytes &body) {
  return Bytes{type} + Vector(3, body);
}

Bytes Record(uint8_t type, const Bytes &payload) {
  return Bytes{type, 3, 3} + Vector(2, payload);
}

/* What the mock engine's keys make of it: each byte against the sequence number. */
Bytes Sealed(uint64_t sequence, Bytes plain, uint8_t type = 22, size_t padding = 3) {
  plain.push_back(type);
  plain.resize(plain.size() + padding);
  for (uint8_t &byte : plain) byte = static_cast<uint8_t>(byte ^ (0x5A + sequence));
  return Record(23, plain);
}

bool Open(void *, uint64_t sequence, const uint8_t *record, size_t len, uint8_t *plain, size_t *plain_len) {
  for (size_t i = 5; i < len; i++) plain[i - 5] = static_cast<uint8_t>(record[i] ^ (0x5A + sequence));
  *plain_len = len - 5;
  return true;
}

class ReadAheadTest : public testing::Test {
 protected:
  void SetUp() override {
    MockEngine::Current() = MockEngine();
    if (leaf_.empty()) {
      key_ = MakeKey("EC", "P-256");
      leaf_ = MakeCertificate(key_, {"leaf", "issuer", "DNS:localhost", key_});
    }
    used_ = 0;
    now_ = time(nullptr);
    backend_.open_record = Open;
    backend_.verify_signature = [](uint16_t, wasi_tls_bytes, wasi_tls_bytes, wasi_tls_bytes) { return false; };
    backend_.use_identity = [](void *, void *identity) {
      used_++;
      identity_ = identity;
      return WASI_TLS_OK;
    };
    MockEngine::Current().handshake = [this](MockEngine &engine) { return TakeAll(engine); };
    wasi_tls_config_options options;
    wasi_tls_config_options_init(&options);
    options.backend = &backend_;
    const wasi_tls_bytes anchor = {leaf_.data(), leaf_.size()};
    options.server_trust = {WASI_TLS_TRUST_LIST, &anchor, trusted_ ? 1u : 0u};
    options.clock = [](void *) { return now_; };
    ASSERT_EQ(wasi_tls_config_new(&options, &config_, nullptr), WASI_TLS_OK);
    ASSERT_EQ(wasi_tls_endpoint_new(config_, WASI_TLS_ROLE_CLIENT, &endpoint_), WASI_TLS_OK);
    const wasi_tls_bytes name = {reinterpret_cast<const uint8_t *>("localhost"), 9};
    ASSERT_EQ(wasi_tls_endpoint_connect(endpoint_, name), WASI_TLS_OK);
  }
  void TearDown() override {
    wasi_tls_endpoint_free(endpoint_);
    wasi_tls_config_free(config_);
  }
  void Restart() {
    TearDown();
    taken_.clear();
    SetUp();
  }

  /* Takes what it can get. It is through once all of |expected_| is in. */
  wasi_tls_outcome TakeAll(MockEngine &engine) {
    uint8_t buffer[5];
    size_t count = 0;
    for (;;) {
      wasi_tls_io io = engine.host->receive(engine.core, buffer, sizeof(buffer), &count);
      if (io == WASI_TLS_IO_END) return WASI_TLS_OUTCOME_CLOSED_TRUNCATED;
      if (io == WASI_TLS_IO_FAILED) return WASI_TLS_OUTCOME_ENGINE_ERROR;
      if (io == WASI_TLS_IO_BLOCKED) break;
      taken_.insert(taken_.end(), buffer, buffer + count);
    }
    if (expected_.empty() || taken_ != expected_) return WASI_TLS_OUTCOME_WANT_READ;
    uint8_t alert = 0;
    wasi_tls_decision decision = engine.ShowChain(shown_.empty() ? leaf_ : shown_, WASI_TLS_VERIFY_OTHER, &alert);
    return decision == WASI_TLS_DECISION_CONTINUE ? WASI_TLS_OUTCOME_OK : WASI_TLS_OUTCOME_REJECTED;
  }

  Bytes Certificate12() const {
    return Message(11, Vector(3, Vector(3, leaf_)));
  }
  Bytes Certificate13() const {
    return Message(11, Bytes{0} + Vector(3, Vector(3, leaf_) + Bytes{0, 0}));
  }
  static Bytes Authority() {
    return {0x30, 0};
  }
  static Bytes Request12() {
    return Message(13, Vector(1, {64}) + Vector(2, {4, 3}) + Vector(2, Vector(2, Authority())));
  }
  static Bytes Request13() {
    Bytes schemes = Bytes{0, 13} + Vector(2, Vector(2, {4, 3, 8, 4}));
    Bytes authorities = Bytes{0, 47} + Vector(2, Vector(2, Vector(2, Authority())));
    return Message(13, Bytes{0} + Vector(2, schemes + authorities));
  }

  void Hear(const Bytes &data) {
    size_t accepted = 0;
    ASSERT_EQ(wasi_tls_endpoint_input(endpoint_, data.data(), data.size(), &accepted), WASI_TLS_OK);
    ASSERT_EQ(accepted, data.size());
  }
  wasi_tls_result Drive(wasi_tls_step step) {
    wasi_tls_result result = wasi_tls_endpoint_start(endpoint_, step);
    return result == WASI_TLS_OK ? wasi_tls_endpoint_drive(endpoint_) : result;
  }
  /* Both points and the end, with the engine's share of |flight| seen at each. */
  void WalkThrough(const Bytes &flight, size_t before, size_t schemes) {
    expected_ = flight;
    ASSERT_EQ(Drive(WASI_TLS_STEP_SERVER_IDENTITY), WASI_TLS_OK);
    EXPECT_EQ(taken_, Bytes(flight.begin(), flight.begin() + static_cast<long>(before)));
    ASSERT_EQ(Drive(WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST), WASI_TLS_OK);
    EXPECT_EQ(taken_.size(), before);
    const wasi_tls_client_identity_request *request = wasi_tls_endpoint_identity_request(endpoint_);
    ASSERT_EQ(request != nullptr, schemes != 0);
    EXPECT_EQ(used_, 0);
    ASSERT_EQ(Drive(WASI_TLS_STEP_FINISH), WASI_TLS_OK);
    EXPECT_EQ(taken_, flight);
    EXPECT_EQ(used_, schemes != 0 ? 1 : 0);
    EXPECT_EQ(identity_, nullptr);
  }
  wasi_tls_error LastError() const {
    wasi_tls_error error;
    wasi_tls_error_init(&error);
    EXPECT_TRUE(wasi_tls_endpoint_last_error(endpoint_, &error));
    return error;
  }

  static inline int used_;
  static inline int64_t now_;
  bool trusted_ = true;
  static inline void *identity_;
  wasi_tls_backend backend_ = MockBackend();
  wasi_tls_config *config_ = nullptr;
  wasi_tls_endpoint *endpoint_ = nullptr;
  Key key_;
  Bytes leaf_;
  Bytes shown_; /* what the engine found, if it is another chain */
  Bytes taken_;
  Bytes expected_;
};

TEST_F(ReadAheadTest, Tls12WithRequest) {
  Bytes hello = Record(22, kServerHello);
  Bytes flight = hello + Record(22, Certificate12()) + Record(22, kKeyExchange + Request12() + kDone);
  Hear(flight);
  WalkThrough(flight, hello.size(), 1);
}

TEST_F(ReadAheadTest, Tls12InOneRecord) {
  Bytes flight = Record(22, kServerHello + Certificate12() + kKeyExchange + kDone);
  Hear(flight);
  WalkThrough(flight, 0, 0);
}

TEST_F(ReadAheadTest, Tls12InRecordsOfOneByte) {
  Bytes flight;
  for (uint8_t byte : kServerHello + Certificate12() + kKeyExchange + Request12() + kDone)
    flight = flight + Record(22, {byte});
  Hear(flight);
  WalkThrough(flight, 6 * kServerHello.size(), 1);
}

TEST_F(ReadAheadTest, Tls13RequestBeforeTheChain) {
  Bytes plain = Record(22, kServerHello) + Record(20, {1}) + Sealed(0, kExtensions);
  Bytes flight = plain + Sealed(1, Request13()) + Sealed(2, Certificate13() + kRest);
  Hear(flight);
  WalkThrough(flight, plain.size(), 2);
}

TEST_F(ReadAheadTest, Tls13InPieces) {
  Bytes messages = kExtensions + Request13() + Certificate13();
  Bytes flight = Record(22, kServerHello);
  size_t before = flight.size();
  for (size_t i = 0; i < messages.size(); i += 5)
    flight = flight + Sealed(i / 5, Bytes(messages.begin() + static_cast<long>(i),
                                          messages.begin() + static_cast<long>(std::min(i + 5, messages.size()))));
  Hear(flight);
  WalkThrough(flight, before, 2);
}

TEST_F(ReadAheadTest, Tls13WithoutRequest) {
  Bytes plain = Record(22, kServerHello);
  Bytes flight = plain + Sealed(0, kExtensions + Certificate13());
  Hear(flight);
  WalkThrough(flight, plain.size(), 0);
}

/* Nothing is decided before it has arrived, and each byte may come alone. */
TEST_F(ReadAheadTest, ByteByByte) {
  Bytes flight = Record(22, kServerHello) + Sealed(0, kExtensions) + Sealed(1, Certificate13());
  expected_ = flight;
  ASSERT_EQ(wasi_tls_endpoint_start(endpoint_, WASI_TLS_STEP_FINISH), WASI_TLS_OK);
  for (size_t i = 0; i < flight.size(); i++) {
    ASSERT_EQ(wasi_tls_endpoint_drive(endpoint_), WASI_TLS_PENDING) << i;
    Hear({flight[i]});
  }
  EXPECT_EQ(wasi_tls_endpoint_drive(endpoint_), WASI_TLS_OK);
  EXPECT_EQ(taken_, flight);
}

/* An end anywhere is the engine's to see, with all that came before it. */
TEST_F(ReadAheadTest, EndAtEachByte) {
  Bytes flight = Record(22, kServerHello) + Record(22, Certificate12()) + Record(22, kKeyExchange);
  for (size_t len = 1; len < flight.size(); len++) {
    Bytes part(flight.begin(), flight.begin() + static_cast<long>(len));
    Hear(part);
    wasi_tls_endpoint_input_end(endpoint_);
    EXPECT_EQ(Drive(WASI_TLS_STEP_FINISH), WASI_TLS_ERR_EOF) << len;
    EXPECT_EQ(taken_, part) << len;
    Restart();
  }
}

TEST_F(ReadAheadTest, RefusedChainIsNotHandedOn) {
  trusted_ = false;
  Restart();
  Bytes hello = Record(22, kServerHello);
  Hear(hello + Record(22, Certificate12()) + Record(22, kDone));
  EXPECT_EQ(Drive(WASI_TLS_STEP_FINISH), WASI_TLS_ERR_VERIFY);
  EXPECT_EQ(taken_, hello);
  EXPECT_EQ(LastError().verify_reason, WASI_TLS_VERIFY_UNTRUSTED);
  EXPECT_EQ(LastError().alert, 48);
  wasi_tls_bytes said = wasi_tls_endpoint_output(endpoint_);
  EXPECT_EQ(Bytes(said.data, said.data + said.len), Record(21, {2, 48}));
}

/* Under TLS 1.3 the alert goes under the engine's keys. */
TEST_F(ReadAheadTest, RefusalUnderKeysIsTheEnginesToSend) {
  now_ += 100 * 365 * 86400LL;
  uint8_t sent = 0;
  MockEngine::Current().info.version = WASI_TLS_VERSION_TLS13;
  MockEngine::Current().alert = [&](MockEngine &, uint8_t alert) {
    sent = alert;
    return WASI_TLS_OUTCOME_OK;
  };
  Hear(Record(22, kServerHello) + Sealed(0, kExtensions + Certificate13()));
  EXPECT_EQ(Drive(WASI_TLS_STEP_FINISH), WASI_TLS_ERR_VERIFY);
  EXPECT_EQ(sent, 45);
}

TEST_F(ReadAheadTest, AnotherChainThanTheOneDecidedOnIsRefused) {
  shown_ = MakeCertificate(key_, {"leaf", "other issuer", "DNS:localhost", key_});
  expected_ = Record(22, kServerHello) + Sealed(0, kExtensions + Certificate13());
  Hear(expected_);
  EXPECT_EQ(Drive(WASI_TLS_STEP_FINISH), WASI_TLS_ERR_VERIFY);
  EXPECT_EQ(LastError().verify_reason, WASI_TLS_VERIFY_OTHER);
}

/* What can't be read is the engine's to judge; no chain in it has been approved. */
class UnreadableTest : public ReadAheadTest, public testing::WithParamInterface<size_t> {
 protected:
  Bytes Flight(size_t which) const {
    const Bytes hello = Record(22, kServerHello);
    switch (which) {
      case 0: /* an alert */
        return hello + Record(21, {2, 40});
      case 1: /* a record that is too long to be one */
        return hello + Bytes{22, 3, 3, 0xFF, 0xFF, 0};
      case 2: /* a message out of place */
        return hello + Record(22, Request12()) + Record(22, Certificate12()) + Record(22, kDone);
      case 3: /* a chain with a length that does not fit */
        return hello + Record(22, Message(11, Bytes{0, 0, 9, 0, 0, 1, 1})) + Record(22, kDone);
      case 4: /* two chains */
        return hello + Record(22, Certificate12() + Certificate12()) + Record(22, kDone);
      case 5: /* an alert under the keys */
        return hello + Sealed(0, {2, 40}, 21);
      case 6: /* nothing but padding */
        return hello + Sealed(0, {}, 0, 8);
      case 7: /* a request with a scheme and a half */
        return hello + Sealed(0, kExtensions) +
               Sealed(1, Message(13, Bytes{0} + Vector(2, Bytes{0, 13} + Vector(2, Vector(2, {4, 3, 8}))))) +
               Sealed(2, Certificate13());
      default: /* no chain at all */
        return hello + Record(22, kDone);
    }
  }
};

TEST_P(UnreadableTest, IsHandedOnUnapproved) {
  expected_ = Flight(GetParam());
  Hear(expected_);
  EXPECT_EQ(Drive(WASI_TLS_STEP_SERVER_IDENTITY), WASI_TLS_ERR_VERIFY);
  EXPECT_EQ(taken_, expected_);
}

INSTANTIATE_TEST_SUITE_P(, UnreadableTest, testing::Range<size_t>(0, 9));

}  // namespace
