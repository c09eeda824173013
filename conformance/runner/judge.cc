// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "judge.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engines.h"

namespace conformance {

namespace {

using nlohmann::json;
using RunsByTest = std::map<std::string, std::vector<const Run *>>;

bool names(const Waiver &waiver, const Behaviour &behaviour, const std::string &engine) {
  return waiver.behaviour == behaviour.id && waiver.engine == engine;
}

bool is_waived(const Report &report, const Behaviour &behaviour, const std::string &engine) {
  return std::any_of(report.waivers.begin(), report.waivers.end(),
                     [&](const Waiver &waiver) { return names(waiver, behaviour, engine); });
}

bool lacks(const std::string &engine, const std::string &capability) {
  for (int i = 0; i < WASI_TLS_CAP_COUNT; i++) {
    auto each = static_cast<wasi_tls_capability>(i);
    if (capability == wasi_tls_capability_name(each)) return !engine_supports(engine, each);
  }
  return false;
}

struct Evidence {
  size_t runs = 0;
  size_t failed = 0;   // with nobody to excuse it
  size_t excused = 0;  // by a waiver of this engine
};

// What became of the cases of |behaviour| in which |engine| had a part. A failure is excused if either side has a
// waiver.
Evidence gather(const Report &report, const RunsByTest &by_test, const Behaviour &behaviour,
                const std::string &engine) {
  Evidence evidence;
  for (const std::string &test : behaviour.tests) {
    auto found = by_test.find(test);
    if (found == by_test.end()) continue;
    for (const Run *run : found->second) {
      if (run->client != engine && run->server != engine) continue;
      evidence.runs++;
      if (run->verdict == Verdict::kPassed) continue;
      if (is_waived(report, behaviour, engine)) {
        evidence.excused++;
      } else if (!is_waived(report, behaviour, run->client) && !is_waived(report, behaviour, run->server)) {
        evidence.failed++;
      }
    }
  }
  return evidence;
}

Cell cell_of(const Evidence &evidence, const Behaviour &behaviour, const std::string &engine) {
  if (evidence.runs == 0) return Cell::kNotRun;
  if (evidence.failed > 0) return Cell::kFailed;
  if (evidence.excused > 0) return Cell::kWaived;
  return lacks(engine, behaviour.needs) ? Cell::kUnsupported : Cell::kPassed;
}

// Another version of the engine may have got over it; whoever has that is not to fail for it.
bool is_about(const Waiver &waiver, const Report &report) {
  auto engine = std::find_if(report.engines.begin(), report.engines.end(),
                             [&](const EngineUnderTest &each) { return each.name == waiver.engine; });
  return waiver.seen_in.empty() ||
         std::any_of(waiver.seen_in.begin(), waiver.seen_in.end(),
                     [&](const std::string &part) { return engine->version.find(part) != std::string::npos; });
}

void judge_waiver(const Waiver &waiver, bool partial, Report *report) {
  std::string what = "the waiver of " + waiver.behaviour + " for " + waiver.engine;
  bool known = std::any_of(report->behaviours.begin(), report->behaviours.end(),
                           [&](const Behaviour &behaviour) { return behaviour.id == waiver.behaviour; });
  if (!known) {
    report->complaints.push_back(what + ": there is no such behaviour");
    return;
  }
  auto cell = report->cells.find({waiver.behaviour, waiver.engine});
  if (cell == report->cells.end() || (partial && cell->second == Cell::kNotRun)) return;
  if (cell->second != Cell::kWaived && is_about(waiver, *report))
    report->complaints.push_back(what + " excuses nothing: it passes");
}

}  // namespace

std::string read_waivers(const std::string &text, std::vector<Waiver> *waivers) {
  try {
    const json file = json::parse(text);
    for (const json &entry : file.at("waivers")) {
      Waiver waiver = {entry.at("behaviour").get<std::string>(), entry.at("engine").get<std::string>(),
                       entry.at("reason").get<std::string>(), entry.at("link").get<std::string>(),
                       entry.value("seen_in", std::vector<std::string>())};
      if (waiver.reason.empty() || waiver.link.empty()) return waiver.behaviour + ": a waiver has a reason and a link";
      waivers->push_back(waiver);
    }
  } catch (const json::exception &error) {
    return error.what();
  }
  return "";
}

void judge(Report *report, bool partial) {
  RunsByTest by_test;
  for (const Run &run : report->runs) by_test[run.test].push_back(&run);
  for (const Behaviour &behaviour : report->behaviours) {
    for (const EngineUnderTest &engine : report->engines) {
      Evidence evidence = gather(*report, by_test, behaviour, engine.name);
      Cell cell = cell_of(evidence, behaviour, engine.name);
      report->cells[{behaviour.id, engine.name}] = cell;
      if (cell == Cell::kNotRun && !partial)
        report->complaints.push_back(behaviour.id + " was not tried on " + engine.name);
    }
  }
  for (const Waiver &waiver : report->waivers) judge_waiver(waiver, partial, report);
}

}  // namespace conformance
