// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// index.html: report/page.html, with its style, its script and the report put in. The page's policy names those two by
// their hashes, so that nothing that a message brings along could run.
#include <openssl/evp.h>

#include <algorithm>

#include "embedded.h"
#include "report_parts.h"

namespace conformance {

extern const EmbeddedFiles page_files;

namespace {

// A page with every message of a run that fails everywhere would be too much for a phone.
constexpr JsonLimits kPageLimits = {4000, 1500000};

std::string text_of(std::string_view name) {
  for (const EmbeddedFile &file : page_files) {
    if (file.name == name) return std::string(file.text);
  }
  return "";
}

// As a policy names it.
std::string source_of(const std::string &text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  unsigned char base64[2 * EVP_MAX_MD_SIZE];
  EVP_EncodeBlock(base64, digest, static_cast<int>(size));
  return "'sha256-" + std::string(reinterpret_cast<const char *>(base64)) + "'";
}

// JSON that no parser of HTML finds an end or a comment in.
std::string data_of(const Report &report) {
  std::string safe;
  for (char c : json_of(report, kPageLimits)) safe += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return safe;
}

bool was_tried(const Report &report, const Behaviour &behaviour) {
  return std::any_of(report.engines.begin(), report.engines.end(), [&](const EngineUnderTest &engine) {
    return cell_of(report, behaviour, engine.name) != Cell::kNotRun;
  });
}

std::string headline(const Report &report) {
  auto tried = static_cast<size_t>(std::count_if(report.behaviours.begin(), report.behaviours.end(),
                                                 [&](const Behaviour &each) { return was_tried(report, each); }));
  std::string count =
      std::to_string(report.behaviours.size()) + " behaviours on " + std::to_string(report.engines.size()) + " engines";
  if (tried < report.behaviours.size()) count = std::to_string(tried) + " of " + count;
  return (has_passed(report) ? "Passed: " : "Failed: ") + count;
}

std::string table_row(const Report &report, const std::string &title, const std::string &chapter) {
  std::string row = "<tr><th scope=\"row\">" + escape(title) + "</th>";
  for (const EngineUnderTest &engine : report.engines)
    row += "<td>" + words_for(tally(report, chapter, engine.name)) + "</td>";
  return row + "</tr>\n";
}

// For those who let no script run.
std::string plain_summary(const Report &report) {
  std::string text = "<h1>" + headline(report) + "</h1>\n<p>" + escape(report.started) + "</p>\n";
  for (const std::string &complaint : report.complaints) text += "<p>" + escape(complaint) + "</p>\n";
  text += "<table><tr><th scope=\"col\">Chapter</th>";
  for (const EngineUnderTest &engine : report.engines)
    text += "<th scope=\"col\">" + escape(engine.name + " " + engine.version) + "</th>";
  text += "</tr>\n";
  for (const Chapter &chapter : report.chapters) text += table_row(report, chapter.title, chapter.id);
  return text + table_row(report, "All", "") + "</table>\n<p>The behaviours and their evidence are in report.json.</p>";
}

}  // namespace

std::string page_of(const Report &report) {
  std::string style = text_of("page.css") + text_of("behaviours.css");
  std::string script = text_of("page.js") + text_of("behaviours.js");
  std::map<std::string_view, std::string> values = {{"title", headline(report)},
                                                    {"style-source", source_of(style)},
                                                    {"script-source", source_of(script)},
                                                    {"style", style},
                                                    {"script", script},
                                                    {"data", data_of(report)},
                                                    {"summary", plain_summary(report)}};
  std::string source = text_of("page.html");
  std::string_view rest = source;
  std::string page;
  for (size_t open = rest.find("{{"); open != std::string_view::npos; open = rest.find("{{")) {
    size_t close = rest.find("}}", open);
    page += rest.substr(0, open);
    page += values[rest.substr(open + 2, close - open - 2)];
    rest.remove_prefix(close + 2);
  }
  return page + std::string(rest);
}

}  // namespace conformance
