// @ts-check
// What each field means, in the words of the schema, shown beside it for who asks.

import { button, element } from "../../dom.js";
import { DESCRIPTIONS } from "./descriptions.js";

const STORAGE_KEY = "explain-fields";

/** @typedef {Pick<import("./types.js").CommonField, "name" | "describedBy" | "describes">} Described */

export class FieldHelp {
  /** The choice stays on the device, where that keeps anything. */
  #isShown = storedChoice();

  /**
   * The button that shows and hides the help; `redraw` draws the sheet anew.
   * @param {() => void} redraw
   */
  button(redraw) {
    const toggle = () => {
      this.#isShown = !this.#isShown;
      storeChoice(this.#isShown);
      redraw();
      // The sheet has another button now.
      document.getElementById("explain")?.focus();
    };
    const attributes = { id: "explain", class: "quiet", "aria-pressed": String(this.#isShown) };
    return button("Explain the fields", toggle, attributes);
  }

  /**
   * The help of a field, while help is shown and the schema has some; `id` is that of its control.
   * @param {Described} field
   * @param {string} [id]
   */
  about({ describedBy = "", describes, name }, id) {
    const text = this.#isShown ? DESCRIPTIONS[describedBy]?.[describes ?? name] : undefined;
    if (!text) return undefined;
    // Between back quotes stands what is written in documents.
    const pieces = text.split("`").map((piece, index) => (index % 2 ? element("code", {}, piece) : piece));
    return element("p", { class: "help about", id: id && `${id}-about` }, ...pieces);
  }
}

function storedChoice() {
  try {
    return localStorage.getItem(STORAGE_KEY) === "yes";
  } catch {
    return false;
  }
}

/** @param {boolean} isShown */
function storeChoice(isShown) {
  try {
    localStorage.setItem(STORAGE_KEY, isShown ? "yes" : "no");
  } catch {
    // It holds until the page is left.
  }
}
