// @ts-check
// What the pages around a test need: dates in the reader's zone, the direct link, a receipt file to check.

import { closestTo, dataOf, findElement, findElements, getElement } from "../dom.js";
import { dateTime } from "./locale.js";

for (const time of findElements(document, "time[datetime]", HTMLTimeElement)) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) continue;
  time.textContent = dateTime(at, "seconds" in time.dataset);
  time.title = `${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
}

const chooser = findElement(document, "[data-file-into]");
if (chooser) {
  const input = getElement(chooser, "input", HTMLInputElement);
  const field = getElement(document, `#${dataOf(chooser, "fileInto")}`, HTMLTextAreaElement);
  chooser.hidden = false;
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    if (file) field.value = await file.text();
  });
}

document.addEventListener("click", (event) => {
  if (closestTo(event, ".picture")) import("../media.js").then(({ enlarge }) => enlarge(event));
});
