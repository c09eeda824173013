/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "trust.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pem.h"
#include "x509.h"

/* Far above any bundle in use (about 250 KiB), and a bound for what a misdirected SSL_CERT_FILE can cost. */
#define MAX_FILE_BYTES ((size_t)16 * 1024 * 1024)

/* Where distributions keep their bundle: Debian, Fedora, openSUSE, Alpine and the BSDs. */
static const char *const system_bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
};

void wtls_der_list_clear(wtls_der_list *list, const wasi_tls_allocator *allocator) {
  for (size_t i = 0; i < list->count; i++) wtls_release(allocator, (void *)(uintptr_t)list->items[i].data);
  wtls_release(allocator, list->items);
  *list = (wtls_der_list){NULL, 0, 0};
}

wasi_tls_result wtls_der_list_add(wtls_der_list *list, const wasi_tls_allocator *allocator, wasi_tls_bytes der) {
  if (list->count == list->capacity) {
    size_t capacity = list->capacity != 0 ? 2 * list->capacity : 16;
    wasi_tls_bytes *items = wtls_realloc(allocator, list->items, capacity * sizeof(*items));
    if (items == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
    list->items = items;
    list->capacity = capacity;
  }
  uint8_t *copy = wtls_copy(allocator, der.data, der.len);
  if (copy == NULL) return WASI_TLS_ERR_OUT_OF_MEMORY;
  list->items[list->count++] = (wasi_tls_bytes){copy, der.len};
  return WASI_TLS_OK;
}

/* Adds all PEM blocks of |text| with one of two labels; other blocks, such as keys, are passed over. */
static wasi_tls_result add_pem(wtls_der_list *list, const wasi_tls_allocator *allocator, wasi_tls_bytes text,
                               const char *label, const char *other_label, wasi_tls_result failure) {
  wasi_tls_bytes cursor = text;
  size_t before = list->count;
  for (;;) {
    wtls_pem_block block;
    wasi_tls_result result = wtls_pem_next(allocator, &cursor, &block);
    if (result == WASI_TLS_PENDING) return list->count > before ? WASI_TLS_OK : failure;
    if (result != WASI_TLS_OK) return result == WASI_TLS_ERR_OUT_OF_MEMORY ? result : failure;
    if (block.der != NULL && (strcmp(block.label, label) == 0 || strcmp(block.label, other_label) == 0))
      result = wtls_der_list_add(list, allocator, (wasi_tls_bytes){block.der, block.der_len});
    wtls_pem_block_clear(allocator, &block);
    if (result != WASI_TLS_OK) return result;
  }
}

static wasi_tls_result add_certificates(wtls_der_list *list, const wasi_tls_allocator *allocator,
                                        wasi_tls_bytes input) {
  if (wtls_pem_is(input))
    return add_pem(list, allocator, input, "CERTIFICATE", "X509 CERTIFICATE", WASI_TLS_ERR_TRUST_STORE);
  wtls_x509 parsed;
  if (!wtls_x509_parse(input, &parsed)) return WASI_TLS_ERR_TRUST_STORE;
  return wtls_der_list_add(list, allocator, input);
}

/* OK with |*data| NULL if there is no such file. */
static wasi_tls_result read_file(const wasi_tls_allocator *allocator, const char *path, uint8_t **data, size_t *len) {
  FILE *file = fopen(path, "rb");
  *data = NULL;
  if (file == NULL) return WASI_TLS_OK;
  wasi_tls_result result = WASI_TLS_OK;
  uint8_t *buffer = NULL;
  size_t used = 0;
  size_t room = 0;
  for (;;) {
    if (used == room) {
      room = room != 0 ? 2 * room : 65536;
      uint8_t *grown = room <= MAX_FILE_BYTES ? wtls_realloc(allocator, buffer, room) : NULL;
      if (grown == NULL) {
        result = room <= MAX_FILE_BYTES ? WASI_TLS_ERR_OUT_OF_MEMORY : WASI_TLS_ERR_TRUST_STORE;
        goto out;
      }
      buffer = grown;
    }
    size_t got = fread(buffer + used, 1, room - used, file);
    used += got;
    if (got == 0) break;
  }
  if (ferror(file)) result = WASI_TLS_ERR_TRUST_STORE;
out:
  (void)fclose(file);
  if (result != WASI_TLS_OK) {
    wtls_release(allocator, buffer);
    return result;
  }
  *data = buffer;
  *len = used;
  return WASI_TLS_OK;
}

/* Stores in |*found| whether the file was there. */
static wasi_tls_result add_file(wtls_der_list *list, const wasi_tls_allocator *allocator, const char *path,
                                bool *found) {
  uint8_t *data = NULL;
  size_t len = 0;
  wasi_tls_result result = read_file(allocator, path, &data, &len);
  *found = data != NULL;
  if (result != WASI_TLS_OK || data == NULL) return result;
  result = add_certificates(list, allocator, (wasi_tls_bytes){data, len});
  wtls_release(allocator, data);
  return result;
}

static bool is_regular_file(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* Files of a certificate directory that hold no certificate are passed over: such directories are often mixed. */
static wasi_tls_result add_directory(wtls_der_list *list, const wasi_tls_allocator *allocator, const char *path) {
  DIR *directory = opendir(path);
  if (directory == NULL) return WASI_TLS_ERR_TRUST_STORE;
  wasi_tls_result result = WASI_TLS_OK;
  for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
    char file[PATH_MAX];
    int written = snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
    if (written < 0 || (size_t)written >= sizeof(file) || !is_regular_file(file)) continue;
    bool found = false;
    result = add_file(list, allocator, file, &found);
    if (result == WASI_TLS_ERR_OUT_OF_MEMORY) break;
    result = WASI_TLS_OK;
  }
  (void)closedir(directory);
  return result;
}

static wasi_tls_result add_system(wtls_der_list *list, const wasi_tls_allocator *allocator) {
  const char *file = getenv("SSL_CERT_FILE");
  const char *directory = getenv("SSL_CERT_DIR");
  bool found = false;
  if (file != NULL || directory != NULL) {
    if (file != NULL) {
      wasi_tls_result result = add_file(list, allocator, file, &found);
      if (result != WASI_TLS_OK) return result;
      if (!found) return WASI_TLS_ERR_TRUST_STORE;
    }
    return directory != NULL ? add_directory(list, allocator, directory) : WASI_TLS_OK;
  }
  for (size_t i = 0; i < sizeof(system_bundles) / sizeof(system_bundles[0]); i++) {
    wasi_tls_result result = add_file(list, allocator, system_bundles[i], &found);
    if (result != WASI_TLS_OK || found) return result;
  }
  /* No store at all: nobody is trusted, which fails closed at the first connection and not before. */
  return WASI_TLS_OK;
}

wasi_tls_result wtls_trust_load(const wasi_tls_trust *trust, const wasi_tls_allocator *allocator,
                                wtls_der_list *anchors) {
  if (trust->source == WASI_TLS_TRUST_SYSTEM) return add_system(anchors, allocator);
  if (trust->source != WASI_TLS_TRUST_LIST) return WASI_TLS_ERR_ENUM_VALUE;
  if (trust->anchors == NULL && trust->anchor_count != 0) return WASI_TLS_ERR_NULL_ARGUMENT;
  for (size_t i = 0; i < trust->anchor_count; i++) {
    if (trust->anchors[i].data == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
    wasi_tls_result result = add_certificates(anchors, allocator, trust->anchors[i]);
    if (result != WASI_TLS_OK) return result;
  }
  return WASI_TLS_OK;
}

wasi_tls_result wtls_crls_load(const wasi_tls_bytes *crls, size_t count, const wasi_tls_allocator *allocator,
                               wtls_der_list *list) {
  if (crls == NULL && count != 0) return WASI_TLS_ERR_NULL_ARGUMENT;
  for (size_t i = 0; i < count; i++) {
    if (crls[i].data == NULL) return WASI_TLS_ERR_NULL_ARGUMENT;
    wasi_tls_result result = wtls_pem_is(crls[i])
                                 ? add_pem(list, allocator, crls[i], "X509 CRL", "CRL", WASI_TLS_ERR_REVOCATION_LIST)
                                 : wtls_der_list_add(list, allocator, crls[i]);
    if (result != WASI_TLS_OK) return result;
  }
  return WASI_TLS_OK;
}
