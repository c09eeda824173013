// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The two later drafts, and the copies of wasi:io: they belong to others and must stay what guests were built against.
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ALL_FEATURES, functionNames, interfaceText, label, parsePackage } from "./wit.mjs";

const IO = ["error", "poll", "streams"].map((name) => `wasi:io/${name}@0.2.12`);
const DRAFT_02 = "wasi:tls/types@0.2.0-draft";

// No published package to compare with: its functions are written down here.
const DRAFT_03 = {
  "wasi:tls/types@0.3.0-draft": "error.drop error.to-debug-string",
  "wasi:tls/client@0.3.0-draft":
    "connector.connect connector.constructor connector.drop connector.receive connector.send",
};

// jco carries the 0.2.0 draft, with one function of its own that guests of others don't have.
function referenceCopy(work) {
  const copy = mkdtempSync(join(work, "reference-"));
  cpSync(join(work, "node_modules/@bytecodealliance/jco/lib/wit/builtin/wasi-tls-0.2.0-draft"), copy, {
    recursive: true,
  });
  const types = join(copy, "types.wit");
  writeFileSync(types, readFileSync(types, "utf8").replace("is-available: func() -> bool;", ""));
  return copy;
}

async function checkDraft02(parser, wit, work) {
  const ours = await parsePackage(parser, join(wit, "wasi-tls-0.2.0-draft"), ALL_FEATURES);
  const copy = referenceCopy(work);
  try {
    const reference = await parsePackage(parser, copy, ALL_FEATURES);
    const differs = (id) => interfaceText(ours, id) !== interfaceText(reference, id);
    return [...IO, DRAFT_02].filter(differs).map((id) => `${id} is not what jco's copy of it says`);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

async function checkDraft03(parser, wit) {
  const component = await parsePackage(parser, join(wit, "wasi-tls-0.3.0-draft"), ALL_FEATURES);
  const names = (id) => [...functionNames(interfaceText(component, id))].map(label).sort().join(" ");
  const wrong = Object.entries(DRAFT_03).filter(([id, expected]) => names(id) !== expected);
  return wrong.map(([id]) => `${id} has ${names(id)}`);
}

function checkCopies(wit) {
  const [first, second] = ["0.1.0", "0.2.0"].map((version) => join(wit, `wasi-tls-${version}-draft/deps/io`));
  const names = [...new Set([...readdirSync(first), ...readdirSync(second)])];
  const same = (name) => readFileSync(join(first, name), "utf8") === readFileSync(join(second, name), "utf8");
  return names.filter((name) => !same(name)).map((name) => `deps/io/${name} differs between the two packages`);
}

/** Problems found in the later drafts and in the copies of wasi:io. */
export async function checkDrafts(parser, wit, work) {
  return [...checkCopies(wit), ...(await checkDraft02(parser, wit, work)), ...(await checkDraft03(parser, wit))];
}
