// @ts-check
// Writing a document as text: a chosen file is read into the field, and a fault goes to its line.

import { button, findElement, findElements, getElement } from "../../dom.js";

const field = getElement(document, "#text", HTMLTextAreaElement);

const picker = findElement(document, "[data-file]");
if (picker) {
  const input = getElement(picker, "input", HTMLInputElement);
  picker.hidden = false;
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    if (file) field.value = await file.text();
  });
}

/** @param {number} number  from 1 */
function goToLine(number) {
  const lines = field.value.split("\n");
  const start = lines.slice(0, number - 1).reduce((sum, text) => sum + text.length + 1, 0);
  field.focus();
  field.setSelectionRange(start, start + (lines[number - 1]?.length ?? 0));
  // A few lines of what stands before it remain in sight.
  field.scrollTop = (field.scrollHeight / lines.length) * Math.max(0, number - 4);
}

for (const fault of findElements(document, "[data-faults] [data-line]")) {
  const line = Number(fault.dataset.line);
  fault.append(button(`Go to line ${line}`, () => goToLine(line), { class: "quiet" }));
}
findElement(document, "#fault-head")?.focus();
