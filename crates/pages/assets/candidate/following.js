// @ts-check
// The sheet, and how it follows the server: what stands on it is exchanged when the server shows something else.

import { announce, say } from "./ask.js";
import { blank, enliven, read, write } from "./controls.js";
import { findElement, findElements, getElement } from "../dom.js";
import { sending } from "./files.js";
import { Refused, instanceState, savedAnswers } from "./request.js";
import { questionOf } from "./status.js";
import { meaning } from "./writes.js";

/** @typedef {import("./sitting.js").Sitting} Sitting */

/**
 * Fills in what is known and listens.
 * @param {Sitting} sitting
 */
export function furnish(sitting) {
  for (const question of findElements(document, "[data-question]")) furnishOne(sitting, question);
  for (let slot = 1; slot <= sitting.slotCount; slot += 1) sitting.onSlotChange(slot);
  const details = findElement(document, ".map details", HTMLDetailsElement);
  if (details && matchMedia("(max-width: 60rem)").matches) details.open = false;
}

/**
 * @param {Sitting} sitting
 * @param {HTMLElement} question
 */
function furnishOne(sitting, question) {
  const { answers, uploads } = sitting;
  const slot = Number(question.dataset.question);
  write(question, answers.current(slot));
  enliven(question, (isTyping) => answers.change(slot, read(question), isTyping ? 500 : 0));
  if (question.dataset.mode === "files") sending(question, uploads, () => answers.change(slot, read(question), 0));
  question.addEventListener("change", () => answers.soon(0));
  getElement(question, "[data-clear]").addEventListener("click", () => {
    write(question, blank(question));
    answers.change(slot, blank(question), 0);
    getElement(question, "h2").focus();
  });
  getElement(question, "[data-flag]").addEventListener("click", () => sitting.flag(slot));
}

/** The number of the page that is shown; none where no page is. */
export function shownPage() {
  const sheet = findElement(document, "[data-current]");
  return sheet ? Number(sheet.dataset.current) : null;
}

/**
 * Exchanges the sheet for what the server shows now.
 * @param {Sitting} sitting
 * @param {number} [to]  the page whose introduction is asked for
 * @param {number} [slot]  the question to go to
 */
export async function refresh(sitting, to, slot) {
  let response;
  let text;
  try {
    response = await fetch(location.pathname + (to ? `?to=${to}` : ""), { cache: "no-store" });
    text = await response.text();
  } catch {
    // The next look at how things stand does it.
    return sitting.connection("offline");
  }
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const sheet = findElement(fresh, "#sheet");
  if (response.redirected || !response.ok || !sheet) {
    sitting.isLeaving = true;
    if (response.redirected) location.assign(response.url);
    else location.reload();
    return;
  }
  document.title = fresh.title;
  getElement(document, "#sheet").replaceWith(sheet);
  furnish(sitting);
  scrollTo(0, 0);
  const question = slot ? questionOf(slot) : null;
  findElement(question ?? document, question ? "h2" : "#sheet h1")?.focus();
  question?.scrollIntoView();
  await follow(sitting);
}

/**
 * Looks how things stand: clocks, another device's answers and moves, the end.
 * @param {Sitting} sitting
 */
export async function follow(sitting) {
  const before = sitting.state;
  let state;
  try {
    state = await instanceState(sitting.api);
  } catch (error) {
    if (hasEnded(error)) sitting.connection("session");
    return;
  }
  sitting.state = state;
  if (state.state === "COMPLETE") return finished(sitting);
  if (sitting.status.connection === "offline") reached(sitting);
  sitting.gate?.refresh();
  sitting.clocks.set(state.clocks);
  const { answers } = sitting;
  const isNew = state.answers.some(({ slot, seq }) => seq > answers.record(slot).base && !answers.record(slot).sent);
  if (before && isNew) await compare(sitting);
  const shown = shownPage();
  const here = state.pages.find((page) => page.pageNo === shown);
  if (shown && !sitting.isTurning && (state.currentPage !== shown || here?.locked)) await refresh(sitting);
}

/**
 * The server can be reached again.
 * @param {Sitting} sitting
 */
function reached(sitting) {
  sitting.answers.again();
  // Whether answers get through is known when they do.
  if (sitting.answers.pending().length === 0) sitting.connection("online");
}

/**
 * Whether a request failed because the log-in has ended.
 * @param {unknown} error
 */
export function hasEnded(error) {
  return error instanceof Refused && meaning(error) === "session";
}

/**
 * Another device has saved something.
 * @param {Sitting} sitting
 */
async function compare(sitting) {
  for (const answer of await savedAnswers(sitting.api)) {
    if (!sitting.answers.meet(answer)) continue;
    const question = questionOf(answer.slot);
    if (question) write(question, answer.response);
    sitting.onSlotChange(answer.slot);
    announce(say("changed", { n: answer.slot }));
  }
}

/** @param {Sitting} sitting */
export function finished(sitting) {
  sitting.isLeaving = true;
  location.assign(sitting.receipt);
}
