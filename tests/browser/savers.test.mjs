// A hall full of candidates: many save over HTTP what a browser would, some sit in real browsers, and the server is
// killed twice as when the power goes. Nothing that was acknowledged may be missing, and nothing that was typed.
//
// ASSAY_SAVERS and ASSAY_SITTERS set how many of each.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import http from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { Server, Watched, goOn, savedAnswers, ready, text } from "./support.mjs";

const SAVERS = Number(process.env.ASSAY_SAVERS ?? 1000);
const SITTERS = Number(process.env.ASSAY_SITTERS ?? 20);
/** How often each saver saves, and how long it is until all have. */
const SAVES = 6;
const LENGTH = 24_000;
/** Between two things a real candidate types. */
const BREATH = 700;
const QUESTIONS = 4;
/** Pages that are opened at the same time. */
const DOORS = 4;

let server;
let watched;
before(async () => {
  server = await Server.start();
  watched = await Watched.open();
});
after(async () => {
  await watched?.close();
  await server?.end();
});

const line = new http.Agent({ keepAlive: true, maxSockets: 64 });

/** One request; fails when there is no whole answer. */
function send(method, path, token, body) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
    ...(text ? { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) } : {}),
  };
  return new Promise((resolve, reject) => {
    const request = http.request(server.url + path, { method, agent: line, headers, timeout: 20_000 }, (response) => {
      let answer = "";
      response.setEncoding("utf8");
      response.on("data", (piece) => (answer += piece));
      response.on("error", reject);
      response.on("end", () =>
        response.complete
          ? resolve({ status: response.statusCode, body: answer ? JSON.parse(answer) : undefined })
          : reject(new Error("cut off")),
      );
    });
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.on("error", reject);
    request.end(text);
  });
}

/** Sends the same again until it is answered, as a page does. */
async function insist(method, path, token, body) {
  for (let tries = 0; ; tries += 1) {
    const { status, body: answer } = await send(method, path, token, body).catch(() => ({ status: 0 }));
    if (status === 200) return { answer, tries };
    assert.ok(
      status === 0 || status === 429 || status >= 500,
      `${method} ${path}: ${status} ${JSON.stringify(answer)}`,
    );
    assert.ok(tries < 120, `${method} ${path}: never answered`);
    await pause(500);
  }
}

/** What the page of a candidate asks for, without the page; knows what was acknowledged. */
class Saver {
  constructor(code) {
    Object.assign(this, { code, acknowledged: new Map(), repeats: 0, longest: 0 });
  }

  async enter() {
    const base = "/api/delivery/v1";
    this.token = (await insist("POST", `${base}/enter`, undefined, { invitationCode: this.code })).answer.token;
    const { steps } = (await insist("GET", `${base}/steps`, this.token)).answer;
    const start = await insist("POST", `${base}/steps/${steps[0].stepId}/start`, this.token, { clientToken: "savers" });
    this.instance = `${base}/instances/${start.answer.instanceId}`;
    await insist("POST", `${this.instance}/page`, this.token, { page: 1 });
  }

  async save(round, at) {
    await pause(at - performance.now());
    const [slot, seq] = [1 + (round % QUESTIONS), 1 + Math.floor(round / QUESTIONS)];
    const response = `answer ${round} of ${this.code}`;
    const began = performance.now();
    const { answer, tries } = await insist("POST", `${this.instance}/answers`, this.token, {
      writes: [{ slot, seq, response }],
    });
    const [acknowledgement] = answer.acknowledgements;
    assert.ok(
      acknowledgement.outcome === "kept" || acknowledgement.outcome === "repeated",
      JSON.stringify(acknowledgement),
    );
    this.acknowledged.set(slot, { seq, response });
    this.repeats += tries;
    if (tries === 0) this.longest = Math.max(this.longest, performance.now() - began);
  }

  async work(begin) {
    const offset = Math.random() * (LENGTH / SAVES);
    for (let round = 0; round < SAVES; round += 1) await this.save(round, begin + offset + (round * LENGTH) / SAVES);
  }

  async verify() {
    const { answers } = (await insist("GET", `${this.instance}/answers`, this.token)).answer;
    const there = Object.fromEntries(answers.map(({ slot, seq, response }) => [slot, { seq, response }]));
    assert.deepEqual(there, Object.fromEntries(this.acknowledged), "exactly what was acknowledged");
  }
}

/** A candidate in a real browser, who types one thing after the other. */
class Sitter {
  constructor(number, code) {
    Object.assign(this, { number, code, typed: {}, round: 0, isThrough: false });
  }

  async enter() {
    this.device = await watched.device(server, { viewport: { width: 800, height: 600 } });
    this.page = await this.device.newPage();
    await this.page.goto(`${server.url}/enter/${this.code}`);
    await this.page.getByRole("link", { name: /^Open/ }).click();
    await this.page.getByRole("button", { name: "Start the test" }).click();
    await ready(this.page);
    await goOn(this.page);
    this.api = server.url + (await this.page.evaluate(() => document.body.dataset.api));
  }

  async work() {
    while (!this.isThrough) {
      const slot = 1 + (this.round % QUESTIONS);
      this.round += 1;
      this.typed[slot] = `${this.round}: candidate ${this.number} goes on`;
      await text(this.page, slot).fill(this.typed[slot]);
      await pause(BREATH);
    }
  }

  /** What the page calls saved at this moment: slot to number. */
  async calledSaved() {
    const shown = await this.page.evaluate(() =>
      [...document.querySelectorAll("[data-question]")].map((question) => [
        question.dataset.question,
        question.querySelector("[data-status]").dataset.state,
        question.querySelector("textarea").value,
      ]),
    );
    return Object.fromEntries(
      shown.filter(([, state]) => state === "saved").map(([slot, , value]) => [slot, parseInt(value, 10)]),
    );
  }

  /** Asks the server, not the page, whether it has that or something later. */
  async demand(before) {
    const { answers } = await (await this.device.request.get(`${this.api}/answers`)).json();
    const there = Object.fromEntries(answers.map(({ slot, response }) => [slot, parseInt(response, 10)]));
    for (const [slot, number] of Object.entries(before)) {
      assert.ok(
        there[slot] >= number,
        `candidate ${this.number}, question ${slot}: ${number} was called saved, ${there[slot]} is there`,
      );
    }
    return Object.keys(before).length;
  }

  async verify() {
    await this.page.locator('#saved[data-state="saved"]').waitFor();
    const shown = await this.page.evaluate(() =>
      Object.fromEntries(
        [...document.querySelectorAll("[data-question]")].map((question) => [
          question.dataset.question,
          question.querySelector("textarea").value,
        ]),
      ),
    );
    assert.deepEqual(shown, this.typed, "nothing typed has gone from the page");
    assert.deepEqual(await savedAnswers(this.page), this.typed, "and the server has all of it");
  }
}

async function invited(task, count, name) {
  const people = Array.from({ length: count }, (_, number) => ({
    kind: "temporary-candidate",
    fullname: `${name} ${number + 1}`,
  }));
  const { candidates } = await server.api(`/api/management/v1/tasks/${task}/candidates/bulk`, { candidates: people });
  return candidates.map((candidate) => candidate.invitationCode);
}

/** Runs a job for each, so many at a time. */
async function each(all, abreast, job) {
  const queue = [...all];
  await Promise.all(
    Array.from({ length: abreast }, async () => {
      for (let one = queue.shift(); one; one = queue.shift()) await job(one);
    }),
  );
}

/** Cuts the power and restores it; nothing that was acknowledged until then may be missing. */
async function cut(sitters) {
  const before = await Promise.all(sitters.map((sitter) => sitter.calledSaved()));
  await server.kill();
  await pause(1000);
  await server.run();
  const checked = await Promise.all(sitters.map((sitter, index) => sitter.demand(before[index])));
  return checked.reduce((sum, count) => sum + count, 0);
}

test(`${SAVERS} savers and ${SITTERS} browsers lose nothing when the server is killed twice`, async (t) => {
  const question = (key) => ({ key, kind: "input", type: "area", text: `Text ${key}.` });
  const pages = [{ key: "p", questions: Array.from({ length: QUESTIONS }, (_, index) => question(`q${index}`)) }];
  const task = await server.task({
    assay: 1,
    key: "hall",
    title: "Hall",
    sections: [{ key: "s", title: "Only", pages }],
  });
  const savers = (await invited(task, SAVERS, "Saver")).map((code) => new Saver(code));
  const sitters = (await invited(task, SITTERS, "Sitter")).map((code, number) => new Sitter(number + 1, code));

  const opened = performance.now();
  await Promise.all([each(savers, 48, (saver) => saver.enter()), each(sitters, DOORS, (sitter) => sitter.enter())]);
  t.diagnostic(`all are seated after ${Math.round((performance.now() - opened) / 1000)} s`);

  const begin = performance.now();
  const typing = sitters.map((sitter) => sitter.work());
  const saving = savers.map((saver) => saver.work(begin));
  let demanded = 0;
  for (const moment of [LENGTH / 3, (2 * LENGTH) / 3]) {
    await pause(begin + moment - performance.now());
    demanded += await cut(sitters);
  }
  await Promise.all(saving);
  for (const sitter of sitters) sitter.isThrough = true;
  await Promise.all(typing);
  const took = (performance.now() - begin) / 1000;
  await Promise.all(sitters.map((sitter) => sitter.verify()));
  await each(savers, 48, (saver) => saver.verify());

  const sum = (of) => savers.reduce((total, saver) => total + of(saver), 0);
  const longest = Math.max(...savers.map((saver) => saver.longest));
  t.diagnostic(
    `${SAVERS * SAVES} saves in ${took.toFixed(1)} s, ${sum((saver) => saver.repeats)} sent again, the slowest that was answered at once after ${Math.round(longest)} ms`,
  );
  t.diagnostic(
    `${sitters.reduce((total, sitter) => total + sitter.round, 0)} entries typed in ${SITTERS} browsers; ${demanded} called saved before a kill, all there`,
  );
  assert.ok(demanded > 0 && sum((saver) => saver.repeats) > 0, "the server was killed amid saving");
});

test("nothing went wrong on any page", () => watched.demandNoFaults());
