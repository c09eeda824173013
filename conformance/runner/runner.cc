// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "runner.h"

#include <fnmatch.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <list>

#include "case.h"
#include "worker.h"

namespace conformance {

bool matches(const std::string &pattern, const std::string &text) {
  return fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

namespace {

constexpr int kLookForLateCasesMs = 500;

bool wanted(const std::string &test, const std::vector<std::string> &patterns) {
  return patterns.empty() || std::any_of(patterns.begin(), patterns.end(),
                                         [&](const std::string &pattern) { return matches(pattern, test); });
}

// The cases of |suite| that are wanted.
Unit unit_of(const testing::TestSuite &suite, const Pairing &pairing, const RunnerOptions &options) {
  Unit unit;
  unit.suite = suite.name();
  std::string chapter = unit.suite.substr(0, unit.suite.find('/'));
  for (int i = 0; i < suite.total_test_count(); i++) {
    std::string name = suite.GetTestInfo(i)->name();
    Run run;
    run.test = chapter + "." + name;
    if (!wanted(run.test, options.only)) continue;
    run.client = pairing.client_engine;
    run.server = pairing.server_engine;
    run.version = pairing.version == WASI_TLS_VERSION_TLS12 ? "TLS 1.2" : "TLS 1.3";
    unit.names.push_back(name);
    unit.pending.push_back(run);
  }
  return unit;
}

std::deque<Unit> all_units(const RunnerOptions &options) {
  std::deque<Unit> units;
  const testing::UnitTest &all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); i++) {
    const testing::TestSuite &suite = *all.GetTestSuite(i);
    const Pairing *pairing = pairing_of(suite.name());
    if (pairing == nullptr) continue;
    if (options.same_engine_only && pairing->client_engine != pairing->server_engine) continue;
    Unit unit = unit_of(suite, *pairing, options);
    if (!unit.names.empty()) units.push_back(std::move(unit));
  }
  return units;
}

// Keeps as many processes busy as there may be.
class Crew {
 public:
  Crew(const RunnerOptions &options, Report *report) : options_(options), report_(report) {}

  void work_through(std::deque<Unit> units) {
    size_t total = units.size();
    while (!units.empty() || !workers_.empty()) {
      while (!units.empty() && workers_.size() < options_.jobs) {
        workers_.emplace_back(std::move(units.front())).start();
        units.pop_front();
      }
      listen(&units);
      tell_progress(total - units.size() - workers_.size(), total);
    }
    if (isatty(STDERR_FILENO) != 0) std::cerr << "\n";
  }

 private:
  void listen(std::deque<Unit> *units) {
    std::vector<pollfd> polled;
    for (const Worker &worker : workers_) polled.push_back({worker.descriptor(), POLLIN, 0});
    poll(polled.data(), polled.size(), kLookForLateCasesMs);
    size_t i = 0;
    for (auto worker = workers_.begin(); worker != workers_.end(); i++) {
      worker->end_if_late(std::chrono::seconds(options_.case_seconds));
      if (polled[i].revents == 0 || worker->take_news(&report_->runs)) {
        ++worker;
        continue;
      }
      Unit left = worker->finish(&report_->runs, &report_->complaints);
      if (!left.names.empty()) units->push_front(std::move(left));
      worker = workers_.erase(worker);
    }
  }

  void tell_progress(size_t done, size_t total) {
    if (isatty(STDERR_FILENO) != 0) std::cerr << "\r" << done << " of " << total << " parts" << std::flush;
  }

  const RunnerOptions &options_;
  Report *report_;
  std::list<Worker> workers_;
};

}  // namespace

bool run_cases(const RunnerOptions &options, Report *report) {
  std::deque<Unit> units = all_units(options);
  if (units.empty()) return false;
  // Made once here, not once in each process.
  make_usual_certificates();
  auto began = Worker::Clock::now();
  Crew(options, report).work_through(std::move(units));
  report->seconds = std::chrono::duration<double>(Worker::Clock::now() - began).count();
  return true;
}

}  // namespace conformance
