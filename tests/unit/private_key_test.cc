/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "failing_allocator.h"
#include "hello_builder.h"
#include "test_certificates.h"

extern "C" {
#include "private_key.h"
}

namespace wasi_tls_test {
namespace {

/* One decoding; the key, if any, lives as long as this. */
struct Decoding {
  const wasi_tls_allocator *allocator;
  wtls_private_key key = {};
  wasi_tls_result result;

  explicit Decoding(const Bytes &input, const wasi_tls_allocator *from = &wtls_default_allocator) : allocator(from) {
    Bytes exact(input); /* so that a sanitizer sees what is read behind it */
    exact.shrink_to_fit();
    result = wtls_private_key_decode(allocator, {exact.data(), exact.size()}, &key);
  }
  ~Decoding() {
    wtls_private_key_clear(allocator, &key);
  }
  Decoding(const Decoding &) = delete;
  Decoding &operator=(const Decoding &) = delete;

  Bytes der() const {
    return Bytes(key.der, key.der + key.der_len);
  }
};

void ExpectKey(const Bytes &input, wasi_tls_key_encoding encoding, const Bytes &der) {
  Decoding decoding(input);
  ASSERT_EQ(decoding.result, WASI_TLS_OK);
  EXPECT_EQ(decoding.key.encoding, encoding);
  EXPECT_EQ(decoding.der(), der);
}

void ExpectRefused(const Bytes &input, wasi_tls_result result, const std::string &what) {
  Decoding decoding(input);
  EXPECT_EQ(decoding.result, result) << what;
  EXPECT_EQ(decoding.key.der, nullptr) << what;
}

Bytes Element(uint8_t tag, const Bytes &contents) {
  return Concat({{tag}, Vector(1, contents)});
}

const Key &Rsa() {
  static const Key key = MakeKey("RSA", "2048");
  return key;
}

const Key &P256() {
  static const Key key = MakeKey("EC", "P-256");
  return key;
}

TEST(PrivateKey, TakesEachKindInPkcs8) {
  const Key keys[] = {Rsa(), P256(), MakeKey("EC", "P-384"), MakeKey("ED25519"), MakeKey("ED448")};
  for (const Key &key : keys) {
    Bytes der = EncodeKey(key, "DER", "PrivateKeyInfo");
    ExpectKey(der, WASI_TLS_KEY_PKCS8, der);
    ExpectKey(EncodeKey(key, "PEM", "PrivateKeyInfo"), WASI_TLS_KEY_PKCS8, der);
  }
}

TEST(PrivateKey, TakesPkcs1) {
  Bytes der = EncodeKey(Rsa(), "DER", "type-specific");
  ExpectKey(der, WASI_TLS_KEY_PKCS1, der);
  ExpectKey(EncodeKey(Rsa(), "PEM", "type-specific"), WASI_TLS_KEY_PKCS1, der);
}

TEST(PrivateKey, TakesSec1) {
  Bytes der = EncodeKey(P256(), "DER", "type-specific");
  ExpectKey(der, WASI_TLS_KEY_SEC1, der);
  Bytes pem = EncodeKey(P256(), "PEM", "type-specific");
  ExpectKey(pem, WASI_TLS_KEY_SEC1, der);
  Bytes parameters = Text(Pem("EC PARAMETERS", {6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7}));
  ExpectKey(Concat({parameters, pem}), WASI_TLS_KEY_SEC1, der);
  ExpectRefused(Concat({pem, parameters}), WASI_TLS_ERR_KEY_FORMAT, "parameters behind");
  ExpectRefused(parameters, WASI_TLS_ERR_KEY_FORMAT, "parameters alone");
}

TEST(PrivateKey, TakesOptionalFields) {
  Bytes algorithm = Element(0x30, Element(6, {0x2B, 0x65, 0x70}));
  Bytes octets = Element(4, {1, 2});
  Bytes attributes = Element(0xA0, {0x30, 0});
  Bytes v2 = Element(0x30, Concat({{2, 1, 1}, algorithm, octets, attributes, Element(0x81, {0, 1})}));
  ExpectKey(v2, WASI_TLS_KEY_PKCS8, v2);
  Bytes bare = Element(0x30, Concat({{2, 1, 1}, octets}));
  ExpectKey(bare, WASI_TLS_KEY_SEC1, bare);
}

TEST(PrivateKey, RefusesEncryptedKeys) {
  ExpectRefused(EncodeKey(Rsa(), "DER", "EncryptedPrivateKeyInfo", "AES-256-CBC"), WASI_TLS_ERR_KEY_ENCRYPTED, "DER");
  ExpectRefused(EncodeKey(P256(), "PEM", "EncryptedPrivateKeyInfo", "AES-256-CBC"), WASI_TLS_ERR_KEY_ENCRYPTED, "PEM");
  ExpectRefused(EncodeKeyEncryptedByHeaders(Rsa()), WASI_TLS_ERR_KEY_ENCRYPTED, "RFC 1421");
  ExpectRefused(EncodeKeyEncryptedByHeaders(P256()), WASI_TLS_ERR_KEY_ENCRYPTED, "RFC 1421");
}

TEST(PrivateKey, RefusesOtherPem) {
  Bytes pkcs8 = EncodeKey(P256(), "DER", "PrivateKeyInfo");
  Bytes sec1 = EncodeKey(P256(), "DER", "type-specific");
  std::string good = Pem("PRIVATE KEY", pkcs8);
  ExpectRefused(Text(good + good), WASI_TLS_ERR_KEY_FORMAT, "two keys");
  ExpectRefused(Text(good + Pem("CERTIFICATE", {0x30, 0})), WASI_TLS_ERR_KEY_FORMAT, "a certificate behind");
  ExpectRefused(Text(Pem("CERTIFICATE", {0x30, 0}) + good), WASI_TLS_ERR_KEY_FORMAT, "a certificate before");
  ExpectRefused(Text(Pem("CERTIFICATE", pkcs8)), WASI_TLS_ERR_KEY_FORMAT, "no key's label");
  ExpectRefused(Text(Pem("EC PRIVATE KEY", pkcs8)), WASI_TLS_ERR_KEY_FORMAT, "the wrong label");
  ExpectRefused(Text(Pem("PRIVATE KEY", sec1)), WASI_TLS_ERR_KEY_FORMAT, "the wrong label");
  ExpectRefused(Text(Pem("PRIVATE KEY", Concat({pkcs8, {0}}))), WASI_TLS_ERR_KEY_FORMAT, "a byte left over");
  ExpectRefused(Text(good + "-----BEGIN X"), WASI_TLS_ERR_KEY_FORMAT, "half a block behind");
  ExpectRefused(Text(good.substr(0, good.size() - 5)), WASI_TLS_ERR_KEY_FORMAT, "cut off");
  EXPECT_EQ(Decoding(Text("text before\n" + good + "\ntext behind\n")).result, WASI_TLS_OK);
}

TEST(PrivateKey, RefusesOtherDer) {
  Bytes version = {2, 1, 0};
  Bytes algorithm = Element(0x30, Element(6, {0x2B, 0x65, 0x70}));
  Bytes octets = Element(4, {1, 2});
  Bytes one = Element(2, {1});
  Bytes eight = Concat({one, one, one, one, one, one, one, one});
  const struct {
    const char *what;
    Bytes fields;
  } cases[] = {
      {"nothing inside", {}},
      {"a version only", version},
      {"PKCS#8 of version 2", Concat({{2, 1, 2}, algorithm, octets})},
      {"PKCS#8 without a key", Concat({version, algorithm})},
      {"PKCS#8 without an OID", Concat({version, Element(0x30, {}), octets})},
      {"PKCS#8 with an empty OID", Concat({version, Element(0x30, {6, 0}), octets})},
      {"PKCS#8 with more behind", Concat({version, algorithm, octets, octets})},
      {"PKCS#8 with fields in the wrong order", Concat({version, algorithm, octets, {0x81, 0}, {0xA0, 0}})},
      {"PKCS#1 of 7 numbers", Concat({version, Bytes(eight.begin() + 3, eight.end())})},
      {"PKCS#1 of 9 numbers", Concat({version, eight, one})},
      {"PKCS#1 of version 1", Concat({{2, 1, 1}, eight})},
      {"PKCS#1 with an empty number", Concat({version, {2, 0}, Bytes(eight.begin() + 3, eight.end())})},
      {"SEC1 of version 0", Concat({version, octets})},
      {"SEC1 with more behind", Concat({{2, 1, 1}, octets, octets})},
      {"encrypted with more behind", Concat({algorithm, octets, octets})},
      {"a version of two bytes", Concat({{2, 2, 0, 0}, algorithm, octets})},
  };
  for (const auto &entry : cases) ExpectRefused(Element(0x30, entry.fields), WASI_TLS_ERR_KEY_FORMAT, entry.what);
  EXPECT_EQ(Decoding(Element(0x30, Concat({version, eight}))).result, WASI_TLS_OK) << "the cases are near to this one";
  ExpectRefused({}, WASI_TLS_ERR_KEY_FORMAT, "nothing");
  ExpectRefused(Element(0x31, Concat({version, eight})), WASI_TLS_ERR_KEY_FORMAT, "a SET");
  ExpectRefused(Text("not a key"), WASI_TLS_ERR_KEY_FORMAT, "text");
  ExpectRefused(MakeCertificate(P256()), WASI_TLS_ERR_KEY_FORMAT, "a certificate");
}

TEST(PrivateKey, RefusesLengthsThatAreNotMinimal) {
  Bytes fields = Concat({{2, 1, 1}, Element(4, {7})});
  uint8_t len = static_cast<uint8_t>(fields.size());
  EXPECT_EQ(Decoding(Concat({{0x30, len}, fields})).result, WASI_TLS_OK);
  ExpectRefused(Concat({{0x30, 0x81, len}, fields}), WASI_TLS_ERR_KEY_FORMAT, "one byte too many");
  ExpectRefused(Concat({{0x30, 0x82, 0, len}, fields}), WASI_TLS_ERR_KEY_FORMAT, "two");
  ExpectRefused(Concat({{0x30, 0x85, 0, 0, 0, 0, len}, fields}), WASI_TLS_ERR_KEY_FORMAT, "five");
  ExpectRefused(Concat({{0x30, 0x80}, fields, {0, 0}}), WASI_TLS_ERR_KEY_FORMAT, "indefinite");
  ExpectRefused({0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 2, 1, 1}, WASI_TLS_ERR_KEY_FORMAT, "too long");
  Bytes long_octets = Concat({{2, 1, 1, 4, 0x81, 200}, Bytes(200, 7)});
  EXPECT_EQ(Decoding(Concat({{0x30, 0x81, static_cast<uint8_t>(long_octets.size())}, long_octets})).result,
            WASI_TLS_OK);
  ExpectRefused(Concat({{0x30, 0x82, 0, static_cast<uint8_t>(long_octets.size())}, long_octets}),
                WASI_TLS_ERR_KEY_FORMAT, "a leading zero");
  ExpectRefused(Concat({{0x30, 0x85, 1, 0, 0, 0, static_cast<uint8_t>(long_octets.size())}, long_octets}),
                WASI_TLS_ERR_KEY_FORMAT, "more than 32 bits");
}

TEST(PrivateKey, RefusesEachCutOffAndEachLongerKey) {
  const Bytes keys[] = {EncodeKey(Rsa(), "DER", "PrivateKeyInfo"), EncodeKey(Rsa(), "DER", "type-specific"),
                        EncodeKey(P256(), "DER", "type-specific")};
  for (const Bytes &der : keys) {
    for (size_t len = 0; len < der.size(); len++)
      ExpectRefused(Bytes(der.begin(), der.begin() + static_cast<long>(len)), WASI_TLS_ERR_KEY_FORMAT, "cut off");
    ExpectRefused(Concat({der, {0}}), WASI_TLS_ERR_KEY_FORMAT, "longer");
  }
}

TEST(PrivateKey, SurvivesEachCorruptedByte) {
  const Bytes keys[] = {EncodeKey(P256(), "DER", "PrivateKeyInfo"), EncodeKey(P256(), "DER", "type-specific"),
                        EncodeKey(P256(), "PEM", "PrivateKeyInfo")};
  for (const Bytes &good : keys)
    for (size_t i = 0; i < good.size(); i++)
      for (int value = 0; value < 256; value++) {
        Bytes input = good;
        input[i] = static_cast<uint8_t>(value);
        Decoding decoding(input);
        ASSERT_TRUE(decoding.result == WASI_TLS_OK || decoding.result == WASI_TLS_ERR_KEY_FORMAT ||
                    decoding.result == WASI_TLS_ERR_KEY_ENCRYPTED);
        ASSERT_EQ(decoding.result == WASI_TLS_OK, decoding.key.der != nullptr);
      }
}

TEST(PrivateKey, SurvivesTheLackOfMemory) {
  for (const char *format : {"DER", "PEM"}) {
    Bytes input = EncodeKey(P256(), format, "PrivateKeyInfo");
    for (int successes : {0, 1}) {
      FailingAllocator allocator(successes);
      EXPECT_EQ(Decoding(input, allocator.get()).result, successes == 0 ? WASI_TLS_ERR_OUT_OF_MEMORY : WASI_TLS_OK);
      EXPECT_EQ(allocator.live(), 0);
    }
  }
}

/* Looks at what is freed. */
struct WatchingAllocator {
  Bytes secret;
  bool leaked = false;
  size_t size = 0;
  wasi_tls_allocator allocator = {this, Allocate, nullptr, Release};

  static void *Allocate(void *context, size_t size) {
    static_cast<WatchingAllocator *>(context)->size = size;
    return malloc(size);
  }
  static void Release(void *context, void *memory) {
    auto *self = static_cast<WatchingAllocator *>(context);
    const uint8_t *bytes = static_cast<const uint8_t *>(memory);
    Bytes freed(bytes, bytes + self->size);
    if (freed.end() != std::search(freed.begin(), freed.end(), self->secret.begin(), self->secret.end()))
      self->leaked = true;
    free(memory);
  }
};

TEST(PrivateKey, IsWipedBeforeItsMemoryIsGivenBack) {
  Bytes der = EncodeKey(P256(), "DER", "PrivateKeyInfo");
  WatchingAllocator watcher;
  watcher.secret = Bytes(der.begin() + 40, der.begin() + 60);
  std::string pem = Pem("PRIVATE KEY", der);
  std::string broken = pem;
  broken[broken.size() - 30] = '!'; /* after most of it was decoded */
  const Bytes inputs[] = {der, Text(pem), Text(broken), Text(Pem("EC PRIVATE KEY", der))};
  for (const Bytes &input : inputs) {
    Decoding(input, &watcher.allocator);
    EXPECT_GT(watcher.size, 0u);
    EXPECT_FALSE(watcher.leaked);
  }
}

}  // namespace
}  // namespace wasi_tls_test
