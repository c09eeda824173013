/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* wasi:tls@0.2.0-draft: the handshake. */
#ifndef GUESTS_TLS02_H
#define GUESTS_TLS02_H

#include "io.h"

typedef wasi_tls_types_own_client_connection_t client_connection;

/* A client for |server_name| over raw streams, which it owns from here on. False if it failed, for the reason printed.
 */
bool tls02_handshake(streams raw, const char *server_name, client_connection *connection, streams *tls);

#endif
