// What becomes of answers when servers, proxies and other devices misbehave.

import { beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import { candidate, localStorageStub } from "./support.mjs";

const storage = localStorageStub();
const { same } = await candidate("writes");
const { Answers } = await candidate("answers");
const { savedAnswers } = await candidate("request");

beforeEach(() => storage.clear());

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
      if (this.instead) return this.instead();
      const answers = [...this.answers].map(([slot, { seq, response }]) => ({ slot, seq, response, receivedAt: 1 }));
      return reply(200, url.endsWith("/answers") ? { answers } : { state: "STARTED", serverTimeMillis: 1 });
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

  get saved() {
    return Object.fromEntries([...this.answers].map(([slot, { response }]) => [slot, response]));
  }
}

function reply(status, body, headers = {}) {
  return new Response(body === undefined ? "<html>" : JSON.stringify(body), { status, headers });
}

function begin(options = {}) {
  const banners = [];
  const answers = new Answers("/api", "Ti1", {
    onSlotChange() {},
    connection: (state) => banners.push(state),
    ...options,
  });
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
    assert.deepEqual(server.saved, { 1: "one", 3: "three", 4: "four" });
    assert.deepEqual(states(answers), { 1: "saved", 2: "refused", 3: "saved", 4: "saved" });
    assert.ok(!answers.banners.includes("offline"), "nobody says that there is no connection");
    assert.equal(answers.current(2), "poison", "what was typed stays");
    quietly(answers, 5, "five");
    quietly(answers, 2, "short now");
    assert.ok(await settle(answers));
    assert.deepEqual(server.saved, { 1: "one", 2: "short now", 3: "three", 4: "four", 5: "five" });
    assert.equal(storage.size, 0, "nothing is left on the device");
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
    assert.deepEqual(server.saved, { 2: "two" });
    assert.equal(answers.record(1).code, "unsendable");
    quietly(answers, 1, "short now");
    assert.ok(await settle(answers));
    assert.deepEqual(server.saved, { 1: "short now", 2: "two" });
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
  assert.deepEqual(server.saved, { 2: "two" });
  assert.equal(answers.record(1).state, "waiting");
  server.before = () => undefined;
  assert.ok(await settle(answers));
  assert.deepEqual(server.saved, { 1: "unlucky", 2: "two" });
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
  assert.equal(Object.keys(server.saved).length, 60);
  assert.equal(answers.banners.at(-1), "online");
});

for (const [name, instead] of [
  ["a page", () => reply(200)],
  ["JSON of something else", () => reply(200, { welcome: true })],
  ["a text", () => reply(200, "welcome")],
]) {
  test(`a network that answers with ${name} in the server's place refuses nothing`, async () => {
    const server = new Imitation();
    const answers = begin();
    server.before = server.instead = instead;
    quietly(answers, 1, "one");
    quietly(answers, 2, "two");
    assert.equal(await settle(answers, 6), false);
    assert.deepEqual(states(answers), { 1: "waiting", 2: "waiting" });
    assert.equal(answers.banners.at(-1), "offline");
    server.before = () => undefined;
    server.instead = undefined;
    assert.ok(await settle(answers));
    assert.deepEqual(server.saved, { 1: "one", 2: "two" });
  });
}

test("a list of saved answers that is none is no answer of the server", async () => {
  for (const body of [{}, { answers: "none" }, "none", null]) {
    globalThis.fetch = async () => reply(200, body);
    await assert.rejects(savedAnswers("/api"), { name: "Error", status: 0 });
  }
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
  assert.deepEqual(server.saved, { 1: "one" });
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
  assert.deepEqual(server.saved, { 1: "short" });
  assert.equal(answers.record(2).code, "too_many_versions");
  assert.ok(!answers.banners.includes("busy"), "nobody is told that the server is busy");
  const requestsBefore = server.requests.length;
  assert.ok(await settle(answers));
  assert.equal(server.requests.length, requestsBefore, "it is not sent over and over");
  server.before = () => undefined;
  answers.again();
  clearTimeout(answers.timer);
  assert.ok(await settle(answers));
  assert.deepEqual(server.saved, { 1: "short", 2: "longer than there is room for" });
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
  assert.deepEqual(server.saved, { 1: "third" });
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
  assert.deepEqual(server.saved, { 1: "theirs" });
  answers.resolve(1, true);
  assert.ok(await settle(answers));
  assert.deepEqual(server.saved, { 1: "mine, longer" });
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
  assert.deepEqual(server.saved, { 1: "good" });
});

test("what one visit left is sent by the next, and what was refused is judged again", async () => {
  const server = new Imitation();
  server.judge = ({ slot }) => (slot === 2 ? "response_too_long" : undefined);
  const first = begin();
  quietly(first, 1, "one");
  quietly(first, 2, "two");
  assert.equal(storage.size, 2);
  const second = begin();
  second.load([]);
  assert.ok(await settle(second));
  assert.deepEqual(server.saved, { 1: "one" });
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
  storage.clear();
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
