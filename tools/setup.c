/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "setup.h"

#include "files.h"
#include "report.h"

static wasi_tls_bytes bytes_of(const file_content *content) {
  return (wasi_tls_bytes){content->data, content->len};
}

static bool new_config(const wasi_tls_config_options *options, wasi_tls_config **config) {
  wasi_tls_error error;
  wasi_tls_error_init(&error);
  wasi_tls_result result = wasi_tls_config_new(options, config, &error);
  if (result == WASI_TLS_OK) return true;
  error.result = result;
  report_error(&error);
  return false;
}

bool setup_config(const arguments *wanted, wasi_tls_config **config) {
  wasi_tls_config_options options;
  wasi_tls_config_options_init(&options);
  options.engine = wanted->engine;
  options.client_identity = wanted->client_identity;
  options.post_handshake_auth = wanted->command == COMMAND_CLIENT && wanted->identities.count > 0;
  if (wanted->version != 0) options.min_version = options.max_version = wanted->version;

  const char *anchors = wanted->command == COMMAND_CLIENT ? wanted->ca : wanted->client_ca;
  if (anchors == NULL) return new_config(&options, config);
  file_content content;
  if (!file_read(anchors, &content)) return false;
  wasi_tls_bytes anchor = bytes_of(&content);
  wasi_tls_trust trust = {WASI_TLS_TRUST_LIST, &anchor, 1};
  if (wanted->command == COMMAND_CLIENT)
    options.server_trust = trust;
  else
    options.client_trust = trust;
  bool good = new_config(&options, config);
  file_release(&content);
  return good;
}

static bool load_identity(wasi_tls_config *config, const identity_files *files, wasi_tls_private_identity **identity) {
  file_content certificate;
  file_content key;
  if (!file_read(files->certificate, &certificate)) return false;
  bool good = file_read(files->key, &key);
  if (good) {
    wasi_tls_bytes chain = bytes_of(&certificate);
    wasi_tls_result result = wasi_tls_private_identity_parse(config, bytes_of(&key), &chain, 1, identity);
    good = result == WASI_TLS_OK;
    if (!good) report_result(result, "%s with %s", files->certificate, files->key);
    file_release(&key);
  }
  file_release(&certificate);
  return good;
}

bool setup_identities(wasi_tls_config *config, const identity_files_list *files,
                      wasi_tls_private_identity **identities) {
  for (size_t i = 0; i < files->count; i++) {
    if (load_identity(config, &files->items[i], &identities[i])) continue;
    setup_identities_free(identities, i);
    return false;
  }
  return true;
}

void setup_identities_free(wasi_tls_private_identity **identities, size_t count) {
  for (size_t i = 0; i < count; i++) wasi_tls_private_identity_free(identities[i]);
}
