// @ts-check
// The editor of a test: which of its parts is selected, and what all modules of the editor do with the test.

import { getElement } from "../../dom.js";
import { BankQuestions } from "./bank_questions.js";
import { DocumentEditor } from "./document_editor.js";
import { EditedDocument } from "./edited_document.js";
import { bodyOf, entryAt, holderOf, nameOf, newKey, referencesOf } from "./entries.js";
import { addEntry } from "./entry_changes.js";
import { drawOutline } from "./outline.js";
import { trailOf } from "./pointer.js";
import { drawTestSheet } from "./test_sheet.js";

/** @typedef {import("./types.js").Entry} Entry */
/** @typedef {import("./types.js").SavedTest} SavedTest */
/** @typedef {import("./types.js").TestDocument} TestDocument */

/** @extends {DocumentEditor<TestDocument, SavedTest>} */
export class TestEditor extends DocumentEditor {
  /**
   * @param {HTMLElement} root
   * @param {{ id: string, based: string, content: TestDocument }} saved
   */
  constructor(root, saved) {
    super(root, new EditedDocument({ ...saved, draftName: (id) => id || "new" }), {
      address: "/staff/tests",
      body: (id) => ({ test: id }),
      idOf: ({ test }) => test,
      message: ({ version }) => `Saved as version ${version}.`,
    });
    this.outline = getElement(root, "#outline");
    this.bank = new BankQuestions();
    /** The place of the part whose sheet is shown; empty for the settings of the test. */
    this.selected = "";
  }

  /** @override */
  open() {
    super.open();
    this.drawOutline();
    this.#goToHash();
    window.addEventListener("hashchange", () => this.#goToHash());
    this.bank.learn(referencesOf(this.content), () => {
      this.drawOutline();
      if (this.at(this.selected)?.ref) this.drawSheet();
    });
  }

  #goToHash() {
    this.goTo(decodeURIComponent(location.hash.slice(1)));
  }

  /** @param {string} pointer */
  at(pointer) {
    return entryAt(this.content, pointer);
  }

  /** @param {string} pointer */
  bodyOf(pointer) {
    return bodyOf(this.content, pointer);
  }

  /** @param {string} pointer */
  holderOf(pointer) {
    return holderOf(this.content, pointer);
  }

  /** @param {string} stem */
  newKey(stem) {
    return newKey(this.content, stem);
  }

  /** @param {Entry} entry */
  nameOf(entry) {
    return nameOf(entry, (id) => this.bank.get(id)?.text);
  }

  /**
   * Shows the sheet of a part.
   * @param {string} pointer
   */
  select(pointer, takesFocus = false) {
    this.selected = pointer;
    history.replaceState(null, "", `#${pointer}`);
    this.drawSheet();
    this.drawOutline();
    if (takesFocus) document.getElementById("sheet-head")?.focus();
  }

  /**
   * Adds an entry to a list and shows its sheet.
   * @param {string} listPointer
   * @param {Entry} entry
   */
  add(listPointer, entry) {
    this.select(addEntry(this.content, listPointer, entry), true);
    this.changed();
  }

  /** The selected part was changed as a whole. */
  replaced() {
    this.changed();
    this.select(this.selected, true);
  }

  /**
   * Parts have moved: what is wrong where is not known any more.
   * @param {string} pointer  the part to go on at
   */
  moved(pointer) {
    this.changed();
    this.setFaults([]);
    this.select(pointer, true);
  }

  /** @override */
  declared() {
    return this.content;
  }

  /** @override */
  drawSheet() {
    // A part of an earlier version, or of an address that somebody kept, may be gone.
    if (this.selected !== "" && !this.at(this.selected)) this.select("");
    else drawTestSheet(this);
  }

  /** @override */
  drawOutline() {
    drawOutline(this);
  }

  /**
   * Shows the sheet that a place is on and goes to its control.
   * @override
   * @param {string} pointer
   */
  goTo(pointer) {
    this.select(this.holderOf(pointer));
    super.goTo(pointer);
  }

  /**
   * @override
   * @param {string} pointer
   */
  placeName(pointer) {
    const holder = this.holderOf(pointer);
    const entry = holder === "" ? undefined : this.at(holder);
    const name = entry ? this.nameOf(entry) || "untitled" : "Settings";
    const rest = trailOf(pointer.slice(this.bodyOf(holder).length));
    return rest ? `${name} › ${rest}` : name;
  }

  /**
   * @override
   * @param {SavedTest} _saved
   * @param {boolean} isNew
   */
  afterSave(_saved, isNew) {
    if (isNew) history.replaceState(null, "", `${this.addressOf("edit")}#${this.selected}`);
  }
}
