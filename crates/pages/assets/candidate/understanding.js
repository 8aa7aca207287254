// @ts-check
// How the server understood an answer, said at its question: no number, which number, too few chosen. The server's word
// decides; only what is counted on the page is said before it.

import { say } from "./ask.js";
import { findElement, findElements } from "../dom.js";
import { cellOf, chosenOf, isBlank } from "./writes.js";

/** @typedef {import("./writes.js").Answer} Answer */

/**
 * How a cell in a column of numbers was read.
 * @typedef {{ row: string, column: string, valid: boolean, reason?: string, readAs?: string }} Cell
 */

/**
 * What the server says of an answer that it keeps; nothing is known of one of an older server.
 * @typedef {{ valid?: boolean, reason?: string, readAs?: string, cells?: Cell[] }} Understood
 */

/**
 * What is known of a slot.
 * @typedef {{ saved?: Answer, sent?: unknown, draft?: Answer, understood?: Understood }} AnswerRecord
 */

/** Cells that are named at once. */
const MOST_CELLS = 5;

/** @type {Record<string, string>} */
const NUMBERS = { not_a_number: "not_a_number", ambiguous_number: "ambiguous_number" };

/**
 * What is to be remembered of an acknowledgement or a kept answer.
 * @param {Understood} acknowledgement
 * @returns {Understood}
 */
export function understoodOf({ valid, reason, readAs, cells }) {
  return { valid, reason, readAs, cells };
}

/**
 * Whether an answer is kept and cannot count as it is.
 * @param {AnswerRecord | undefined} record
 */
export function needsAttention(record) {
  const { valid, cells = [] } = record?.understood ?? {};
  return !isBlank(record?.saved) && (valid === false || cells.some((cell) => !cell.valid));
}

/**
 * What is said of an answer: at its question, or where that is not shown in the list before handing in.
 * @param {HTMLElement | null} question
 * @param {AnswerRecord} record
 * @param {Answer} current  what was entered, whether or not it is kept
 * @param {string} [between]  what stands between the sentences of several cells
 */
export function sentenceOf(question, record, current, between = " · ") {
  if (isBlank(current)) return "";
  const tooFew = question ? missing(question, current) : "";
  if (tooFew) return tooFew;
  // Of what has not arrived the server has said nothing yet.
  if (record.sent || record.draft !== undefined || !record.understood) return "";
  const { reason, readAs, cells = [] } = record.understood;
  if (reason) return reasonIn(question, reason);
  if (readAs !== undefined) return say("read_as", { number: shown(question, readAs) });
  const noted = cells.filter(
    (cell) => !cell.valid || cell.readAs !== cellOf(record.saved, cell.row, cell.column).trim(),
  );
  noted.sort((a, b) => Number(a.valid) - Number(b.valid));
  return noted
    .slice(0, MOST_CELLS)
    .map((cell) => ofCell(question, cell))
    .join(between);
}

/**
 * How many are to be chosen or matched yet.
 * @param {HTMLElement} question
 * @param {Answer} current
 */
function missing(question, current) {
  const { mode, least } = question.dataset;
  const isMatch = mode === "match";
  if (!isMatch && mode !== "choices") return "";
  const made = isMatch ? Object.keys(current ?? {}) : chosenOf(current);
  const n = Number(least) - made.length;
  if (!(n > 0)) return "";
  return isMatch ? say("match_more", { n }) : say("choose_more", { n });
}

/**
 * @param {HTMLElement | null} question
 * @param {string} reason
 */
function reasonIn(question, reason) {
  return say(NUMBERS[reason] ?? "not_complete", { example: shown(question, "12.5") });
}

/**
 * @param {HTMLElement | null} question
 * @param {Cell} cell
 */
function ofCell(question, { row, column, reason, readAs = "" }) {
  const text = reason ? reasonIn(question, reason) : say("read_as", { number: shown(question, readAs) });
  const field = question ? fieldOf(question, row, column) : undefined;
  const names = (field?.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id));
  const name = names.map((label) => label?.textContent?.trim()).filter(Boolean);
  return name.length > 0 ? `${name.join(", ")}: ${text}` : text;
}

/**
 * @param {HTMLElement} question
 * @param {string} row
 * @param {string} column
 */
function fieldOf(question, row, column) {
  return findElements(question, "[data-row]").find(({ dataset }) => dataset.row === row && dataset.column === column);
}

/**
 * A plain decimal as the document writes it.
 * @param {HTMLElement | null} question
 * @param {string} plain
 */
function shown(question, plain) {
  return plain.replace(".", question?.dataset.mark ?? ".");
}

/**
 * Says at the question how its answer was understood.
 * @param {HTMLElement} question
 * @param {AnswerRecord} record
 * @param {Answer} current
 */
export function showUnderstanding(question, record, current) {
  const line = findElement(question, "[data-understood]");
  if (!line) return;
  const text = sentenceOf(question, record, current, "\n");
  if (line.textContent !== text) line.textContent = text;
  const isSettled = !record.sent && record.draft === undefined;
  line.classList.toggle("wrong", text !== "" && (!isSettled || needsAttention(record)));
  const { reason = "", cells = [] } = (isSettled && record.understood) || {};
  const isWrong = !isBlank(current) && reason in NUMBERS;
  for (const field of findElements(question, ".number input")) mark(field, isWrong);
  for (const field of findElements(question, "[data-row]")) {
    const { row, column } = field.dataset;
    mark(
      field,
      cells.some((cell) => !cell.valid && cell.row === row && cell.column === column),
    );
  }
}

/**
 * @param {HTMLElement} field
 * @param {boolean} isWrong
 */
function mark(field, isWrong) {
  if (isWrong) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}
