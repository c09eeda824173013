/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Key agreement on the curves of NIST. A peer's point has to lie on its curve (RFC 8446, section 4.2.8.2; RFC 8422,
 * section 5.11), and the engine looks at that only where it is built to. Of a curve of prime order, any point will do.
 */
#include "backend_wolfssl.h"

#include <wolfssl/error-ssl.h>
#include <wolfssl/wolfcrypt/ecc.h>

#ifdef HAVE_PK_CALLBACKS

static int agree(WOLFSSL *ssl, ecc_key *own, ecc_key *peer, unsigned char *secret, word32 *secret_len) {
  if (wc_ecc_point_is_on_curve(&peer->pubkey, peer->idx) != 0) return ECC_PEERKEY_ERROR;
  int result = wc_ecc_set_rng(own, wolfSSL_GetRNG(ssl));
  return result == 0 ? wc_ecc_shared_secret(own, peer, secret, secret_len) : result;
}

static int agree_as_server(WOLFSSL *ssl, ecc_key *own, const unsigned char *point, word32 point_len,
                           unsigned char *secret, word32 *secret_len) {
  ecc_key peer;
  int result = wc_ecc_init(&peer);
  if (result != 0) return result;
  result = wc_ecc_import_x963_ex(point, point_len, &peer, own->dp->id);
  result = result == 0 ? agree(ssl, own, &peer, secret, secret_len) : ECC_PEERKEY_ERROR;
  wc_ecc_free(&peer);
  return result;
}

/* A client of TLS 1.2 makes its key when it has the server's. */
static int agree_as_client12(WOLFSSL *ssl, ecc_key *peer, unsigned char *point, word32 *point_len,
                             unsigned char *secret, word32 *secret_len) {
  ecc_key own;
  int result = wc_ecc_init(&own);
  if (result != 0) return result;
  result = wc_ecc_make_key_ex(wolfSSL_GetRNG(ssl), peer->dp->size, &own, peer->dp->id);
  if (result == 0) result = wc_ecc_export_x963(&own, point, point_len);
  if (result == 0) result = agree(ssl, &own, peer, secret, secret_len);
  wc_ecc_free(&own);
  return result;
}

/* One of the two keys is the engine's |key|: the client's is the peer's. */
static int agree_on_secret(WOLFSSL *ssl, ecc_key *key, unsigned char *point, word32 *point_len, unsigned char *secret,
                           word32 *secret_len, int side, void *unused) {
  (void)unused;
  if (side == WOLFSSL_SERVER_END) return agree_as_server(ssl, key, point, *point_len, secret, secret_len);
  if (wolfSSL_version(ssl) != TLS1_3_VERSION) return agree_as_client12(ssl, key, point, point_len, secret, secret_len);
  ecc_key *own = wtls_wolf_connection_of(ssl)->share;
  return own != NULL ? agree(ssl, own, key, secret, secret_len) : ECC_PEERKEY_ERROR;
}

/* For a share of TLS 1.3. The engine keeps the key, up to the secret or the next share. */
static int make_share(WOLFSSL *ssl, ecc_key *key, unsigned int len, int curve, void *unused) {
  (void)unused;
  wtls_wolf_connection_of(ssl)->share = key;
  return wc_ecc_make_key_ex(wolfSSL_GetRNG(ssl), (int)len, key, curve);
}

void wtls_wolf_install_share(WOLFSSL_CTX *context, bool client) {
  wolfSSL_CTX_SetEccSharedSecretCb(context, agree_on_secret);
  if (client) wolfSSL_CTX_SetEccKeyGenCb(context, make_share);
}

#else

/* The library was built without the calls. */
void wtls_wolf_install_share(WOLFSSL_CTX *context, bool client) {
  (void)context;
  (void)client;
}

#endif
