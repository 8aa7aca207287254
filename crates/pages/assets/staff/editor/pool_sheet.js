// @ts-check
// The sheet of a pool: how many are drawn, and what from: pages, questions, or the bank.

import { element } from "../../dom.js";
import { pageAdditions, questionAdditions } from "./additions.js";
import { reasonOf } from "./request.js";
import { BANK, POOL, SPREAD } from "./test_fields.js";

/** @typedef {import("./test_editor.js").TestEditor} TestEditor */
/** @typedef {import("./types.js").Pool} Pool */

const TYPING_MILLIS = 300;

/**
 * @param {TestEditor} editor
 * @param {Pool} pool
 * @returns {HTMLElement[]}
 */
export function poolSheet(editor, pool) {
  const body = editor.bodyOf(editor.selected);
  const isSpread = pool.spread !== undefined;
  const fields = editor.form.fields([...POOL, ...(isSpread ? SPREAD : [])], pool, body);
  if (pool.bank) return [bankPool(editor, pool, body, fields)];
  return [fields, pool.pages ? pageAdditions(editor, `${body}/pages`) : questionAdditions(editor, `${body}/questions`)];
}

/**
 * A pool of the bank says how many questions it can draw from now, while its filter is typed too.
 * @param {TestEditor} editor
 * @param {Pool} pool
 * @param {string} body
 * @param {HTMLElement} fields
 */
function bankPool(editor, pool, body, fields) {
  const status = element("p", { class: "help", role: "status" });
  const box = element("div", {}, fields, editor.form.fields(BANK, pool, body), status);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => count(editor, pool, status), TYPING_MILLIS);
  });
  count(editor, pool, status);
  return box;
}

/**
 * @param {TestEditor} editor
 * @param {Pool} pool
 * @param {HTMLElement} status
 */
async function count(editor, pool, status) {
  const draw = Number(pool.draw) || 0;
  const answer = await editor.bank.matching(pool.bank ?? {});
  if (answer.status !== 200) {
    status.textContent = reasonOf(answer.status);
    return;
  }
  const { total } = answer;
  const isShort = total < draw;
  status.className = isShort ? "fault" : "help";
  status.textContent = `${total} approved ${total === 1 ? "question matches" : "questions match"} now${isShort ? `, fewer than the ${draw} to draw` : ""}.`;
}
