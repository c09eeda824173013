// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Each reason for which a peer's identity is refused: one result, one alert, both roles, the same on every engine.
#include <set>

#include "errors_case.h"
#include "raw_hello.h"

using namespace conformance;

namespace {

struct Refusal {
  wasi_tls_verify_reason reason;
  int alert;
  // The chain to show, of a leaf that is otherwise as |good|.
  std::function<Chain(const CertificateSpec &good)> chain;
  std::function<void(Options *)> options = nullptr;  // of who refuses
  bool of_servers_only = false;
};

Chain issued(const CertificateSpec &spec) {
  return {issue(spec, intermediate()), intermediate()};
}

// |good| under a CA as |ca|.
Chain under(const CertificateSpec &good, const CertificateSpec &ca) {
  Cert issuer = issue(ca, root());
  return {issue(good, issuer), issuer};
}

template <class Member, class Value>
std::function<Chain(const CertificateSpec &)> with(Member member, Value value) {
  return [member, value](CertificateSpec spec) {
    spec.*member = value;
    return issued(spec);
  };
}

Chain from_a_namesake(const CertificateSpec &good) {
  Cert namesake = issue(ca_spec("Root", 150));
  return {issue(good, namesake), namesake};
}

Chain from_no_ca(const CertificateSpec &good) {
  CertificateSpec ca = ca_spec("Signs nothing", 171);
  ca.key_usage = "digitalSignature";
  return under(good, ca);
}

Chain too_deep(const CertificateSpec &good) {
  CertificateSpec outer = ca_spec("Shallow", 172), inner = ca_spec("Deep", 173);
  outer.path_length = 0;
  Cert outer_ca = issue(outer, root()), inner_ca = issue(inner, outer_ca);
  return {issue(good, inner_ca), inner_ca, outer_ca};
}

Chain constrained(const CertificateSpec &good) {
  CertificateSpec ca = ca_spec("Elsewhere", 174);
  ca.name_constraints = "permitted;DNS:else.test";
  return under(good, ca);
}

Chain tampered(const CertificateSpec &good) {
  Certificate spoilt = *issue(good, intermediate());
  spoilt.der.back() ^= 1;
  return {std::make_shared<const Certificate>(spoilt), intermediate()};
}

// A leaf that is revoked wherever revoke() was.
Chain revoked(const CertificateSpec &good) {
  CertificateSpec ca = ca_spec("Revokes all", 175);
  Cert issuer = issue(ca, root()), leaf = issue(good, issuer);
  return {leaf, issuer};
}

std::vector<Refusal> refusals() {
  const auto stale = [](Options *options) { options->crls = {revocation_list(intermediate(), {}, -60)}; };
  return {
      {WASI_TLS_VERIFY_UNTRUSTED, kUnknownCa, from_a_namesake},
      {WASI_TLS_VERIFY_EXPIRED, kCertificateExpired, with(&CertificateSpec::not_after, -60)},
      {WASI_TLS_VERIFY_NOT_YET_VALID, kCertificateExpired, with(&CertificateSpec::not_before, 3600)},
      {WASI_TLS_VERIFY_NAME_MISMATCH, kBadCertificate,
       with(&CertificateSpec::dns, std::vector<std::string>{"else.test"}), nullptr, true},
      {WASI_TLS_VERIFY_CRL_INVALID, 46, issued, stale},
      {WASI_TLS_VERIFY_PURPOSE, 43, with(&CertificateSpec::extended_key_usage, "emailProtection")},
      {WASI_TLS_VERIFY_NOT_A_CA, kUnknownCa, from_no_ca},
      {WASI_TLS_VERIFY_PATH_LENGTH, kUnknownCa, too_deep},
      {WASI_TLS_VERIFY_NAME_CONSTRAINT, kBadCertificate, constrained},
      {WASI_TLS_VERIFY_SIGNATURE, kBadCertificate, tampered},
      {WASI_TLS_VERIFY_CRITICAL_EXTENSION, kBadCertificate, with(&CertificateSpec::unknown_critical_extension, true)},
  };
}

class ErrorsVerify : public ErrorCase {
 protected:
  void expect_verdict(Peer *peer, const Refusal &refusal, wasi_tls_step step) {
    EXPECT_EQ(told(peer), WASI_TLS_ERR_VERIFY);
    wasi_tls_error error = peer->last_error();
    EXPECT_EQ(error.result, WASI_TLS_ERR_VERIFY);
    EXPECT_EQ(wasi_tls_result_class(error.result), WASI_TLS_CLASS_VERIFY);
    EXPECT_EQ(error.verify_reason, refusal.reason) << error.text;
    EXPECT_EQ(sent_alert(error), refusal.alert);
    EXPECT_EQ(error.step, step);
    expect_readable(error);
  }
  void expect_heard(Peer *peer, const Refusal &refusal) {
    EXPECT_EQ(told(peer), WASI_TLS_ERR_PEER_ALERT);
    EXPECT_EQ(received_alert(peer->last_error()), refusal.alert);
    EXPECT_EQ(peer->last_error().verify_reason, WASI_TLS_VERIFY_OK);
  }
  void refuse_server(const Refusal &refusal) {
    reset();
    if (refusal.options) refusal.options(&client_options);
    server_chains = {refusal.chain(server_spec())};
    finish_both_sides();
    expect_verdict(&client(), refusal, WASI_TLS_STEP_FINISH);
    expect_heard(&server(), refusal);
  }
  void refuse_client(const Refusal &refusal) {
    reset();
    if (refusal.options) refusal.options(&server_options);
    server_options.client_identity = WASI_TLS_CLIENT_IDENTITY_REQUIRED;
    PrivateIdentity identity = client().parse(refusal.chain(client_spec()));
    ASSERT_EQ(client().configure_identities({&identity}), WASI_TLS_OK);
    finish_both_sides();
    expect_verdict(&server(), refusal, WASI_TLS_STEP_FINISH);
    expect_heard(&client(), refusal);
  }
  // A chain that no server would serve, in plain sight.
  void refuse_shown(const Refusal &refusal, const std::vector<Bytes> &chain) {
    SCOPED_TRACE(wasi_tls_verify_reason_name(refusal.reason));
    reset();
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    run();
    to_client().inject(tls12_server_flight(to_server().transcript(), chain));
    expect_verdict(&client(), refusal, WASI_TLS_STEP_FINISH);
    EXPECT_EQ(to_server().plain_alerts(), std::vector<uint8_t>{static_cast<uint8_t>(refusal.alert)});
  }
};

}  // namespace

CONFORMANCE_CASE(ErrorsVerify, errors_verify, of_a_server) {
  for (const Refusal &refusal : refusals()) {
    if (refusal.options && !client_can(WASI_TLS_CAP_REVOCATION_LISTS)) continue;
    SCOPED_TRACE(wasi_tls_verify_reason_name(refusal.reason));
    refuse_server(refusal);
  }
}

CONFORMANCE_CASE(ErrorsVerify, errors_verify, of_a_client) {
  for (const Refusal &refusal : refusals()) {
    if (refusal.of_servers_only) continue;
    if (refusal.options && !server_can(WASI_TLS_CAP_REVOCATION_LISTS)) continue;
    SCOPED_TRACE(wasi_tls_verify_reason_name(refusal.reason));
    refuse_client(refusal);
  }
}

// The list is of the leaf that is shown, so it is made for each.
CONFORMANCE_CASE(ErrorsVerify, errors_verify, revoked) {
  const Chain of_server = revoked(server_spec()), of_client = revoked(client_spec());
  for (const Chain &chain : {of_server, of_client}) {
    const Refusal refusal = {WASI_TLS_VERIFY_REVOKED, kCertificateRevoked,
                             [chain](const CertificateSpec &) { return chain; },
                             [chain](Options *o) { o->crls = {revocation_list(chain[1], {chain[0]})}; }};
    bool server = chain == of_server;
    if (!(server ? client_can(WASI_TLS_CAP_REVOCATION_LISTS) : server_can(WASI_TLS_CAP_REVOCATION_LISTS))) continue;
    server ? refuse_server(refusal) : refuse_client(refusal);
  }
}

// What no engine's server would serve: keys and signatures that are too weak, and what is no certificate.
CONFORMANCE_CASE(ErrorsVerify, errors_verify, of_what_nobody_serves) {
  if (tls13()) return;
  CertificateSpec sha1 = server_spec(), small = server_spec(KeyType::kRsa1024);
  sha1.digest = "SHA1";
  refuse_shown({WASI_TLS_VERIFY_WEAK_SIGNATURE, kBadCertificate, nullptr}, ders_of(issued(sha1)));
  refuse_shown({WASI_TLS_VERIFY_WEAK_KEY, kBadCertificate, nullptr}, ders_of(issued(small)));
  refuse_shown({WASI_TLS_VERIFY_MALFORMED, kBadCertificate, nullptr}, {{0x30, 3, 2, 1, 1}});
}

// Every reason has its case; OTHER is what an engine can't put a name to, and only a broken one comes to MISSING.
CONFORMANCE_CASE(ErrorsVerify, errors_verify, every_reason) {
  EXPECT_TRUE(has_case("errors", "engine_that_does_not_look"));
  std::set<int> provoked = {
      WASI_TLS_VERIFY_OK,        WASI_TLS_VERIFY_REVOKED, WASI_TLS_VERIFY_WEAK_KEY, WASI_TLS_VERIFY_WEAK_SIGNATURE,
      WASI_TLS_VERIFY_MALFORMED, WASI_TLS_VERIFY_MISSING, WASI_TLS_VERIFY_OTHER};
  for (const Refusal &refusal : refusals()) provoked.insert(refusal.reason);
  for (int reason = 0; reason <= WASI_TLS_VERIFY_OTHER; reason++)
    EXPECT_EQ(provoked.count(reason), 1u) << wasi_tls_verify_reason_name(static_cast<wasi_tls_verify_reason>(reason));
}
