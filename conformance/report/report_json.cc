// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// report.json, whose schema is in REPORT.md.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report_parts.h"

namespace conformance {

namespace {

// Keeps the order in which its members are added.
using json = nlohmann::ordered_json;
using Counts = std::map<std::string, uint64_t>;
using RunsByTest = std::map<std::string, std::vector<const Run *>>;

// To a tenth of a millisecond.
double rounded(double seconds) {
  return std::round(seconds * 1e4) / 1e4;
}

void add_counts(const Run &run, Counts *counts) {
  for (const auto &[name, count] : run.counts) (*counts)[name] += count;
}

json counts_json(const Counts &counts) {
  json object = json::object();
  for (const auto &[name, count] : counts) object[name] = count;
  return object;
}

json tally_json(const Tally &tally) {
  json object = json::object();
  for (Cell cell : kAllCells) object[name_of(cell)] = tally.of(cell);
  object["total"] = tally.total;
  return object;
}

json engines_json(const Report &report) {
  json list = json::array();
  for (const EngineUnderTest &engine : report.engines) {
    list.push_back({{"name", engine.name},
                    {"version", engine.version},
                    {"loaded", engine.loaded},
                    {"totals", tally_json(tally(report, "", engine.name))}});
  }
  return list;
}

json chapters_json(const Report &report) {
  json list = json::array();
  for (const Chapter &chapter : report.chapters) {
    json totals = json::object();
    for (const EngineUnderTest &engine : report.engines)
      totals[engine.name] = tally_json(tally(report, chapter.id, engine.name));
    list.push_back({{"id", chapter.id}, {"title", chapter.title}, {"totals", totals}});
  }
  return list;
}

std::vector<const Run *> runs_of(const RunsByTest &by_test, const Behaviour &behaviour) {
  std::vector<const Run *> runs;
  for (const std::string &test : behaviour.tests) {
    auto found = by_test.find(test);
    if (found != by_test.end()) runs.insert(runs.end(), found->second.begin(), found->second.end());
  }
  return runs;
}

// A state, and the runs in which |engine| had a part.
json cell_json(Cell cell, const std::vector<const Run *> &runs, const std::string &engine) {
  size_t passed = 0;
  size_t failed = 0;
  for (const Run *run : runs) {
    if (run->client != engine && run->server != engine) continue;
    (run->verdict == Verdict::kPassed ? passed : failed)++;
  }
  return {{"state", name_of(cell)}, {"passed", passed}, {"failed", failed}};
}

json behaviours_json(const Report &report) {
  RunsByTest by_test;
  for (const Run &run : report.runs) by_test[run.test].push_back(&run);
  json list = json::array();
  for (const Behaviour &behaviour : report.behaviours) {
    std::vector<const Run *> runs = runs_of(by_test, behaviour);
    json cells = json::object();
    for (const EngineUnderTest &engine : report.engines)
      cells[engine.name] = cell_json(cell_of(report, behaviour, engine.name), runs, engine.name);
    Counts counts;
    for (const Run *run : runs) add_counts(*run, &counts);
    list.push_back({{"id", behaviour.id},
                    {"chapter", behaviour.chapter},
                    {"says", behaviour.says},
                    {"rules", behaviour.rules},
                    {"tests", behaviour.tests},
                    {"needs", behaviour.needs},
                    {"cells", cells},
                    {"counts", counts_json(counts)}});
  }
  return list;
}

json waivers_json(const Report &report) {
  json list = json::array();
  for (const Waiver &waiver : report.waivers) {
    list.push_back({{"behaviour", waiver.behaviour},
                    {"engine", waiver.engine},
                    {"reason", waiver.reason},
                    {"link", waiver.link},
                    {"seen_in", waiver.seen_in}});
  }
  return list;
}

// The names of cases, and the pairings, which runs only number.
class RunTable {
 public:
  explicit RunTable(const JsonLimits &limits) : limits_(limits), left_(limits.all_messages) {}

  void add(const Run &run) {
    json row = {number_of(run.test, run.test, &tests_),
                number_of(run.client + '\n' + run.server + '\n' + run.version,
                          json({{"client", run.client}, {"server", run.server}, {"version", run.version}}), &pairings_),
                rounded(run.seconds)};
    if (run.verdict != Verdict::kPassed || !run.counts.empty()) {
      row.push_back(name_of(run.verdict));
      row.push_back(shortened(run.message));
      Counts counts;
      add_counts(run, &counts);
      row.push_back(counts_json(counts));
    }
    rows_.push_back(row);
  }

  json to_json() const {
    return {{"tests", tests_.list},
            {"pairings", pairings_.list},
            {"columns", {"test", "pairing", "seconds", "verdict", "message", "counts"}},
            {"rows", rows_}};
  }

 private:
  struct Numbered {
    std::map<std::string, size_t> numbers;
    json list = json::array();
  };

  static size_t number_of(const std::string &key, const json &entry, Numbered *table) {
    auto [place, is_new] = table->numbers.emplace(key, table->list.size());
    if (is_new) table->list.push_back(entry);
    return place->second;
  }

  std::string shortened(const std::string &message) {
    size_t length = std::min({message.size(), limits_.message, left_});
    left_ -= length;
    if (length == message.size()) return message;
    return message.substr(0, length) + "\n(cut off here; the whole is in report.json)";
  }

  JsonLimits limits_;
  size_t left_;
  Numbered tests_;
  Numbered pairings_;
  json rows_ = json::array();
};

}  // namespace

std::string json_of(const Report &report, const JsonLimits &limits) {
  RunTable runs(limits);
  Counts counts;
  for (const Run &run : report.runs) {
    runs.add(run);
    add_counts(run, &counts);
  }
  json document = {{"schema", 1},
                   {"suite", {{"name", "wasi-tls-conformance"}, {"version", report.suite_version}}},
                   {"started", report.started},
                   {"seconds", rounded(report.seconds)},
                   {"passed", has_passed(report)},
                   {"engines", engines_json(report)},
                   {"chapters", chapters_json(report)},
                   {"behaviours", behaviours_json(report)},
                   {"waivers", waivers_json(report)},
                   {"counts", counts_json(counts)},
                   {"complaints", report.complaints},
                   {"runs", runs.to_json()}};
  return document.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace conformance
