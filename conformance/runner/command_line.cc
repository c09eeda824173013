// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "command_line.h"

#include <algorithm>
#include <functional>
#include <sstream>
#include <thread>

#include "catalogue.h"
#include "engines.h"

namespace conformance {

const char kUsage[] = R"(usage: wasi-tls-conformance [option]...

Holds TLS engines to the behaviours of the catalogue: each case runs for each pair of a client's and a server's engine and
each version that both speak, in processes of their own.

  --engine LIST    engines to test, by name, with commas between; all (the default) is each that is there
  --backend FILE   an engine from outside: a shared object that exports its vtable (wasi_tls/backend.h) as
                   wasi_tls_backend_NAME, in a file called NAME.so or ...-NAME.so; may be given again
  --waivers FILE   behaviours that an engine is known not to have, as JSON:
                   {"waivers": [{"behaviour", "engine", "reason", "link", "seen_in"}]}; may be
                   given again
  --report FOLDER  writes junit.xml, report.json, index.html and summary.md there
  --only PATTERN   only these behaviours ("closing.half-close", "data.*"); may be given again
  --case PATTERN   only these cases ("close.*"); may be given again
  --pairs same     only each engine with itself, as is enough for a build that watches memory
  --jobs N         processes at a time (default: one for each processor)
  --timeout N      a case that takes longer hangs, in seconds (default: 300)
  --list           prints the behaviours, with their rules and cases, and runs nothing
  --help           prints this
  --gtest_...      for debuggers: runs the cases in this process, by the options of GoogleTest

Exit status: 0 if all holds, 1 if something does not, 2 if it could not be tried.
)";

namespace {

using Strings = std::vector<std::string>;

Strings split(const std::string &list) {
  Strings parts;
  std::istringstream stream(list);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

std::string read_number(const std::string &text, unsigned *number) {
  size_t end = 0;
  unsigned long value = 0;
  try {
    value = std::stoul(text, &end);
  } catch (const std::exception &) {
    end = 0;
  }
  if (end != text.size() || value == 0 || value > 100000) return "not a number that is of use: " + text;
  *number = static_cast<unsigned>(value);
  return "";
}

std::string read_pairs(const std::string &text, bool *same_engine_only) {
  *same_engine_only = text == "same";
  return text == "same" || text == "all" ? "" : "--pairs is all or same";
}

// A behaviour is tried by its cases.
std::string add_behaviours(const std::string &pattern, Strings *only) {
  size_t before = only->size();
  for (const Behaviour &behaviour : catalogue().behaviours)
    if (matches(pattern, behaviour.id)) only->insert(only->end(), behaviour.tests.begin(), behaviour.tests.end());
  return only->size() > before ? "" : "no behaviour is called " + pattern;
}

std::string choose_engines(const Strings &asked, Strings *chosen) {
  for (const std::string &name : asked) {
    if (name == "all") {
      for (const Engine &engine : known_engines()) chosen->push_back(engine.name);
    } else if (find_engine(name) == nullptr) {
      return "there is no engine " + name;
    } else {
      chosen->push_back(name);
    }
  }
  return "";
}

// An option with a value; empty if all is well.
using Take = std::function<std::string(const std::string &)>;

std::string take(const std::string &option, const std::string &value, CommandLine *line, Strings *engines) {
  auto add_to = [&](Strings *list) { return list->push_back(value), ""; };
  const std::pair<const char *, Take> options[] = {
      {"--engine", [&](const std::string &text) { return *engines = split(text), ""; }},
      {"--backend", [&](const std::string &text) { return load_engine(text); }},
      {"--waivers", [&](const std::string &) { return add_to(&line->waiver_files); }},
      {"--report", [&](const std::string &text) { return line->report_folder = text, ""; }},
      {"--only", [&](const std::string &text) { return add_behaviours(text, &line->runner.only); }},
      {"--case", [&](const std::string &) { return add_to(&line->runner.only); }},
      {"--pairs", [&](const std::string &text) { return read_pairs(text, &line->runner.same_engine_only); }},
      {"--jobs", [&](const std::string &text) { return read_number(text, &line->runner.jobs); }},
      {"--timeout", [&](const std::string &text) { return read_number(text, &line->runner.case_seconds); }},
  };
  for (const auto &[name, act] : options)
    if (option == name) return act(value);
  return "there is no option " + option;
}

}  // namespace

std::string read_command_line(const std::vector<std::string> &arguments, CommandLine *line) {
  line->runner.jobs = std::max(1u, std::thread::hardware_concurrency());
  Strings engines = {"all"};
  for (size_t i = 0; i < arguments.size(); i++) {
    const std::string &argument = arguments[i];
    if (argument == "--help" || argument == "--list") {
      line->action = argument == "--list" ? Action::kList : Action::kHelp;
    } else if (argument.rfind("--gtest_", 0) == 0) {
      line->action = Action::kRunInThisProcess;
    } else {
      if (i + 1 == arguments.size()) return argument + " lacks a value";
      std::string wrong = take(argument, arguments[++i], line, &engines);
      if (!wrong.empty()) return wrong;
    }
  }
  return choose_engines(engines, &line->engines);
}

}  // namespace conformance
