/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "server_name.h"

#include <arpa/inet.h>
#include <string.h>

#define MAX_LABEL 63u

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_name_character(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '_';
}

/* Labels of 1 to 63 characters; the last one has something other than digits (RFC 1123, section 2.1). */
static bool is_dns_name(const char *name) {
  size_t label = 0;
  bool numeric = true;
  for (; *name != '\0'; name++) {
    if (*name == '.') {
      if (label == 0) return false;
      label = 0;
      numeric = true;
      continue;
    }
    if (!is_name_character(*name) || ++label > MAX_LABEL) return false;
    if (!is_digit(*name)) numeric = false;
  }
  return label != 0 && !numeric;
}

wasi_tls_result wtls_server_name_parse(wasi_tls_bytes text, wtls_server_name *name) {
  wtls_server_name parsed = {0};
  char copy[sizeof(parsed.dns) + 1]; /* with a final dot */
  if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.data, 0, text.len) != NULL)
    return WASI_TLS_ERR_SERVER_NAME;
  memcpy(copy, text.data, text.len);
  copy[text.len] = '\0';
  if (inet_pton(AF_INET, copy, parsed.ip) == 1) {
    parsed.ip_len = 4;
  } else if (inet_pton(AF_INET6, copy, parsed.ip) == 1) {
    parsed.ip_len = 16;
  } else {
    parsed.dns_len = copy[text.len - 1] == '.' ? text.len - 1 : text.len;
    copy[parsed.dns_len] = '\0';
    if (parsed.dns_len >= sizeof(parsed.dns) || !is_dns_name(copy)) return WASI_TLS_ERR_SERVER_NAME;
    memcpy(parsed.dns, copy, parsed.dns_len);
  }
  *name = parsed;
  return WASI_TLS_OK;
}

static bool equal_without_case(wasi_tls_bytes pattern, const char *name, size_t len) {
  if (pattern.len != len) return false;
  for (size_t i = 0; i < len; i++)
    if (lower((char)pattern.data[i]) != lower(name[i])) return false;
  return true;
}

bool wtls_dns_name_matches(wasi_tls_bytes pattern, const wtls_server_name *name) {
  if (name->dns_len == 0) return false;
  if (pattern.len < 2 || memcmp(pattern.data, "*.", 2) != 0)
    return equal_without_case(pattern, name->dns, name->dns_len);
  wasi_tls_bytes behind = {pattern.data + 1, pattern.len - 1};
  if (memchr(behind.data + 1, '.', behind.len - 1) == NULL) return false;
  const char *dot = memchr(name->dns, '.', name->dns_len);
  return dot != NULL && equal_without_case(behind, dot, name->dns_len - (size_t)(dot - name->dns));
}
