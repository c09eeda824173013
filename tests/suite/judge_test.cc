// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the suite makes of runs, catalogue and waivers: no failure is lost, and no waiver lives longer than its reason.
#include "judge.h"

#include <gtest/gtest.h>

#include "catalogue.h"

using namespace conformance;

namespace {

class Judge : public testing::Test {
 protected:
  void SetUp() override {
    report_.engines = {{"one", "1.0"}, {"two", "2.0"}};
    report_.chapters = {{"data", "Data"}};
    report_.behaviours = {{"data.echo", "data", "It comes back.", {"a rule"}, {"data.echo"}, ""},
                          {"data.half", "data", "Half of it.", {"a rule"}, {"data.half", "data.echo"}, ""}};
    add("data.echo", "one", "one");
    add("data.echo", "one", "two");
    add("data.echo", "two", "two");
    add("data.half", "one", "one");
    add("data.half", "two", "two");
  }
  conformance::Run &add(const char *test, const char *client, const char *server) {
    conformance::Run run;
    run.test = test;
    run.client = client;
    run.server = server;
    run.version = "TLS 1.3";
    report_.runs.push_back(run);
    return report_.runs.back();
  }
  void waive(const char *behaviour, const char *engine) {
    report_.waivers.push_back({behaviour, engine, "it can't", "https://example.com/", {}});
  }
  Cell cell(const char *behaviour, const char *engine) {
    return report_.cells.at({behaviour, engine});
  }

  Report report_;
};

}  // namespace

TEST_F(Judge, AllPassed) {
  judge(&report_, false);
  EXPECT_EQ(cell("data.echo", "one"), Cell::kPassed);
  EXPECT_EQ(cell("data.half", "two"), Cell::kPassed);
  EXPECT_TRUE(has_passed(report_));
}

TEST_F(Judge, AFailureCountsForEachBehaviourAndBothEngines) {
  report_.runs[1].verdict = Verdict::kFailed;
  judge(&report_, false);
  for (const char *behaviour : {"data.echo", "data.half"})
    for (const char *engine : {"one", "two"}) EXPECT_EQ(cell(behaviour, engine), Cell::kFailed);
  EXPECT_FALSE(has_passed(report_));
}

TEST_F(Judge, CrashesAndHangsAreFailures) {
  for (Verdict verdict : {Verdict::kCrashed, Verdict::kHung}) {
    report_.runs[3].verdict = verdict;
    judge(&report_, false);
    EXPECT_EQ(cell("data.half", "one"), Cell::kFailed);
    EXPECT_EQ(cell("data.half", "two"), Cell::kPassed);
  }
}

TEST_F(Judge, AWaiverExcusesItsEngineAndThoseThatMetIt) {
  report_.runs[1].verdict = report_.runs[2].verdict = Verdict::kFailed;
  waive("data.echo", "two");
  waive("data.half", "two");
  judge(&report_, false);
  EXPECT_EQ(cell("data.echo", "two"), Cell::kWaived);
  EXPECT_EQ(cell("data.echo", "one"), Cell::kPassed);
  EXPECT_TRUE(has_passed(report_));
}

TEST_F(Judge, AWaiverExcusesNoOtherBehaviour) {
  report_.runs[2].verdict = Verdict::kFailed;
  waive("data.echo", "two");
  judge(&report_, false);
  EXPECT_EQ(cell("data.half", "two"), Cell::kFailed);
  EXPECT_FALSE(has_passed(report_));
}

TEST_F(Judge, AWaiverForWhatPassesFailsTheRun) {
  waive("data.half", "one");
  judge(&report_, false);
  EXPECT_EQ(report_.complaints.size(), 1u);
  EXPECT_FALSE(has_passed(report_));
}

TEST_F(Judge, AWaiverForWhatPassesInAnotherVersionIsNoMatter) {
  waive("data.half", "one");
  report_.waivers[0].seen_in = {"0.9", "1.1"};
  judge(&report_, false);
  EXPECT_TRUE(has_passed(report_));
  report_.waivers[0].seen_in = {"0.9", "1.0"};
  judge(&report_, false);
  EXPECT_FALSE(has_passed(report_));
}

TEST_F(Judge, AWaiverExcusesInEachVersion) {
  report_.runs[3].verdict = Verdict::kFailed;
  waive("data.half", "one");
  report_.waivers[0].seen_in = {"0.9"};
  judge(&report_, false);
  EXPECT_EQ(cell("data.half", "one"), Cell::kWaived);
  EXPECT_NE(excuse_of(report_, report_.runs[3]), nullptr);
  EXPECT_EQ(excuse_of(report_, report_.runs[0]), nullptr) << "a behaviour of this case is not waived";
}

TEST_F(Judge, AWaiverForABehaviourThatIsNotThereFailsTheRun) {
  waive("data.none", "one");
  judge(&report_, false);
  EXPECT_FALSE(has_passed(report_));
}

TEST_F(Judge, WhatWasNotTriedFailsAWholeRunAndNoPartOfOne) {
  report_.runs.resize(3);
  report_.behaviours[1].tests = {"data.half"};
  Report part = report_;
  judge(&part, true);
  EXPECT_EQ(part.cells.at({"data.half", "one"}), Cell::kNotRun);
  EXPECT_TRUE(has_passed(part));
  judge(&report_, false);
  EXPECT_FALSE(has_passed(report_));
}

TEST_F(Judge, WhatAnEngineLacksIsRefusedAndNotPassed) {
  report_.behaviours[0].needs = "key-log";
  judge(&report_, false);
  EXPECT_EQ(cell("data.echo", "one"), Cell::kUnsupported) << "nobody knows the engine, so it has no capability";
  report_.runs[0].verdict = Verdict::kFailed;
  judge(&report_, false);
  EXPECT_EQ(cell("data.echo", "one"), Cell::kFailed);
}

TEST(Waivers, HaveAReasonAndALink) {
  std::vector<Waiver> waivers;
  EXPECT_EQ(read_waivers(R"({"waivers": []})", &waivers), "");
  EXPECT_EQ(read_waivers(R"({"waivers": [{"behaviour": "a.b", "engine": "e", "reason": "r", "link": "l"}]})", &waivers),
            "");
  ASSERT_EQ(waivers.size(), 1u);
  EXPECT_EQ(waivers[0].reason, "r");
  EXPECT_TRUE(waivers[0].seen_in.empty());
  EXPECT_EQ(read_waivers(
                R"({"waivers": [{"behaviour": "a.b", "engine": "e", "reason": "r", "link": "l", "seen_in": ["1.2"]}]})",
                &waivers),
            "");
  EXPECT_EQ(waivers[1].seen_in, std::vector<std::string>{"1.2"});
  for (const char *wrong :
       {"", "[]", R"({"waivers": [{"behaviour": "a.b", "engine": "e", "reason": "r"}]})",
        R"({"waivers": [{"behaviour": "a.b", "engine": "e", "reason": "", "link": "l"}]})",
        R"({"waivers": [{"behaviour": "a.b", "engine": "e", "reason": "r", "link": ""}]})",
        R"({"waivers": [{"behaviour": "a.b", "engine": "e", "reason": "r", "link": "l", "seen_in": "1"}]})"})
    EXPECT_NE(read_waivers(wrong, &waivers), "") << wrong;
}

TEST(Catalogue, ProofsAndCasesFitTogether) {
  Catalogue small;
  small.behaviours = {{"data.echo", "data", "It comes back.", {"a rule"}, {"data.echo"}, ""}};
  EXPECT_TRUE(check_catalogue(small, {"data.echo"}).empty());
  EXPECT_EQ(check_catalogue(small, {}).size(), 1u) << "a behaviour whose case is not there";
  EXPECT_EQ(check_catalogue(small, {"data.echo", "data.half"}).size(), 1u) << "a case that proves nothing";
}

TEST(Catalogue, IsWholeAndLarge) {
  EXPECT_TRUE(catalogue().mistakes.empty());
  EXPECT_GE(catalogue().behaviours.size(), 200u);
}
