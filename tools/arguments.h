/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The command line. */
#ifndef WASI_TLS_TOOL_ARGUMENTS_H
#define WASI_TLS_TOOL_ARGUMENTS_H

#include <stdbool.h>

#include "net.h"
#include "wasi_tls/wasi_tls.h"

enum { ARGUMENTS_IDENTITIES = 16, ARGUMENTS_ALPN_IDS = 64 };

typedef enum command { COMMAND_ENGINES, COMMAND_CLIENT, COMMAND_SERVER, COMMAND_COUNT } command;

typedef enum server_mode { MODE_ECHO, MODE_HTTP, MODE_DISCARD } server_mode;

typedef struct identity_files {
  const char *name; /* --sni: for which server name; else NULL */
  const char *certificate;
  const char *key;
} identity_files;

typedef struct identity_files_list {
  identity_files items[ARGUMENTS_IDENTITIES];
  size_t count;
} identity_files_list;

/* All text is borrowed from argv. */
typedef struct arguments {
  command command;
  const char *engine; /* NULL: the first */
  const char *ca;     /* NULL: the system's store */
  const char *client_ca;
  const char *server_name; /* NULL: the host */
  net_address address;
  wasi_tls_bytes alpn[ARGUMENTS_ALPN_IDS];
  size_t alpn_count;
  identity_files_list identities;    /* --cert and --key */
  identity_files_list sni;           /* --sni */
  wasi_tls_protocol_version version; /* 0: all */
  wasi_tls_client_identity_policy client_identity;
  server_mode mode;
  unsigned long connections; /* 0: no end */
  bool verify_step;
  bool identity_step;
  bool info;
  bool json;
  bool post_handshake_auth;
} arguments;

/* False: there is nothing to run, |*exit_code| is set, and help or an error has been printed. */
bool arguments_parse(int argc, char **argv, arguments *parsed, int *exit_code);

#endif
