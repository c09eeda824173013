// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What must be seen of a private key outside of the engine: nothing.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "case.h"

using namespace conformance;

namespace {

// Keeps the size in front of each block, and looks at each block that is given back.
struct Searcher {
  static constexpr size_t kHeader = 16;

  std::vector<Bytes> secrets;
  size_t given_back = 0;
  size_t found = 0;

  void look_at(const uint8_t *memory, size_t size) {
    given_back++;
    for (const Bytes &secret : secrets)
      if (std::search(memory, memory + size, secret.begin(), secret.end()) != memory + size) found++;
  }
  // Empty: what others have left where a block comes to lie is not the core's.
  static void *allocate(void *, size_t size) {
    auto *block = static_cast<uint8_t *>(std::calloc(1, kHeader + size));
    if (block == nullptr) return nullptr;
    std::memcpy(block, &size, sizeof(size));
    return block + kHeader;
  }
  static void release(void *context, void *memory) {
    if (memory == nullptr) return;
    uint8_t *block = static_cast<uint8_t *>(memory) - kHeader;
    size_t size = 0;
    std::memcpy(&size, block, sizeof(size));
    static_cast<Searcher *>(context)->look_at(block + kHeader, size);
    std::free(block);
  }
  static void *reallocate(void *context, void *memory, size_t size) {
    void *moved = allocate(context, size);
    if (moved == nullptr || memory == nullptr) return moved;
    size_t before = 0;
    std::memcpy(&before, static_cast<uint8_t *>(memory) - kHeader, sizeof(before));
    std::memcpy(moved, memory, std::min(before, size));
    release(context, memory);
    return moved;
  }
  wasi_tls_allocator allocator() {
    return {this, allocate, reallocate, release};
  }
};

class KeySecrecy : public Case {
 protected:
  // A piece from the middle of what only the key's owner knows: of the number of an EC key, of the exponent of an RSA
  // key, of the seed.
  static Bytes secret_of(const Key &key, KeyType type) {
    Bytes der = encode(key, KeyEncoding::kPkcs8);
    size_t at = type == KeyType::kRsa ? der.size() / 2 : type == KeyType::kEd25519 ? der.size() - 24 : 40;
    return Bytes(der.begin() + static_cast<std::ptrdiff_t>(at), der.begin() + static_cast<std::ptrdiff_t>(at) + 16);
  }
  // The same piece in the text of a PEM encoding, as far as it can be told from outside: the middle of the text.
  static Bytes text_of(const Bytes &pem) {
    auto middle = pem.begin() + static_cast<std::ptrdiff_t>(pem.size() / 2);
    return Bytes(middle, middle + 16);
  }
};

}  // namespace

// Whatever the core allocated for a key, in any encoding, on success and on failure, is wiped before it is given back.
CONFORMANCE_CASE(KeySecrecy, key_secrecy, memory_is_wiped) {
  for (KeyType type : kServableKeys) {
    SCOPED_TRACE(name_of(type));
    Chain chain = server_chain(type);
    for (KeyEncoding encoding : {KeyEncoding::kPkcs8, KeyEncoding::kTraditional, KeyEncoding::kPkcs8Pem}) {
      Bytes encoded = encode(*chain[0]->key, encoding);
      if (encoded.empty()) continue;
      Searcher searcher;
      searcher.secrets = {secret_of(*chain[0]->key, type)};
      if (encoding == KeyEncoding::kPkcs8Pem) searcher.secrets.push_back(text_of(encoded));
      server_options.allocator = searcher.allocator();
      {
        Config config;
        ASSERT_EQ(server_options.build(&config), WASI_TLS_OK);
        PrivateIdentity identity;
        wasi_tls_result parsed = parse_identity(config, encoded, ders_of(chain), &identity);
        EXPECT_TRUE(parsed == WASI_TLS_OK || parsed == WASI_TLS_ERR_UNSUPPORTED || parsed == WASI_TLS_ERR_KEY_TYPE);
        EXPECT_EQ(parse_identity(config, encoded, ders_of(client_chain(type)), &identity) == WASI_TLS_OK, false);
      }
      EXPECT_GT(searcher.given_back, 0u);
      EXPECT_EQ(searcher.found, 0u);
    }
  }
}

// Keys that are registered by name, and used in a handshake.
CONFORMANCE_CASE(KeySecrecy, key_secrecy, registered_keys_are_wiped) {
  Searcher searcher;
  Chain chain = server_chain(KeyType::kP256);
  searcher.secrets = {secret_of(*chain[0]->key, KeyType::kP256)};
  server_options.allocator = searcher.allocator();
  server_options.identities = {{"main", chain}};
  ASSERT_TRUE(finish_both());
  start_over();
  EXPECT_GT(searcher.given_back, 0u);
  EXPECT_EQ(searcher.found, 0u);
}

// The log and the texts of errors.
CONFORMANCE_CASE(KeySecrecy, key_secrecy, nothing_is_told) {
  std::vector<std::string> lines;
  server_options.log = client_options.log = &lines;
  server_name = "wrong.test";
  finish_both_expecting(WASI_TLS_ERR_VERIFY, WASI_TLS_ERR_PEER_ALERT);
  lines.emplace_back(client().last_error().text);
  lines.emplace_back(server().last_error().text);
  Config config;
  ASSERT_EQ(server_options.build(&config), WASI_TLS_OK);
  PrivateIdentity identity;
  Bytes pem = encode(*server_chains[0][0]->key, KeyEncoding::kPkcs8Pem);
  EXPECT_NE(parse_identity(config, pem, ders_of(client_chain(KeyType::kP384)), &identity), WASI_TLS_OK);
  EXPECT_GT(lines.size(), 2u);
  Bytes text = text_of(pem), secret = secret_of(*server_chains[0][0]->key, KeyType::kP256);
  for (const std::string &line : lines) {
    EXPECT_EQ(line.find(std::string(text.begin(), text.end())), std::string::npos);
    EXPECT_EQ(line.find(std::string(secret.begin(), secret.end())), std::string::npos);
  }
}
