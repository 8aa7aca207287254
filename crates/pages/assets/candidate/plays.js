// @ts-check
// Plays what may be played a few times only. The server counts before it hands the sound or film out, so that a reload or
// another device gives no further play.

import { closestTo, dataOf, getElement } from "../dom.js";
import { say } from "./ask.js";
import { token } from "./device.js";
import { call, refusedOf } from "./request.js";

/**
 * @param {Event} event  a press
 * @param {string} api
 */
export async function play(event, api) {
  const box = closestTo(event, "[data-counted]");
  if (!box) return;
  const pressed = getElement(box, "[data-play]", HTMLButtonElement);
  const player = getElement(box, "[data-player]", HTMLMediaElement);
  const status = getElement(box, "[data-plays-left]");
  pressed.disabled = true;
  // The same until an answer has come: a request that was lost on the way back is not counted twice.
  box.dataset.token ??= token();
  let answer;
  try {
    const body = { place: dataOf(box, "counted"), clientToken: box.dataset.token };
    answer = /** @type {{ url: string, left: number }} */ (await call(api, "/plays", body));
  } catch (error) {
    const hasNone = refusedOf(error).code === "no_plays_left";
    status.textContent = hasNone ? say("media_none_left") : say("media_failed");
    pressed.disabled = hasNone;
    return;
  }
  delete box.dataset.token;
  const { left, url } = answer;
  status.textContent = left > 0 ? say("media_left", { n: left }) : say("media_none_left");
  start(player, url, () => {
    pressed.disabled = left === 0;
  });
}

/**
 * @param {HTMLMediaElement} player
 * @param {string} url
 * @param {() => void} over
 */
function start(player, url, over) {
  player.hidden = false;
  player.src = url;
  player.addEventListener(
    "ended",
    () => {
      player.hidden = true;
      player.controls = false;
      player.removeAttribute("src");
      player.load();
      over();
    },
    { once: true },
  );
  // Some browsers play only what a press itself has started: there the player gets its own button.
  player.play().catch(() => {
    player.controls = true;
  });
}
