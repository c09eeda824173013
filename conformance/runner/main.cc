// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>

#include "case.h"
#include "catalogue.h"
#include "command_line.h"
#include "console.h"
#include "embedded.h"
#include "judge.h"

namespace conformance {
extern const EmbeddedFiles waiver_files;
}

using namespace conformance;

namespace {

constexpr int kHolds = 0, kDoesNotHold = 1, kCouldNotTry = 2;

int list_behaviours() {
  for (const Behaviour &behaviour : catalogue().behaviours) {
    std::cout << behaviour.id << ": " << behaviour.says << "\n";
    for (const std::string &rule : behaviour.rules) std::cout << "  from " << rule << "\n";
    for (const std::string &test : behaviour.tests) std::cout << "  proven by " << test << "\n";
  }
  return kHolds;
}

std::string now() {
  std::time_t time = std::time(nullptr);
  std::tm utc = {};
  gmtime_r(&time, &utc);
  char text[sizeof("2000-01-01T00:00:00Z")];
  return {text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

// Those of the engines that are built in, and those of |files|.
bool read_all_waivers(const std::vector<std::string> &files, std::vector<Waiver> *waivers) {
  for (const EmbeddedFile &own : waiver_files) {
    std::string wrong = read_waivers(std::string(own.text), waivers);
    if (!wrong.empty()) std::cerr << own.name << ": " << wrong << "\n";
    if (!wrong.empty()) return false;
  }
  for (const std::string &file : files) {
    std::ifstream stream(file);
    std::stringstream text;
    text << stream.rdbuf();
    std::string wrong = stream ? read_waivers(text.str(), waivers) : "can't be read";
    if (wrong.empty()) continue;
    std::cerr << file << ": " << wrong << "\n";
    return false;
  }
  return true;
}

bool catalogue_is_whole() {
  std::vector<std::string> mistakes = check_catalogue(catalogue(), case_names());
  for (const std::string &mistake : mistakes) std::cerr << "catalogue: " << mistake << "\n";
  return mistakes.empty();
}

Report new_report(const std::vector<std::string> &engines) {
  Report report;
  report.suite_version = wasi_tls_version();
  report.started = now();
  for (const std::string &name : engines)
    report.engines.push_back({name, engine_version(name), find_engine(name)->backend != nullptr});
  report.chapters = catalogue().chapters;
  report.behaviours = catalogue().behaviours;
  return report;
}

int run(const CommandLine &line) {
  Report report = new_report(line.engines);
  if (!catalogue_is_whole() || !read_all_waivers(line.waiver_files, &report.waivers)) return kCouldNotTry;
  if (!run_cases(line.runner, &report)) {
    std::cerr << "no case is called that\n";
    return kCouldNotTry;
  }
  judge(&report, !line.runner.only.empty());
  print_report(report, std::cout);
  if (!line.report_folder.empty()) {
    std::string wrong = write_report(report, line.report_folder);
    if (!wrong.empty()) {
      std::cerr << wrong << "\n";
      return kCouldNotTry;
    }
  }
  return has_passed(report) ? kHolds : kDoesNotHold;
}

}  // namespace

int main(int argc, char **argv) {
  CommandLine line;
  std::string wrong = read_command_line(std::vector<std::string>(argv + 1, argv + argc), &line);
  if (!wrong.empty()) {
    std::cerr << "wasi-tls-conformance: " << wrong << "\n" << kUsage;
    return kCouldNotTry;
  }
  if (line.action == Action::kHelp) {
    std::cout << kUsage;
    return kHolds;
  }
  if (line.action == Action::kList) return list_behaviours();
  testing::InitGoogleTest(&argc, argv);
  register_cases(line.engines);
  return line.action == Action::kRunInThisProcess ? RUN_ALL_TESTS() : run(line);
}
