/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
#include "files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

enum { FIRST_SIZE = 16 * 1024, LARGEST_SIZE = 16 * 1024 * 1024 };

/* Doubles the room by hand: realloc would leave an unwiped copy behind. */
static bool grow(file_content *content, size_t *capacity) {
  size_t larger = *capacity == 0 ? FIRST_SIZE : *capacity * 2;
  if (larger > LARGEST_SIZE) {
    errno = EFBIG;
    return false;
  }
  uint8_t *data = malloc(larger);
  if (data == NULL) return false;
  if (content->len > 0) memcpy(data, content->data, content->len);
  if (content->data != NULL) explicit_bzero(content->data, content->len);
  free(content->data);
  content->data = data;
  *capacity = larger;
  return true;
}

static bool read_all(FILE *file, file_content *content) {
  size_t capacity = 0;
  for (;;) {
    if (content->len == capacity && !grow(content, &capacity)) return false;
    size_t count = fread(content->data + content->len, 1, capacity - content->len, file);
    content->len += count;
    if (count == 0) return !ferror(file);
  }
}

bool file_read(const char *path, file_content *content) {
  *content = (file_content){0};
  FILE *file = fopen(path, "rb");
  bool good = false;
  if (file != NULL) {
    /* Unbuffered: stdio's own buffer would keep a copy of a key. */
    (void)setvbuf(file, NULL, _IONBF, 0);
    good = read_all(file, content);
  }
  if (!good) {
    report_text("configuration", "file", "%s: %s", path, strerror(errno));
    file_release(content);
  }
  if (file != NULL) (void)fclose(file);
  return good;
}

void file_release(file_content *content) {
  if (content->data != NULL) explicit_bzero(content->data, content->len);
  free(content->data);
  *content = (file_content){0};
}
