// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "node_certificate.h"

#include <algorithm>

namespace conformance::node {

namespace {

constexpr uint8_t kOctets = 0x04, kObjectId = 0x06, kSequence = 0x30, kExplicit = 0xA0, kExtensions = 0xA3,
                  kDnsName = 0x82;
// Object identifiers, as they are encoded.
constexpr std::string_view kSubjectAltName = "\x55\x1D\x11", kData = "\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01",
                           kKeyBag = "\x2A\x86\x48\x86\xF7\x0D\x01\x0C\x0A\x01\x01",
                           kCertificateBag = "\x2A\x86\x48\x86\xF7\x0D\x01\x0C\x0A\x01\x03",
                           kX509 = "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x16\x01";

struct Element {
  uint8_t tag = 0;
  Bytes content;
  Bytes whole;
};

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes &part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes wrap(uint8_t tag, const Bytes &content) {
  size_t len = content.size();
  Bytes bytes = {tag};
  if (len < 128) {
    bytes.push_back(static_cast<uint8_t>(len));
  } else {
    for (size_t part : {size_t{0x83}, len >> 16 & 255, len >> 8 & 255, len & 255})
      bytes.push_back(static_cast<uint8_t>(part));
  }
  return join({bytes, content});
}

// The elements that stand one behind the other in |bytes|, up to the first that is broken.
std::vector<Element> elements(const Bytes &bytes) {
  std::vector<Element> list;
  for (size_t at = 0; at + 2 <= bytes.size();) {
    size_t head = 2, len = bytes[at + 1];
    if (len >= 128) {
      size_t more = len - 128;
      if (more > 3 || at + 2 + more > bytes.size()) return list;
      len = 0;
      for (size_t i = 0; i < more; i++) len = len << 8 | bytes[at + 2 + i];
      head += more;
    }
    if (len > bytes.size() - at - head) return list;
    auto begin = bytes.begin() + static_cast<ptrdiff_t>(at), body = begin + static_cast<ptrdiff_t>(head);
    auto end = body + static_cast<ptrdiff_t>(len);
    list.push_back({bytes[at], Bytes(body, end), Bytes(begin, end)});
    at += head + len;
  }
  return list;
}

// What is at the end of a way through the first elements of elements: one step for each index.
std::vector<Element> inside(const Bytes &bytes, std::initializer_list<size_t> way) {
  std::vector<Element> list = elements(bytes);
  for (size_t index : way) {
    if (index >= list.size()) return {};
    list = elements(list[index].content);
  }
  return list;
}

// The value of the extension of |id|: [3] of the part that is signed holds all of them.
Bytes find_extension(const Bytes &certificate, std::string_view id) {
  for (const Element &part : inside(certificate, {0, 0})) {
    if (part.tag != kExtensions) continue;
    for (const Element &extension : inside(part.content, {0})) {
      std::vector<Element> members = elements(extension.content);
      if (members.size() >= 2 && members[0].content == to_bytes(id)) return members.back().content;
    }
  }
  return {};
}

Bytes bag(std::string_view id, const Bytes &content) {
  return wrap(kSequence, join({wrap(kObjectId, to_bytes(id)), wrap(kExplicit, content)}));
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(tolower(c)); });
  return text;
}

}  // namespace

std::shared_ptr<const PeerCertificate> peer_certificate(const std::vector<Bytes> &chain) {
  std::shared_ptr<const PeerCertificate> issuer;
  for (auto each = chain.rbegin(); each != chain.rend(); ++each)
    issuer = std::make_shared<const PeerCertificate>(PeerCertificate{*each, issuer});
  return issuer;
}

std::vector<std::string> dns_names(const Bytes &certificate) {
  std::vector<std::string> names;
  for (const Element &each : inside(find_extension(certificate, kSubjectAltName), {0}))
    if (each.tag == kDnsName) names.emplace_back(each.content.begin(), each.content.end());
  return names;
}

bool name_matches(const std::string &pattern, const std::string &name) {
  if (pattern.compare(0, 2, "*.") != 0) return lower(pattern) == lower(name);
  size_t dot = name.find('.');
  return dot != std::string::npos && dot > 0 && lower(pattern.substr(1)) == lower(name.substr(dot));
}

Bytes make_pfx(const Pfx &content) {
  Bytes bags = bag(kKeyBag, content.key);
  for (const Bytes &each : content.chain)
    bags = join({bags, bag(kCertificateBag, wrap(kSequence, join({wrap(kObjectId, to_bytes(kX509)),
                                                                  wrap(kExplicit, wrap(kOctets, each))})))});
  Bytes safe = wrap(kSequence, bag(kData, wrap(kOctets, wrap(kSequence, bags))));
  return wrap(kSequence, join({{2, 1, 3}, bag(kData, wrap(kOctets, safe))}));
}

Pfx read_pfx(const Bytes &pfx) {
  Pfx content;
  // PFX, its authSafe, [0], OCTET STRING; then AuthenticatedSafe, ContentInfo, [0], OCTET STRING, SafeContents.
  std::vector<Element> safe = inside(pfx, {0, 1, 1});
  if (safe.empty()) return content;
  std::vector<Element> bags = inside(safe[0].content, {0, 0, 1, 0, 0});
  for (const Element &each : bags) {
    std::vector<Element> parts = elements(each.content);
    if (parts.size() < 2) continue;
    if (parts[0].content == to_bytes(kKeyBag)) content.key = parts[1].content;
    if (parts[0].content != to_bytes(kCertificateBag)) continue;
    std::vector<Element> certificate = inside(parts[1].content, {0, 1});
    if (!certificate.empty()) content.chain.push_back(certificate[0].content);
  }
  return content;
}

}  // namespace conformance::node
