// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "catalogue.h"

#include <nlohmann/json.hpp>
#include <set>

#include "embedded.h"
#include "wasi_tls/wasi_tls.h"

namespace conformance {

extern const EmbeddedFiles catalogue_files;

namespace {

using nlohmann::json;

bool is_capability(const std::string &name) {
  for (int i = 0; i < WASI_TLS_CAP_COUNT; i++)
    if (name == wasi_tls_capability_name(static_cast<wasi_tls_capability>(i))) return true;
  return false;
}

Behaviour read_behaviour(const json &entry, const std::string &chapter) {
  Behaviour behaviour;
  behaviour.chapter = chapter;
  behaviour.id = chapter + "." + entry.at("id").get<std::string>();
  behaviour.says = entry.at("says").get<std::string>();
  behaviour.rules = entry.at("rules").get<std::vector<std::string>>();
  behaviour.tests = entry.at("tests").get<std::vector<std::string>>();
  behaviour.needs = entry.value("needs", "");
  return behaviour;
}

void check_behaviour(const Behaviour &behaviour, std::set<std::string> *ids, std::vector<std::string> *mistakes) {
  if (!ids->insert(behaviour.id).second) mistakes->push_back(behaviour.id + ": the id is there twice");
  if (behaviour.says.empty()) mistakes->push_back(behaviour.id + ": says nothing");
  if (behaviour.rules.empty()) mistakes->push_back(behaviour.id + ": comes from no rule");
  if (behaviour.tests.empty()) mistakes->push_back(behaviour.id + ": no case proves it");
  if (!behaviour.needs.empty() && !is_capability(behaviour.needs))
    mistakes->push_back(behaviour.id + ": there is no capability " + behaviour.needs);
}

void read_chapter(const EmbeddedFile &source, std::set<std::string> *ids, Catalogue *all) {
  try {
    json file = json::parse(source.text);
    Chapter chapter = {file.at("chapter").get<std::string>(), file.at("title").get<std::string>()};
    all->chapters.push_back(chapter);
    for (const json &entry : file.at("behaviours")) {
      all->behaviours.push_back(read_behaviour(entry, chapter.id));
      check_behaviour(all->behaviours.back(), ids, &all->mistakes);
    }
  } catch (const json::exception &error) {
    all->mistakes.push_back(std::string(source.name) + ": " + error.what());
  }
}

Catalogue read() {
  Catalogue all;
  std::set<std::string> ids;
  for (const EmbeddedFile &file : catalogue_files) read_chapter(file, &ids, &all);
  return all;
}

}  // namespace

const Catalogue &catalogue() {
  static const Catalogue all = read();
  return all;
}

std::vector<std::string> check_catalogue(const Catalogue &catalogue, const std::vector<std::string> &cases) {
  std::vector<std::string> mistakes = catalogue.mistakes;
  std::set<std::string> there(cases.begin(), cases.end()), proving;
  for (const Behaviour &behaviour : catalogue.behaviours) {
    for (const std::string &test : behaviour.tests) {
      proving.insert(test);
      if (there.count(test) == 0) mistakes.push_back(behaviour.id + ": there is no case " + test);
    }
  }
  for (const std::string &test : there)
    if (proving.count(test) == 0) mistakes.push_back(test + ": a case that proves no behaviour");
  return mistakes;
}

}  // namespace conformance
