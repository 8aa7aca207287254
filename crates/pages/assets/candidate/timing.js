// @ts-check
// The clocks on the page, and what happens when one runs out.

import { announce, say } from "./ask.js";
import { written } from "./clock.js";
import { findElements, getElement } from "../dom.js";
import { follow } from "./following.js";

/** @typedef {import("./clock.js").ClockName} ClockName */

/**
 * Shows the clocks that run.
 * @param {import("./clock.js").Countdowns} clocks
 */
export function drawClocks(clocks) {
  for (const line of findElements(document, "[data-clock]")) {
    const left = clocks.left(/** @type {ClockName} */ (line.dataset.clock));
    line.hidden = left === undefined;
    if (left === undefined) continue;
    const text = written(left);
    const digits = getElement(line, "b");
    if (digits.textContent !== text) digits.textContent = text;
    line.classList.toggle("late", left <= 60);
    line.classList.toggle("soon", left > 60 && left <= 300);
  }
}

/**
 * Tells those who do not see the clock.
 * @param {number} seconds
 */
export function remindOf(seconds) {
  announce(seconds >= 60 ? say("minutes", { n: seconds / 60 }) : say("seconds", { n: seconds }));
}

/**
 * A clock has run out. The server decides; the last answers have two seconds.
 * @param {import("./sitting.js").Sitting} sitting
 * @param {ClockName} name
 */
export async function timeIsOver(sitting, name) {
  sitting.uploads.stopRecordings();
  await sitting.answers.flush(1800);
  const banner = getElement(document, "#banner");
  banner.textContent = say(name === "test" ? "over" : "over_part");
  banner.dataset.state = "over";
  banner.hidden = false;
  for (let tries = 0; tries < 40 && !sitting.isLeaving; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = sitting.state?.serverTimeMillis;
    await follow(sitting);
    const isFresh = sitting.state?.serverTimeMillis !== before;
    if (name !== "test" && isFresh) {
      banner.hidden = true;
      delete banner.dataset.state;
      return;
    }
  }
}
