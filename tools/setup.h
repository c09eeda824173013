/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* From the command line to the library's configuration and identities. */
#ifndef WASI_TLS_TOOL_SETUP_H
#define WASI_TLS_TOOL_SETUP_H

#include "arguments.h"

/* Reports and answers false on failure. */
bool setup_config(const arguments *wanted, wasi_tls_config **config);

/* Parses all of |files| into |identities|, which has room for ARGUMENTS_IDENTITIES. Reports and frees on failure. */
bool setup_identities(wasi_tls_config *config, const identity_files_list *files,
                      wasi_tls_private_identity **identities);

void setup_identities_free(wasi_tls_private_identity **identities, size_t count);

#endif
