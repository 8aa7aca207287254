// @ts-check
// Practice: has the kept answer of a question checked, and shows what the server says of it until the answer changes.

import { closestTo, dataOf, findElements, getElement } from "../dom.js";

/** How long an answer may be on its way before it is checked. */
const PATIENCE_MILLIS = 10_000;
const LOOK_MILLIS = 100;

/** @param {HTMLElement} question */
const stateOf = (question) => getElement(question, "[data-status]").dataset.state ?? "";

/**
 * Waits until nothing of a question is on its way any more.
 * @param {HTMLElement} question
 */
async function saved(question) {
  for (let waited = 0; waited < PATIENCE_MILLIS; waited += LOOK_MILLIS) {
    if (!["waiting", "saving"].includes(stateOf(question))) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLIS));
  }
}

/**
 * What the server says, as elements.
 * @param {string} address
 */
async function answerOf(address) {
  const response = await fetch(address, { method: "POST", cache: "no-store" });
  if (!response.ok) throw new Error(`status ${response.status}`);
  return [...new DOMParser().parseFromString(await response.text(), "text/html").body.childNodes];
}

/** @param {HTMLElement} button */
async function check(button) {
  const question = button.closest("[data-question]");
  if (!(question instanceof HTMLElement) || button.ariaDisabled === "true") return;
  const box = getElement(question, "[data-checked]");
  button.ariaDisabled = "true";
  try {
    // An answer is kept a moment after the last key.
    if (document.activeElement instanceof HTMLElement && document.activeElement !== button)
      document.activeElement.blur();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLIS));
    await saved(question);
    const slot = dataOf(question, "question");
    box.replaceChildren(...(await answerOf(`${dataOf(document.body, "checkAt")}/${slot}`)));
  } catch {
    box.textContent = dataOf(button, "failed");
  } finally {
    button.ariaDisabled = null;
  }
}

document.addEventListener("click", (event) => {
  const button = closestTo(event, "[data-check]");
  if (button) check(button);
});

// What was said is of the answer as it was.
new MutationObserver((changes) => {
  for (const { target } of changes) {
    if (!(target instanceof HTMLElement) || !target.matches("[data-status]")) continue;
    const question = target.closest("[data-question]");
    if (!question || stateOf(/** @type {HTMLElement} */ (question)) === "saved") continue;
    for (const box of findElements(question, "[data-checked]")) box.replaceChildren();
  }
}).observe(getElement(document, "main"), { subtree: true, attributes: true, attributeFilter: ["data-state"] });
