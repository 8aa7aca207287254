// @ts-check
// What is meant by what was typed. Nothing is refused: what cannot be read stays a text for the server to judge.

/** @typedef {import("./types.js").Figure} Figure */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Rule} Rule */

/**
 * A number only if it is written as a document writes it and nothing of it is lost; undefined when nothing is written.
 * @param {string} text
 * @returns {Figure | undefined}
 */
export function figureOf(text, isWhole = false) {
  const written = text.trim();
  if (written === "") return undefined;
  const plain = isWhole ? /^-?\d{1,9}$/ : /^-?\d{1,6}(\.\d{1,6})?$/;
  return plain.test(written) ? Number(written) : written;
}

/**
 * The lines that have something on them.
 * @param {string} text
 */
export const linesOf = (text) => text.split("\n").filter((line) => line.trim() !== "");

/**
 * @param {string} text  of lines such as `name = value`
 * @returns {{ [name: string]: string }}
 */
export function tagsOf(text) {
  const pairs = linesOf(text).map((line) => {
    const [name, ...value] = line.split("=");
    return [name.trim(), value.join("=").trim()];
  });
  return Object.fromEntries(pairs);
}

/** @param {{ [name: string]: string }} tags */
export const tagsText = (tags) =>
  Object.entries(tags)
    .map(([name, value]) => `${name} = ${value}`)
    .join("\n");

/**
 * The names of a path, outer first; one blank name where none is written, for the server to refuse.
 * @param {string} text  such as `Numeracy / Arithmetic`
 */
export function pathOf(text) {
  const names = text
    .split(" / ")
    .map((name) => name.trim())
    .filter(Boolean);
  return names.length ? names : [""];
}

/** @param {string[] | undefined} path */
export const pathText = (path) => (path ?? []).filter(Boolean).join(" / ");

/**
 * The accepted answers that rules say, if they say no more than that: then each earns everything.
 * @param {Rule[]} rules
 * @returns {Figure[] | undefined}
 */
export function acceptedOf(rules) {
  if (rules.length === 0) return [];
  const [rule, more] = rules;
  if (more || Number(rule.percentage) !== 100) return undefined;
  if (rule.rule === "equal") return rule.value === undefined || rule.value === "" ? [] : [rule.value];
  return rule.rule === "one-of" ? (rule.values ?? []) : undefined;
}

/**
 * The rules that say that each of the texts earns everything.
 * @param {string[]} texts
 * @returns {Rule[]}
 */
export function rulesOf(texts) {
  if (texts.length === 0) return [];
  const rule = texts.length === 1 ? { rule: "equal", value: texts[0] } : { rule: "one-of", values: texts };
  return [{ ...rule, percentage: 100 }];
}

/**
 * What each item earns for all of them to earn everything, in percent. Sums are capped, so it is rounded up.
 * @param {Item[] | undefined} items
 */
export const shareOf = (items) => Math.ceil(1_000_000 / Math.max(1, items?.length ?? 1)) / 10_000;
