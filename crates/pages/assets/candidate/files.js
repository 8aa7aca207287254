// Files as answers: choosing, taking and recording them, and sending each until the server has it.
//
// A file becomes part of the answer only once the server keeps it; the answer itself is then saved like any other.

import { announce, device, say, token } from "./ask.js";
import { byCamera } from "./camera.js";

const nameOf = (id) => device.get(`assay/file/${id}`);
const ids = (question) => [...question.querySelectorAll("[data-file]")].map((item) => item.dataset.file);

/** One try to send; `told(share)` hears how far it is. Gives the server's answer, or the code it refused with. */
function post(url, blob, told) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Content-Type", blob.type || "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && told(event.loaded / event.total);
    request.onloadend = () => resolve({ status: request.status, body: request.response });
    request.send(blob);
  });
}

/** Sends until the server has it or will not have it. */
export async function send(url, blob, told = () => {}) {
  for (let wait = 1000; ; wait = Math.min(wait * 2, 15000)) {
    const { status, body } = await post(url, blob, told);
    if (status === 200 && body) return { kept: body };
    if (status >= 400 && status < 500 && status !== 429) return { code: body?.code ?? "" };
    told(-1);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

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

/** Makes choosing, taking and recording work; `changed(isTyping)` hears that the answer is another one. */
export function sending(question, api, changed) {
  const { question: slot, most, bytes, medium } = question.dataset;
  const progress = question.querySelector("[data-progress]");
  const tell = (text) => {
    progress.textContent = text;
  };

  async function take(blob, name) {
    if (Number(bytes) > 0 && blob.size > Number(bytes)) return tell(say("file_large"));
    const isSingle = Number(most) === 1;
    if (!isSingle && ids(question).length >= Number(most)) return tell(say("most", { n: most }));
    const query = new URLSearchParams({ name: name.slice(-255), clientToken: token() });
    const { kept, code } = await send(`${api}/slots/${slot}/uploads?${query}`, blob, (share) => {
      tell(share < 0 ? say("waiting") : say("file_sending", { name, n: Math.round(share * 100) }));
    });
    if (!kept) {
      const late = ["time_over", "page_locked", "instance_complete"].includes(code);
      const text = say(late ? "refused_time" : code === "upload_not_allowed" ? "file_refused" : "failed");
      announce(text);
      return tell(text);
    }
    device.set(`assay/file/${kept.id}`, name);
    if (isSingle) for (const item of question.querySelectorAll("[data-file]")) item.remove();
    added(question, kept.id, name);
    tell("");
    changed(false);
  }

  question.addEventListener("change", async (event) => {
    if (event.target.type !== "file") return;
    event.stopPropagation();
    const chosen = [...event.target.files];
    event.target.value = "";
    for (const file of chosen) await take(file, file.name);
  });
  question.addEventListener("input", (event) => event.target.type === "file" && event.stopPropagation(), true);
  question.addEventListener("click", (event) => {
    if (!event.target.closest("[data-remove]")) return;
    event.target.closest("[data-file]").remove();
    question.querySelector("h2").focus();
    changed(false);
  });
  const camera = question.querySelector("input[capture]");
  if (camera) byCamera(camera, question.querySelector("h2").textContent, (photo) => take(photo, "photo.jpg"), () => tell(say("record_refused")));
  if (medium) recording(question, medium, take, tell);
}

/** Sound or film from this device's microphone and camera. */
function recording(question, medium, take, tell) {
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
    const began = performance.now();
    const clock = setInterval(() => {
      const seconds = Math.floor((performance.now() - began) / 1000);
      tell(say("recording", { n: seconds, most }));
      if (seconds >= most && recorder?.state === "recording") recorder.stop();
    }, 500);
    recorder.ondataavailable = (event) => event.data.size > 0 && pieces.push(event.data);
    recorder.onstop = async () => {
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
      await take(blob, `${medium}.${blob.type.includes("mp4") ? "mp4" : "webm"}`);
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
