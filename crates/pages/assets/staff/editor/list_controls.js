// @ts-check
// Controls that hold others: groups, folds, and lists whose entries can be moved, copied and removed.

import { button, element } from "../../dom.js";
import { moveInList } from "./entry_changes.js";
import { freeKey } from "./keys.js";
import { idOf, parentOf } from "./pointer.js";
import { drawRule } from "./rule_controls.js";

/** @typedef {import("./form.js").Form} Form */
/** @typedef {import("./types.js").GroupField} GroupField */
/** @typedef {import("./types.js").ListField} ListField */
/** @typedef {import("./types.js").Part} Part */

/**
 * @param {Form} form
 * @param {GroupField} field
 * @param {Part} part
 * @param {string} pointer
 * @param {Part} question
 */
export function drawGroup(form, field, part, pointer, question) {
  const inner = /** @type {Part} */ (part[field.name] ?? {});
  // A group that was not there is put in with its first field.
  const innerForm = form.within((isStructure, focus) => {
    part[field.name] = inner;
    form.changed(isStructure, focus);
  });
  return element(
    "fieldset",
    { class: "group wide-field" },
    element("legend", {}, field.label),
    form.help.about(field),
    innerForm.fields(field.fields, inner, pointer, question),
  );
}

/**
 * Fields of the same part that are seldom needed. Its pointer is no place; the fields' are those of the part.
 * @param {Form} form
 * @param {GroupField} field
 * @param {Part} part
 * @param {string} pointer
 * @param {Part} question
 */
export function drawFold(form, field, part, pointer, question) {
  const owner = parentOf(pointer);
  const isFaulty = field.fields.some((inner) => form.faultAt(`${owner}/${inner.name}`, true));
  const box = element(
    "details",
    { class: "more wide-field", open: isFaulty || form.opened.has(owner) },
    element("summary", {}, field.label),
    form.fields(field.fields, part, owner, question),
  );
  box.addEventListener("toggle", () => (box.open ? form.opened.add(owner) : form.opened.delete(owner)));
  return box;
}

/**
 * @param {Form} form
 * @param {ListField} field
 * @param {Part} part
 * @param {string} pointer
 * @param {Part} question
 */
export function drawList(form, field, part, pointer, question) {
  const entries = /** @type {Part[]} */ (part[field.name] ?? []);
  /**
   * Changes the entries; `edit` gives the place that is to have the focus.
   * @param {() => string} edit
   */
  const change = (edit) => {
    // A list that was not there is put in with its first entry.
    part[field.name] = entries;
    form.changed(true, edit());
  };
  const add = () =>
    change(() => {
      const entry = field.blank(question);
      if ("key" in entry) entry.key = freeKey(entries, entry.key || field.one[0]);
      entries.push(entry);
      return `${pointer}/${entries.length - 1}`;
    });
  const fault = form.faultAt(pointer);
  const content = [
    form.help.about(field),
    fault ? element("p", { class: "fault", id: idOf(pointer), tabindex: "-1" }, fault) : undefined,
    element(
      "ol",
      { class: "entries" },
      ...entries.map((_, index) => drawEntry(form, field, entries, index, change, `${pointer}/${index}`, question)),
    ),
    button(`Add ${/^[aeio]/.test(field.one) ? "an" : "a"} ${field.one}`, add, { class: "quiet add" }),
  ];
  if (field.isFolded && entries.length === 0) {
    return element(
      "details",
      { class: "group wide-field folded", open: Boolean(fault) },
      element("summary", {}, field.label),
      ...content,
    );
  }
  return element(
    "fieldset",
    { class: `group wide-field ${field.isInner ? "inner" : ""}` },
    element("legend", {}, `${field.label}${entries.length ? ` (${entries.length})` : ""}`),
    ...content,
  );
}

/**
 * @param {Form} form
 * @param {ListField} field
 * @param {Part[]} entries
 * @param {number} index
 * @param {(edit: () => string) => void} change
 * @param {string} pointer
 * @param {Part} question
 */
function drawEntry(form, field, entries, index, change, pointer, question) {
  const entry = entries[index];
  const name = `${field.one} ${index + 1}`;
  const fault = form.faultAt(pointer);
  const content = field.rules
    ? drawRule(form, field.rules, entry, pointer, question)
    : form.fields(field.fields, entry, pointer, withinEntry(field, entry, question));
  const box = element(
    "div",
    { role: "group", "aria-label": name },
    entryTools(entries, index, name, change, parentOf(pointer)),
    fault ? element("p", { class: "fault", id: idOf(pointer), tabindex: "-1" }, fault) : undefined,
    content,
  );
  return element("li", { class: "entry", id: `${idOf(pointer)}-entry` }, box);
}

/**
 * @param {Part[]} entries
 * @param {number} index
 * @param {string} name
 * @param {(edit: () => string) => void} change
 * @param {string} listPointer
 */
function entryTools(entries, index, name, change, listPointer) {
  /** @param {number} by */
  const move = (by) =>
    change(() => {
      moveInList(entries, index, by);
      return `${listPointer}/${index + by}`;
    });
  const copy = () =>
    change(() => {
      const made = structuredClone(entries[index]);
      if ("key" in made) made.key = freeKey(entries, made.key ?? "");
      entries.splice(index + 1, 0, made);
      return `${listPointer}/${index + 1}`;
    });
  const remove = () =>
    change(() => {
      entries.splice(index, 1);
      return entries.length ? `${listPointer}/${Math.min(index, entries.length - 1)}` : listPointer;
    });
  return element(
    "div",
    { class: "entry-tools" },
    element("span", { class: "entry-name" }, name[0].toUpperCase() + name.slice(1)),
    button("↑", () => move(-1), {
      class: "quiet icon",
      "aria-label": `Move ${name} up`,
      title: "Up",
      disabled: index === 0,
    }),
    button("↓", () => move(1), {
      class: "quiet icon",
      "aria-label": `Move ${name} down`,
      title: "Down",
      disabled: index === entries.length - 1,
    }),
    button("Copy", copy, { class: "quiet icon", "aria-label": `Copy ${name}` }),
    button("✕", remove, { class: "quiet icon", "aria-label": `Remove ${name}`, title: "Remove" }),
  );
}

/**
 * What fields within an entry refer to: an item's own options come before the common ones; a cell knows its column.
 * @param {ListField} field
 * @param {Part} entry
 * @param {Part} question
 * @returns {Part}
 */
function withinEntry(field, entry, question) {
  if (field.one === "item") return { ...question, options: entry.options?.length ? entry.options : question.options };
  if (field.one === "cell") return { ...question, cellColumn: /** @type {string | undefined} */ (entry.column) };
  return question;
}
