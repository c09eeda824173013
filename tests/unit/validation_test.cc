/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * The core's validation of paths against that of libcrypto: for thousands of chains made at random both have to come to
 * the same verdict, for the same reason, at the same place.
 */
#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "conformance/harness/pki.h"

extern "C" {
#include "backends/openssl/backend_openssl.h"
#include "validation.h"
}

namespace {

using conformance::Bytes;
using conformance::Cert;
using conformance::CertificateSpec;
using conformance::Chain;
using conformance::kDay;

using Verdict = std::pair<wasi_tls_verify_reason, uint32_t>;

constexpr size_t kChainLimit = 5;

struct Trust {
  std::vector<Bytes> anchors;
  std::vector<Bytes> crls;
};

const EVP_MD *DigestOf(uint16_t scheme) {
  if (scheme == 0x0807 || scheme == 0x0808) return nullptr;
  unsigned size = scheme >= 0x0809 ? scheme - 0x0809u : (scheme >> 8) - 4u;
  return size == 0 ? EVP_sha256() : size == 1 ? EVP_sha384() : EVP_sha512();
}

bool VerifySignature(uint16_t scheme, wasi_tls_bytes key_info, wasi_tls_bytes data, wasi_tls_bytes signature) {
  const unsigned char *at = key_info.data;
  EVP_PKEY *key = d2i_PUBKEY(nullptr, &at, static_cast<long>(key_info.len));
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  EVP_PKEY_CTX *parameters = nullptr;
  bool good = key != nullptr && EVP_DigestVerifyInit(context, &parameters, DigestOf(scheme), nullptr, key) == 1;
  if (good && scheme >= 0x0809)
    good = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
  good = good && EVP_DigestVerify(context, signature.data, signature.len, data.data, data.len) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return good;
}

Verdict ByCore(const Trust &trust, const std::vector<Bytes> &chain, bool of_server, int64_t now) {
  wasi_tls_backend backend = {};
  backend.verify_signature = VerifySignature;
  wtls_der_list anchors = {};
  wtls_der_list crls = {};
  for (const Bytes &der : trust.anchors)
    EXPECT_EQ(wtls_der_list_add(&anchors, &wtls_default_allocator, {der.data(), der.size()}), WASI_TLS_OK);
  for (const Bytes &der : trust.crls)
    EXPECT_EQ(wtls_der_list_add(&crls, &wtls_default_allocator, {der.data(), der.size()}), WASI_TLS_OK);
  wtls_trust_store store = {};
  EXPECT_EQ(wtls_trust_store_load(&store, &wtls_default_allocator, &anchors, &crls), WASI_TLS_OK);
  const wtls_validation validation = {&store, &backend, &wtls_default_allocator, kChainLimit, now, of_server};
  std::vector<wasi_tls_bytes> views;
  for (const Bytes &der : chain) views.push_back({der.data(), der.size()});
  uint32_t depth = 0;
  wasi_tls_verify_reason reason = WASI_TLS_VERIFY_OTHER;
  EXPECT_EQ(wtls_validate(&validation, views.data(), views.size(), &reason, &depth), WASI_TLS_OK);
  wtls_trust_store_clear(&store, &wtls_default_allocator);
  wtls_der_list_clear(&anchors, &wtls_default_allocator);
  wtls_der_list_clear(&crls, &wtls_default_allocator);
  return {reason, reason == WASI_TLS_VERIFY_OK ? 0 : depth};
}

X509 *Parse(const Bytes &der) {
  const unsigned char *at = der.data();
  return d2i_X509(nullptr, &at, static_cast<long>(der.size()));
}

/* No list of an issuer is no error. */
int Tolerate(int ok, X509_STORE_CTX *context) {
  return ok != 0 || X509_STORE_CTX_get_error(context) == X509_V_ERR_UNABLE_TO_GET_CRL;
}

/* As the backend of that engine sets it up. */
Verdict ByLibcrypto(const Trust &trust, const std::vector<Bytes> &chain, bool of_server, int64_t now) {
  X509_STORE *store = X509_STORE_new();
  unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
  if (!trust.crls.empty()) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
  for (const Bytes &der : trust.anchors) {
    X509 *anchor = Parse(der);
    X509_STORE_add_cert(store, anchor);
    X509_free(anchor);
  }
  for (const Bytes &der : trust.crls) {
    const unsigned char *at = der.data();
    X509_CRL *crl = d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size()));
    X509_STORE_add_crl(store, crl);
    X509_CRL_free(crl);
  }
  STACK_OF(X509) *sent = sk_X509_new_null();
  for (const Bytes &der : chain) sk_X509_push(sent, Parse(der));
  X509_STORE_CTX *context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, sk_X509_value(sent, 0), sent);
  X509_STORE_CTX_set_default(context, of_server ? "ssl_server" : "ssl_client");
  X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_flags(parameters, flags);
  X509_VERIFY_PARAM_set_depth(parameters, static_cast<int>(kChainLimit));
  X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(now));
  X509_STORE_CTX_set_verify_cb(context, Tolerate);
  bool passed = X509_verify_cert(context) == 1;
  Verdict verdict = {WASI_TLS_VERIFY_OK, 0};
  if (!passed)
    verdict = {wtls_ossl_verify_reason(X509_STORE_CTX_get_error(context)),
               static_cast<uint32_t>(X509_STORE_CTX_get_error_depth(context))};
  X509_STORE_CTX_free(context);
  sk_X509_pop_free(sent, X509_free);
  X509_STORE_free(store);
  return verdict;
}

/* A world of certificates, made from choices of which most are ordinary. */
class World {
 public:
  explicit World(unsigned seed) : random_(seed) {
    size_t intermediates = Pick(4);
    Cert above = conformance::issue(Authority("Root", 200), nullptr);
    path_.push_back(above);
    for (size_t i = 0; i < intermediates; i++) {
      above = conformance::issue(Authority("CA " + std::to_string(i), static_cast<int>(201 + i)), Signer(above));
      path_.push_back(above);
    }
    path_.push_back(conformance::issue(Leaf(), Seldom(30) ? nullptr : Signer(above)));
    std::reverse(path_.begin(), path_.end());
    Send();
    TrustSomebody();
    if (Seldom(3)) RevokeSomebody();
  }

  std::vector<Bytes> sent;
  Trust trust;
  bool of_server = Pick(2) == 0;
  std::string told;

 private:
  size_t Pick(size_t count) {
    return std::uniform_int_distribution<size_t>(0, count - 1)(random_);
  }
  bool Seldom(size_t one_in) {
    return Pick(one_in) == 0;
  }
  void Tell(const std::string &what) {
    told += what + "; ";
  }

  /* Somebody else who goes by the same name. */
  Cert Signer(const Cert &real) {
    if (!Seldom(40)) return real;
    Tell("forged under " + real->spec.subject);
    CertificateSpec spec = real->spec;
    spec.key_slot += 50;
    return conformance::issue(spec, nullptr);
  }

  void Disturb(CertificateSpec &spec) {
    if (Seldom(25)) spec.not_after = -1 * kDay / 2, Tell(spec.subject + " expired");
    if (Seldom(25)) spec.not_before = kDay, Tell(spec.subject + " not yet valid");
    if (Seldom(30)) spec.unknown_critical_extension = true, Tell(spec.subject + " unknown critical");
    if (Seldom(15)) {
      static const char *const usages[] = {"digitalSignature", "keyCertSign", "cRLSign,keyCertSign", "keyAgreement",
                                           "nonRepudiation",   "none",        "keyEncipherment",     "keyCertSign"};
      spec.key_usage = usages[Pick(8)];
      Tell(spec.subject + " usage " + spec.key_usage);
    }
    if (Seldom(10)) {
      static const char *const purposes[] = {"", "serverAuth", "clientAuth", "codeSigning", "anyExtendedKeyUsage"};
      spec.extended_key_usage = purposes[Pick(5)];
      Tell(spec.subject + " for " + spec.extended_key_usage);
    }
    if (Seldom(15)) {
      static const conformance::KeyType keys[] = {conformance::KeyType::kRsa, conformance::KeyType::kP384,
                                                  conformance::KeyType::kEd25519};
      spec.key_type = keys[Pick(3)];
    }
    if (Seldom(20)) spec.digest = Seldom(2) ? "SHA384" : "SHA512";
  }

  CertificateSpec Authority(const std::string &subject, int slot) {
    CertificateSpec spec = conformance::ca_spec(subject, slot);
    spec.extended_key_usage = "";
    if (Seldom(20)) spec.ca = false, Tell(subject + " not a CA");
    if (Seldom(20)) spec.basic_constraints = false, Tell(subject + " without constraints");
    if (Seldom(6))
      spec.path_length = static_cast<int>(Pick(3)), Tell(subject + " length " + std::to_string(spec.path_length));
    if (Seldom(8)) {
      static const char *const constraints[] = {
          "permitted;DNS:server.test",
          "permitted;DNS:else.test",
          "excluded;DNS:server.test",
          "excluded;DNS:.test",
          "permitted;IP:192.0.2.0/255.255.255.0",
          "excluded;IP:192.0.2.0/255.255.255.0",
          "permitted;IP:198.51.100.0/255.255.255.0",
          "permitted;DNS:test,permitted;IP:192.0.2.1/255.255.255.255",
          "permitted;email:example.test",
          "excluded;DNS:SERVER.test",
      };
      spec.name_constraints = constraints[Pick(10)];
      Tell(subject + " " + spec.name_constraints);
    }
    Disturb(spec);
    return spec;
  }

  CertificateSpec Leaf() {
    CertificateSpec spec = conformance::server_spec();
    if (Seldom(3)) spec.ips.clear();
    if (Seldom(10)) spec.dns = {"a.else.test", "xserver.test"};
    Disturb(spec);
    return spec;
  }

  void Send() {
    Chain chain(path_.begin(), path_.end());
    if (!Seldom(3)) chain.pop_back(); /* the root stays at home */
    if (chain.size() > 1 && Seldom(15)) chain.erase(chain.begin() + 1), Tell("a link is missing");
    if (Seldom(6)) chain.push_back(conformance::other_root());
    if (chain.size() > 2 && Seldom(4)) std::shuffle(chain.begin() + 1, chain.end(), random_), Tell("shuffled");
    sent = conformance::ders_of(chain);
  }

  void TrustSomebody() {
    if (Seldom(30))
      Tell("nobody is trusted");
    else
      trust.anchors.push_back(path_.back()->der);
    if (Seldom(10)) trust.anchors.push_back(path_[Pick(path_.size())]->der), Tell("another is trusted too");
    if (Seldom(4)) trust.anchors.push_back(conformance::other_root()->der);
  }

  void RevokeSomebody() {
    for (size_t i = 1; i < path_.size(); i++) {
      if (Seldom(2)) continue;
      Chain revoked;
      if (Seldom(5)) revoked.push_back(path_[i - 1]), Tell(path_[i - 1]->spec.subject + " revoked");
      Cert signer = path_[i];
      if (Seldom(12)) signer = Forged(signer);
      bool stale = Seldom(8);
      if (stale) Tell("the list of " + signer->spec.subject + " is stale");
      trust.crls.push_back(conformance::revocation_list(signer, revoked, stale ? -kDay : kDay));
    }
  }

  Cert Forged(const Cert &real) {
    Tell("the list of " + real->spec.subject + " is forged");
    CertificateSpec spec = real->spec;
    spec.key_slot += 50;
    return conformance::issue(spec, nullptr);
  }

  std::mt19937 random_;
  Chain path_; /* leaf first, root last */
};

class ValidationTest : public testing::TestWithParam<unsigned> {};

TEST_P(ValidationTest, AgreesWithLibcrypto) {
  std::map<wasi_tls_verify_reason, int> seen;
  int64_t now = time(nullptr);
  for (unsigned i = 0; i < 500; i++) {
    World world(GetParam() * 500 + i);
    Verdict core = ByCore(world.trust, world.sent, world.of_server, now);
    Verdict libcrypto = ByLibcrypto(world.trust, world.sent, world.of_server, now);
    seen[core.first]++;
    ASSERT_STREQ(wasi_tls_verify_reason_name(core.first), wasi_tls_verify_reason_name(libcrypto.first))
        << "world " << GetParam() * 500 + i << ": " << world.told << " core at " << core.second << ", libcrypto at "
        << libcrypto.second;
    ASSERT_EQ(core.second, libcrypto.second) << "world " << GetParam() * 500 + i << ": " << world.told;
  }
  EXPECT_GT(seen[WASI_TLS_VERIFY_OK], 50);
  EXPECT_GE(seen.size(), 8u) << "the worlds are too much alike";
}

INSTANTIATE_TEST_SUITE_P(, ValidationTest, testing::Range(0u, 4u));

}  // namespace
