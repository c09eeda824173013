/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The core's side of the seam, against engines that break its rules or can't do all. */
#include <gtest/gtest.h>

#include <vector>

#include "hello_builder.h"
#include "mock_backend.h"
#include "test_certificates.h"
#include "wasi_tls/endpoint.h"
#include "wasi_tls/identity.h"

using namespace wasi_tls_test;

namespace {

const Bytes kFlight = {22, 3, 3, 0, 1, 0};
const Bytes kSecondFlight = {20, 3, 3, 0, 1, 1};

class SeamTest : public testing::Test {
 protected:
  void SetUp() override {
    MockEngine::Current() = MockEngine();
    leaf_ = MakeCertificate(MakeKey("EC", "P-256"), {"leaf", "issuer", "DNS:localhost", MakeKey("EC", "P-256")});
  }
  void TearDown() override {
    wasi_tls_endpoint_free(endpoint_);
    wasi_tls_config_free(config_);
  }
  wasi_tls_result Configure(wasi_tls_protocol_version min = WASI_TLS_VERSION_TLS12,
                            wasi_tls_protocol_version max = WASI_TLS_VERSION_TLS13) {
    wasi_tls_config_options options;
    wasi_tls_config_options_init(&options);
    options.backend = &backend_;
    options.min_version = min;
    options.max_version = max;
    options.server_trust.source = WASI_TLS_TRUST_LIST;
    return wasi_tls_config_new(&options, &config_, nullptr);
  }
  void Connect() {
    ASSERT_EQ(Configure(), WASI_TLS_OK);
    ASSERT_EQ(wasi_tls_endpoint_new(config_, WASI_TLS_ROLE_CLIENT, &endpoint_), WASI_TLS_OK);
    const wasi_tls_bytes name = {reinterpret_cast<const uint8_t *>("localhost"), 9};
    ASSERT_EQ(wasi_tls_endpoint_connect(endpoint_, name), WASI_TLS_OK);
  }
  void Hear(const Bytes &data) {
    size_t accepted = 0;
    ASSERT_EQ(wasi_tls_endpoint_input(endpoint_, data.data(), data.size(), &accepted), WASI_TLS_OK);
    ASSERT_EQ(accepted, data.size());
  }
  Bytes Said() const {
    wasi_tls_bytes output = wasi_tls_endpoint_output(endpoint_);
    return output.len == 0 ? Bytes() : Bytes(output.data, output.data + output.len);
  }
  wasi_tls_error LastError() const {
    wasi_tls_error error;
    wasi_tls_error_init(&error);
    EXPECT_TRUE(wasi_tls_endpoint_last_error(endpoint_, &error));
    return error;
  }

  wasi_tls_backend backend_ = MockBackend();
  wasi_tls_config *config_ = nullptr;
  wasi_tls_endpoint *endpoint_ = nullptr;
  Bytes leaf_;
};

/* The default range goes beyond an engine that lacks a version: it gets what it speaks, and suites of that. */
TEST_F(SeamTest, VersionsThatTheEngineLacksAreLeftOut) {
  static wasi_tls_backend_context_params seen;
  static std::vector<wasi_tls_cipher_suite> suites;
  backend_.context_new = [](const wasi_tls_backend_context_params *params, void **, wasi_tls_backend_report *) {
    seen = *params;
    suites.assign(params->cipher_suites, params->cipher_suites + params->cipher_suite_count);
    return WASI_TLS_ERR_ENGINE;
  };
  for (wasi_tls_capability lacking : {WASI_TLS_CAP_TLS12, WASI_TLS_CAP_TLS13}) {
    backend_.capabilities = MockBackend().capabilities & ~(UINT64_C(1) << lacking);
    wasi_tls_protocol_version spoken = lacking == WASI_TLS_CAP_TLS12 ? WASI_TLS_VERSION_TLS13 : WASI_TLS_VERSION_TLS12;
    wasi_tls_protocol_version other = lacking == WASI_TLS_CAP_TLS12 ? WASI_TLS_VERSION_TLS12 : WASI_TLS_VERSION_TLS13;
    EXPECT_EQ(Configure(), WASI_TLS_ERR_ENGINE);
    EXPECT_EQ(seen.min_version, spoken);
    EXPECT_EQ(seen.max_version, spoken);
    EXPECT_FALSE(suites.empty());
    for (wasi_tls_cipher_suite suite : suites) EXPECT_EQ(suite >> 8 == 0x13, spoken == WASI_TLS_VERSION_TLS13);
    EXPECT_EQ(Configure(other, other), WASI_TLS_ERR_UNSUPPORTED);
  }
}

/* Rule 1, whatever the engine does: from the hook's SUSPEND on the gate is shut, in the same call already. */
TEST_F(SeamTest, EngineThatGoesOnWhileSuspendedIsNotHeard) {
  Connect();
  wasi_tls_io sent = WASI_TLS_IO_OK;
  wasi_tls_io received = WASI_TLS_IO_OK;
  MockEngine::Current().handshake = [&](MockEngine &engine) {
    uint8_t alert = 0;
    size_t count = 0;
    EXPECT_EQ(engine.Send(kFlight), WASI_TLS_IO_OK);
    EXPECT_EQ(engine.Receive(1, &count), WASI_TLS_IO_OK);
    EXPECT_EQ(engine.ShowChain(leaf_, WASI_TLS_VERIFY_OK, &alert), WASI_TLS_DECISION_SUSPEND);
    sent = engine.Send(kSecondFlight);
    received = engine.Receive(1, &count);
    return WASI_TLS_OUTCOME_SUSPENDED;
  };
  ASSERT_EQ(wasi_tls_endpoint_start(endpoint_, WASI_TLS_STEP_SERVER_IDENTITY), WASI_TLS_OK);
  Hear(kFlight);
  ASSERT_EQ(wasi_tls_endpoint_drive(endpoint_), WASI_TLS_OK);
  EXPECT_EQ(sent, WASI_TLS_IO_BLOCKED);
  EXPECT_EQ(received, WASI_TLS_IO_BLOCKED);
  EXPECT_EQ(MockEngine::Current().Send(kSecondFlight), WASI_TLS_IO_BLOCKED);
  EXPECT_EQ(Said(), Bytes()) << "nothing is to be sent while suspended";
  ASSERT_EQ(wasi_tls_endpoint_start(endpoint_, WASI_TLS_STEP_FINISH), WASI_TLS_OK);
  EXPECT_EQ(Said(), kFlight) << "what was said before is";
}

/* A client whose engine can't tell that no request will come: its second flight is held back instead. */
TEST_F(SeamTest, SecondFlightWaitsForTheGuest) {
  Connect();
  MockEngine::Current().handshake = [&](MockEngine &engine) {
    uint8_t alert = 0;
    if (engine.ShowChain(leaf_, WASI_TLS_VERIFY_OK, &alert) != WASI_TLS_DECISION_CONTINUE)
      return WASI_TLS_OUTCOME_ENGINE_ERROR;
    return engine.Send(kSecondFlight) == WASI_TLS_IO_OK ? WASI_TLS_OUTCOME_OK : WASI_TLS_OUTCOME_WANT_WRITE;
  };
  ASSERT_EQ(wasi_tls_endpoint_start(endpoint_, WASI_TLS_STEP_CLIENT_IDENTITY_REQUEST), WASI_TLS_OK);
  ASSERT_EQ(wasi_tls_endpoint_drive(endpoint_), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_endpoint_identity_request(endpoint_), nullptr);
  EXPECT_EQ(Said(), Bytes());
  ASSERT_EQ(wasi_tls_endpoint_start(endpoint_, WASI_TLS_STEP_FINISH), WASI_TLS_OK);
  ASSERT_EQ(wasi_tls_endpoint_drive(endpoint_), WASI_TLS_OK);
  EXPECT_EQ(Said(), kSecondFlight);
}

/* Rule 4: no engine can finish a client's handshake without a chain that the core has let pass. */
TEST_F(SeamTest, HandshakeWithoutVerificationIsRefused) {
  Connect();
  MockEngine::Current().handshake = [](MockEngine &) { return WASI_TLS_OUTCOME_OK; };
  ASSERT_EQ(wasi_tls_endpoint_start(endpoint_, WASI_TLS_STEP_FINISH), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_endpoint_drive(endpoint_), WASI_TLS_ERR_VERIFY);
  EXPECT_EQ(LastError().verify_reason, WASI_TLS_VERIFY_MISSING);
  size_t permit = 0;
  EXPECT_EQ(wasi_tls_endpoint_check_write(endpoint_, &permit), WASI_TLS_ERR_VERIFY);
}

/* The core's policy holds on top of the engine's verdict. */
TEST_F(SeamTest, NameIsCheckedThoughTheEngineIsContent) {
  leaf_ = MakeCertificate(MakeKey("EC", "P-256"), {"leaf", "issuer", "DNS:other.test", MakeKey("EC", "P-256")});
  Connect();
  MockEngine::Current().handshake = [&](MockEngine &engine) {
    uint8_t alert = 0;
    EXPECT_EQ(engine.ShowChain(leaf_, WASI_TLS_VERIFY_OK, &alert), WASI_TLS_DECISION_REJECT);
    EXPECT_EQ(alert, 42);
    return WASI_TLS_OUTCOME_REJECTED;
  };
  ASSERT_EQ(wasi_tls_endpoint_start(endpoint_, WASI_TLS_STEP_FINISH), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_endpoint_drive(endpoint_), WASI_TLS_ERR_VERIFY);
  EXPECT_EQ(LastError().verify_reason, WASI_TLS_VERIFY_NAME_MISMATCH);
}

TEST_F(SeamTest, WeakKeysAreRefusedThoughTheEngineIsContent) {
  leaf_ = MakeCertificate(MakeKey("RSA", "1024"), {"leaf", "issuer", "DNS:localhost", MakeKey("EC", "P-256")});
  Connect();
  MockEngine::Current().handshake = [&](MockEngine &engine) {
    uint8_t alert = 0;
    EXPECT_EQ(engine.ShowChain(leaf_, WASI_TLS_VERIFY_OK, &alert), WASI_TLS_DECISION_REJECT);
    return WASI_TLS_OUTCOME_REJECTED;
  };
  ASSERT_EQ(wasi_tls_endpoint_start(endpoint_, WASI_TLS_STEP_FINISH), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_endpoint_drive(endpoint_), WASI_TLS_ERR_VERIFY);
  EXPECT_EQ(LastError().verify_reason, WASI_TLS_VERIFY_WEAK_KEY);
}

/* Not every engine looks whether a server keeps to what was offered: the core knows what was, from what was sent. */
TEST_F(SeamTest, AnswerThatWasNotOfferedIsRefused) {
  const Bytes hello = HelloBuilder::Browser().Wire();
  Connect();
  MockEngine::Current().handshake = [&](MockEngine &engine) {
    /* A version, 32 random bytes, no session id, a suite, no compression, no extensions. */
    Bytes answer = Bytes(40);
    answer[0] = answer[1] = 3;
    answer[35] = 0x13;
    answer[36] = 0x05;
    uint8_t alert = 0;
    EXPECT_EQ(engine.Send(hello), WASI_TLS_IO_OK);
    EXPECT_EQ(engine.host->server_message(engine.core, 2, {answer.data(), answer.size()}, &alert),
              WASI_TLS_DECISION_REJECT);
    EXPECT_EQ(alert, 47);
    return WASI_TLS_OUTCOME_REJECTED;
  };
  ASSERT_EQ(wasi_tls_endpoint_start(endpoint_, WASI_TLS_STEP_FINISH), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_endpoint_drive(endpoint_), WASI_TLS_ERR_PROTOCOL);
}

/* What an engine can't is refused before it is asked, and the handshake is as it was. */
TEST_F(SeamTest, MissingCapabilityIsUnsupported) {
  backend_.capabilities &= ~(UINT64_C(1) << WASI_TLS_CAP_VERIFY_SERVER_IDENTITY | UINT64_C(1) << WASI_TLS_CAP_ALPN);
  Connect();
  const wasi_tls_bytes id = {reinterpret_cast<const uint8_t *>("h2"), 2};
  EXPECT_EQ(wasi_tls_endpoint_configure_alpn_ids(endpoint_, &id, 1), WASI_TLS_ERR_UNSUPPORTED);
  EXPECT_EQ(wasi_tls_endpoint_start(endpoint_, WASI_TLS_STEP_SERVER_IDENTITY), WASI_TLS_ERR_UNSUPPORTED);
  EXPECT_EQ(wasi_tls_endpoint_start(endpoint_, WASI_TLS_STEP_FINISH), WASI_TLS_OK);
}

TEST_F(SeamTest, RoleThatTheEngineLacksIsUnsupported) {
  backend_.capabilities &= ~(UINT64_C(1) << WASI_TLS_CAP_SERVER);
  ASSERT_EQ(Configure(), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_endpoint_new(config_, WASI_TLS_ROLE_SERVER, &endpoint_), WASI_TLS_ERR_UNSUPPORTED);
}

TEST_F(SeamTest, BackendOfAnotherAbiIsUnsupported) {
  backend_.abi++;
  EXPECT_EQ(Configure(), WASI_TLS_ERR_UNSUPPORTED);
  backend_ = MockBackend();
  backend_.size--;
  EXPECT_EQ(Configure(), WASI_TLS_ERR_UNSUPPORTED);
}

/* An identity belongs to the engine that parsed it. */
TEST_F(SeamTest, IdentityOfAnotherEngineIsRefused) {
  Connect();
  Key key = MakeKey("EC", "P-256");
  Bytes der = EncodeKey(key, "DER", "PrivateKeyInfo");
  Bytes certificate = MakeCertificate(key);
  const wasi_tls_bytes chain = {certificate.data(), certificate.size()};
  wasi_tls_config_options options;
  wasi_tls_config_options_init(&options);
  options.server_trust.source = WASI_TLS_TRUST_LIST;
  wasi_tls_config *other = nullptr;
  ASSERT_EQ(wasi_tls_config_new(&options, &other, nullptr), WASI_TLS_OK);
  wasi_tls_private_identity *identity = nullptr;
  ASSERT_EQ(wasi_tls_private_identity_parse(other, {der.data(), der.size()}, &chain, 1, &identity), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_endpoint_configure_identities(endpoint_, &identity, 1), WASI_TLS_ERR_IDENTITY_ENGINE);
  wasi_tls_private_identity_free(identity);
  wasi_tls_config_free(other);
}

}  // namespace
