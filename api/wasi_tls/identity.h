/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/**
 * @file identity.h
 * WIT resources `public-identity` and `private-identity`.
 *
 * Identities are immutable and counted: a handle may be freed at any time, whoever uses the identity
 * keeps its own hold. They may be used on any thread and by any number of connections at once.
 * The private key can't be read back; its memory is wiped when the last hold goes.
 */
#ifndef WASI_TLS_IDENTITY_H
#define WASI_TLS_IDENTITY_H

#include "error.h"
#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * WIT `public-identity.export-X509-chain`: the certificates in DER, end entity first, in the order given or received.
 * Stores |*count| and an array in |*certificates| that stays valid as long as |self|.
 * Returns WASI_TLS_OK or WASI_TLS_ERR_NULL_ARGUMENT.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_public_identity_export_x509_chain(
    const wasi_tls_public_identity *self, const wasi_tls_bytes **certificates, size_t *count);

/** Resource drop. NULL is ignored. */
WASI_TLS_API void wasi_tls_public_identity_free(wasi_tls_public_identity *self);

/**
 * WIT `private-identity.parse`: makes an identity from a private key and its chain.
 *
 * |private_key| is PKCS#8, PKCS#1 or SEC1, in DER or PEM: RSA of at least 2048 bits, P-256, P-384 or Ed25519.
 * |x509_chain| holds |count| certificates, end entity first, each issued by the next; each entry is one DER
 * certificate, or PEM with one or more. All is copied. |config| chooses engine, allocator and limits.
 * The caller owns |*identity|.
 *
 * Returns WASI_TLS_OK, WASI_TLS_ERR_NULL_ARGUMENT, any of the identity class but _IDENTITY_ENGINE,
 * _OUT_OF_MEMORY, _ENGINE. Thread: any.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_private_identity_parse(wasi_tls_config *config,
                                                                                wasi_tls_bytes private_key,
                                                                                const wasi_tls_bytes *x509_chain,
                                                                                size_t count,
                                                                                wasi_tls_private_identity **identity);

/**
 * WIT `private-identity.open`, @unstable(feature = named-identities): an identity that the embedder registered.
 * The caller owns |*identity|. Returns WASI_TLS_OK, _NULL_ARGUMENT, _NO_SUCH_IDENTITY. Thread: any.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result wasi_tls_private_identity_open(wasi_tls_config *config,
                                                                               wasi_tls_bytes name,
                                                                               wasi_tls_private_identity **identity);

/**
 * WIT `private-identity.public-identity`. The caller owns |*identity|.
 * Returns WASI_TLS_OK, _NULL_ARGUMENT. Thread: any.
 */
WASI_TLS_API WASI_TLS_NODISCARD wasi_tls_result
wasi_tls_private_identity_public_identity(const wasi_tls_private_identity *self, wasi_tls_public_identity **identity);

/** Resource drop. NULL is ignored. */
WASI_TLS_API void wasi_tls_private_identity_free(wasi_tls_private_identity *self);

#ifdef __cplusplus
}
#endif

#endif
