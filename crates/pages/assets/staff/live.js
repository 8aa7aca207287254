// @ts-check
// What goes on now, asked for again every few seconds, with clocks that count down in between. Nothing is replaced while
// somebody types in it.

import { dataOf, findElements, getElement } from "../dom.js";
import { localizeTimes } from "./times.js";

const REFRESH_MILLIS = 5000;
const TICK_MILLIS = 1000;
const live = getElement(document, "[data-live]");

/** @param {number} number */
const twoDigits = (number) => String(number).padStart(2, "0");

function countDown() {
  for (const clock of findElements(live, "[data-end]")) {
    const left = Math.max(0, Math.floor((Number(clock.dataset.end) - Date.now()) / 1000));
    const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
    clock.textContent =
      hours > 0 ? `${hours}:${twoDigits(minutes)}:${twoDigits(seconds)}` : `${minutes}:${twoDigits(seconds)}`;
  }
}

function isBusy() {
  const minutes = findElements(live, "[data-keep] input[name=minutes]", HTMLInputElement);
  return minutes.some((input) => input.value !== "") || live.contains(document.activeElement) || document.hidden;
}

async function refresh() {
  if (isBusy()) return;
  const response = await fetch(dataOf(live, "live")).catch(() => null);
  // Somebody may have begun to type while the answer was on its way.
  if (!response?.ok || response.redirected || isBusy()) return;
  live.innerHTML = await response.text();
  localizeTimes(live);
  countDown();
}

setInterval(refresh, REFRESH_MILLIS);
setInterval(countDown, TICK_MILLIS);
countDown();
