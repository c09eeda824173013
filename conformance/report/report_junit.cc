// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// junit.xml, as Jenkins, GitLab and GitHub's actions read it: a testsuite for each chapter of cases and pairing.
#include <cstdio>

#include "report_parts.h"

namespace conformance {

namespace {

std::string seconds_of(double seconds) {
  char text[40];
  (void)snprintf(text, sizeof(text), "%.3f", seconds);
  return text;
}

std::string attribute(const char *name, std::string_view value) {
  std::string escaped = escape(value);
  std::string flat;
  // A parser would make spaces of these.
  for (char c : escaped) flat += c == '\n' ? std::string("&#10;") : c == '\t' ? std::string("&#9;") : std::string(1, c);
  return std::string(" ") + name + "=\"" + flat + "\"";
}

struct Suite {
  std::string cases;
  size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  double seconds = 0;
};

void add(const Suite &suite, Suite *sum) {
  sum->tests += suite.tests;
  sum->failures += suite.failures;
  sum->errors += suite.errors;
  sum->skipped += suite.skipped;
  sum->seconds += suite.seconds;
}

std::string totals_of(const Suite &suite) {
  return attribute("tests", std::to_string(suite.tests)) + attribute("failures", std::to_string(suite.failures)) +
         attribute("errors", std::to_string(suite.errors)) + attribute("skipped", std::to_string(suite.skipped)) +
         attribute("time", seconds_of(suite.seconds));
}

std::string problem(const char *element, const std::string &type, const std::string &message) {
  std::string first = message.substr(0, message.find('\n'));
  return std::string("      <") + element + attribute("type", type) + attribute("message", first) + ">" +
         escape(message) + "</" + element + ">\n";
}

std::string outcome_of(const Report &report, const Run &run, Suite *suite) {
  if (run.verdict == Verdict::kPassed) return "";
  if (const Waiver *excuse = excuse_of(report, run)) {
    suite->skipped++;
    return "      <skipped" + attribute("message", "waived: " + excuse->reason + " (" + excuse->link + ")") +
           "/>\n      <system-out>" + escape(run.message) + "</system-out>\n";
  }
  bool failed = run.verdict == Verdict::kFailed;
  (failed ? suite->failures : suite->errors)++;
  return problem(failed ? "failure" : "error", name_of(run.verdict), run.message);
}

void add_case(const std::string &suite_name, const std::string &name, double seconds, const std::string &inside,
              Suite *suite) {
  suite->tests++;
  suite->seconds += seconds;
  suite->cases += "    <testcase" + attribute("classname", suite_name) + attribute("name", name) +
                  attribute("time", seconds_of(seconds)) +
                  (inside.empty() ? "/>\n" : ">\n" + inside + "    </testcase>\n");
}

std::string suite_of(const Run &run) {
  std::string version = run.version == "TLS 1.3" ? "tls13" : "tls12";
  return run.test.substr(0, run.test.find('.')) + "/" + run.client + "_" + run.server + "_" + version;
}

std::map<std::string, Suite> suites_of(const Report &report) {
  std::map<std::string, Suite> suites;
  for (const Run &run : report.runs) {
    std::string name = suite_of(run);
    Suite *suite = &suites[name];
    std::string inside = outcome_of(report, run, suite);
    add_case(name, run.test.substr(run.test.find('.') + 1), run.seconds, inside, suite);
  }
  for (const std::string &complaint : report.complaints) {
    Suite *suite = &suites["run"];
    suite->failures++;
    add_case("run", complaint, 0, problem("failure", "complaint", complaint), suite);
  }
  return suites;
}

}  // namespace

std::string junit_of(const Report &report) {
  std::map<std::string, Suite> suites = suites_of(report);
  Suite all;
  std::string text;
  for (const auto &[name, suite] : suites) {
    add(suite, &all);
    text += "  <testsuite" + attribute("name", name) + attribute("timestamp", report.started) + totals_of(suite) +
            ">\n" + suite.cases + "  </testsuite>\n";
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"wasi-tls-conformance\"" + totals_of(all) +
         ">\n" + text + "</testsuites>\n";
}

}  // namespace conformance
