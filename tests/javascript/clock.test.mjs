// The clocks of a test, with a time that stands still unless it is moved.

import { test } from "node:test";
import assert from "node:assert/strict";
import { candidate } from "./support.mjs";

const { Countdowns, written } = await candidate("clock");

/** Clocks that write down what they tell, and a time that goes on by so many seconds, a quarter at a time. */
function begin() {
  const heard = [];
  let now = 5_000_000;
  const listener = {
    draw() {},
    remind: (seconds) => heard.push(`remind ${seconds}`),
    late: () => heard.push("late"),
    nearly: () => heard.push("nearly"),
    over: (name) => heard.push(`over ${name}`),
    slept: () => heard.push("slept"),
  };
  const clocks = new Countdowns(listener, () => now);
  const pass = (seconds) => {
    for (let quarter = 0; quarter < seconds * 4; quarter += 1) {
      now += 250;
      clocks.tick();
    }
    return heard.splice(0);
  };
  const sleep = (seconds) => {
    now += seconds * 1000;
    clocks.tick();
    return heard.splice(0);
  };
  return { clocks, pass, sleep };
}

test("a clock is written in minutes, and in hours where there are any", () => {
  const cases = [
    [0, "0:00"],
    [9, "0:09"],
    [61, "1:01"],
    [3599, "59:59"],
    [3600, "1:00:00"],
    [36_061, "10:01:01"],
  ];
  for (const [seconds, text] of cases) assert.equal(written(seconds), text);
});

test("a clock shows the seconds that are left, rounded up, and ends once", () => {
  const { clocks, pass } = begin();
  clocks.set({ testMillis: 2400, sectionMillis: null, pageMillis: undefined });
  assert.deepEqual([clocks.left("test"), clocks.left("section"), clocks.left("page")], [3, undefined, undefined]);
  const heard = pass(5);
  assert.equal(heard.filter((event) => event === "over test").length, 1);
  assert.equal(heard.at(-1), "over test");
  assert.equal(clocks.left("test"), undefined);
});

test("one is told of ten, five and one minute and of ten seconds, each once", () => {
  const { clocks, pass } = begin();
  clocks.set({ testMillis: 700_000 });
  const heard = pass(701).filter((event) => event !== "nearly");
  assert.deepEqual(heard, ["remind 600", "remind 300", "late", "remind 60", "late", "remind 10", "over test"]);
});

test("only what lies ahead is told: who comes back with four minutes left hears of one minute next", () => {
  const { clocks, pass } = begin();
  clocks.set({ testMillis: 240_000 });
  assert.deepEqual(pass(170), []);
  assert.deepEqual(pass(11), ["late", "remind 60"]);
});

test("what the server says again changes nothing of what was told, and more time is told of anew", () => {
  const { clocks, pass } = begin();
  clocks.set({ testMillis: 301_000 });
  assert.deepEqual(pass(2), ["remind 300"]);
  clocks.set({ testMillis: 299_000 });
  assert.deepEqual(pass(2), []);
  clocks.set({ testMillis: 301_000 });
  assert.deepEqual(pass(2), ["remind 300"]);
});

test("a device that has slept says so, and tells of the last word only", () => {
  const { clocks, sleep } = begin();
  clocks.set({ testMillis: 700_000 });
  assert.deepEqual(sleep(650), ["slept", "late", "remind 60"]);
});

test("each clock runs by itself, and one that the server no longer names is gone", () => {
  const { clocks, pass } = begin();
  clocks.set({ testMillis: 100_000, pageMillis: 3000 });
  assert.ok(clocks.isShort(), "the last minute of the page runs");
  assert.equal(pass(4).at(-1), "over page");
  assert.ok(!clocks.isShort());
  clocks.set({ sectionMillis: 30_000 });
  assert.deepEqual([clocks.left("test"), clocks.left("section")], [undefined, 30]);
  assert.ok(clocks.isShort());
});
