// @ts-check
// What can be added to a section, a page or a pool. No pool stands in a pool.

import { button, element } from "../../dom.js";
import { idOf } from "./pointer.js";
import { KIND_NAMES, KINDS, newQuestion } from "./question_kinds.js";

/** @typedef {import("./test_editor.js").TestEditor} TestEditor */
/** @typedef {import("./types.js").Entry} Entry */

/**
 * A button that adds what `make` makes.
 * @param {TestEditor} editor
 * @param {string} listPointer
 * @param {string} text
 * @param {() => Entry} make
 */
const adding = (editor, listPointer, text, make) =>
  button(text, () => editor.add(listPointer, make()), { class: "quiet add" });

/** @param {string} listPointer */
const isInPool = (listPointer) => /\/pool\/[a-z]+$/.test(listPointer);

/**
 * What is wrong with a list, such as that it is empty.
 * @param {TestEditor} editor
 * @param {string} listPointer
 */
function listFault(editor, listPointer) {
  const fault = editor.faults.at(listPointer);
  return fault ? element("p", { class: "fault", id: idOf(listPointer), tabindex: "-1" }, fault) : undefined;
}

/**
 * @param {TestEditor} editor
 * @param {string} pages  the place of the list
 */
export function pageAdditions(editor, pages) {
  const key = () => editor.newKey("pool");
  const pools = [
    adding(editor, pages, "Add a pool of questions", () => ({
      pool: { key: key(), draw: 1, spread: 1, questions: [] },
    })),
    adding(editor, pages, "Add a pool of pages", () => ({ pool: { key: key(), draw: 1, pages: [] } })),
    adding(editor, pages, "Add a pool from the bank", () => ({ pool: { key: key(), draw: 1, spread: 1, bank: {} } })),
  ];
  return element(
    "div",
    { class: "below" },
    listFault(editor, pages),
    element("h3", {}, "Pages"),
    adding(editor, pages, "Add a page", () => ({ key: editor.newKey("page"), questions: [] })),
    ...(isInPool(pages) ? [] : pools),
  );
}

/**
 * @param {TestEditor} editor
 * @param {string} questions  the place of the list
 */
export function questionAdditions(editor, questions) {
  const kinds = KINDS.map((kind) =>
    button(KIND_NAMES[kind], () => editor.add(questions, newQuestion(kind, editor.newKey("q"))), {
      "aria-label": `Add: ${KIND_NAMES[kind]}`,
    }),
  );
  const pool = adding(editor, questions, "Pool of questions", () => ({
    pool: { key: editor.newKey("pool"), draw: 1, questions: [] },
  }));
  return element(
    "div",
    { class: "below" },
    listFault(editor, questions),
    element("h3", {}, "Add a question"),
    element("div", { class: "kinds" }, ...kinds),
    adding(editor, questions, "Question from the bank", () => ({ ref: { questionId: "" } })),
    isInPool(questions) ? undefined : pool,
  );
}
