/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include <stdio.h>

#include "commands.h"
#include "json.h"

static enum exit_code print_json(void) {
  json out = {0};
  json_open(&out, NULL, '[');
  for (size_t i = 0; i < wasi_tls_engine_count(); i++) {
    const char *name = wasi_tls_engine_name(i);
    json_open(&out, NULL, '{');
    json_text(&out, "name", name);
    json_text(&out, "version", wasi_tls_engine_version(name));
    json_open(&out, "capabilities", '{');
    for (int k = 0; k < WASI_TLS_CAP_COUNT; k++)
      json_bool(&out, wasi_tls_capability_name((wasi_tls_capability)k),
                wasi_tls_engine_supports(name, (wasi_tls_capability)k));
    json_close(&out, '}');
    json_close(&out, '}');
  }
  json_close(&out, ']');
  bool good = !out.failed && puts(out.text) >= 0;
  json_release(&out);
  return good ? EXIT_CODE_OK : EXIT_CODE_CONFIGURATION;
}

static void print_row(const char *title, const char *(*cell)(const char *engine, int row), int row) {
  printf("%-32s", title);
  for (size_t i = 0; i < wasi_tls_engine_count(); i++) printf("  %-16s", cell(wasi_tls_engine_name(i), row));
  putchar('\n');
}

static const char *name_cell(const char *engine, int row) {
  (void)row;
  return engine;
}

static const char *version_cell(const char *engine, int row) {
  (void)row;
  return wasi_tls_engine_version(engine);
}

static const char *capability_cell(const char *engine, int row) {
  return wasi_tls_engine_supports(engine, (wasi_tls_capability)row) ? "yes" : "no";
}

enum exit_code command_engines(const arguments *wanted) {
  if (wanted->json) return print_json();
  print_row("engine", name_cell, 0);
  print_row("version", version_cell, 0);
  for (int k = 0; k < WASI_TLS_CAP_COUNT; k++)
    print_row(wasi_tls_capability_name((wasi_tls_capability)k), capability_cell, k);
  return EXIT_CODE_OK;
}
