/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Whole files in memory. */
#ifndef WASI_TLS_TOOL_FILES_H
#define WASI_TLS_TOOL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct file_content {
  uint8_t *data;
  size_t len;
} file_content;

/* Reads |path| (pipes too) up to 16 MiB. On failure reports it and answers false. */
bool file_read(const char *path, file_content *content);

/* Wipes and frees: any file may hold a key. */
void file_release(file_content *content);

#endif
