/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/**
 * @file signer.h
 * For embedders, and not of the WIT: identities whose private key is held elsewhere. A guest gets one by name, as any
 * that the embedder has registered (wasi_tls_named_identity in config.h), and can't tell it from the others.
 */
#ifndef WASI_TLS_SIGNER_H
#define WASI_TLS_SIGNER_H

#include "error.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Signs in the place of a private key that this library never sees: one in a hardware module, in another process, on
 * another machine. Call wasi_tls_signer_init first.
 */
typedef struct wasi_tls_signer {
  size_t size; /**< sizeof(wasi_tls_signer) */
  void *context;
  /**
   * Makes one signature. What it is asked for is the same on every engine:
   *
   * |scheme| is an IANA SignatureScheme (RFC 8446, section 4.2.3) that fits the key:
   *   RSA: rsa_pss_rsae_sha256, _sha384, _sha512 (0x0804 to 0x0806; the salt is as long as the digest), and under
   *     TLS 1.2 also rsa_pkcs1_sha256, _sha384, _sha512 (0x0401, 0x0501, 0x0601);
   *   P-256, P-384: ecdsa_secp256r1_sha256 (0x0403), ecdsa_secp384r1_sha384 (0x0503); under TLS 1.2 these two and
   *     0x0603 name a hash only, and either may be asked of either curve;
   *   Ed25519: ed25519 (0x0807).
   * |data| is the digest by the scheme's hash, and for Ed25519 the message itself. It is borrowed for the call.
   * |signature| has room for |capacity| bytes: the longest signature by the key. |*len| is how many were stored. An RSA
   * signature is as long as the modulus, one of Ed25519 is 64 bytes, one of ECDSA is an ECDSA-Sig-Value in DER.
   *
   * Returns true with a signature, or false. After false, or a signature of a length or a form that can't be, the
   * handshake ends with internal_error, and WASI_TLS_ERR_SIGNER is its error. A signature that is only wrong is sent,
   * and the peer refuses it. Nothing is asked for again.
   *
   * Thread: the one that drives the connection, which waits meanwhile; several may be in here at once. The function may
   * use other connections and configurations, but not the connection that it signs for.
   */
  bool (*sign)(void *context, uint16_t scheme, wasi_tls_bytes data, uint8_t *signature, size_t capacity, size_t *len);
  /**
   * Called once, when the last hold on the identity goes, by whoever gives it up; |sign| is not called again. Only if
   * the identity was made: after a failure |context| is still the caller's. NULL: nothing is to be done.
   */
  void (*drop)(void *context);
} wasi_tls_signer;

/** Sets size, and clears the rest. NULL is ignored. */
WASI_TLS_API void wasi_tls_signer_init(wasi_tls_signer *signer);

/**
 * Makes an identity whose private key is held elsewhere.
 *
 * |x509_chain| is as for wasi_tls_private_identity_parse; its first certificate says what the public key is. Nothing is
 * signed here, so a signer of another key is not noticed before a peer does. |signer| itself is copied, and its context
 * is the identity's from WASI_TLS_OK on. The caller owns |*identity|.
 *
 * Returns WASI_TLS_OK, _NULL_ARGUMENT, _STRUCT_SIZE, _UNSUPPORTED (an engine without WASI_TLS_CAP_OPAQUE_KEYS),
 * _KEY_TYPE, _KEY_TOO_SMALL, _CERTIFICATE_FORMAT, _CHAIN_EMPTY, _CHAIN_ORDER, _CHAIN_TOO_LONG, _WEAK_SIGNATURE,
 * _OUT_OF_MEMORY, _ENGINE. Thread: any.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_private_identity_from_signer(
    wasi_tls_config *config, const wasi_tls_signer *signer, const wasi_tls_bytes *x509_chain, size_t count,
    wasi_tls_private_identity **identity);

#ifdef __cplusplus
}
#endif

#endif
