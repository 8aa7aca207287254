// @ts-check
// The sheet of one question: its kind, what it asks, how it is scored, and the rest in folds.

import { element } from "../../dom.js";
import { idOf } from "./pointer.js";
import { questionFields } from "./question_fields.js";
import { KIND_NAMES, KINDS, kindOf, newQuestion } from "./question_kinds.js";

/** @typedef {import("./types.js").Field} Field */
/** @typedef {import("./types.js").Question} Question */
/** @typedef {import("./types.js").QuestionKind} QuestionKind */

/** What all kinds of question have, and keep when the kind changes. */
const SHARED = [
  "uuid",
  "text",
  "hint",
  "feedback",
  "tags",
  "points",
  "negativePoints",
  "effective",
  "required",
  "pinned",
  "dimensions",
];

/**
 * Makes a question one of another kind, in place: what all kinds have stays.
 * @param {Question} question
 * @param {QuestionKind} kind
 */
export function changeKind(question, kind) {
  const members = /** @type {{ [name: string]: unknown }} */ (question);
  const fresh = newQuestion(kind, question.key);
  const shared = SHARED.filter((name) => name in members).map((name) => [name, members[name]]);
  for (const name of Object.keys(members)) delete members[name];
  Object.assign(members, fresh, Object.fromEntries(shared));
}

/** @param {import("./types.js").Entry} question */
export const headingOf = (question) => `${KIND_NAMES[kindOf(question)] ?? ""} question`;

/**
 * `kindChanged` hears when the kind was changed and the sheet is to be drawn anew.
 * @param {{
 *   question: Question, pointer: string, form: import("./form.js").Form, kindChanged: () => void
 * }} sheet
 */
export function questionSheet({ question, pointer, form, kindChanged }) {
  const { main, scoring, more } = questionFields(question);
  /**
   * @param {string} title
   * @param {Field[]} fields
   * @param {boolean} isOpen
   */
  const fold = (title, fields, isOpen) =>
    element(
      "details",
      {
        class: "group",
        open: isOpen || fields.some((field) => form.faultAt(`${pointer}/${field.name}`, true) !== undefined),
      },
      element("summary", {}, title),
      form.fields(fields, question, pointer),
    );
  return [
    kindField(question, idOf(`${pointer}/kind`), form, kindChanged),
    form.fields(main, question, pointer),
    fold("Scoring", scoring, true),
    fold("Key, hint, feedback, tags", more, false),
  ];
}

/**
 * @param {Question} question
 * @param {string} id
 * @param {import("./form.js").Form} form
 * @param {() => void} kindChanged
 */
function kindField(question, id, form, kindChanged) {
  const options = KINDS.map((kind) => element("option", { value: kind }, KIND_NAMES[kind]));
  const control = element("select", { id }, ...options);
  control.value = kindOf(question);
  control.addEventListener("change", () => {
    changeKind(question, /** @type {QuestionKind} */ (control.value));
    kindChanged();
    // The sheet has another control now.
    document.getElementById(id)?.focus();
  });
  const described =
    question.kind === "input"
      ? { describedBy: `Input.${question.type}`, name: "type" }
      : { describedBy: `Question.${question.kind}`, name: "kind" };
  const help = form.help.about(described, id);
  if (help) control.setAttribute("aria-describedby", help.id);
  return element("div", { class: "field kind-field" }, element("label", { for: id }, "Kind"), control, help);
}
