/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Text, files, and ending the program. */
#ifndef GUESTS_TEXT_H
#define GUESTS_TEXT_H

#include <guest.h>

typedef guest_list_u8_t bytes;

/* Ends the program if |good| is false, saying what failed. */
void check(bool good, const char *what);

/* A C string as WIT has it. Not copied. */
guest_string_t text(const char *string);
bytes text_bytes(const char *string);

/* A whole file; freed with guest_list_u8_free. Ends the program on failure. */
bytes read_file(const char *path);

/* "label: ", and then what can be printed. */
void print_bytes(const char *label, bytes data);

#endif
