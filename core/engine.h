/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The engines that are built in. */
#ifndef WASI_TLS_CORE_ENGINE_H
#define WASI_TLS_CORE_ENGINE_H

#include "wasi_tls/backend.h"

/* By name, or the first for NULL; NULL if there is none. */
const wasi_tls_backend *wtls_engine_find(const char *name);
bool wtls_backend_supports(const wasi_tls_backend *backend, wasi_tls_capability capability);

#endif
