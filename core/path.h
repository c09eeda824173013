/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The way from an end entity to an anchor, among the certificates of a peer and the anchors. */
#ifndef WASI_TLS_CORE_PATH_H
#define WASI_TLS_CORE_PATH_H

#include "validation.h"

typedef struct wtls_path {
  const wtls_x509 **items; /* end entity first, anchor last */
  size_t count;
} wtls_path;

/*
 * Fills in |path|, which has room for one more than |count|. A peer may send certificates in any order, and others that
 * are not needed; an anchor is preferred to what was sent, and what is valid now to what is not. That an end entity is
 * an anchor itself counts where no path leads to one. OK, _UNTRUSTED (|path| is as far as it goes), _PATH_LENGTH.
 */
wasi_tls_verify_reason wtls_path_build(const wtls_validation *validation, const wtls_x509 *presented, size_t count,
                                       wtls_path *path);

#endif
