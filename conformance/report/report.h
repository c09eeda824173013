// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a run found out, and the files that tell it: JUnit for CI, JSON for programs, a page for people, and the table
// of the README.
#ifndef WASI_TLS_CONFORMANCE_REPORT_H
#define WASI_TLS_CONFORMANCE_REPORT_H

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace conformance {

// A behaviour of the catalogue.
struct Behaviour {
  std::string id;                  // "data.half-close": the chapter's id, a point, its own
  std::string chapter;             // the chapter's id
  std::string says;                // a sentence
  std::vector<std::string> rules;  // where it comes from: a function of the WIT, a section of an RFC, a row of the seed
  std::vector<std::string> tests;  // the cases that prove it, as "<chapter of the case>.<case>"
  std::string needs;               // the capability without which it is refused as unsupported; empty for none
};

struct Chapter {
  std::string id;
  std::string title;
};

// A behaviour that an engine is known not to have.
struct Waiver {
  std::string behaviour;  // id
  std::string engine;
  std::string reason;
  std::string link;
  std::vector<std::string> seen_in;  // parts of the engine's version text; empty for any version
};

enum class Verdict { kPassed, kFailed, kCrashed, kHung };

// One case, run with one engine on each side under one version.
struct Run {
  std::string test;  // as in Behaviour::tests
  std::string client;
  std::string server;
  std::string version;  // "TLS 1.2", "TLS 1.3"
  Verdict verdict = Verdict::kPassed;
  double seconds = 0;
  std::string message;                                   // why it failed
  std::vector<std::pair<std::string, uint64_t>> counts;  // what was counted in it: ("flipped bits", 2311)
};

// What is said of a behaviour on an engine.
enum class Cell { kPassed, kFailed, kWaived, kUnsupported, kNotRun };
const char *name_of(Cell cell);
const char *name_of(Verdict verdict);

struct EngineUnderTest {
  std::string name;
  std::string version;
  bool loaded = false;  // not built in
};

struct Report {
  std::string suite_version;
  std::string started;  // RFC 3339, UTC
  double seconds = 0;
  std::vector<EngineUnderTest> engines;
  std::vector<Chapter> chapters;  // in the order of the catalogue
  std::vector<Behaviour> behaviours;
  std::vector<Waiver> waivers;
  std::vector<Run> runs;
  std::map<std::pair<std::string, std::string>, Cell> cells;  // by (behaviour's id, engine)
  std::vector<std::string> complaints;  // why the run fails though no case does: a waiver for what passes, and the like
};

// Why a failed run does not count: all behaviours that the case is to prove are waived for one of the two engines.
// Null if it counts.
const Waiver *excuse_of(const Report &report, const Run &run);

// Whether the run as a whole has passed.
bool has_passed(const Report &report);

// Writes junit.xml, report.json, index.html and summary.md to |folder|, which is made if need be. Empty on success,
// else what went wrong.
std::string write_report(const Report &report, const std::string &folder);

}  // namespace conformance

#endif
