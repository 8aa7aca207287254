// @ts-check
// Sitting a test: puts the other modules together and listens to the page.

import { ask, say } from "./ask.js";
import { Countdowns } from "./clock.js";
import { device, token } from "./device.js";
import { closestTo, dataOf, getElement } from "../dom.js";
import { finished, follow, furnish, hasEnded, refresh } from "./following.js";
import { handIn } from "./handing_in.js";
import { refusedOf, savedAnswers } from "./request.js";
import { retryNow } from "./send.js";
import { Sitting } from "./sitting.js";
import { drawClocks, remindOf, timeIsOver } from "./timing.js";
import { go, turn } from "./turning.js";

const FOLLOW_MILLIS = 15_000;
const TICK_MILLIS = 250;
/** Until the first request is tried again. */
const BEGIN_SECONDS = 2;

const clocks = new Countdowns({
  draw: drawClocks,
  remind: remindOf,
  late: () => sitting.warn(),
  nearly: () => sitting.answers.again(),
  over: (name) => timeIsOver(sitting, name),
  slept: () => follow(sitting),
});
const sitting = new Sitting(document.body, clocks);
const { answers, place, uploads } = sitting;

/** Of several tabs the last one opened writes. */
const tab = token();
device.set(`${place}tab`, tab);
addEventListener("storage", (event) => {
  if (event.key === `${place}tab` && event.newValue && event.newValue !== tab) giveWay();
});

/** Another tab was opened: this one no longer writes. */
async function giveWay() {
  if (!sitting.hasTab || sitting.isLeaving) return;
  sitting.hasTab = false;
  answers.isStopped = true;
  uploads.handOver();
  await ask(say("tab_title"), [say("tab")], [say("tab_here")]);
  sitting.isLeaving = true;
  location.reload();
}

document.addEventListener("click", (event) => {
  // Few pages have media: what they need is loaded when it is needed.
  if (closestTo(event, "[data-play]")) import("./plays.js").then(({ play }) => play(event, sitting.api));
  if (closestTo(event, ".picture")) import("../media.js").then(({ enlarge }) => enlarge(event));
  const button = closestTo(event, "button");
  if (!button) return;
  const { page, slot, intro } = button.dataset;
  if (page !== undefined) go(sitting, Number(page), intro !== undefined, Number(slot) || undefined);
  if (button.matches("[data-hand-in]")) handIn(sitting);
  if (button.matches("[data-back]")) refresh(sitting);
  if (button.matches("[data-open]")) turn(sitting, "/open", null, () => refresh(sitting));
});
addEventListener("beforeunload", (event) => {
  if (!sitting.isLeaving && sitting.hasTab && sitting.wouldLose()) event.preventDefault();
});
addEventListener("online", () => {
  answers.again();
  retryNow();
});
addEventListener("pagehide", () => answers.farewell());
addEventListener("pageshow", (event) => event.persisted && location.reload());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") return answers.farewell();
  answers.again();
  follow(sitting);
});

/** Nothing is shown as an answer before the server has said what it has. */
async function begin() {
  try {
    answers.load(await savedAnswers(sitting.api));
    uploads.load();
  } catch (error) {
    const refused = refusedOf(error);
    if (!hasEnded(refused)) {
      const seconds = Math.max(refused.wait, BEGIN_SECONDS);
      // What was typed now would be overwritten.
      getElement(document, "#sheet").inert = true;
      sitting.connection(refused.wait > 0 ? "busy" : "offline", seconds);
      setTimeout(begin, seconds * 1000);
      return;
    }
    sitting.connection("session");
  }
  getElement(document, "#sheet").inert = false;
  furnish(sitting);
  await follow(sitting);
  if (!device.works) sitting.connection("no_store");
  const conduct = JSON.parse(dataOf(document.body, "conduct"));
  if (conduct.fullscreen || conduct.records.length > 0) {
    // Loaded only where something is asked for: it would weigh on every other page.
    const { watch } = await import("./watch.js");
    watch(sitting.api, place, conduct, () => finished(sitting));
  }
  document.body.dataset.ready = "";
}

setInterval(() => clocks.tick(), TICK_MILLIS);
setInterval(() => document.visibilityState === "visible" && follow(sitting), FOLLOW_MILLIS);
begin();
