// @ts-check
// What the editors of tests and of questions share: a form whose changes are kept on the device at once, faults at their
// places, and what the page listens to.

import { getElement } from "../../dom.js";
import { drawFaults } from "./fault_list.js";
import { Faults } from "./faults.js";
import { FieldHelp } from "./field_help.js";
import { focusPlace, openPlace } from "./focus.js";
import { Form } from "./form.js";
import { pointerOfId } from "./pointer.js";
import { SaveBar } from "./save_bar.js";
import { check, save } from "./saving.js";

/** @typedef {import("./types.js").Fault} Fault */

/**
 * How documents of a kind are saved. `body` is sent beside the base and the text, `idOf` and `message` say what was saved.
 * @template Saved
 * @typedef {object} Kind
 * @property {string} address  of the pages of such documents
 * @property {(id: string) => object} body
 * @property {(saved: Saved) => string} idOf
 * @property {(saved: Saved & { version: number }) => string} message
 */

/**
 * @template {object} Content
 * @template Saved
 */
export class DocumentEditor {
  /**
   * @param {HTMLElement} root
   * @param {import("./edited_document.js").EditedDocument<Content>} edited
   * @param {Kind<Saved>} kind
   */
  constructor(root, edited, kind) {
    this.root = root;
    this.document = edited;
    this.kind = kind;
    this.bar = new SaveBar(root);
    this.sheet = getElement(root, "#sheet");
    this.faultBox = getElement(root, "#faults");
    this.conflictBox = getElement(root, "#conflict");
    this.faults = new Faults();
    this.help = new FieldHelp();
    this.form = new Form({
      changed: (isStructure, focus) => this.#formChanged(isStructure, focus),
      declared: () => this.declared(),
      faultAt: (pointer, isBelow) => this.faults.at(pointer, isBelow),
      help: this.help,
    });
  }

  get content() {
    return this.document.content;
  }

  /** @param {string} page */
  addressOf(page) {
    return `${this.kind.address}/${this.document.id}/${page}`;
  }

  /* --- what a kind of document has otherwise --- */

  /** @returns {ReturnType<import("./form.js").FormContext["declared"]>} */
  declared() {
    return undefined;
  }

  drawSheet() {}

  drawOutline() {}

  /** Completes the document before it is saved. */
  beforeSave() {}

  /**
   * @param {Saved} _saved
   * @param {boolean} _isNew
   */
  afterSave(_saved, _isNew) {}

  /**
   * What the place of a fault is called.
   * @param {string} pointer
   */
  placeName(pointer) {
    return pointer;
  }

  /**
   * Goes to the control of a place.
   * @param {string} pointer
   */
  goTo(pointer) {
    openPlace(pointer);
  }

  /* --- changing --- */

  /** Keeps a change on the device and says so. */
  changed() {
    if (this.document.keep()) this.bar.say("Not saved yet. Stored on this device.");
    else this.bar.say("Not saved yet, and this device has no space left to store it: save now.", "bad");
    this.bar.discard.hidden = false;
  }

  /**
   * @param {boolean} isStructure
   * @param {string} [focus]
   */
  #formChanged(isStructure, focus) {
    this.changed();
    if (isStructure) {
      const focused = pointerOfId(document.activeElement?.id);
      this.drawSheet();
      focusPlace(focus ?? focused);
    }
    this.drawOutline();
  }

  #recall() {
    const draft = this.document.recall();
    if (draft === "none") return;
    this.bar.discard.hidden = false;
    if (draft === "current") this.bar.say("Your unsaved changes from before are here again.");
    else
      this.bar.say(
        "Your unsaved changes from before are here again. Somebody has saved another version since then: saving will compare the two.",
        "warn",
      );
  }

  /** Gives up what is not saved and shows what the server has. */
  discard() {
    this.document.discard();
    this.bar.discard.hidden = true;
    location.reload();
  }

  /* --- faults --- */

  /** @param {Fault[]} faults */
  showFaults(faults) {
    this.setFaults(faults);
    this.drawSheet();
    this.drawOutline();
    if (faults.length) getElement(this.root, "#faults-head").focus();
  }

  /** @param {Fault[]} faults */
  setFaults(faults) {
    this.faults = new Faults(faults);
    drawFaults(this.faultBox, faults, {
      nameOf: (pointer) => this.placeName(pointer),
      goTo: (pointer) => this.goTo(pointer),
    });
  }

  /* --- the page --- */

  /** Shows the editor with what the device has kept, and listens to the page. */
  open() {
    this.bar.save.addEventListener("click", () => save(this));
    this.bar.check.addEventListener("click", () => check(this));
    this.bar.discard.addEventListener("click", () => {
      if (window.confirm("Discard everything since the last save?")) this.discard();
    });
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
        event.preventDefault();
        save(this);
      }
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.document.isChanged) event.preventDefault();
    });
    this.bar.place();
    this.root.hidden = false;
    this.#recall();
  }
}
