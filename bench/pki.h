/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* A root and a leaf for localhost, made anew for each run. */
#ifndef WASI_TLS_BENCH_PKI_H
#define WASI_TLS_BENCH_PKI_H

#include "contender.h"

bool bench_pki_make(bench_pki *pki);
void bench_pki_free(bench_pki *pki);

#endif
