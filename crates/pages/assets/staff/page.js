// @ts-check
// What every page of staff needs: times in the reader's zone, the menu on a narrow screen, a question before what
// cannot be undone, copying, and the first fault in focus.

import { closestTo, dataOf, findElement, findElements, getElement } from "../dom.js";
import { localizeTimes } from "./times.js";

/** How long a button says what became of copying. */
const COPIED_MILLIS = 2000;

/** @param {HTMLElement} button */
function enableMenu(button) {
  const areas = getElement(document, `#${button.getAttribute("aria-controls")}`);
  button.hidden = false;
  document.body.classList.add("scripted");
  button.addEventListener("click", () => {
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!isOpen));
    areas.classList.toggle("shown", !isOpen);
  });
}

/**
 * The address of a link, or else the text of an element.
 * @param {string} place  an id, or a selector
 */
function copyable(place) {
  const source = document.getElementById(place) ?? getElement(document, place);
  return source instanceof HTMLAnchorElement ? source.href : (source.textContent ?? "").trim();
}

/** @param {HTMLElement} button */
function enableCopying(button) {
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(copyable(dataOf(button, "copy")));
      button.textContent = "Copied";
    } catch {
      button.textContent = "Could not copy";
    }
    setTimeout(() => {
      button.textContent = label;
    }, COPIED_MILLIS);
  });
}

/** Fields and names of which no template says so: each takes the direction of its own letters. */
const WRITTEN =
  "input:not([type]), input[type=text], input[type=search], textarea:not(.mono), main :is(h2, h3, dd, legend), main td strong, " +
  "main :is(th, td, li, .row, .lead) > a";
for (const written of findElements(document, WRITTEN)) {
  if (written.dir === "") written.dir = "auto";
}

localizeTimes(document);

document.addEventListener("click", (event) => {
  if (closestTo(event, ".picture")) import("../media.js").then(({ enlarge }) => enlarge(event));
});

const menu = findElement(document, "[data-menu]");
if (menu) enableMenu(menu);

// A form or button with data-ask is sent after its question was answered with yes.
document.addEventListener("submit", (event) => {
  const form = event.target instanceof HTMLElement ? event.target : undefined;
  const question = event.submitter?.dataset.ask ?? form?.dataset.ask;
  if (question && !window.confirm(question)) event.preventDefault();
});

// The first fault of a refused form is where one goes on.
findElement(document, "[aria-invalid=true]")?.focus();

// Over plain HTTP a browser has no clipboard for us, and the buttons stay hidden.
if (navigator.clipboard) findElements(document, "[data-copy]").forEach(enableCopying);
