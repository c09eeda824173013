// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "conformance/report/report_parts.h"
#include "sample.h"

namespace {

using namespace conformance;
using nlohmann::json;

size_t count_of(const std::string &text, const std::string &part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) count++;
  return count;
}

// Between the first |begin| and the |end| after it.
std::string between(const std::string &text, const std::string &begin, const std::string &end) {
  size_t from = text.find(begin);
  if (from == std::string::npos) return "";
  from += begin.size();
  return text.substr(from, text.find(end, from) - from);
}

const json *find_by_id(const json &list, const std::string &id) {
  for (const json &each : list) {
    if (each.at("id") == id) return &each;
  }
  return nullptr;
}

TEST(Escape, LeavesNothingThatMarkupOrXmlWouldStumbleOver) {
  EXPECT_EQ(escape("a<b>&\"c\"\n\t"), "a&lt;b&gt;&amp;&quot;c&quot;\n\t");
  EXPECT_EQ(escape(std::string("\x00\x01\x08\x0b\x1f\x7f-", 7)), "-");
  EXPECT_EQ(escape("caf\xc3\xa9 \xf0\x9f\x94\x91"), "caf\xc3\xa9 \xf0\x9f\x94\x91");
  EXPECT_EQ(escape("\xff"), "\xef\xbf\xbd");
  EXPECT_EQ(escape("\xed\xa0\x80").find('\xed'), std::string::npos);
  EXPECT_EQ(escape("\xef\xbf\xbe\xef\xbf\xbf-"), "-");
}

TEST(Tally, CountsAndSaysTheWorst) {
  Report report = sample::mixed();
  Tally closing = tally(report, "closing", "wolfssl");
  EXPECT_EQ(closing.total, 7u);
  EXPECT_EQ(closing.of(Cell::kPassed), 5u);
  EXPECT_EQ(words_for(closing), "5 of 7, 1 waived, 1 unsupported");
  EXPECT_EQ(words_for(tally(report, "data", "openssl")), "14 of 14");
  EXPECT_EQ(words_for(tally(report, "", "gnutls")), "44 of 46, 1 failed, 1 not run");
}

TEST(Verdict, IsOfCellsAndComplaints) {
  EXPECT_TRUE(has_passed(sample::good()));
  Report failing = sample::good();
  failing.cells[{failing.behaviours[3].id, "gnutls"}] = Cell::kFailed;
  EXPECT_FALSE(has_passed(failing));
  Report complaining = sample::good();
  complaining.complaints = {"something"};
  EXPECT_FALSE(has_passed(complaining));
  Report waived = sample::good();
  waived.cells[{waived.behaviours[3].id, "gnutls"}] = Cell::kWaived;
  EXPECT_TRUE(has_passed(waived));
}

TEST(Json, HasTheDocumentedShape) {
  json document = json::parse(json_of(sample::mixed()));
  EXPECT_EQ(document.at("schema"), 1);
  EXPECT_EQ(document.at("suite").at("version"), "0.1.0");
  EXPECT_EQ(document.at("started"), "2026-03-14T09:26:53Z");
  EXPECT_EQ(document.at("seconds"), 702.4);
  EXPECT_EQ(document.at("passed"), false);
  EXPECT_EQ(document.at("engines").size(), 3u);
  EXPECT_EQ(document.at("engines")[1].at("totals").at("failed"), 2);
  EXPECT_EQ(document.at("chapters").size(), 6u);
  EXPECT_EQ(document.at("chapters")[4].at("totals").at("wolfssl").at("waived"), 1);
  EXPECT_EQ(document.at("behaviours").size(), 46u);
  EXPECT_EQ(document.at("waivers").size(), 2u);
  EXPECT_EQ(document.at("complaints").size(), 2u);
  EXPECT_EQ(document.at("counts").at("flipped bits"), 2311 * 18);
}

TEST(Json, HasTheEvidenceOfABehaviour) {
  json document = json::parse(json_of(sample::mixed()));
  const json *crash = find_by_id(document.at("behaviours"), "data.crash");
  ASSERT_NE(crash, nullptr);
  EXPECT_EQ(crash->at("chapter"), "data");
  EXPECT_EQ(crash->at("tests"), json::array({"data.crash"}));
  EXPECT_EQ(crash->at("rules").size(), 2u);
  EXPECT_EQ(crash->at("cells").at("gnutls"), json({{"state", "failed"}, {"passed", 8}, {"failed", 2}}));
  EXPECT_EQ(crash->at("cells").at("openssl"), json({{"state", "passed"}, {"passed", 10}, {"failed", 0}}));
  EXPECT_EQ(find_by_id(document.at("behaviours"), "data.flipped")->at("counts").at("flipped bits"), 2311 * 18);
  EXPECT_EQ(find_by_id(document.at("behaviours"), "closing.unsupported")->at("needs"), "key-log");
}

TEST(Json, RunsCanBeReadBack) {
  Report report = sample::mixed();
  json runs = json::parse(json_of(report)).at("runs");
  ASSERT_EQ(runs.at("rows").size(), report.runs.size());
  for (size_t i = 0; i < report.runs.size(); i++) {
    const auto &run = report.runs[i];
    const json &row = runs.at("rows")[i];
    const json &pairing = runs.at("pairings")[row[1].get<size_t>()];
    EXPECT_EQ(runs.at("tests")[row[0].get<size_t>()], run.test);
    EXPECT_EQ(pairing.at("client"), run.client);
    EXPECT_EQ(pairing.at("server"), run.server);
    EXPECT_EQ(pairing.at("version"), run.version);
    EXPECT_NEAR(row[2].get<double>(), run.seconds, 0.00005);
    EXPECT_EQ(row.size() > 3 ? row[3] : json("passed"), name_of(run.verdict));
  }
}

TEST(Json, CutsLongMessagesForThePageOnly) {
  Report report = sample::good();
  for (auto &run : report.runs) {
    run.verdict = Verdict::kFailed;
    run.message = std::string(50, 'y');
  }
  EXPECT_EQ(json::parse(json_of(report)).at("runs").at("rows")[0][4], report.runs[0].message);
  json cut = json::parse(json_of(report, {20, 45})).at("runs").at("rows");
  EXPECT_EQ(count_of(cut[0][4].get<std::string>(), "y"), 20u);
  EXPECT_EQ(count_of(cut[2][4].get<std::string>(), "y"), 5u);
  EXPECT_EQ(count_of(cut[3][4].get<std::string>(), "y"), 0u);
}

TEST(Summary, IsATableAndNothingThatChanges) {
  Report report = sample::mixed();
  std::string text = summary_of(report);
  EXPECT_EQ(text.substr(0, text.find("\n| Identities")),
            "| behaviours | openssl | wolfssl | gnutls |\n|---|---|---|---|");
  EXPECT_NE(text.find("| Closing | 7 of 7 | 5 of 7, 1 waived, 1 unsupported | 6 of 7, 1 not run |\n"),
            std::string::npos);
  EXPECT_NE(text.find("| Limits, &lt;each&gt; at its bound &amp; one over | 1 of 1 |"), std::string::npos);
  EXPECT_NE(text.find("| **All** | 46 of 46 |"), std::string::npos);
  report.started = "2027-01-01T00:00:00Z";
  report.seconds = 1;
  report.engines[0].version = "9.9";
  for (auto &run : report.runs) run.seconds = 7;
  EXPECT_EQ(summary_of(report), text);
}

TEST(Page, IsWholeAndHarmless) {
  std::string page = page_of(sample::mixed());
  EXPECT_EQ(count_of(page, "<script"), 2u);
  EXPECT_EQ(count_of(page, "</script>"), 2u);
  EXPECT_EQ(count_of(page, "<noscript>"), 1u);
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_NE(page.find("<td>5 of 7, 1 waived, 1 unsupported</td>"), std::string::npos);
  json inside = json::parse(between(page, "<script type=\"application/json\" id=\"report\">", "</script>"));
  EXPECT_EQ(inside.at("behaviours").size(), 46u);
  EXPECT_NE(find_by_id(inside.at("behaviours"), "closing.waived")->at("says").get<std::string>().find("</script>"),
            std::string::npos);
}

TEST(Page, SaysHowMuchWasTried) {
  Report report = sample::good();
  EXPECT_EQ(between(page_of(report), "<title>", " ("), "Passed: 41 behaviours on 3 engines");
  for (const auto &engine : report.engines) report.cells[{report.behaviours[0].id, engine.name}] = Cell::kNotRun;
  EXPECT_EQ(between(page_of(report), "<title>", " ("), "Passed: 40 of 41 behaviours on 3 engines");
}

TEST(Page, StaysSmall) {
  Report report = sample::large();
  ASSERT_EQ(report.behaviours.size(), 250u);
  ASSERT_EQ(report.runs.size(), 10000u);
  EXPECT_LT(page_of(report).size(), 3000000u);
}

TEST(Files, AreWrittenOrItIsSaidWhyNot) {
  std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "wasi-tls-report" / "below";
  EXPECT_EQ(write_report(sample::good(), folder.string()), "");
  for (const char *name : {"junit.xml", "report.json", "index.html", "summary.md"})
    EXPECT_GT(std::filesystem::file_size(folder / name), 100u) << name;
  std::ifstream file(folder / "report.json");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), json_of(sample::good()));
  EXPECT_NE(write_report(sample::good(), (folder / "report.json").string()), "");
  std::filesystem::remove_all(folder.parent_path());
}

}  // namespace
