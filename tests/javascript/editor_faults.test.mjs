// Which sentence stands at which control, and how many faults a part is said to have.

import { test } from "node:test";
import assert from "node:assert/strict";
import { editor } from "./support.mjs";

const { Faults } = await editor("faults");
const { holderOf } = await editor("entries");

const page = "/sections/0/pages/0";
const document = {
  sections: [{ pages: [{ questions: [{ kind: "input", rules: [] }, { kind: "match" }] }] }],
};
const fault = (pointer, code = "required", message = code, detail = null) => ({ pointer, code, message, detail });
const faults = new Faults([
  fault(`${page}/questions/0/points`, "out_of_range", "Too many", "at most 1000"),
  fault(`${page}/questions/0/points`, "later", "Not shown"),
  fault(`${page}/questions/0/rules/3/value`, "too_long", "Too long"),
  fault(`${page}/questions/0/text`, "warn_blank", "Blank"),
  fault(page, "empty", "Empty"),
  fault("/title", "required", "Missing"),
]);

test("the first fault of a place stands there, with its detail", () => {
  assert.equal(faults.at(`${page}/questions/0/points`), "Too many: at most 1000");
  assert.equal(faults.at("/title"), "Missing");
  assert.equal(faults.at("/key"), undefined);
  assert.equal(new Faults().at(""), undefined);
});

test("what is folded opens for a fault below it, but not for that of a neighbour with a like name", () => {
  assert.equal(faults.at(`${page}/questions/0/rules`), undefined);
  assert.equal(faults.at(`${page}/questions/0/rules`, true), "Too long");
  assert.equal(faults.at(`${page}/questions/0/rule`, true), undefined);
  assert.equal(new Faults([fault("/options/10")]).at("/options/1", true), undefined);
});

test("faults of a reference itself are none of what the test changes of it", () => {
  const place = `${page}/questions/1`;
  assert.equal(new Faults([fault(`${place}/ref/questionId`)]).isBelow(place, `${place}/ref`), false);
  assert.equal(new Faults([fault(`${place}/points`)]).isBelow(place, `${place}/ref`), true);
  assert.equal(new Faults([fault(place)]).isBelow(place, `${place}/ref`), false);
});

test("a part counts its own faults, not those of parts below it, and no advice", () => {
  const count = (holder) => faults.countIn(holder, (pointer) => holderOf(document, pointer));
  assert.equal(count(`${page}/questions/0`), 3);
  assert.equal(count(page), 1);
  assert.equal(count("/sections/0"), 0);
  assert.equal(count(""), 1);
});
