// @ts-check
// Controls in which something is chosen: checks, lists of words, parts of the question, declared names, the pass mark.

import { element } from "../../dom.js";
import { decimal } from "./field.js";
import { idOf } from "./pointer.js";
import { drawDecimal } from "./text_controls.js";
import { pathOf, pathText } from "./typed_values.js";

/** @typedef {import("./form.js").Form} Form */
/** @typedef {import("./types.js").CheckField} CheckField */
/** @typedef {import("./types.js").OtherField} OtherField */
/** @typedef {import("./types.js").Part} Part */
/** @typedef {import("./types.js").PathField} PathField */
/** @typedef {import("./types.js").PickField} PickField */
/** @typedef {import("./types.js").SelectField} SelectField */
/** @typedef {import("./types.js").SelectOption} SelectOption */

/**
 * @param {Form} form
 * @param {CheckField} field
 * @param {Part} part
 * @param {string} pointer
 */
export function drawCheck(form, field, part, pointer) {
  const id = idOf(pointer);
  const control = element("input", { type: "checkbox", id });
  control.checked = Boolean(part[field.name] ?? field.preset ?? false);
  control.addEventListener("change", () => form.set(part, field.name, control.checked));
  const fault = form.faultAt(pointer);
  const help = form.help.about(field, id);
  if (help) control.setAttribute("aria-describedby", help.id);
  return element(
    "div",
    { class: `field check-field ${fault ? "bad" : ""}` },
    element("label", { class: "check", for: id }, control, ` ${field.label}`),
    help,
    fault ? element("p", { class: "fault" }, fault) : undefined,
  );
}

/**
 * A list of words; one that is none of them is shown as it is, for the server to judge.
 * @param {Form} form
 * @param {Pick<SelectField, "label" | "name" | "help" | "describedBy" | "describes">} field
 * @param {string} pointer
 * @param {SelectOption[]} options
 * @param {string} value
 * @param {(value: string) => void} choose
 */
function selectBox(form, field, pointer, options, value, choose) {
  const isKnown = options.some(([word]) => word === value);
  /** @type {SelectOption[]} */
  const shown = isKnown ? options : [[value, value === "" ? "choose …" : value], ...options];
  const control = element("select", {}, ...shown.map(([word, label]) => element("option", { value: word }, label)));
  control.value = value;
  control.addEventListener("change", () => choose(control.value));
  return form.labelled(field, pointer, control);
}

/**
 * What the words of a choice between yes, no and left out stand for.
 * @type {Record<string, boolean | undefined>}
 */
const TRIPLE = { true: true, false: false };

/**
 * @param {Form} form
 * @param {SelectField} field
 * @param {Part} part
 * @param {string} pointer
 */
export function drawSelect(form, field, part, pointer) {
  const value = String(part[field.name] ?? field.preset ?? "");
  return selectBox(form, field, pointer, field.options, value, (word) => {
    const chosen = field.isTriple ? TRIPLE[word] : word;
    form.set(part, field.name, chosen === "" ? undefined : chosen, field.isStructure);
  });
}

/**
 * Chooses the key of another part of the same question.
 * @param {Form} form
 * @param {PickField} field
 * @param {Part} part
 * @param {string} pointer
 * @param {Part} question
 */
export function drawPick(form, field, part, pointer, question) {
  /** @type {{ key?: string, text?: string, title?: string }[]} */
  const parts = question[field.from] ?? [];
  const options = parts.map(({ key = "", text, title }) => /** @type {SelectOption} */ ([key, text || title || key]));
  return selectBox(form, field, pointer, options, String(part[field.name] ?? ""), (key) =>
    form.set(part, field.name, key === "" ? undefined : key),
  );
}

/**
 * Chooses a declared dimension or effect, or a sub of one.
 * @param {Form} form
 * @param {PathField} field
 * @param {Part} part
 * @param {string} pointer
 */
export function drawPath(form, field, part, pointer) {
  const declared = form.declared();
  if (!declared) return drawFreePath(form, field, part, pointer);
  const names = declared[field.of] ?? [];
  /** @type {SelectOption[]} */
  const options = names.flatMap(({ name = "", sub = [] }) => [
    [JSON.stringify([name]), name],
    ...sub.map((below) => /** @type {SelectOption} */ ([JSON.stringify([name, below]), `${name} / ${below}`])),
  ]);
  const path = JSON.stringify(part.path ?? [""]);
  if (!options.some(([word]) => word === path)) options.unshift([path, pathText(part.path) || "choose …"]);
  const box = selectBox(form, field, pointer, options, path, (word) => form.set(part, "path", JSON.parse(word)));
  if (names.length === 0)
    box.append(element("p", { class: "help" }, `Add ${field.of} in the settings of the test first.`));
  return box;
}

/**
 * Where nothing is declared, names are written.
 * @param {Form} form
 * @param {PathField} field
 * @param {Part} part
 * @param {string} pointer
 */
function drawFreePath(form, field, part, pointer) {
  const control = element("input", { autocomplete: "off", dir: "auto" });
  control.value = pathText(part.path);
  control.addEventListener("input", () => form.set(part, "path", pathOf(control.value)));
  const help = "As tests declare it, such as Numeracy, or Numeracy / Arithmetic.";
  return form.labelled({ ...field, help }, pointer, control);
}

/** @type {SelectOption[]} */
const PASS_MARKS = [
  ["", "none"],
  ["ratio", "ratio, -1 to 1"],
  ["points", "points"],
];

/**
 * The pass mark: of what, and then how much.
 * @param {Form} form
 * @param {OtherField} field
 * @param {Part} part
 * @param {string} pointer
 */
export function drawPassMark(form, field, part, pointer) {
  const mark = /** @type {Part | undefined} */ (part.passMark);
  const measure = mark ? (Object.keys(mark)[0] ?? "") : "";
  const box = element(
    "div",
    { class: "pair" },
    selectBox(form, field, pointer, PASS_MARKS, measure, (word) => {
      const least = word === "ratio" ? 0.5 : 1;
      form.set(part, "passMark", word === "" ? undefined : { [word]: least }, true);
    }),
  );
  if (mark && measure !== "") {
    const least = decimal(measure, "At least", { describedBy: "PassMark" });
    box.append(drawDecimal(form, least, mark, `${pointer}/${measure}`));
  }
  return box;
}
