/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The embedder's signer of an opaque key, as an engine is shown it: what goes to it and what comes back is checked. */
#ifndef WASI_TLS_CORE_SIGNER_H
#define WASI_TLS_CORE_SIGNER_H

#include "wasi_tls/backend.h"
#include "wasi_tls/signer.h"
#include "x509.h"

typedef struct wtls_signer {
  wasi_tls_signer given; /* |sign| NULL: there is none */
  wtls_key_type key_type;
  wasi_tls_backend_signer shown;
} wtls_signer;

/* OK, _NULL_ARGUMENT, _STRUCT_SIZE. */
WASI_TLS_NODISCARD wasi_tls_result wtls_signer_check(const wasi_tls_signer *given);

/*
 * For the key of |leaf|, which has to live as long. |given| was checked. Its drop waits for wtls_signer_adopt.
 * OK, _KEY_TYPE.
 */
WASI_TLS_NODISCARD wasi_tls_result wtls_signer_init(wtls_signer *signer, const wasi_tls_signer *given,
                                                    const wtls_x509 *leaf);
/* From here on |signer| owns the context of |given|, and drops it when cleared. */
void wtls_signer_adopt(wtls_signer *signer, const wasi_tls_signer *given);
void wtls_signer_clear(wtls_signer *signer);

#endif
