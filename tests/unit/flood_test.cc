/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Peers that keep on sending without ever saying anything: key updates and session tickets (RFC 8446, section 4.6). The
 * peer is an engine used directly, since no endpoint of the library would do that.
 */
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "test_certificates.h"
#include "wasi_tls/endpoint.h"
#include "wasi_tls/identity.h"

using namespace wasi_tls_test;

namespace {

constexpr size_t kLimit = 16384;
constexpr size_t kLongestRecord = 17408; /* what may come on top before the cleartext in it counts */

class FloodTest : public testing::Test {
 protected:
  void SetUp() override {
    key_ = MakeKey("EC", "P-256");
    certificate_ = MakeCertificate(key_, {"localhost", "localhost", "DNS:localhost"});
  }
  void TearDown() override {
    wasi_tls_endpoint_free(endpoint_);
    wasi_tls_private_identity_free(identity_);
    wasi_tls_config_free(config_);
    SSL_free(peer_);
    SSL_CTX_free(context_);
  }

  void MakeEndpoint(wasi_tls_role role) {
    const wasi_tls_bytes certificate = {certificate_.data(), certificate_.size()};
    const Bytes key = EncodeKey(key_, "DER", "PrivateKeyInfo");
    wasi_tls_config_options options;
    wasi_tls_config_options_init(&options);
    options.server_trust = {WASI_TLS_TRUST_LIST, &certificate, 1};
    options.min_version = WASI_TLS_VERSION_TLS13;
    options.limits.post_handshake_bytes = kLimit;
    ASSERT_EQ(wasi_tls_config_new(&options, &config_, nullptr), WASI_TLS_OK);
    ASSERT_EQ(wasi_tls_private_identity_parse(config_, {key.data(), key.size()}, &certificate, 1, &identity_),
              WASI_TLS_OK);
    ASSERT_EQ(wasi_tls_endpoint_new(config_, role, &endpoint_), WASI_TLS_OK);
    const wasi_tls_bytes name = {reinterpret_cast<const uint8_t *>("localhost"), 9};
    if (role == WASI_TLS_ROLE_CLIENT) {
      ASSERT_EQ(wasi_tls_endpoint_connect(endpoint_, name), WASI_TLS_OK);
    } else {
      ASSERT_EQ(wasi_tls_endpoint_accept(endpoint_), WASI_TLS_OK);
      ASSERT_EQ(wasi_tls_endpoint_configure_identities(endpoint_, &identity_, 1), WASI_TLS_OK);
    }
    ASSERT_EQ(wasi_tls_endpoint_start(endpoint_, WASI_TLS_STEP_FINISH), WASI_TLS_OK);
  }

  void MakePeer(wasi_tls_role role) {
    const uint8_t *der = certificate_.data();
    X509 *certificate = d2i_X509(nullptr, &der, static_cast<long>(certificate_.size()));
    context_ = SSL_CTX_new(TLS_method());
    ASSERT_EQ(SSL_CTX_use_certificate(context_, certificate), 1);
    ASSERT_EQ(SSL_CTX_use_PrivateKey(context_, key_.get()), 1);
    X509_free(certificate);
    peer_ = SSL_new(context_);
    SSL_set_bio(peer_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (role == WASI_TLS_ROLE_CLIENT)
      SSL_set_connect_state(peer_);
    else
      SSL_set_accept_state(peer_);
  }

  /* What the peer has to say goes to the endpoint; how many bytes. */
  size_t FromPeer() {
    std::vector<uint8_t> data(BIO_ctrl_pending(SSL_get_wbio(peer_)));
    if (data.empty()) return 0;
    EXPECT_EQ(BIO_read(SSL_get_wbio(peer_), data.data(), static_cast<int>(data.size())), static_cast<int>(data.size()));
    size_t accepted = 0;
    EXPECT_EQ(wasi_tls_endpoint_input(endpoint_, data.data(), data.size(), &accepted), WASI_TLS_OK);
    EXPECT_EQ(accepted, data.size());
    return data.size();
  }
  void ToPeer() {
    wasi_tls_bytes output = wasi_tls_endpoint_output(endpoint_);
    if (output.len == 0) return;
    BIO_write(SSL_get_rbio(peer_), output.data, static_cast<int>(output.len));
    wasi_tls_endpoint_output_sent(endpoint_, output.len);
  }
  void Shake() {
    wasi_tls_result result = WASI_TLS_PENDING;
    for (int turn = 0; turn < 10 && (result != WASI_TLS_OK || !SSL_is_init_finished(peer_)); turn++) {
      result = wasi_tls_endpoint_drive(endpoint_);
      ToPeer();
      SSL_do_handshake(peer_);
      FromPeer();
    }
    ASSERT_EQ(result, WASI_TLS_OK);
    (void)Read();
  }
  wasi_tls_result Read() {
    uint8_t buffer[16];
    size_t count = 0;
    return wasi_tls_endpoint_read(endpoint_, buffer, sizeof(buffer), &count);
  }
  void Say(const char *text) {
    size_t written = 0;
    ASSERT_EQ(SSL_write_ex(peer_, text, 1, &written), 1);
    FromPeer();
  }

  /* |step| makes the peer send a little. Below the limit nothing happens, cleartext starts the count again, above it is
   * over. */
  void ExpectLimit(const std::function<void()> &step) {
    for (int again = 0; again < 2; again++) {
      for (size_t sent = 0; sent + 1024 < kLimit;) {
        step();
        sent += FromPeer();
        ASSERT_EQ(Read(), WASI_TLS_PENDING) << sent;
        ToPeer();
      }
      Say("x");
      ASSERT_EQ(Read(), WASI_TLS_OK);
    }
    wasi_tls_result result = WASI_TLS_PENDING;
    size_t sent = 0;
    while (result == WASI_TLS_PENDING && sent < 4 * (kLimit + kLongestRecord)) {
      step();
      sent += FromPeer();
      result = Read();
      ToPeer();
    }
    EXPECT_EQ(result, WASI_TLS_ERR_LIMIT);
    EXPECT_GE(sent, kLimit);
    EXPECT_LE(sent, kLimit + 2 * kLongestRecord);
  }
  void UpdateKey(int kind) {
    ASSERT_EQ(SSL_key_update(peer_, kind), 1);
    ASSERT_EQ(SSL_do_handshake(peer_), 1);
  }

  Key key_;
  Bytes certificate_;
  wasi_tls_config *config_ = nullptr;
  wasi_tls_private_identity *identity_ = nullptr;
  wasi_tls_endpoint *endpoint_ = nullptr;
  SSL_CTX *context_ = nullptr;
  SSL *peer_ = nullptr;
};

TEST_F(FloodTest, KeyUpdatesOfAServer) {
  MakeEndpoint(WASI_TLS_ROLE_CLIENT);
  MakePeer(WASI_TLS_ROLE_SERVER);
  Shake();
  ExpectLimit([this] { UpdateKey(SSL_KEY_UPDATE_NOT_REQUESTED); });
}

TEST_F(FloodTest, KeyUpdatesOfAClient) {
  MakeEndpoint(WASI_TLS_ROLE_SERVER);
  MakePeer(WASI_TLS_ROLE_CLIENT);
  Shake();
  ExpectLimit([this] { UpdateKey(SSL_KEY_UPDATE_NOT_REQUESTED); });
}

/*
 * Each wants an answer, and the peer takes none in. Cleartext in between starts the other count again, so it is what is
 * held back that is bounded.
 */
TEST_F(FloodTest, KeyUpdatesThatWantAnswers) {
  MakeEndpoint(WASI_TLS_ROLE_SERVER);
  MakePeer(WASI_TLS_ROLE_CLIENT);
  Shake();
  wasi_tls_result result = WASI_TLS_OK;
  for (int i = 0; i < 20000 && result == WASI_TLS_OK; i++) {
    UpdateKey(SSL_KEY_UPDATE_REQUESTED);
    Say("x");
    result = Read();
    ASSERT_LE(wasi_tls_endpoint_output(endpoint_).len, 2 * 69632 + 2 * kLongestRecord);
  }
  EXPECT_EQ(result, WASI_TLS_ERR_LIMIT);
}

/* A permit is for what is held back too: many small writes are no way around it. */
TEST_F(FloodTest, SmallWritesIntoABlockedTransport) {
  MakeEndpoint(WASI_TLS_ROLE_SERVER);
  MakePeer(WASI_TLS_ROLE_CLIENT);
  Shake();
  ToPeer();
  size_t permit = 0;
  ASSERT_EQ(wasi_tls_endpoint_check_write(endpoint_, &permit), WASI_TLS_OK);
  wasi_tls_result result = WASI_TLS_OK;
  for (size_t i = 0; i < permit && result == WASI_TLS_OK; i++)
    result = wasi_tls_endpoint_write(endpoint_, reinterpret_cast<const uint8_t *>("x"), 1);
  EXPECT_EQ(result, WASI_TLS_ERR_PERMIT_EXCEEDED);
  EXPECT_LE(wasi_tls_endpoint_output(endpoint_).len, permit + permit / 16 + 100);
  ToPeer();
  ASSERT_EQ(wasi_tls_endpoint_check_write(endpoint_, &permit), WASI_TLS_OK);
  EXPECT_EQ(wasi_tls_endpoint_write(endpoint_, reinterpret_cast<const uint8_t *>("x"), 1), WASI_TLS_OK);
}

TEST_F(FloodTest, SessionTickets) {
  MakeEndpoint(WASI_TLS_ROLE_CLIENT);
  MakePeer(WASI_TLS_ROLE_SERVER);
  Shake();
  ExpectLimit([this] {
    ASSERT_EQ(SSL_new_session_ticket(peer_), 1);
    ASSERT_EQ(SSL_do_handshake(peer_), 1);
  });
}

}  // namespace
