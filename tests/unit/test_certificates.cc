/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "test_certificates.h"

#include <openssl/bio.h>
#include <openssl/encoder.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace wasi_tls_test {
namespace {

constexpr char kPassword[] = "password";

void Require(bool worked, const char *what) {
  if (!worked) throw std::runtime_error(what);
}

std::shared_ptr<BIO> MemoryBio() {
  return std::shared_ptr<BIO>(BIO_new(BIO_s_mem()), BIO_free);
}

Bytes Contents(const std::shared_ptr<BIO> &bio) {
  char *data = nullptr;
  long len = BIO_get_mem_data(bio.get(), &data);
  return Bytes(data, data + len);
}

void SetName(X509_NAME *name, const std::string &common_name) {
  Require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const uint8_t *>(common_name.data()),
                                     static_cast<int>(common_name.size()), -1, 0) == 1,
          "name");
}

void AddAltNames(X509 *certificate, const std::string &names) {
  std::shared_ptr<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str()),
                                            X509_EXTENSION_free);
  Require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "subjectAltName");
}

void Sign(X509 *certificate, const Key &key, const CertificateOptions &options) {
  std::shared_ptr<EVP_MD_CTX> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  bool names_its_digest = EVP_PKEY_is_a(key.get(), "ED25519") || EVP_PKEY_is_a(key.get(), "ED448");
  const EVP_MD *digest = names_its_digest ? nullptr : EVP_get_digestbyname(options.digest);
  EVP_PKEY_CTX *signing = nullptr;
  Require(EVP_DigestSignInit(context.get(), &signing, digest, nullptr, key.get()) == 1, "sign init");
  if (options.pss) Require(EVP_PKEY_CTX_set_rsa_padding(signing, RSA_PKCS1_PSS_PADDING) == 1, "pss");
  Require(X509_sign_ctx(certificate, context.get()) > 0, "sign");
}

}  // namespace

Key MakeKey(const std::string &type, const std::string &detail) {
  std::shared_ptr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type.c_str(), nullptr), EVP_PKEY_CTX_free);
  Require(context && EVP_PKEY_keygen_init(context.get()) == 1, "keygen");
  if (!detail.empty()) {
    bool curve = type == "EC";
    Require(EVP_PKEY_CTX_ctrl_str(context.get(), curve ? "ec_paramgen_curve" : "rsa_keygen_bits", detail.c_str()) == 1,
            "detail");
  }
  EVP_PKEY *key = nullptr;
  Require(EVP_PKEY_generate(context.get(), &key) == 1, "generate");
  return Key(key, EVP_PKEY_free);
}

Bytes MakeCertificate(const Key &key, const CertificateOptions &options) {
  std::shared_ptr<X509> certificate(X509_new(), X509_free);
  X509 *x509 = certificate.get();
  Require(X509_set_version(x509, options.version - 1) == 1, "version");
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  SetName(X509_get_subject_name(x509), options.subject);
  SetName(X509_get_issuer_name(x509), options.issuer);
  Require(X509_set_pubkey(x509, key.get()) == 1, "public key");
  if (!options.alt_names.empty()) AddAltNames(x509, options.alt_names);
  Sign(x509, options.issuer_key ? options.issuer_key : key, options);
  auto bio = MemoryBio();
  Require(i2d_X509_bio(bio.get(), x509) == 1, "encode");
  return Contents(bio);
}

Bytes EncodeKey(const Key &key, const char *format, const char *structure, const char *cipher) {
  std::shared_ptr<OSSL_ENCODER_CTX> context(
      OSSL_ENCODER_CTX_new_for_pkey(key.get(), EVP_PKEY_KEYPAIR, format, structure, nullptr), OSSL_ENCODER_CTX_free);
  if (cipher != nullptr)
    Require(OSSL_ENCODER_CTX_set_cipher(context.get(), cipher, nullptr) == 1 &&
                OSSL_ENCODER_CTX_set_passphrase(context.get(), reinterpret_cast<const uint8_t *>(kPassword),
                                                sizeof(kPassword) - 1) == 1,
            "cipher");
  auto bio = MemoryBio();
  Require(OSSL_ENCODER_to_bio(context.get(), bio.get()) == 1, "encode key");
  return Contents(bio);
}

Bytes EncodeKeyEncryptedByHeaders(const Key &key) {
  auto bio = MemoryBio();
  std::string password = kPassword;
  Require(PEM_write_bio_PrivateKey_traditional(bio.get(), key.get(), EVP_aes_128_cbc(),
                                               reinterpret_cast<uint8_t *>(password.data()),
                                               static_cast<int>(password.size()), nullptr, nullptr) == 1,
          "encrypt");
  return Contents(bio);
}

std::string Pem(const std::string &label, const Bytes &der) {
  auto bio = MemoryBio();
  Require(PEM_write_bio(bio.get(), label.c_str(), "", der.data(), static_cast<long>(der.size())) > 0, "pem");
  Bytes text = Contents(bio);
  return std::string(text.begin(), text.end());
}

}  // namespace wasi_tls_test
