/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Filling in wasi_tls_error. */
#ifndef WASI_TLS_CORE_FAULT_H
#define WASI_TLS_CORE_FAULT_H

#include "wasi_tls/error.h"

/* Copies to a caller's struct; false if either is NULL or the caller's size is not ours. */
bool wtls_error_copy(wasi_tls_error *to, const wasi_tls_error *from);
/* Sets the text, cut off where it is too long. */
void wtls_error_text(wasi_tls_error *error, const char *text);
/* Fills in a caller's optional struct afresh, and returns |result|. */
wasi_tls_result wtls_error_set(wasi_tls_error *error, wasi_tls_result result, const char *text);

/* For the rare call whose failure the endpoint keeps, so that the caller need not look. */
static inline void wtls_kept(wasi_tls_result result) {
  (void)result;
}

#endif
