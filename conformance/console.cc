// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "console.h"

#include <iomanip>

namespace conformance {

namespace {

constexpr int kTitleWidth = 48, kCellWidth = 14;

struct Tally {
  size_t total = 0;
  std::map<Cell, size_t> cells;
};

// Of the behaviours of |chapter| (empty: all) on |engine| (empty: all).
Tally tally(const Report &report, const std::string &chapter, const std::string &engine) {
  Tally tally;
  for (const Behaviour &behaviour : report.behaviours) {
    if (!chapter.empty() && behaviour.chapter != chapter) continue;
    for (const EngineUnderTest &each : report.engines) {
      if (!engine.empty() && each.name != engine) continue;
      tally.total++;
      tally.cells[report.cells.at({behaviour.id, each.name})]++;
    }
  }
  return tally;
}

void print_failures(const Report &report, std::ostream &out) {
  for (const Run &run : report.runs) {
    if (run.verdict == Verdict::kPassed) continue;
    out << name_of(run.verdict) << ": " << run.test << ", client " << run.client << ", server " << run.server << ", "
        << run.version << "\n"
        << run.message << "\n";
  }
  for (const std::string &complaint : report.complaints) out << "complaint: " << complaint << "\n";
}

void print_counts(const Report &report, std::ostream &out) {
  std::map<std::string, uint64_t> sums;
  for (const Run &run : report.runs)
    for (const auto &[what, count] : run.counts) sums[what] += count;
  for (const auto &[what, sum] : sums) out << std::setw(12) << sum << " " << what << "\n";
}

std::string cell_text(const Tally &tally) {
  auto of = [&](Cell cell) {
    auto found = tally.cells.find(cell);
    return found == tally.cells.end() ? size_t{0} : found->second;
  };
  std::string text = std::to_string(of(Cell::kPassed)) + "/" + std::to_string(tally.total);
  if (size_t failed = of(Cell::kFailed)) text += " (" + std::to_string(failed) + " fail)";
  return text;
}

void print_table(const Report &report, std::ostream &out) {
  out << std::left << std::setw(kTitleWidth) << "";
  for (const EngineUnderTest &engine : report.engines) out << std::setw(kCellWidth) << engine.name;
  out << "\n";
  for (const Chapter &chapter : report.chapters) {
    out << std::setw(kTitleWidth) << chapter.title;
    for (const EngineUnderTest &engine : report.engines)
      out << std::setw(kCellWidth) << cell_text(tally(report, chapter.id, engine.name));
    out << "\n";
  }
  out << std::right;
}

}  // namespace

void print_report(const Report &report, std::ostream &out) {
  print_failures(report, out);
  print_counts(report, out);
  print_table(report, out);
  Tally all = tally(report, "", "");
  out << report.behaviours.size() << " behaviours on " << report.engines.size() << " engines in "
      << static_cast<unsigned>(report.seconds) << " s and " << report.runs.size()
      << " runs: " << all.cells[Cell::kPassed] << " passed, " << all.cells[Cell::kUnsupported]
      << " refused as unsupported, " << all.cells[Cell::kWaived] << " waived, " << all.cells[Cell::kNotRun]
      << " not run, " << all.cells[Cell::kFailed] << " failed, " << report.complaints.size() << " complaints\n";
}

}  // namespace conformance
