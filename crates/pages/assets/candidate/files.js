// @ts-check
// Files as answers: choosing, taking and recording them, and showing how far each is.
//
// A file becomes part of the answer only once the server keeps it; the answer itself is then saved like any other.

import { announce, say } from "./ask.js";
import { byCamera } from "./camera.js";
import { written } from "./clock.js";
import { device } from "./device.js";
import { closestTo, findElement, findElements, getElement } from "../dom.js";
import { percent } from "./locale.js";
import { chosenOf } from "./writes.js";

/** @typedef {import("./uploads.js").Upload} Upload */
/** @typedef {import("./uploads.js").Uploads} Uploads */

/** @param {HTMLElement} question */
const idsOf = (question) => findElements(question, "[data-file]").map((item) => item.dataset.file ?? "");

/** @param {HTMLElement} question */
const listOf = (question) => getElement(question, "[data-files]");

/** @param {HTMLElement} question */
const headOf = (question) => getElement(question, "h2");

/**
 * @param {HTMLElement} question
 * @param {string} id
 */
function addFile(question, id) {
  const list = listOf(question);
  const item = document.createElement("li");
  item.dataset.file = id;
  const text = document.createElement("span");
  text.textContent = device.get(`assay/file/${id}`) ?? say("file_no", { n: list.children.length + 1 });
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "quiet";
  remove.dataset.remove = "";
  remove.textContent = say("file_remove");
  remove.setAttribute("aria-label", `${say("file_remove")}: ${text.textContent}`);
  item.append(text, remove);
  list.append(item);
}

/** @type {import("./controls.js").Mode} */
export const files = {
  read: idsOf,
  write(question, response) {
    const wanted = chosenOf(response);
    if (JSON.stringify(wanted) === JSON.stringify(idsOf(question))) return;
    for (const item of findElements(question, "[data-file]")) item.remove();
    for (const id of wanted) addFile(question, id);
  },
  blank: [],
};

/**
 * The files of a question that have not arrived: how far each is, or why it was not taken.
 * @param {HTMLElement} question
 * @param {Upload[]} uploads
 * @param {(id: string) => void} giveUp
 */
export function showUploads(question, uploads, giveUp) {
  const rows = findElement(question, "[data-uploads]");
  if (!rows) return;
  const rowsById = new Map(findElements(rows, "[data-upload]").map((row) => [row.dataset.upload, row]));
  for (const upload of uploads) {
    const row = rowsById.get(upload.id) ?? uploadRow(rows, upload, giveUp);
    rowsById.delete(upload.id);
    update(row, upload);
  }
  const hadFocus = rows.contains(document.activeElement);
  for (const row of rowsById.values()) row.remove();
  if (hadFocus && !rows.contains(document.activeElement)) headOf(question).focus();
}

/**
 * @param {HTMLElement} rows
 * @param {Upload} upload
 * @param {(id: string) => void} giveUp
 */
function uploadRow(rows, upload, giveUp) {
  const row = document.createElement("li");
  row.dataset.upload = upload.id;
  const name = document.createElement("span");
  name.className = "name";
  name.textContent = upload.name;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", upload.name);
  const state = document.createElement("span");
  state.className = "state";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.addEventListener("click", () => giveUp(upload.id));
  row.append(name, bar, state, button);
  rows.append(row);
  return row;
}

/**
 * @param {HTMLElement} row
 * @param {Upload} upload
 */
function update(row, upload) {
  const isUnderWay = upload.state === "sending" || upload.state === "waiting";
  row.dataset.state = upload.isHalted ? "waiting" : upload.state;
  row.hidden = upload.state === "recording";
  const bar = getElement(row, "progress", HTMLProgressElement);
  const button = getElement(row, "button");
  bar.hidden = !isUnderWay;
  bar.value = upload.share;
  getElement(row, ".state").textContent = uploadState(upload);
  button.textContent = say(isUnderWay ? "file_stop" : "file_remove");
  button.setAttribute("aria-label", `${button.textContent}: ${upload.name}`);
}

/**
 * How far a file is, or why it was not taken.
 * @param {Pick<Upload, "state" | "share" | "isHalted" | "code">} upload
 */
export function uploadState({ state, share, isHalted, code }) {
  if (state === "recording") return say("file_recording");
  if (state === "refused") return say(code ?? "file_failed");
  if (state === "interrupted") return say("file_interrupted");
  if (isHalted) return say("waiting");
  return state === "sending" ? say("file_share", { share: percent(share) }) : say("file_queued");
}

/**
 * Makes choosing, taking and recording work; `changed()` hears that the answer is another one.
 * @param {HTMLElement} question
 * @param {Uploads} uploads
 * @param {() => void} changed
 */
export function sending(question, uploads, changed) {
  const { question: number, most, bytes, medium } = question.dataset;
  const slot = Number(number);
  const limits = { most: Number(most), bytes: Number(bytes) };
  const progress = getElement(question, "[data-progress]");
  /** @param {string} text */
  const tell = (text) => {
    progress.textContent = text;
  };

  /**
   * @param {Blob} blob
   * @param {string} name
   */
  function take(blob, name) {
    tell("");
    const waiting = uploads.of(slot).filter(({ state }) => state === "waiting" || state === "sending");
    const isFull = limits.most > 1 && idsOf(question).length + waiting.length >= limits.most;
    if (isFull) return tell(say("file_full", { n: most }));
    uploads.add(slot, blob, name, limits);
  }

  question.addEventListener("change", (event) => {
    const input = fileInputOf(event);
    if (!input) return;
    event.stopPropagation();
    const chosen = [...(input.files ?? [])];
    input.value = "";
    uploads.answered(
      slot,
      chosen.map(({ name }) => name),
    );
    for (const file of chosen) take(file, file.name);
  });
  question.addEventListener("input", (event) => fileInputOf(event) && event.stopPropagation(), true);
  question.addEventListener("click", (event) => {
    if (!closestTo(event, "[data-remove]")) return;
    closestTo(event, "[data-file]")?.remove();
    headOf(question).focus();
    changed();
  });
  const camera = findElement(question, "input[capture]", HTMLInputElement);
  if (camera)
    byCamera(
      camera,
      headOf(question).textContent ?? "",
      (photo) => take(photo, "photo.jpg"),
      () => tell(say("record_refused")),
    );
  if (medium) recording(question, medium, uploads, tell);
}

/** @param {Event} event */
function fileInputOf({ target }) {
  return target instanceof HTMLInputElement && target.type === "file" ? target : undefined;
}

/**
 * Sound or film from this device's microphone and camera.
 * @param {HTMLElement} question
 * @param {string} medium
 * @param {Uploads} uploads
 * @param {(text: string) => void} tell
 */
function recording(question, medium, uploads, tell) {
  const slot = Number(question.dataset.question);
  const button = getElement(question, "[data-record]", HTMLButtonElement);
  const shown = getElement(question, "[data-shown]", HTMLMediaElement);
  const most = Number(question.dataset.seconds);
  if (!navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) {
    button.hidden = true;
    return tell(say("record_not_here"));
  }
  /** @type {MediaRecorder | undefined} */
  let recorder;
  button.addEventListener("click", async () => {
    if (recorder) return recorder.stop();
    let stream;
    button.disabled = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: medium === "video" });
    } catch {
      return tell(say("record_refused"));
    } finally {
      button.disabled = false;
    }
    /** @type {Blob[]} */
    const pieces = [];
    const recording = new MediaRecorder(stream, { audioBitsPerSecond: 64000, videoBitsPerSecond: 1000000 });
    recorder = recording;
    const stop = () => {
      if (recording.state === "recording") recording.stop();
    };
    // Known from now on: nobody hands in, or leaves, while it runs.
    const upload = uploads.record(slot, fileName(medium, recording.mimeType), stop);
    const began = performance.now();
    const clock = setInterval(() => {
      const seconds = Math.floor((performance.now() - began) / 1000);
      tell(say("recording", { time: written(seconds), most: written(most) }));
      if (seconds >= most) stop();
    }, 500);
    recording.ondataavailable = (event) => event.data.size > 0 && pieces.push(event.data);
    recording.onstop = () => {
      clearInterval(clock);
      const blob = new Blob(pieces, { type: recording.mimeType });
      recorder = undefined;
      for (const track of stream.getTracks()) track.stop();
      button.textContent = say("record_again");
      shown.srcObject = null;
      if (shown.src) URL.revokeObjectURL(shown.src);
      shown.src = URL.createObjectURL(blob);
      shown.controls = true;
      shown.muted = false;
      shown.hidden = false;
      tell("");
      uploads.recorded(upload, blob, fileName(medium, blob.type));
    };
    if (medium === "video") {
      shown.hidden = false;
      shown.controls = false;
      shown.muted = true;
      shown.srcObject = stream;
      shown.play().catch(() => {});
    }
    recording.start(1000);
    button.textContent = say("record_stop");
    announce(say("record_began"));
  });
}

/**
 * @param {string} medium
 * @param {string} type
 */
function fileName(medium, type) {
  return `${medium}.${type.includes("mp4") ? "mp4" : "webm"}`;
}
