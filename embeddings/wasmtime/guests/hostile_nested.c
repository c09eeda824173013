/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 *   nested LEVELS
 *
 * TLS in TLS, as deep as the host lets it be: prints how deep that was. What is written at the innermost level
 * arrives, and then all goes at once: each level holds the one that it goes through.
 */
#include <stdio.h>

#include "shared/hostile.h"

static void expect_echo(const end *from, const end *to) {
  bytes got;
  check(write_all((output_stream){from->of[OUTPUT]}, text_bytes("hello")) == IO_OK, "write");
  check(read_some((input_stream){to->of[INPUT]}, 5, &got) == IO_OK && got.len == 5, "read");
  guest_list_u8_free(&got);
}

void scenario_nested(const arguments *all) {
  unsigned long levels = number(all, 0), level = 1;
  pair both = pair_at(CLIENT, AT_OPEN);
  while (level < levels) {
    pair inside = pair_inside(&both);
    both = inside;
    if (!open_both(&both)) break;
    level++;
  }
  printf("%lu levels\n", level);
  if (level == levels) {
    expect_echo(&both.ends[CLIENT], &both.ends[SERVER]);
    expect_echo(&both.ends[SERVER], &both.ends[CLIENT]);
  }
  drop_pair(&both);
}
