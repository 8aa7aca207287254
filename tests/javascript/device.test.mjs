// What a device keeps, and that one which keeps nothing is not an error.

import { afterEach, beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import { candidate, localStorageStub } from "./support.mjs";

const { device, token } = await candidate("device");

let storage;
beforeEach(() => {
  storage = localStorageStub();
  device.works = true;
});
afterEach(() => localStorageStub());

test("what is kept is there by its name, and by the beginning of it", () => {
  assert.ok(device.set("a/1", "one") && device.set("a/2", "two") && device.set("b/1", "three"));
  assert.equal(device.get("a/1"), "one");
  assert.deepEqual(device.keys("a/"), ["a/1", "a/2"]);
  device.remove("a/1");
  assert.deepEqual([device.get("a/1"), device.keys("a/")], [null, ["a/2"]]);
  assert.equal(storage.size, 2);
});

test("a text that finds no room is not kept, and the device still works for others", () => {
  assert.equal(device.set("large", "x".repeat(6_000_000)), false);
  assert.ok(device.works && device.set("small", "x"));
});

test("a browser that keeps nothing is said to, and nothing breaks", () => {
  const refuse = () => {
    throw new Error("SecurityError");
  };
  globalThis.localStorage = new Proxy({}, { get: refuse, ownKeys: refuse });
  assert.equal(device.get("a"), null);
  assert.equal(device.works, false);
  assert.equal(device.set("a", "x"), false);
  assert.deepEqual(device.keys(""), []);
  device.remove("a");
  assert.equal(device.works, false);
});

test("tokens are 32 visible letters, and no two are alike", () => {
  const tokens = new Set(Array.from({ length: 1000 }, token));
  assert.equal(tokens.size, 1000);
  for (const one of tokens) assert.match(one, /^[0-9a-f]{32}$/);
});
