/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* The commands. Each runs to its end and answers the exit code. */
#ifndef WASI_TLS_TOOL_COMMANDS_H
#define WASI_TLS_TOOL_COMMANDS_H

#include "arguments.h"
#include "report.h"

enum exit_code command_engines(const arguments *wanted);
enum exit_code command_client(const arguments *wanted);
enum exit_code command_server(const arguments *wanted);

#endif
