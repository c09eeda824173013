// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the writers of a report share.
#ifndef WASI_TLS_CONFORMANCE_REPORT_PARTS_H
#define WASI_TLS_CONFORMANCE_REPORT_PARTS_H

#include <array>
#include <limits>
#include <string_view>

#include "report.h"

namespace conformance {

constexpr size_t kCells = 5;
constexpr std::array<Cell, kCells> kAllCells = {Cell::kPassed, Cell::kFailed, Cell::kWaived, Cell::kUnsupported,
                                                Cell::kNotRun};

// How many behaviours there are of each kind.
struct Tally {
  std::array<size_t, kCells> cells = {};
  size_t total = 0;

  size_t of(Cell cell) const {
    return cells[static_cast<size_t>(cell)];
  }
  // What stands for all of them: the worst.
  Cell verdict() const;
};

Cell cell_of(const Report &report, const Behaviour &behaviour, const std::string &engine);
// |chapter|: its id, or empty for all.
Tally tally(const Report &report, const std::string &chapter, const std::string &engine);
// "23 of 24, 1 waived".
std::string words_for(const Tally &tally);

// Valid UTF-8, without characters that XML can't have, and with those escaped that mean something to XML and HTML.
std::string escape(std::string_view text);

struct JsonLimits {
  size_t message = std::numeric_limits<size_t>::max();       // bytes of one message
  size_t all_messages = std::numeric_limits<size_t>::max();  // together
};
std::string json_of(const Report &report, const JsonLimits &limits = {});
std::string junit_of(const Report &report);
std::string page_of(const Report &report);
std::string summary_of(const Report &report);

}  // namespace conformance

#endif
