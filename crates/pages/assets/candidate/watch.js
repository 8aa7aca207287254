// @ts-check
// What a step asks for while a test is taken: full screen, photos and recordings. The server's clock measures, and the
// candidate is asked first.

import { announce, ask, say } from "./ask.js";
import { written } from "./clock.js";
import { device } from "./device.js";
import { closestTo, getElement } from "../dom.js";
import { list } from "./locale.js";
import { Refused, call } from "./request.js";
import { send } from "./send.js";
import { captures, putCapture, removeCapture } from "./upload_store.js";
import { meaning } from "./writes.js";

const PICTURE_MILLIS = 30000;
const FILM_MILLIS = 60000;

/**
 * What a step asks for: full screen, the kinds of recording, the highest number the server has of each kind, and what is
 * said of recordings before the candidate agrees.
 * @typedef {{ fullscreen: boolean, records: string[], recorded: Record<string, number>, notice: string[] }} Conduct
 */

/**
 * `ended()` hears that a limit has ended the test.
 * @param {string} api
 * @param {string} place
 * @param {Conduct} conduct
 * @param {() => void} ended
 */
export function watch(api, place, conduct, ended) {
  if (conduct.fullscreen) inFullscreen(api, ended);
  if (conduct.records.length === 0) return;
  sendEarlier(place);
  agree(api, place, conduct);
}

/**
 * Sends what was taken before a reload and had not arrived.
 * @param {string} place
 */
async function sendEarlier(place) {
  for (const capture of await captures(place)) await sendCapture(capture);
}

/**
 * Sends a recording, which stays on this device until the server has it or will not have it.
 * @param {import("./upload_store.js").Capture} capture
 */
async function sendCapture(capture) {
  const outcome = await send(capture.url, capture.blob);
  const isOver = outcome && (outcome.stored || meaning(outcome) === "bad");
  if (isOver) await removeCapture(capture.id);
}

/**
 * @param {string} api
 * @param {() => void} ended
 */
function inFullscreen(api, ended) {
  const banner = getElement(document, "#away");
  const count = getElement(banner, "[data-count]");
  const isIn = () => document.fullscreenElement !== null;
  let isReported = false;
  /** @param {{ event: "returned" | "left", allowed?: boolean }} body */
  const report = async (body) => {
    try {
      const absences = /** @type {Absences} */ (await call(api, "/fullscreen", body));
      if (absences.terminated) return ended();
      const isCounted = absences.count > 0 || absences.seconds > 0;
      count.textContent = isCounted ? say("away_count", { n: absences.count, time: written(absences.seconds) }) : "";
      isReported = true;
    } catch (refused) {
      if (refused instanceof Refused && refused.code === "instance_complete") return ended();
      isReported = false;
    }
  };
  // A file's dialogue or a device's question takes the screen away for a moment.
  let isExcused = false;
  addEventListener(
    "click",
    (event) => {
      isExcused = closestTo(event, "[data-record], [data-watch], input[type=file], label.button") !== null;
    },
    true,
  );
  /** @param {boolean} isAllowed */
  const look = (isAllowed) => {
    banner.hidden = isIn();
    document.body.classList.toggle("away", !isIn());
    report(isIn() ? { event: "returned" } : { event: "left", allowed: isAllowed });
    if (!isIn()) announce(say("away"));
  };
  document.addEventListener("fullscreenchange", () => look(isExcused));
  setInterval(() => isReported || look(false), 5000);
  getElement(banner, "button").addEventListener("click", () => {
    document.documentElement.requestFullscreen().catch(() => {});
  });
  look(true);
}

/**
 * How often and how long the candidate was away from the full screen.
 * @typedef {{ count: number, seconds: number, terminated: boolean }} Absences
 */

/**
 * Asks, begins what was agreed to, and always shows what is recorded at the moment.
 * @param {string} api
 * @param {string} place
 * @param {Conduct} conduct
 */
async function agree(api, place, { records, recorded, notice }) {
  const line = getElement(document, "#watching");
  const more = getElement(line, "button");
  // A browser lets a screen be chosen only right after a press: first things first, and after a reload once more.
  const wanted = [...records].sort((a, b) => Number(b.startsWith("screen")) - Number(a.startsWith("screen")));
  const isRemembered = device.get(`${place}agreed`) === "yes" && !wanted[0].startsWith("screen");
  /** @type {Set<string>} */
  const running = new Set();
  /** @param {string[]} kinds */
  const names = (kinds) => list(kinds.map((kind) => say(`record_${kind}`)));
  const tell = () => {
    const text = running.size > 0 ? say("watching", { kinds: names([...running]) }) : say("watch_refused");
    getElement(line, "[data-text]").textContent = text;
    line.classList.toggle("on", running.size > 0);
    more.hidden = running.size === wanted.length;
    line.hidden = false;
    announce(text);
  };
  const begin = async () => {
    for (const kind of wanted.filter((kind) => !running.has(kind))) {
      const over = () => {
        running.delete(kind);
        tell();
      };
      try {
        await record(api, place, kind, recorded[kind] ?? 0, over);
        running.add(kind);
      } catch {
        // Refused, or there is no such device: the line says what is missing.
      }
    }
    tell();
  };
  more.addEventListener("click", begin);
  const sentences = [say("watch", { kinds: names(records) }), ...notice];
  const isAgreed =
    isRemembered || (await ask(say("watch_title"), sentences, [say("watch_no"), say("watch_yes")])) === 1;
  if (!isAgreed) return tell();
  device.set(`${place}agreed`, "yes");
  await begin();
}

/**
 * @param {string} api
 * @param {string} place
 * @param {string} kind
 * @param {number} highest  the highest number that the server has, perhaps of another device
 * @param {() => void} over  hears that the candidate, or the browser, took the device away
 */
async function record(api, place, kind, highest, over) {
  const isScreen = kind.startsWith("screen");
  const stream = isScreen
    ? await navigator.mediaDevices.getDisplayMedia({ video: true })
    : await navigator.mediaDevices.getUserMedia({ video: { width: 640 }, audio: kind === "video" });
  const key = `${place}evidence/${kind}`;
  const next = () => {
    const number = Math.max(Number(device.get(key) ?? 0), highest) + 1;
    highest = number;
    device.set(key, String(number));
    return String(number);
  };
  /** @param {Blob | null} blob */
  const keep = async (blob) => {
    if (!blob) return;
    const number = next();
    const query = new URLSearchParams({ kind, number, clientTimeMillis: String(Date.now()) });
    const capture = { id: `${key}/${number}`, instance: place, url: `${api}/evidences?${query}`, blob };
    await putCapture(capture);
    await sendCapture(capture);
  };
  const timer = kind === "photo" || kind === "screenshot" ? await pictures(stream, keep) : films(stream, keep);
  // The candidate, or the browser, took the camera or the screen away.
  for (const track of stream.getVideoTracks()) {
    track.addEventListener("ended", () => {
      clearInterval(timer);
      over();
    });
  }
}

/**
 * One at once, then one at each interval; gives the timer.
 * @param {MediaStream} stream
 * @param {(blob: Blob | null) => unknown} keep
 */
async function pictures(stream, keep) {
  const film = document.createElement("video");
  film.muted = true;
  film.srcObject = stream;
  await film.play();
  const canvas = document.createElement("canvas");
  const take = () => {
    canvas.width = film.videoWidth;
    canvas.height = film.videoHeight;
    canvas.getContext("2d")?.drawImage(film, 0, 0);
    canvas.toBlob(keep, "image/jpeg", 0.7);
  };
  take();
  return setInterval(take, PICTURE_MILLIS);
}

/**
 * Pieces that each play alone; gives the timer.
 * @param {MediaStream} stream
 * @param {(blob: Blob) => unknown} keep
 */
function films(stream, keep) {
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: 32000, videoBitsPerSecond: 300000 });
  recorder.ondataavailable = (event) => event.data.size > 0 && keep(event.data);
  recorder.onstop = () => stream.active && recorder.start();
  recorder.start();
  return setInterval(() => recorder.state === "recording" && recorder.stop(), FILM_MILLIS);
}
