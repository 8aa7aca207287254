// @ts-check
// The bar with Save, Check, Preview and Discard, and the line that says how the document stands.

import { findElement, getElement } from "../../dom.js";

export class SaveBar {
  /** @param {HTMLElement} root  the editor */
  constructor(root) {
    this.root = root;
    this.status = getElement(root, "#state");
    this.save = getElement(root, "[data-save]", HTMLButtonElement);
    this.check = getElement(root, "[data-check]", HTMLButtonElement);
    this.discard = getElement(root, "[data-discard]", HTMLButtonElement);
    this.preview = getElement(root, "[data-preview]", HTMLAnchorElement);
    /** For who may approve, while the question waits for it. */
    this.approve = findElement(root, "[data-approve]", HTMLButtonElement);
  }

  /**
   * @param {string} text
   * @param {"" | "good" | "warn" | "bad"} [sort]
   */
  say(text, sort = "") {
    this.status.textContent = text;
    this.status.dataset.sort = sort;
  }

  /**
   * Puts the bar where it covers nothing: into the column beside the sheet where there is one, else behind the sheet.
   * `style.css` has the same width.
   */
  place() {
    const [bar, side, main] = [".editor-bar", ".editor-side", ".editor-main"].map((name) =>
      getElement(this.root, name),
    );
    const hasColumns = window.matchMedia("(min-width: 62rem)");
    const place = () => {
      const focused = document.activeElement;
      if (hasColumns.matches) side.prepend(bar);
      else main.append(bar);
      // Moving an element takes the focus from it.
      if (focused instanceof HTMLElement && bar.contains(focused)) focused.focus();
    };
    hasColumns.addEventListener("change", place);
    place();
  }
}
