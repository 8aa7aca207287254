// @ts-check
// Files on their way to the server: each is known from the moment it was chosen until it is part of the answer, whichever
// page is shown, and survives a reload where the browser can keep it.
//
// Files of one question go one after the other, so that they arrive in the order they were chosen.

import { device, token } from "./device.js";
import { send } from "./send.js";
import * as store from "./upload_store.js";

/** Refusals because of how the test stands, not because of the file. */
const TOO_LATE = ["time_over", "page_locked", "instance_complete"];

/**
 * A file on its way.
 * @typedef {object} Upload
 * @property {string} id  also the token by which the server knows it again
 * @property {number} slot
 * @property {string} name
 * @property {boolean} isSingle  whether it is the only file of its answer
 * @property {"recording" | "waiting" | "sending" | "refused" | "interrupted"} state
 * @property {number} share  how much of it has arrived, from 0 to 1
 * @property {Blob} [blob]
 * @property {string} [code]  why it was refused
 * @property {boolean} [isHalted]  waits for the next try
 * @property {number} [seconds]  for so long
 * @property {boolean} [isGivenUp]
 * @property {AbortController} [aborter]
 * @property {() => void} [stop]  ends the recording
 */

export class Uploads {
  /**
   * `onSlotChange(slot)` hears of every change; `attach(slot, id, isSingle)` makes a kept file part of the answer; `session()`
   * hears that the log-in has ended.
   * @param {string} api
   * @param {string} instance
   * @param {{
   *   onSlotChange(slot: number): void,
   *   attach(slot: number, id: string, isSingle: boolean): void,
   *   session?(): void,
   * }} about
   */
  constructor(api, instance, { onSlotChange, attach, session = () => {} }) {
    this.api = api;
    this.instance = instance;
    this.onSlotChange = onSlotChange;
    this.attach = attach;
    this.session = session;
    this.prefix = `assay/${instance}/upload/`;
    /** @type {Map<string, Upload>} */
    this.all = new Map();
    this.isStopped = false;
  }

  /** @param {number} slot */
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
      /** @type {Upload} */
      const upload = { ...left, id, blob: blobs.get(id), share: 0, state };
      this.all.set(id, upload);
      if (state === "waiting") this.pump(upload.slot);
      this.onSlotChange(upload.slot);
    }
  }

  /**
   * A file was chosen, or taken by the camera.
   * @param {number} slot
   * @param {Blob} blob
   * @param {string} name
   * @param {{ most: number, bytes: number }} limits  files of an answer, and bytes of each; 0 is no limit
   */
  add(slot, blob, name, limits) {
    const upload = this.enter({ slot, name, isSingle: limits.most === 1 });
    if (limits.bytes > 0 && blob.size > limits.bytes) return this.refuse(upload, "file_large");
    this.queue(upload, blob);
  }

  /**
   * The candidate has read why files were not taken, and chooses others.
   * @param {number} slot
   * @param {string[]} names
   */
  answered(slot, names) {
    /** @param {Upload} upload */
    const isAnswered = ({ state, name, isSingle }) =>
      state === "refused" || (state === "interrupted" && (isSingle || names.includes(name)));
    for (const upload of this.of(slot).filter(isAnswered)) this.forget(upload);
  }

  /**
   * Of a question with one file the next one takes the place of what was on its way.
   * @param {Upload} upload
   */
  replace(upload) {
    if (!upload.isSingle) return;
    for (const earlier of this.of(upload.slot)) if (earlier !== upload) this.giveUp(earlier.id);
  }

  /**
   * A recording begins: it is on its way already. `stop` ends it.
   * @param {number} slot
   * @param {string} name
   * @param {() => void} stop
   */
  record(slot, name, stop) {
    return this.enter({ slot, name, isSingle: true, state: "recording", stop });
  }

  /**
   * @param {Upload} upload
   * @param {Blob} blob
   * @param {string} name
   */
  recorded(upload, blob, name) {
    if (!this.all.has(upload.id)) return;
    upload.name = name;
    upload.state = "waiting";
    upload.stop = undefined;
    this.queue(upload, blob);
  }

  /** @param {Pick<Upload, "slot" | "name" | "isSingle"> & Partial<Upload>} about */
  enter(about) {
    /** @type {Upload} */
    const upload = { id: token(), share: 0, state: "waiting", ...about };
    this.all.set(upload.id, upload);
    this.note(upload);
    this.onSlotChange(upload.slot);
    return upload;
  }

  /**
   * @param {Upload} upload
   * @param {Blob} blob
   */
  queue(upload, blob) {
    upload.blob = blob;
    this.replace(upload);
    this.note(upload);
    store.put(this.instance, upload.id, blob);
    this.pump(upload.slot);
    this.onSlotChange(upload.slot);
  }

  /**
   * Remembered on this device until it is part of the answer.
   * @param {Upload} upload
   */
  note({ id, slot, name, isSingle, code }) {
    device.set(this.prefix + id, JSON.stringify({ slot, name, isSingle, code }));
  }

  /** @param {Upload} upload */
  forget(upload) {
    this.all.delete(upload.id);
    device.remove(this.prefix + upload.id);
    store.remove(upload.id);
    this.onSlotChange(upload.slot);
  }

  /**
   * @param {Upload} upload
   * @param {string} code
   */
  refuse(upload, code) {
    upload.state = "refused";
    upload.code = code;
    this.note(upload);
    store.remove(upload.id);
    this.onSlotChange(upload.slot);
  }

  /**
   * The candidate no longer wants it.
   * @param {string} id
   */
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

  /**
   * Starts the first of a question that waits.
   * @param {number} slot
   */
  pump(slot) {
    if (this.isStopped) return;
    const mine = this.of(slot);
    if (mine.some((upload) => upload.state === "sending")) return;
    const next = mine.find((upload) => upload.state === "waiting" && upload.blob);
    if (next?.blob) this.carry(next, next.blob);
  }

  /**
   * @param {Upload} upload
   * @param {Blob} blob
   */
  async carry(upload, blob) {
    upload.state = "sending";
    const aborter = new AbortController();
    upload.aborter = aborter;
    const query = new URLSearchParams({ name: upload.name.slice(-255), clientToken: upload.id });
    /**
     * @param {number} share
     * @param {number} [seconds]
     */
    const heard = (share, seconds) => {
      upload.share = Math.max(share, 0);
      upload.isHalted = share < 0;
      upload.seconds = seconds;
      this.onSlotChange(upload.slot);
    };
    const outcome = await send(`${this.api}/slots/${upload.slot}/uploads?${query}`, blob, heard, {
      signal: aborter.signal,
      isPatient: true,
      session: this.session,
    });
    if (!outcome || upload.isGivenUp || this.isStopped) return;
    if (outcome.stored) {
      device.set(`assay/file/${outcome.stored.id}`, upload.name);
      // First the answer, which is kept on this device as well, then the note: what happens between loses nothing.
      this.attach(upload.slot, outcome.stored.id, upload.isSingle);
      this.forget(upload);
    } else {
      this.refuse(upload, reason(outcome));
    }
    this.pump(upload.slot);
  }
}

/** @param {{ code: string, status: number }} outcome */
function reason({ code, status }) {
  if (TOO_LATE.includes(code)) return "refused_time";
  if (status === 413) return "file_large";
  return code === "upload_not_allowed" ? "file_refused" : "file_failed";
}

/**
 * What was noted of a file on this device.
 * @param {string | null} text
 * @returns {Pick<Upload, "slot" | "name" | "isSingle" | "code"> | null | undefined}
 */
function parsed(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
}
