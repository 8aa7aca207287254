// Sending one file until the server has it or will not have it. Time is the tests' own.

import { beforeEach, mock, test } from "node:test";
import assert from "node:assert/strict";
import { candidate, requestStub, settled } from "./support.mjs";

const { retryNow, send } = await candidate("send");
const file = new Blob(["content"], { type: "text/plain" });

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

/** Answers one after the other; the last one for ever. */
const inTurn =
  (...answers) =>
  () =>
    answers.length > 1 ? answers.shift() : answers[0];

/** Waits for as long as `outcome` does, at most so many seconds of the tests' time. */
async function after(seconds, outcome) {
  let result = "nothing yet";
  outcome.then((value) => (result = value));
  for (let second = 0; second <= seconds; second += 1) {
    await settled();
    if (result !== "nothing yet") return result;
    mock.timers.tick(1000);
  }
  return result;
}

test("a file that is taken is sent once, with its type", async () => {
  const requests = requestStub(() => ({ status: 200, body: { id: "f1", bytes: 7 } }));
  assert.deepEqual(await after(0, send("/to", file)), { stored: { id: "f1" } });
  assert.equal(requests.length, 1);
  assert.equal(requests[0].headers["Content-Type"], "text/plain");
});

test("a file that was not taken is not sent again, and the reason is given", async () => {
  const requests = requestStub(() => ({ status: 413, body: { code: "body_too_large" } }));
  assert.deepEqual(await after(0, send("/to", file)), { code: "body_too_large", status: 413 });
  assert.equal(requests.length, 1);
});

for (const [name, failed] of [
  ["no answer", { status: 0 }],
  ["an error of the server", { status: 500, body: { code: "internal_error" } }],
  ["a proxy without a server", { status: 502 }],
  ["the page of a network that wants a log-in", { status: 200 }],
  ["a success of something else", { status: 200, body: { welcome: true } }],
  ["a success without anything", { status: 204 }],
]) {
  test(`after ${name} a file is sent again until it is there, and its sender is told of waiting`, async () => {
    const requests = requestStub(inTurn(failed, failed, { status: 200, body: { id: "f1" } }));
    const progress = [];
    const outcome = send("/to", file, (share, seconds) => progress.push([share, seconds]));
    assert.deepEqual(await after(10, outcome), { stored: { id: "f1" } });
    assert.equal(requests.length, 3);
    assert.deepEqual(progress, [
      [-1, 1],
      [-1, 2],
    ]);
  });
}

test("a server that asks to wait is left alone for so long, also when the connection is back", async () => {
  const requests = requestStub(
    inTurn({ status: 429, body: { code: "rate_limited" }, retryAfter: "30" }, { status: 200, body: { id: "f1" } }),
  );
  const outcome = send("/to", file);
  assert.equal(await after(20, outcome), "nothing yet");
  retryNow();
  assert.equal(await after(5, outcome), "nothing yet");
  assert.equal(requests.length, 1);
  assert.deepEqual(await after(10, outcome), { stored: { id: "f1" } });
});

test("whoever waits for the connection tries at once when it is back", async () => {
  const requests = requestStub(inTurn({ status: 0 }, { status: 200, body: { id: "f1" } }));
  const outcome = send("/to", file);
  await settled();
  assert.equal(requests.length, 1);
  retryNow();
  await settled();
  assert.equal(requests.length, 2);
  assert.deepEqual(await outcome, { stored: { id: "f1" } });
});

test("an ended log-in ends an impatient sending, and a patient one waits for the next", async () => {
  const ended = { status: 401, body: { code: "unauthenticated" } };
  requestStub(() => ended);
  assert.deepEqual(await after(0, send("/to", file)), { code: "unauthenticated", status: 401 });
  requestStub(inTurn(ended, { status: 200, body: { id: "f1" } }));
  let sessions = 0;
  const outcome = send("/to", file, undefined, { isPatient: true, session: () => (sessions += 1) });
  assert.deepEqual(await after(3, outcome), { stored: { id: "f1" } });
  assert.equal(sessions, 1);
});

test("a sending that is ended gives nothing, whether it is under way or waits", async () => {
  for (const answer of [() => new Promise(() => {}), () => ({ status: 0 })]) {
    const requests = requestStub(answer);
    const aborter = new AbortController();
    const outcome = send("/to", file, undefined, { signal: aborter.signal });
    await settled();
    aborter.abort();
    assert.equal(await after(1, outcome), undefined);
    assert.equal(requests.length, 1);
  }
});

test("a transfer that stands still for a minute is begun anew", async () => {
  let tries = 0;
  requestStub(() => ((tries += 1) === 1 ? new Promise(() => {}) : { status: 200, body: { id: "f1" } }));
  assert.deepEqual(await after(70, send("/to", file)), { stored: { id: "f1" } });
  assert.equal(tries, 2);
});
