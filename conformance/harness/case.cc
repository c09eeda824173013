// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "case.h"

#include <map>

namespace conformance {

namespace {

struct Entry {
  const char *chapter;
  const char *name;
  const char *file;
  int line;
  MakeCase make;
  bool solo;
};

std::vector<Entry> &entries() {
  static std::vector<Entry> list;
  return list;
}

std::map<std::string, Pairing> &suites() {
  static std::map<std::string, Pairing> all;
  return all;
}

std::vector<Pairing> pairings(const std::vector<std::string> &engines) {
  std::vector<Pairing> list;
  for (const std::string &client : engines) {
    for (const std::string &server : engines) {
      for (auto version :
           std::initializer_list<wasi_tls_protocol_version>{WASI_TLS_VERSION_TLS12, WASI_TLS_VERSION_TLS13})
        if (engine_speaks(client, version) && engine_speaks(server, version)) list.push_back({client, server, version});
    }
  }
  return list;
}

}  // namespace

std::string Pairing::name() const {
  return client_engine + "_" + server_engine + (version == WASI_TLS_VERSION_TLS12 ? "_tls12" : "_tls13");
}

bool add_case(const char *chapter, const char *name, const char *file, int line, MakeCase make, bool solo) {
  entries().push_back({chapter, name, file, line, make, solo});
  return true;
}

bool has_case(const char *chapter, const char *name) {
  for (const Entry &entry : entries())
    if (std::string_view(entry.chapter) == chapter && std::string_view(entry.name) == name) return true;
  return false;
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const Entry &entry : entries()) names.push_back(std::string(entry.chapter) + "." + entry.name);
  return names;
}

const Pairing *pairing_of(const std::string &suite) {
  auto found = suites().find(suite);
  return found == suites().end() ? nullptr : &found->second;
}

void register_cases(const std::vector<std::string> &engines) {
  for (const Pairing &pairing : pairings(engines)) {
    for (const Entry &entry : entries()) {
      if (entry.solo && pairing.client_engine != pairing.server_engine) continue;
      std::string suite = std::string(entry.chapter) + "/" + pairing.name();
      suites()[suite] = pairing;
      testing::RegisterTest(suite.c_str(), entry.name, nullptr, nullptr, entry.file, entry.line,
                            [pairing, make = entry.make]() -> Case * {
                              Case *made = make();
                              made->pairing = pairing;
                              return made;
                            });
    }
  }
}

void Case::SetUp() {
  start_over();
  for (Options *options : {&client_options, &server_options}) {
    options->min_version = pairing.version;
    options->max_version = pairing.version;
    options->server_anchors = {root()->der};
    options->client_anchors = {root()->der};
  }
  client_options.engine = pairing.client_engine;
  server_options.engine = pairing.server_engine;
  server_chains = {server_chain(KeyType::kP256)};
}

wasi_tls_capability capability_of(KeyType type) {
  switch (type) {
    case KeyType::kRsa:
      return WASI_TLS_CAP_KEY_RSA;
    case KeyType::kP256:
      return WASI_TLS_CAP_KEY_P256;
    case KeyType::kP384:
      return WASI_TLS_CAP_KEY_P384;
    default:
      return WASI_TLS_CAP_KEY_ED25519;
  }
}

void Case::start_over() {
  client_.reset();
  server_.reset();
  pump_.reset();
  wire_ = std::make_unique<Wire>();
  pump_ = std::make_unique<Pump>(wire_.get());
}

bool Case::start(bool can, const std::function<wasi_tls_result()> &step) {
  EXPECT_EQ(step(), can ? WASI_TLS_OK : WASI_TLS_ERR_UNSUPPORTED);
  return can;
}

Client &Case::client() {
  if (client_ == nullptr) {
    client_ = std::make_unique<Client>(pump_.get(), wire_.get(), client_options);
    EXPECT_EQ(client_->connect(server_name), WASI_TLS_OK);
  }
  return *client_;
}

Server &Case::server() {
  if (server_ == nullptr) {
    server_ = std::make_unique<Server>(pump_.get(), wire_.get(), server_options);
    EXPECT_EQ(server_->accept(), WASI_TLS_OK);
    EXPECT_EQ(server_->configure_chains(server_chains), WASI_TLS_OK);
  }
  return *server_;
}

bool Case::finish_both() {
  finish_both_expecting(WASI_TLS_OK, WASI_TLS_OK);
  return client().outcome == WASI_TLS_OK && server().outcome == WASI_TLS_OK;
}

void Case::finish_both_expecting(wasi_tls_result client_outcome, wasi_tls_result server_outcome) {
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, client_outcome) << client().last_error().text;
  EXPECT_EQ(server().outcome, server_outcome) << server().last_error().text;
}

void Case::close_both() {
  client().receive();
  server().receive();
  client().close();
  server().close();
  run();
  EXPECT_EQ(client().read_result, WASI_TLS_ERR_CLOSED);
  EXPECT_EQ(server().read_result, WASI_TLS_ERR_CLOSED);
}

void Case::expect_echo(size_t len) {
  Bytes ping = pattern(len, 1), pong = pattern(len, 2);
  client().received.clear();
  server().received.clear();
  client().receive();
  server().receive();
  client().send(ping);
  server().send(pong);
  run();
  EXPECT_EQ(client().write_result, WASI_TLS_OK);
  EXPECT_EQ(server().write_result, WASI_TLS_OK);
  EXPECT_TRUE(server().received == ping) << server().received.size() << " of " << len << " bytes arrived";
  EXPECT_TRUE(client().received == pong) << client().received.size() << " of " << len << " bytes arrived";
}

int received_alert(const wasi_tls_error &error) {
  return error.alert_received ? error.alert : -1;
}

int sent_alert(const wasi_tls_error &error) {
  return error.alert_received || error.alert == WASI_TLS_NO_ALERT ? -1 : error.alert;
}

void record_count(const std::string &what, uint64_t count) {
  testing::Test::RecordProperty("count: " + what, std::to_string(count));
}

Bytes pattern(size_t len, uint32_t seed) {
  Bytes bytes(len);
  uint32_t state = seed * 2654435761u + 1;
  for (uint8_t &byte : bytes) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<uint8_t>(state >> 24);
  }
  return bytes;
}

}  // namespace conformance
