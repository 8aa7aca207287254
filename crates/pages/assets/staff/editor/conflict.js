// @ts-check
// Somebody saved another version meanwhile: both are shown, and one decides.

import { button, element, getElement } from "../../dom.js";

const MOST_LINES = 200;

/** @param {unknown} document */
const linesOf = (document) => JSON.stringify(document, null, 2).split("\n");

/**
 * The lines that one text has and the other has not.
 * @param {string[]} lines
 * @param {string[]} others
 */
export function linesOnlyIn(lines, others) {
  const otherLines = new Set(others);
  const only = lines.filter((text) => !otherLines.has(text)).slice(0, MOST_LINES);
  return only.join("\n") || "nothing";
}

/**
 * @param {string} title
 * @param {string} excerpt
 */
const side = (title, excerpt) =>
  element("div", {}, element("h3", {}, title), element("pre", { class: "excerpt", tabindex: "0" }, excerpt));

/**
 * @param {HTMLElement} box
 * @param {import("./types.js").SavedVersion} theirs
 * @param {object} ours
 * @param {{ takeOurs: () => void, takeTheirs: () => void }} decide
 */
export function drawConflict(box, theirs, ours, { takeOurs, takeTheirs }) {
  const [ourLines, theirLines] = [linesOf(ours), linesOf(JSON.parse(theirs.text))];
  box.hidden = false;
  box.className = "alert bad";
  box.replaceChildren(
    element("h2", { tabindex: "-1" }, `Somebody saved version ${theirs.version} while you were editing`),
    element("p", {}, "Nothing is lost on either side. These lines differ:"),
    element(
      "div",
      { class: "sides" },
      side("Yours", linesOnlyIn(ourLines, theirLines)),
      side("Theirs", linesOnlyIn(theirLines, ourLines)),
    ),
    element(
      "p",
      { class: "actions" },
      button("Save mine as the next version", takeOurs),
      button("Use theirs, discard mine", () => {
        if (window.confirm("Discard your changes?")) takeTheirs();
      }),
    ),
  );
  getElement(box, "h2").focus();
}
