// @ts-check
// Plain controls for what is right in most questions. Who needs more presses a button and gets the general list, and so
// does a document that says more.

import { button, element } from "../../dom.js";
import { drawSelect } from "./choice_controls.js";
import { drawList } from "./list_controls.js";
import { drawDecimal } from "./text_controls.js";
import { acceptedOf, linesOf, rulesOf, shareOf } from "./typed_values.js";

/** @typedef {import("./form.js").Form} Form */
/** @typedef {import("./types.js").ListField} ListField */
/** @typedef {import("./types.js").Part} Part */

/**
 * Answers that earn everything, one a line; rules for whoever needs more than that.
 * @param {Form} form
 * @param {ListField} field
 * @param {Part} part
 * @param {string} pointer
 * @param {Part} question
 */
export function drawAccepted(form, field, part, pointer, question) {
  const values = acceptedOf(part.rules ?? []);
  if (values === undefined || form.general.has(pointer)) return drawList(form, field, part, pointer, question);
  const control = element("textarea", { rows: Math.max(3, values.length + 1) });
  control.value = values.join("\n");
  control.addEventListener("input", () => form.set(part, "rules", rulesOf(linesOf(control.value))));
  const general = () => {
    form.general.add(pointer);
    part.rules ??= [];
    form.changed(true, pointer);
  };
  const help = "One per line; each earns full points. Without any, a person grades the answer.";
  const box = form.labelled({ ...field, label: "Accepted answers", help }, pointer, control, "wide-field");
  form.appendInnerFault(box, pointer);
  box.append(button("Rules: partial marks, patterns, wrong answers that cost", general, { class: "quiet" }));
  return box;
}

/**
 * The one option that is right for an item, or the list when several count.
 * @param {Form} form
 * @param {ListField} field
 * @param {Part} part
 * @param {string} pointer
 * @param {Part} question
 */
export function drawRight(form, field, part, pointer, question) {
  const matches = part.matches ?? [];
  const hasMore = matches.length > 1 || (matches[0]?.effects?.length ?? 0) > 0;
  if (hasMore || form.general.has(pointer)) return drawList(form, field, part, pointer, question);
  /** @type {import("./types.js").Match} */
  const match = matches[0] ?? { option: "", percentage: shareOf(question.items) };
  // Without an option there is no match, but the percentage stays as typed until there is one.
  const innerForm = form.within(() => {
    part.matches = match.option ? [match] : [];
    form.changed(false);
  });
  const general = () => {
    form.general.add(pointer);
    part.matches = matches;
    form.changed(true, pointer);
  };
  /** @type {import("./types.js").SelectOption[]} */
  const options = [
    ["", "none"],
    ...(question.options ?? []).map(
      ({ key = "", text }) => /** @type {import("./types.js").SelectOption} */ ([key, text || key]),
    ),
  ];
  return element(
    "div",
    { class: "right wide-field" },
    drawSelect(
      innerForm,
      { name: "option", label: "Right option", describedBy: "CountingMatch", control: "select", options },
      match,
      `${pointer}/0/option`,
    ),
    drawDecimal(
      innerForm,
      {
        name: "percentage",
        label: "Percent",
        describedBy: "CountingMatch",
        control: "decimal",
        isShort: true,
        preset: "0",
      },
      match,
      `${pointer}/0/percentage`,
    ),
    button("Several options count", general, { class: "quiet" }),
  );
}

/**
 * Shares the whole between all items, so that all right is exactly 100.
 * @param {Form} form
 * @param {Part} part
 */
export function drawEvenShares(form, part) {
  const items = part.items ?? [];
  const share = shareOf(items);
  const give = () => {
    for (const item of items) if (item.matches?.[0]) item.matches[0].percentage = share;
    form.changed(true);
  };
  return element("p", { class: "wide-field" }, button(`Give each item ${share} %`, give, { class: "quiet add" }));
}
