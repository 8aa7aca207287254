// @ts-check
// Tasks and candidates: times typed in the reader's own zone, choosing all rows.

import { findElement, findElements } from "../dom.js";

/** @param {number} number */
const twoDigits = (number) => String(number).padStart(2, "0");

/**
 * A moment as a control of local date and time holds it.
 * @param {Date} date
 */
function localText(date) {
  const day = `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
  return `${day}T${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

// A control holds UTC in the page and in what is sent; the reader sees and types local time.
for (const control of findElements(document, "input[data-utc]", HTMLInputElement)) {
  const date = new Date(`${control.value}Z`);
  if (!Number.isNaN(date.getTime())) control.value = localText(date);
  control.form?.addEventListener("formdata", (event) => {
    const typed = new Date(control.value);
    if (!Number.isNaN(typed.getTime())) event.formData.set(control.name, typed.toISOString().slice(0, 16));
  });
}
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const help of findElements(document, "[data-zone]"))
  help.textContent = (help.textContent ?? "").replace("In UTC.", `Your time (${zone}).`);

const all = findElement(document, "[data-all]", HTMLInputElement);
if (all) {
  const rows = findElements(document, "input[name=candidate][type=checkbox]", HTMLInputElement);
  all.closest("[hidden]")?.removeAttribute("hidden");
  all.addEventListener("change", () => {
    for (const row of rows) row.checked = all.checked;
  });
}
