// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a public header declares.
import { readFileSync } from "node:fs";

// The text of a comment without the stars and on one line.
const plain = (comment) => comment.replace(/^\s*\*+/gm, " ").replace(/\s+/g, " ").trim();

// The WIT function that a comment names, and its gate.
function witOf(comment) {
  const match = comment.match(/^WIT `([^`]+)`(?:, @unstable\(feature = ([a-z0-9-]+)\))?[:.]?\s*/);
  if (!match) return { text: comment };
  return { wit: match[1], feature: match[2], text: comment.slice(match[0].length) };
}

function declaration(path, comment, code) {
  const name = code.match(/(\w+)\s*\(/)?.[1] ?? code.trim();
  return { path, name, ...witOf(plain(comment ?? "")) };
}

/** Functions declared with WASI_TLS_API: { path, name, wit, feature, text }, the last three from the comment before. */
export function declarations(path) {
  const source = readFileSync(path, "utf8");
  const pattern = /(?:\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*)?\bWASI_TLS_API\b((?:\s+\w+|\s*\*)*?\s*\w+\s*\([^;]*\));/g;
  return [...source.matchAll(pattern)].map(([, comment, code]) => declaration(path, comment, code));
}

/** Every wasi_tls_ name that is followed by a parenthesis outside of comments: a function, declared or not. */
export function functionLike(path) {
  const code = readFileSync(path, "utf8").replace(/\/\*[^]*?\*\//g, " ");
  return [...code.matchAll(/\b(wasi_tls_\w+)\s*\(/g)].map((match) => match[1]);
}

/** Enumerators of a typedef'd enum, in order, without `prefix`, in kebab-case. */
export function enumerators(path, name, prefix) {
  const code = readFileSync(path, "utf8").replace(/\/\*[^]*?\*\//g, " ");
  const body = code.match(new RegExp(`typedef enum ${name} \\{([^}]*)\\}`))?.[1] ?? "";
  const names = [...body.matchAll(new RegExp(`\\b${prefix}(\\w+)`, "g"))].map((match) => match[1]);
  return names.map((each) => each.toLowerCase().replaceAll("_", "-"));
}
