// What is said of how the server understood an answer.

import { test } from "node:test";
import assert from "node:assert/strict";
import { candidate } from "./support.mjs";

const WORDS = {
  read_as: "Read as {number}",
  not_a_number: "No number, for example {example}",
  ambiguous_number: "Two ways",
  choose_more: { one: "Choose one more", other: "Choose {n} more" },
  match_more: { one: "Match one more", other: "Match {n} more" },
  not_complete: "Not complete yet",
};
globalThis.HTMLElement = class {};
if (!("navigator" in globalThis)) globalThis.navigator = { languages: [] };
globalThis.document = {
  documentElement: { lang: "en" },
  body: { dataset: { words: JSON.stringify(WORDS) } },
  getElementById: () => null,
};
const { needsAttention, sentenceOf, understoodOf } = await candidate("understanding");

/** A question as far as its numbers and its fewest choices matter. */
const question = (dataset) => ({ dataset, querySelectorAll: () => [] });
const numeric = question({ mode: "text", mark: "," });
const recordOf = (saved, understood) => ({ saved, understood });

test("a number is echoed as it was read, with the decimal separator of the document", () => {
  const of = (saved, understood) => sentenceOf(numeric, recordOf(saved, understood), saved);
  assert.equal(of("10.000", { valid: true, readAs: "10000" }), "Read as 10000");
  assert.equal(of("12,50", { valid: true, readAs: "12.5" }), "Read as 12,5");
  assert.equal(of("five", { valid: false, reason: "not_a_number" }), "No number, for example 12,5");
  assert.equal(of("10,000", { valid: false, reason: "ambiguous_number" }), "Two ways");
  assert.equal(of("", { valid: true }), "", "nothing is said of nothing");
});

test("nothing is said of a number that the server has not seen", () => {
  const read = { valid: true, readAs: "10" };
  assert.equal(sentenceOf(numeric, { saved: "10", draft: "100", understood: read }, "100"), "");
  assert.equal(sentenceOf(numeric, { saved: "10", sent: { seq: 2 }, understood: read }, "100"), "");
  assert.equal(sentenceOf(numeric, { saved: "10" }, "10"), "", "an older server said nothing");
});

test("choices and matches that are missing are counted at once, before the server has them", () => {
  const choices = question({ mode: "choices", least: "3" });
  const match = question({ mode: "match", least: "3" });
  assert.equal(sentenceOf(choices, { draft: ["a"] }, ["a"]), "Choose 2 more");
  assert.equal(sentenceOf(choices, { draft: ["a", "b"] }, ["a", "b"]), "Choose one more");
  assert.equal(sentenceOf(choices, { draft: ["a", "b", "c"] }, ["a", "b", "c"]), "");
  assert.equal(sentenceOf(choices, { draft: [] }, []), "", "an empty answer is blank");
  assert.equal(sentenceOf(match, { draft: { i: "o" } }, { i: "o" }), "Match 2 more");
  assert.equal(sentenceOf(match, { draft: {} }, { i: "o", j: "p" }), "Match one more");
  assert.equal(sentenceOf(question({ mode: "choices" }), { draft: ["a"] }, ["a"]), "");
});

test("a question on another page is named with what the server said", () => {
  const few = recordOf(["a"], { valid: false, reason: "too_few_selections" });
  assert.equal(sentenceOf(null, few, ["a"]), "Not complete yet");
  const word = recordOf("five", { valid: false, reason: "not_a_number" });
  assert.equal(sentenceOf(null, word, "five"), "No number, for example 12.5");
});

test("of a table the cells are told that are no numbers or were read otherwise than they look, the worst first", () => {
  const cells = [
    { row: "r", column: "a", valid: true, readAs: "5" },
    { row: "r", column: "b", valid: true, readAs: "1000" },
    { row: "r", column: "c", valid: false, reason: "not_a_number" },
  ];
  const saved = { r: { a: "5", b: "1.000", c: "1 m" } };
  const record = recordOf(saved, { valid: true, cells });
  assert.equal(sentenceOf(numeric, record, saved), "No number, for example 12,5 · Read as 1000");
  assert.equal(needsAttention(record), true);
  const many = Array.from({ length: 50 }, () => ({ row: "r", column: "c", valid: false, reason: "ambiguous_number" }));
  assert.equal(sentenceOf(numeric, recordOf(saved, { valid: true, cells: many }), saved).split(" · ").length, 5);
});

test("an answer needs attention while it is kept and cannot count", () => {
  assert.equal(needsAttention(undefined), false);
  assert.equal(needsAttention(recordOf("five", { valid: false })), true);
  assert.equal(needsAttention(recordOf("", { valid: false })), false);
  assert.equal(needsAttention(recordOf("5", { valid: true })), false);
  assert.equal(needsAttention(recordOf("5", undefined)), false);
  assert.deepEqual(understoodOf({ valid: true, seq: 5, response: "x" }), {
    valid: true,
    reason: undefined,
    readAs: undefined,
    cells: undefined,
  });
});
