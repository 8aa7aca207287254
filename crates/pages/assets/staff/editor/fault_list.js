// @ts-check
// The list of faults above the sheet; each leads to its place.

import { button, element, getElement } from "../../dom.js";
import { isAdvice, sentenceOf } from "./faults.js";

/** @typedef {import("./types.js").Fault} Fault */

/**
 * @param {number} number
 * @param {string} noun
 */
const count = (number, noun) => `${number} ${number === 1 ? noun : `${noun}s`}`;

/**
 * @param {HTMLElement} box
 * @param {Fault[]} faults
 * @param {{ nameOf: (pointer: string) => string, goTo: (pointer: string) => void }} place
 */
export function drawFaults(box, faults, { nameOf, goTo }) {
  const errors = faults.filter((fault) => !isAdvice(fault));
  box.hidden = faults.length === 0;
  box.classList.toggle("bad-card", errors.length > 0);
  getElement(box, "h2").textContent = errors.length
    ? `${count(errors.length, "problem")} to fix; nothing was saved on the server`
    : `${count(faults.length, "warning")}, which do not prevent saving`;
  getElement(box, "ol").replaceChildren(
    ...faults.map((fault) =>
      element(
        "li",
        {},
        isAdvice(fault)
          ? element("span", { class: "badge warn" }, "warning")
          : element("span", { class: "badge bad" }, "fault"),
        " ",
        button(nameOf(fault.pointer), () => goTo(fault.pointer), { class: "quiet" }),
        ` ${sentenceOf(fault)} `,
        element("code", {}, fault.code),
      ),
    ),
  );
}
