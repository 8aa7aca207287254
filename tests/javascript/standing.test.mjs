// How each question stands with the server, and what is told before handing in.

import { test } from "node:test";
import assert from "node:assert/strict";
import { candidate } from "./support.mjs";

const { isLoss, sortOut, standing } = await candidate("standing");

test("how a question stands is what the server has of it", () => {
  const sending = [{ state: "sending" }];
  const cases = [
    [undefined, [], "blank"],
    [{}, [], "blank"],
    [{ saved: "" }, [], "blank"],
    [{ saved: "x" }, [], "answered"],
    [{ saved: "x", understood: { valid: true } }, [], "answered"],
    [{ saved: "five", understood: { valid: false, reason: "not_a_number" } }, [], "attention"],
    [{ saved: ["a"], understood: { valid: false, reason: "too_few_selections" } }, [], "attention"],
    [{ saved: { r: { c: "1 m" } }, understood: { valid: true, cells: [{ valid: false }] } }, [], "attention"],
    [{ saved: { r: { c: "1" } }, understood: { valid: true, cells: [{ valid: true }] } }, [], "answered"],
    [{ saved: "", understood: { valid: false } }, [], "blank"],
    [{ saved: "five", draft: "5", understood: { valid: false } }, [], "way"],
    [{ saved: "x", draft: "y" }, [], "way"],
    [{ sent: { seq: 1, response: "x" } }, [], "way"],
    [{ saved: "x", draft: "", held: false }, [], "way"],
    [{ saved: "x", draft: "y", held: true }, [], "refused"],
    [{ sent: {}, draft: "y", held: true }, [], "way"],
    [{ saved: "x", draft: "y", conflict: {} }, sending, "undecided"],
    [{ saved: ["f"] }, sending, "way"],
    [{ saved: ["f"] }, [{ state: "refused" }], "refused"],
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
    question(1, { saved: "x" }),
    question(2, {}),
    question(3, { draft: "y" }),
    question(4, { draft: "y", held: true }),
    question(5, { draft: "y", conflict: {} }),
    question(6, {}, { isRequired: false }),
    question(7, { saved: "five", understood: { valid: false } }),
  ]);
  assert.deepEqual(lists, {
    answered: [1],
    attention: [7],
    blank: [2, 6],
    way: [3],
    refused: [4],
    undecided: [5],
    required: [2],
    flagged: [1],
  });
  assert.ok(isLoss(lists) && !isLoss(sortOut([question(1, { saved: "x" }), question(2, {})])));
});
