/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

static void *default_allocate(void *context, size_t size) {
  (void)context;
  return malloc(size);
}

static void *default_reallocate(void *context, void *memory, size_t size) {
  (void)context;
  return realloc(memory, size);
}

static void default_release(void *context, void *memory) {
  (void)context;
  free(memory);
}

const wasi_tls_allocator wtls_default_allocator = {NULL, default_allocate, default_reallocate, default_release};

void *wtls_alloc(const wasi_tls_allocator *allocator, size_t size) {
  void *memory = allocator->allocate(allocator->context, size);
  if (memory != NULL) memset(memory, 0, size);
  return memory;
}

void *wtls_alloc_array(const wasi_tls_allocator *allocator, size_t count, size_t size) {
  if (size != 0 && count > SIZE_MAX / size) return NULL;
  size_t total = count * size;
  return wtls_alloc(allocator, total != 0 ? total : 1);
}

void *wtls_realloc(const wasi_tls_allocator *allocator, void *memory, size_t size) {
  return allocator->reallocate(allocator->context, memory, size);
}

uint8_t *wtls_copy(const wasi_tls_allocator *allocator, const void *data, size_t len) {
  if (len == SIZE_MAX) return NULL;
  uint8_t *copy = allocator->allocate(allocator->context, len + 1);
  if (copy == NULL) return NULL;
  if (len != 0) memcpy(copy, data, len);
  copy[len] = 0;
  return copy;
}

void wtls_release(const wasi_tls_allocator *allocator, void *memory) {
  if (memory != NULL) allocator->release(allocator->context, memory);
}

void wtls_release_secret(const wasi_tls_allocator *allocator, void *memory, size_t len) {
  if (memory == NULL) return;
  volatile uint8_t *bytes = memory;
  for (size_t i = 0; i < len; i++) bytes[i] = 0;
  wtls_release(allocator, memory);
}
