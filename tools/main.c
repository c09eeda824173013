/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/* wasi-tls: the library from the command line. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"

int main(int argc, char **argv) {
  static enum exit_code (*const commands[COMMAND_COUNT])(const arguments *) = {
      [COMMAND_ENGINES] = command_engines, [COMMAND_CLIENT] = command_client, [COMMAND_SERVER] = command_server};
  arguments parsed;
  int exit_code = EXIT_CODE_OK;
  /* A reader of standard output that went away is an error to report, not a reason to die. */
  (void)signal(SIGPIPE, SIG_IGN);
  if (arguments_parse(argc, argv, &parsed, &exit_code)) exit_code = (int)commands[parsed.command](&parsed);
  if (fflush(stdout) == 0) return exit_code;
  report_text("configuration", "file", "standard output: %s", strerror(errno));
  return exit_code != EXIT_CODE_OK ? exit_code : EXIT_CODE_CONFIGURATION;
}
