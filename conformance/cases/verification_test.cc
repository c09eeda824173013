// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Default validation of the server's identity, alike on every engine (behaviours 66 to 84, 89, 93, 194).
#include <algorithm>
#include <ctime>

#include "case.h"
#include "raw_hello.h"

using namespace conformance;

namespace {

class Verification : public Case {
 protected:
  // Where the search for a path gives up differs with the engine's way of searching.
  static constexpr uint32_t kAnyDepth = UINT32_MAX;

  void serve(const Chain &chain) {
    start_over();
    server_chains = {chain};
  }
  void expect_accepted(const Chain &chain) {
    serve(chain);
    EXPECT_TRUE(finish_both());
    EXPECT_EQ(client().server_identity(), ders_of(chain));
  }
  // The client refuses |chain| for |reason|, tells the server by one alert, and no data was ever possible.
  void expect_refused(const Chain &chain, wasi_tls_verify_reason reason, uint32_t depth = 0) {
    SCOPED_TRACE(wasi_tls_verify_reason_name(reason));
    serve(chain);
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    EXPECT_EQ(server().finish(), WASI_TLS_OK);
    run();
    expect_refusal(reason, depth);
  }
  void expect_refusal(wasi_tls_verify_reason reason, uint32_t depth) {
    EXPECT_EQ(client().outcome, WASI_TLS_ERR_VERIFY);
    wasi_tls_error error = client().last_error();
    EXPECT_EQ(error.result, WASI_TLS_ERR_VERIFY);
    EXPECT_EQ(error.verify_reason, reason) << error.text;
    if (depth != kAnyDepth) {
      EXPECT_EQ(error.verify_depth, depth);
    }
    EXPECT_FALSE(client().input);
    EXPECT_TRUE(client().server_identity().empty());
    EXPECT_EQ(server().outcome, WASI_TLS_ERR_PEER_ALERT) << server().last_error().text;
    EXPECT_EQ(received_alert(server().last_error()), sent_alert(error));
    EXPECT_EQ(sent_alert(error), alert_of(reason)) << error.text;
  }
  // For a chain so weak that no server's engine need serve it: under TLS 1.2 it can be shown to the client in plain
  // sight.
  void expect_weak(const Chain &chain, wasi_tls_verify_reason reason, uint32_t depth) {
    SCOPED_TRACE(wasi_tls_verify_reason_name(reason));
    start_over();
    EXPECT_EQ(client().finish(), WASI_TLS_OK);
    run();
    to_client().inject(tls12_server_flight(to_server().transcript(), ders_of(chain)));
    run();
    if (reason == WASI_TLS_VERIFY_OK) {
      EXPECT_EQ(client().outcome, WASI_TLS_PENDING) << client().last_error().text;
      return;
    }
    EXPECT_EQ(client().outcome, WASI_TLS_ERR_VERIFY) << client().last_error().text;
    EXPECT_EQ(client().last_error().verify_reason, reason);
    EXPECT_EQ(client().last_error().verify_depth, depth);
    EXPECT_EQ(to_server().plain_alerts(), std::vector<uint8_t>{static_cast<uint8_t>(alert_of(reason))});
  }
  // One alert per reason, the same on every engine.
  static int alert_of(wasi_tls_verify_reason reason) {
    switch (reason) {
      case WASI_TLS_VERIFY_UNTRUSTED:
      case WASI_TLS_VERIFY_NOT_A_CA:
      case WASI_TLS_VERIFY_PATH_LENGTH:
        return kUnknownCa;
      case WASI_TLS_VERIFY_EXPIRED:
      case WASI_TLS_VERIFY_NOT_YET_VALID:
        return kCertificateExpired;
      case WASI_TLS_VERIFY_REVOKED:
        return kCertificateRevoked;
      case WASI_TLS_VERIFY_PURPOSE:
        return 43;
      case WASI_TLS_VERIFY_CRL_INVALID:
        return 46;
      default:
        return kBadCertificate;
    }
  }
  Chain under_intermediate(const CertificateSpec &spec) {
    return {issue(spec, intermediate()), intermediate()};
  }
  Chain under(const CertificateSpec &ca) {
    Cert issuer = issue(ca, root());
    return {issue(server_spec(), issuer), issuer};
  }
};

}  // namespace

// 66, 72, 93: a good chain passes; without its intermediate it does not.
CONFORMANCE_CASE(Verification, verification, good_chain) {
  expect_accepted(server_chain(KeyType::kP256));
  expect_refused({server_chain(KeyType::kP256)[0]}, WASI_TLS_VERIFY_UNTRUSTED, kAnyDepth);
}

// 67: signed by nobody the client knows, or by itself.
CONFORMANCE_CASE(Verification, verification, unknown_issuer) {
  expect_refused({issue(server_spec(), other_root())}, WASI_TLS_VERIFY_UNTRUSTED, kAnyDepth);
  expect_refused({issue(server_spec(), other_root()), other_root()}, WASI_TLS_VERIFY_UNTRUSTED, kAnyDepth);
  expect_refused({issue(server_spec())}, WASI_TLS_VERIFY_UNTRUSTED, kAnyDepth);
}

// A self-signed certificate that is an anchor itself is trusted, and so is an intermediate that is one.
CONFORMANCE_CASE(Verification, verification, any_certificate_can_be_an_anchor) {
  Cert self_signed = issue(server_spec());
  client_options.server_anchors = {self_signed->der};
  expect_accepted({self_signed});
  client_options.server_anchors = {intermediate()->der};
  expect_accepted({server_chain(KeyType::kP256)[0]});
}

// 68: outside of its validity.
CONFORMANCE_CASE(Verification, verification, validity) {
  CertificateSpec expired = server_spec(), early = server_spec();
  expired.not_after = -60;
  early.not_before = 3600;
  expect_refused(under_intermediate(expired), WASI_TLS_VERIFY_EXPIRED);
  expect_refused(under_intermediate(early), WASI_TLS_VERIFY_NOT_YET_VALID);
  CertificateSpec old_ca = ca_spec("Old CA", 110);
  old_ca.not_after = -60;
  expect_refused(under(old_ca), WASI_TLS_VERIFY_EXPIRED, 1);
}

// 68, 194: the embedder's clock decides; the first and the last second are within the validity (RFC 5280, 4.1.2.5).
CONFORMANCE_CASE(Verification, verification, clock_and_boundary_seconds) {
  const int64_t begin = static_cast<int64_t>(std::time(nullptr)) - 1000, end = begin + 500;
  CertificateSpec spec = server_spec();
  spec.not_before_at = begin;
  spec.not_after_at = end;
  Chain chain = under_intermediate(spec);
  for (int64_t time : {begin, begin + 1, end - 1, end}) {
    client_options.fixed_time = time;
    SCOPED_TRACE(time - begin);
    expect_accepted(chain);
  }
  client_options.fixed_time = begin - 1;
  expect_refused(chain, WASI_TLS_VERIFY_NOT_YET_VALID);
  client_options.fixed_time = end + 1;
  expect_refused(chain, WASI_TLS_VERIFY_EXPIRED);
}

// 69: a name that is not in the certificate, DNS or IP.
CONFORMANCE_CASE(Verification, verification, wrong_name) {
  for (const char *name : {"other.test", "test", "x.server.test", "192.0.2.2", "2001:db8::2"}) {
    server_name = name;
    SCOPED_TRACE(name);
    expect_refused(server_chain(KeyType::kP256), WASI_TLS_VERIFY_NAME_MISMATCH);
  }
}

// 27, 32: IP addresses in the SAN, in other spellings too; names without regard to case.
CONFORMANCE_CASE(Verification, verification, right_name) {
  for (const char *name : {"192.0.2.1", "2001:db8::1", "2001:0DB8:0:0:0:0:0:1", "SERVER.test", "server.test."}) {
    server_name = name;
    SCOPED_TRACE(name);
    expect_accepted(server_chain(KeyType::kP256));
  }
}

// 70: the common name is no name (RFC 9525).
CONFORMANCE_CASE(Verification, verification, common_name_only) {
  CertificateSpec spec = server_spec();
  spec.subject = kServerName;
  spec.dns.clear();
  spec.ips.clear();
  expect_refused(under_intermediate(spec), WASI_TLS_VERIFY_NAME_MISMATCH);
  spec.ips = {"192.0.2.9"};
  expect_refused(under_intermediate(spec), WASI_TLS_VERIFY_NAME_MISMATCH);
}

// An address written as a DNS name in the SAN does not stand for the address.
CONFORMANCE_CASE(Verification, verification, address_as_a_dns_name) {
  CertificateSpec spec = server_spec();
  spec.dns = {"192.0.2.1"};
  spec.ips.clear();
  server_name = "192.0.2.1";
  expect_refused(under_intermediate(spec), WASI_TLS_VERIFY_NAME_MISMATCH);
}

// 71: a wildcard stands for exactly one label, the left-most.
CONFORMANCE_CASE(Verification, verification, wildcards) {
  server_name = "a.wild.test";
  expect_accepted(server_chain(KeyType::kP256));
  for (const char *name : {"wild.test", "a.b.wild.test"}) {
    server_name = name;
    SCOPED_TRACE(name);
    expect_refused(server_chain(KeyType::kP256), WASI_TLS_VERIFY_NAME_MISMATCH);
  }
  for (const char *pattern : {"*.test", "a*.wild.test", "*a.wild.test", "a.*.test", "*", "*.*.test"}) {
    CertificateSpec spec = server_spec();
    spec.dns = {pattern};
    SCOPED_TRACE(pattern);
    server_name = std::string_view(pattern) == "*.test" ? "a.test" : "aa.wild.test";
    expect_refused(under_intermediate(spec), WASI_TLS_VERIFY_NAME_MISMATCH);
  }
}

// 73: the server's chain with the root, or in disorder behind the leaf, as real servers send it.
CONFORMANCE_CASE(Verification, verification, with_the_root_and_more) {
  Chain chain = server_chain(KeyType::kP256);
  chain.push_back(root());
  expect_accepted(chain);
}

// 74: over a cross-signed CA: the sent intermediate is one of two for the same key and name.
CONFORMANCE_CASE(Verification, verification, cross_signed) {
  CertificateSpec old_root = ca_spec("Old Root", 120), new_root = ca_spec("New Root", 121);
  Cert trusted = issue(old_root), untrusted = issue(new_root);
  Cert cross = issue(new_root, trusted);
  client_options.server_anchors = {trusted->der};
  expect_accepted({issue(server_spec(), untrusted), cross});
}

// 75: an issuer that is no CA, by its basic constraints or by its key usage.
CONFORMANCE_CASE(Verification, verification, issuer_is_no_ca) {
  CertificateSpec not_ca = ca_spec("Not a CA", 111);
  not_ca.ca = false;
  not_ca.key_usage = "keyCertSign";
  not_ca.extended_key_usage.clear();
  expect_refused(under(not_ca), WASI_TLS_VERIFY_NOT_A_CA, 1);
  CertificateSpec no_sign = ca_spec("No keyCertSign", 112);
  no_sign.key_usage = "digitalSignature,cRLSign";
  expect_refused(under(no_sign), WASI_TLS_VERIFY_NOT_A_CA, 1);
  CertificateSpec bare = ca_spec("No constraints", 113);
  bare.ca = false;
  bare.basic_constraints = false;
  bare.key_usage = "none";
  bare.extended_key_usage.clear();
  expect_refused(under(bare), WASI_TLS_VERIFY_NOT_A_CA, 1);
}

// 76: more intermediates than the path length allows.
CONFORMANCE_CASE(Verification, verification, path_length) {
  CertificateSpec outer = ca_spec("Outer", 114), inner = ca_spec("Inner", 115);
  outer.path_length = 0;
  Cert outer_ca = issue(outer, root()), inner_ca = issue(inner, outer_ca);
  expect_refused({issue(server_spec(), inner_ca), inner_ca, outer_ca}, WASI_TLS_VERIFY_PATH_LENGTH, 2);
  outer.path_length = 1;
  outer_ca = issue(outer, root());
  inner_ca = issue(inner, outer_ca);
  expect_accepted({issue(server_spec(), inner_ca), inner_ca, outer_ca});
}

// The bound of the configuration on the peer's chain.
CONFORMANCE_CASE(Verification, verification, chain_limit) {
  client_options.limits.chain_certificates = 2;
  expect_accepted(server_chain(KeyType::kP256));
  Cert second = issue(ca_spec("Second", 116), intermediate());
  Cert third = issue(ca_spec("Third", 117), second);
  serve({issue(server_spec(), third), third, second, intermediate()});
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_ERR_VERIFY);
  EXPECT_EQ(client().last_error().verify_reason, WASI_TLS_VERIFY_PATH_LENGTH);
  EXPECT_EQ(server().outcome, WASI_TLS_ERR_PEER_ALERT);
}

// 77: name constraints, permitted and excluded, DNS and IP.
CONFORMANCE_CASE(Verification, verification, name_constraints) {
  int slot = 130;
  for (const char *constraint : {"permitted;DNS:else.test", "excluded;DNS:server.test",
                                 "permitted;IP:198.51.100.0/255.255.255.0", "excluded;IP:192.0.2.0/255.255.255.0"}) {
    SCOPED_TRACE(constraint);
    CertificateSpec ca = ca_spec("Constrained " + std::to_string(slot), slot);
    slot++;
    ca.name_constraints = constraint;
    expect_refused(under(ca), WASI_TLS_VERIFY_NAME_CONSTRAINT);
  }
  CertificateSpec fine = ca_spec("Constrained", 140);
  fine.name_constraints = "permitted;DNS:test,excluded;DNS:else.test";
  expect_accepted(under(fine));
}

// 78: an extended key usage without serverAuth; none at all allows everything.
CONFORMANCE_CASE(Verification, verification, extended_key_usage) {
  CertificateSpec client_only = server_spec(), any = server_spec();
  client_only.extended_key_usage = "clientAuth";
  expect_refused(under_intermediate(client_only), WASI_TLS_VERIFY_PURPOSE);
  any.extended_key_usage.clear();
  expect_accepted(under_intermediate(any));
}

// 79: a critical extension that nobody knows, in the leaf or above.
CONFORMANCE_CASE(Verification, verification, unknown_critical_extension) {
  CertificateSpec leaf = server_spec(), ca = ca_spec("Critical", 141);
  leaf.unknown_critical_extension = true;
  ca.unknown_critical_extension = true;
  expect_refused(under_intermediate(leaf), WASI_TLS_VERIFY_CRITICAL_EXTENSION);
  expect_refused(under(ca), WASI_TLS_VERIFY_CRITICAL_EXTENSION, 1);
}

// 80: SHA-1 anywhere in the path but in the anchor; RSA keys below 2048 bits.
CONFORMANCE_CASE(Verification, verification, weak_chains) {
  if (tls13()) return;
  CertificateSpec leaf = server_spec(), ca = ca_spec("SHA-1 CA", 142), weak_ca = ca_spec("Weak CA", 144);
  leaf.digest = "SHA1";
  ca.digest = "SHA1";
  weak_ca.key_type = KeyType::kRsa1024;
  expect_weak(server_chain(KeyType::kP256), WASI_TLS_VERIFY_OK, 0);
  expect_weak(under_intermediate(leaf), WASI_TLS_VERIFY_WEAK_SIGNATURE, 0);
  expect_weak(under(ca), WASI_TLS_VERIFY_WEAK_SIGNATURE, 1);
  expect_weak(under(weak_ca), WASI_TLS_VERIFY_WEAK_KEY, 1);
}

// Nothing relies on the signature of an anchor.
CONFORMANCE_CASE(Verification, verification, anchor_with_a_weak_signature) {
  CertificateSpec old_root = ca_spec("SHA-1 Root", 143);
  old_root.digest = "SHA1";
  Cert anchor = issue(old_root);
  client_options.server_anchors = {anchor->der};
  expect_accepted({issue(server_spec(), anchor)});
  expect_accepted({issue(server_spec(), anchor), anchor});
}

// 81: with an empty trust store nobody is trusted.
CONFORMANCE_CASE(Verification, verification, nobody_trusted) {
  client_options.server_anchors.clear();
  expect_refused(server_chain(KeyType::kP256), WASI_TLS_VERIFY_UNTRUSTED, kAnyDepth);
}

// A signature that is wrong, though name and key of the issuer fit.
CONFORMANCE_CASE(Verification, verification, wrong_signature) {
  Certificate spoilt = *issue(server_spec(), intermediate());
  spoilt.der.back() ^= 1;
  expect_refused({std::make_shared<const Certificate>(spoilt), intermediate()}, WASI_TLS_VERIFY_SIGNATURE);
}

// Revocation lists of the embedder, for the leaf and for an intermediate.
CONFORMANCE_CASE(Verification, verification, revoked) {
  if (!client_can(WASI_TLS_CAP_REVOCATION_LISTS)) return;
  Chain chain = under_intermediate(server_spec());
  client_options.crls = {revocation_list(intermediate(), {chain[0]}), revocation_list(root(), {})};
  expect_refused(chain, WASI_TLS_VERIFY_REVOKED);
  expect_accepted(server_chain(KeyType::kP256));
  Cert ca = issue(ca_spec("Revoked CA", 146), root());
  client_options.crls = {to_pem(revocation_list(root(), {ca}), "X509 CRL")};
  expect_refused({issue(server_spec(), ca), ca}, WASI_TLS_VERIFY_REVOKED, 1);
}

// A list that applies but is stale.
CONFORMANCE_CASE(Verification, verification, stale_revocation_list) {
  if (!client_can(WASI_TLS_CAP_REVOCATION_LISTS)) return;
  client_options.crls = {revocation_list(intermediate(), {}, -60)};
  expect_refused(server_chain(KeyType::kP256), WASI_TLS_VERIFY_CRL_INVALID);
}

// 89: the same refusal through verify-server-identity; finish can't succeed after it.
CONFORMANCE_CASE(Verification, verification, refused_in_the_step) {
  serve({issue(server_spec(), other_root())});
  if (!start_verify()) return;
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_ERR_VERIFY);
  EXPECT_FALSE(client().identity);
  EXPECT_EQ(client().last_error().step, WASI_TLS_STEP_SERVER_IDENTITY);
  EXPECT_EQ(client().finish(), WASI_TLS_OK);
  run();
  EXPECT_EQ(client().outcome, WASI_TLS_ERR_VERIFY);
  EXPECT_EQ(server().outcome, WASI_TLS_ERR_PEER_ALERT);
}

// 86: the step shows the chain that was sent; the connection says the same.
CONFORMANCE_CASE(Verification, verification, shown_in_the_step) {
  if (!start_verify()) return;
  EXPECT_EQ(server().finish(), WASI_TLS_OK);
  run();
  ASSERT_EQ(client().outcome, WASI_TLS_OK);
  EXPECT_EQ(export_chain(client().identity), ders_of(server_chains[0]));
  EXPECT_EQ(client().server_identity(), ders_of(server_chains[0]));
  EXPECT_EQ(client().version(), pairing.version);
}
