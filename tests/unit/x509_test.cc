/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "hello_builder.h"
#include "test_certificates.h"

extern "C" {
#include "x509.h"
}

namespace wasi_tls_test {
namespace {

/* A certificate read from bytes that live as long as this. */
struct Certificate {
  Bytes der;
  wtls_x509 x509 = {};
  bool good;

  explicit Certificate(const Bytes &bytes) : der(bytes) {
    der.shrink_to_fit(); /* so that a sanitizer sees what is read behind it */
    good = wtls_x509_parse({der.data(), der.size()}, &x509);
  }
  Certificate(const Certificate &) = delete;
  Certificate &operator=(const Certificate &) = delete;

  bool Matches(const std::string &text) const {
    wtls_server_name name;
    EXPECT_EQ(wtls_server_name_parse({reinterpret_cast<const uint8_t *>(text.data()), text.size()}, &name),
              WASI_TLS_OK);
    return wtls_x509_matches_name(&x509, &name);
  }
};

const Key &P256() {
  static const Key key = MakeKey("EC", "P-256");
  return key;
}

const Key &Rsa() {
  static const Key key = MakeKey("RSA", "2048");
  return key;
}

Bytes Data(wasi_tls_bytes bytes) {
  return Bytes(bytes.data, bytes.data + bytes.len);
}

Bytes Element(uint8_t tag, const Bytes &contents) {
  Bytes length = {static_cast<uint8_t>(contents.size())};
  if (contents.size() >= 0x100)
    length = {0x82, static_cast<uint8_t>(contents.size() >> 8), static_cast<uint8_t>(contents.size())};
  else if (contents.size() >= 0x80)
    length = {0x81, static_cast<uint8_t>(contents.size())};
  return Concat({{tag}, length, contents});
}

/* A Name with a commonName, as MakeCertificate writes it. */
Bytes Name(const std::string &common_name) {
  Bytes attribute = Concat({{6, 3, 0x55, 4, 3}, Element(0x0C, Text(common_name))});
  return Element(0x30, Element(0x31, Element(0x30, attribute)));
}

Bytes Replace(Bytes der, const Bytes &from, const Bytes &to) {
  auto at = std::search(der.begin(), der.end(), from.begin(), from.end());
  EXPECT_NE(at, der.end());
  for (; at != der.end(); at = std::search(at, der.end(), from.begin(), from.end()))
    at = std::copy(to.begin(), to.end(), at);
  return der;
}

TEST(X509, ReadsKeyTypes) {
  const struct {
    const char *type;
    const char *detail;
    wtls_key_type expected;
    uint32_t bits;
  } cases[] = {
      {"RSA", "1024", WTLS_KEY_RSA, 1024},         {"RSA", "2048", WTLS_KEY_RSA, 2048},
      {"RSA", "1023", WTLS_KEY_RSA, 1023},         {"RSA", "2047", WTLS_KEY_RSA, 2047},
      {"RSA-PSS", "2048", WTLS_KEY_RSA_PSS, 2048}, {"EC", "P-256", WTLS_KEY_P256, 256},
      {"EC", "P-384", WTLS_KEY_P384, 384},         {"EC", "P-521", WTLS_KEY_P521, 521},
      {"EC", "secp256k1", WTLS_KEY_OTHER, 0},      {"ED25519", "", WTLS_KEY_ED25519, 256},
      {"ED448", "", WTLS_KEY_ED448, 456},
  };
  for (const auto &entry : cases) {
    Certificate certificate(MakeCertificate(MakeKey(entry.type, entry.detail)));
    ASSERT_TRUE(certificate.good) << entry.type << entry.detail;
    EXPECT_EQ(certificate.x509.key_type, entry.expected) << entry.type << entry.detail;
    EXPECT_EQ(certificate.x509.key_bits, entry.bits) << entry.type << entry.detail;
    EXPECT_FALSE(certificate.x509.signature.weak) << entry.type;
  }
}

TEST(X509, ReadsNames) {
  Certificate issued(MakeCertificate(P256(), {"leaf", "the authority"}));
  ASSERT_TRUE(issued.good);
  EXPECT_EQ(Data(issued.x509.subject), Name("leaf"));
  EXPECT_EQ(Data(issued.x509.issuer), Name("the authority"));
  EXPECT_FALSE(issued.x509.self_issued);
  EXPECT_EQ(issued.x509.general_names.data, nullptr);
  EXPECT_TRUE(Certificate(MakeCertificate(P256(), {"same", "same"})).x509.self_issued);
}

TEST(X509, ReadsVersion1) {
  CertificateOptions options;
  options.version = 1;
  Certificate certificate(MakeCertificate(P256(), options));
  ASSERT_TRUE(certificate.good);
  EXPECT_EQ(Data(certificate.x509.subject), Name("subject"));
}

TEST(X509, SeesWeakSignatures) {
  const struct {
    Key key;
    const char *digest;
    bool pss;
    bool weak;
  } cases[] = {
      {Rsa(), "SHA256", false, false}, {Rsa(), "SHA512", false, false},  {Rsa(), "SHA1", false, true},
      {Rsa(), "MD5", false, true},     {Rsa(), "SHA256", true, false},   {Rsa(), "SHA384", true, false},
      {Rsa(), "SHA1", true, true},     {P256(), "SHA256", false, false}, {P256(), "SHA1", false, true},
  };
  for (const auto &entry : cases) {
    CertificateOptions options;
    options.digest = entry.digest;
    options.pss = entry.pss;
    Certificate certificate(MakeCertificate(entry.key, options));
    ASSERT_TRUE(certificate.good);
    EXPECT_EQ(certificate.x509.signature.weak, entry.weak) << entry.digest << entry.pss;
  }
}

/* Those that libcrypto does not make any more. */
TEST(X509, SeesOlderWeakSignatures) {
  Bytes rsa = MakeCertificate(Rsa());
  Bytes pkcs1 = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01};
  for (uint8_t last : Bytes{2, 3, 4, 5, 10, 11, 12, 14}) {
    Certificate certificate(Replace(rsa, Concat({pkcs1, {11}}), Concat({pkcs1, {last}})));
    ASSERT_TRUE(certificate.good);
    EXPECT_EQ(certificate.x509.signature.weak, last <= 10) << "10: RSASSA-PSS without parameters is SHA-1; " << +last;
  }
  CertificateOptions options;
  options.pss = true;
  Bytes sha256 = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
  Bytes md = {6, 8, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0};
  for (uint8_t last : Bytes{2, 4, 5, 9}) {
    Bytes hash = md;
    hash.back() = last;
    Bytes to = Concat({hash, {5}}); /* one byte longer than the OID: the NULL's tag and a length fall behind it */
    Certificate certificate(
        Replace(MakeCertificate(Rsa(), options), Concat({{6, 9}, sha256}), Bytes(to.begin(), to.begin() + 11)));
    ASSERT_TRUE(certificate.good);
    EXPECT_EQ(certificate.x509.signature.weak, last != 9) << +last;
  }
}

TEST(X509, MatchesNames) {
  CertificateOptions options;
  options.subject = "cn.example";
  options.alt_names =
      "email:a@mail.example,DNS:a.example,URI:https://uri.example/,DNS:*.b.example,IP:192.0.2.7,IP:2001:db8::1";
  Certificate certificate(MakeCertificate(P256(), options));
  ASSERT_TRUE(certificate.good);
  for (const char *name : {"a.example", "A.EXAMPLE.", "x.b.example", "192.0.2.7", "2001:db8::1"})
    EXPECT_TRUE(certificate.Matches(name)) << name;
  for (const char *name : {"cn.example", "b.example", "x.y.b.example", "mail.example", "uri.example", "192.0.2.8",
                           "2001:db8::2", "::ffff:192.0.2.7"})
    EXPECT_FALSE(certificate.Matches(name)) << name;
}

TEST(X509, NeverLooksAtTheSubject) {
  Certificate certificate(MakeCertificate(P256(), {"cn.example", "cn.example"}));
  ASSERT_TRUE(certificate.good);
  EXPECT_FALSE(certificate.Matches("cn.example"));
}

TEST(X509, AnAddressInADnsNameDoesNotCount) {
  CertificateOptions options;
  options.alt_names = "DNS:192.0.2.7,DNS:*.0.2.7";
  Certificate certificate(MakeCertificate(P256(), options));
  ASSERT_TRUE(certificate.good);
  EXPECT_FALSE(certificate.Matches("192.0.2.7"));
  wtls_x509 other = {};
  const uint8_t four_bytes[] = {0x87, 4, 'a', '.', 'd', 'e'};
  other.general_names = {four_bytes, sizeof(four_bytes)};
  wtls_server_name name;
  ASSERT_EQ(wtls_server_name_parse({four_bytes + 2, 4}, &name), WASI_TLS_OK);
  EXPECT_FALSE(wtls_x509_matches_name(&other, &name)) << "nor a name in an iPAddress";
}

/* Certificates written by hand, as no library would write them. */
struct Handmade {
  Bytes version = Element(0xA0, {2, 1, 2});
  Bytes algorithm = Element(0x30, {6, 3, 0x2B, 0x65, 0x70});
  Bytes key_info;
  Bytes behind_key;
  Bytes alt_names;
  Bytes behind_signature;

  Handmade() : key_info(KeyInfo(algorithm, Bytes(32, 7))) {}

  static Bytes KeyInfo(const Bytes &algorithm, const Bytes &key, uint8_t unused_bits = 0) {
    return Element(0x30, Concat({algorithm, Element(3, Concat({{unused_bits}, key}))}));
  }
  static Bytes Rsa(const Bytes &modulus, uint8_t unused_bits = 0) {
    Bytes id = Element(0x30, {6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1, 5, 0});
    return KeyInfo(id, Element(0x30, Concat({Element(2, modulus), {2, 1, 3}})), unused_bits);
  }
  static Bytes Extension(const Bytes &value) {
    return Element(0x30, Concat({{6, 3, 0x55, 0x1D, 0x11}, Element(4, value)}));
  }
  Bytes Der() const {
    Bytes time = Element(0x17, {'7', '0', '0', '1', '0', '1', '0', '0', '0', '0', '0', '0', 'Z'});
    Bytes validity = Element(0x30, Concat({time, time}));
    Bytes signed_part = Element(0x30, Concat({version, Element(2, {1}), algorithm, Name("i"), validity, Name("s"),
                                              key_info, behind_key, alt_names}));
    return Element(0x30, Concat({signed_part, algorithm, Element(3, Bytes(65, 0)), behind_signature}));
  }
  Handmade &Extensions(const Bytes &list) {
    alt_names = Element(0xA3, Element(0x30, list));
    return *this;
  }
};

TEST(X509, ReadsHandmadeOnes) {
  EXPECT_TRUE(Certificate(Handmade().Der()).good);
  Handmade unique;
  unique.behind_key = Concat({Element(0x81, {0, 1}), Element(0x82, {0, 2})});
  unique.Extensions(Handmade::Extension(Element(0x30, Element(0x82, Text("a.example")))));
  Certificate certificate(unique.Der());
  ASSERT_TRUE(certificate.good);
  EXPECT_TRUE(certificate.Matches("a.example"));
}

TEST(X509, KnowsAnEmptySubjectAltNameFromNone) {
  Certificate certificate(Handmade().Extensions(Handmade::Extension({0x30, 0})).Der());
  ASSERT_TRUE(certificate.good);
  EXPECT_NE(certificate.x509.general_names.data, nullptr);
  EXPECT_EQ(certificate.x509.general_names.len, 0u);
  EXPECT_FALSE(certificate.Matches("s"));
}

TEST(X509, RefusesWhatItCanNotRead) {
  Bytes names = Handmade::Extension(Element(0x30, Element(0x82, Text("a.example"))));
  const struct {
    const char *what;
    std::function<void(Handmade &)> spoil;
  } cases[] = {
      {"bytes behind the signature",
       [](Handmade &c) {
         c.behind_signature = {5, 0};
       }},
      {"bytes behind the key",
       [](Handmade &c) {
         c.behind_key = {5, 0};
       }},
      {"no key", [](Handmade &c) { c.key_info.clear(); }},
      {"an empty key",
       [](Handmade &c) {
         c.key_info = {0x30, 0};
       }},
      {"bytes inside of the key",
       [](Handmade &c) {
         c.key_info = Element(0x30, {0x30, 0, 3, 1, 0, 5, 0});
       }},
      {"no algorithm",
       [](Handmade &c) {
         c.algorithm = {0x30, 0};
       }},
      {"two subjectAltNames",
       [&](Handmade &c) {
         c.Extensions(Concat({names, names}));
       }},
      {"a subjectAltName that is no SEQUENCE",
       [](Handmade &c) {
         c.Extensions(Handmade::Extension({4, 0}));
       }},
      {"bytes behind the names",
       [](Handmade &c) {
         c.Extensions(Handmade::Extension({0x30, 0, 0}));
       }},
      {"half a name",
       [](Handmade &c) {
         c.Extensions(Handmade::Extension({0x30, 3, 0x82, 9, 'a'}));
       }},
      {"a tag of two bytes",
       [](Handmade &c) {
         c.Extensions(Handmade::Extension({0x30, 3, 0x9F, 1, 0}));
       }},
      {"an extension without value",
       [](Handmade &c) {
         c.Extensions({0x30, 5, 6, 3, 0x55, 0x1D, 0x11});
       }},
      {"an extension with more",
       [](Handmade &c) {
         c.Extensions({0x30, 9, 6, 3, 0x55, 0x1D, 0x0F, 4, 0, 5, 0});
       }},
      {"extensions that are no SEQUENCE",
       [](Handmade &c) {
         c.alt_names = Element(0xA3, {0x31, 0});
       }},
      {"a negative modulus", [](Handmade &c) { c.key_info = Handmade::Rsa(Bytes(128, 0x80)); }},
      {"a modulus of zero", [](Handmade &c) { c.key_info = Handmade::Rsa({0}); }},
      {"a key of which bits are unused",
       [](Handmade &c) {
         c.key_info = Handmade::Rsa({0, 0x80}, 1);
       }},
      {"a modulus of no bytes", [](Handmade &c) { c.key_info = Handmade::Rsa({}); }},
      {"a modulus with too many zeros",
       [](Handmade &c) {
         c.key_info = Handmade::Rsa({0, 1});
       }},
  };
  for (const auto &entry : cases) {
    Handmade made;
    entry.spoil(made);
    EXPECT_FALSE(Certificate(made.Der()).good) << entry.what;
  }
  Handmade small;
  small.key_info = Handmade::Rsa({0, 0x80});
  EXPECT_EQ(Certificate(small.Der()).x509.key_bits, 8u);
}

TEST(X509, LeavesTheResultAloneOnFailure) {
  wtls_x509 x509 = {};
  x509.key_bits = 77;
  EXPECT_FALSE(wtls_x509_parse({nullptr, 0}, &x509));
  Bytes cut = Handmade().Der();
  cut.pop_back();
  EXPECT_FALSE(wtls_x509_parse({cut.data(), cut.size()}, &x509));
  EXPECT_EQ(x509.key_bits, 77u);
}

TEST(X509, RefusesEachCutOffAndEachLongerOne) {
  CertificateOptions options;
  options.alt_names = "DNS:a.example";
  for (const Key &key : {P256(), Rsa()}) {
    Bytes der = MakeCertificate(key, options);
    for (size_t len = 0; len < der.size(); len++)
      ASSERT_FALSE(Certificate(Bytes(der.begin(), der.begin() + static_cast<long>(len))).good) << len;
    EXPECT_FALSE(Certificate(Concat({der, {0}})).good);
  }
}

TEST(X509, SurvivesEachCorruptedByte) {
  CertificateOptions options;
  options.alt_names = "DNS:*.b.example,IP:192.0.2.7";
  options.pss = true;
  Bytes good = MakeCertificate(Rsa(), options);
  wtls_server_name dns;
  wtls_server_name ip;
  Bytes text = Text("a.b.example");
  ASSERT_EQ(wtls_server_name_parse({text.data(), text.size()}, &dns), WASI_TLS_OK);
  text = Text("192.0.2.7");
  ASSERT_EQ(wtls_server_name_parse({text.data(), text.size()}, &ip), WASI_TLS_OK);
  size_t unread = 0;
  for (size_t i = 0; i < good.size(); i++)
    for (int value = 0; value < 256; value += 3) {
      Bytes der = good;
      der[i] = static_cast<uint8_t>(value);
      Certificate certificate(der);
      if (!certificate.good) unread++;
      if (certificate.good)
        (void)(wtls_x509_matches_name(&certificate.x509, &dns) || wtls_x509_matches_name(&certificate.x509, &ip));
    }
  EXPECT_GT(unread, 0u);
}

}  // namespace
}  // namespace wasi_tls_test
