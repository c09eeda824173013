// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The mappings of the interface to .NET and Node.js, row by row: none that has a meaning is forgotten.
#include <nlohmann/json.hpp>
#include <set>

#include "case.h"
#include "catalogue.h"
#include "embedded.h"

using namespace conformance;

namespace conformance {
extern const EmbeddedFiles seed_rows_files;
}

namespace {

// As a rule of the catalogue names it: ".NET SslStream.IsServer".
std::string rule_of(const nlohmann::json &row) {
  return row.at("platform").get<std::string>() + " " + row.at("type").get<std::string>() + "." +
         row.at("member").get<std::string>();
}

bool is_row(const std::string &rule) {
  return (rule.compare(0, 5, ".NET ") == 0 || rule.compare(0, 8, "Node.js ") == 0) &&
         rule.find('.', rule.find(' ')) != std::string::npos;
}

}  // namespace

CASE(seed_rows, each_is_named) {
  std::set<std::string> rules, meaningful, all;
  for (const Behaviour &behaviour : catalogue().behaviours)
    rules.insert(behaviour.rules.begin(), behaviour.rules.end());
  for (const EmbeddedFile &file : seed_rows_files) {
    const nlohmann::json data = nlohmann::json::parse(file.text);
    for (const nlohmann::json &row : data.at("rows")) {
      std::string mark = row.at("mark").get<std::string>(), rule = rule_of(row);
      EXPECT_TRUE(all.insert(rule).second) << rule << " is there twice";
      EXPECT_TRUE(mark == "supported" || mark == "effective" || mark == "unsupported") << mark;
      if (mark != "unsupported") meaningful.insert(rule);
    }
  }
  for (const std::string &row : meaningful) EXPECT_EQ(rules.count(row), 1u) << "no behaviour names " << row;
  for (const std::string &rule : rules)
    if (is_row(rule)) {
      EXPECT_EQ(meaningful.count(rule), 1u) << "no row says " << rule;
    }
  record_count("rows", meaningful.size());
  EXPECT_GT(meaningful.size(), 100u);
}
