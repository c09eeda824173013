// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Makes keys, certificates and revocation lists at run time. The only place of the suite that uses a crypto library.
#ifndef WASI_TLS_CONFORMANCE_PKI_H
#define WASI_TLS_CONFORMANCE_PKI_H

#include <memory>
#include <optional>

#include "handles.h"

namespace conformance {

enum class KeyType { kRsa, kRsa1024, kP256, kP384, kP521, kEd25519 };
constexpr KeyType kServableKeys[] = {KeyType::kRsa, KeyType::kP256, KeyType::kP384, KeyType::kEd25519};
const char *name_of(KeyType type);

enum class KeyEncoding { kPkcs8, kTraditional, kPkcs8Pem, kTraditionalPem, kEncryptedPkcs8, kEncryptedPem };

// A key pair. Cached per process: the same type and slot is the same key.
class Key;
std::shared_ptr<const Key> key(KeyType type, int slot = 0);
// Traditional is PKCS#1 for RSA and SEC1 for EC; there is none for Ed25519 (empty).
Bytes encode(const Key &key, KeyEncoding encoding);
// Signs as TLS would have it: |data| is the digest by the hash of |scheme|, or the message where that has none. Empty
// if the scheme is not one for the key, or the digest not one by its hash.
Bytes sign(const Key &key, uint16_t scheme, wasi_tls_bytes data);

constexpr int64_t kDay = 86400;

// What stands in a certificate. The defaults are those of a good server leaf, but for the names.
struct CertificateSpec {
  std::string subject;  // common name
  KeyType key_type = KeyType::kP256;
  int key_slot = 0;
  std::vector<std::string> dns;
  std::vector<std::string> ips;
  int64_t not_before = -kDay;  // seconds from now
  int64_t not_after = 30 * kDay;
  std::optional<int64_t> not_before_at;  // seconds since 1970; win over the two above
  std::optional<int64_t> not_after_at;
  bool ca = false;
  bool basic_constraints = true;
  int path_length = -1;
  std::string key_usage;  // as configuration text: "digitalSignature"; empty: what fits |ca|; "none": absent
  std::string extended_key_usage = "serverAuth,clientAuth";  // empty: absent
  std::string name_constraints;                              // configuration text; empty: absent
  std::string digest = "SHA256";
  bool unknown_critical_extension = false;
  size_t padding = 0;  // bytes of a non-critical extension
};

struct Certificate {
  CertificateSpec spec;
  std::shared_ptr<const Key> key;
  Bytes der;
};
using Cert = std::shared_ptr<const Certificate>;
using Chain = std::vector<Cert>;

// Signs |spec| with the key of |issuer|; self-signed without one.
Cert issue(const CertificateSpec &spec, const Cert &issuer = nullptr);
// A revocation list of |issuer| with the serial numbers of |revoked|.
Bytes revocation_list(const Cert &issuer, const Chain &revoked, int64_t next_update = kDay);
Bytes to_pem(const Bytes &der, const char *label);
std::vector<Bytes> ders_of(const Chain &chain);
// Makes what most cases use, so that processes that are forked later need not.
void make_usual_certificates();
// The subject's DER name.
Bytes subject_name(const Cert &certificate);

// The usual set-up. Cached per process.
Cert root();
Cert intermediate();  // under root()
Cert other_root();    // trusted by nobody
Chain server_chain(KeyType type,
                   int slot = 0);  // server.test, *.wild.test, 192.0.2.1, 2001:db8::1; with intermediate()
Chain client_chain(KeyType type, int slot = 0);  // client.test, with intermediate()
CertificateSpec server_spec(KeyType type = KeyType::kP256);
CertificateSpec client_spec(KeyType type = KeyType::kP256);
CertificateSpec ca_spec(const std::string &subject, int slot);
constexpr const char *kServerName = "server.test";

}  // namespace conformance

#endif
