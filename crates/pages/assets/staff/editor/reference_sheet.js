// @ts-check
// The sheet of a question of the bank in a test: which one, and what this test changes of it.

import { element } from "../../dom.js";
import { bankPicker } from "./bank_picker.js";
import { entriesAt } from "./entries.js";
import { copyOf } from "./entry_changes.js";
import { idOf, placeInList } from "./pointer.js";
import { REFERENCE } from "./test_fields.js";

/**
 * @param {import("./test_editor.js").TestEditor} editor
 * @param {import("./types.js").Reference} reference
 * @returns {HTMLElement[]}
 */
export function referenceSheet(editor, reference) {
  const { bank, content, faults, form, selected } = editor;
  const place = `${selected}/ref`;
  const fault = faults.at(place, true);
  const picker = bankPicker({
    id: reference.ref.questionId,
    bank,
    take({ id }) {
      reference.ref = { questionId: id };
      // The key is the id unless one is given; what was read from the server has it written.
      delete reference.key;
      editor.replaced();
    },
    copy(document) {
      const { listPointer, index } = placeInList(selected);
      entriesAt(content, listPointer)[index] = copyOf(content, document);
      editor.replaced();
    },
  });
  picker.id = idOf(place);
  const changes = element(
    "details",
    { class: "group", open: faults.isBelow(selected, place) },
    element("summary", {}, "Changes in this test only"),
    form.fields(REFERENCE, reference, selected),
  );
  return [...(fault ? [element("p", { class: "fault" }, fault)] : []), picker, changes];
}
