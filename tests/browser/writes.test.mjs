// What the candidate's page makes of answers and of the server's answers, without a browser.

import { beforeEach, test } from "node:test";
import assert from "node:assert/strict";

const assets = "../../crates/pages/assets/candidate";
globalThis.document = { body: { dataset: {} }, getElementById: () => null };
const kept = new Map();
globalThis.localStorage = new Proxy(
  {},
  {
    get: (_, name) =>
      ({
        getItem: (key) => kept.get(key) ?? null,
        setItem(key, value) {
          if (value.length > 5_000_000) throw Object.assign(new Error("full"), { name: "QuotaExceededError" });
          kept.set(key, value);
        },
        removeItem: (key) => kept.delete(key),
      })[name],
    ownKeys: () => [...kept.keys()],
    getOwnPropertyDescriptor: (_, key) => (kept.has(key) ? { enumerable: true, configurable: true } : undefined),
  },
);

const { batch, bytesOf, fits, isBlank, meaning, patience, refusalCode, retryAfter, same, wellFormed } = await import(
  `${assets}/writes.js`
);
const { isLoss, sortOut, standing } = await import(`${assets}/standing.js`);
const { Answers } = await import(`${assets}/answers.js`);

beforeEach(() => kept.clear());

// --- pure --------------------------------------------------------------------------------------------------------

test("half a surrogate pair becomes the replacement character wherever it stands", () => {
  const entered = { "\udc00": ["\ud83d", "a\ud83db", "\ud83d\ude00"], row: { cell: "half \ud83d" }, n: 1, none: null };
  const sent = { "\ufffd": ["\ufffd", "a\ufffdb", "\ud83d\ude00"], row: { cell: "half \ufffd" }, n: 1, none: null };
  assert.deepEqual(wellFormed(entered), sent);
  const modern = String.prototype.toWellFormed;
  delete String.prototype.toWellFormed;
  assert.deepEqual(wellFormed(entered), sent, "in an older browser as well");
  if (modern)
    Object.defineProperty(String.prototype, "toWellFormed", { value: modern, configurable: true, writable: true });
});

test("what a failed request means", () => {
  const cases = [
    [0, "", "offline"],
    [401, "unauthenticated", "session"],
    [404, "not_found", "session"],
    [404, "", "trouble"],
    [403, "task_inactive", "off"],
    [403, "", "bad"],
    [400, "malformed_json", "bad"],
    [413, "body_too_large", "bad"],
    [413, "", "bad"],
    [415, "", "bad"],
    [422, "", "bad"],
    [451, "", "bad"],
    [408, "", "busy"],
    [429, "rate_limited", "busy"],
    [429, "too_many_uploads", "busy"],
    [429, "too_many_versions", "bad"],
    [503, "unavailable", "busy"],
    [500, "internal_error", "trouble"],
    [502, "", "trouble"],
    [504, "", "trouble"],
    [520, "", "trouble"],
  ];
  for (const [status, code, meant] of cases) assert.equal(meaning({ status, code }), meant, `${status} ${code}`);
  assert.equal(refusalCode({ status: 413, code: "" }), "response_too_long");
  assert.equal(refusalCode({ status: 400, code: "validation_failed" }), "validation_failed");
  assert.equal(refusalCode({ status: 422, code: "" }), "unreadable");
});

test("Retry-After is read as seconds or a date, and bounded", () => {
  const now = Date.parse("2026-11-30T10:00:00Z");
  const cases = [
    [null, 0],
    ["", 0],
    ["7", 7],
    [" 7 ", 7],
    ["-3", 0],
    ["soon", 0],
    ["1e9", 0],
    ["999999", 600],
    ["Mon, 30 Nov 2026 10:00:30 GMT", 30],
    ["Mon, 30 Nov 2026 09:00:00 GMT", 0],
  ];
  for (const [header, seconds] of cases) assert.equal(retryAfter(header, now), seconds, String(header));
});

test("a batch has at least one write, and no more than fit", () => {
  const writes = (count, length) =>
    Array.from({ length: count }, (_, slot) => ({ slot, seq: 1, response: "x".repeat(length) }));
  assert.equal(batch([]).length, 0);
  assert.equal(batch(writes(3, 10_000_000)).length, 1);
  assert.equal(batch(writes(200, 10)).length, 50);
  for (const taken of [batch(writes(60, 9_000)), batch(writes(60, 30_000), 60_000)]) {
    assert.ok(taken.length > 0 && taken.length < 60);
  }
  assert.equal(bytesOf("\u{1f600}"), 6);
  assert.ok(fits("é".repeat(400), 1200) && !fits("é".repeat(600), 1200));
  assert.ok(patience(0) === 15_000 && patience(1_000_000) > 60_000 && patience(1e12) === 180_000);
});

test("answers are the same, and blank, as the server sees it", () => {
  assert.ok(same(["b", "a"], ["a", "b"]) && same({ x: 1, y: 2 }, { y: 2, x: 1 }) && !same("a", "b"));
  for (const blank of [null, undefined, "", "  \n", "<p><br></p>", "<p>&nbsp;</p>", [], {}, { r: { c: " " } }])
    assert.ok(isBlank(blank), JSON.stringify(blank));
  for (const entered of ["x", "<p>x</p>", ["a"], { i: "o" }, { r: { c: "1" } }])
    assert.ok(!isBlank(entered), JSON.stringify(entered));
});

test("how a question stands is what the server has of it", () => {
  const sending = [{ state: "sending" }];
  const cases = [
    [undefined, [], "blank"],
    [{}, [], "blank"],
    [{ kept: "" }, [], "blank"],
    [{ kept: "x" }, [], "answered"],
    [{ kept: "x", draft: "y" }, [], "way"],
    [{ sent: { seq: 1, response: "x" } }, [], "way"],
    [{ kept: "x", draft: "", held: false }, [], "way"],
    [{ kept: "x", draft: "y", held: true }, [], "refused"],
    [{ sent: {}, draft: "y", held: true }, [], "way"],
    [{ kept: "x", draft: "y", conflict: {} }, sending, "undecided"],
    [{ kept: ["f"] }, sending, "way"],
    [{ kept: ["f"] }, [{ state: "refused" }], "refused"],
    [{}, [{ state: "interrupted" }], "refused"],
    [{}, [{ state: "recording" }], "way"],
    [{}, [{ state: "refused" }, { state: "waiting" }], "way"],
  ];
  for (const [record, uploads, state] of cases)
    assert.equal(standing(record, uploads), state, JSON.stringify([record, uploads]));
});

test("each question is in one list; required and marked are named besides", () => {
  const question = (slot, record, more = {}) => ({
    slot,
    record,
    uploads: [],
    isRequired: true,
    isFlagged: slot === 1,
    ...more,
  });
  const lists = sortOut([
    question(1, { kept: "x" }),
    question(2, {}),
    question(3, { draft: "y" }),
    question(4, { draft: "y", held: true }),
    question(5, { draft: "y", conflict: {} }),
    question(6, {}, { isRequired: false }),
  ]);
  assert.deepEqual(lists, {
    answered: [1],
    blank: [2, 6],
    way: [3],
    refused: [4],
    undecided: [5],
    required: [2],
    flagged: [1],
  });
  assert.ok(isLoss(lists) && !isLoss(sortOut([question(1, { kept: "x" }), question(2, {})])));
});

// --- sending -----------------------------------------------------------------------------------------------------

/** A server that keeps what `judge(write)` lets it; `before(writes, bytes)` may answer the whole request otherwise. */
class Imitation {
  constructor() {
    this.answers = new Map();
    this.requests = [];
    this.before = () => undefined;
    this.judge = () => undefined;
    globalThis.fetch = (url, options) => this.answer(url, options);
  }

  async answer(url, { method, body }) {
    if (method === "GET") {
      if (this.isDown) throw new TypeError("no network");
      const answers = [...this.answers].map(([slot, { seq, response }]) => ({ slot, seq, response, receivedAt: 1 }));
      return reply(200, url.endsWith("/answers") ? { answers } : { state: "STARTED" });
    }
    const { writes } = JSON.parse(body);
    this.requests.push(writes);
    const instead = await this.before(writes, body.length);
    if (instead) return instead;
    return reply(200, { acknowledgements: writes.map((write) => this.write(write)) });
  }

  write({ slot, seq, response }) {
    const code = this.judge({ slot, seq, response });
    if (code) return { slot, seq, refused: { code } };
    const there = this.answers.get(slot);
    if (there && there.seq === seq)
      return same(there.response, response)
        ? { slot, seq, outcome: "repeated", receivedAt: 1 }
        : { slot, seq, refused: { code: "seq_conflict" } };
    if (there && there.seq > seq) return { slot, seq, outcome: "superseded" };
    this.answers.set(slot, { seq, response });
    return { slot, seq, outcome: "kept", receivedAt: 1 };
  }

  get kept() {
    return Object.fromEntries([...this.answers].map(([slot, { response }]) => [slot, response]));
  }
}

function reply(status, body, headers = {}) {
  return new Response(body === undefined ? "<html>" : JSON.stringify(body), { status, headers });
}

function begin(options = {}) {
  const banners = [];
  const answers = new Answers("/api", "Ti1", { told() {}, connection: (state) => banners.push(state), ...options });
  // Nobody waits in a test: what would be sent later is sent at once.
  answers.banners = banners;
  return answers;
}

/** Pumps until nothing more can be sent, without waiting for the clock; gives whether that came about. */
async function settle(answers, rounds = 40) {
  for (let round = 0; round < rounds && !answers.isSettled; round += 1) {
    answers.notBefore = 0;
    for (const record of answers.slots.values()) record.notBefore = 0;
    await answers.pump();
    clearTimeout(answers.timer);
  }
  clearTimeout(answers.timer);
  return answers.isSettled;
}

const quietly = (answers, slot, response) => {
  answers.change(slot, response, 0);
  clearTimeout(answers.timer);
};
const states = (answers) => Object.fromEntries([...answers.slots].map(([slot, record]) => [slot, record.state]));

for (const [name, instead] of [
  ["400 for the whole request", () => reply(400, { code: "malformed_json" })],
  ["413 of the server", () => reply(413, { code: "body_too_large" })],
  ["413 of a proxy", () => reply(413)],
  ["403 of a filter before the server", () => reply(403)],
  ["422", () => reply(422)],
  ["429 because too many versions are kept", () => reply(429, { code: "too_many_versions" }, { "Retry-After": "60" })],
]) {
  test(`F2: a write that is answered with ${name} is refused alone, and a later edit replaces it`, async () => {
    const server = new Imitation();
    server.before = (writes) => (writes.some(({ response }) => response === "poison") ? instead() : undefined);
    const answers = begin();
    for (const [slot, text] of [
      [1, "one"],
      [2, "poison"],
      [3, "three"],
      [4, "four"],
    ])
      quietly(answers, slot, text);
    assert.ok(await settle(answers));
    assert.deepEqual(server.kept, { 1: "one", 3: "three", 4: "four" });
    assert.deepEqual(states(answers), { 1: "saved", 2: "refused", 3: "saved", 4: "saved" });
    assert.ok(!answers.banners.includes("offline"), "nobody says that there is no connection");
    assert.equal(answers.current(2), "poison", "what was typed stays");
    quietly(answers, 5, "five");
    quietly(answers, 2, "short now");
    assert.ok(await settle(answers));
    assert.deepEqual(server.kept, { 1: "one", 2: "short now", 3: "three", 4: "four", 5: "five" });
    assert.equal(kept.size, 0, "nothing is left on the device");
  });
}

for (const [name, instead] of [
  ["breaks the connection", () => Promise.reject(new TypeError("reset"))],
  ["makes a proxy fail", () => reply(502)],
  ["is too slow", () => reply(503, { code: "unavailable" }, { "Retry-After": "1" })],
]) {
  test(`F2: a large write that ${name} holds up no other and is given up, with its text`, async () => {
    const server = new Imitation();
    server.before = (writes, bytes) => (bytes > 1_000_000 ? instead() : undefined);
    const answers = begin();
    quietly(answers, 1, "x".repeat(1_500_000));
    quietly(answers, 2, "two");
    assert.ok(await settle(answers));
    assert.deepEqual(server.kept, { 2: "two" });
    assert.equal(answers.record(1).code, "unsendable");
    quietly(answers, 1, "short now");
    assert.ok(await settle(answers));
    assert.deepEqual(server.kept, { 1: "short now", 2: "two" });
  });
}

test("a small write that fails is tried for ever, and others go on", async () => {
  const server = new Imitation();
  server.before = (writes) =>
    writes.some(({ slot }) => slot === 1) ? reply(500, { code: "internal_error" }) : undefined;
  const answers = begin();
  quietly(answers, 1, "unlucky");
  quietly(answers, 2, "two");
  assert.equal(await settle(answers), false);
  assert.deepEqual(server.kept, { 2: "two" });
  assert.equal(answers.record(1).state, "waiting");
  server.before = () => undefined;
  assert.ok(await settle(answers));
  assert.deepEqual(server.kept, { 1: "unlucky", 2: "two" });
});

test("without a connection everything waits, and goes out once it is back", async () => {
  const server = new Imitation();
  server.isDown = true;
  server.before = () => Promise.reject(new TypeError("no network"));
  const answers = begin();
  for (let slot = 1; slot <= 60; slot += 1) quietly(answers, slot, `text ${slot}`);
  assert.equal(await settle(answers, 10), false);
  assert.equal(answers.banners.at(-1), "offline");
  assert.equal(answers.pending().length, 60);
  server.isDown = false;
  server.before = () => undefined;
  assert.ok(await settle(answers, 100));
  assert.equal(Object.keys(server.kept).length, 60);
  assert.equal(answers.banners.at(-1), "online");
});

test("429 waits as long as it is asked to, and says so", async () => {
  const server = new Imitation();
  server.before = () => reply(429, { code: "rate_limited" }, { "Retry-After": "9" });
  const answers = begin();
  quietly(answers, 1, "one");
  await answers.pump();
  clearTimeout(answers.timer);
  assert.equal(answers.banners.at(-1), "busy");
  assert.ok(answers.notBefore - performance.now() > 8000);
  answers.again();
  assert.ok(answers.notBefore - performance.now() > 8000, "looking at the page is no reason to ask earlier");
  await answers.pump();
  assert.equal(server.requests.length, 1);
  server.before = () => undefined;
  assert.ok(await settle(answers));
  assert.deepEqual(server.kept, { 1: "one" });
});

test("an answer for which there is no room says so, lets shorter ones go on, and is tried again when the page is looked at", async () => {
  const server = new Imitation();
  const isOver = ({ response }) => response.length > 20;
  server.before = (writes) =>
    writes.some(isOver) ? reply(429, { code: "too_many_versions" }, { "Retry-After": "60" }) : undefined;
  const answers = begin();
  quietly(answers, 1, "short");
  quietly(answers, 2, "longer than there is room for");
  assert.ok(await settle(answers));
  assert.deepEqual(server.kept, { 1: "short" });
  assert.equal(answers.record(2).code, "too_many_versions");
  assert.ok(!answers.banners.includes("busy"), "nobody is told that the server is busy");
  const asked = server.requests.length;
  assert.ok(await settle(answers));
  assert.equal(server.requests.length, asked, "it is not sent over and over");
  server.before = () => undefined;
  answers.again();
  clearTimeout(answers.timer);
  assert.ok(await settle(answers));
  assert.deepEqual(server.kept, { 1: "short", 2: "longer than there is room for" });
});

test("a lost acknowledgement and a later edit are no conflict with oneself", async () => {
  const server = new Imitation();
  const answers = begin();
  // The server keeps it, and the answer is lost.
  server.before = (writes) => (writes.forEach((write) => server.write(write)), Promise.reject(new TypeError("reset")));
  quietly(answers, 1, "first");
  await answers.pump();
  server.before = () => Promise.reject(new TypeError("reset"));
  quietly(answers, 1, "second");
  await settle(answers, 3);
  server.before = () => undefined;
  quietly(answers, 1, "third");
  assert.ok(await settle(answers));
  assert.deepEqual(server.kept, { 1: "third" });
  assert.equal(answers.record(1).conflict, undefined);
});

test("another device's answer is a conflict, and what is typed before choosing is not lost", async () => {
  const server = new Imitation();
  const answers = begin();
  server.answers.set(1, { seq: 1, response: "theirs" });
  quietly(answers, 1, "mine");
  assert.ok(await settle(answers));
  assert.deepEqual(answers.record(1).conflict, { mine: "mine", theirs: "theirs" });
  quietly(answers, 1, "mine, longer");
  assert.deepEqual(server.kept, { 1: "theirs" });
  answers.resolve(1, true);
  assert.ok(await settle(answers));
  assert.deepEqual(server.kept, { 1: "mine, longer" });
});

test("what the page knows to be too long is not sent at all", async () => {
  const server = new Imitation();
  const answers = begin({
    mostBytes: 4 << 20,
    judge: (slot, response) => (response.length > 20 && slot === 1 ? "response_too_long" : undefined),
  });
  quietly(answers, 1, "x".repeat(21));
  quietly(answers, 2, "y".repeat(9_000_000));
  assert.ok(await settle(answers));
  assert.deepEqual(states(answers), { 1: "refused", 2: "refused" });
  assert.equal(server.requests.length, 0);
  assert.equal(answers.record(2).isOnDevice, false, "and the page knows that this device has no room for it");
  quietly(answers, 1, "");
  assert.deepEqual(states(answers), { 1: "none", 2: "refused" });
});

test("a refusal that comes while a later edit waits does not stop that edit", async () => {
  const server = new Imitation();
  const answers = begin();
  server.judge = ({ response }) => (response === "bad" ? "response_wrong_shape" : undefined);
  server.before = () => (quietly(answers, 1, "good"), undefined);
  quietly(answers, 1, "bad");
  await answers.pump();
  clearTimeout(answers.timer);
  server.before = () => undefined;
  assert.ok(await settle(answers));
  assert.deepEqual(server.kept, { 1: "good" });
});

test("what one visit left is sent by the next, and what was refused is judged again", async () => {
  const server = new Imitation();
  server.judge = ({ slot }) => (slot === 2 ? "response_too_long" : undefined);
  const first = begin();
  quietly(first, 1, "one");
  quietly(first, 2, "two");
  assert.equal(kept.size, 2);
  const second = begin();
  second.load([]);
  assert.ok(await settle(second));
  assert.deepEqual(server.kept, { 1: "one" });
  assert.equal(second.current(2), "two");
  assert.equal(second.record(2).state, "refused");
});

test("whatever a server, a proxy and a candidate do, every other answer arrives, and the last entry of each counts", async () => {
  for (let seed = 1; seed <= 60; seed += 1) await randomly(seed);
});

/** Numbers from 0 to 1 that are the same for the same seed. */
function draws(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

async function randomly(seed) {
  kept.clear();
  const draw = draws(seed);
  const server = new Imitation();
  const answers = begin();
  const last = new Map();
  server.judge = ({ response }) => (response.startsWith("refused") ? "response_wrong_shape" : undefined);
  server.before = (writes) => {
    if (writes.some(({ response }) => response.startsWith("poison")))
      return draw() < 0.5 ? reply(413) : reply(400, { code: "malformed_json" });
    const luck = draw();
    if (luck < 0.1) return Promise.reject(new TypeError("no network"));
    if (luck < 0.2) return reply(429, { code: "rate_limited" }, { "Retry-After": "1" });
    if (luck < 0.3) return reply(500, { code: "internal_error" });
    // Kept, and the acknowledgement is lost.
    if (luck < 0.4) return (writes.forEach((write) => server.write(write)), Promise.reject(new TypeError("reset")));
    return undefined;
  };
  for (let step = 0; step < 60; step += 1) {
    const slot = 1 + Math.floor(draw() * 5);
    const kind = ["fine", "fine", "fine", "refused", "poison"][Math.floor(draw() * 5)];
    last.set(slot, `${kind} ${seed}/${step}`);
    quietly(answers, slot, last.get(slot));
    if (draw() < 0.6) await settle(answers, 1);
  }
  assert.ok(await settle(answers, 2000), `seed ${seed}: everything is either kept or refused`);
  for (const [slot, text] of last) {
    assert.equal(answers.current(slot), text, `seed ${seed}, slot ${slot}: what is shown`);
    assert.equal(answers.record(slot).conflict, undefined, `seed ${seed}: nobody else answers`);
    if (text.startsWith("fine"))
      assert.equal(server.answers.get(slot).response, text, `seed ${seed}, slot ${slot}: what is kept`);
    else assert.equal(answers.record(slot).state, "refused", `seed ${seed}, slot ${slot}`);
  }
}
