// @ts-check
// A test that is being taken: all that is known of it in one place, and what is said on the page when that changes.

import { Answers } from "./answers.js";
import { announce, say } from "./ask.js";
import { tooLong, write } from "./controls.js";
import { device } from "./device.js";
import { dataOf, getElement } from "../dom.js";
import { retryNow } from "./send.js";
import { sortOut } from "./standing.js";
import { Status, mapOf, questionOf } from "./status.js";
import { Uploads } from "./uploads.js";

export class Sitting {
  /**
   * @param {HTMLElement} body  with the test's data
   * @param {import("./clock.js").Countdowns} clocks
   */
  constructor(body, clocks) {
    this.clocks = clocks;
    this.api = dataOf(body, "api");
    this.receipt = dataOf(body, "receipt");
    this.enter = dataOf(body, "enter");
    this.slotCount = Number(dataOf(body, "slots"));
    const instance = this.api.split("/").at(-1) ?? "";
    /** What the names of all that is kept on this device begin with. */
    this.place = `assay/${instance}/`;
    /**
     * The slots that the candidate marked for later.
     * @type {Set<number>}
     */
    this.flags = new Set(JSON.parse(device.get(`${this.place}flags`) ?? "[]"));
    /** @param {number} slot */
    const onSlotChange = (slot) => this.onSlotChange(slot);
    this.answers = new Answers(this.api, instance, {
      onSlotChange,
      connection: (reached, seconds) => this.connection(reached, seconds),
      judge: tooLong,
      mostBytes: Number(body.dataset.mostBytes) || undefined,
    });
    this.uploads = new Uploads(this.api, instance, {
      onSlotChange,
      attach: (slot, id, isSingle) => this.attach(slot, id, isSingle),
      session: () => this.connection("session"),
    });
    this.status = new Status(this.answers, this.uploads, this.flags, (slot) => this.settled(slot));
    /**
     * What the server said last.
     * @type {import("./request.js").InstanceState | undefined}
     */
    this.state = undefined;
    /**
     * The dialog before handing in or leaving a page, while it is open.
     * @type {import("./gate.js").Gate | undefined}
     */
    this.gate = undefined;
    this.isTurning = false;
    this.isLeaving = false;
    /** Of several tabs one writes. */
    this.hasTab = true;
  }

  /**
   * The standing of a slot has changed.
   * @param {number} slot
   */
  onSlotChange(slot) {
    this.status.show(slot);
    if (this.clocks.isShort()) this.warn();
    this.gate?.refresh();
  }

  /**
   * @param {import("./status.js").Reached} reached
   * @param {number} [seconds]
   */
  connection(reached, seconds = 0) {
    const isBack = reached === "online" && this.status.connection !== "online";
    this.status.banner(reached, seconds, this.enter);
    if (isBack) retryNow();
    this.gate?.refresh();
  }

  /**
   * The candidate has chosen between two answers.
   * @param {number} slot
   */
  settled(slot) {
    const question = questionOf(slot);
    if (!question) return;
    write(question, this.answers.current(slot));
    getElement(question, "h2").focus();
  }

  /**
   * A file has arrived: it becomes part of the answer, whichever page is shown.
   * @param {number} slot
   * @param {string} id
   * @param {boolean} isSingle
   */
  attach(slot, id, isSingle) {
    const current = this.answers.current(slot);
    this.answers.change(slot, isSingle || !Array.isArray(current) ? [id] : [...current, id], 0);
    const question = questionOf(slot);
    if (question) write(question, this.answers.current(slot));
    announce(say("file_arrived", { n: slot }));
  }

  /** @param {number} slot */
  flag(slot) {
    if (!this.flags.delete(slot)) this.flags.add(slot);
    device.set(`${this.place}flags`, JSON.stringify([...this.flags]));
    this.onSlotChange(slot);
  }

  /** The time is short: a file that is still on its way may be too late. */
  warn() {
    const banner = getElement(document, "#banner");
    const isWarned = banner.dataset.state === "late" && !banner.hidden;
    const isDue = this.uploads.underWay().length > 0;
    if (isWarned && !isDue) banner.hidden = true;
    if (!isDue || !banner.hidden) return;
    banner.textContent = say("upload_late");
    banner.dataset.state = "late";
    banner.hidden = false;
  }

  /** Whether leaving loses something: a file under way, or what this device could not keep, or nobody can be reached. */
  wouldLose() {
    const isUnsent = this.answers.pending().some((slot) => {
      const record = this.answers.record(slot);
      return record.isOnDevice === false || (!record.held && !record.conflict && this.status.connection !== "online");
    });
    return this.uploads.underWay().length > 0 || isUnsent;
  }

  /**
   * Whether another device sends a file to a slot.
   * @param {number} slot
   */
  isSentElsewhere(slot) {
    return this.state?.uploads.includes(slot) === true && this.uploads.of(slot).length === 0;
  }

  /**
   * How the questions stand; of these slots alone, if they are named.
   * @param {number[]} [only]
   * @param {number[]} [required]  those that the server says need an answer
   */
  lists(only, required = []) {
    const all = Array.from({ length: this.slotCount }, (_, index) => index + 1);
    const questions = (only ?? all).map((slot) => ({
      slot,
      isRequired: required.includes(slot) || mapOf(slot)?.dataset.required !== undefined,
      isFlagged: this.flags.has(slot),
      record: this.answers.record(slot),
      uploads: this.isSentElsewhere(slot) ? [ELSEWHERE] : this.uploads.of(slot),
    }));
    const sorted = sortOut(questions);
    // The server knows better what is complete.
    const named = [...sorted.way, ...sorted.refused, ...sorted.undecided];
    const unnamed = required.filter((slot) => !named.includes(slot));
    sorted.required = [...new Set([...sorted.required, ...unnamed])].sort((a, b) => a - b);
    const isOnlyNamedHere = (/** @type {number} */ slot) => !sorted.required.includes(slot);
    sorted.blank = sorted.blank.filter(isOnlyNamedHere);
    sorted.attention = sorted.attention.filter(isOnlyNamedHere);
    return sorted;
  }

  /**
   * A few words about what a slot waits for.
   * @param {number} slot
   */
  detail(slot) {
    return this.isSentElsewhere(slot) ? say("file_elsewhere") : this.status.detail(slot);
  }
}

/** @type {import("./standing.js").UploadState} */
const ELSEWHERE = { state: "sending" };
