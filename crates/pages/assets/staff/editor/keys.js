// @ts-check
// Makes keys, the short names of parts in files and results.

const LONGEST_MADE = 40;

/**
 * The wanted key if no part of the list has it, else with a number. A single letter always gets one, so that the keys of
 * a list look alike: c1, c2.
 * @param {{ key?: string }[]} parts
 * @param {string} wanted
 */
export function freeKey(parts, wanted) {
  const used = new Set(parts.map((part) => part.key));
  if (!used.has(wanted) && wanted.length > 1) return wanted;
  const stem = wanted.replace(/-?\d+$/, "") || "k";
  for (let number = 1; ; number += 1) {
    const key = stem.length === 1 ? `${stem}${number}` : `${stem}-${number}`;
    if (!used.has(key)) return key;
  }
}

/**
 * A key made of the words of a question.
 * @param {string} text
 */
export function keyOfText(text) {
  const words = text
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return words.slice(0, LONGEST_MADE).replace(/-+$/, "") || "question";
}
