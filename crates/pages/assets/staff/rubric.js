// @ts-check
// The lines of a rubric. Its criteria stay on the device, so that they are there again at the next answer to the question.

import { dataOf, findElements, getElement } from "../dom.js";

/** @typedef {[name: string, weight: string]} Criterion */

export class Rubric {
  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
    this.lines = getElement(box, "tbody", HTMLTableSectionElement);
    this.storageKey = `assay-rubric-${dataOf(box, "rubric")}`;
    const more = getElement(box, "[data-more]");
    more.hidden = false;
    more.addEventListener("click", () => getElement(this.#addLine(), "input").focus());
  }

  /** Whether no share was entered. */
  isBlank() {
    return this.#shares().every((share) => share.value.trim() === "");
  }

  focus() {
    this.#shares()[0]?.focus();
  }

  remember() {
    const criteria = [...this.lines.rows].map((row) =>
      inputsOf(row)
        .map((input) => input.value)
        .slice(0, 2),
    );
    try {
      localStorage.setItem(this.storageKey, JSON.stringify(criteria.filter(([name, weight]) => name || weight)));
    } catch {
      // Without room the criteria are typed again.
    }
  }

  /** Fills in the criteria of before, unless something stands there; gives whether it did. */
  recall() {
    const criteria = this.#stored();
    const isTyped = inputsOf(this.lines).some((input) => input.value !== "");
    if (!criteria.length || isTyped) return false;
    while (this.lines.rows.length < criteria.length) this.#addLine();
    criteria.forEach(([name, weight], index) => {
      const [nameField, weightField] = inputsOf(this.lines.rows[index]);
      nameField.value = name;
      weightField.value = weight;
    });
    return true;
  }

  /** @returns {Criterion[]} */
  #stored() {
    try {
      return JSON.parse(localStorage.getItem(this.storageKey) ?? "[]");
    } catch {
      return [];
    }
  }

  #shares() {
    return findElements(this.lines, "[name$='.percent']", HTMLInputElement);
  }

  /** A blank line like the first one, with the next number in its names and labels. */
  #addLine() {
    const index = this.lines.rows.length;
    const row = /** @type {HTMLTableRowElement} */ (this.lines.rows[0].cloneNode(true));
    for (const input of inputsOf(row)) {
      input.name = input.name.replace(/\d+/, String(index));
      input.value = "";
      input.setAttribute("aria-label", (input.getAttribute("aria-label") ?? "").replace(/\d+/, String(index + 1)));
    }
    this.lines.append(row);
    return row;
  }
}

/** @param {ParentNode} row */
const inputsOf = (row) => findElements(row, "input", HTMLInputElement);
