/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "status.h"

#include <stdio.h>

void print_identity(const char *label, const optional_identity *identity) {
  guest_list_list_u8_t chain;
  if (!identity->is_some) {
    printf("%s: none\n", label);
    return;
  }
  wasi_tls_types_method_public_identity_export_x509_chain(wasi_tls_types_borrow_public_identity(identity->val), &chain);
  printf("%s: %zu certificates of", label, chain.len);
  for (size_t i = 0; i < chain.len; i++) printf(" %zu", chain.ptr[i].len);
  printf(" bytes\n");
  guest_list_list_u8_free(&chain);
}

void drop_identity(const optional_identity *identity) {
  if (identity->is_some) wasi_tls_types_public_identity_drop_own(identity->val);
}

public_identity public_part(private_identity own) {
  public_identity part =
      wasi_tls_types_method_private_identity_public_identity(wasi_tls_types_borrow_private_identity(own));
  wasi_tls_types_private_identity_drop_own(own);
  return part;
}

void print_status(status *all) {
  guest_string_t *name = &all->server_name.val;
  wasi_tls_types_alpn_id_t *alpn = &all->alpn_id.val;
  print_bytes("server name", all->server_name.is_some ? (bytes){name->ptr, name->len} : text_bytes("none"));
  print_bytes("alpn", all->alpn_id.is_some ? (bytes){alpn->ptr, alpn->len} : text_bytes("none"));
  print_identity("client identity", &all->client);
  print_identity("server identity", &all->server);
  printf("protocol version: TLSv1.%d\n", all->version - 0x0301);
  printf("cipher suite: 0x%04x\n", (unsigned)all->suite);

  guest_option_string_free(&all->server_name);
  wasi_tls_types_option_alpn_id_free(&all->alpn_id);
  drop_identity(&all->client);
  drop_identity(&all->server);
}

void print_error(const char *what, wasi_tls_types_error_detail_t *error) {
  static const char *const classes[] = {"usage",  "configuration", "identity", "protocol", "peer-alert",
                                        "verify", "transport",     "closed",   "limit",    "internal"};
  fprintf(stderr, "%s: %s: %.*s", what, classes[error->class_], (int)error->text.len, (const char *)error->text.ptr);
  if (error->alert.is_some)
    fprintf(stderr, " (alert %u %s)", (unsigned)error->alert.val, error->alert_received ? "received" : "sent");
  fputc('\n', stderr);
  wasi_tls_types_error_detail_free(error);
}
