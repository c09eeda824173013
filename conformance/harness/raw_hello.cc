// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "raw_hello.h"

#include <algorithm>

namespace conformance {

namespace {

const Bytes kRenegotiationInfo = {0xFF, 0x01, 0, 1, 0};

void put(Bytes *to, size_t value, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) to->push_back(static_cast<uint8_t>(value >> shift));
}

void put_vector(Bytes *to, const Bytes &content, int width) {
  put(to, content.size(), width);
  to->insert(to->end(), content.begin(), content.end());
}

Bytes codes(const std::vector<uint16_t> &list) {
  Bytes bytes;
  for (uint16_t code : list) put(&bytes, code, 2);
  return bytes;
}

Bytes vector_of(const Bytes &content, int width) {
  Bytes bytes;
  put_vector(&bytes, content, width);
  return bytes;
}

}  // namespace

RawExtension server_name_extension(std::string_view name) {
  Bytes entry = {0};
  put_vector(&entry, to_bytes(name), 2);
  return {0, vector_of(entry, 2)};
}

RawExtension alpn_extension(const std::vector<Bytes> &ids) {
  Bytes list;
  for (const Bytes &id : ids) put_vector(&list, id, 1);
  return {16, vector_of(list, 2)};
}

RawExtension supported_versions_extension(const std::vector<uint16_t> &versions) {
  return {43, vector_of(codes(versions), 1)};
}

RawHello plain_hello() {
  RawHello hello;
  // x25519 and P-256; a key share for x25519; the schemes of all keys of the suite.
  hello.extensions.push_back({10, vector_of(codes({0x001D, 0x0017}), 2)});
  hello.extensions.push_back({13, vector_of(codes({0x0403, 0x0503, 0x0804, 0x0401, 0x0807}), 2)});
  hello.extensions.push_back(supported_versions_extension({0x0304, 0x0303}));
  Bytes share = codes({0x001D});
  put_vector(&share, Bytes(32, 9), 2);
  hello.extensions.push_back({51, vector_of(share, 2)});
  return hello;
}

Bytes message_of(const RawHello &hello) {
  Bytes body = codes({hello.version});
  body.insert(body.end(), 32, 0x42);
  put_vector(&body, {}, 1);
  put_vector(&body, codes(hello.suites), 2);
  put_vector(&body, {0}, 1);
  Bytes extensions;
  for (const RawExtension &extension : hello.extensions) {
    put(&extensions, extension.type, 2);
    put_vector(&extensions, extension.body, 2);
  }
  if (hello.has_extensions) put_vector(&body, extensions, 2);
  Bytes message = {1};
  put_vector(&message, body, 3);
  return message;
}

// RFC 5746: by an extension, or by a suite that is none.
static bool knows_renegotiation_info(const Bytes &sent) {
  constexpr size_t kSessionIdAt = 5 + 4 + 2 + 32;
  if (std::search(sent.begin(), sent.end(), kRenegotiationInfo.begin(), kRenegotiationInfo.end()) != sent.end())
    return true;
  if (sent.size() <= kSessionIdAt) return false;
  size_t suites_at = kSessionIdAt + 1 + sent[kSessionIdAt];
  if (sent.size() < suites_at + 2) return false;
  size_t end = suites_at + 2 + (static_cast<size_t>(sent[suites_at]) << 8 | sent[suites_at + 1]);
  for (size_t at = suites_at + 2; at + 1 < std::min(end, sent.size()); at += 2)
    if (sent[at] == 0 && sent[at + 1] == 0xFF) return true;
  return false;
}

Bytes tls12_server_flight(const Bytes &sent, const std::vector<Bytes> &chain) {
  Bytes hello = codes({0x0303});
  hello.insert(hello.end(), 32, 0x24);
  put_vector(&hello, {}, 1);
  put(&hello, 0xC02B, 2);
  put(&hello, 0, 1);
  if (knows_renegotiation_info(sent)) put_vector(&hello, kRenegotiationInfo, 2);
  Bytes list;
  for (const Bytes &certificate : chain) put_vector(&list, certificate, 3);
  Bytes flight = {2};
  put_vector(&flight, hello, 3);
  flight.push_back(11);
  put_vector(&flight, vector_of(list, 3), 3);
  return records_of(flight, 16384, 0x0303);
}

Bytes records_of(const Bytes &message, size_t fragment, uint16_t version) {
  Bytes wire;
  for (size_t at = 0; at < message.size(); at += fragment) {
    size_t len = std::min(fragment, message.size() - at);
    wire.push_back(22);
    put(&wire, version, 2);
    auto from = message.begin() + static_cast<ptrdiff_t>(at);
    put_vector(&wire, Bytes(from, from + static_cast<ptrdiff_t>(len)), 2);
  }
  return wire;
}

}  // namespace conformance
