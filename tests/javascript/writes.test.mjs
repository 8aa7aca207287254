// What an answer is, how writes are put together, and what the answer to a request means for them.

import { test } from "node:test";
import assert from "node:assert/strict";
import { candidate } from "./support.mjs";

const writes = await candidate("writes");
const { batch, bytesOf, cellOf, cellsOf, chosenOf, fits, isBlank, meaning, optionOf, patience } = writes;
const { refusalCode, retryAfter, same, wellFormed } = writes;

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

test("a key of a question may be any word, also that of a property which every object has", () => {
  const keys = ["constructor", "__proto__", "toString", "r1"];
  const cells = keys.map((key) => ({ row: key, column: key, value: `in ${key}` }));
  const answer = JSON.parse(JSON.stringify(cellsOf(cells)));
  for (const key of keys) assert.equal(cellOf(answer, key, key), `in ${key}`);
  assert.equal(Object.keys(answer).length, keys.length);
  for (const key of keys) {
    assert.equal(cellOf({}, key, key), "", "what nobody entered is empty");
    assert.equal(cellOf({ other: {} }, "other", key), "");
    assert.equal(optionOf({}, key), "");
  }
  const matched = JSON.parse('{"__proto__": "x", "constructor": "y"}');
  assert.deepEqual([optionOf(matched, "__proto__"), optionOf(matched, "constructor")], ["x", "y"]);
  assert.ok(same(wellFormed(matched), matched) && !same(matched, { constructor: "y" }) && !same(answer, {}));
});

test("a table has only the cells in which something stands", () => {
  const cells = [
    { row: "r1", column: "c1", value: " 1 " },
    { row: "r1", column: "c2", value: "2" },
    { row: "r2", column: "c1", value: "  " },
  ];
  assert.deepEqual(cellsOf(cells), { r1: { c1: " 1 ", c2: "2" } });
  assert.deepEqual(cellsOf([]), {});
});

test("an answer of another kind than its question's is none", () => {
  for (const other of [undefined, null, "text", { item: "option" }, { row: { column: "1" } }]) {
    assert.deepEqual(chosenOf(other), []);
  }
  for (const other of [undefined, null, "text", ["a"], { item: { column: "1" } }])
    assert.equal(optionOf(other, "item"), "");
  for (const other of [undefined, null, "text", ["a"], { row: "option" }]) assert.equal(cellOf(other, "row", "0"), "");
});
