// @ts-check
// What the pages around a test need: dates in the reader's zone, the direct link, a receipt file to check.

import { dataOf, findElement, findElements, getElement } from "../dom.js";

// Times as this person writes them, in the page's language.
const own = navigator.languages.find((tag) => tag.split("-")[0] === document.documentElement.lang);
const lang = own ?? document.documentElement.lang;
for (const time of findElements(document, "time[datetime]", HTMLTimeElement)) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) continue;
  time.textContent = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" }).format(at);
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
