/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Keys that are held elsewhere. The engine asks its callbacks for a signature wherever a context has them, so contexts
 * for such keys are apart from the others. Where a private key would be loaded it takes the public one there.
 */
#include "backend_wolfssl.h"

#include <wolfssl/wolfcrypt/error-crypt.h>

#if WTLS_WOLF_OPAQUE_KEYS

/* |scheme| 0: |data| is a DigestInfo. Any error of ours will do: what it means is told by the connection. */
static int sign(WOLFSSL *ssl, uint16_t scheme, wasi_tls_bytes data, uint8_t *out, word32 *out_len) {
  wtls_wolf_connection *connection = wtls_wolf_connection_of(ssl);
  const wasi_tls_backend_signer *signer = connection->own != NULL ? connection->own->signer : NULL;
  size_t len = 0;
  bool made = signer != NULL && *out_len >= signer->signature_len &&
              (scheme != 0 ? signer->sign(signer->core, scheme, data, out, &len)
                           : signer->sign_digest_info(signer->core, data, out, &len));
  connection->is_unsigned = !made;
  if (made) *out_len = (word32)len;
  return made ? 0 : BAD_STATE_E;
}

/* The length of the digest tells the hash. Any other leads to a scheme that there is not. */
static int sign_digest(WOLFSSL *ssl, const uint16_t schemes[3], wasi_tls_bytes digest, uint8_t *out, word32 *out_len) {
  enum { STEP = 16, SHORTEST = 32, NO_SCHEME = 0xFFFF };
  size_t index = (digest.len - SHORTEST) / STEP;
  bool known = digest.len >= SHORTEST && digest.len % STEP == 0 && index < 3;
  return sign(ssl, known ? schemes[index] : NO_SCHEME, digest, out, out_len);
}

static int sign_ecdsa(WOLFSSL *ssl, const unsigned char *in, unsigned int in_len, unsigned char *out, word32 *out_len,
                      const unsigned char *key, unsigned int key_len, void *unused) {
  (void)key;
  (void)key_len;
  (void)unused;
  static const uint16_t schemes[] = {0x0403, 0x0503, 0x0603};
  return sign_digest(ssl, schemes, (wasi_tls_bytes){in, in_len}, out, out_len);
}

static int sign_pss(WOLFSSL *ssl, const unsigned char *in, unsigned int in_len, unsigned char *out,
                    unsigned int *out_len, int hash, int mask, const unsigned char *key, unsigned int key_len,
                    void *unused) {
  (void)hash;
  (void)mask;
  (void)key;
  (void)key_len;
  (void)unused;
  static const uint16_t schemes[] = {0x0804, 0x0805, 0x0806};
  return sign_digest(ssl, schemes, (wasi_tls_bytes){in, in_len}, out, out_len);
}

static int sign_pkcs1(WOLFSSL *ssl, const unsigned char *in, unsigned int in_len, unsigned char *out, word32 *out_len,
                      const unsigned char *key, unsigned int key_len, void *unused) {
  (void)key;
  (void)key_len;
  (void)unused;
  return sign(ssl, 0, (wasi_tls_bytes){in, in_len}, out, out_len);
}

static int sign_ed25519(WOLFSSL *ssl, const unsigned char *in, unsigned int in_len, unsigned char *out,
                        unsigned int *out_len, const unsigned char *key, unsigned int key_len, void *unused) {
  (void)key;
  (void)key_len;
  (void)unused;
  return sign(ssl, 0x0807, (wasi_tls_bytes){in, in_len}, out, out_len);
}

/* The engine checks its own RSA signatures and no others; that is left to the peer, as on every engine. */
static int pass_pkcs1(WOLFSSL *ssl, unsigned char *signature, unsigned int len, unsigned char **out,
                      const unsigned char *key, unsigned int key_len, void *unused) {
  (void)ssl;
  (void)signature;
  (void)len;
  (void)out;
  (void)key;
  (void)key_len;
  (void)unused;
  return 0;
}

static int pass_pss(WOLFSSL *ssl, unsigned char *signature, unsigned int len, unsigned char **out, int hash, int mask,
                    const unsigned char *key, unsigned int key_len, void *unused) {
  (void)hash;
  (void)mask;
  return pass_pkcs1(ssl, signature, len, out, key, key_len, unused);
}

void wtls_wolf_install_signing(WOLFSSL_CTX *context) {
  wolfSSL_CTX_SetEccSignCb(context, sign_ecdsa);
  wolfSSL_CTX_SetEd25519SignCb(context, sign_ed25519);
  wolfSSL_CTX_SetRsaSignCb(context, sign_pkcs1);
  wolfSSL_CTX_SetRsaSignCheckCb(context, pass_pkcs1);
  wolfSSL_CTX_SetRsaPssSignCb(context, sign_pss);
  wolfSSL_CTX_SetRsaPssSignCheckCb(context, pass_pss);
}

#else

void wtls_wolf_install_signing(WOLFSSL_CTX *context) {
  (void)context;
}

#endif
