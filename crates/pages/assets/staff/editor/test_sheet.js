// @ts-check
// The sheet of the selected part of a test: its fields, and what can be added to it.

import { pageAdditions, questionAdditions } from "./additions.js";
import { kindAt } from "./entries.js";
import { entryTools } from "./entry_tools.js";
import { poolSheet } from "./pool_sheet.js";
import { headingOf, questionSheet } from "./question_sheet.js";
import { referenceSheet } from "./reference_sheet.js";
import { sheetHead } from "./sheet_head.js";
import { PAGE, SECTION, SETTINGS } from "./test_fields.js";

/** @typedef {import("./test_editor.js").TestEditor} TestEditor */
/** @typedef {import("./types.js").Entry} Entry */
/** @typedef {import("./types.js").EntryKind} EntryKind */

/** @param {TestEditor} editor */
export function drawTestSheet(editor) {
  const { content, form, selected, sheet } = editor;
  const entry = editor.at(selected);
  if (selected === "" || !entry) {
    const settings = form.fields(SETTINGS, /** @type {import("./types.js").Part} */ (content), "");
    sheet.replaceChildren(...sheetHead(editor, "Settings of the test", ""), settings);
    return;
  }
  const kind = kindAt(selected, entry);
  sheet.replaceChildren(
    ...sheetHead(editor, headings(entry)[kind], selected, entryTools(editor, kind)),
    ...contents(editor, kind, entry),
  );
}

/**
 * @param {Entry} entry
 * @returns {Record<EntryKind, string>}
 */
const headings = (entry) => ({
  section: "Section",
  page: "Page",
  pool: "Pool",
  reference: "Question from the bank",
  question: headingOf(entry),
});

/**
 * @param {TestEditor} editor
 * @param {EntryKind} kind
 * @param {Entry} entry
 * @returns {HTMLElement[]}
 */
function contents(editor, kind, entry) {
  const { form, selected } = editor;
  switch (kind) {
    case "section":
      return [form.fields(SECTION, entry, selected), pageAdditions(editor, `${selected}/pages`)];
    case "page":
      return [form.fields(PAGE, entry, selected), questionAdditions(editor, `${selected}/questions`)];
    case "pool":
      return poolSheet(editor, entry.pool ?? {});
    case "reference":
      return referenceSheet(editor, /** @type {import("./types.js").Reference} */ (entry));
    case "question":
      return questionSheet({
        question: /** @type {import("./types.js").Question} */ (entry),
        pointer: selected,
        form,
        kindChanged() {
          editor.changed();
          editor.select(selected);
        },
      });
  }
}
