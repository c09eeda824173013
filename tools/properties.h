/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What is known about a connection, as one JSON object. */
#ifndef WASI_TLS_TOOL_PROPERTIES_H
#define WASI_TLS_TOOL_PROPERTIES_H

#include "json.h"
#include "wasi_tls/wasi_tls.h"

/* The steps that a handshake took, by their names in the WIT. */
typedef struct step_log {
  const char *names[5];
  size_t count;
} step_log;

void step_log_add(step_log *self, const char *name);

void properties_of_client(json *out, const char *engine, const wasi_tls_client_connection *connection,
                          const step_log *steps);
void properties_of_server(json *out, const char *engine, const wasi_tls_server_connection *connection,
                          const step_log *steps);

#endif
