// Files on their way to the server: each is known from the moment it was chosen until it is part of the answer, whichever
// page is shown, and survives a reload where the browser can keep it.
//
// Files of one question go one after the other, so that they arrive in the order they were chosen.

import { device, token } from "./ask.js";
import { send } from "./send.js";
import * as store from "./upload_store.js";

/** Refusals because of how the test stands, not because of the file. */
const TOO_LATE = ["time_over", "page_locked", "instance_complete"];

export class Uploads {
  /**
   * `told(slot)` hears of every change; `attach(slot, id, isSingle)` makes a kept file part of the answer; `session()`
   * hears that the log-in has ended.
   */
  constructor(api, instance, { told, attach, session = () => {} }) {
    Object.assign(this, { api, instance, told, attach, session });
    this.prefix = `assay/${instance}/upload/`;
    this.all = new Map();
  }

  of(slot) {
    return [...this.all.values()].filter((upload) => upload.slot === slot);
  }

  /** The slots that files are on their way to, or were refused for. */
  slots() {
    return new Set([...this.all.values()].map(({ slot }) => slot));
  }

  /** Those that have not arrived and may still do so. */
  underWay() {
    return [...this.all.values()].filter(
      ({ state }) => state === "waiting" || state === "sending" || state === "recording",
    );
  }

  /** What an earlier visit left behind: sent again where the browser has kept it, else told. */
  async load() {
    const blobs = await store.all(this.instance);
    for (const key of device.keys(this.prefix)) {
      const left = parsed(device.get(key));
      const id = key.slice(this.prefix.length);
      if (!left || this.all.has(id)) continue;
      const state = left.code ? "refused" : blobs.has(id) ? "waiting" : "interrupted";
      const upload = { ...left, id, blob: blobs.get(id), share: 0, state };
      this.all.set(id, upload);
      if (state === "waiting") this.pump(upload.slot);
      this.told(upload.slot);
    }
  }

  /** A file was chosen, or taken by the camera. */
  add(slot, blob, name, limits) {
    const upload = this.enter({ slot, name, isSingle: limits.most === 1 });
    upload.blob = blob;
    if (limits.bytes > 0 && blob.size > limits.bytes) return this.refuse(upload, "file_large");
    this.queue(upload);
  }

  /** The candidate has read why files were not taken, and chooses others. */
  answered(slot, names) {
    const isAnswered = ({ state, name, isSingle }) =>
      state === "refused" || (state === "interrupted" && (isSingle || names.includes(name)));
    for (const upload of this.of(slot).filter(isAnswered)) this.forget(upload);
  }

  /** Of a question with one file the next one takes the place of what was on its way. */
  replace(upload) {
    if (!upload.isSingle) return;
    for (const earlier of this.of(upload.slot)) if (earlier !== upload) this.giveUp(earlier.id);
  }

  /** A recording begins: it is on its way already. `stop` ends it. */
  record(slot, name, stop) {
    return this.enter({ slot, name, isSingle: true, state: "recording", stop });
  }

  recorded(upload, blob, name) {
    if (!this.all.has(upload.id)) return;
    Object.assign(upload, { blob, name, state: "waiting", stop: undefined });
    this.queue(upload);
  }

  enter(about) {
    const upload = { id: token(), share: 0, state: "waiting", ...about };
    this.all.set(upload.id, upload);
    this.note(upload);
    this.told(upload.slot);
    return upload;
  }

  queue(upload) {
    this.replace(upload);
    this.note(upload);
    store.put(this.instance, upload.id, upload.blob);
    this.pump(upload.slot);
    this.told(upload.slot);
  }

  /** Remembered on this device until it is part of the answer. */
  note({ id, slot, name, isSingle, code }) {
    device.set(this.prefix + id, JSON.stringify({ slot, name, isSingle, code }));
  }

  forget(upload) {
    this.all.delete(upload.id);
    device.remove(this.prefix + upload.id);
    store.remove(upload.id);
    this.told(upload.slot);
  }

  refuse(upload, code) {
    Object.assign(upload, { state: "refused", code });
    this.note(upload);
    store.remove(upload.id);
    this.told(upload.slot);
  }

  /** The candidate no longer wants it. */
  giveUp(id) {
    const upload = this.all.get(id);
    if (!upload) return;
    upload.isGivenUp = true;
    this.forget(upload);
    upload.aborter?.abort();
    upload.stop?.();
    this.pump(upload.slot);
  }

  /** Recordings end here; what was recorded is sent. */
  stopRecordings() {
    for (const upload of this.all.values()) upload.stop?.();
  }

  /** Another tab goes on with them. */
  handOver() {
    for (const upload of this.all.values()) upload.aborter?.abort();
    this.isStopped = true;
  }

  /** Starts the first of a question that waits. */
  pump(slot) {
    if (this.isStopped) return;
    const mine = this.of(slot);
    if (mine.some((upload) => upload.state === "sending")) return;
    const next = mine.find((upload) => upload.state === "waiting" && upload.blob);
    if (next) this.carry(next);
  }

  async carry(upload) {
    upload.state = "sending";
    upload.aborter = new AbortController();
    const query = new URLSearchParams({ name: upload.name.slice(-255), clientToken: upload.id });
    const heard = (share, seconds) => {
      Object.assign(upload, { share: Math.max(share, 0), isHalted: share < 0, seconds });
      this.told(upload.slot);
    };
    const outcome = await send(`${this.api}/slots/${upload.slot}/uploads?${query}`, upload.blob, heard, {
      signal: upload.aborter.signal,
      isPatient: true,
      session: this.session,
    });
    if (!outcome || upload.isGivenUp || this.isStopped) return;
    if (outcome.kept) {
      device.set(`assay/file/${outcome.kept.id}`, upload.name);
      // First the answer, which is kept on this device as well, then the note: what happens between loses nothing.
      this.attach(upload.slot, outcome.kept.id, upload.isSingle);
      this.forget(upload);
    } else {
      this.refuse(upload, reason(outcome));
    }
    this.pump(upload.slot);
  }
}

function reason({ code, status }) {
  if (TOO_LATE.includes(code)) return "refused_time";
  if (status === 413) return "file_large";
  return code === "upload_not_allowed" ? "file_refused" : "file_failed";
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
