// @ts-check
// The kinds of question, and what a new question of each begins with.

/** @typedef {import("./types.js").Entry} Entry */
/** @typedef {import("./types.js").Question} Question */
/** @typedef {import("./types.js").QuestionKind} QuestionKind */

/**
 * The names of kinds, for inputs of their types.
 * @type {Record<QuestionKind, string>}
 */
export const KIND_NAMES = {
  multiplechoice: "Multiple choice",
  match: "Match",
  field: "Short text",
  area: "Long text",
  numeric: "Number",
  tabular: "Table",
  rich: "Rich text",
  code: "Code",
  file: "File",
  photo: "Photo",
  audio: "Audio",
  video: "Video",
};

/** All kinds, in the order in which they are offered. */
export const KINDS = /** @type {QuestionKind[]} */ (Object.keys(KIND_NAMES));

/** @param {Entry} question */
export const kindOf = (question) =>
  /** @type {QuestionKind} */ (question.kind === "input" ? question.type : question.kind);

/**
 * What an entry of a list of pages or questions is.
 * @param {Entry} entry
 */
export function entryKind(entry) {
  if (entry.pool) return "pool";
  if (entry.ref) return "reference";
  return entry.kind ? "question" : "page";
}

/**
 * A new question, with a key nobody has.
 * @param {QuestionKind} kind
 * @param {string | undefined} key
 * @returns {Question}
 */
export function newQuestion(kind, key) {
  if (kind === "multiplechoice")
    return {
      key,
      kind,
      text: "",
      choices: [
        { key: "a", text: "", percentage: 100 },
        { key: "b", text: "", percentage: 0 },
      ],
    };
  if (kind === "match")
    return {
      key,
      kind,
      text: "",
      options: [
        { key: "x", text: "" },
        { key: "y", text: "" },
      ],
      items: [
        { key: "a", text: "", matches: [{ option: "x", percentage: 50 }] },
        { key: "b", text: "", matches: [{ option: "y", percentage: 50 }] },
      ],
    };
  /** @type {Question} */
  const input = { key, kind: "input", text: "", type: kind };
  if (kind === "field") return { ...input, rules: [] };
  if (kind === "numeric") return { ...input, rules: [{ rule: "equal", value: 0, percentage: 100 }] };
  if (kind === "tabular")
    return {
      ...input,
      columns: [{ key: "c1", title: "", type: "numeric" }],
      rows: [{ key: "r1", title: "" }],
      cells: [],
    };
  return input;
}
