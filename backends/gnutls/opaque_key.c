/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Keys that are held elsewhere, as the engine's own kind of external key. */
#include "backend_gnutls.h"

/* The engine frees what it is given with an allocator of its own. */
static int give(const wasi_tls_backend_signer *signer, uint16_t scheme, wasi_tls_bytes data,
                gnutls_datum_t *signature) {
  size_t len = 0;
  uint8_t *made = gnutls_malloc(signer->signature_len);
  if (made == NULL) return GNUTLS_E_MEMORY_ERROR;
  bool is_made = scheme != 0 ? signer->sign(signer->core, scheme, data, made, &len)
                             : signer->sign_digest_info(signer->core, data, made, &len);
  if (!is_made) {
    gnutls_free(made);
    return GNUTLS_E_PK_SIGN_FAILED;
  }
  *signature = (gnutls_datum_t){made, (unsigned int)len};
  return GNUTLS_E_SUCCESS;
}

/* Of a digest; for PKCS#1 the engine has put it into a DigestInfo, and does not say by which hash. */
static int sign_hash(gnutls_privkey_t key, gnutls_sign_algorithm_t algorithm, void *identity, unsigned int flags,
                     const gnutls_datum_t *hash, gnutls_datum_t *signature) {
  const wtls_gnutls_identity *self = identity;
  const wasi_tls_bytes data = {hash->data, hash->size};
  (void)key;
  (void)flags;
  uint16_t scheme = algorithm != GNUTLS_SIGN_RSA_RAW ? wtls_gnutls_signing_scheme(algorithm) : 0;
  if (scheme == 0 && algorithm != GNUTLS_SIGN_RSA_RAW) return GNUTLS_E_PK_SIGN_FAILED;
  return give(self->signer, scheme, data, signature);
}

/* Of a message, which only Ed25519 is asked for. */
static int sign_data(gnutls_privkey_t key, gnutls_sign_algorithm_t algorithm, void *identity, unsigned int flags,
                     const gnutls_datum_t *message, gnutls_datum_t *signature) {
  const wtls_gnutls_identity *self = identity;
  (void)key;
  (void)flags;
  if (algorithm != GNUTLS_SIGN_EDDSA_ED25519) return GNUTLS_E_PK_SIGN_FAILED;
  return give(self->signer, wtls_gnutls_signing_scheme(algorithm), (wasi_tls_bytes){message->data, message->size},
              signature);
}

static int tell(gnutls_privkey_t key, unsigned int flags, void *identity) {
  const wtls_gnutls_identity *self = identity;
  unsigned int bits = 0;
  int type = gnutls_pubkey_get_pk_algorithm(self->chain[0].pubkey, &bits);
  (void)key;
  if ((flags & GNUTLS_PRIVKEY_INFO_PK_ALGO) != 0) return type;
  if ((flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS) != 0) return (int)bits;
  if ((flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO) != 0)
    return wtls_gnutls_signing_scheme((gnutls_sign_algorithm_t)GNUTLS_FLAGS_TO_SIGN_ALGO(flags)) != 0 ? 1 : 0;
  return -1;
}

wasi_tls_result wtls_gnutls_take_signer(wtls_gnutls_identity *identity, const wasi_tls_backend_signer *signer) {
  identity->signer = signer;
  int taken = gnutls_privkey_init(&identity->key);
  if (taken == GNUTLS_E_SUCCESS)
    taken = gnutls_privkey_import_ext4(identity->key, identity, sign_data, sign_hash, NULL, NULL, tell, 0);
  return taken == GNUTLS_E_SUCCESS ? WASI_TLS_OK : wtls_gnutls_result(taken);
}
