// @ts-check
// How each question stands with the server, and what the candidate is told before handing in. Knows no page, so that it
// is tested without a browser.

import { needsAttention } from "./understanding.js";
import { isBlank } from "./writes.js";

const ON_THE_WAY = new Set(["waiting", "sending", "recording"]);

/** @typedef {import("./answers.js").SlotRecord} SlotRecord */

/**
 * What is known of a file on its way.
 * @typedef {Pick<import("./uploads.js").Upload, "state">} UploadState
 */

/** @typedef {"answered" | "attention" | "blank" | "way" | "refused" | "undecided"} Standing */

/**
 * Slots by how their questions stand.
 * @typedef {Record<Standing | "required" | "flagged", number[]>} Lists
 */

/**
 * How one question stands:
 * - `undecided`: two devices have different answers, and the candidate has not chosen;
 * - `way`: an answer or a file has not arrived yet;
 * - `refused`: what is on the screen was not taken, or a file was not;
 * - `attention`: the server has what is on the screen, and it cannot count as it is;
 * - `answered`, `blank`: what is on the screen is what the server has.
 * @param {Partial<SlotRecord> | undefined} record
 * @param {UploadState[]} uploads
 * @returns {Standing}
 */
export function standing(record, uploads = []) {
  if (record?.conflict) return "undecided";
  if (uploads.some((upload) => ON_THE_WAY.has(upload.state))) return "way";
  if (record?.sent || (record?.draft !== undefined && !record.held)) return "way";
  if (record?.held || uploads.length > 0) return "refused";
  if (isBlank(record?.saved)) return "blank";
  return needsAttention(record) ? "attention" : "answered";
}

/**
 * All questions by how they stand.
 *
 * Gives lists of slots: `answered`, `attention`, `blank`, `way`, `refused`, `undecided`; `required` are those without an
 * answer that need one, and `flagged` those that were marked for later.
 * @param {{
 *   slot: number, isRequired: boolean, isFlagged: boolean, record: Partial<SlotRecord> | undefined, uploads: UploadState[]
 * }[]} questions
 */
export function sortOut(questions) {
  /** @type {Lists} */
  const lists = {
    answered: [],
    attention: [],
    blank: [],
    way: [],
    refused: [],
    undecided: [],
    required: [],
    flagged: [],
  };
  for (const { slot, isRequired, isFlagged, record, uploads } of questions) {
    const state = standing(record, uploads);
    lists[state].push(slot);
    // What is on its way, refused or undecided is named as such already.
    if (isRequired && state === "blank") lists.required.push(slot);
    if (isFlagged) lists.flagged.push(slot);
  }
  return lists;
}

/**
 * Whether something the candidate entered would be lost.
 * @param {Pick<Lists, "way" | "refused" | "undecided">} lists
 */
export function isLoss({ way, refused, undecided }) {
  return way.length + refused.length + undecided.length > 0;
}
