// Where the parts of a test stand, how they are called, and what becomes of them when they are moved, copied and removed.

import { beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import { editor } from "./support.mjs";

const { bodyOf, entryAt, holderOf, kindAt, nameOf, newKey, referencesOf } = await editor("entries");
const { addEntry, copyOf, duplicateEntry, moveEntry, moveInList, removeEntry } = await editor("entry_changes");

let document;
beforeEach(() => {
  document = {
    title: "Stock",
    sections: [
      {
        key: "one",
        title: "One",
        pages: [
          {
            key: "first",
            questions: [
              { key: "weight", kind: "multiplechoice", text: "Which?", choices: [{ key: "a" }, { key: "b" }] },
              { key: "Q1", ref: { questionId: "Q1" } },
              {
                pool: { key: "small", draw: 1, questions: [{ key: "milk", kind: "input", type: "field", rules: [] }] },
              },
            ],
          },
          { pool: { key: "large", draw: 1, bank: { folder: "F" } } },
        ],
      },
      { key: "two", title: "", pages: [] },
    ],
  };
});

const keys = (list) => list.map((entry) => entry.key ?? entry.pool.key);

for (const [place, holder] of [
  ["", ""],
  ["/title", ""],
  ["/levels/0/from", ""],
  ["/sections", ""],
  ["/sections/0/title", "/sections/0"],
  ["/sections/0/pages", "/sections/0"],
  ["/sections/0/pages/0/questions/0/choices/1/percentage", "/sections/0/pages/0/questions/0"],
  ["/sections/0/pages/0/questions/1/ref/questionId", "/sections/0/pages/0/questions/1"],
  ["/sections/0/pages/0/questions/2/pool/draw", "/sections/0/pages/0/questions/2"],
  ["/sections/0/pages/0/questions/2/pool/questions/0/rules/0", "/sections/0/pages/0/questions/2/pool/questions/0"],
  ["/sections/0/pages/1/pool/bank/folder", "/sections/0/pages/1"],
  ["/sections/0/pages/9/questions/4/text", "/sections/0"],
  ["/sections/7/pages/0", ""],
]) {
  test(`the sheet that has ${place || "the test"} is that of ${holder || "the settings"}`, () => {
    assert.equal(holderOf(document, place), holder);
  });
}

test("what an entry is, and where its fields stand", () => {
  const questions = "/sections/0/pages/0/questions";
  const kinds = [
    "/sections/0",
    "/sections/0/pages/0",
    "/sections/0/pages/1",
    ...[0, 1, 2].map((n) => `${questions}/${n}`),
  ];
  assert.deepEqual(
    kinds.map((pointer) => kindAt(pointer, entryAt(document, pointer))),
    ["section", "page", "pool", "question", "reference", "pool"],
  );
  assert.equal(bodyOf(document, `${questions}/2`), `${questions}/2/pool`);
  assert.equal(bodyOf(document, `${questions}/0`), `${questions}/0`);
  assert.equal(bodyOf(document, "/nowhere/0"), "/nowhere/0");
});

test("names are short, end with a whole word, and are there without any words", () => {
  const name = (entry, textOf = () => undefined) => nameOf(entry, textOf);
  const long = "What is the least number of boxes that hold all of the apples of the shop?";
  assert.equal(name({ kind: "input", text: long }), "What is the least number of boxes that hold all of the …");
  assert.equal(name({ kind: "input", text: "x".repeat(80) }), `${"x".repeat(60)} …`);
  assert.equal(name({ kind: "input", text: "**A**\n# `b`", key: "k" }).replace(/\s+/g, " "), "A b");
  assert.equal(name({ kind: "input", text: " ", key: "k" }), "k");
  assert.equal(name({ key: "page-1" }), "page-1");
  assert.equal(name({}), undefined);
  assert.equal(name({ pool: {} }), "Pool ");
  assert.equal(name({ ref: { questionId: "Q1" } }), "Bank: Q1");
  assert.equal(name({ ref: { questionId: "Q1" }, key: "q" }), "Bank: q");
  assert.equal(
    name({ ref: { questionId: "Q1" } }, () => "Words"),
    "Bank: Words",
  );
  assert.equal(name({ ref: { questionId: "" } }), "Bank: not chosen yet");
});

test("a new key is like none of the whole test, inner parts too", () => {
  assert.equal(newKey(document, "page"), "page-1");
  document.sections[1].pages.push({ key: "page-1" }, { key: "page-2" });
  assert.equal(newKey(document, "page"), "page-3");
  document.sections[0].pages[0].questions[0].choices.push({ key: "q-1" });
  assert.equal(newKey(document, "q"), "q1");
  assert.equal(newKey({}, "section"), "section-1");
});

test("every question of the bank that is named is found, also in pools", () => {
  document.sections[0].pages[0].questions[2].pool.questions.push(
    { ref: { questionId: "Q2" } },
    { ref: { questionId: "" } },
  );
  assert.deepEqual(referencesOf(document), ["Q1", "Q2"]);
  assert.deepEqual(referencesOf({}), []);
});

test("an entry is added at the end of a list, which is made if there is none", () => {
  assert.equal(addEntry(document, "/sections/0/pages", { key: "second" }), "/sections/0/pages/2");
  const section = { sections: [{ key: "s" }] };
  assert.equal(addEntry(section, "/sections/0/pages", { key: "p" }), "/sections/0/pages/0");
  assert.deepEqual(section.sections[0].pages, [{ key: "p" }]);
  assert.equal(addEntry({}, "/sections", { key: "s" }), "/sections/0");
});

test("an entry is moved within its list, and one goes on at its new place", () => {
  const questions = "/sections/0/pages/0/questions";
  assert.equal(moveEntry(document, `${questions}/0`, 1), `${questions}/1`);
  assert.deepEqual(keys(document.sections[0].pages[0].questions), ["Q1", "weight", "small"]);
  assert.equal(moveEntry(document, `${questions}/2`, -1), `${questions}/1`);
  assert.deepEqual(keys(document.sections[0].pages[0].questions), ["Q1", "small", "weight"]);
});

test("moving and moving back leaves any list as it was", () => {
  for (let length = 2; length < 6; length += 1) {
    for (let index = 0; index + 1 < length; index += 1) {
      const list = Array.from({ length }, (_, number) => number);
      moveInList(list, index, 1);
      assert.equal(list[index + 1], index);
      moveInList(list, index + 1, -1);
      assert.deepEqual(
        list,
        Array.from({ length }, (_, number) => number),
      );
    }
  }
});

test("after removing one goes on at the next entry, else the last, else at what the list is in", () => {
  const questions = "/sections/0/pages/0/questions";
  assert.equal(removeEntry(document, `${questions}/0`), `${questions}/0`);
  assert.equal(removeEntry(document, `${questions}/1`), `${questions}/0`);
  assert.equal(removeEntry(document, `${questions}/0`), "/sections/0/pages/0");
  assert.deepEqual(document.sections[0].pages[0].questions, []);
  removeEntry(document, "/sections/1");
  assert.equal(removeEntry(document, "/sections/0"), "");
});

test("a copy has keys of its own and no uuid, and leaves what it was made of alone", () => {
  const before = structuredClone(document);
  document.sections[0].uuid = "u1";
  document.sections[0].pages[0].uuid = "u2";
  const copy = copyOf(document, document.sections[0]);
  assert.equal(JSON.stringify(copy).includes("uuid"), false);
  const [page, pool] = copy.pages;
  assert.deepEqual([copy.key, page.key, pool.pool.key], ["one-1", "first-1", "large-1"]);
  assert.deepEqual(keys(page.questions), ["weight-1", "Q1", "small-1"]);
  assert.deepEqual(page.questions[2].pool.questions[0].key, "milk-1");
  assert.deepEqual(keys(page.questions[0].choices), ["a", "b"], "choices need only differ from each other");
  delete document.sections[0].uuid;
  delete document.sections[0].pages[0].uuid;
  assert.deepEqual(document, before);
});

test("a copy of what has a uuid and no key gets one", () => {
  assert.equal(copyOf(document, { uuid: "u", text: "A page" }).key, "k1");
});

test("a duplicate stands behind its original", () => {
  const questions = "/sections/0/pages/0/questions";
  assert.equal(duplicateEntry(document, `${questions}/0`), `${questions}/1`);
  assert.deepEqual(keys(document.sections[0].pages[0].questions), ["weight", "weight-1", "Q1", "small"]);
  assert.equal(duplicateEntry(document, `${questions}/1`), `${questions}/2`);
  assert.deepEqual(keys(document.sections[0].pages[0].questions), ["weight", "weight-1", "weight-2", "Q1", "small"]);
});
