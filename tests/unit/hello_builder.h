/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Writes a ClientHello, good or bad, by hand. */
#ifndef WASI_TLS_TESTS_HELLO_BUILDER_H
#define WASI_TLS_TESTS_HELLO_BUILDER_H

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace wasi_tls_test {

using Bytes = std::vector<uint8_t>;

inline Bytes Text(const std::string &text) {
  return Bytes(text.begin(), text.end());
}

inline Bytes Concat(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes &part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/* |data| behind its length in |size| bytes. */
inline Bytes Vector(size_t size, const Bytes &data) {
  Bytes all;
  for (size_t i = size; i-- > 0;) all.push_back(static_cast<uint8_t>(data.size() >> (8 * i)));
  all.insert(all.end(), data.begin(), data.end());
  return all;
}

inline Bytes Codes(const std::vector<uint16_t> &codes) {
  Bytes all;
  for (uint16_t code : codes) {
    all.push_back(static_cast<uint8_t>(code >> 8));
    all.push_back(static_cast<uint8_t>(code));
  }
  return all;
}

inline Bytes Record(const Bytes &fragment, uint8_t type = 22, uint8_t major = 3) {
  return Concat({{type, major, 1}, Vector(2, fragment)});
}

/* |message| in records of |size| bytes each, the last one shorter. */
inline Bytes Records(const Bytes &message, size_t size) {
  Bytes all;
  for (size_t i = 0; i < message.size(); i += size) {
    size_t end = i + size < message.size() ? i + size : message.size();
    Bytes record = Record(Bytes(message.begin() + static_cast<long>(i), message.begin() + static_cast<long>(end)));
    all.insert(all.end(), record.begin(), record.end());
  }
  return all;
}

struct HelloBuilder {
  enum : uint16_t {
    kServerName = 0,
    kGroups = 10,
    kSchemes = 13,
    kAlpn = 16,
    kPadding = 21,
    kVersions = 43,
    kPostHandshakeAuth = 49,
    kCertificateSchemes = 50
  };

  uint16_t legacy_version = 0x0303;
  uint8_t message_type = 1;
  Bytes random = Bytes(32, 0x5A);
  Bytes session_id = Bytes(32, 0xA5);
  Bytes cipher_suites = Codes({0x1301, 0xC02F});
  Bytes compression = {0};
  bool has_extensions = true;
  std::vector<std::pair<uint16_t, Bytes>> extensions;
  Bytes behind; /* after the extensions, inside of the message */

  HelloBuilder &Add(uint16_t type, const Bytes &data) {
    extensions.emplace_back(type, data);
    return *this;
  }
  HelloBuilder &AddCodes(uint16_t type, const std::vector<uint16_t> &codes) {
    return Add(type, Vector(type == kVersions ? 1 : 2, Codes(codes)));
  }
  HelloBuilder &AddServerName(const Bytes &name) {
    return Add(kServerName, Vector(2, Concat({{0}, Vector(2, name)})));
  }
  HelloBuilder &AddAlpn(const std::vector<Bytes> &ids) {
    Bytes list;
    for (const Bytes &id : ids) list = Concat({list, Vector(1, id)});
    return Add(kAlpn, Vector(2, list));
  }

  Bytes Body() const {
    Bytes list;
    for (const auto &[type, data] : extensions) list = Concat({list, Codes({type}), Vector(2, data)});
    return Concat({Codes({legacy_version}), random, Vector(1, session_id), Vector(2, cipher_suites),
                   Vector(1, compression), has_extensions ? Vector(2, list) : Bytes(), behind});
  }
  Bytes Message() const {
    return Concat({{message_type}, Vector(3, Body())});
  }
  Bytes Wire() const {
    return Record(Message());
  }

  /* As a browser sends it, with GREASE (RFC 8701) in each list. */
  static HelloBuilder Browser() {
    HelloBuilder hello;
    hello.cipher_suites = Codes({0x3A3A, 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xCCA9, 0x00FF});
    hello.Add(0x1A1A, {});
    hello.AddServerName(Text("www.Example.com"));
    hello.Add(23, {});
    hello.AddCodes(kGroups, {0x4A4A, 29, 23, 24});
    hello.AddAlpn({Text("h2"), Text("http/1.1"), {0, ',', 0xFF}});
    hello.AddCodes(kSchemes, {0x0403, 0x0804, 0x0401, 0x0503});
    hello.AddCodes(kCertificateSchemes, {0x0601});
    hello.Add(kPostHandshakeAuth, {});
    hello.AddCodes(kVersions, {0x7A7A, 0x0304, 0x0303});
    hello.Add(0xDADA, {0});
    return hello;
  }
};

}  // namespace wasi_tls_test

#endif
