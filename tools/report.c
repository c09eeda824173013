/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Writes the whole line at once, so that lines of several processes on one terminal stay apart. */
static void write_line(const char *class_name, const char *name, const char *text, const char *suffix) {
  char line[1024];
  int len = snprintf(line, sizeof(line) - 1, "wasi-tls: error: %s: %s: %s%s", class_name, name, text, suffix);
  if (len < 0) return;
  if ((size_t)len > sizeof(line) - 2) len = (int)sizeof(line) - 2;
  /* A name from the command line or an engine's text could forge a second line. */
  for (int i = 0; i < len; i++)
    if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f) line[i] = '?';
  line[len] = '\n';
  (void)fwrite(line, 1, (size_t)len + 1, stderr);
}

void report_text(const char *class_name, const char *name, const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  write_line(class_name, name, text, "");
}

void report_result(wasi_tls_result result, const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  write_line(wasi_tls_error_class_name(wasi_tls_result_class(result)), wasi_tls_result_name(result), text, "");
}

void report_error(const wasi_tls_error *error) {
  char suffix[256] = "";
  if (error->alert != WASI_TLS_NO_ALERT)
    (void)snprintf(suffix, sizeof(suffix), " (alert %u %s, %s)", (unsigned)error->alert,
                   wasi_tls_alert_name(error->alert), error->alert_received ? "received" : "sent");
  if (error->verify_reason != WASI_TLS_VERIFY_OK) {
    size_t used = strlen(suffix);
    (void)snprintf(suffix + used, sizeof(suffix) - used, " (verify %s at depth %u)",
                   wasi_tls_verify_reason_name(error->verify_reason), (unsigned)error->verify_depth);
  }
  const char *name = wasi_tls_result_name(error->result);
  write_line(wasi_tls_error_class_name(wasi_tls_result_class(error->result)), name,
             error->text[0] != '\0' ? error->text : name, suffix);
}
