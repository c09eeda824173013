/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/**
 * @file wasi_tls.h
 * Everything an embedder of the WIT interface needs. Not included: endpoint.h (the layer without
 * streams), adapters.h (ready-made raw streams), backend.h (for authors of engines).
 */
#ifndef WASI_TLS_H
#define WASI_TLS_H

#include "client.h"
#include "config.h"
#include "engine.h"
#include "error.h"
#include "export.h"
#include "future.h"
#include "identity.h"
#include "server.h"
#include "signer.h"
#include "stream.h"
#include "types.h"

#endif
