/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "backend_gnutls.h"

/* What only the handshake needed. */
static void trim(wtls_gnutls_connection *connection) {
  wtls_gnutls_forget_secret(connection);
  wtls_gnutls_drop_protocols(connection);
  connection->done = true;
}

wasi_tls_outcome wtls_gnutls_handshake(void *opaque, wasi_tls_backend_report *report) {
  wtls_gnutls_connection *connection = opaque;
  int error;
  do {
    connection->last_io = WASI_TLS_IO_OK;
    error = gnutls_handshake(connection->session);
  } while (wtls_gnutls_goes_on(connection, error));
  if (error != GNUTLS_E_SUCCESS) return wtls_gnutls_outcome(connection, error, report);
  trim(connection);
  return WASI_TLS_OUTCOME_OK;
}
