/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The engines that were built in, in the order they were given to the build. */
#ifndef WASI_TLS_CORE_ENGINE_LIST_H
#define WASI_TLS_CORE_ENGINE_LIST_H

#include <stddef.h>

#include "wasi_tls/backend.h"

/* Ends with a NULL that wtls_engine_list_count does not count. */
extern const struct wasi_tls_backend *const wtls_engine_list[];
extern const size_t wtls_engine_list_count;

#endif
