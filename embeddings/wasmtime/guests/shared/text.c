/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void check(bool good, const char *what) {
  if (good) return;
  fprintf(stderr, "%s: failed\n", what);
  exit(EXIT_FAILURE);
}

guest_string_t text(const char *string) {
  return (guest_string_t){(uint8_t *)(uintptr_t)string, strlen(string)};
}

bytes text_bytes(const char *string) {
  return (bytes){(uint8_t *)(uintptr_t)string, strlen(string)};
}

bytes read_file(const char *path) {
  enum { LARGEST = 1024 * 1024 };
  FILE *file = fopen(path, "rb");
  check(file != NULL, path);
  uint8_t *data = malloc(LARGEST);
  check(data != NULL, path);
  size_t len = fread(data, 1, LARGEST, file);
  fclose(file);
  return (bytes){data, len};
}

void print_bytes(const char *label, bytes data) {
  printf("%s: ", label);
  for (size_t i = 0; i < data.len; i++) {
    int c = data.ptr[i];
    putchar(isprint(c) || isspace(c) ? c : '.');
  }
  putchar('\n');
}
