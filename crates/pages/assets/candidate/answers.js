// @ts-check
// Keeps answers until the server has them.
//
// Each change is first written to this device, then sent. A slot has at most one write under way, with the number after
// the last one known to be kept; the next change waits for its acknowledgement. So a write of another device or tab can
// only meet ours at the same number, where the server says so, and nothing is overwritten without being asked.
//
// No answer holds up another: after a request that failed its writes are sent one by one, those that failed least often
// first, until each is either kept or known to be refused.

import { device } from "./device.js";
import { Refused, call, instanceState, refusedOf, savedAnswers } from "./request.js";
import { understoodOf } from "./understanding.js";
import { LARGE_BYTES, batch, bytesOf, fits, isBlank, meaning, refusalCode, same, wellFormed } from "./writes.js";

/** What a browser sends while the page goes away. */
const FAREWELL_BYTES = 60_000;
/** How often one large answer may break a connection that works otherwise. */
const LARGE_TRIES = 3;
const LONGEST_WAIT = 15_000;
/** Earlier writes of one number that may have arrived although their request failed. */
const MOST_BEFORE = 5;
/** Refusals that may have been somebody else's than our server's, or that staff may end: tried again when the page is looked at. */
const UNSURE = ["unreadable", "unsendable", "too_many_versions"];

/** @typedef {import("./writes.js").Answer} Answer */
/** @typedef {import("./writes.js").Write} Write */

/**
 * What is known of a slot.
 * @typedef {object} SlotRecord
 * @property {number} base  number of the last write that the server is known to have
 * @property {Answer} saved  what the server has
 * @property {number} [savedAt]  when it was received, in seconds since the epoch
 * @property {import("./understanding.js").Understood} [understood]  what the server says of it
 * @property {"none" | "waiting" | "saving" | "saved" | "refused" | "conflict"} state
 * @property {{ seq: number, response: Answer }} [sent]  a write whose acknowledgement has not come
 * @property {Answer} [draft]  what was entered since
 * @property {boolean} [held]  the draft was refused, or would be, and is not sent as it is
 * @property {string} [code]  why
 * @property {{ mine: Answer, theirs: Answer }} [conflict]  another device's answer stands against ours
 * @property {Answer[]} [before]  earlier writes of this number that may have arrived
 * @property {boolean} [hasFailed]  the request of `sent` has failed
 * @property {boolean} [isAlone]  is sent in a request of its own
 * @property {number} tries  how often it failed alone
 * @property {number} [notBefore]  not sent before this moment of `performance.now()`
 * @property {boolean} [isOnDevice]  whether this device had room for it
 */

/**
 * What is said of the way to the server.
 * @typedef {ReturnType<typeof meaning> | "online"} Connection
 */

/** @typedef {import("./request.js").SavedAnswer} SavedAnswer */
/**
 * @typedef {{ outcome?: string, receivedAt?: number, refused?: { code?: string } }
 *   & import("./understanding.js").Understood} Acknowledgement
 */

export class Answers {
  /**
   * `onSlotChange(slot)` hears of every change of a slot's standing, `connection(state, seconds)` of the way to the server.
   * `judge(slot, response)` gives the code of what the server would refuse anyway; `mostBytes` is what a request may have.
   * @param {string} api
   * @param {string} instance
   * @param {{
   *   onSlotChange(slot: number): void,
   *   connection(reached: Connection, seconds?: number): void,
   *   judge?(slot: number, response: Answer): string | undefined,
   *   mostBytes?: number,
   * }} about
   */
  constructor(api, instance, { onSlotChange, connection, judge = () => undefined, mostBytes = Infinity }) {
    this.api = api;
    this.onSlotChange = onSlotChange;
    this.connection = connection;
    this.judge = judge;
    this.mostBytes = mostBytes;
    this.prefix = `assay/${instance}/answer/`;
    /** @type {Map<number, SlotRecord>} */
    this.slots = new Map();
    this.isSending = false;
    this.isStopped = false;
    /** The server said how long. */
    this.isAskedToWait = false;
    this.failures = 0;
    /** Nothing is sent before this moment of `performance.now()`. */
    this.notBefore = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /**
   * @param {number} slot
   * @returns {SlotRecord}
   */
  record(slot) {
    const existing = this.slots.get(slot);
    if (existing) return existing;
    /** @type {SlotRecord} */
    const record = { base: 0, saved: undefined, state: "none", tries: 0 };
    this.slots.set(slot, record);
    return record;
  }

  /**
   * @param {number} slot
   * @param {Partial<SlotRecord>} changes
   */
  update(slot, changes) {
    return Object.assign(this.record(slot), changes);
  }

  /**
   * What the candidate has entered, whether or not the server has it.
   * @param {number} slot
   */
  current(slot) {
    const record = this.record(slot);
    return record.draft ?? record.sent?.response ?? record.saved;
  }

  /**
   * Takes over what the server has and what this device still holds.
   * @param {SavedAnswer[]} saved
   */
  load(saved) {
    for (const answer of saved) this.meet(answer);
    for (const key of device.keys(this.prefix)) {
      const left = leftOnDevice(device.get(key));
      if (left) this.takeUp(Number(key.slice(this.prefix.length)), left);
    }
    for (const slot of this.slots.keys()) this.onSlotChange(slot);
    this.pump();
  }

  /**
   * @param {number} slot
   * @param {Left} left
   */
  takeUp(slot, left) {
    if (left.isLost) {
      this.update(slot, { held: true, code: "lost", state: "refused" });
      return;
    }
    const record = this.update(slot, { sent: left.sent, draft: left.draft, state: "waiting" });
    if (record.sent) return;
    if (left.base === record.base) this.weigh(slot);
    else if (same(left.draft, record.saved)) this.settle(slot, "saved");
    else this.clash(slot);
  }

  /**
   * The server's answer of a slot; ours stands until it is settled. Gives whether something new is to be shown.
   * @param {SavedAnswer} saved
   */
  meet(saved) {
    const { slot, seq, response, receivedAt } = saved;
    const record = this.record(slot);
    if (seq <= record.base || record.sent || record.draft !== undefined) return false;
    const isNew = record.base > 0 || !isBlank(response);
    const understood = understoodOf(saved);
    this.update(slot, { base: seq, saved: response, savedAt: receivedAt, understood, state: "saved" });
    return isNew;
  }

  /**
   * The candidate changed an answer. It takes the place of what was refused before.
   * @param {number} slot
   * @param {Answer} entered
   * @param {number} delay  milliseconds until it is sent
   */
  change(slot, entered, delay) {
    const record = this.record(slot);
    const response = wellFormed(entered);
    if (record.conflict) return this.changeUndecided(slot, response);
    const isKnown = record.saved === undefined ? isBlank(response) : same(response, record.saved);
    if (isKnown && !record.sent && record.draft === undefined && !record.held) return;
    if (isKnown && !record.sent) return this.settle(slot, record.base > 0 ? "saved" : "none");
    this.update(slot, { draft: response, held: false, tries: 0, notBefore: 0, state: "waiting" });
    this.weigh(slot);
    this.keep(slot);
    this.onSlotChange(slot);
    this.soon(delay);
  }

  /**
   * Between two answers nothing is sent; what is entered meanwhile is the one here.
   * @param {number} slot
   * @param {Answer} response
   */
  changeUndecided(slot, response) {
    const { conflict } = this.record(slot);
    this.update(slot, { draft: response, conflict: { mine: response, theirs: conflict?.theirs } });
    this.keep(slot);
    this.onSlotChange(slot);
  }

  /**
   * What the server would refuse anyway is not sent at all.
   * @param {number} slot
   */
  weigh(slot) {
    const record = this.record(slot);
    const code = fits(record.draft, this.mostBytes) ? this.judge(slot, record.draft) : "response_too_long";
    if (code) this.update(slot, { held: true, code, state: "refused" });
  }

  /** @param {number} slot */
  keep(slot) {
    if (this.isStopped) return;
    const record = this.record(slot);
    const { base, sent, draft } = record;
    if (!sent && draft === undefined) return device.remove(this.prefix + slot);
    record.isOnDevice = device.set(this.prefix + slot, JSON.stringify({ base, sent, draft }));
    // The next visit is not to take an older text for the latest one.
    if (!record.isOnDevice) device.set(this.prefix + slot, JSON.stringify({ base, isLost: true }));
  }

  /**
   * @param {number} slot
   * @param {SlotRecord["state"]} state
   */
  settle(slot, state) {
    this.update(slot, { sent: undefined, draft: undefined, held: false, isAlone: false, state });
    this.keep(slot);
    this.onSlotChange(slot);
  }

  /**
   * Another device was faster.
   * @param {number} slot
   */
  clash(slot) {
    const record = this.record(slot);
    const mine = record.draft ?? record.sent?.response;
    if (same(mine, record.saved)) return this.settle(slot, "saved");
    this.update(slot, { draft: mine, sent: undefined, conflict: { mine, theirs: record.saved }, state: "conflict" });
    this.keep(slot);
    this.onSlotChange(slot);
  }

  /**
   * The candidate chose between two answers.
   * @param {number} slot
   * @param {boolean} useMine
   */
  resolve(slot, useMine) {
    const record = this.record(slot);
    record.conflict = undefined;
    if (!useMine) return this.settle(slot, "saved");
    record.state = "waiting";
    this.weigh(slot);
    this.keep(slot);
    this.onSlotChange(slot);
    this.soon(0);
  }

  /** Slots that the server does not have yet, for whatever reason. */
  pending() {
    return [...this.slots].filter(([, record]) => record.sent || record.draft !== undefined).map(([slot]) => slot);
  }

  /** As `pending`, with those whose text this device could not keep either. */
  missing() {
    return [...this.slots]
      .filter(([, record]) => record.sent || record.draft !== undefined || record.held)
      .map(([slot]) => slot);
  }

  /** Whether everything that can be sent was answered. */
  get isSettled() {
    return this.writable().length === 0 && !this.isSending;
  }

  writable() {
    /** @param {SlotRecord} record */
    const isReady = (record) => !record.conflict && (record.sent || (record.draft !== undefined && !record.held));
    return [...this.slots].filter(([, record]) => isReady(record)).map(([slot]) => slot);
  }

  /** @param {number} delay  milliseconds */
  soon(delay) {
    if (this.notBefore === Infinity) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), Math.max(delay, this.notBefore - performance.now(), 0));
  }

  /** The connection may be back, or somebody waits: no more waiting, unless the server asked for it. */
  again() {
    if (!this.isAskedToWait) this.notBefore = 0;
    for (const [slot, record] of this.slots) {
      record.notBefore = 0;
      if (record.held && UNSURE.includes(record.code ?? "")) this.retry(slot);
    }
    this.soon(0);
  }

  /** @param {number} slot */
  retry(slot) {
    this.update(slot, { held: false, isAlone: true, tries: 0, state: "waiting" });
    this.onSlotChange(slot);
  }

  /**
   * What is sent next: all that nothing is known against, else the one that failed least often.
   * @param {number} [bytes]
   */
  next(bytes) {
    const now = performance.now();
    const due = this.writable().filter((slot) => (this.record(slot).notBefore ?? 0) <= now);
    const trusted = due.filter((slot) => !this.record(slot).isAlone);
    if (trusted.length > 0)
      return batch(
        trusted.map((slot) => this.peek(slot)),
        bytes,
      ).map(({ slot }) => slot);
    due.sort((a, b) => this.record(a).tries - this.record(b).tries);
    return due.slice(0, 1);
  }

  /**
   * What the write of a slot would be.
   * @param {number} slot
   * @returns {Write}
   */
  peek(slot) {
    const record = this.record(slot);
    // A write that failed may yet have arrived. A later one with the same number is told so, and then known as ours.
    if (record.sent && !(record.hasFailed && record.draft !== undefined && !record.held))
      return { slot, ...record.sent };
    return { slot, seq: record.base + 1, response: record.draft };
  }

  /** @param {number} [bytes] */
  take(bytes) {
    return this.next(bytes).map((slot) => {
      const record = this.record(slot);
      const write = this.peek(slot);
      if (record.sent?.response !== write.response) {
        if (record.sent) record.before = [...(record.before ?? []), record.sent.response].slice(-MOST_BEFORE);
        const sent = { seq: write.seq, response: write.response };
        this.update(slot, { sent, draft: undefined, hasFailed: false });
        // Before the request leaves: a page that is lost now sends the same write again, which the server knows as a
        // repeat. Without its number on the device a later change would clash with it as with another device's.
        this.keep(slot);
      }
      record.state = "saving";
      this.onSlotChange(slot);
      return write;
    });
  }

  async pump() {
    if (this.isSending || this.isStopped || performance.now() < this.notBefore) return;
    const writes = this.take();
    if (writes.length === 0) return this.wakeForTheNext();
    this.isSending = true;
    try {
      const acknowledgements = await this.post(writes);
      this.failures = 0;
      this.isAskedToWait = false;
      this.connection("online");
      await this.hear(acknowledgements, writes);
    } catch (error) {
      await this.fail(refusedOf(error), writes);
    } finally {
      this.isSending = false;
    }
    this.soon(0);
  }

  /**
   * @param {Write[]} writes
   * @param {boolean} [keepalive]
   */
  async post(writes, keepalive) {
    const body = await call(this.api, "/answers", { writes }, keepalive);
    const acknowledgements = /** @type {{ acknowledgements?: Acknowledgement[] } | null} */ (body)?.acknowledgements;
    // A success without them is of something else on the way, such as the page of a network that wants a log-in.
    if (!Array.isArray(acknowledgements)) throw new Refused(0, { code: "no_acknowledgements" });
    return acknowledgements;
  }

  /** What failed alone is sent again later; somebody has to look. */
  wakeForTheNext() {
    const moments = this.writable().map((slot) => this.record(slot).notBefore ?? 0);
    if (moments.length > 0) this.soon(Math.min(...moments) - performance.now() + 1);
  }

  /**
   * @param {Acknowledgement[]} acknowledgements  in the order of the writes
   * @param {Write[]} writes
   */
  async hear(acknowledgements, writes) {
    /** @type {number[]} */
    const clashes = [];
    for (const [index, { slot, seq }] of writes.entries()) {
      const acknowledgement = acknowledgements[index] ?? {};
      const record = this.record(slot);
      if (!record.sent || record.sent.seq !== seq) continue;
      record.isAlone = false;
      if (acknowledgement.outcome === "kept" || acknowledgement.outcome === "repeated") {
        const { response } = record.sent;
        this.update(slot, {
          base: seq,
          saved: response,
          savedAt: acknowledgement.receivedAt,
          sent: undefined,
          before: undefined,
        });
        record.understood = understoodOf(acknowledgement);
        record.state = record.draft === undefined ? "saved" : record.held ? "refused" : "waiting";
        this.keep(slot);
        this.onSlotChange(slot);
      } else if (acknowledgement.outcome === "superseded" || acknowledgement.refused?.code === "seq_conflict") {
        clashes.push(slot);
      } else {
        this.refuse(slot, acknowledgement.refused?.code || "unreadable");
      }
    }
    if (clashes.length > 0) await this.compare(clashes);
  }

  /**
   * The server did not take it. What was typed stays here; what comes too late can only be told.
   * @param {number} slot
   * @param {string} code
   */
  refuse(slot, code) {
    const record = this.record(slot);
    const isReplaced = record.draft !== undefined && !record.held;
    record.draft ??= record.sent?.response;
    this.update(slot, { sent: undefined, isAlone: false, tries: 0 });
    if (isReplaced) record.state = "waiting";
    else this.update(slot, { held: true, code: record.held ? record.code : code, state: "refused" });
    this.keep(slot);
    this.onSlotChange(slot);
  }

  /** @param {number[]} slots */
  async compare(slots) {
    const answers = await savedAnswers(this.api);
    for (const answer of answers.filter((answer) => slots.includes(answer.slot))) {
      const { seq, response, receivedAt } = answer;
      const understood = understoodOf(answer);
      const record = this.update(answer.slot, { base: seq, saved: response, savedAt: receivedAt, understood });
      if (record.before?.some((earlier) => same(response, earlier))) this.follow(answer.slot);
      else this.clash(answer.slot);
    }
  }

  /**
   * What the server has is an earlier write of this page whose acknowledgement was lost: the later one goes after it.
   * @param {number} slot
   */
  follow(slot) {
    const record = this.record(slot);
    record.draft ??= record.sent?.response;
    this.update(slot, { sent: undefined, before: undefined, state: record.held ? "refused" : "waiting" });
    this.keep(slot);
    this.onSlotChange(slot);
  }

  /**
   * @param {Refused} refused
   * @param {Write[]} writes
   */
  async fail(refused, writes) {
    const meant = meaning(refused);
    for (const { slot } of writes) {
      const record = this.record(slot);
      record.hasFailed = true;
      if (record.state === "saving") record.state = "waiting";
      if (writes.length > 1) record.isAlone = true;
    }
    if (meant === "bad" && writes.length > 1) this.notBefore = 0;
    else if (meant === "bad") this.refuse(writes[0].slot, refusalCode(refused));
    else await this.waitFor(meant, refused, writes);
    for (const { slot } of writes) this.onSlotChange(slot);
  }

  /**
   * @param {ReturnType<typeof meaning>} meant
   * @param {Refused} refused
   * @param {Write[]} writes
   */
  async waitFor(meant, refused, writes) {
    this.failures += 1;
    const backoff = Math.min(500 * 2 ** this.failures, LONGEST_WAIT);
    const wait = meant === "session" ? Infinity : Math.max(backoff, refused.wait * 1000);
    this.notBefore = performance.now() + wait;
    this.isAskedToWait = meant === "busy" && refused.wait > 0;
    const mayBlame = writes.length === 1 && (refused.status === 0 || refused.status >= 500);
    const isBlamed = mayBlame && (await this.isToBlame(writes[0]));
    this.connection(isBlamed ? "online" : meant, Math.ceil(wait / 1000));
  }

  /**
   * Whether a write that was sent alone fails while the server answers otherwise: then it has to wait, and not others.
   * @param {Write} write
   */
  async isToBlame(write) {
    const record = this.record(write.slot);
    record.tries += 1;
    const isLarge = bytesOf(write) > LARGE_BYTES;
    if (!isLarge && this.writable().length === 1) return false;
    try {
      await instanceState(this.api);
    } catch {
      return false;
    }
    record.notBefore = performance.now() + Math.min(1000 * 2 ** record.tries, LONGEST_WAIT);
    this.notBefore = 0;
    // A small answer is tried for ever; a large one is most likely cut off by something on the way.
    if (isLarge && record.tries >= LARGE_TRIES) this.refuse(write.slot, "unsendable");
    return true;
  }

  /** Sends what is left when the page goes away; the device keeps it in any case. */
  farewell() {
    if (this.isSending || this.isStopped) return;
    const writes = this.take(FAREWELL_BYTES).filter((write) => bytesOf(write) < FAREWELL_BYTES);
    if (writes.length > 0) this.post(writes, true).catch(() => {});
  }

  /**
   * Ready when everything that can be sent was answered, or after so many milliseconds. Gives whether it was.
   * @param {number} wait
   */
  async flush(wait) {
    const end = performance.now() + wait;
    this.again();
    while (!this.isSettled && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
    return this.isSettled;
  }
}

/**
 * What was written to this device of a slot.
 * @typedef {{ base?: number, sent?: SlotRecord["sent"], draft?: Answer, isLost?: boolean }} Left
 */

/**
 * @param {string | null} text
 * @returns {Left | undefined}
 */
function leftOnDevice(text) {
  try {
    return JSON.parse(text ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}
