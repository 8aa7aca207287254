// @ts-check
// The outline of a test: a link to the sheet of each part, with the number of its faults.

import { button, element, getElement } from "../../dom.js";
import { entryKind, KIND_NAMES, kindOf } from "./question_kinds.js";

/** @typedef {import("./test_editor.js").TestEditor} TestEditor */

/** @param {TestEditor} editor */
export function drawOutline(editor) {
  const { outline, content } = editor;
  const scrolled = outline.scrollTop;
  const sections = (content.sections ?? []).map((_, index) => branch(editor, `/sections/${index}`));
  outline.replaceChildren(
    element("p", { class: "outline-top" }, link(editor, "", "Settings of the test", "settings")),
    element("ol", {}, ...sections),
    button("Add a section", () => addSection(editor), { class: "quiet add" }),
  );
  outline.scrollTop = scrolled;
}

/** @param {TestEditor} editor */
function addSection(editor) {
  editor.add("/sections", {
    key: editor.newKey("section"),
    title: `Section ${(editor.content.sections?.length ?? 0) + 1}`,
    pages: [{ key: editor.newKey("page"), questions: [] }],
  });
}

/**
 * A part with those below it.
 * @param {TestEditor} editor
 * @param {string} pointer
 * @returns {HTMLLIElement}
 */
function branch(editor, pointer) {
  const entry = editor.at(pointer) ?? {};
  const body = editor.bodyOf(pointer);
  const item = element("li", {}, link(editor, pointer, editor.nameOf(entry), entry.kind ? "leaf" : entryKind(entry)));
  if (entry.kind)
    getElement(item, "a").prepend(element("span", { class: "sort" }, KIND_NAMES[kindOf(entry)] ?? entry.kind));
  const inner = editor.at(body);
  for (const list of /** @type {const} */ (["pages", "questions"])) {
    const entries = inner?.[list] ?? [];
    if (entries.length)
      item.append(element("ol", {}, ...entries.map((_, index) => branch(editor, `${body}/${list}/${index}`))));
  }
  return item;
}

/**
 * @param {TestEditor} editor
 * @param {string} pointer
 * @param {string | undefined} name
 * @param {string} sort
 */
function link(editor, pointer, name, sort) {
  const count = editor.faults.countIn(pointer, (place) => editor.holderOf(place));
  const attributes = {
    href: `#${pointer}`,
    "aria-current": pointer === editor.selected ? "true" : false,
    class: sort,
  };
  const made = element("a", attributes, element("span", {}, name || "untitled"), count ? faultBadge(count) : undefined);
  made.addEventListener("click", (event) => {
    event.preventDefault();
    editor.select(pointer, true);
  });
  return made;
}

/** @param {number} count */
const faultBadge = (count) =>
  element(
    "span",
    { class: "badge bad" },
    `${count}`,
    element("span", { class: "out" }, count === 1 ? " fault" : " faults"),
  );
