/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Printing what wasi:tls@0.1.0-draft tells of a connection. */
#ifndef GUESTS_STATUS_H
#define GUESTS_STATUS_H

#include "tls.h"

/* What a connection knows of itself, whichever end it is. */
typedef struct status {
  guest_option_string_t server_name;
  wasi_tls_types_option_alpn_id_t alpn_id;
  optional_identity client;
  optional_identity server;
  wasi_tls_types_protocol_version_t version;
  wasi_tls_types_cipher_suite_t suite;
} status;

/* "label: none", or how many certificates of how many bytes. */
void print_identity(const char *label, const optional_identity *identity);
/* One property a line. Frees what is in it. */
void print_status(status *all);
/* Prints why a connection ended, after |what|, and frees it. */
void print_error(const char *what, wasi_tls_types_error_detail_t *error);

void drop_identity(const optional_identity *identity);
/* The part of an identity that may be seen. Drops |own|. */
public_identity public_part(private_identity own);

#endif
