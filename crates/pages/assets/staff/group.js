// @ts-check
// Figures of a group that are still being computed are asked for again until they are whole.

import { dataOf, findElement, getElement } from "../dom.js";
import { localizeTimes } from "./times.js";

const EVERY_MILLIS = 1500;
const figures = getElement(document, "[data-figures]");

async function refresh() {
  if (!findElement(figures, "[data-pending]")) return;
  const response = await fetch(dataOf(figures, "figures")).catch(() => null);
  // Whoever is at a link of it keeps it until the next time.
  if (response?.ok && !response.redirected && !figures.contains(document.activeElement)) {
    figures.innerHTML = await response.text();
    localizeTimes(figures);
  }
  setTimeout(refresh, EVERY_MILLIS);
}

setTimeout(refresh, EVERY_MILLIS);
