// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is asked for on the command line.
#ifndef WASI_TLS_CONFORMANCE_COMMAND_LINE_H
#define WASI_TLS_CONFORMANCE_COMMAND_LINE_H

#include "runner.h"

namespace conformance {

enum class Action { kRun, kList, kHelp, kRunInThisProcess };

struct CommandLine {
  Action action = Action::kRun;
  std::vector<std::string> engines;  // by name
  std::vector<std::string> waiver_files;
  std::string report_folder;  // empty: none
  RunnerOptions runner;
};

// Loads the engines that are named as files. Empty on success, else what is wrong.
std::string read_command_line(const std::vector<std::string> &arguments, CommandLine *line);
extern const char kUsage[];

}  // namespace conformance

#endif
