// @ts-check
// Tries out, before the clock runs, what a step uses: camera, microphone, screen, full screen, the connection, and
// whether this device stores answers. Nothing of it is recorded; what is sent for the connection is thrown away.

import { dataOf, element, findElement, findElements, getElement } from "../dom.js";
import { dateTime } from "./locale.js";

const TRIAL_BYTES = 16 * 1024;
const SLOW_MILLIS = 4000;
const LONGEST_MILLIS = 20_000;
const SILENT_MILLIS = 6000;
const FULLSCREEN_MILLIS = 1200;
/** A clock that differs by less is right enough. */
const CLOCK_MILLIS = 60_000;
/** A peak of less is no voice. */
const HEARD = 0.03;

const check = getElement(document, "[data-device-check]");
const texts = new Map(findElements(check, "[data-text]").map((text) => [dataOf(text, "text"), text.textContent ?? ""]));

/** @param {string} name */
const text = (name) => texts.get(name) ?? name;

/** What does not work, by the text that says what to do. */
class Problem extends Error {}

/**
 * The text about a failure, as browsers name them.
 * @param {unknown} error
 */
function adviceOf(error) {
  if (error instanceof Problem) return error.message;
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "failed";
}

/** @param {number} millis */
const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

/** One thing that is tried out, and how it stands. */
class Device {
  /** @param {HTMLElement} row */
  constructor(row) {
    this.row = row;
    this.title = getElement(row, "h3").textContent ?? "";
    this.shown = getElement(row, "[data-device-shown]");
    this.button = findElement(row, "[data-try]");
    /** @type {AbortController | undefined} */
    this.running = undefined;
  }

  /**
   * @param {"untried" | "running" | "works" | "fails"} state
   * @param {string} [advice]  in words
   */
  show(state, advice = "") {
    this.row.dataset.state = state;
    const word = getElement(this.row, "[data-state-text]");
    const line = getElement(this.row, "[data-advice]");
    if (word.textContent !== text(state)) word.textContent = text(state);
    if (line.textContent !== advice) line.textContent = advice;
  }

  /**
   * Shows what the device gives while it is tried.
   * @param {...HTMLElement} parts
   */
  reveal(...parts) {
    this.shown.replaceChildren(...parts);
    this.shown.hidden = false;
  }

  /** Ends the trial; how it stands stays. */
  stop() {
    this.running?.abort();
    this.running = undefined;
    this.shown.hidden = true;
    this.shown.replaceChildren();
    if (this.row.dataset.state === "running") this.show("untried");
    this.verb("test");
  }

  /** @param {string} name */
  verb(name) {
    const verb = findElement(this.row, "[data-verb]");
    if (verb) verb.textContent = text(name);
  }

  /**
   * Runs a trial. One that goes on until it is stopped gives true.
   * @param {(device: Device, signal: AbortSignal) => Promise<boolean>} trial
   */
  async run(trial) {
    this.stop();
    const running = new AbortController();
    this.running = running;
    this.show("running");
    try {
      const goesOn = await trial(this, running.signal);
      if (running.signal.aborted) return;
      if (goesOn) this.verb("stop");
      else this.stop();
    } catch (error) {
      if (running.signal.aborted) return;
      this.show("fails", text(adviceOf(error)));
      this.stop();
    }
  }
}

/**
 * Opens a device for as long as it is tried.
 * @param {AbortSignal} signal
 * @param {"getUserMedia" | "getDisplayMedia"} how
 * @param {MediaStreamConstraints} constraints
 */
async function open(signal, how, constraints) {
  if (!isSecureContext) throw new Problem("insecure");
  if (!navigator.mediaDevices?.[how]) throw new Problem("old");
  const stream = await navigator.mediaDevices[how](constraints);
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  if (signal.aborted) close();
  else signal.addEventListener("abort", close);
  return stream;
}

/**
 * The device was taken away while it is tried.
 * @param {MediaStream} stream
 * @param {Device} device
 */
function watchEnd(stream, device) {
  for (const track of stream.getTracks()) {
    track.addEventListener("ended", () => {
      device.show("fails", text("missing"));
      device.stop();
    });
  }
}

/** @type {Record<string, (device: Device, signal: AbortSignal) => Promise<boolean>>} */
const TRIALS = {
  async camera(device, signal) {
    const stream = await open(signal, "getUserMedia", { video: true });
    if (signal.aborted) return false;
    const film = element("video", { class: "shown", playsinline: true, "aria-label": device.title });
    film.muted = true;
    film.srcObject = stream;
    device.reveal(film);
    await film.play();
    if (film.videoWidth === 0) throw new Problem("failed");
    watchEnd(stream, device);
    device.show("works");
    return true;
  },

  async microphone(device, signal) {
    if (isSecureContext && !("AudioContext" in globalThis)) throw new Problem("old");
    const stream = await open(signal, "getUserMedia", { audio: true });
    if (signal.aborted) return false;
    const context = new AudioContext();
    signal.addEventListener("abort", () => context.close());
    // Within a press it may run; a browser that does not let it is silent.
    await Promise.race([context.resume(), pause(500)]);
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const meter = element("meter", { min: 0, max: 1, value: 0, "aria-label": text("level") });
    device.reveal(meter);
    device.show("running", text("speak"));
    watchEnd(stream, device);
    const samples = new Float32Array(analyser.fftSize);
    const began = performance.now();
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      // Falls slowly, so that it can be read.
      meter.value = Math.max(Math.min(1, Math.sqrt(peak)), meter.value * 0.9);
      if (peak > HEARD) device.show("works", text("heard"));
      else if (device.row.dataset.state === "running" && performance.now() - began > SILENT_MILLIS)
        device.show("fails", text("silent"));
    }, 100);
    signal.addEventListener("abort", () => clearInterval(timer));
    return true;
  },

  async screen(device, signal) {
    try {
      await open(signal, "getDisplayMedia", { video: true });
    } catch (error) {
      throw adviceOf(error) === "denied" ? new Problem("screen_refused") : error;
    }
    device.show("works");
    return false;
  },

  async fullscreen(device) {
    const root = document.documentElement;
    if (!document.fullscreenEnabled || !root.requestFullscreen) throw new Problem("old");
    try {
      await root.requestFullscreen();
    } catch {
      throw new Problem("failed");
    }
    await pause(FULLSCREEN_MILLIS);
    if (document.fullscreenElement) await document.exitFullscreen();
    device.button?.focus();
    device.show("works");
    return false;
  },

  async connection(device) {
    const began = Date.now();
    let trial;
    try {
      trial = await roundTrip();
    } catch (error) {
      throw error instanceof Problem ? error : new Problem("offline");
    }
    const taken = Date.now() - began;
    device.show("works", taken > SLOW_MILLIS ? text("slow") : "");
    showClock(trial.serverTimeMillis, began + taken / 2);
    return false;
  },

  async storage(device) {
    try {
      localStorage.setItem("assay/check", "1");
      localStorage.removeItem("assay/check");
      await storeFile();
    } catch {
      throw new Problem("no_storage");
    }
    device.show("works");
    return false;
  },
};

/**
 * Sends a few bytes, as a file would be, and reads what the server says.
 * @returns {Promise<{ bytes: number, serverTimeMillis: number }>}
 */
async function roundTrip() {
  const response = await fetch(dataOf(check, "connection"), {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: new Uint8Array(TRIAL_BYTES),
    cache: "no-store",
    signal: AbortSignal.timeout(LONGEST_MILLIS),
  });
  // It is there, and has no time for this now.
  if (response.status === 429 || response.status === 503) throw new Problem("failed");
  const trial = await response.json();
  // A success of something else on the way, such as a network that wants a log-in, is none.
  if (!response.ok || trial.bytes !== TRIAL_BYTES) throw new Error("not all arrived");
  return trial;
}

/** Puts a file into a database of the browser and removes both. */
function storeFile() {
  return new Promise((/** @type {(nothing?: undefined) => void} */ resolve, reject) => {
    const request = indexedDB.open("assay-check", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("files");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      const write = database.transaction("files", "readwrite");
      write.objectStore("files").put(new Blob(["1"]), "1");
      const end = () => {
        database.close();
        indexedDB.deleteDatabase("assay-check");
      };
      write.oncomplete = () => {
        end();
        resolve();
      };
      write.onabort = () => {
        end();
        reject(write.error);
      };
    };
  });
}

/**
 * @param {number} server
 * @param {number} own  this device's clock at that moment
 */
function showClock(server, own) {
  const isRight = Math.abs(server - own) < CLOCK_MILLIS;
  const parts = [dateTime(new Date(server)), isRight ? "" : text("clock_wrong")];
  devices.get("clock")?.show("works", parts.filter(Boolean).join(". "));
}

const devices = new Map(findElements(check, "[data-device]").map((row) => [dataOf(row, "device"), new Device(row)]));

/** @param {string} name */
const run = (name) => devices.get(name)?.run(TRIALS[name]);

for (const [name, device] of devices) {
  device.button?.addEventListener("click", () => {
    if (device.running) device.stop();
    else run(name);
  });
}
addEventListener("online", () => run("connection"));
addEventListener("offline", () => run("connection"));
addEventListener("pagehide", () => {
  for (const device of devices.values()) device.stop();
});
check.hidden = false;
run("storage");
run("connection");
