/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What somebody who installed the library writes first. */
#include <stdio.h>
#include <wasi_tls/adapters.h>
#include <wasi_tls/wasi_tls.h>

int main(void) {
  wasi_tls_config_options options;
  wasi_tls_config_options_init(&options);
  options.server_trust.source = WASI_TLS_TRUST_LIST;
  wasi_tls_config *config = NULL;
  wasi_tls_error error;
  wasi_tls_error_init(&error);
  wasi_tls_result result = wasi_tls_config_new(&options, &config, &error);
  if (result != WASI_TLS_OK) {
    fprintf(stderr, "%s: %s\n", wasi_tls_result_name(result), error.text);
    return 1;
  }
  printf("wasi-tls %s with %s\n", wasi_tls_version(), wasi_tls_config_engine(config));
  wasi_tls_config_free(config);

  wasi_tls_input_stream *reader = NULL;
  wasi_tls_output_stream *writer = NULL;
  if (wasi_tls_pipe_new(1024, &reader, &writer) != WASI_TLS_OK) return 1;
  wasi_tls_input_stream_free(reader);
  wasi_tls_output_stream_free(writer);
  return 0;
}
