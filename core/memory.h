/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The core's memory: everything goes through the configuration's allocator. */
#ifndef WASI_TLS_CORE_MEMORY_H
#define WASI_TLS_CORE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "wasi_tls/config.h"

/* For what seldom runs: the compiler keeps it, and what leads to it, out of the way of what does. */
#if defined(__GNUC__) || defined(__clang__)
#define WTLS_COLD __attribute__((cold))
#else
#define WTLS_COLD
#endif

/* For what each read and write goes through: kept together, so that it takes few cache lines. */
#if defined(__GNUC__) || defined(__clang__)
#define WTLS_HOT __attribute__((hot))
#else
#define WTLS_HOT
#endif

/* malloc and friends. */
extern const wasi_tls_allocator wtls_default_allocator;

/* Zeroed; NULL if there is no memory. */
void *wtls_alloc(const wasi_tls_allocator *allocator, size_t size);
/* Like wtls_alloc for |count| elements; NULL on overflow. */
void *wtls_alloc_array(const wasi_tls_allocator *allocator, size_t count, size_t size);
void *wtls_realloc(const wasi_tls_allocator *allocator, void *memory, size_t size);
/* A copy of |data|, with a NUL behind it that |len| does not count. */
uint8_t *wtls_copy(const wasi_tls_allocator *allocator, const void *data, size_t len);
void wtls_release(const wasi_tls_allocator *allocator, void *memory);
/* Wipes |len| bytes first, in a way that the compiler keeps. */
void wtls_release_secret(const wasi_tls_allocator *allocator, void *memory, size_t len);

#endif
