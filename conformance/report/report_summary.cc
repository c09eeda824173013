// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The table of the README. Nothing in it changes while the results don't.
#include "report_parts.h"

namespace conformance {

namespace {

std::string row(const Report &report, const std::string &title, const std::string &chapter) {
  std::string line = "| " + title + " |";
  for (const EngineUnderTest &engine : report.engines)
    line += " " + words_for(tally(report, chapter, engine.name)) + " |";
  return line + "\n";
}

// Within a cell of a table.
std::string cell_text(std::string_view text) {
  std::string safe;
  for (char c : escape(text)) {
    if (c == '|') safe += '\\';
    safe += c == '\n' ? ' ' : c;
  }
  return safe;
}

}  // namespace

std::string summary_of(const Report &report) {
  std::string text = "| behaviours |";
  std::string rule = "|---|";
  for (const EngineUnderTest &engine : report.engines) {
    text += " " + cell_text(engine.name) + " |";
    rule += "---|";
  }
  text += "\n" + rule + "\n";
  for (const Chapter &chapter : report.chapters) text += row(report, cell_text(chapter.title), chapter.id);
  return text + row(report, "**All**", "");
}

}  // namespace conformance
