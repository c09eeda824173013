/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Standard input to the peer, and the peer to standard output, both at once. */
#ifndef WASI_TLS_TOOL_CLIENT_PUMP_H
#define WASI_TLS_TOOL_CLIENT_PUMP_H

#include "wasi_tls/adapters.h"
#include "wasi_tls/wasi_tls.h"

typedef enum pump_end {
  PUMP_CLOSED,       /* the peer has closed */
  PUMP_FAILED,       /* the connection has failed */
  PUMP_LOCAL_FAILURE /* standard input or output has; already reported */
} pump_end;

/* Runs until the peer closes. Takes over both streams. */
pump_end client_pump(wasi_tls_fd_loop *loop, wasi_tls_input_stream *input, wasi_tls_output_stream *output);

#endif
