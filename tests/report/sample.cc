// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "sample.h"

namespace sample {

using conformance::Behaviour;
using conformance::Cell;
using conformance::Report;
using conformance::Run;
using conformance::Verdict;

const char kNasty[] =
    "</script><script>document.title='harmed'</script><!--<img src=x onerror=alert(1)> ]]> & \"quoted\" 'single' "
    "\x01\x1b[31mred\x7f caf\xc3\xa9 \xff\xfe \xef\xbf\xbf {{data}} | pipe\nsecond line\ttab";

namespace {

struct Pair {
  const char *client, *server;
};

Report empty_report() {
  Report report;
  report.suite_version = "0.1.0";
  report.started = "2026-03-14T09:26:53Z";
  report.seconds = 702.4;
  report.engines = {{"openssl", "3.0.17", false}, {"wolfssl", "5.5.4", false}, {"gnutls", "3.7.9", false}};
  return report;
}

void add_runs(Report *report, const std::string &test) {
  int number = 0;
  for (const auto &client : report->engines) {
    for (const auto &server : report->engines) {
      for (const char *version : {"TLS 1.2", "TLS 1.3"}) {
        Run run;
        run.test = test;
        run.client = client.name;
        run.server = server.name;
        run.version = version;
        run.seconds = 0.0031 * ++number;
        report->runs.push_back(run);
      }
    }
  }
}

// A behaviour with a case of its own, which passes everywhere.
Behaviour *add_behaviour(Report *report, const std::string &chapter, const std::string &id, const std::string &says) {
  Behaviour behaviour;
  behaviour.chapter = chapter;
  behaviour.id = chapter + "." + id;
  behaviour.says = says;
  behaviour.rules = {"WIT client-handshake.finish", "RFC 8446 section 6.1"};
  behaviour.tests = {chapter + "." + id};
  add_runs(report, behaviour.tests[0]);
  for (const auto &engine : report->engines) report->cells[{behaviour.id, engine.name}] = Cell::kPassed;
  report->behaviours.push_back(behaviour);
  return &report->behaviours.back();
}

// The case |test| ends like this where |engine| is on both sides.
void end_all(Report *report, const std::string &test, const std::string &engine, Verdict verdict, const char *message) {
  for (Run &run : report->runs) {
    if (run.test != test || run.client != engine || run.server != engine) continue;
    run.verdict = verdict;
    run.message = message;
  }
}

constexpr const char *kSentences[] = {
    "After its own close_notify an end still reads what the peer sends.",
    "A certificate whose time is over is refused as expired, with the alert certificate_expired.",
    "While a handshake is suspended, no byte leaves and none is taken in, however often the peer sends.",
    "The first of the configured identities that fits the ClientHello is the one presented.",
    "A transport that blocks at any one call delays the handshake and changes nothing else.",
    "A record cut short by the end of the transport is reported as truncated, at each of its bytes.",
    "A request for an identity that comes after the handshake is answered while data flows.",
    "The future of a step answers once; each later call fails.",
};

void add_chapter(Report *report, const std::string &id, const std::string &title, size_t behaviours) {
  report->chapters.push_back({id, title});
  for (size_t i = 0; i < behaviours; i++) {
    const char *says = kSentences[report->behaviours.size() % std::size(kSentences)];
    add_behaviour(report, id, "behaviour_" + std::to_string(i), says);
  }
}

void add_failures(Report *report) {
  Behaviour *failing = add_behaviour(report, "data", "flipped", "One flipped bit anywhere in a handshake ends it.");
  for (Run &run : report->runs) {
    if (run.test == failing->id) run.counts = {{"flipped bits", 2311}, {"nasty <b>&\x02", 1}};
  }
  end_all(report, failing->id, "wolfssl", Verdict::kFailed, kNasty);
  report->cells[{failing->id, "wolfssl"}] = Cell::kFailed;

  Behaviour *crashing = add_behaviour(report, "data", "crash", "An end of the transport at any byte is an error.");
  end_all(report, crashing->id, "gnutls", Verdict::kCrashed, "ended by signal 11 (Segmentation fault)");
  end_all(report, crashing->id, "wolfssl", Verdict::kHung, "");
  report->cells[{crashing->id, "gnutls"}] = Cell::kFailed;
  report->cells[{crashing->id, "wolfssl"}] = Cell::kFailed;
}

void add_exceptions(Report *report) {
  Behaviour *waived = add_behaviour(report, "closing", "waived", kNasty);
  end_all(report, waived->id, "wolfssl", Verdict::kFailed, "Expected equality of these values:\n  1\n  2");
  report->cells[{waived->id, "wolfssl"}] = Cell::kWaived;
  report->waivers = {
      {waived->id, "wolfssl", "The engine has no call for it <b>.", "https://example.org/issues/1?a=b&c=d", {}},
      {waived->id, "gnutls", "A link that must not be one.", "javascript:alert(1)", {}}};
  Behaviour *lacking = add_behaviour(report, "closing", "unsupported", "A key log has a line for each secret.");
  lacking->needs = "key-log";
  lacking->rules = {
      ".NET SslClientAuthenticationOptions.RemoteCertificateValidationCallback.AndSomethingLongerThanAPhone"};
  report->cells[{lacking->id, "wolfssl"}] = Cell::kUnsupported;
  report->cells[{lacking->id, "gnutls"}] = Cell::kNotRun;
  report->complaints = {"the waiver of closing.waived for gnutls excuses nothing: it passes", kNasty};
}

}  // namespace

Report good() {
  Report report = empty_report();
  add_chapter(&report, "identities", "Identities", 9);
  add_chapter(&report, "client-hello", "ClientHello", 7);
  add_chapter(&report, "suspension", "Suspension", 8);
  add_chapter(&report, "data", "Data", 12);
  add_chapter(&report, "closing", "Closing", 5);
  return report;
}

Report mixed() {
  Report report = good();
  add_failures(&report);
  add_exceptions(&report);
  report.chapters.push_back({"counts", "Limits, <each> at its bound & one over"});
  add_behaviour(&report, "counts", "bound", "A limit admits what is at its bound.");
  return report;
}

Report large() {
  Report report = empty_report();
  report.engines.push_back({"mbedtls", "2.28.3", true});
  for (int i = 0; i < 16; i++) add_chapter(&report, "chapter-" + std::to_string(i), "Chapter " + std::to_string(i), 16);
  report.behaviours.resize(250);
  for (Run &run : report.runs) run.counts = {{"flipped bits", 2311}};
  for (size_t i = 0; report.runs.size() < 10000; i++) report.runs.push_back(report.runs[i]);
  for (size_t i = 0; i < report.runs.size(); i += 2) {
    report.runs[i].verdict = Verdict::kFailed;
    report.runs[i].message = std::string(3000, 'x') + "\n\"\\<&";
  }
  return report;
}

}  // namespace sample
