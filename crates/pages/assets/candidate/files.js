// Files as answers: choosing, taking and recording them, and showing how far each is.
//
// A file becomes part of the answer only once the server keeps it; the answer itself is then saved like any other.

import { announce, device, say } from "./ask.js";
import { byCamera } from "./camera.js";

const nameOf = (id) => device.get(`assay/file/${id}`);
const ids = (question) => [...question.querySelectorAll("[data-file]")].map((item) => item.dataset.file);

function list(question) {
  return question.querySelector("[data-files]");
}

function added(question, id, name) {
  const item = document.createElement("li");
  item.dataset.file = id;
  const text = document.createElement("span");
  text.textContent = name ?? nameOf(id) ?? say("file_no", { n: list(question).children.length + 1 });
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "quiet";
  remove.dataset.remove = "";
  remove.textContent = say("file_remove");
  remove.setAttribute("aria-label", `${say("file_remove")}: ${text.textContent}`);
  item.append(text, remove);
  list(question).append(item);
}

export const files = {
  read: ids,
  write(question, response) {
    const wanted = response ?? [];
    if (JSON.stringify(wanted) === JSON.stringify(ids(question))) return;
    for (const item of question.querySelectorAll("[data-file]")) item.remove();
    for (const id of wanted) added(question, id);
  },
  blank: [],
};

/** The files of a question that have not arrived: how far each is, or why it was not taken. */
export function showUploads(question, uploads, giveUp) {
  const rows = question.querySelector("[data-uploads]");
  if (!rows) return;
  const known = new Map([...rows.children].map((row) => [row.dataset.upload, row]));
  for (const upload of uploads) {
    const row = known.get(upload.id) ?? uploadRow(rows, upload, giveUp);
    known.delete(upload.id);
    update(row, upload);
  }
  const hadFocus = rows.contains(document.activeElement);
  for (const row of known.values()) row.remove();
  if (hadFocus && !rows.contains(document.activeElement)) question.querySelector("h2").focus();
}

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

function update(row, upload) {
  const isUnderWay = upload.state === "sending" || upload.state === "waiting";
  row.dataset.state = upload.isHalted ? "waiting" : upload.state;
  row.hidden = upload.state === "recording";
  const [, bar, state, button] = row.children;
  bar.hidden = !isUnderWay;
  bar.value = upload.share;
  state.textContent = uploadState(upload);
  button.textContent = say(isUnderWay ? "file_stop" : "file_remove");
  button.setAttribute("aria-label", `${button.textContent}: ${upload.name}`);
}

/** How far a file is, or why it was not taken. */
export function uploadState({ state, share, isHalted, code }) {
  if (state === "recording") return say("file_recording");
  if (state === "refused") return say(code);
  if (state === "interrupted") return say("file_interrupted");
  if (isHalted) return say("waiting");
  return state === "sending" ? say("file_share", { n: Math.floor(share * 100) }) : say("file_queued");
}

/** Makes choosing, taking and recording work; `changed()` hears that the answer is another one. */
export function sending(question, uploads, changed) {
  const { question: number, most, bytes, medium } = question.dataset;
  const slot = Number(number);
  const limits = { most: Number(most), bytes: Number(bytes) };
  const progress = question.querySelector("[data-progress]");
  const tell = (text) => {
    progress.textContent = text;
  };

  function take(blob, name) {
    tell("");
    const waiting = uploads.of(slot).filter(({ state }) => state === "waiting" || state === "sending");
    const isFull = limits.most > 1 && ids(question).length + waiting.length >= limits.most;
    if (isFull) return tell(say("file_full", { n: most }));
    uploads.add(slot, blob, name, limits);
  }

  question.addEventListener("change", (event) => {
    if (event.target.type !== "file") return;
    event.stopPropagation();
    const chosen = [...event.target.files];
    event.target.value = "";
    uploads.answered(
      slot,
      chosen.map(({ name }) => name),
    );
    for (const file of chosen) take(file, file.name);
  });
  question.addEventListener("input", (event) => event.target.type === "file" && event.stopPropagation(), true);
  question.addEventListener("click", (event) => {
    if (!event.target.closest("[data-remove]")) return;
    event.target.closest("[data-file]").remove();
    question.querySelector("h2").focus();
    changed();
  });
  const camera = question.querySelector("input[capture]");
  if (camera)
    byCamera(
      camera,
      question.querySelector("h2").textContent,
      (photo) => take(photo, "photo.jpg"),
      () => tell(say("record_refused")),
    );
  if (medium) recording(question, slot, uploads, tell);
}

/** Sound or film from this device's microphone and camera. */
function recording(question, slot, uploads, tell) {
  const { medium } = question.dataset;
  const button = question.querySelector("[data-record]");
  const shown = question.querySelector("[data-shown]");
  const most = Number(question.dataset.seconds);
  if (!navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) {
    button.hidden = true;
    return tell(say("record_not_here"));
  }
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
    const pieces = [];
    recorder = new MediaRecorder(stream, { audioBitsPerSecond: 64000, videoBitsPerSecond: 1000000 });
    const stop = () => recorder?.state === "recording" && recorder.stop();
    // Known from now on: nobody hands in, or leaves, while it runs.
    const upload = uploads.record(slot, fileName(medium, recorder.mimeType), stop);
    const began = performance.now();
    const clock = setInterval(() => {
      const seconds = Math.floor((performance.now() - began) / 1000);
      tell(say("recording", { n: seconds, most }));
      if (seconds >= most) stop();
    }, 500);
    recorder.ondataavailable = (event) => event.data.size > 0 && pieces.push(event.data);
    recorder.onstop = () => {
      clearInterval(clock);
      const blob = new Blob(pieces, { type: recorder.mimeType });
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
    recorder.start(1000);
    button.textContent = say("record_stop");
    announce(say("record_began"));
  });
}

function fileName(medium, type) {
  return `${medium}.${type.includes("mp4") ? "mp4" : "webm"}`;
}
