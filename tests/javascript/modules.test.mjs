// A page names beforehand all modules that its script loads, so that a browser need not find them one after another.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { posix } from "node:path";

const pages = new URL("../../crates/pages/", import.meta.url);
const read = (path) => readFile(new URL(path, pages), "utf8");

/** Made by the server; it imports nothing. */
const GENERATED = "staff/editor/descriptions.js";

/** All modules that one imports, directly or not. */
async function modulesOf(script, found = new Set()) {
  if (script === GENERATED) return found;
  const text = await read(`assets/${script}`);
  for (const [, path] of text.matchAll(/^(?:import|export) [^;]*?from "(\.[^"]+)";$/gm)) {
    const module = posix.join(posix.dirname(script), path);
    if (found.has(module)) continue;
    found.add(module);
    await modulesOf(module, found);
  }
  return found;
}

const assetsIn = (text, pattern) => [...text.matchAll(pattern)].map(([, path]) => path);
const preloadsOf = async (template) =>
  assetsIn(await read(`templates/${template}`), /rel="modulepreload"[^>]*asset\("([^"]+)"\)/g);

for (const [script, ...templates] of [
  ["candidate/sit.js", "candidate/sitting.html"],
  ["staff/editor/editor.js", "staff/layout.html", "staff/tests/edit.html"],
  ["staff/editor/bank.js", "staff/layout.html", "staff/bank/edit.html"],
  ["staff/page.js", "staff/layout.html"],
]) {
  test(`${templates.at(-1)} names all modules of ${script}, and each once`, async () => {
    const named = (await Promise.all(templates.map(preloadsOf))).flat();
    assert.equal(new Set(named).size, named.length);
    const own = await preloadsOf(templates.at(-1));
    const modules = await modulesOf(script);
    assert.ok(modules.size > 0);
    for (const module of modules) assert.ok(named.includes(module), module);
    for (const module of own) assert.ok(modules.has(module), `${module} is not used`);
  });
}
