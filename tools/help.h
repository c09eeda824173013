/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* What --help prints. */
#ifndef WASI_TLS_TOOL_HELP_H
#define WASI_TLS_TOOL_HELP_H

#include "arguments.h"

extern const char help_main[];
extern const char *const help_commands[COMMAND_COUNT];

#endif
