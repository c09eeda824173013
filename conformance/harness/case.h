// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A case of the suite: run once for each client engine, server engine and TLS version, under the name
// <chapter>/<client>_<server>_<tls12|tls13>.<case>.
#ifndef WASI_TLS_CONFORMANCE_CASE_H
#define WASI_TLS_CONFORMANCE_CASE_H

#include <gtest/gtest.h>

#include <ostream>

#include "engines.h"
#include "peer.h"

// So that a failed comparison shows a name.
inline void PrintTo(wasi_tls_result result, std::ostream *out) {
  *out << wasi_tls_result_name(result) << " (" << static_cast<int>(result) << ")";
}
inline void PrintTo(wasi_tls_verify_reason reason, std::ostream *out) {
  *out << wasi_tls_verify_reason_name(reason);
}
inline void PrintTo(wasi_tls_step step, std::ostream *out) {
  *out << wasi_tls_step_name(step);
}

namespace conformance {

// Alerts (RFC 8446, section 6).
constexpr int kCloseNotify = 0, kUnexpectedMessage = 10, kBadRecordMac = 20, kRecordOverflow = 22,
              kHandshakeFailure = 40, kBadCertificate = 42, kCertificateRevoked = 44, kCertificateExpired = 45,
              kIllegalParameter = 47, kUnknownCa = 48, kDecodeError = 50, kDecryptError = 51, kProtocolVersion = 70,
              kInternalError = 80, kInappropriateFallback = 86, kMissingExtension = 109, kUnsupportedExtension = 110,
              kUnrecognizedName = 112, kCertificateRequired = 116, kNoApplicationProtocol = 120;

struct Pairing {
  std::string client_engine;
  std::string server_engine;
  wasi_tls_protocol_version version;
  std::string name() const;
};

class Case : public testing::Test {
 public:
  Pairing pairing;

 protected:
  void SetUp() override;

  bool tls13() const {
    return pairing.version == WASI_TLS_VERSION_TLS13;
  }
  bool client_can(wasi_tls_capability capability) const {
    return engine_supports(pairing.client_engine, capability);
  }
  bool server_can(wasi_tls_capability capability) const {
    return engine_supports(pairing.server_engine, capability);
  }
  // For steps that an engine may lack: starts it and answers true, or checks that it is refused as unsupported.
  bool start(bool can, const std::function<wasi_tls_result()> &step);
  bool start_verify() {
    return start(client_can(WASI_TLS_CAP_VERIFY_SERVER_IDENTITY), [this] { return client().verify(); });
  }
  bool start_receive_request() {
    return start(client_can(WASI_TLS_CAP_CLIENT_IDENTITY_REQUEST), [this] { return client().receive_request(); });
  }
  bool start_receive_hello() {
    return start(server_can(WASI_TLS_CAP_CLIENT_HELLO), [this] { return server().receive_hello(); });
  }
  bool start_request_identity() {
    return start(server_can(WASI_TLS_CAP_REQUEST_CLIENT_IDENTITY), [this] { return server().request_identity(); });
  }

  // Made at the first use, from the options and names as they are then, up to a fresh handshake.
  Client &client();
  Server &server();
  // Gives both up and takes a new wire, for cases that run through many connections.
  void start_over();
  // Finishes both; true if both came through.
  bool finish_both();
  // The same, expected to end like this on either side. PENDING: has not ended.
  void finish_both_expecting(wasi_tls_result client_outcome, wasi_tls_result server_outcome);
  void run() {
    pump_->run();
  }
  // Both ends read to their end in the background, both outputs are closed: all must end in order.
  void close_both();
  // Data goes both ways and arrives as sent.
  void expect_echo(size_t len = 1000);

  Wire &wire() {
    return *wire_;
  }
  Pump &pump() {
    return *pump_;
  }
  Channel &to_server() {
    return wire_->to_server();
  }
  Channel &to_client() {
    return wire_->to_client();
  }

  Options client_options;
  Options server_options;
  std::string server_name = kServerName;
  std::vector<Chain> server_chains;

 private:
  // In this order: whoever holds a waker goes before the pump.
  std::unique_ptr<Wire> wire_;
  std::unique_ptr<Pump> pump_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Server> server_;
};

// The alert in what is known about a failure, for comparisons: -1 for none; received alerts only.
int received_alert(const wasi_tls_error &error);
int sent_alert(const wasi_tls_error &error);
// Tells the report how many times something was tried: ("flipped bits", 2311).
void record_count(const std::string &what, uint64_t count);
// |len| bytes that do not repeat soon.
Bytes pattern(size_t len, uint32_t seed = 1);

// Of an engine that has keys of that type.
wasi_tls_capability capability_of(KeyType type);

using MakeCase = Case *(*)();
// |solo|: for pairings of an engine with itself only.
bool add_case(const char *chapter, const char *name, const char *file, int line, MakeCase make, bool solo);
bool has_case(const char *chapter, const char *name);
// "<chapter>.<case>" of each.
std::vector<std::string> case_names();
// Registers every case for every pairing of |engines| and version that both speak.
void register_cases(const std::vector<std::string> &engines);
// Of a suite of the test framework: a chapter with a pairing. NULL for others.
const Pairing *pairing_of(const std::string &suite);

}  // namespace conformance

#define WASI_TLS_CONFORMANCE_CASE(base, chapter, name, solo)                                                      \
  namespace {                                                                                                     \
  class chapter##_##name : public base {                                                                          \
    void TestBody() override;                                                                                     \
  };                                                                                                              \
  [[maybe_unused]] const bool registered_##chapter##_##name = ::conformance::add_case(                            \
      #chapter, #name, __FILE__, __LINE__, []() -> ::conformance::Case * { return new chapter##_##name; }, solo); \
  }                                                                                                               \
  void chapter##_##name::TestBody()

#define CONFORMANCE_CASE(base, chapter, name) WASI_TLS_CONFORMANCE_CASE(base, chapter, name, false)
// In which only one of our ends takes part: run once for each engine and version, not for each pairing.
#define SOLO_CASE(base, chapter, name) WASI_TLS_CONFORMANCE_CASE(base, chapter, name, true)
#define CASE(chapter, name) CONFORMANCE_CASE(::conformance::Case, chapter, name)

#endif
