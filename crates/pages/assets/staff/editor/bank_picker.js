// @ts-check
// Choosing a question of the bank for a test: searched where it is needed, shown by its words, put in as a reference that
// follows the bank or as a copy that does not.

import { button, element } from "../../dom.js";
import { reasonOf } from "./request.js";

/** @typedef {import("./types.js").BankQuestion} BankQuestion */

/**
 * `id` is the question that is taken now; `take` puts another in as a reference, `copy` as a copy.
 * @typedef {object} Picking
 * @property {string | undefined} id
 * @property {import("./bank_questions.js").BankQuestions} bank
 * @property {(question: BankQuestion) => void} take
 * @property {(document: import("./types.js").Question) => void} copy
 */

const TYPING_MILLIS = 200;

/**
 * The search with what it finds.
 * @param {Picking} picking
 */
export function bankPicker(picking) {
  const { id, bank } = picking;
  const words = element("input", {
    id: "bank-q",
    type: "search",
    autocomplete: "off",
    placeholder: "Words of the question, or its key",
  });
  const folder = element("select", { id: "bank-folder" }, element("option", { value: "" }, "Any folder"));
  const label = element("select", { id: "bank-label" }, element("option", { value: "" }, "Any label"));
  const status = element("p", { class: "help", role: "status" });
  const list = element("ul", { class: "plain found" });
  let requests = 0;
  const search = async () => {
    requests += 1;
    const request = requests;
    const answer = await bank.search({ q: words.value, folder: folder.value, label: label.value });
    // The answer to a later search is shown, or will be.
    if (request !== requests) return;
    if (answer.status !== 200) {
      status.textContent = reasonOf(answer.status);
      return;
    }
    offer(folder, answer.folders);
    offer(label, answer.labels);
    status.textContent = totalText(answer.total, answer.questions.length);
    list.replaceChildren(...answer.questions.map((question) => row(question, picking, status)));
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  words.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, TYPING_MILLIS);
  });
  folder.addEventListener("change", search);
  label.addEventListener("change", search);
  search();
  return element(
    "fieldset",
    { class: "group wide-field" },
    element("legend", {}, id ? "Another question from the bank" : "Choose a question from the bank"),
    current(bank.get(id)),
    element("div", { class: "fields" }, field(words, "Search"), field(folder, "Folder"), field(label, "Label")),
    status,
    list,
  );
}

/**
 * @param {number} total
 * @param {number} shown
 */
function totalText(total, shown) {
  if (total === 0) return "No approved question matches.";
  if (total > shown) return `${total} match; the first ${shown} are shown.`;
  return `${total} ${total === 1 ? "matches" : "match"}.`;
}

/** @param {BankQuestion | undefined} question */
function current(question) {
  if (!question) return undefined;
  return element(
    "p",
    {},
    "Now: ",
    element(
      "a",
      { href: `/staff/bank/${encodeURIComponent(question.id)}`, target: "_blank" },
      question.text || question.key,
    ),
    question.state === "approved" ? "" : ` (${question.word})`,
  );
}

/**
 * @param {HTMLElement} control
 * @param {string} label
 */
const field = (control, label) =>
  element("div", { class: "field" }, element("label", { for: control.id }, label), control);

/**
 * The options of a select, which keeps what is chosen.
 * @param {HTMLSelectElement} select
 * @param {string[]} names
 */
function offer(select, names) {
  const offered = [...select.options].slice(1).map((option) => option.value);
  if (offered.join("\n") === names.join("\n")) return;
  const { value } = select;
  select.replaceChildren(select.options[0], ...names.map((name) => element("option", { value: name }, name)));
  select.value = names.includes(value) ? value : "";
}

/**
 * @param {BankQuestion} question
 * @param {Picking} picking
 * @param {HTMLElement} status
 */
function row(question, { id, bank, take, copy }, status) {
  const name = question.text || question.key;
  const marks = [question.kind, question.folder, ...question.labels].filter(Boolean).join(" · ");
  const copyDocument = async () => {
    const answer = await bank.document(question.id);
    if (answer.status === 200) copy(answer.document);
    else status.textContent = reasonOf(answer.status);
  };
  return element(
    "li",
    { class: "row" },
    element("p", {}, name, element("br"), element("span", { class: "help" }, marks)),
    element(
      "span",
      { class: "row-tools" },
      question.id === id
        ? element("span", { class: "badge done" }, "taken")
        : button("Use", () => take(question), { "aria-label": `Use: ${name}` }),
      button("Copy", copyDocument, {
        class: "quiet",
        "aria-label": `Copy into the test: ${name}`,
        title: "A copy does not follow the bank",
      }),
    ),
  );
}
