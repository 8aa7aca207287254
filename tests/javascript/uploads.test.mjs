// Files on their way: what is known of each from the moment it was chosen until it is part of the answer.

import { beforeEach, mock, test } from "node:test";
import assert from "node:assert/strict";
import { candidate, localStorageStub, requestStub, settled } from "./support.mjs";

const { Uploads } = await candidate("uploads");
const limits = { most: 3, bytes: 1000 };
const file = new Blob(["content"]);

let storage;
beforeEach(() => {
  storage = localStorageStub();
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

/** The uploads of an instance, and what became part of its answers. */
function begin() {
  const attached = [];
  const uploads = new Uploads("/api", "Ti1", {
    onSlotChange() {},
    attach: (slot, id, isSingle) => attached.push({ slot, id, isSingle }),
  });
  return { uploads, attached };
}

/** A server whose answers are given one by one, by `answer(index, { status, body })`. */
function holding() {
  const answers = [];
  const requests = requestStub(() => new Promise((resolve) => answers.push(resolve)));
  const answer = async (index, response) => {
    answers[index](response);
    await settled();
    await settled();
  };
  return { requests, answer };
}

const saved = (id) => ({ status: 200, body: { id } });
const states = (uploads, slot) => uploads.of(slot).map(({ name, state }) => [name, state]);

test("files of one question go one after the other, those of another beside them", async () => {
  const { requests, answer } = holding();
  const { uploads, attached } = begin();
  uploads.add(1, file, "a.txt", limits);
  uploads.add(1, file, "b.txt", limits);
  uploads.add(2, file, "c.txt", limits);
  assert.deepEqual(states(uploads, 1), [
    ["a.txt", "sending"],
    ["b.txt", "waiting"],
  ]);
  assert.equal(requests.length, 2);
  assert.equal(uploads.underWay().length, 3);
  await answer(0, saved("f1"));
  assert.deepEqual(attached, [{ slot: 1, id: "f1", isSingle: false }]);
  assert.deepEqual(states(uploads, 1), [["b.txt", "sending"]]);
  await answer(2, saved("f2"));
  await answer(1, saved("f3"));
  assert.deepEqual(
    attached.map(({ id }) => id),
    ["f1", "f2", "f3"],
  );
  assert.equal(uploads.underWay().length, 0);
  const notes = [...storage.keys()].filter((key) => key.startsWith("assay/Ti1/upload/"));
  assert.deepEqual(notes, [], "what has arrived is no longer noted on the device");
});

test("each file has a token by which the server knows it again", async () => {
  const { requests } = holding();
  const { uploads } = begin();
  uploads.add(1, file, "a b.txt", limits);
  const { searchParams, pathname } = new URL(requests[0].url, "http://server");
  assert.equal(pathname, "/api/slots/1/uploads");
  assert.equal(searchParams.get("name"), "a b.txt");
  assert.equal(searchParams.get("clientToken"), uploads.of(1)[0].id);
});

test("a file that is too large is not sent, and the next choice takes its message away", () => {
  const { requests } = holding();
  const { uploads } = begin();
  uploads.add(1, new Blob(["x".repeat(1001)]), "large.bin", limits);
  assert.deepEqual(states(uploads, 1), [["large.bin", "refused"]]);
  assert.equal(uploads.of(1)[0].code, "file_large");
  assert.equal(requests.length, 0);
  uploads.answered(1, []);
  assert.deepEqual(uploads.of(1), []);
});

test("of a question with one file the next one takes the place of what was on its way", async () => {
  const { answer } = holding();
  const { uploads, attached } = begin();
  const one = { most: 1, bytes: 0 };
  uploads.add(1, file, "first.txt", one);
  uploads.add(1, file, "second.txt", one);
  assert.deepEqual(states(uploads, 1), [["second.txt", "sending"]]);
  await answer(0, saved("f1"));
  assert.deepEqual(attached, [], "what was replaced does not come back");
  await answer(1, saved("f2"));
  assert.deepEqual(attached, [{ slot: 1, id: "f2", isSingle: true }]);
});

test("what was refused says why, and the next file goes on", async () => {
  const cases = [
    [{ status: 409, body: { code: "time_over" } }, "refused_time"],
    [{ status: 413 }, "file_large"],
    [{ status: 400, body: { code: "upload_not_allowed" } }, "file_refused"],
    [{ status: 422, body: { code: "other" } }, "file_failed"],
  ];
  for (const [response, code] of cases) {
    const { requests, answer } = holding();
    const { uploads } = begin();
    uploads.add(1, file, "a.txt", limits);
    uploads.add(1, file, "b.txt", limits);
    await answer(0, response);
    assert.equal(uploads.of(1)[0].code, code);
    assert.deepEqual(states(uploads, 1)[1], ["b.txt", "sending"]);
    assert.equal(requests.length, 2);
  }
});

test("a recording is on its way from its first moment, and is sent when it ends", async () => {
  const { requests, answer } = holding();
  const { uploads, attached } = begin();
  let stopped = 0;
  const upload = uploads.record(1, "audio.webm", () => (stopped += 1));
  assert.deepEqual(uploads.underWay(), [upload]);
  uploads.stopRecordings();
  assert.equal(stopped, 1);
  assert.equal(requests.length, 0);
  uploads.recorded(upload, file, "audio.webm");
  await answer(0, saved("f1"));
  assert.deepEqual(attached, [{ slot: 1, id: "f1", isSingle: true }]);
});

test("a recording that was given up is ended, and does not come back when its last piece arrives", () => {
  const { requests } = holding();
  const { uploads } = begin();
  let stopped = 0;
  const upload = uploads.record(1, "audio.webm", () => (stopped += 1));
  uploads.giveUp(upload.id);
  assert.equal(stopped, 1);
  uploads.recorded(upload, file, "audio.webm");
  assert.deepEqual(uploads.of(1), []);
  assert.equal(requests.length, 0);
});

test("what one visit left is told by the next: as interrupted where the browser has not kept the file", async () => {
  holding();
  const first = begin().uploads;
  first.add(1, file, "a.txt", limits);
  first.add(2, new Blob(["x".repeat(1001)]), "large.bin", limits);
  first.handOver();
  storage.set("assay/Ti1/upload/broken", "{");
  const { uploads } = begin();
  await uploads.load();
  assert.deepEqual([states(uploads, 1), states(uploads, 2)], [[["a.txt", "interrupted"]], [["large.bin", "refused"]]]);
  assert.equal(uploads.underWay().length, 0);
});

test("a tab that has handed over sends nothing more", async () => {
  const { requests, answer } = holding();
  const { uploads, attached } = begin();
  uploads.add(1, file, "a.txt", limits);
  uploads.add(1, file, "b.txt", limits);
  uploads.handOver();
  await answer(0, saved("f1"));
  assert.deepEqual(attached, []);
  assert.equal(requests.length, 1);
});
