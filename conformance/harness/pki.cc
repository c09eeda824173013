// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "pki.h"

#include <ctime>
#include <map>
#include <stdexcept>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

namespace conformance {

namespace {

// A broken PKI is no result of a test: stop with what is known.
void need(bool fine, const char *what) {
  if (fine) return;
  char text[256];
  ERR_error_string_n(ERR_get_error(), text, sizeof(text));
  throw std::runtime_error(std::string("PKI: ") + what + ": " + text);
}

template <class T, auto Free>
struct Freer {
  void operator()(T *p) const {
    Free(p);
  }
};
using X509Ptr = std::unique_ptr<X509, Freer<X509, X509_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, Freer<X509_CRL, X509_CRL_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO, BIO_vfree>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using Pkcs8Ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Freer<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>>;
using SigPtr = std::unique_ptr<X509_SIG, Freer<X509_SIG, X509_SIG_free>>;

template <class T, class Encode>
Bytes der_of(T *object, Encode encode) {
  unsigned char *out = nullptr;
  int len = encode(object, &out);
  need(len > 0, "DER");
  Bytes der(out, out + len);
  OPENSSL_free(out);
  return der;
}

X509Ptr parse(const Bytes &der) {
  const unsigned char *at = der.data();
  X509Ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  need(certificate != nullptr, "certificate");
  return certificate;
}

}  // namespace

class Key {
 public:
  KeyType type;
  KeyPtr pkey;
};

namespace {

EVP_PKEY *generate(KeyType type) {
  switch (type) {
    case KeyType::kRsa:
      return EVP_RSA_gen(2048);
    case KeyType::kRsa1024:
      return EVP_RSA_gen(1024);
    case KeyType::kP256:
      return EVP_EC_gen("P-256");
    case KeyType::kP384:
      return EVP_EC_gen("P-384");
    case KeyType::kP521:
      return EVP_EC_gen("P-521");
    case KeyType::kEd25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  }
  return nullptr;
}

Bytes drain(BIO *bio) {
  char *data = nullptr;
  long len = BIO_get_mem_data(bio, &data);
  return Bytes(data, data + len);
}

Bytes encrypted_pkcs8(EVP_PKEY *pkey) {
  Pkcs8Ptr plain(EVP_PKEY2PKCS8(pkey));
  need(plain != nullptr, "PKCS#8");
  unsigned char salt[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  SigPtr sealed(PKCS8_encrypt(-1, EVP_aes_128_cbc(), "secret", 6, salt, sizeof(salt), 2048, plain.get()));
  need(sealed != nullptr, "PKCS#8 encryption");
  return der_of(sealed.get(), i2d_X509_SIG);
}

Bytes pem_of(EVP_PKEY *pkey, bool traditional, bool encrypted) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  const EVP_CIPHER *cipher = encrypted ? EVP_aes_128_cbc() : nullptr;
  auto *secret = reinterpret_cast<unsigned char *>(const_cast<char *>("secret"));
  int fine = traditional ? PEM_write_bio_PrivateKey_traditional(bio.get(), pkey, cipher, secret, encrypted ? 6 : 0,
                                                                nullptr, nullptr)
                         : PEM_write_bio_PKCS8PrivateKey(bio.get(), pkey, cipher, encrypted ? "secret" : nullptr,
                                                         encrypted ? 6 : 0, nullptr, nullptr);
  need(fine == 1, "PEM");
  return drain(bio.get());
}

}  // namespace

const char *name_of(KeyType type) {
  static const char *const names[] = {"rsa", "rsa1024", "p256", "p384", "p521", "ed25519"};
  return names[static_cast<int>(type)];
}

std::shared_ptr<const Key> key(KeyType type, int slot) {
  static std::map<std::pair<KeyType, int>, std::shared_ptr<const Key>> cache;
  std::shared_ptr<const Key> &cached = cache[{type, slot}];
  if (cached == nullptr) {
    KeyPtr pkey(generate(type));
    need(pkey != nullptr, "key");
    cached = std::make_shared<const Key>(Key{type, std::move(pkey)});
  }
  return cached;
}

Bytes encode(const Key &key, KeyEncoding encoding) {
  EVP_PKEY *pkey = key.pkey.get();
  bool traditional = encoding == KeyEncoding::kTraditional || encoding == KeyEncoding::kTraditionalPem;
  if (traditional && key.type == KeyType::kEd25519) return {};
  switch (encoding) {
    case KeyEncoding::kPkcs8: {
      Pkcs8Ptr plain(EVP_PKEY2PKCS8(pkey));
      return der_of(plain.get(), i2d_PKCS8_PRIV_KEY_INFO);
    }
    case KeyEncoding::kTraditional:
      return der_of(pkey, i2d_PrivateKey);
    case KeyEncoding::kPkcs8Pem:
      return pem_of(pkey, false, false);
    case KeyEncoding::kTraditionalPem:
      return pem_of(pkey, true, false);
    case KeyEncoding::kEncryptedPkcs8:
      return encrypted_pkcs8(pkey);
    case KeyEncoding::kEncryptedPem:
      return pem_of(pkey, key.type != KeyType::kEd25519, true);
  }
  return {};
}

namespace {

using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;

const EVP_MD *hash_of(uint16_t scheme) {
  switch (scheme) {
    case 0x0401:
    case 0x0403:
    case 0x0804:
      return EVP_sha256();
    case 0x0501:
    case 0x0503:
    case 0x0805:
      return EVP_sha384();
    case 0x0601:
    case 0x0603:
    case 0x0806:
      return EVP_sha512();
    default:
      return nullptr;
  }
}

bool fits(KeyType type, uint16_t scheme) {
  if (type == KeyType::kEd25519) return scheme == 0x0807;
  bool rsa = (scheme & 0xFF) == 0x01 || (scheme >= 0x0804 && scheme <= 0x0806);
  return hash_of(scheme) != nullptr && rsa == (type == KeyType::kRsa);
}

Bytes sign_message(EVP_PKEY *pkey, wasi_tls_bytes message) {
  std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX, EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  Bytes signature(static_cast<size_t>(EVP_PKEY_get_size(pkey)));
  size_t len = signature.size();
  need(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pkey) == 1 &&
           EVP_DigestSign(context.get(), signature.data(), &len, message.data, message.len) == 1,
       "signature");
  signature.resize(len);
  return signature;
}

void set_padding(EVP_PKEY_CTX *context, bool pss) {
  need(EVP_PKEY_CTX_set_rsa_padding(context, pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1, "padding");
  need(!pss || EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1, "salt");
}

}  // namespace

Bytes sign(const Key &key, uint16_t scheme, wasi_tls_bytes data) {
  EVP_PKEY *pkey = key.pkey.get();
  const EVP_MD *hash = hash_of(scheme);
  if (!fits(key.type, scheme)) return {};
  if (hash == nullptr) return sign_message(pkey, data);
  if (data.len != static_cast<size_t>(EVP_MD_get_size(hash))) return {};
  KeyContextPtr context(EVP_PKEY_CTX_new(pkey, nullptr));
  need(EVP_PKEY_sign_init(context.get()) == 1, "signature");
  if (key.type == KeyType::kRsa) set_padding(context.get(), (scheme >> 8) == 0x08);
  need(EVP_PKEY_CTX_set_signature_md(context.get(), hash) == 1, "hash");
  Bytes signature(static_cast<size_t>(EVP_PKEY_get_size(pkey)));
  size_t len = signature.size();
  need(EVP_PKEY_sign(context.get(), signature.data(), &len, data.data, data.len) == 1, "signature");
  signature.resize(len);
  return signature;
}

namespace {

void set_name(X509_NAME *name, const std::string &subject) {
  const auto *text = reinterpret_cast<const unsigned char *>(subject.c_str());
  need(X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, reinterpret_cast<const unsigned char *>("Conformance"), -1,
                                  -1, 0) == 1,
       "name");
  need(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1, "name");
}

void add_extension(X509 *certificate, X509 *issuer, int nid, const std::string &value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION, X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  need(extension != nullptr, value.c_str());
  need(X509_add_ext(certificate, extension.get(), -1) == 1, "extension");
}

void add_opaque_extension(X509 *certificate, const char *oid, bool critical, size_t len) {
  std::unique_ptr<ASN1_OBJECT, Freer<ASN1_OBJECT, ASN1_OBJECT_free>> object(OBJ_txt2obj(oid, 1));
  std::unique_ptr<ASN1_OCTET_STRING, Freer<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>> value(ASN1_OCTET_STRING_new());
  Bytes content(len, 0x5A);
  ASN1_OCTET_STRING_set(value.get(), content.data(), static_cast<int>(len));
  std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION, X509_EXTENSION_free>> extension(
      X509_EXTENSION_create_by_OBJ(nullptr, object.get(), critical ? 1 : 0, value.get()));
  need(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, "opaque extension");
}

std::string alternative_names(const CertificateSpec &spec) {
  std::string names;
  for (const std::string &dns : spec.dns) names += (names.empty() ? "DNS:" : ",DNS:") + dns;
  for (const std::string &ip : spec.ips) names += (names.empty() ? "IP:" : ",IP:") + ip;
  return names;
}

std::string basic_constraints(const CertificateSpec &spec) {
  std::string text = spec.ca ? "critical,CA:TRUE" : "critical,CA:FALSE";
  if (spec.path_length >= 0) text += ",pathlen:" + std::to_string(spec.path_length);
  return text;
}

std::string key_usage(const CertificateSpec &spec) {
  if (!spec.key_usage.empty()) return spec.key_usage;
  return spec.ca ? "keyCertSign,cRLSign" : "digitalSignature";
}

void add_extensions(X509 *certificate, X509 *issuer, const CertificateSpec &spec) {
  if (spec.basic_constraints) add_extension(certificate, issuer, NID_basic_constraints, basic_constraints(spec));
  if (spec.key_usage != "none") add_extension(certificate, issuer, NID_key_usage, "critical," + key_usage(spec));
  add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  if (issuer != certificate) add_extension(certificate, issuer, NID_authority_key_identifier, "keyid");
  if (!spec.extended_key_usage.empty() && !spec.ca) {
    add_extension(certificate, issuer, NID_ext_key_usage, spec.extended_key_usage);
  }
  std::string names = alternative_names(spec);
  if (!names.empty()) add_extension(certificate, issuer, NID_subject_alt_name, names);
  if (!spec.name_constraints.empty()) {
    add_extension(certificate, issuer, NID_name_constraints, "critical," + spec.name_constraints);
  }
  if (spec.unknown_critical_extension) add_opaque_extension(certificate, "1.3.6.1.4.1.99999.1", true, 4);
  if (spec.padding != 0) add_opaque_extension(certificate, "1.3.6.1.4.1.99999.2", false, spec.padding);
}

void set_validity(X509 *certificate, const CertificateSpec &spec) {
  int64_t now = static_cast<int64_t>(std::time(nullptr));
  ASN1_TIME_set(X509_getm_notBefore(certificate), spec.not_before_at.value_or(now + spec.not_before));
  ASN1_TIME_set(X509_getm_notAfter(certificate), spec.not_after_at.value_or(now + spec.not_after));
}

void sign(X509 *certificate, const Key &signer, const std::string &digest) {
  const EVP_MD *md = signer.type == KeyType::kEd25519 ? nullptr : EVP_get_digestbyname(digest.c_str());
  need(X509_sign(certificate, signer.pkey.get(), md) > 0, "signature");
}

}  // namespace

Cert issue(const CertificateSpec &spec, const Cert &issuer) {
  static long serial = 1000;
  X509Ptr certificate(X509_new());
  std::shared_ptr<const Key> own = key(spec.key_type, spec.key_slot);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  set_validity(certificate.get(), spec);
  set_name(X509_get_subject_name(certificate.get()), spec.subject);
  X509_set_pubkey(certificate.get(), own->pkey.get());
  X509Ptr above = issuer != nullptr ? parse(issuer->der) : nullptr;
  X509 *by = above != nullptr ? above.get() : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(by));
  add_extensions(certificate.get(), by, spec);
  sign(certificate.get(), issuer != nullptr ? *issuer->key : *own, spec.digest);
  return std::make_shared<const Certificate>(Certificate{spec, own, der_of(certificate.get(), i2d_X509)});
}

Bytes revocation_list(const Cert &issuer, const Chain &revoked, int64_t next_update) {
  CrlPtr crl(X509_CRL_new());
  X509Ptr by = parse(issuer->der);
  X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(by.get()));
  std::unique_ptr<ASN1_TIME, Freer<ASN1_TIME, ASN1_TIME_free>> time(X509_gmtime_adj(nullptr, -2 * kDay));
  X509_CRL_set1_lastUpdate(crl.get(), time.get());
  for (const Cert &each : revoked) {
    X509Ptr certificate = parse(each->der);
    X509_REVOKED *entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate.get()));
    X509_REVOKED_set_revocationDate(entry, time.get());
    need(X509_CRL_add0_revoked(crl.get(), entry) == 1, "revoked entry");
  }
  X509_gmtime_adj(time.get(), static_cast<long>(next_update));
  X509_CRL_set1_nextUpdate(crl.get(), time.get());
  X509_CRL_sort(crl.get());
  const EVP_MD *md = issuer->key->type == KeyType::kEd25519 ? nullptr : EVP_sha256();
  need(X509_CRL_sign(crl.get(), issuer->key->pkey.get(), md) > 0, "CRL signature");
  return der_of(crl.get(), i2d_X509_CRL);
}

Bytes to_pem(const Bytes &der, const char *label) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  need(PEM_write_bio(bio.get(), label, "", der.data(), static_cast<long>(der.size())) > 0, "PEM");
  return drain(bio.get());
}

std::vector<Bytes> ders_of(const Chain &chain) {
  std::vector<Bytes> ders;
  for (const Cert &certificate : chain) ders.push_back(certificate->der);
  return ders;
}

Bytes subject_name(const Cert &certificate) {
  X509Ptr parsed = parse(certificate->der);
  return der_of(X509_get_subject_name(parsed.get()), i2d_X509_NAME);
}

CertificateSpec ca_spec(const std::string &subject, int slot) {
  CertificateSpec spec;
  spec.subject = subject;
  spec.key_slot = slot;
  spec.ca = true;
  return spec;
}

CertificateSpec server_spec(KeyType type) {
  CertificateSpec spec;
  spec.subject = "Server";
  spec.key_type = type;
  spec.dns = {kServerName, "*.wild.test"};
  spec.ips = {"192.0.2.1", "2001:db8::1"};
  return spec;
}

CertificateSpec client_spec(KeyType type) {
  CertificateSpec spec;
  spec.subject = "Client";
  spec.key_type = type;
  spec.key_slot = 1;
  spec.dns = {"client.test"};
  return spec;
}

// CA keys have slots of their own, from 100 on.
Cert root() {
  static const Cert cached = issue(ca_spec("Root", 100));
  return cached;
}

Cert intermediate() {
  static const Cert cached = issue(ca_spec("Intermediate", 101), root());
  return cached;
}

Cert other_root() {
  static const Cert cached = issue(ca_spec("Other Root", 102));
  return cached;
}

namespace {

Chain cached_chain(CertificateSpec spec, int slot) {
  static std::map<std::tuple<std::string, KeyType, int>, Chain> cache;
  Chain &cached = cache[{spec.subject, spec.key_type, slot}];
  spec.key_slot += 2 * slot;
  if (cached.empty()) cached = {issue(spec, intermediate()), intermediate()};
  return cached;
}

}  // namespace

Chain server_chain(KeyType type, int slot) {
  return cached_chain(server_spec(type), slot);
}

Chain client_chain(KeyType type, int slot) {
  return cached_chain(client_spec(type), slot);
}

void make_usual_certificates() {
  for (KeyType type : kServableKeys) {
    server_chain(type);
    client_chain(type);
  }
  other_root();
}

}  // namespace conformance
