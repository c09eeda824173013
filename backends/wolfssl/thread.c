/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * What the engine keeps for the process, and for each thread. It speeds up computations on elliptic curves by tables of
 * its own for each thread, of more than a megabyte, and leaves it to the thread to give them back.
 */
#include <threads.h>

#include "backend_wolfssl.h"

#include <wolfssl/wolfcrypt/ecc.h>

static once_flag started_once = ONCE_FLAG_INIT;
static bool started;
static tss_t thread_mark;

#ifndef FP_ECC
/* The library was built without the tables. */
static void wc_ecc_fp_free(void) {}
#endif

static void end_thread(void *mark) {
  (void)mark;
  wc_ecc_fp_free();
}

/* The library counts its users, but not safely among threads; so it stays once it is started. */
static void start(void) {
  started = wolfSSL_Init() == WOLFSSL_SUCCESS && tss_create(&thread_mark, end_thread) == thrd_success;
}

bool wtls_wolf_start(void) {
  call_once(&started_once, start);
  return started;
}

void wtls_wolf_enter_thread(void) {
  if (tss_get(thread_mark) == NULL) (void)tss_set(thread_mark, &thread_mark);
}
