// Keeps answers until the server has them.
//
// Each change is first written to this device, then sent. A slot has at most one write under way, with the number after
// the last one known to be kept; the next change waits for its acknowledgement. So a write of another device or tab can
// only meet ours at the same number, where the server says so, and nothing is overwritten without being asked.

import { device } from "./ask.js";

const MOST_AT_ONCE = 50;

/** Equal as the server sees it: the order in an object or a list of choices means nothing. */
export function same(a, b) {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value) {
  if (Array.isArray(value)) return [...value].sort();
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
  }
  return value;
}

export function isBlank(response) {
  if (response === null || response === undefined) return true;
  if (typeof response === "string") return response.replace(/<[^>]*>|&nbsp;/g, "").trim() === "";
  if (Array.isArray(response)) return response.length === 0;
  return Object.values(response).every((value) => isBlank(value));
}

/** The number of a failed request, or 0 when there was no answer. */
export class Refused extends Error {
  constructor(status, body) {
    super(body?.code ?? `status ${status}`);
    this.status = status;
    this.code = body?.code ?? "";
    this.slots = body?.slots ?? [];
  }
}

/** One request to the delivery API. */
export async function call(api, path, body, keepalive = false) {
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), 15000);
  let response;
  try {
    response = await fetch(api + path, {
      method: body === undefined ? "GET" : "POST",
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
      signal: aborter.signal,
      cache: "no-store",
      keepalive,
    });
  } catch (error) {
    throw new Refused(0, { code: String(error) });
  } finally {
    clearTimeout(timer);
  }
  const answer = await response.json().catch(() => undefined);
  if (!response.ok || answer === undefined) throw new Refused(response.ok ? 0 : response.status, answer);
  return answer;
}

export class Answers {
  /** `told(slot)` hears of every change of a slot's standing, `connection(state)` of the way to the server. */
  constructor(api, instance, told, connection) {
    this.api = api;
    this.prefix = `assay/${instance}/answer/`;
    this.told = told;
    this.connection = connection;
    this.slots = new Map();
    this.isSending = false;
    this.isStopped = false;
    this.wait = 0;
    this.timer = 0;
  }

  record(slot) {
    if (!this.slots.has(slot)) this.slots.set(slot, { base: 0, kept: undefined, state: "none" });
    return this.slots.get(slot);
  }

  /** What the candidate has entered, whether or not the server has it. */
  current(slot) {
    const record = this.record(slot);
    return record.draft ?? record.sent?.response ?? record.kept;
  }

  /** Takes over what the server has and what this device still holds. */
  load(kept) {
    for (const answer of kept) this.meet(answer);
    for (const key of device.keys(this.prefix)) {
      const slot = Number(key.slice(this.prefix.length));
      let left;
      try {
        left = JSON.parse(device.get(key));
      } catch {
        continue;
      }
      const record = this.record(slot);
      record.sent = left.sent;
      record.draft = left.draft;
      record.state = "waiting";
      if (record.sent) continue;
      if (left.base === record.base) continue;
      if (same(left.draft, record.kept)) this.settle(slot, "saved");
      else this.clash(slot);
    }
    for (const slot of this.slots.keys()) this.told(slot);
    this.pump();
  }

  /** The server's answer of a slot; ours stands until it is settled. Gives whether something new is to be shown. */
  meet({ slot, seq, response, receivedAt }) {
    const record = this.record(slot);
    if (seq <= record.base || record.sent || record.draft !== undefined) return false;
    const isNew = record.base > 0 || !isBlank(response);
    Object.assign(record, { base: seq, kept: response, savedAt: receivedAt, state: "saved" });
    return isNew;
  }

  /** The candidate changed an answer. */
  change(slot, response, delay) {
    const record = this.record(slot);
    if (record.conflict) return;
    const isKnown = record.kept === undefined ? isBlank(response) : same(response, record.kept);
    if (isKnown && !record.sent && record.draft === undefined) return;
    record.draft = response;
    record.held = false;
    record.state = "waiting";
    this.keep(slot);
    this.told(slot);
    this.soon(delay);
  }

  keep(slot) {
    if (this.isStopped) return;
    const { base, sent, draft } = this.record(slot);
    if (sent || draft !== undefined) device.set(this.prefix + slot, JSON.stringify({ base, sent, draft }));
    else device.remove(this.prefix + slot);
  }

  settle(slot, state) {
    const record = this.record(slot);
    record.sent = undefined;
    record.draft = undefined;
    record.state = state;
    this.keep(slot);
    this.told(slot);
  }

  /** Another device was faster. */
  clash(slot) {
    const record = this.record(slot);
    const mine = record.draft ?? record.sent?.response;
    if (same(mine, record.kept)) return this.settle(slot, "saved");
    record.draft = mine;
    record.sent = undefined;
    record.conflict = { mine, theirs: record.kept };
    record.state = "conflict";
    this.keep(slot);
    this.told(slot);
  }

  /** The candidate chose between two answers. */
  resolve(slot, useMine) {
    const record = this.record(slot);
    record.conflict = undefined;
    if (!useMine) return this.settle(slot, "saved");
    record.state = "waiting";
    this.keep(slot);
    this.told(slot);
    this.soon(0);
  }

  /** Slots that the server does not have yet. */
  pending() {
    return [...this.slots].filter(([, record]) => record.sent || record.draft !== undefined).map(([slot]) => slot);
  }

  get isSettled() {
    return this.writable().length === 0 && !this.isSending;
  }

  writable() {
    const isReady = ([, record]) => !record.conflict && !record.held && (record.sent || record.draft !== undefined);
    return [...this.slots].filter(isReady).map(([slot]) => slot);
  }

  soon(delay) {
    if (this.wait > 0) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), delay);
  }

  /** The connection may be back. */
  again() {
    this.wait = 0;
    this.soon(0);
  }

  take() {
    return this.writable().slice(0, MOST_AT_ONCE).map((slot) => {
      const record = this.record(slot);
      if (!record.sent) {
        record.sent = { seq: record.base + 1, response: record.draft };
        record.draft = undefined;
        this.keep(slot);
      }
      record.state = "saving";
      this.told(slot);
      return { slot, seq: record.sent.seq, response: record.sent.response };
    });
  }

  async pump() {
    if (this.isSending || this.isStopped) return;
    const writes = this.take();
    if (writes.length === 0) return;
    this.isSending = true;
    try {
      const { acknowledgements } = await call(this.api, "/answers", { writes });
      this.wait = 0;
      this.connection("online");
      await this.hear(acknowledgements);
    } catch (refused) {
      this.fail(refused, writes);
    } finally {
      this.isSending = false;
    }
    if (this.wait === 0) this.soon(0);
  }

  async hear(acknowledgements) {
    const clashes = [];
    for (const told of acknowledgements) {
      const record = this.record(told.slot);
      if (!record.sent || record.sent.seq !== told.seq) continue;
      if (told.outcome === "kept" || told.outcome === "repeated") {
        Object.assign(record, { base: told.seq, kept: record.sent.response, savedAt: told.receivedAt, sent: undefined });
        record.state = record.draft === undefined ? "saved" : "waiting";
        this.keep(told.slot);
        this.told(told.slot);
      } else if (told.outcome === "superseded" || told.refused?.code === "seq_conflict") {
        clashes.push(told.slot);
      } else {
        this.refuse(told.slot, told.refused?.code ?? "");
      }
    }
    if (clashes.length > 0) await this.compare(clashes);
  }

  /** The server did not take it. What was typed stays here; what comes too late can only be told. */
  refuse(slot, code) {
    const record = this.record(slot);
    record.draft ??= record.sent.response;
    record.sent = undefined;
    record.held = true;
    record.code = code;
    record.state = "refused";
    this.keep(slot);
    this.told(slot);
  }

  async compare(slots) {
    const { answers } = await call(this.api, "/answers");
    for (const answer of answers.filter((answer) => slots.includes(answer.slot))) {
      const record = this.record(answer.slot);
      Object.assign(record, { base: answer.seq, kept: answer.response, savedAt: answer.receivedAt });
      this.clash(answer.slot);
    }
  }

  fail(refused, writes) {
    for (const { slot } of writes) {
      const record = this.record(slot);
      if (record.state === "saving") record.state = "waiting";
      this.told(slot);
    }
    const isOver = refused.status === 401 || refused.status === 404;
    this.wait = isOver ? Infinity : Math.min(Math.max(this.wait * 2, 1000), 15000);
    this.connection(isOver ? "session" : refused.status === 403 ? "off" : "offline");
    clearTimeout(this.timer);
    if (!isOver) {
      this.timer = setTimeout(() => {
        this.pump();
      }, this.wait);
    }
  }

  /** Sends what is left when the page goes away; the device keeps it in any case. */
  farewell() {
    if (this.isSending || this.isStopped) return;
    const writes = this.take();
    if (writes.length > 0) call(this.api, "/answers", { writes }, true).catch(() => {});
  }

  /** Ready when everything that can be sent was answered, or after so many milliseconds. Gives whether it was. */
  async flush(patience) {
    const end = performance.now() + patience;
    this.again();
    while (!this.isSettled && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
    return this.isSettled;
  }
}
