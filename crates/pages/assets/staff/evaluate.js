// @ts-check
// The evaluator's desk: shortcuts, quick values, and what a value would change, asked from the server while it is typed.

import { dataOf, findElement, findElements, getElement } from "../dom.js";
import { Rubric } from "./rubric.js";

const TYPING_MILLIS = 200;

const form = getElement(document, "[data-judge]", HTMLFormElement);
const value = getElement(form, "[name=value]", HTMLInputElement);
const unit = getElement(form, "select[name=unit]", HTMLSelectElement);
const plain = getElement(form, "[data-plain]");
/** The rubric of the question, or else the lines of the evaluator's own. */
const chosen = findElement(form, "[data-rubric-of-question]");
const rubric = chosen ? undefined : new Rubric(getElement(form, "[data-rubric]"));
const isRubric = () => unit.value === "rubric";

function showUnit() {
  plain.hidden = isRubric();
  for (const box of [chosen, rubric?.box]) {
    if (box) box.hidden = !isRubric();
  }
}

/** Whether nothing was entered by a rubric; of the question's, something is wanted for each criterion. */
function isRubricBlank() {
  if (!chosen) return rubric?.isBlank() ?? true;
  return findElements(chosen, "fieldset").some((criterion) => {
    const level = findElement(criterion, "input:checked", HTMLInputElement);
    const share = getElement(criterion, "[data-other]", HTMLInputElement);
    return !level || (level.value === "" && share.value.trim() === "");
  });
}

/** What the evaluation as it is typed would change in the result. */
class Effect {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {AbortController | undefined} */
  #request;
  #box = getElement(form, "[data-effect-here]");

  askSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.ask(), TYPING_MILLIS);
  }

  async ask() {
    this.#request?.abort();
    if (isRubric() ? isRubricBlank() : value.value.trim() === "") return;
    this.#request = new AbortController();
    const fields = new URLSearchParams([...new FormData(form)].map(([name, text]) => [name, String(text)]));
    try {
      const response = await fetch(`${dataOf(form, "effect")}?${fields}`, { signal: this.#request.signal });
      if (response.ok) this.#box.innerHTML = await response.text();
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
      this.#box.textContent = "The effect cannot be shown: no connection.";
    }
  }
}

const effect = new Effect();
value.addEventListener("input", () => effect.askSoon());
rubric?.box.addEventListener("input", () => {
  rubric.remember();
  effect.askSoon();
});
chosen?.addEventListener("input", (event) => {
  // Whoever types a share means it.
  const other = event.target instanceof HTMLInputElement ? event.target.dataset.other : undefined;
  if (other) getElement(document, `#${other}`, HTMLInputElement).checked = true;
  effect.askSoon();
});
unit.addEventListener("change", () => {
  showUnit();
  effect.askSoon();
});

showUnit();
// Whoever judged by a rubric goes on so.
if (rubric?.recall() && value.value.trim() === "" && !findElement(form, "[aria-invalid]")) {
  unit.value = "rubric";
  showUnit();
  rubric.focus();
}

const quickValues = findElements(form, "[data-value]");
for (const button of quickValues) {
  button.hidden = false;
  button.addEventListener("click", () => {
    value.value = dataOf(button, "value");
    unit.value = "percent";
    showUnit();
    value.focus();
    effect.askSoon();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(findElement(form, "[data-key=save]"));
    return;
  }
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  // By the place of the key: with Alt some keyboards give other letters.
  const link = { KeyN: "next", KeyP: "previous" }[event.code];
  const digit = /^(?:Digit|Numpad)([0-4])$/.exec(event.code)?.[1];
  if (link) findElement(document, `a[data-key=${link}]`)?.click();
  else if (digit) quickValues[Number(digit)]?.click();
  else return;
  event.preventDefault();
});

// A form that was sent twice by impatience is sent once.
form.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
// A browser may bring the page back as it was left.
window.addEventListener("pageshow", () => delete form.dataset.sent);

effect.ask();
