// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shows the report that stands beside it in the page. Texts of the report become text nodes and nothing else.
"use strict";

const report = JSON.parse(document.getElementById("report").textContent);
const engines = report.engines.map((engine) => engine.name);
const states = ["failed", "not run", "waived", "unsupported", "passed"];
const meanings = {
  "passed": "holds in every run",
  "failed": "does not hold",
  "waived": "does not hold, for a known reason",
  "unsupported": "the engine lacks what it needs, says so, and refuses",
  "not run": "was not tried",
};
const byId = (id) => document.getElementById(id);

// An element with attributes, and with texts and elements in it.
function make(name, attributes, ...inside) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  element.append(...inside.flat().filter((each) => each !== null));
  return element;
}
const className = (state) => "is-" + state.replace(" ", "-");
const number = (value) => value.toLocaleString("en-US");
const plural = (count, one, many) => number(count) + " " + (count === 1 ? one : many || one + "s");
const worst = (totals) => states.find((state) => totals[state] > 0 && state !== "unsupported") || "unsupported";

function sign(state) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("class", "sign " + className(state));
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", "#sign-" + state.replace(" ", "-"));
  picture.append(use);
  return picture;
}
const spoken = (text) => make("span", {class: "spoken"}, text);

function duration(seconds) {
  if (seconds < 1) return number(Math.round(seconds * 1000)) + " ms";
  if (seconds < 60) return seconds.toFixed(1) + " s";
  const whole = Math.round(seconds);
  const parts = [[Math.floor(whole / 3600), "h"], [Math.floor(whole / 60) % 60, "min"], [whole % 60, "s"]];
  return parts.filter(([count]) => count > 0).map(([count, unit]) => count + " " + unit).join(" ");
}

function moment(text) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return text;
  const format = {day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "UTC"};
  return date.toLocaleString("en-GB", format) + " UTC";
}

// Only to where a reader would expect to be led.
function linkTo(address, text) {
  if (!/^https?:\/\//.test(address)) return address === text ? address : text + " (" + address + ")";
  return make("a", {href: address, rel: "noopener noreferrer"}, text);
}

function rule(text) {
  const rfc = /^RFC (\d+)(?:,? section ([\d.]+))?/.exec(text);
  if (!rfc) return text;
  return linkTo("https://www.rfc-editor.org/rfc/rfc" + rfc[1] + (rfc[2] ? "#section-" + rfc[2] : ""), text);
}

// The runs of a case, with what the numbers in them stand for.
const runsOf = new Map(report.runs.tests.map((test) => [test, []]));
for (const [test, pairing, seconds, verdict = "passed", message = "", counts = {}] of report.runs.rows) {
  runsOf.get(report.runs.tests[test]).push({...report.runs.pairings[pairing], seconds, verdict, message, counts});
}
for (const runs of runsOf.values()) {
  const key = (run) => [run.version, run.client, run.server].join(" ");
  runs.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

const countsList = (counts) => Object.entries(counts).map(([name, count]) => number(count) + " " + name);

// ---- The verdict.

function sumStates() {
  const sum = {total: 0};
  for (const state of states) sum[state] = 0;
  for (const engine of report.engines) {
    for (const state of Object.keys(sum)) sum[state] += engine.totals[state];
  }
  return sum;
}

function sentence(sum) {
  if (sum.passed === sum.total) return "Each behaviour holds on every engine.";
  const verbs = {"failed": ["fails", "fail"], "waived": ["is waived", "are waived"],
    "unsupported": ["is unsupported", "are unsupported"], "not run": ["was not tried", "were not tried"]};
  const others = Object.entries(verbs).filter(([state]) => sum[state] > 0)
    .map(([state, [one, many]]) => number(sum[state]) + " " + (sum[state] === 1 ? one : many));
  const listed = others.length === 1 ? others[0] : others.slice(0, -1).join(", ") + " and " + others.at(-1);
  return "Counting each behaviour on each engine, " + number(sum.passed) + " of " + number(sum.total) + " hold; " + listed + ".";
}

function showVerdict() {
  const all = report.behaviours.length;
  const tried = report.behaviours.filter((each) => engines.some((engine) => each.cells[engine].state !== "not run")).length;
  const verdict = report.passed ? "Passed" : "Failed";
  const state = verdict.toLowerCase();
  byId("headline").append(
    make("span", {class: "verdict " + className(state)}, sign(state), verdict), make("span", {class: "colon"}, ": "),
    (tried < all ? number(tried) + " of " : "") + plural(all, "behaviour") + " on " + plural(engines.length, "engine"));
  byId("lede").append(sentence(sumStates()));
  byId("suite-version").append(report.suite.version);
  const fact = (name, value) => make("div", {}, make("dt", {}, name), make("dd", {}, value));
  byId("facts").append(
    fact("Started", moment(report.started)),
    fact("Took", duration(report.seconds)),
    fact("Ran", plural(report.runs.tests.length, "case") + " in " + plural(report.runs.rows.length, "run")),
    fact("Engines", report.engines.map((engine) => engine.name + " " + engine.version).join(", ")));
}

function showComplaints() {
  byId("page-complaints").hidden = report.complaints.length === 0;
  byId("complaints").append(...report.complaints.map((text) => make("li", {}, sign("failed"), make("span", {}, text))));
}

function showFailures() {
  const failures = report.behaviours.filter((each) => engines.some((engine) => each.cells[engine].state === "failed"));
  byId("page-failures").hidden = failures.length === 0;
  byId("failures").append(...failures.map((each) => {
    const where = engines.filter((engine) => each.cells[engine].state === "failed");
    return make("li", {}, sign("failed"), make("span", {}, make("a", {href: "#" + each.id}, each.says),
      make("small", {}, "on " + where.join(", "))));
  }));
}

function showCounts() {
  const counts = countsList(report.counts);
  byId("page-counts").hidden = counts.length === 0;
  byId("counts").append(...counts.map((text) => make("li", {}, text)));
}

// ---- Chapters and engines.

function tally(totals) {
  const state = worst(totals);
  return make("span", {class: "tally"}, sign(state), make("span", {}, number(totals.passed),
    make("span", {class: "of"}, " of " + number(totals.total))), spoken(" passed"));
}

function bar(totals) {
  const parts = [...states].reverse().filter((state) => totals[state] > 0).map((state) => {
    const part = make("span", {class: className(state)});
    part.style.flexGrow = totals[state];
    return part;
  });
  return make("span", {class: "bar", "aria-hidden": "true"}, parts);
}

function overviewCell(engine, totals) {
  const besides = states.filter((state) => state !== "passed" && totals[state] > 0);
  return make("td", {role: "cell", "data-engine": engine}, make("span", {class: "share"}, tally(totals), bar(totals)),
    besides.map((state) => make("span", {class: "besides " + className(state)}, number(totals[state]) + " " + state)));
}

function overviewRow(title, totalsOf) {
  return make("tr", {role: "row"}, make("th", {role: "rowheader", scope: "row"}, title),
    engines.map((engine) => overviewCell(engine, totalsOf(engine))));
}

function showOverview() {
  const version = (engine) => make("small", {}, engine.version + (engine.loaded ? ", loaded" : ""));
  const head = report.engines.map((engine) =>
    make("th", {role: "columnheader", scope: "col"}, engine.name, version(engine)));
  byId("overview").append(
    make("thead", {role: "rowgroup"}, make("tr", {role: "row"}, make("th", {role: "columnheader", scope: "col"}, "Chapter"), head)),
    make("tbody", {role: "rowgroup"}, report.chapters.map((chapter) =>
      overviewRow(make("a", {href: "#" + chapter.id}, chapter.title), (engine) => chapter.totals[engine]))),
    make("tfoot", {role: "rowgroup"}, overviewRow("All", (engine) => report.engines.find((each) => each.name === engine).totals)));
  byId("legend").append(...[...states].reverse().map((state) => make("li", {}, sign(state), state + ": " + meanings[state])));
}

showVerdict();
showComplaints();
showFailures();
showCounts();
showOverview();
