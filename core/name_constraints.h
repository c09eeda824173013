/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* Name constraints (RFC 5280, section 4.2.1.10). */
#ifndef WASI_TLS_CORE_NAME_CONSTRAINTS_H
#define WASI_TLS_CORE_NAME_CONSTRAINTS_H

#include "x509.h"

/*
 * Whether the names of |certificate| are within the constraints of |ca|. Where that can't be told, of a kind of name
 * that is not known here or a constraint that is malformed, they are not.
 */
bool wtls_names_are_within(const wtls_x509 *certificate, const wtls_x509 *ca);

#endif
