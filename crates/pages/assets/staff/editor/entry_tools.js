// @ts-check
// What can be done with the selected part as a whole: moving, duplicating, removing it, and putting a question into the
// bank.

import { button, element } from "../../dom.js";
import { depositQuestion } from "./deposit.js";
import { entriesAt } from "./entries.js";
import { duplicateEntry, moveEntry, removeEntry } from "./entry_changes.js";
import { placeInList } from "./pointer.js";

/** @typedef {import("./types.js").Entry} Entry */

/**
 * @param {import("./test_editor.js").TestEditor} editor
 * @param {import("./types.js").EntryKind} kind
 */
export function entryTools(editor, kind) {
  const { content, selected } = editor;
  const { listPointer, index } = placeInList(selected);
  const list = entriesAt(content, listPointer);
  const name = kind === "reference" ? "question" : kind;
  const remove = () => {
    if (hasContent(list[index]) && !window.confirm(`Remove this ${name} and everything in it?`)) return;
    editor.moved(removeEntry(content, selected));
  };
  return element(
    "div",
    { class: "sheet-tools" },
    button("↑ Up", () => editor.moved(moveEntry(content, selected, -1)), {
      class: "quiet",
      "aria-label": `Move this ${name} up`,
      disabled: index === 0,
    }),
    button("↓ Down", () => editor.moved(moveEntry(content, selected, 1)), {
      class: "quiet",
      "aria-label": `Move this ${name} down`,
      disabled: index === list.length - 1,
    }),
    button("Duplicate", () => editor.moved(duplicateEntry(content, selected)), {
      class: "quiet",
      "aria-label": `Duplicate this ${name}`,
    }),
    kind === "question"
      ? button("Put into the bank", () => depositQuestion(editor, list, index), {
          class: "quiet",
          "aria-label": "Put into the bank: this question",
        })
      : undefined,
    button("Remove", remove, { class: "quiet danger", "aria-label": `Remove this ${name}` }),
  );
}

/** @param {Entry} entry */
function hasContent({ pages, pool, questions, text }) {
  const entries = pages ?? questions;
  return entries ? entries.length > 0 || Boolean(text) : Boolean(pool || text);
}
