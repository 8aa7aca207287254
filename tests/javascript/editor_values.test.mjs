// Keys, pointers, and what is meant by what an author types.

import { test } from "node:test";
import assert from "node:assert/strict";
import { editor } from "./support.mjs";

const { freeKey, keyOfText } = await editor("keys");
const { escapeStep, idOf, parentOf, placeInList, pointerOfId, stepsOf, valueAt } = await editor("pointer");
const { acceptedOf, figureOf, pathOf, pathText, rulesOf, shareOf, tagsOf, tagsText } = await editor("typed_values");
const { linesOnlyIn } = await editor("conflict");

for (const [keys, wanted, made] of [
  [[], "page", "page"],
  [["page"], "page", "page-1"],
  [["page", "page-1", "page-2"], "page-1", "page-3"],
  [["page-2"], "page-2", "page-1"],
  [[], "c", "c1"],
  [["c1", "c2"], "c", "c3"],
  [["a"], "a", "a1"],
  [[undefined], "", "k1"],
  [["12"], "12", "k1"],
]) {
  test(`where there is ${JSON.stringify(keys)}, ${JSON.stringify(wanted)} becomes ${made}`, () => {
    assert.equal(
      freeKey(
        keys.map((key) => ({ key })),
        wanted,
      ),
      made,
    );
  });
}

for (const [text, key] of [
  ["What is the capital of Türkiye?", "what-is-the-capital-of-turkiye"],
  ["", "question"],
  ["???", "question"],
  ["日本", "question"],
  ["  **A** / b  ", "a-b"],
  ["a".repeat(39) + " b", "a".repeat(39)],
]) {
  test(`the key of ${JSON.stringify(text)} is ${key}`, () => assert.equal(keyOfText(text), key));
}

test("a pointer names any member, whatever its name has", () => {
  const names = ["a/b", "m~n", "~1", "", "0"];
  for (const name of names) {
    const pointer = `/${escapeStep(name)}/x`;
    assert.deepEqual(stepsOf(pointer), [name, "x"]);
    assert.equal(valueAt({ [name]: { x: 7 } }, pointer), 7);
  }
  assert.deepEqual(stepsOf(""), []);
  assert.equal(valueAt("whole", ""), "whole");
});

test("where nothing stands, a pointer finds nothing", () => {
  for (const pointer of ["/a/b", "/a/0/b", "/text/length/x", "/none/b"])
    assert.equal(valueAt({ a: [], text: "text", none: null }, pointer), undefined, pointer);
});

test("a pointer knows what is around it and the id of its control", () => {
  assert.equal(parentOf("/a/0"), "/a");
  assert.equal(parentOf("/a"), "");
  assert.deepEqual(placeInList("/sections/0/pages/12"), { listPointer: "/sections/0/pages", index: 12 });
  assert.equal(pointerOfId(idOf("/a/0")), "/a/0");
  assert.equal(pointerOfId("explain"), undefined);
  assert.equal(pointerOfId(undefined), undefined);
});

for (const [text, figure, wholeFigure] of [
  ["", undefined, undefined],
  ["  ", undefined, undefined],
  ["12", 12, 12],
  [" -7 ", -7, -7],
  ["12.5", 12.5, "12.5"],
  ["0.333333", 0.333333, "0.333333"],
  ["0.3333333", "0.3333333", "0.3333333"],
  ["1234567", "1234567", 1234567],
  ["12345678901", "12345678901", "12345678901"],
  ["plenty", "plenty", "plenty"],
  ["1e3", "1e3", "1e3"],
  ["12,5", "12,5", "12,5"],
  [".5", ".5", ".5"],
]) {
  test(`${JSON.stringify(text)} is a number only if nothing of it is lost`, () => {
    assert.equal(figureOf(text), figure);
    assert.equal(figureOf(text, true), wholeFigure);
  });
}

test("tags and paths are read as they are written", () => {
  assert.deepEqual(tagsOf("level = hard\n\n topic=a=b \nalone"), { level: "hard", topic: "a=b", alone: "" });
  assert.deepEqual(tagsOf(tagsText({ level: "hard", topic: "a=b" })), { level: "hard", topic: "a=b" });
  assert.deepEqual(pathOf("Numeracy / Arithmetic"), ["Numeracy", "Arithmetic"]);
  assert.deepEqual(pathOf("Input/Output"), ["Input/Output"]);
  assert.deepEqual(pathOf("  "), [""]);
  assert.deepEqual(pathOf(pathText(["a", "b"])), ["a", "b"]);
  assert.equal(pathText(undefined), "");
});

test("accepted answers are shown plainly only if the rules say no more than that", () => {
  for (const texts of [[], ["Ankara"], ["Ankara", "ankara city"]]) assert.deepEqual(acceptedOf(rulesOf(texts)), texts);
  assert.deepEqual(acceptedOf([{ rule: "equal", value: "", percentage: 100 }]), []);
  assert.deepEqual(acceptedOf([{ rule: "equal", value: "a", percentage: "100" }]), ["a"]);
  assert.equal(acceptedOf([{ rule: "equal", value: "a", percentage: 50 }]), undefined);
  assert.equal(acceptedOf([{ rule: "equal", value: "a" }]), undefined);
  assert.equal(acceptedOf([{ rule: "matches", pattern: "a", percentage: 100 }]), undefined);
  assert.equal(acceptedOf([...rulesOf(["a"]), ...rulesOf(["b"])]), undefined);
});

test("even shares are decimals a document may have, and together reach the whole", () => {
  for (let count = 1; count <= 200; count += 1) {
    const share = shareOf(Array.from({ length: count }));
    assert.match(String(share), /^\d+(\.\d{1,4})?$/);
    assert.ok(Math.round(share * 10_000) * count >= 1_000_000, String(count));
  }
  assert.equal(shareOf([]), 100);
  assert.equal(shareOf(undefined), 100);
});

test("of two versions the lines that only one has are shown, and not without end", () => {
  assert.equal(linesOnlyIn(["a", "b", "c"], ["a", "c"]), "b");
  assert.equal(linesOnlyIn(["a"], ["a", "b"]), "nothing");
  const many = Array.from({ length: 500 }, (_, number) => `line ${number}`);
  assert.equal(linesOnlyIn(many, []).split("\n").length, 200);
});
