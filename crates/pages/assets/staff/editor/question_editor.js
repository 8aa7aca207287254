// @ts-check
// The editor of one question of the bank.

import { DocumentEditor } from "./document_editor.js";
import { EditedDocument } from "./edited_document.js";
import { keyOfText } from "./keys.js";
import { trailOf } from "./pointer.js";
import { headingOf, questionSheet } from "./question_sheet.js";
import { save } from "./saving.js";
import { sheetHead } from "./sheet_head.js";

/** @typedef {import("./types.js").Question} Question */
/** @typedef {import("./types.js").SavedQuestion} SavedQuestion */

/** @extends {DocumentEditor<Question, SavedQuestion>} */
export class QuestionEditor extends DocumentEditor {
  /**
   * @param {HTMLElement} root
   * @param {{ id: string, based: string, content: Question }} saved
   */
  constructor(root, saved) {
    super(root, new EditedDocument({ ...saved, draftName: (id) => `question-${id || "new"}` }), {
      address: "/staff/bank",
      body: (id) => ({ question: id }),
      idOf: ({ question }) => question,
      message: ({ version, word }) => `Saved as version ${version}; ${word}.`,
    });
  }

  /** @override */
  open() {
    super.open();
    this.bar.approve?.addEventListener("click", () => save(this, { approve: true }));
    this.drawSheet();
  }

  /** @override */
  drawSheet() {
    this.sheet.replaceChildren(
      ...sheetHead(this, headingOf(this.content), ""),
      ...questionSheet({
        question: this.content,
        pointer: "",
        form: this.form,
        kindChanged: () => {
          this.changed();
          this.drawSheet();
        },
      }),
    );
  }

  /**
   * A key says in results and files which question is meant; one is made of its words when none is written.
   * @override
   */
  beforeSave() {
    this.content.key ||= keyOfText(this.content.text ?? "");
  }

  /**
   * @override
   * @param {SavedQuestion} saved
   * @param {boolean} isNew
   */
  afterSave({ state }, isNew) {
    if (state !== "submitted") this.bar.approve?.remove();
    if (isNew) history.replaceState(null, "", this.addressOf("edit"));
  }

  /**
   * @override
   * @param {string} pointer
   */
  placeName(pointer) {
    return trailOf(pointer) || "Question";
  }
}
