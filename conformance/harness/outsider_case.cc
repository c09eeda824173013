// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "outsider_case.h"

#include <unistd.h>

#include "outsider_carrier.h"

namespace conformance {

namespace {

using nlohmann::json;

// Far more than any scenario takes: the outsider gives up by itself when it hears nothing.
constexpr std::chrono::seconds kPatience(30);

std::string hexadecimal(const Bytes &bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (uint8_t byte : bytes) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

std::string text_of(const Bytes &bytes) {
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace

void OutsiderCase::SetUp() {
  Case::SetUp();
  ASSERT_EQ(Outsiders::call().missing(), "");
}

void OutsiderCase::configure(const Config &config, wasi_tls_role role, Endpoint *endpoint) {
  bool client = role == WASI_TLS_ROLE_CLIENT;
  ASSERT_EQ(wasi_tls_endpoint_new(config.get(), role, endpoint->out()), WASI_TLS_OK);
  if (client) {
    ASSERT_EQ(wasi_tls_endpoint_connect(endpoint->get(), view_of(kServerName)), WASI_TLS_OK);
  } else {
    ASSERT_EQ(wasi_tls_endpoint_accept(endpoint->get()), WASI_TLS_OK);
  }
  if (!alpn.empty()) {
    std::vector<wasi_tls_bytes> ids = views_of(alpn);
    ASSERT_EQ(wasi_tls_endpoint_configure_alpn_ids(endpoint->get(), ids.data(), ids.size()), WASI_TLS_OK);
  }
  if (client && !identify) return;
  PrivateIdentity identity = parse_identity(config, client ? client_chain(KeyType::kP256) : server_chains.front());
  wasi_tls_private_identity *raw = identity.get();
  ASSERT_EQ(wasi_tls_endpoint_configure_identities(endpoint->get(), &raw, 1), WASI_TLS_OK);
}

void OutsiderCase::meet(wasi_tls_role role, const char *scenario, const json &more) {
  Outsiders &outsiders = Outsiders::call();
  bool client = role == WASI_TLS_ROLE_CLIENT;
  const Chain chain = client ? server_chains.front() : client_chain(KeyType::kP256);
  json order = more;
  order["scenario"] = scenario;
  order["role"] = client ? "server" : "client";
  order["version"] = tls13() ? "tls13" : "tls12";
  order["key"] = text_of(encode(*chain.front()->key, KeyEncoding::kPkcs8Pem));
  for (const Bytes &der : ders_of(chain)) order["chain"].push_back(hexadecimal(der));
  Config config;
  Endpoint endpoint;
  met = {};
  met.outsider = json::object();
  wasi_tls_error_init(&met.error);
  ASSERT_EQ((client ? client_options : server_options).build(&config), WASI_TLS_OK);
  configure(config, role, &endpoint);
  if (HasFatalFailure()) return;
  ASSERT_EQ(wasi_tls_endpoint_start(endpoint.get(), WASI_TLS_STEP_FINISH), WASI_TLS_OK);
  int socket = outsiders.meet(order);
  ASSERT_GE(socket, 0) << "no outsider came";
  Deadline until = std::chrono::steady_clock::now() + kPatience;
  EXPECT_TRUE(Carrier(endpoint.get(), socket, &met).carry(until)) << scenario << " has no end";
  close(socket);
  met.outsider = outsiders.report(until);
  ASSERT_TRUE(met.outsider.contains("alerts"))
      << met.outsider.value("mistake", "the outsider does not say what it saw");
}

void OutsiderCase::client_meets(const char *scenario, const json &more) {
  meet(WASI_TLS_ROLE_CLIENT, scenario, more);
}

void OutsiderCase::server_meets(const char *scenario, const json &more) {
  meet(WASI_TLS_ROLE_SERVER, scenario, more);
}

Alerts OutsiderCase::heard() const {
  Alerts numbers;
  for (const json &alert : met.outsider.value("alerts", json::array()))
    if (alert["level"] == 2) numbers.insert(alert["number"].get<int>());
  return numbers;
}

bool OutsiderCase::heard_sealed() const {
  const json alerts = met.outsider.value("alerts", json::array());
  return std::all_of(alerts.begin(), alerts.end(), [](const json &alert) { return alert["sealed"] == true; });
}

void OutsiderCase::expect_completed() {
  EXPECT_EQ(met.handshake, WASI_TLS_OK) << met.error.text;
  EXPECT_EQ(met.read, WASI_TLS_ERR_CLOSED) << met.error.text;
  EXPECT_EQ(received_text(), kFromOutsider);
  EXPECT_EQ(met.outsider.value("cleartext", ""), kFromEngine) << met.outsider;
  EXPECT_EQ(heard(), Alerts{}) << met.outsider;
}

void OutsiderCase::expect_refused(const Alerts &alerts) {
  EXPECT_EQ(wasi_tls_result_class(met.handshake), WASI_TLS_CLASS_PROTOCOL)
      << wasi_tls_result_name(met.handshake) << ": " << met.error.text;
  EXPECT_EQ(met.error.step, WASI_TLS_STEP_FINISH);
  EXPECT_EQ(alerts.count(sent_alert(met.error)), 1u) << "sent " << sent_alert(met.error) << ": " << met.error.text;
  EXPECT_EQ(heard(), Alerts{sent_alert(met.error)}) << met.outsider;
}

void OutsiderCase::expect_refused_when_open(const Alerts &alerts) {
  EXPECT_EQ(met.handshake, WASI_TLS_OK) << met.error.text;
  EXPECT_EQ(wasi_tls_result_class(met.read), WASI_TLS_CLASS_PROTOCOL)
      << wasi_tls_result_name(met.read) << ": " << met.error.text;
  EXPECT_EQ(met.error.step, WASI_TLS_STEP_OPEN);
  EXPECT_EQ(alerts.count(sent_alert(met.error)), 1u) << "sent " << sent_alert(met.error) << ": " << met.error.text;
  EXPECT_EQ(heard(), Alerts{sent_alert(met.error)}) << met.outsider;
}

void OutsiderCase::expect_refused_at_once_or_later() {
  if (met.handshake == WASI_TLS_OK) return expect_refused_when_open({kUnexpectedMessage});
  expect_refused({kUnexpectedMessage});
}

void OutsiderCase::expect_ended_with(wasi_tls_result result, wasi_tls_step step) {
  EXPECT_EQ(step == WASI_TLS_STEP_OPEN ? met.read : met.handshake, result) << met.error.text;
  EXPECT_EQ(met.error.step, step);
}

void OutsiderCase::expect_peer_alert(int number) {
  bool open = met.handshake == WASI_TLS_OK;
  expect_ended_with(WASI_TLS_ERR_PEER_ALERT, open ? WASI_TLS_STEP_OPEN : WASI_TLS_STEP_FINISH);
  EXPECT_EQ(received_alert(met.error), number);
  EXPECT_EQ(heard(), Alerts{}) << "an alert is not answered with an alert: " << met.outsider;
}

}  // namespace conformance
