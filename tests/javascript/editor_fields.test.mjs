// What questions and tests consist of in the editor: every kind has a name, a beginning and fields, and no two fields of
// a sheet stand for the same place.

import { test } from "node:test";
import assert from "node:assert/strict";
import { editor } from "./support.mjs";

const { KIND_NAMES, KINDS, entryKind, kindOf, newQuestion } = await editor("question_kinds");
const { questionFields } = await editor("question_fields");
const { changeKind } = await editor("question_sheet");
const { RULES } = await editor("rule_fields");
const { BANK, PAGE, POOL, REFERENCE, SECTION, SETTINGS, SPREAD } = await editor("test_fields");

/** All fields of a sheet as they are drawn, those of folds among those around them. */
const drawn = (fields) => fields.flatMap((field) => (field.control === "fold" ? drawn(field.fields) : [field]));

/** Every field, with those of groups and lists. */
const all = (fields) => fields.flatMap((field) => [field, ...all(field.fields ?? [])]);

function assertDistinct(fields) {
  const names = drawn(fields)
    .filter((field) => field.control !== "evenly")
    .map((field) => field.name);
  assert.equal(new Set(names).size, names.length, names.join());
  for (const field of fields) if (field.fields) assertDistinct(field.fields);
}

const sheets = { SETTINGS, SECTION, PAGE, POOL: [...POOL, ...SPREAD], BANK, REFERENCE };
for (const [name, fields] of Object.entries(sheets)) {
  test(`the fields of ${name} have different places, and say where they are described`, () => {
    assertDistinct(fields);
    for (const field of all(fields)) assert.ok(field.describedBy, field.name);
  });
}

for (const kind of KINDS) {
  test(`a new question of the kind ${kind} is one of it, with fields for all it begins with`, () => {
    const question = newQuestion(kind, "q-1");
    assert.equal(kindOf(question), kind);
    assert.equal(entryKind(question), "question");
    assert.ok(KIND_NAMES[kind]);
    const { main, scoring, more } = questionFields(question);
    const fields = [...main, ...scoring, ...more];
    assertDistinct(fields);
    assert.ok(main.length > 1, "more than its words");
    const names = new Set([...drawn(fields).map((field) => field.name), "kind", "type"]);
    for (const name of Object.keys(question)) assert.ok(names.has(name), name);
    for (const field of all(fields)) assert.ok(field.control === "fold" || field.describedBy, field.name);
    assert.equal(
      scoring.some((field) => field.name === "evaluation"),
      question.kind === "input",
    );
  });
}

test("a question of a kind that the editor does not know yet still has the fields of all", () => {
  for (const question of [{ kind: "drawing" }, { kind: "input", type: "smell" }, { kind: "input" }]) {
    const { main, more } = questionFields(question);
    assert.deepEqual([main.map((field) => field.name), more.length], [["text"], 5]);
  }
});

test("changing the kind keeps what all kinds have and nothing of the former kind, and back again", () => {
  for (const from of KINDS) {
    for (const to of KINDS) {
      const question = { ...newQuestion(from, "q-1"), uuid: "u", text: "Which?", points: 2, threshold: 50 };
      changeKind(question, to);
      assert.deepEqual(question, { ...newQuestion(to, "q-1"), uuid: "u", text: "Which?", points: 2 });
    }
  }
});

test("new questions share nothing that could be changed in one of them", () => {
  const [one, other] = [newQuestion("match", "a"), newQuestion("match", "b")];
  one.items[0].matches[0].option = "z";
  assert.equal(other.items[0].matches[0].option, "x");
});

test("a new entry of each list has no more than the list has fields for", () => {
  const lists = all([...SETTINGS, ...KINDS.flatMap((kind) => questionFields(newQuestion(kind, "q")).main)]).filter(
    (field) => field.blank && !field.rules,
  );
  assert.ok(lists.length > 10);
  for (const field of lists) {
    const names = drawn(field.fields).map((inner) => inner.name);
    for (const name of Object.keys(field.blank({}))) assert.ok(names.includes(name), `${field.one}: ${name}`);
  }
});

test("every word of a rule has its fields", () => {
  for (const { words, fields } of Object.values(RULES))
    assert.deepEqual(
      words.map(([word]) => word),
      Object.keys(fields),
    );
});
