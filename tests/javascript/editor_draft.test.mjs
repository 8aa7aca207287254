// What an author typed and did not save yet: kept on the device, found again, and never mixed up with another version.

import { beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import { editor, localStorageStub } from "./support.mjs";

const { EditedDocument } = await editor("edited_document");

let stored;
beforeEach(() => {
  stored = localStorageStub();
});

const open = ({ id = "", based = "one", title = "Saved" } = {}) =>
  new EditedDocument({ id, based, content: { title }, draftName: (id) => id || "new" });

/** Types a title; gives whether the device has kept it. */
function type(edited, title) {
  edited.content.title = title;
  return edited.keep();
}

test("a draft whose storage the device refuses or garbles is no draft, and typing goes on", () => {
  const edited = open();
  assert.equal(type(edited, "x".repeat(6_000_000)), false);
  assert.ok(edited.isChanged);
  stored.set("assay-draft-new", "{ not JSON");
  assert.equal(open().recall(), "none");
  globalThis.localStorage = new Proxy(
    {},
    {
      get() {
        throw new Error("SecurityError");
      },
    },
  );
  assert.equal(type(open(), "a"), false);
  assert.equal(open().recall(), "none");
});

test("without a draft, or with one that says what is saved, there is nothing to go on with", () => {
  assert.equal(open().recall(), "none");
  type(open(), "Saved");
  const edited = open();
  assert.equal(edited.recall(), "none");
  assert.equal(edited.isChanged, false);
});

test("a draft is there again after the tab was closed", () => {
  type(open(), "Typed");
  const edited = open();
  assert.equal(edited.recall(), "current");
  assert.deepEqual([edited.content.title, edited.isChanged], ["Typed", true]);
});

test("a draft of an earlier version keeps its base, so that saving is refused", () => {
  type(open({ id: "T1", based: "one" }), "Typed");
  const edited = open({ id: "T1", based: "two", title: "Theirs" });
  assert.equal(edited.recall(), "behind");
  assert.deepEqual([edited.content.title, edited.based], ["Typed", "one"]);
});

test("drafts of several documents are kept apart", () => {
  type(open({ id: "T1" }), "First");
  type(open({ id: "T2" }), "Second");
  type(open(), "New");
  const titles = ["T1", "T2", ""].map((id) => {
    const edited = open({ id });
    edited.recall();
    return edited.content.title;
  });
  assert.deepEqual(titles, ["First", "Second", "New"]);
});

test("what is discarded is gone", () => {
  const edited = open();
  type(edited, "Typed");
  edited.discard();
  assert.equal(edited.isChanged, false);
  assert.equal(stored.size, 0);
});

test("a new document that is saved gets its id, and leaves no draft of a new one", () => {
  const edited = open();
  type(edited, "Typed");
  const isWhole = edited.saved({ id: "T1", based: "two", text: '{"title":"Typed","uuid":"u"}' }, edited.changes);
  assert.ok(isWhole);
  assert.deepEqual(edited.content, { title: "Typed", uuid: "u" });
  assert.deepEqual([edited.id, edited.based, edited.isChanged, stored.size], ["T1", "two", false, 0]);
});

test("what is typed while a save is under way stays, and is a draft based on what was saved", () => {
  const edited = open();
  type(edited, "Typed");
  const { changes } = edited;
  type(edited, "Typed more");
  assert.equal(edited.saved({ id: "T1", based: "two", text: '{"title":"Typed"}' }, changes), false);
  assert.equal(edited.content.title, "Typed more");
  edited.keep();
  assert.deepEqual([...stored.keys()], ["assay-draft-T1"]);
  const next = open({ id: "T1", based: "two", title: "Typed" });
  assert.equal(next.recall(), "current");
  assert.equal(next.content.title, "Typed more");
});
