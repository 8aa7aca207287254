// @ts-check
// The parts of a test: where they stand, how they are called, and their keys.

import { freeKey } from "./keys.js";
import { stepsOf, valueAt } from "./pointer.js";
import { entryKind } from "./question_kinds.js";

/** @typedef {import("./types.js").Entry} Entry */
/** @typedef {import("./types.js").EntryKind} EntryKind */
/** @typedef {import("./types.js").TestDocument} TestDocument */

/** Lists whose entries have sheets of their own. */
const ENTRY_LISTS = ["sections", "pages", "questions"];
const LONGEST_NAME = 60;

/**
 * @param {TestDocument} test
 * @param {string} pointer
 */
export const entryAt = (test, pointer) => /** @type {Entry | undefined} */ (valueAt(test, pointer));

/**
 * @param {TestDocument} test
 * @param {string} pointer
 */
export const entriesAt = (test, pointer) => /** @type {Entry[]} */ (valueAt(test, pointer));

/**
 * The part whose sheet holds a place: the deepest section, page, pool, reference or question on the way to it. Empty for
 * the settings of the test.
 * @param {TestDocument} test
 * @param {string} pointer
 */
export function holderOf(test, pointer) {
  const steps = stepsOf(pointer);
  const places = pointer.split("/");
  let holder = "";
  steps.forEach((step, index) => {
    const place = places.slice(0, index + 2).join("/");
    const isEntry = /^\d+$/.test(step) && ENTRY_LISTS.includes(steps[index - 1]);
    if (isEntry && entryAt(test, place)) holder = place;
  });
  return holder;
}

/**
 * Where the fields of an entry stand: those of a pool are one deeper.
 * @param {TestDocument} test
 * @param {string} pointer
 */
export const bodyOf = (test, pointer) => (entryAt(test, pointer)?.pool ? `${pointer}/pool` : pointer);

/**
 * @param {string} pointer
 * @param {Entry} entry
 * @returns {EntryKind}
 */
export const kindAt = (pointer, entry) => (/^\/sections\/\d+$/.test(pointer) ? "section" : entryKind(entry));

/**
 * What an entry is called in the outline; `textOf` gives the words of a question of the bank, if they are known.
 * @param {Entry} entry
 * @param {(id: string | undefined) => string | undefined} textOf
 */
export function nameOf(entry, textOf) {
  if (entry.pool) return `Pool ${entry.pool.key || ""}`;
  if (entry.ref) {
    const id = entry.ref.questionId;
    return `Bank: ${textOf(id) || entry.key || id || "not chosen yet"}`;
  }
  if (!entry.kind) return entry.title || entry.key;
  const words = (entry.text || "").replace(/[#*`$\n]+/g, " ").trim();
  if (words.length <= LONGEST_NAME) return words || entry.key;
  // To the end of a word, where there is one.
  return `${words.slice(0, LONGEST_NAME).replace(/\s+\S*$/, "")} …`;
}

/**
 * Calls `visit` for every object within a value, each before those in it, but for what has a name that `goesInto` refuses.
 * @param {unknown} value
 * @param {(part: { [name: string]: unknown }) => void} visit
 * @param {(name: string) => boolean} [goesInto]
 */
export function walk(value, visit, goesInto = () => true) {
  if (!value || typeof value !== "object") return;
  if (!Array.isArray(value)) visit(/** @type {{ [name: string]: unknown }} */ (value));
  for (const [name, inner] of Object.entries(value)) if (goesInto(name)) walk(inner, visit, goesInto);
}

/**
 * All keys of a test, of questions' inner parts too: a new key is then readable anywhere.
 * @param {TestDocument} test
 */
export function keysOf(test) {
  /** @type {{ key: string }[]} */
  const keys = [];
  walk(test.sections, ({ key }) => {
    if (typeof key === "string") keys.push({ key });
  });
  return keys;
}

/**
 * @param {TestDocument} test
 * @param {string} stem
 */
export const newKey = (test, stem) => freeKey(keysOf(test), `${stem}-1`);

/**
 * Every question of the bank that a test names.
 * @param {TestDocument} test
 */
export function referencesOf(test) {
  /** @type {string[]} */
  const ids = [];
  walk(test.sections, (part) => {
    const { ref } = /** @type {Entry} */ (part);
    if (ref?.questionId) ids.push(ref.questionId);
  });
  return ids;
}
