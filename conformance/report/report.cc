// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "report.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "report_parts.h"

namespace conformance {

const char *name_of(Cell cell) {
  switch (cell) {
    case Cell::kPassed:
      return "passed";
    case Cell::kFailed:
      return "failed";
    case Cell::kWaived:
      return "waived";
    case Cell::kUnsupported:
      return "unsupported";
    case Cell::kNotRun:
      break;
  }
  return "not run";
}

const char *name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
      return "passed";
    case Verdict::kFailed:
      return "failed";
    case Verdict::kCrashed:
      return "crashed";
    case Verdict::kHung:
      break;
  }
  return "hung";
}

Cell Tally::verdict() const {
  for (Cell cell : {Cell::kFailed, Cell::kNotRun, Cell::kWaived, Cell::kPassed}) {
    if (of(cell) > 0) return cell;
  }
  return Cell::kUnsupported;
}

Cell cell_of(const Report &report, const Behaviour &behaviour, const std::string &engine) {
  auto found = report.cells.find({behaviour.id, engine});
  return found == report.cells.end() ? Cell::kNotRun : found->second;
}

Tally tally(const Report &report, const std::string &chapter, const std::string &engine) {
  Tally sum;
  for (const Behaviour &behaviour : report.behaviours) {
    if (!chapter.empty() && behaviour.chapter != chapter) continue;
    sum.cells[static_cast<size_t>(cell_of(report, behaviour, engine))]++;
    sum.total++;
  }
  return sum;
}

std::string words_for(const Tally &tally) {
  std::string words = std::to_string(tally.of(Cell::kPassed)) + " of " + std::to_string(tally.total);
  for (Cell cell : kAllCells) {
    if (cell == Cell::kPassed || tally.of(cell) == 0) continue;
    words += ", " + std::to_string(tally.of(cell)) + " " + name_of(cell);
  }
  return words;
}

static const Waiver *waiver_for(const Report &report, const std::string &behaviour, const Run &run) {
  auto found = std::find_if(report.waivers.begin(), report.waivers.end(), [&](const Waiver &waiver) {
    return waiver.behaviour == behaviour && (waiver.engine == run.client || waiver.engine == run.server);
  });
  return found == report.waivers.end() ? nullptr : &*found;
}

const Waiver *excuse_of(const Report &report, const Run &run) {
  const Waiver *excuse = nullptr;
  for (const Behaviour &behaviour : report.behaviours) {
    if (std::find(behaviour.tests.begin(), behaviour.tests.end(), run.test) == behaviour.tests.end()) continue;
    excuse = waiver_for(report, behaviour.id, run);
    if (excuse == nullptr) return nullptr;
  }
  return excuse;
}

bool has_passed(const Report &report) {
  for (const EngineUnderTest &engine : report.engines) {
    if (tally(report, "", engine.name).of(Cell::kFailed) > 0) return false;
  }
  return report.complaints.empty();
}

std::string escape(std::string_view text) {
  using nlohmann::json;
  // Its replacement character for what is no UTF-8 is all that is wanted of JSON here.
  std::string valid = json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace)).get<std::string>();
  std::string escaped;
  for (size_t i = 0; i < valid.size(); i++) {
    char c = valid[i];
    bool control = (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
    bool none = valid.compare(i, 3, "\xEF\xBF\xBE") == 0 || valid.compare(i, 3, "\xEF\xBF\xBF") == 0;
    if (none) i += 2;
    if (control || none) continue;
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string write_report(const Report &report, const std::string &folder) {
  std::error_code wrong;
  std::filesystem::create_directories(folder, wrong);
  if (wrong) return folder + ": " + wrong.message();
  const std::pair<const char *, std::string (*)(const Report &)> files[] = {
      {"junit.xml", junit_of},
      {"report.json", [](const Report &each) { return json_of(each); }},
      {"index.html", page_of},
      {"summary.md", summary_of},
  };
  for (const auto &[name, text_of] : files) {
    std::filesystem::path path = std::filesystem::path(folder) / name;
    std::ofstream file(path, std::ios::binary);
    file << text_of(report);
    file.close();
    if (!file) return path.string() + ": can't be written";
  }
  return "";
}

}  // namespace conformance
