// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a guest that imitates Node.js has to read out of DER by itself: the names of a certificate, and what is in a
// PFX.
#ifndef WASI_TLS_CONFORMANCE_NODE_CERTIFICATE_H
#define WASI_TLS_CONFORMANCE_NODE_CERTIFICATE_H

#include <memory>
#include <optional>
#include <string>

#include "handles.h"

namespace conformance::node {

// tls's view of a peer's chain: each certificate with the one that issued it.
struct PeerCertificate {
  Bytes raw;
  std::shared_ptr<const PeerCertificate> issuerCertificate;
};
// Of a chain with the end entity first; none for an empty one.
std::shared_ptr<const PeerCertificate> peer_certificate(const std::vector<Bytes> &chain);

// The DNS names of the subject's alternative names.
std::vector<std::string> dns_names(const Bytes &certificate);
// RFC 9525: a wildcard stands for the left-most label.
bool name_matches(const std::string &pattern, const std::string &name);

// An unencrypted PFX (RFC 7292): a key in PKCS#8 and its certificates.
struct Pfx {
  Bytes key;
  std::vector<Bytes> chain;
};
Bytes make_pfx(const Pfx &content);
Pfx read_pfx(const Bytes &pfx);

}  // namespace conformance::node

#endif
