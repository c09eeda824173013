/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "name_constraints.h"

#include <string.h>

#include "der.h"
#include "directory_name.h"

/* Tags of GeneralName. */
enum {
  NAME_EMAIL = WTLS_DER_CONTEXT | 1,
  NAME_DNS = WTLS_DER_CONTEXT | 2,
  NAME_DIRECTORY = WTLS_DER_CONTEXT | WTLS_DER_CONSTRUCTED | 4,
  NAME_IP = WTLS_DER_CONTEXT | 7
};

/* More names against constraints than that is nobody's certificate. */
#define MAX_COMPARISONS 65536u

typedef struct general_name {
  uint8_t tag;
  wasi_tls_bytes value;
} general_name;

static uint8_t lower(uint8_t c) {
  return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static bool ends_with(wasi_tls_bytes name, wasi_tls_bytes end) {
  if (name.len < end.len) return false;
  for (size_t i = 0; i < end.len; i++)
    if (lower(name.data[name.len - end.len + i]) != lower(end.data[i])) return false;
  return true;
}

/* The base itself, or anything with labels in front of it. */
static bool dns_within(wasi_tls_bytes name, wasi_tls_bytes base) {
  if (base.len == 0) return true;
  if (!ends_with(name, base)) return false;
  return name.len == base.len || base.data[0] == '.' || name.data[name.len - base.len - 1] == '.';
}

static bool split_mailbox(wasi_tls_bytes text, wasi_tls_bytes *local, wasi_tls_bytes *host) {
  const uint8_t *at = text.len != 0 ? memchr(text.data, '@', text.len) : NULL;
  if (at == NULL) return false;
  *local = (wasi_tls_bytes){text.data, (size_t)(at - text.data)};
  *host = (wasi_tls_bytes){at + 1, text.len - local->len - 1};
  return true;
}

/* A mailbox, all mailboxes of a host, or those of all hosts below a domain. */
static wtls_match match_email(wasi_tls_bytes name, wasi_tls_bytes base) {
  wasi_tls_bytes local;
  wasi_tls_bytes host;
  wasi_tls_bytes base_local;
  wasi_tls_bytes base_host;
  if (!split_mailbox(name, &local, &host)) return WTLS_MATCH_UNKNOWN;
  bool within;
  if (split_mailbox(base, &base_local, &base_host))
    within = wtls_bytes_equal(local, base_local) && host.len == base_host.len && ends_with(host, base_host);
  else if (base.len != 0 && base.data[0] == '.')
    within = ends_with(host, base);
  else
    within = base.len == 0 || (host.len == base.len && ends_with(host, base));
  return within ? WTLS_MATCH_YES : WTLS_MATCH_NO;
}

/* An address, and in the base a mask behind it. */
static wtls_match match_ip(wasi_tls_bytes name, wasi_tls_bytes base) {
  if ((name.len != 4 && name.len != 16) || (base.len != 8 && base.len != 32)) return WTLS_MATCH_UNKNOWN;
  if (base.len != 2 * name.len) return WTLS_MATCH_NO;
  for (size_t i = 0; i < name.len; i++)
    if (((name.data[i] ^ base.data[i]) & base.data[name.len + i]) != 0) return WTLS_MATCH_NO;
  return WTLS_MATCH_YES;
}

static wtls_match match_directory(wasi_tls_bytes name, wasi_tls_bytes base) {
  wasi_tls_bytes names;
  wasi_tls_bytes bases;
  if (!wtls_der_only(name, WTLS_DER_SEQUENCE, &names) || !wtls_der_only(base, WTLS_DER_SEQUENCE, &bases))
    return WTLS_MATCH_UNKNOWN;
  return wtls_directory_name_within(names, bases);
}

static wtls_match match(const general_name *name, const general_name *base) {
  switch (base->tag) {
    case NAME_DNS:
      return dns_within(name->value, base->value) ? WTLS_MATCH_YES : WTLS_MATCH_NO;
    case NAME_IP:
      return match_ip(name->value, base->value);
    case NAME_EMAIL:
      return match_email(name->value, base->value);
    case NAME_DIRECTORY:
      return match_directory(name->value, base->value);
    default:
      return WTLS_MATCH_UNKNOWN;
  }
}

/* A base with a minimum or maximum is none that may occur. */
static bool next_base(wasi_tls_bytes *subtrees, general_name *base, size_t *budget) {
  wasi_tls_bytes subtree;
  if (*budget == 0) return false;
  --*budget;
  return wtls_der_take(subtrees, WTLS_DER_SEQUENCE, &subtree) && wtls_der_next(&subtree, &base->tag, &base->value) &&
         subtree.len == 0;
}

static bool is_within(const general_name *name, const wtls_x509 *ca, size_t *budget) {
  wasi_tls_bytes permitted = ca->permitted;
  wasi_tls_bytes excluded = ca->excluded;
  general_name base;
  bool constrained = false;
  bool allowed = false;
  while (permitted.len != 0) {
    if (!next_base(&permitted, &base, budget)) return false;
    if (base.tag != name->tag) continue;
    constrained = true;
    allowed = allowed || match(name, &base) == WTLS_MATCH_YES;
  }
  while (excluded.len != 0) {
    if (!next_base(&excluded, &base, budget)) return false;
    if (base.tag == name->tag && match(name, &base) != WTLS_MATCH_NO) return false;
  }
  return allowed || !constrained;
}

bool wtls_names_are_within(const wtls_x509 *certificate, const wtls_x509 *ca) {
  const wasi_tls_bytes empty_name = {(const uint8_t *)"\x30\x00", 2};
  const general_name subject = {NAME_DIRECTORY, certificate->subject};
  wasi_tls_bytes names = certificate->general_names;
  size_t budget = MAX_COMPARISONS;
  if (ca->permitted.data == NULL && ca->excluded.data == NULL) return true;
  if (!wtls_bytes_equal(certificate->subject, empty_name) && !is_within(&subject, ca, &budget)) return false;
  while (names.len != 0) {
    general_name name;
    if (!wtls_der_next(&names, &name.tag, &name.value) || !is_within(&name, ca, &budget)) return false;
  }
  return true;
}
