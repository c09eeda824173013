/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The alerts (RFC 8446, section 6) that the core chooses by itself. */
#ifndef WASI_TLS_CORE_ALERT_H
#define WASI_TLS_CORE_ALERT_H

enum {
  WTLS_ALERT_UNEXPECTED_MESSAGE = 10,
  WTLS_ALERT_RECORD_OVERFLOW = 22,
  WTLS_ALERT_ILLEGAL_PARAMETER = 47,
  WTLS_ALERT_DECODE_ERROR = 50,
  WTLS_ALERT_PROTOCOL_VERSION = 70,
  WTLS_ALERT_INTERNAL_ERROR = 80
};

#endif
