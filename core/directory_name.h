/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Comparison of distinguished names (RFC 5280, section 7.1). */
#ifndef WASI_TLS_CORE_DIRECTORY_NAME_H
#define WASI_TLS_CORE_DIRECTORY_NAME_H

#include "reader.h"

typedef enum wtls_match { WTLS_MATCH_NO, WTLS_MATCH_YES, WTLS_MATCH_UNKNOWN /* can't be told */ } wtls_match;

/*
 * Whether |name| begins with all of |base|; both are the contents of a Name. Strings are compared without regard to
 * case and to how they are encoded, as far as ASCII goes.
 */
wtls_match wtls_directory_name_within(wasi_tls_bytes name, wasi_tls_bytes base);

#endif
