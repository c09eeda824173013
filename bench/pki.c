/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "pki.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static bool add_extension(X509 *certificate, int nid, const char *value) {
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
  bool added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

static X509 *make_certificate(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key) {
  X509 *made = X509_new();
  if (made == NULL) return NULL;
  X509_set_version(made, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made), issuer != NULL ? 2 : 1);
  X509_gmtime_adj(X509_getm_notBefore(made), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made), 86400);
  X509_set_pubkey(made, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
  X509_set_issuer_name(made, X509_get_subject_name(issuer != NULL ? issuer : made));
  bool extended = issuer == NULL ? add_extension(made, NID_basic_constraints, "critical,CA:TRUE")
                                 : add_extension(made, NID_subject_alt_name, "DNS:localhost");
  if (extended && X509_sign(made, issuer_key, EVP_sha256()) != 0) return made;
  X509_free(made);
  return NULL;
}

static char *text_of(BIO *bio) {
  char *data = NULL;
  long len = BIO_get_mem_data(bio, &data);
  char *text = len > 0 ? malloc((size_t)len + 1) : NULL;
  if (text != NULL) {
    memcpy(text, data, (size_t)len);
    text[len] = 0;
  }
  BIO_free(bio);
  return text;
}

static char *certificate_text(X509 *certificate) {
  BIO *bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  return text_of(bio);
}

static char *key_text(EVP_PKEY *key) {
  BIO *bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
  return text_of(bio);
}

bool bench_pki_make(bench_pki *pki) {
  *pki = (bench_pki){NULL, NULL, NULL};
  EVP_PKEY *ca_key = EVP_EC_gen("P-256");
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *ca = make_certificate("bench root", ca_key, NULL, ca_key);
  X509 *leaf = ca != NULL ? make_certificate("bench leaf", key, ca, ca_key) : NULL;
  if (leaf != NULL) *pki = (bench_pki){certificate_text(ca), certificate_text(leaf), key_text(key)};
  X509_free(ca);
  X509_free(leaf);
  EVP_PKEY_free(ca_key);
  EVP_PKEY_free(key);
  return pki->ca != NULL && pki->certificate != NULL && pki->key != NULL;
}

void bench_pki_free(bench_pki *pki) {
  free((void *)(uintptr_t)pki->ca);
  free((void *)(uintptr_t)pki->certificate);
  free((void *)(uintptr_t)pki->key);
}
