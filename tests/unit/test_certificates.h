/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Keys and certificates, made at run time with libcrypto. */
#ifndef WASI_TLS_TESTS_TEST_CERTIFICATES_H
#define WASI_TLS_TESTS_TEST_CERTIFICATES_H

#include <openssl/evp.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace wasi_tls_test {

using Bytes = std::vector<uint8_t>;
using Key = std::shared_ptr<EVP_PKEY>;

/* |type| as EVP_PKEY_CTX_new_from_name has it ("RSA", "RSA-PSS", "EC", "ED25519"); |detail|: RSA bits or curve. */
Key MakeKey(const std::string &type, const std::string &detail = "");

struct CertificateOptions {
  std::string subject = "subject";
  std::string issuer = "subject";
  std::string alt_names = {}; /* as in an OpenSSL configuration: "DNS:example.com,IP:192.0.2.7"; empty: no extension */
  Key issuer_key = {};        /* none: self-signed */
  const char *digest = "SHA256";
  bool pss = false;
  int version = 3;
};

Bytes MakeCertificate(const Key &key, const CertificateOptions &options = {});

/* |format| is "DER" or "PEM", |structure| "PrivateKeyInfo", "EncryptedPrivateKeyInfo" or "type-specific". */
Bytes EncodeKey(const Key &key, const char *format, const char *structure, const char *cipher = nullptr);
/* PEM with the headers of RFC 1421. */
Bytes EncodeKeyEncryptedByHeaders(const Key &key);

/* PEM by libcrypto. */
std::string Pem(const std::string &label, const Bytes &der);

}  // namespace wasi_tls_test

#endif
