// The sheet of one question: its kind, what it asks, how it is scored, and the rest in folds.

import { KIND_NAMES, newQuestion, questionFields, sortOf } from "./shape.js";
import { about, element, idOf } from "./fields.js";

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

/** `rekinded` hears when the kind was changed and the sheet is to be drawn anew. */
export function questionSheet({ part, pointer, form, faultAt, rekinded }) {
  const { main, scoring, more } = questionFields(part);
  const id = idOf(`${pointer}/kind`);
  const kinds = Object.entries(KIND_NAMES).map(([sort, name]) => element("option", { value: sort }, name));
  const kind = element("select", { id }, ...kinds);
  kind.value = sortOf(part);
  kind.addEventListener("change", () => {
    const fresh = newQuestion(kind.value, part.key);
    const stays = Object.fromEntries(SHARED.filter((name) => name in part).map((name) => [name, part[name]]));
    for (const name of Object.keys(part)) delete part[name];
    Object.assign(part, fresh, stays);
    rekinded();
    document.getElementById(id).focus();
  });
  const isFaulty = (fields) => fields.some((field) => faultAt(`${pointer}/${field.name}`, true));
  const fold = (title, fields, isOpen) =>
    element(
      "details",
      { class: "group", open: isOpen || isFaulty(fields) },
      element("summary", {}, title),
      form.fields(fields, part, pointer),
    );
  const meaning =
    part.kind === "input"
      ? about({ describedBy: `Input.${part.type}`, name: "type" }, id)
      : about({ describedBy: `Question.${part.kind}`, name: "kind" }, id);
  if (meaning) kind.setAttribute("aria-describedby", meaning.id);
  return [
    element("div", { class: "field kind-field" }, element("label", { for: id }, "Kind"), kind, meaning),
    form.fields(main, part, pointer),
    fold("Scoring", scoring, true),
    fold("Key, hint, feedback, tags", more, false),
  ];
}
