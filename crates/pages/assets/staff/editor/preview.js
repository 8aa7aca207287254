// @ts-check
// Trying a test out: the candidate's controls, one page at a time, and what the answers would earn.

import { enliven, read, write } from "../../candidate/controls.js";
import { closestTo, dataOf, element, findElement, findElements, getElement } from "../../dom.js";

/** @typedef {import("../../candidate/writes.js").Answer} Answer */

/**
 * Figures are decimals as texts.
 * @typedef {{ points: string, maximum: string, ratio: string }} Figures
 */

/**
 * @typedef {{
 *   slot: number, points: string, waiting: boolean, valid: boolean, blank: boolean, counts: boolean, refused: string | null
 * }} SlotScore
 */

/**
 * What the answers earn. Slots that wait for an evaluation are counted in `waiting`.
 * @typedef {{
 *   total: Figures, waiting: number, passed: boolean | null, level: string | null,
 *   dimensions: { name: string, board: Figures }[], effects: { name: string, score: string }[], slots: SlotScore[],
 * }} TrialScore
 */

const TYPING_MILLIS = 250;

document.addEventListener("click", (event) => {
  if (closestTo(event, ".picture")) import("../../media.js").then(({ enlarge }) => enlarge(event));
});

/** The pages of the test, one of which is shown. */
class Sheets {
  #sheets = findElements(document, "[data-sheet]");
  #back = getElement(document, "[data-back]");
  #on = getElement(document, "[data-on]");
  #current = 0;

  constructor() {
    this.#back.addEventListener("click", () => this.#turn(this.#current - 1));
    this.#on.addEventListener("click", () => this.#turn(this.#current + 1));
    this.#show(0);
  }

  /** @param {number} index */
  #show(index) {
    this.#current = Math.min(Math.max(index, 0), this.#sheets.length - 1);
    this.#sheets.forEach((sheet, number) => (sheet.hidden = number !== this.#current));
    this.#back.hidden = this.#current === 0;
    this.#on.hidden = this.#current >= this.#sheets.length - 1;
  }

  /** @param {number} index */
  #turn(index) {
    this.#show(index);
    const sheet = this.#sheets[this.#current];
    if (sheet) findElement(sheet, "h2")?.focus();
    window.scrollTo(0, 0);
  }
}

/** The answers of the trial, which stay in this tab, and their score. */
class Trial {
  /** @param {HTMLElement} body  with the trial's data */
  constructor(body) {
    this.address = dataOf(body, "try");
    this.storageKey = dataOf(body, "store");
    this.seed = dataOf(body, "seed");
    /** @type {Record<string, Answer>} */
    this.answers = JSON.parse(sessionStorage.getItem(this.storageKey) ?? "{}");
    this.requests = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /**
   * @param {string} slot
   * @param {Answer} answer
   */
  change(slot, answer) {
    if (answer === undefined) delete this.answers[slot];
    else this.answers[slot] = answer;
    sessionStorage.setItem(this.storageKey, JSON.stringify(this.answers));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.score(), TYPING_MILLIS);
  }

  clear() {
    this.answers = {};
    sessionStorage.removeItem(this.storageKey);
  }

  async score() {
    this.requests += 1;
    const request = this.requests;
    const response = await fetch(this.address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ seed: this.seed, answers: this.answers }),
    }).catch(() => undefined);
    // The answer to a later request is shown, or will be.
    if (request !== this.requests) return;
    if (!response?.ok || response.redirected) {
      getElement(document, "#board").textContent = "The points cannot be shown now.";
      return;
    }
    /** @type {TrialScore} */
    const score = await response.json();
    drawBoard(score);
    score.slots.forEach(drawStatus);
  }
}

/**
 * @param {string} name
 * @param {string | number} figure
 */
const fact = (name, figure) => element("div", {}, element("dt", {}, name), element("dd", {}, String(figure)));

/** @param {TrialScore} score */
function drawBoard({ total, waiting, passed, level, dimensions, effects }) {
  const facts = element(
    "dl",
    { class: "facts" },
    fact("Points", `${total.points} of ${total.maximum}`),
    fact("Ratio", total.ratio),
    waiting ? fact("Graded by a person", waiting) : undefined,
    passed === null ? undefined : fact("Passed", passed ? "yes" : "no"),
    level === null ? undefined : fact("Level", level),
    ...dimensions.map(({ name, board }) => fact(name, `${board.points} of ${board.maximum}`)),
    ...effects.map(({ name, score }) => fact(name, score)),
  );
  getElement(document, "#board").replaceChildren(facts);
}

/** @param {SlotScore} slot */
function statusText(slot) {
  if (slot.refused) return `would be refused: ${slot.refused}`;
  if (slot.blank) return "";
  if (slot.waiting) return "to be graded";
  if (!slot.valid) return "not a valid answer: 0 points";
  return `${slot.points} ${slot.points === "1" ? "point" : "points"}`;
}

/** @param {SlotScore} slot */
function drawStatus(slot) {
  const status = findElement(document, `#q${slot.slot} [data-status]`);
  if (!status) return;
  const text = statusText(slot);
  status.textContent = slot.counts || text === "" ? text : `${text}, does not count`;
}

const trial = new Trial(document.body);
const questions = findElements(document, "[data-question]");
for (const question of questions) {
  const slot = dataOf(question, "question");
  write(question, trial.answers[slot]);
  enliven(question, () => trial.change(slot, read(question)));
  findElement(question, "[data-flag]")?.remove();
}
getElement(document, "[data-empty]").addEventListener("click", () => {
  trial.clear();
  for (const question of questions) write(question, undefined);
  trial.score();
});
new Sheets();
if (questions.length) trial.score();
