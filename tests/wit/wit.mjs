// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a WIT package holds, as jco's parser sees it.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const ALL_FEATURES = { tag: "all" };
export const features = (...names) => ({ tag: "list", val: names });

/** The parser of the jco that is installed in `work`. */
export async function loadParser(work) {
  const jco = createRequire(createRequire(join(work, "from.js")).resolve("@bytecodealliance/jco"));
  const load = (name) => import(pathToFileURL(jco.resolve(`@bytecodealliance/jco-transpile/${name}`)));
  return { tools: await load("wasm-tools"), bindgen: await load("component") };
}

// The tool that makes components names only the folder that it could not parse; the other one says why.
async function explain({ bindgen }, dir, enabled, failure) {
  await bindgen.$init;
  try {
    bindgen.generateTypes("types", { wit: { tag: "path", val: dir }, features: enabled });
  } catch (cause) {
    return new Error(`${dir} does not parse: ${cause.payload ?? cause}`);
  }
  return new Error(`${dir} does not parse: ${failure.payload ?? failure}`);
}

/** The package in `dir` as the text of a component that imports its world. */
export async function parsePackage(parser, dir, enabled) {
  const { tools } = parser;
  try {
    const module = await tools.componentEmbed({ dummy: true, witPath: dir, features: enabled });
    return await tools.print(await tools.componentNew(module, []));
  } catch (failure) {
    throw await explain(parser, dir, enabled, failure);
  }
}

/** The type of one imported interface, as text; empty if it is not imported. */
export function interfaceText(component, id) {
  const begin = component.indexOf(`\n  (type $ty-${id} `);
  return begin < 0 ? "" : component.slice(component.indexOf("\n", begin + 1), component.indexOf("\n  )", begin));
}

/** Canonical names of all functions of an interface, each resource's drop among them. */
export function functionNames(text) {
  const functions = [...text.matchAll(/\(export \(;\d+;\) "([^"]+)" \(func/g)].map((match) => match[1]);
  const resources = [...text.matchAll(/\(export \(;\d+;\) "([^"]+)" \(type \(sub resource\)\)\)/g)];
  return new Set([...functions, ...resources.map((match) => `[resource-drop]${match[1]}`)]);
}

/** Cases of the enums of an interface, by name. */
export function enums(text) {
  const found = new Map();
  for (const [, index, cases] of text.matchAll(/\(type \(;(\d+);\) \(enum ([^)]*)\)\)/g)) {
    const name = text.match(new RegExp(`"([^"]+)" \\(type \\(eq ${index}\\)\\)`))[1];
    found.set(name, cases.match(/[^" ]+/g));
  }
  return found;
}

function named(name, constructor, drop) {
  const [, kind, rest] = name.match(/^(?:\[(.+)\])?(.+)$/);
  return rest.split(".").concat({ constructor, "resource-drop": drop }[kind] ?? []);
}

/** "[method]r.f", "[static]r.f" -> "r.f"; "[constructor]r" -> "r.constructor"; "[resource-drop]r" -> "r.drop". */
export const label = (name) => named(name, "constructor", "drop").join(".");

/** The C function that a canonical name stands for. */
export const cName = (name) =>
  ["wasi_tls", ...named(name, "new", "free")].join("_").replaceAll("-", "_").toLowerCase();

export const isDrop = (name) => name.startsWith("[resource-drop]");
