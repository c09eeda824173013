/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "properties.h"

/* The getters of either connection, brought together. */
typedef struct properties {
  const char *role;
  wasi_tls_bytes server_name;
  wasi_tls_bytes alpn_id;
  wasi_tls_protocol_version version;
  wasi_tls_cipher_suite suite;
  bool has_version;
  bool has_suite;
  wasi_tls_public_identity *server_identity;
  wasi_tls_public_identity *client_identity;
} properties;

void step_log_add(step_log *self, const char *name) {
  if (self->count < sizeof(self->names) / sizeof(self->names[0])) self->names[self->count++] = name;
}

/* How many certificates, and the first of them: what can be told without parsing it. */
static void write_identity(json *out, const char *count_key, const char *leaf_key,
                           const wasi_tls_public_identity *identity) {
  const wasi_tls_bytes *certificates = NULL;
  size_t count = 0;
  if (identity != NULL && wasi_tls_public_identity_export_x509_chain(identity, &certificates, &count) != WASI_TLS_OK)
    count = 0;
  json_number(out, count_key, count);
  if (count > 0)
    json_base64(out, leaf_key, certificates[0]);
  else
    json_null(out, leaf_key);
}

static void write_code(json *out, const char *name_key, const char *code_key, bool known, const char *name,
                       unsigned code) {
  json_text(out, name_key, known ? name : NULL);
  if (known)
    json_number(out, code_key, code);
  else
    json_null(out, code_key);
}

static void write_properties(json *out, const char *engine, const properties *found, const step_log *steps) {
  json_open(out, NULL, '{');
  json_text(out, "role", found->role);
  json_text(out, "engine", engine);
  json_string(out, "server_name", found->server_name);
  json_string(out, "alpn", found->alpn_id);
  write_code(out, "version", "version_code", found->has_version, wasi_tls_protocol_version_name(found->version),
             found->version);
  write_code(out, "cipher_suite", "cipher_suite_code", found->has_suite, wasi_tls_cipher_suite_name(found->suite),
             found->suite);
  write_identity(out, "server_identity_certificates", "server_identity_leaf", found->server_identity);
  write_identity(out, "client_identity_certificates", "client_identity_leaf", found->client_identity);
  json_open(out, "steps", '[');
  for (size_t i = 0; i < steps->count; i++) json_text(out, NULL, steps->names[i]);
  json_close(out, ']');
  json_close(out, '}');
}

/* The public half of an identity of this side, whose handle is given up. */
static wasi_tls_public_identity *public_half(wasi_tls_private_identity *identity) {
  wasi_tls_public_identity *half = NULL;
  if (wasi_tls_private_identity_public_identity(identity, &half) != WASI_TLS_OK) half = NULL;
  wasi_tls_private_identity_free(identity);
  return half;
}

void properties_of_client(json *out, const char *engine, const wasi_tls_client_connection *connection,
                          const step_log *steps) {
  properties found = {.role = "client"};
  wasi_tls_private_identity *own = NULL;
  (void)wasi_tls_client_connection_server_name(connection, &found.server_name);
  (void)wasi_tls_client_connection_alpn_id(connection, &found.alpn_id);
  found.has_version = wasi_tls_client_connection_protocol_version(connection, &found.version);
  found.has_suite = wasi_tls_client_connection_cipher_suite(connection, &found.suite);
  (void)wasi_tls_client_connection_server_identity(connection, &found.server_identity);
  if (wasi_tls_client_connection_client_identity(connection, &own)) found.client_identity = public_half(own);
  write_properties(out, engine, &found, steps);
  wasi_tls_public_identity_free(found.server_identity);
  wasi_tls_public_identity_free(found.client_identity);
}

void properties_of_server(json *out, const char *engine, const wasi_tls_server_connection *connection,
                          const step_log *steps) {
  properties found = {.role = "server"};
  wasi_tls_private_identity *own = NULL;
  (void)wasi_tls_server_connection_server_name(connection, &found.server_name);
  (void)wasi_tls_server_connection_alpn_id(connection, &found.alpn_id);
  found.has_version = wasi_tls_server_connection_protocol_version(connection, &found.version);
  found.has_suite = wasi_tls_server_connection_cipher_suite(connection, &found.suite);
  (void)wasi_tls_server_connection_client_identity(connection, &found.client_identity);
  if (wasi_tls_server_connection_server_identity(connection, &own)) found.server_identity = public_half(own);
  write_properties(out, engine, &found, steps);
  wasi_tls_public_identity_free(found.server_identity);
  wasi_tls_public_identity_free(found.client_identity);
}
