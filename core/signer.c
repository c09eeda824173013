/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "signer.h"

#include <string.h>

#include "der.h"
#include "selection.h"

/* RSA keys beyond this are nobody's. */
#define MAX_RSA_BITS 16384u
#define MAX_SIGNATURE (MAX_RSA_BITS / 8u)
#define ED25519_SIGNATURE 64u

void wasi_tls_signer_init(wasi_tls_signer *signer) {
  if (signer == NULL) return;
  memset(signer, 0, sizeof(*signer));
  signer->size = sizeof(*signer);
}

wasi_tls_result wtls_signer_check(const wasi_tls_signer *given) {
  if (given == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
  if (given->size != sizeof(*given)) return WASI_TLS_ERR_STRUCT_SIZE;
  return given->sign != NULL ? WASI_TLS_OK : WASI_TLS_ERR_NULL_ARGUMENT;
}

/* RFC 3279, section 2.2.3: two INTEGERs, each below the order of a curve of |bits|, in a SEQUENCE of short length. */
static size_t longest_ecdsa(uint32_t bits) {
  const size_t number = 2 + 1 + bits / 8;
  return 2 + 2 * number;
}

static size_t longest_signature(const wtls_x509 *leaf) {
  switch (leaf->key_type) {
    case WTLS_KEY_RSA:
      return leaf->key_bits <= MAX_RSA_BITS ? (leaf->key_bits + 7u) / 8u : 0;
    case WTLS_KEY_P256:
    case WTLS_KEY_P384:
      return longest_ecdsa(leaf->key_bits);
    case WTLS_KEY_ED25519:
      return ED25519_SIGNATURE;
    default:
      return 0;
  }
}

/* Of the digest that |scheme| is made over; 0 if it is made over the message itself. */
static size_t digest_len(uint16_t scheme) {
  switch (scheme) {
    case 0x0401: /* rsa_pkcs1_sha256 */
    case 0x0403: /* ecdsa_secp256r1_sha256 */
    case 0x0804: /* rsa_pss_rsae_sha256 */
      return 32;
    case 0x0501:
    case 0x0503:
    case 0x0805:
      return 48;
    case 0x0601:
    case 0x0603:
    case 0x0806:
      return 64;
    default:
      return 0;
  }
}

/* An INTEGER that is neither zero, negative, nor longer than it has to be. */
static bool take_positive(wasi_tls_bytes *from) {
  wasi_tls_bytes number;
  if (!wtls_der_take(from, WTLS_DER_INTEGER, &number) || number.len == 0 || number.data[0] >= 0x80) return false;
  return number.data[0] != 0 || (number.len > 1 && number.data[1] >= 0x80);
}

/* What no peer could take for a signature by the key is not sent, so that it fails in the same way everywhere. */
static bool is_well_formed(const wtls_signer *signer, wasi_tls_bytes signature) {
  wasi_tls_bytes numbers;
  if (signature.len > signer->shown.signature_len) return false;
  if (signer->key_type == WTLS_KEY_RSA || signer->key_type == WTLS_KEY_ED25519)
    return signature.len == signer->shown.signature_len;
  return wtls_der_only(signature, WTLS_DER_SEQUENCE, &numbers) && take_positive(&numbers) && take_positive(&numbers) &&
         numbers.len == 0;
}

/* The signer writes into memory of the core's, of the same size on every engine. */
static bool sign(void *core, uint16_t scheme, wasi_tls_bytes data, uint8_t *signature, size_t *len) {
  const wtls_signer *self = core;
  uint8_t made[MAX_SIGNATURE];
  size_t made_len = 0;
  size_t expected = digest_len(scheme);
  if (!wtls_key_signs(self->key_type, scheme) || (expected != 0 && data.len != expected)) return false;
  if (!self->given.sign(self->given.context, scheme, data, made, self->shown.signature_len, &made_len)) return false;
  if (!is_well_formed(self, (wasi_tls_bytes){made, made_len})) return false;
  memcpy(signature, made, made_len);
  *len = made_len;
  return true;
}

/* RFC 8017, section 9.2: an AlgorithmIdentifier and the digest. How long that is tells the algorithm. */
static bool sign_digest_info(void *core, wasi_tls_bytes digest_info, uint8_t *signature, size_t *len) {
  static const uint16_t schemes[] = {0x0401, 0x0501, 0x0601};
  wasi_tls_bytes fields;
  wasi_tls_bytes algorithm;
  wasi_tls_bytes digest;
  if (!wtls_der_only(digest_info, WTLS_DER_SEQUENCE, &fields) ||
      !wtls_der_take(&fields, WTLS_DER_SEQUENCE, &algorithm) ||
      !wtls_der_take(&fields, WTLS_DER_OCTET_STRING, &digest) || fields.len != 0)
    return false;
  for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
    if (digest_len(schemes[i]) == digest.len) return sign(core, schemes[i], digest, signature, len);
  return false;
}

wasi_tls_result wtls_signer_init(wtls_signer *signer, const wasi_tls_signer *given, const wtls_x509 *leaf) {
  size_t signature_len = longest_signature(leaf);
  if (signature_len == 0) return WASI_TLS_ERR_KEY_TYPE;
  signer->given = *given;
  signer->given.drop = NULL;
  signer->key_type = leaf->key_type;
  signer->shown = (wasi_tls_backend_signer){
      .size = sizeof(signer->shown),
      .core = signer,
      .key_info = leaf->key_info,
      .signature_len = signature_len,
      .sign = sign,
      .sign_digest_info = sign_digest_info,
  };
  return WASI_TLS_OK;
}

void wtls_signer_adopt(wtls_signer *signer, const wasi_tls_signer *given) {
  signer->given.drop = given->drop;
}

void wtls_signer_clear(wtls_signer *signer) {
  if (signer->given.drop != NULL) signer->given.drop(signer->given.context);
}
