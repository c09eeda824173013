// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "console.h"

#include <iomanip>

#include "report_parts.h"

namespace conformance {

namespace {

constexpr int kTitleWidth = 48, kCellWidth = 24;

void print_failures(const Report &report, std::ostream &out) {
  for (const Run &run : report.runs) {
    if (run.verdict == Verdict::kPassed) continue;
    const Waiver *excuse = excuse_of(report, run);
    out << (excuse != nullptr ? "waived" : name_of(run.verdict)) << ": " << run.test << ", client " << run.client
        << ", server " << run.server << ", " << run.version << "\n"
        << (excuse != nullptr ? excuse->reason : run.message) << "\n";
  }
  for (const std::string &complaint : report.complaints) out << "complaint: " << complaint << "\n";
}

void print_counts(const Report &report, std::ostream &out) {
  std::map<std::string, uint64_t> sums;
  for (const Run &run : report.runs)
    for (const auto &[what, count] : run.counts) sums[what] += count;
  for (const auto &[what, sum] : sums) out << std::setw(12) << sum << " " << what << "\n";
}

void print_table(const Report &report, std::ostream &out) {
  out << std::left << std::setw(kTitleWidth) << "";
  for (const EngineUnderTest &engine : report.engines) out << std::setw(kCellWidth) << engine.name;
  out << "\n";
  for (const Chapter &chapter : report.chapters) {
    out << std::setw(kTitleWidth) << chapter.title;
    for (const EngineUnderTest &engine : report.engines)
      out << std::setw(kCellWidth) << words_for(tally(report, chapter.id, engine.name));
    out << "\n";
  }
  out << std::right;
}

}  // namespace

void print_report(const Report &report, std::ostream &out) {
  print_failures(report, out);
  print_counts(report, out);
  print_table(report, out);
  std::map<Cell, size_t> cells;
  for (const auto &[where, cell] : report.cells) cells[cell]++;
  out << report.behaviours.size() << " behaviours on " << report.engines.size() << " engines in "
      << static_cast<unsigned>(report.seconds) << " s and " << report.runs.size() << " runs: " << cells[Cell::kPassed]
      << " passed, " << cells[Cell::kUnsupported] << " refused as unsupported, " << cells[Cell::kWaived] << " waived, "
      << cells[Cell::kNotRun] << " not run, " << cells[Cell::kFailed] << " failed, " << report.complaints.size()
      << " complaints\n";
}

}  // namespace conformance
