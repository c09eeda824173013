/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What the tool tells a script: exit codes, and error lines of one shape. */
#ifndef WASI_TLS_TOOL_REPORT_H
#define WASI_TLS_TOOL_REPORT_H

#include "wasi_tls/wasi_tls.h"

enum exit_code {
  EXIT_CODE_OK = 0,
  EXIT_CODE_USAGE = 1,
  EXIT_CODE_CONFIGURATION = 2,
  EXIT_CODE_NETWORK = 3,
  EXIT_CODE_HANDSHAKE = 4,
  EXIT_CODE_CONNECTION = 5
};

/* One line: "wasi-tls: error: <class>: <name>: <text>". For what is not a result of the library. */
__attribute__((format(printf, 3, 4))) void report_text(const char *class_name, const char *name, const char *format,
                                                       ...);

/* The same for a result that comes without detail; the text says what was tried. */
__attribute__((format(printf, 2, 3))) void report_result(wasi_tls_result result, const char *format, ...);

/* The same with all detail: "... (alert N name, sent|received) (verify <reason> at depth D)". */
void report_error(const wasi_tls_error *error);

#endif
