// @ts-check
// Copies, adds, moves and removes parts of a test.

import { entriesAt, holderOf, keysOf, walk } from "./entries.js";
import { freeKey } from "./keys.js";
import { parentOf, placeInList, stepsOf, valueAt } from "./pointer.js";

/** @typedef {import("./types.js").Entry} Entry */
/** @typedef {import("./types.js").TestDocument} TestDocument */

/** Lists within a question: their keys need only differ from each other, so a copy keeps them. */
const INNER_LISTS = ["choices", "items", "options", "columns", "rows"];

/**
 * A copy has keys of its own and no uuid, or it would be taken for the same.
 * @param {TestDocument} test
 * @param {Entry} entry
 */
export function copyOf(test, entry) {
  const copy = structuredClone(entry);
  const takenKeys = keysOf(test);
  walk(
    copy,
    (part) => {
      const isSaved = "uuid" in part;
      // What was not saved yet has no uuid; what will get one is known by what it holds.
      const isKeyed = "key" in part && Boolean(part.kind || part.pages || part.questions || part.draw);
      if (!isSaved && !isKeyed) return;
      delete part.uuid;
      const key = freeKey(takenKeys, String(part.key ?? ""));
      part.key = key;
      takenKeys.push({ key });
    },
    (name) => !INNER_LISTS.includes(name),
  );
  return copy;
}

/**
 * Adds an entry at the end of a list, which is made if there is none; gives its place.
 * @param {TestDocument} test
 * @param {string} listPointer
 * @param {Entry} entry
 */
export function addEntry(test, listPointer, entry) {
  const owner = /** @type {{ [name: string]: Entry[] | undefined }} */ (valueAt(test, parentOf(listPointer)));
  const list = (owner[stepsOf(listPointer).at(-1) ?? ""] ??= []);
  list.push(entry);
  return `${listPointer}/${list.length - 1}`;
}

/**
 * @template T
 * @param {T[]} list
 * @param {number} index
 * @param {number} by  -1 is up
 */
export function moveInList(list, index, by) {
  list.splice(index + by, 0, ...list.splice(index, 1));
}

/**
 * Moves an entry within its list; gives its new place.
 * @param {TestDocument} test
 * @param {string} pointer
 * @param {number} by
 */
export function moveEntry(test, pointer, by) {
  const { listPointer, index } = placeInList(pointer);
  moveInList(entriesAt(test, listPointer), index, by);
  return `${listPointer}/${index + by}`;
}

/**
 * Puts a copy behind an entry; gives its place.
 * @param {TestDocument} test
 * @param {string} pointer
 */
export function duplicateEntry(test, pointer) {
  const { listPointer, index } = placeInList(pointer);
  const list = entriesAt(test, listPointer);
  list.splice(index + 1, 0, copyOf(test, list[index]));
  return `${listPointer}/${index + 1}`;
}

/**
 * Removes an entry; gives the place to go on at: the next one, or else the last, or else what the list is in.
 * @param {TestDocument} test
 * @param {string} pointer
 */
export function removeEntry(test, pointer) {
  const { listPointer, index } = placeInList(pointer);
  const list = entriesAt(test, listPointer);
  list.splice(index, 1);
  return list.length ? `${listPointer}/${Math.min(index, list.length - 1)}` : holderOf(test, listPointer);
}
