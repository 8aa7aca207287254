// @ts-check
// The table of results: days and files are of the reader's time zone, and an open menu closes when something else is
// pressed.

import { closestTo, findElements } from "../dom.js";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) {
  for (const input of findElements(document, "input[name=zone]", HTMLInputElement)) input.value = zone;
  for (const name of findElements(document, "[data-zone-name]")) name.textContent = zone.replaceAll("_", " ");
}

const menus = findElements(document, "details.drop", HTMLDetailsElement);

/** @param {Event} event */
function closeOthers(event) {
  const inside = closestTo(event, "details.drop");
  for (const menu of menus) if (menu !== inside) menu.open = false;
}

document.addEventListener("click", closeOthers);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus) {
    if (!menu.open) continue;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});
