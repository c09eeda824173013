/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

extern "C" {
#include "selection.h"
#include "suites.h"
}

namespace wasi_tls_test {
namespace {

using List = std::vector<uint16_t>;

constexpr uint16_t k12 = WASI_TLS_VERSION_TLS12;
constexpr uint16_t k13 = WASI_TLS_VERSION_TLS13;
const wtls_key_type kKeyTypes[] = {WTLS_KEY_OTHER, WTLS_KEY_RSA,  WTLS_KEY_RSA_PSS, WTLS_KEY_P256,
                                   WTLS_KEY_P384,  WTLS_KEY_P521, WTLS_KEY_ED25519, WTLS_KEY_ED448};

wtls_codes View(const List &list) {
  return {list.data(), list.size()};
}

struct Offer {
  List schemes = {0x0403, 0x0804};
  List suites = {0x1301, 0xC02B, 0xC02F};
  List groups;

  bool Suits(wtls_key_type key_type, uint16_t version, const List &allowed = {0x1301, 0xC02B, 0xC02F}) const {
    wtls_hello hello = {};
    hello.cipher_suites = View(suites);
    hello.groups = View(groups);
    hello.signature_schemes = View(schemes);
    return wtls_suits_client_hello(key_type, &hello, version, View(allowed));
  }
};

/* For each scheme, the keys that it suits, and under which versions. */
TEST(Selection, KnowsTheSchemesOfEachKey) {
  const struct {
    uint16_t scheme;
    std::vector<wtls_key_type> tls12;
    std::vector<wtls_key_type> tls13;
  } cases[] = {
      {0x0401, {WTLS_KEY_RSA}, {}},
      {0x0501, {WTLS_KEY_RSA}, {}},
      {0x0601, {WTLS_KEY_RSA}, {}},
      {0x0804, {WTLS_KEY_RSA}, {WTLS_KEY_RSA}},
      {0x0805, {WTLS_KEY_RSA}, {WTLS_KEY_RSA}},
      {0x0806, {WTLS_KEY_RSA}, {WTLS_KEY_RSA}},
      {0x0809, {WTLS_KEY_RSA_PSS}, {WTLS_KEY_RSA_PSS}},
      {0x080A, {WTLS_KEY_RSA_PSS}, {WTLS_KEY_RSA_PSS}},
      {0x080B, {WTLS_KEY_RSA_PSS}, {WTLS_KEY_RSA_PSS}},
      {0x0403, {WTLS_KEY_P256, WTLS_KEY_P384, WTLS_KEY_P521}, {WTLS_KEY_P256}},
      {0x0503, {WTLS_KEY_P256, WTLS_KEY_P384, WTLS_KEY_P521}, {WTLS_KEY_P384}},
      {0x0603, {WTLS_KEY_P256, WTLS_KEY_P384, WTLS_KEY_P521}, {WTLS_KEY_P521}},
      {0x0807, {WTLS_KEY_ED25519}, {WTLS_KEY_ED25519}},
      {0x0808, {WTLS_KEY_ED448}, {WTLS_KEY_ED448}},
      {0x0201, {}, {}}, /* SHA-1 */
      {0x0203, {}, {}},
      {0x0301, {}, {}}, /* SHA-224 */
      {0x0303, {}, {}},
      {0x0101, {}, {}}, /* MD5 */
      {0x0402, {}, {}}, /* DSA */
      {0x7A7A, {}, {}}, /* GREASE */
  };
  for (const auto &entry : cases)
    for (uint16_t version : {k12, k13})
      for (wtls_key_type key_type : kKeyTypes) {
        const auto &keys = version == k12 ? entry.tls12 : entry.tls13;
        bool expected = std::find(keys.begin(), keys.end(), key_type) != keys.end();
        Offer offer;
        offer.schemes = {0x7A7A, entry.scheme};
        EXPECT_EQ(offer.Suits(key_type, version), expected)
            << std::hex << entry.scheme << " " << version << " " << key_type;
      }
}

TEST(Selection, WithoutSchemesNoKeySuits) {
  Offer none;
  none.schemes = {};
  for (wtls_key_type key_type : kKeyTypes)
    for (uint16_t version : {k12, k13}) EXPECT_FALSE(none.Suits(key_type, version)) << key_type;
}

TEST(Selection, Tls12NeedsACommonSuiteOfTheKeysKind) {
  Offer rsa_only;
  rsa_only.suites = {0x1301, 0xC030};
  EXPECT_TRUE(rsa_only.Suits(WTLS_KEY_RSA, k12, {0xC02B, 0xC030}));
  EXPECT_FALSE(rsa_only.Suits(WTLS_KEY_P256, k12, {0xC02B, 0xC030}));
  EXPECT_FALSE(rsa_only.Suits(WTLS_KEY_RSA, k12, {0xC02B, 0xC02F})) << "nothing in common";
  EXPECT_FALSE(rsa_only.Suits(WTLS_KEY_RSA, k12, {})) << "nothing allowed";
  Offer ecdsa_only;
  ecdsa_only.suites = {0xCCA9};
  EXPECT_TRUE(ecdsa_only.Suits(WTLS_KEY_P256, k12, {0xCCA9, 0xCCA8}));
  EXPECT_FALSE(ecdsa_only.Suits(WTLS_KEY_RSA, k12, {0xCCA9, 0xCCA8}));
  ecdsa_only.schemes = {0x0807, 0x0809};
  EXPECT_TRUE(ecdsa_only.Suits(WTLS_KEY_ED25519, k12, {0xCCA9})) << "RFC 8422";
  EXPECT_FALSE(ecdsa_only.Suits(WTLS_KEY_RSA_PSS, k12, {0xCCA9}));
  ecdsa_only.suites = {0xCCA8};
  EXPECT_FALSE(ecdsa_only.Suits(WTLS_KEY_ED25519, k12, {0xCCA8}));
  EXPECT_TRUE(ecdsa_only.Suits(WTLS_KEY_RSA_PSS, k12, {0xCCA8}));
}

TEST(Selection, Tls13DoesNotLookAtSuitesAndGroups) {
  Offer offer;
  offer.schemes = {0x0403};
  offer.suites = {0x1301};
  offer.groups = {29};
  EXPECT_TRUE(offer.Suits(WTLS_KEY_P256, k13, {0x1301}));
}

TEST(Selection, Tls12NeedsTheCurveOfTheKey) {
  const struct {
    wtls_key_type key_type;
    uint16_t group;
  } cases[] = {{WTLS_KEY_P256, 23}, {WTLS_KEY_P384, 24}, {WTLS_KEY_P521, 25}};
  for (const auto &entry : cases) {
    Offer offer;
    EXPECT_TRUE(offer.Suits(entry.key_type, k12)) << "not said";
    offer.groups = {29};
    EXPECT_FALSE(offer.Suits(entry.key_type, k12));
    for (uint16_t group : List{23, 24, 25}) {
      offer.groups = {29, group};
      EXPECT_EQ(offer.Suits(entry.key_type, k12), group == entry.group);
    }
  }
  Offer other_keys;
  other_keys.schemes = {0x0401, 0x0807};
  other_keys.groups = {29};
  EXPECT_TRUE(other_keys.Suits(WTLS_KEY_RSA, k12));
  EXPECT_TRUE(other_keys.Suits(WTLS_KEY_ED25519, k12));
}

/* A suite that the policy allows and that is missing here could never be served. */
TEST(Selection, KnowsWhoAuthenticatesEachAllowedSuite) {
  for (size_t i = 0; i < wtls_default_suite_count; i++) {
    uint16_t suite = wtls_default_suites[i];
    if (wtls_suite_version(suite) != k12) continue;
    Offer offer;
    offer.suites = {suite};
    bool rsa = offer.Suits(WTLS_KEY_RSA, k12, {suite});
    bool ecdsa = offer.Suits(WTLS_KEY_P256, k12, {suite});
    bool is_ecdsa = std::string(wasi_tls_cipher_suite_name(suite)).find("_ECDSA_") != std::string::npos;
    EXPECT_EQ(ecdsa, is_ecdsa) << std::hex << suite;
    EXPECT_EQ(rsa, !is_ecdsa) << std::hex << suite;
  }
}

/* A request, and a chain of three that "root" issued. */
struct Request {
  List schemes = {0x0403};
  std::vector<std::string> authorities;
  wtls_x509 chain[3] = {};
  std::string names[4] = {"leaf", "lower", "upper", "root"};

  static wasi_tls_bytes Name(const std::string &text) {
    return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
  }
  Request() {
    for (size_t i = 0; i < 3; i++) {
      chain[i].subject = Name(names[i]);
      chain[i].issuer = Name(names[i + 1]);
      chain[i].key_type = i == 0 ? WTLS_KEY_P256 : WTLS_KEY_RSA;
    }
  }
  bool Suits(size_t count = 3, uint16_t version = k13) const {
    std::vector<wasi_tls_bytes> list;
    for (const std::string &authority : authorities) list.push_back(Name(authority));
    wasi_tls_backend_identity_request request = {schemes.data(), schemes.size(), list.data(), list.size()};
    return wtls_suits_request(chain, count, &request, version);
  }
};

TEST(Selection, AnyAuthorityWillDoWhereNoneIsNamed) {
  EXPECT_TRUE(Request().Suits());
}

TEST(Selection, OneOfTheChainIsIssuedByAnAuthority) {
  const struct {
    std::vector<std::string> authorities;
    size_t count;
    bool suits;
  } cases[] = {
      {{"root"}, 3, true},   {{"root"}, 2, false}, {{"upper"}, 2, true},
      {{"lower"}, 1, true},  {{"leaf"}, 3, false}, {{"other", "upper"}, 3, true},
      {{"other"}, 3, false}, {{"roo"}, 3, false},  {{"roots"}, 3, false},
      {{""}, 3, false},
  };
  for (const auto &entry : cases) {
    Request request;
    request.authorities = entry.authorities;
    EXPECT_EQ(request.Suits(entry.count), entry.suits) << entry.authorities[0] << " " << entry.count;
  }
}

TEST(Selection, ASelfIssuedLeafMayBeTheAuthority) {
  Request request;
  request.names[1] = "leaf";
  request.chain[0].issuer = Request::Name(request.names[1]);
  request.authorities = {"leaf"};
  EXPECT_TRUE(request.Suits(1));
}

TEST(Selection, TheLeafsKeyMustFitTheRequest) {
  Request request;
  request.schemes = {0x0804};
  EXPECT_FALSE(request.Suits()) << "the scheme is for the issuers' keys";
  request.schemes = {0x0503};
  EXPECT_FALSE(request.Suits(3, k13));
  EXPECT_TRUE(request.Suits(3, k12));
  request.schemes = {};
  EXPECT_FALSE(request.Suits(3, k13));
  EXPECT_FALSE(request.Suits(3, k12));
  EXPECT_FALSE(Request().Suits(0)) << "no chain";
}

}  // namespace
}  // namespace wasi_tls_test
