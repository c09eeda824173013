// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "errors_case.h"

#include <cstring>

namespace conformance {

void ErrorCase::finish_both_sides() {
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
}

void ErrorCase::open() {
  finish_both_sides();
  ASSERT_EQ(client().outcome, WASI_TLS_OK) << client().last_error().text;
  ASSERT_EQ(server().outcome, WASI_TLS_OK) << server().last_error().text;
  client().receive();
  server().receive();
  run();
}

void ErrorCase::reset() {
  client_options = Options();
  server_options = Options();
  server_name = kServerName;
  Case::SetUp();
}

wasi_tls_result ErrorCase::told(Peer *peer) {
  run();
  if (peer->outcome != WASI_TLS_OK || !peer->input) return peer->outcome;
  peer->receive();
  run();
  return peer->read_result;
}

void ErrorCase::expect_readable(const wasi_tls_error &error) {
  size_t len = strnlen(error.text, sizeof(error.text));
  EXPECT_GT(len, 0u);
  EXPECT_LT(len, sizeof(error.text));
  for (size_t i = 0; i < len; i++)
    EXPECT_TRUE(error.text[i] >= ' ' && error.text[i] <= '~') << static_cast<int>(error.text[i]) << " at " << i;
  EXPECT_EQ(strstr(error.text, "-----"), nullptr) << error.text;
}

void ErrorCase::expect_same(const wasi_tls_error &a, const wasi_tls_error &b) {
  EXPECT_EQ(a.result, b.result);
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.verify_reason, b.verify_reason);
  EXPECT_EQ(a.verify_depth, b.verify_depth);
  EXPECT_EQ(a.alert, b.alert);
  EXPECT_EQ(a.alert_received, b.alert_received);
  EXPECT_EQ(a.native_code, b.native_code);
  EXPECT_STREQ(a.text, b.text);
}

}  // namespace conformance
