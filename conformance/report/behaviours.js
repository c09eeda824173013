// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The list of behaviours: opened by chapter, by filter or by address.

// ---- What proves a behaviour; made when it is opened.

function standing(behaviour) {
  return make("ul", {class: "standing", "aria-label": "Engines"}, engines.map((engine) => {
    const cell = behaviour.cells[engine];
    const runs = cell.passed + cell.failed;
    const text = runs === 0 ? "no runs" : number(cell.passed) + " of " + plural(runs, "run") + " passed";
    return make("li", {}, sign(cell.state), make("span", {}, make("strong", {}, engine), " ",
      make("span", {class: className(cell.state)}, cell.state), make("small", {}, text)));
  }));
}

function waiversOf(behaviour) {
  return report.waivers.filter((waiver) => waiver.behaviour === behaviour.id).map((waiver) =>
    make("div", {class: "waiver"}, make("strong", {}, "Waived for " + waiver.engine), make("p", {}, waiver.reason),
      waiver.link ? make("p", {}, linkTo(waiver.link, waiver.link)) : null));
}

function meta(behaviour) {
  const rules = make("ul", {}, behaviour.rules.map((each) => make("li", {}, rule(each))));
  return make("dl", {class: "meta"},
    make("dt", {}, "Id"), make("dd", {}, make("a", {href: "#" + behaviour.id}, make("code", {}, behaviour.id))),
    make("dt", {}, behaviour.rules.length === 1 ? "Rule" : "Rules"), make("dd", {}, rules),
    behaviour.needs ? [make("dt", {}, "Needs"), make("dd", {}, "the capability ", make("code", {}, behaviour.needs))] : null);
}

const pairing = (run) => run.client + " → " + run.server;

// Runs that fail in the same way are told of once.
function failures(runs) {
  const groups = new Map();
  for (const run of runs) {
    const key = run.verdict + "\n" + run.message;
    groups.set(key, [...(groups.get(key) || []), run]);
  }
  return [...groups.values()].map((group) => make("div", {class: "failure"},
    make("p", {}, sign("failed"), " ", make("strong", {}, group[0].verdict), " in " + plural(group.length, "run") + ": ",
      group.map((run) => pairing(run) + " under " + run.version).join(", ")),
    group[0].message ? make("pre", {tabindex: "0", role: "region", "aria-label": "Message"}, group[0].message) : null));
}

function runRow(run) {
  const state = run.verdict === "passed" ? "passed" : "failed";
  return make("li", {}, sign(state), make("span", {}, pairing(run), spoken(", " + run.verdict)),
    make("span", {class: "quiet"}, run.version), make("span", {class: "time quiet"}, duration(run.seconds)));
}

function caseOf(test) {
  const runs = runsOf.get(test) || [];
  const passed = runs.filter((run) => run.verdict === "passed").length;
  const counts = {};
  for (const run of runs) {
    for (const [name, count] of Object.entries(run.counts)) counts[name] = (counts[name] || 0) + count;
  }
  const time = runs.reduce((sum, run) => sum + run.seconds, 0);
  const facts = runs.length === 0 ? ["not run"] :
    [number(passed) + " of " + plural(runs.length, "run") + " passed", duration(time) + " in all", ...countsList(counts)];
  return make("section", {class: "case"}, make("h5", {}, make("code", {}, test)), make("p", {class: "quiet"}, facts.join(" · ")),
    failures(runs.filter((run) => run.verdict !== "passed")),
    make("ul", {class: "runs", "aria-label": "Runs, client to server"}, runs.map(runRow)));
}

function evidence(behaviour) {
  return make("div", {class: "evidence"}, meta(behaviour), standing(behaviour), waiversOf(behaviour), behaviour.tests.map(caseOf));
}

// ---- The list.

function marks(behaviour) {
  return make("span", {class: "marks"}, engines.map((engine) => {
    const state = behaviour.cells[engine].state;
    return make("span", {class: "mark"}, sign(state), make("span", {class: "engine"}, engine), spoken(" " + engine + " " + state));
  }));
}

function behaviourItem(behaviour) {
  const item = make("details", {class: "behaviour", id: behaviour.id},
    make("summary", {}, make("h4", {}, behaviour.says), marks(behaviour)));
  item.addEventListener("toggle", () => {
    if (!item.open) return;
    if (!item.querySelector(".evidence")) item.append(evidence(behaviour));
    if (item.contains(document.activeElement)) history.replaceState(null, "", "#" + behaviour.id);
  });
  return item;
}

const waiverText = (behaviour) => report.waivers.filter((each) => each.behaviour === behaviour.id).map((each) => each.reason);
const wordsIn = (each) => [each.id, each.says, each.needs, ...each.rules, ...each.tests, ...waiverText(each)];
const entries = report.behaviours.map((behaviour) => ({
  behaviour,
  item: behaviourItem(behaviour),
  text: wordsIn(behaviour).join("\n").toLowerCase(),
}));

function chapterItem(chapter) {
  const own = entries.filter((entry) => entry.behaviour.chapter === chapter.id);
  const sums = make("span", {class: "marks"}, engines.map((engine) =>
    make("span", {class: "mark"}, tally(chapter.totals[engine]), make("span", {class: "engine"}, engine))));
  const title = make("h3", {}, chapter.title + " ", make("small", {}, plural(own.length, "behaviour")));
  const item = make("details", {class: "chapter", id: chapter.id}, make("summary", {}, title, sums),
    make("div", {class: "behaviours"}, own.map((entry) => entry.item)));
  return {item, entries: own};
}
const chapters = report.chapters.map(chapterItem);
const places = new Map([...chapters, ...entries].map(({item}) => [item.id, item]));

// ---- The filter.

const filter = {text: byId("filter-text"), state: byId("filter-state"), engine: byId("filter-engine")};
const isFiltered = () => filter.text.value.trim() !== "" || filter.state.value !== "" || filter.engine.value !== "";

function isWanted(entry, words) {
  const where = filter.engine.value === "" ? engines : [filter.engine.value];
  const fits = filter.state.value === "" || where.some((engine) => entry.behaviour.cells[engine].state === filter.state.value);
  return fits && words.every((word) => entry.text.includes(word));
}

function applyFilter() {
  const words = filter.text.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
  let shown = 0;
  for (const chapter of chapters) {
    const wanted = chapter.entries.filter((entry) => isWanted(entry, words));
    for (const entry of chapter.entries) entry.item.hidden = !wanted.includes(entry);
    chapter.item.hidden = wanted.length === 0;
    chapter.item.open = isFiltered() && wanted.length > 0;
    shown += wanted.length;
  }
  const all = plural(entries.length, "behaviour");
  byId("shown").textContent = isFiltered() ? number(shown) + " of " + all : all + " in " + plural(chapters.length, "chapter");
}

function showAll() {
  for (const control of Object.values(filter)) control.value = "";
  applyFilter();
}

function fillFilter() {
  const option = (value, text) => make("option", {value}, text);
  filter.state.append(option("", "any"), ...states.map((state) => option(state, state)));
  filter.engine.append(option("", "any"), ...engines.map((engine) => option(engine, engine)));
  byId("filter").addEventListener("input", applyFilter);
  byId("filter").addEventListener("submit", (event) => event.preventDefault());
  byId("filter").addEventListener("reset", (event) => {
    event.preventDefault();
    showAll();
  });
}

// ---- Addresses.

function followAddress() {
  const target = places.get(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.closest("[hidden]")) showAll();
  target.closest(".chapter").open = true;
  target.open = true;
  target.scrollIntoView();
  target.querySelector("summary").focus({preventScroll: true});
}

function openForPaper() {
  for (const chapter of chapters) chapter.item.open = true;
}

document.documentElement.style.setProperty("--engines", engines.length);
byId("columns").append(...engines.map((engine) => make("span", {}, engine)));
byId("chapters").append(...chapters.map((chapter) => chapter.item));
fillFilter();
byId("page").hidden = false;
applyFilter();
followAddress();
// Once more when the browser has followed it in its own way, which takes the focus.
addEventListener("load", () => setTimeout(followAddress));
addEventListener("hashchange", followAddress);
addEventListener("beforeprint", openForPaper);
