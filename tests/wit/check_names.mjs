// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// check_names.mjs SOURCE WORK [--table]
//
// Holds the C headers to the WIT: every function of wasi:tls@0.1.0-draft has the C function whose name is derived from
// it, and no other is declared. SOURCE is the project's folder; WORK is where ./install has put jco.
// --table writes the table into docs/interface.md instead of comparing it.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { checkDrafts } from "./drafts.mjs";
import { declarations, enumerators, functionLike } from "./header.mjs";
import { isFresh, render, write } from "./table.mjs";
import { ALL_FEATURES, cName, enums, features, functionNames, interfaceText, isDrop, label } from "./wit.mjs";
import { loadParser, parsePackage } from "./wit.mjs";

const INTERFACE = "wasi:tls/types@0.1.0-draft";
const PACKAGE = "wit/wasi-tls-0.1.0-draft";
const HEADERS = ["identity", "client", "server", "future"].map((name) => `api/wasi_tls/${name}.h`);
const ERROR_HEADER = "api/wasi_tls/error.h";
const DOCUMENT = "docs/interface.md";

// WIT enums and the C enums that they mirror. `none` is the case that option<> says in WIT.
const MIRRORS = [
  { wit: "error-class", c: "wasi_tls_error_class", prefix: "WASI_TLS_CLASS_", none: "none" },
  { wit: "verify-reason", c: "wasi_tls_verify_reason", prefix: "WASI_TLS_VERIFY_", none: "ok" },
  { wit: "step", c: "wasi_tls_step", prefix: "WASI_TLS_STEP_" },
];

/** Canonical name -> the feature that it is gated with, or undefined; what more than one gate hides is a problem. */
async function readFunctions(parser, dir, problems) {
  const namesWith = async (enabled) => functionNames(interfaceText(await parsePackage(parser, dir, enabled), INTERFACE));
  const source = readFileSync(join(dir, "types.wit"), "utf8");
  const gates = new Set([...source.matchAll(/@unstable\(feature = ([a-z0-9-]+)\)/g)].map((match) => match[1]));
  const functions = new Map([...(await namesWith(features()))].map((name) => [name, undefined]));
  for (const gate of gates) {
    for (const name of await namesWith(features(gate))) if (!functions.has(name)) functions.set(name, gate);
  }
  for (const name of await namesWith(ALL_FEATURES)) {
    if (!functions.has(name)) problems.push(`${label(name)}: needs more than one feature`);
  }
  return functions;
}

function checkComment(name, gate, { path, name: function_, wit, feature, text }) {
  if (isDrop(name)) return text.startsWith("Resource drop") ? [] : [`${path}: ${function_}: not described as a drop`];
  const found = [];
  if (wit !== label(name)) found.push(`${path}: ${function_}: its comment names ${wit ?? "no WIT function"}`);
  if (feature !== gate) found.push(`${path}: ${function_}: feature ${feature ?? "none"}, in the WIT ${gate ?? "none"}`);
  return found;
}

/** Compares both ways; returns the pairs that belong together. */
function pairUp(functions, declared, problems) {
  const wanted = new Map([...functions.keys()].map((name) => [cName(name), name]));
  const byName = new Map(declared.map((each) => [each.name, each]));
  for (const [c, name] of wanted) {
    if (!byName.has(c)) problems.push(`missing in the headers: ${c}, for WIT ${label(name)}`);
  }
  for (const { name, path } of declared) {
    if (!wanted.has(name)) problems.push(`extra in ${path}: ${name} stands for no WIT function`);
  }
  const pairs = declared.filter((each) => wanted.has(each.name));
  for (const each of pairs) {
    const name = wanted.get(each.name);
    problems.push(...checkComment(name, functions.get(name), each));
  }
  return pairs.map((declaration) => ({ name: label(wanted.get(declaration.name)), declaration }));
}

function readHeaders(source, problems) {
  return HEADERS.flatMap((path) => {
    const declared = declarations(join(source, path)).map((each) => ({ ...each, path }));
    const names = declared.map((each) => each.name);
    for (const name of functionLike(join(source, path))) {
      if (!names.includes(name)) problems.push(`${path}: ${name}: not declared with WASI_TLS_API`);
    }
    return declared;
  });
}

function checkSame(what, wit, c, problems) {
  if (wit.join() !== c.join()) problems.push(`${what} differs: WIT has ${wit.join(" ")}; C has ${c.join(" ")}`);
}

/** The enums have the same cases in the same order, so that a host converts them by arithmetic. */
function checkEnums(source, declared, text, problems) {
  const cases = enums(text);
  for (const { wit, c, prefix, none } of MIRRORS) {
    const mirrored = enumerators(join(source, ERROR_HEADER), c, prefix).filter((each) => each !== none);
    checkSame(`enum ${wit}`, cases.get(wit) ?? [], mirrored, problems);
  }
  const comment = declared.find((each) => each.name === "wasi_tls_client_handshake_abort_with")?.text ?? "";
  const alerts = [...comment.matchAll(/\b([a-z_]+) \d+/g)].map((match) => match[1].replaceAll("_", "-"));
  checkSame("enum abort-alert", cases.get("abort-alert") ?? [], alerts, problems);
}

async function main(source, work, wantsTable) {
  const problems = [];
  const parser = await loadParser(work);
  const dir = join(source, PACKAGE);
  const functions = await readFunctions(parser, dir, problems);
  const declared = readHeaders(source, problems);
  const table = render(pairUp(functions, declared, problems));
  checkEnums(source, declared, interfaceText(await parsePackage(parser, dir, ALL_FEATURES), INTERFACE), problems);
  problems.push(...(await checkDrafts(parser, join(source, "wit"), work)));

  if (wantsTable) write(join(source, DOCUMENT), table);
  if (!isFresh(join(source, DOCUMENT), table)) problems.push(`${DOCUMENT} is out of date: run this with --table`);
  for (const problem of problems) console.error(problem);
  console.log(`${functions.size} WIT functions, ${declared.length} C functions, ${problems.length} problems`);
  return problems.length === 0 ? 0 : 1;
}

const [source, work, option] = process.argv.slice(2);
if (!work || (option && option !== "--table")) {
  console.error("usage: check_names.mjs SOURCE WORK [--table]");
  process.exit(2);
}
process.exitCode = await main(resolve(source), resolve(work), option === "--table");
