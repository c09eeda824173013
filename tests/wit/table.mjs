// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The table of WIT and C functions in docs/interface.md.
import { readFileSync, writeFileSync } from "node:fs";

const BEGIN = "<!-- begin: written by tests/wit/check_names.mjs --table -->";
const END = "<!-- end -->";

// What the header says of a function, up to its results: they are listed there.
function notes({ feature, text }) {
  const withoutResults = text.replace(/\s*\b(?:Also returns|Returns|OK)\b.*$/, "");
  const described = withoutResults.replace(/\|(\*?\w+)\|/g, "`$1`").replaceAll("|", "\\|");
  const sentence = described.charAt(0).toUpperCase() + described.slice(1);
  return (feature ? `Feature \`${feature}\`. ` : "") + sentence;
}

function row(name, declaration) {
  return `| \`${name}\` | \`${declaration.name}\` | ${notes(declaration)} |`;
}

/** One table for each header; `pairs` are { name, declaration } in the order of the headers. */
export function render(pairs) {
  const lines = [];
  for (const path of new Set(pairs.map((pair) => pair.declaration.path))) {
    lines.push("", `### ${path}`, "", "| WIT | C | Notes |", "|---|---|---|");
    const own = pairs.filter((pair) => pair.declaration.path === path);
    lines.push(...own.map((pair) => row(pair.name, pair.declaration)));
  }
  return [BEGIN, ...lines.slice(1), "", END].join("\n");
}

function split(path) {
  const document = readFileSync(path, "utf8");
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END, begin) + END.length;
  if (begin < 0 || end < END.length) throw new Error(`${path} has no place for the table`);
  return { before: document.slice(0, begin), table: document.slice(begin, end), after: document.slice(end) };
}

export const isFresh = (path, table) => split(path).table === table;

export function write(path, table) {
  const { before, after } = split(path);
  writeFileSync(path, before + table + after);
}
