// Scripts are named by words that a stranger can guess; these say nothing, and are not to come back.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import ts from "typescript";

const WORDS = ["asked", "given", "house", "kept", "known", "room", "sought", "told"];

/** The identifiers of a script: names of values, members and types, and not what stands in texts and comments. */
function identifiersIn(text) {
  const found = new Set();
  const visit = (node) => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) found.add(node.text.replace("#", ""));
    for (const comment of node.jsDoc ?? []) visit(comment);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("script.js", text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS));
  return found;
}

test("identifiers, members and parameters in comments are seen, and words in texts are not", () => {
  const text = `
    /** What is told. @param {{ kept: string }} told */
    function say(told) { this.#known.asked = "given"; } // a house
  `;
  assert.deepEqual(
    WORDS.filter((word) => identifiersIn(text).has(word)),
    ["asked", "kept", "known", "told"],
  );
});

for (const folder of ["../../crates/pages/assets/", "../browser/", "./"]) {
  test(`no name in ${folder} is a word that says nothing`, async () => {
    const base = new URL(folder, import.meta.url);
    const files = (await readdir(base, { recursive: true })).filter(
      (file) => /\.m?js$/.test(file) && !/node_modules|generated/.test(file),
    );
    assert.ok(files.length > 10);
    const found = [];
    for (const file of files) {
      const names = identifiersIn(await readFile(new URL(file, base), "utf8"));
      found.push(...WORDS.filter((word) => names.has(word)).map((word) => `${file}: ${word}`));
    }
    assert.deepEqual(found, []);
  });
}
