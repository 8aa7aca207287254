// @ts-check
// Times in the reader's zone and manner; what the server wrote stays as the title.

import { findElements } from "../dom.js";

const format = new Intl.DateTimeFormat(navigator.language, { dateStyle: "medium", timeStyle: "short" });

/** @param {ParentNode} root */
export function localizeTimes(root) {
  for (const time of findElements(root, "time[datetime]", HTMLTimeElement)) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    time.title = time.textContent ?? "";
    time.textContent = format.format(date);
  }
}
