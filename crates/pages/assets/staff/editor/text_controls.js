// @ts-check
// Controls in which something is typed: lines, texts, figures, one thing a line.

import { element } from "../../dom.js";
import { mediaTools, takesMedia } from "./media_field.js";
import { figureOf, linesOf, tagsOf, tagsText } from "./typed_values.js";

/** @typedef {import("./form.js").Form} Form */
/** @typedef {import("./types.js").OtherField} OtherField */
/** @typedef {import("./types.js").Part} Part */
/** @typedef {import("./types.js").TextField} TextField */
/** @typedef {import("./types.js").TextsField} TextsField */

const MOST_ROWS = 14;

/**
 * Shows a field's value in a control; `read` gives what is written into the part of what is typed.
 * @param {Form} form
 * @param {TextField} field
 * @param {Part} part
 * @param {string} pointer
 * @param {HTMLInputElement | HTMLTextAreaElement} control
 * @param {(text: string) => unknown} read
 * @param {string} [moreClasses]
 */
function typed(form, field, part, pointer, control, read, moreClasses) {
  const value = part[field.name];
  control.value = value === undefined ? "" : String(value);
  if (field.preset !== undefined) control.placeholder = field.preset;
  control.addEventListener("input", () => form.set(part, field.name, read(control.value)));
  const box = form.labelled(field, pointer, control, moreClasses);
  if (takesMedia(field)) control.after(mediaTools(control, field.label));
  return box;
}

/**
 * @param {Form} form
 * @param {TextField} field
 * @param {Part} part
 * @param {string} pointer
 */
export function drawLine(form, field, part, pointer) {
  const attributes = field.isKey ? { class: "mono", autocapitalize: "off", spellcheck: "false" } : {};
  const control = element("input", { autocomplete: "off", dir: "auto", ...attributes });
  if (field.isChosen) {
    // Where it can be chosen, it is called as it is written now: drawing everything anew would take the focus.
    control.addEventListener("input", () => {
      const key = part.key ?? "";
      for (const option of document.querySelectorAll(`.right option[value="${CSS.escape(key)}"]`))
        option.textContent = control.value || key;
    });
  }
  return typed(form, field, part, pointer, control, (text) => (text === "" && field.isOptional ? undefined : text));
}

/**
 * @param {Form} form
 * @param {TextField} field
 * @param {Part} part
 * @param {string} pointer
 */
export function drawArea(form, field, part, pointer) {
  const lines = String(part[field.name] ?? "").split("\n").length;
  const rows = Math.min(MOST_ROWS, Math.max(2, lines + 1));
  const control = element("textarea", { dir: "auto", rows, class: field.isMono ? "mono" : undefined });
  return typed(form, field, part, pointer, control, (text) => text, "wide-field");
}

/**
 * @param {Form} form
 * @param {TextField} field
 * @param {Part} part
 * @param {string} pointer
 */
export function drawDecimal(form, field, part, pointer) {
  const control = element("input", { inputmode: "decimal", autocomplete: "off" });
  return typed(form, field, part, pointer, control, (text) => figureOf(text));
}

/**
 * @param {Form} form
 * @param {TextField} field
 * @param {Part} part
 * @param {string} pointer
 */
export function drawWhole(form, field, part, pointer) {
  const control = element("input", { inputmode: "numeric", autocomplete: "off" });
  return typed(form, field, part, pointer, control, (text) => figureOf(text, true));
}

/**
 * A list of texts, one a line.
 * @param {Form} form
 * @param {TextsField} field
 * @param {Part} part
 * @param {string} pointer
 */
export function drawTexts(form, field, part, pointer) {
  const values = /** @type {import("./types.js").Figure[]} */ (part[field.name] ?? []);
  const control = element("textarea", { dir: "auto", rows: Math.max(2, values.length + 1) });
  control.value = values.join("\n");
  control.addEventListener("input", () => {
    const lines = linesOf(control.value);
    form.set(part, field.name, field.areNumbers ? lines.map((text) => figureOf(text)) : lines);
  });
  const box = form.labelled(field, pointer, control);
  form.appendInnerFault(box, pointer);
  return box;
}

/**
 * @param {Form} form
 * @param {OtherField} field
 * @param {Part} part
 * @param {string} pointer
 */
export function drawTags(form, field, part, pointer) {
  const control = element("textarea", { dir: "auto", rows: 2 });
  control.value = tagsText(/** @type {{ [name: string]: string }} */ (part[field.name] ?? {}));
  control.addEventListener("input", () => form.set(part, field.name, tagsOf(control.value)));
  return form.labelled({ ...field, help: "One per line: name = value." }, pointer, control);
}
