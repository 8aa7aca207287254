// The gate: what is said before handing in and after it, when something has not arrived. Findings F1 and F2 row by row,
// with a throttled connection, refused texts, undecided conflicts and pastes of megabytes, and more of their kind.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import http from "node:http";
import { Server, Watched, goOn, savedAnswers, ready, saved, sit, status, text } from "./support.mjs";

const PDF = Buffer.concat([Buffer.from("%PDF-1.4\n"), Buffer.alloc(300_000, "x"), Buffer.from("\n%%EOF\n")]);
const SMALL = Buffer.from("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n");

let server;
let watched;
before(async () => {
  server = await Server.start();
  watched = await Watched.open(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]);
});
after(async () => {
  await watched?.close();
  await server?.end();
});

const input = (type, more = {}) => ({ kind: "input", type, text: `Answer with ${type}.`, ...more });

/** A test with these pages of questions, each in one section unless `more` says otherwise. */
function paper(pages, more = {}) {
  let number = 0;
  const page = (questions, index) => ({
    key: `p${index}`,
    questions: questions.map((question) => ({ key: `q${(number += 1)}`, ...question })),
  });
  const section = { key: "s", title: "Only", pages: pages.map(page), ...more.section };
  return {
    assay: 1,
    key: `gate-${Math.random().toString(36).slice(2)}`,
    title: "Gate",
    sections: [section],
    ...more.test,
  };
}

async function seated(pages, more = {}) {
  const task = await server.task(paper(pages, more), {}, more.step);
  const { invitationCode: code } = await server.candidate(task);
  const device = await watched.device(server);
  const page = await sit(device, server, task, code);
  await goOn(page);
  return { task, code, device, page };
}

/** Lets so many bytes a second out; none is no limit. */
async function throttle(page, bytes = -1) {
  page.protocol ??= await page.context().newCDPSession(page);
  await page.protocol.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytes,
  });
}

const choose = (page, slot, name, buffer = PDF, mimeType = "application/pdf") =>
  page.locator(`#q${slot} input[type=file]`).first().setInputFiles({ name, mimeType, buffer });
const upload = (page, slot) => page.locator(`#q${slot} [data-uploads] li`);
const arrived = (page, slot, name) => page.locator(`#q${slot} [data-files] li`).getByText(name);
const gate = (page) => page.locator("dialog.gate");
const group = (page, title) => gate(page).locator("section", { has: page.getByRole("heading", { name: title }) });
const press = (page, name) => gate(page).getByRole("button", { name, exact: true }).click();
const openGate = async (page) => {
  await page.locator("nav.turn [data-hand-in]").or(page.locator(".map [data-hand-in]")).first().click();
  await gate(page).waitFor();
};
const onReceipt = async (page) => {
  await page.getByRole("heading", { name: "Submitted" }).waitFor();
  await page.locator("[data-looked]").waitFor();
};
const left = (page) => page.locator("[data-left-behind]");

/** What integrators read of the only instance of a task: slot to value. */
async function values(task) {
  const [{ testInstanceId }] = (await server.results(task)).testInstances;
  const { answers } = await server.api(
    `/api/integration/rest/v1/tasks/${task}/test-instances/${testInstanceId}/answers?mode=detailed`,
  );
  return answers.map(({ question }) => question.answer?.value ?? null);
}

async function demandAllArrived(page) {
  await onReceipt(page);
  await page.getByText("Everything you entered on this device has arrived.").waitFor();
  assert.equal(await left(page).isHidden(), true);
}

// --- F1: uploads ---------------------------------------------------------------------------------------------------

test("F1.1: handing in waits for a file that is on its way", async () => {
  const { page, task } = await seated([[input("file"), input("area")]]);
  await throttle(page, 30_000);
  await choose(page, 1, "big.pdf");
  await upload(page, 1)
    .getByText(/% sent/)
    .waitFor();
  assert.match(await page.locator("#saved").innerText(), /Not sent yet: 1/);
  await openGate(page);
  await gate(page).getByText("The server has your answers to 0 of 2 questions.").waitFor();
  await group(page, "Still on the way")
    .getByText(/big\.pdf: \d+% sent/)
    .waitFor();
  await watched.look(page, "gate-way");
  await press(page, "Submit when it has arrived");
  await gate(page).getByText("Waiting until everything has arrived").waitFor();
  await throttle(page);
  await demandAllArrived(page);
  await page.getByText("The server has your answers to 1 of 2 questions.").waitFor();
  assert.match((await values(task))[0], /^http/);
});

test("F1.1: a file that does not get through can be given up, knowingly", async () => {
  const { page, task } = await seated([[input("file"), input("area")]]);
  await throttle(page, 2_000);
  await text(page, 2).fill("written");
  await status(page, 2, "saved").waitFor();
  await choose(page, 1, "stuck.pdf");
  await upload(page, 1)
    .getByText(/% sent/)
    .waitFor();
  await openGate(page);
  await gate(page).getByText("What has not arrived does not count.").waitFor();
  await press(page, "Submit without it");
  await onReceipt(page);
  await page.getByText("The server has your answers to 1 of 2 questions.").waitFor();
  assert.equal(await page.getByText(/safe/).count(), 0);
  assert.deepEqual(await values(task), [null, "written"]);
});

test("F1.1b: leaving or reloading during an upload asks, and after a reload it goes on", async () => {
  const { page, device } = await seated([[input("file"), input("area")]]);
  await throttle(page, 20_000);
  await page.locator("#q2 textarea").click();
  await choose(page, 1, "big.pdf");
  await upload(page, 1)
    .getByText(/% sent/)
    .waitFor();
  const dialogs = [];
  page.on("dialog", async (dialog) => {
    dialogs.push(dialog.type());
    await (dialogs.length === 1 ? dialog.dismiss() : dialog.accept());
  });
  await Promise.all([page.waitForEvent("dialog"), page.evaluate(() => setTimeout(() => location.reload()))]);
  await upload(page, 1)
    .getByText(/% sent/)
    .waitFor();
  await page.reload();
  assert.deepEqual(dialogs, ["beforeunload", "beforeunload"]);
  await ready(page);
  await throttle(page);
  await arrived(page, 1, "big.pdf").waitFor();
  await status(page, 1, "saved").waitFor();
  assert.equal((await savedAnswers(page))[1].length, 1);
  assert.ok(device);
});

test("F1: turning the page leaves an upload alone, and it becomes the answer", async () => {
  const { page } = await seated([[input("file", { maxFiles: 3 })], [input("area")]]);
  await throttle(page, 60_000);
  await choose(page, 1, "one.pdf");
  await choose(page, 1, "two.pdf", SMALL);
  await upload(page, 1).getByText("Waiting for its turn").waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  await page.locator('[data-current="2"]').waitFor();
  assert.match(await page.locator('.map [data-slot="1"]').innerText(), /not sent yet/);
  await throttle(page);
  await page.locator('.map [data-slot="1"].answered').waitFor();
  assert.equal((await savedAnswers(page))[1].length, 2);
  await page.locator('.map [data-slot="1"]').click();
  await arrived(page, 1, "one.pdf").waitFor();
  assert.deepEqual(await page.locator("#q1 [data-files] li span").allInnerTexts(), ["one.pdf", "two.pdf"]);
});

test("F1: a page that locks when it is left waits for its file", async () => {
  const { page } = await seated([[input("file")], [input("area")]], { section: { navigation: "linear" } });
  await throttle(page, 30_000);
  await choose(page, 1, "big.pdf");
  await upload(page, 1)
    .getByText(/% sent/)
    .waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  await gate(page).getByText("Leave these questions for good?").waitFor();
  await watched.look(page, "gate-leave");
  await press(page, "Continue when it has arrived");
  await throttle(page);
  await page.locator('[data-current="2"]').waitFor();
  assert.equal((await savedAnswers(page))[1].length, 1);
});

test("F1: two uploads are waited for, and one that is refused at its end stops the wait", async () => {
  const { page, task } = await seated([[input("file"), input("file", { mediaTypes: ["application/pdf"] })]]);
  await throttle(page, 60_000);
  await choose(page, 1, "good.pdf");
  await choose(page, 2, "fake.pdf", Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(100_000)]));
  await upload(page, 2)
    .getByText(/% sent/)
    .waitFor();
  await openGate(page);
  assert.equal(await group(page, "Still on the way").locator("li").count(), 2);
  await press(page, "Submit when it has arrived");
  await throttle(page);
  await group(page, "Not saved")
    .getByText(/fake\.pdf: This type of file is not accepted here/)
    .waitFor();
  await gate(page).getByText("The server has your answers to 1 of 2 questions.").waitFor();
  await watched.look(page, "gate-refused-file");
  await group(page, "Not saved").getByRole("link", { name: "Question 2" }).click();
  await page.waitForFunction(() => document.activeElement?.id === "q2-no");
  await upload(page, 2).getByRole("button", { name: "Remove: fake.pdf" }).click();
  await saved(page);
  await openGate(page);
  await press(page, "Submit");
  await demandAllArrived(page);
  assert.equal((await values(task))[1], null);
});

test("F1: a file that is too large is named before handing in, and no byte of it is sent", async () => {
  const { page } = await seated([[input("file", { maxBytes: 1000 })]]);
  let sent = 0;
  page.on("request", (request) => (sent += /\/slots\/\d+\/uploads/.test(request.url()) ? 1 : 0));
  await choose(page, 1, "large.pdf");
  await upload(page, 1).getByText("This file is too large.").waitFor();
  await page.reload();
  await ready(page);
  await upload(page, 1).getByText("This file is too large.").waitFor();
  await openGate(page);
  await group(page, "Not saved")
    .getByText(/large\.pdf/)
    .waitFor();
  assert.equal(sent, 0);
});

test("F1: a connection that is lost during an upload is waited for, and the upload goes on", async () => {
  const front = await proxy(10_000_000);
  const there = { ...server, url: front.url };
  const task = await server.task(paper([[input("file"), input("area")]]));
  const { invitationCode } = await server.candidate(task);
  const page = await sit(await watched.device(there), there, task, invitationCode);
  await goOn(page);
  await throttle(page, 40_000);
  await choose(page, 1, "big.pdf");
  await upload(page, 1)
    .getByText(/[1-9]\d?% sent/)
    .waitFor();
  await front.cut();
  await text(page, 2).fill("written offline");
  await page.locator("#banner:visible").getByText("No connection").waitFor();
  await upload(page, 1).getByText("Stored on this device, not sent yet").waitFor();
  await openGate(page);
  await gate(page).getByText("The server cannot be reached at the moment").waitFor();
  assert.equal(await gate(page).getByRole("button", { name: "Submit without it" }).isDisabled(), true);
  await watched.look(page, "gate-offline");
  await throttle(page);
  await front.open();
  // Answers are tried again after fifteen seconds at most, and then the file at once; a busy machine takes its time.
  await gate(page)
    .getByRole("button", { name: "Submit", exact: true })
    .and(page.locator(":enabled"))
    .click({ timeout: 90_000 });
  await demandAllArrived(page);
  const [file, words] = await values(task);
  assert.deepEqual([/^http/.test(file), words], [true, "written offline"]);
  await front.end();
});

test("F1: a server that dies during an upload and comes back has the file in the end", async () => {
  const { page } = await seated([[input("file")]]);
  await throttle(page, 60_000);
  await choose(page, 1, "big.pdf");
  await upload(page, 1)
    .getByText(/[1-9]\d?% sent/)
    .waitFor();
  await server.kill();
  await upload(page, 1).getByText("Stored on this device, not sent yet").waitFor();
  await server.run();
  await throttle(page);
  await arrived(page, 1, "big.pdf").waitFor();
  await status(page, 1, "saved").waitFor();
  assert.equal((await savedAnswers(page))[1].length, 1);
});

test("F1: another tab goes on with the upload of the first", async () => {
  const { page, device } = await seated([[input("file")]]);
  await throttle(page, 10_000);
  await choose(page, 1, "big.pdf");
  await upload(page, 1)
    .getByText(/% sent/)
    .waitFor();
  const second = await device.newPage();
  await second.goto(page.url());
  await ready(second);
  await page.locator("dialog").getByText("This test was opened in another tab").waitFor();
  await arrived(second, 1, "big.pdf").waitFor();
  await status(second, 1, "saved").waitFor();
  assert.equal((await savedAnswers(second))[1].length, 1);
});

test("F1: a file that another device is still sending is named, and waited for", async () => {
  const { page, task, code } = await seated([[input("file"), input("area")]]);
  const phone = await sit(await watched.device(server), server, task, code);
  await throttle(phone, 30_000);
  await choose(phone, 1, "photo-of-sheet.pdf");
  await upload(phone, 1)
    .getByText(/[1-9]\d?% sent/)
    .waitFor();
  await openGate(page);
  await group(page, "Still on the way").getByText("A file is being sent from another device").waitFor();
  await throttle(phone);
  await status(phone, 1, "saved").waitFor();
  await gate(page).getByText("The server has your answers to 1 of 2 questions.").waitFor();
  await press(page, "Submit");
  await onReceipt(page);
  assert.match((await values(task))[0], /^http/);
});

test("F1: a recording that is running is ended and sent before handing in", async () => {
  const { page, task, device } = await seated([[input("audio", { maxSeconds: 60 })]]);
  await device.grantPermissions(["microphone"]);
  await page.locator("#q1 [data-record]").click();
  await page
    .locator("#q1 [data-progress]")
    .getByText(/^Recording: 0:0?[1-9]/)
    .waitFor();
  await openGate(page);
  await gate(page)
    .getByRole("button", { name: /^Submit( when it has arrived)?$/ })
    .click();
  await demandAllArrived(page);
  assert.match((await values(task))[0], /^http/);
});

test("F1: when the time ends during an upload, the receipt says what did not arrive", async () => {
  const { page, task } = await seated([[input("file"), input("area")]], { test: { timeLimit: 20 } });
  await throttle(page, 3_000);
  await text(page, 2).fill("in time");
  await status(page, 2, "saved").waitFor();
  await choose(page, 1, "late.pdf");
  await page
    .locator("#banner")
    .getByText("A file is still being sent. It counts only if it arrives before the time is up.")
    .waitFor();
  await page.getByText("Closed when the time was up").waitFor();
  await throttle(page);
  await onReceipt(page);
  await left(page)
    .getByText(/Question 1/)
    .waitFor();
  await left(page)
    .getByText(/late\.pdf: was not sent completely in time/)
    .waitFor();
  await left(page).getByRole("link", { name: "Save the file" }).waitFor();
  assert.equal(await page.getByText("Everything you entered on this device has arrived.").isHidden(), true);
  await watched.look(page, "receipt-incomplete");
  assert.deepEqual(await values(task), [null, "in time"]);
  // By its address it says the same, until the candidate no longer wants it.
  await page.goto(page.url());
  await left(page)
    .getByText(/late\.pdf/)
    .waitFor();
  await page.getByRole("button", { name: "Delete from this device" }).click();
  await page.goto(page.url());
  await onReceipt(page);
  assert.equal(await left(page).isHidden(), true);
});

test("F1: full screen that ends the test during an upload is told of on the receipt as well", async () => {
  const step = { fullscreen: {} };
  const task = await server.task(paper([[input("file"), input("area")]]), {}, step);
  const { invitationCode } = await server.candidate(task);
  const page = await sit(await watched.device(server), server, task, invitationCode);
  await page.getByRole("button", { name: "Go to full screen" }).click();
  await goOn(page);
  await throttle(page, 5_000);
  await choose(page, 1, "cut.pdf");
  await upload(page, 1)
    .getByText(/% sent/)
    .waitFor();
  await page.evaluate(() => document.exitFullscreen());
  await onReceipt(page);
  await left(page)
    .getByText(/cut\.pdf/)
    .waitFor();
});

// --- F1: refused and undecided ------------------------------------------------------------------------------------

test("F1.2: a text that is too long is named before handing in, and not counted", async () => {
  const { page, task } = await seated([[input("rich", { maxLength: 200 })]]);
  await page.locator("#q1 .rich").click();
  await page.keyboard.type("A first sentence.");
  await status(page, 1, "saved").waitFor();
  await page.keyboard.insertText(" And on.".repeat(40));
  await status(page, 1, "refused")
    .getByText(/Not saved: the text is \d+ characters too long\. For now, the answer saved at/)
    .waitFor();
  assert.match(await page.locator('.map [data-slot="1"]').innerText(), /not saved/);
  assert.match(await page.locator("#saved").innerText(), /Not saved: 1/);
  await openGate(page);
  await gate(page).getByText("The server has your answers to 0 of 1 question.").waitFor();
  assert.equal(await gate(page).getByRole("button", { name: "Submit", exact: true }).count(), 0);
  await watched.look(page, "gate-refused");
  await group(page, "Not saved").getByRole("link", { name: "Question 1" }).click();
  await page.waitForFunction(() => document.activeElement?.id === "q1-no");
  // Somebody who goes on all the same is told afterwards, with the text.
  await openGate(page);
  await press(page, "Submit without it");
  await onReceipt(page);
  await left(page)
    .getByText(/And on\. And on\./)
    .waitFor();
  assert.match((await values(task))[0], /A first sentence/);
});

test("F1.2: a text that becomes short enough is saved and counted", async () => {
  const { page } = await seated([[input("field", { maxLength: 10 }), input("area", { maxLength: 20 })]]);
  // Letters are counted as the server counts them: an emoji is one (m11).
  await text(page, 1).fill("\u{1f600}".repeat(10));
  await status(page, 1, "saved").waitFor();
  await text(page, 1).fill("\u{1f600}".repeat(11));
  await status(page, 1, "refused").getByText("the text is 1 character too long").waitFor();
  await text(page, 2).fill("a".repeat(21));
  await status(page, 2, "refused").waitFor();
  await text(page, 2).fill("a".repeat(20));
  await status(page, 2, "saved").waitFor();
  await text(page, 1).fill("\u{1f600}".repeat(10));
  await status(page, 1, "saved").waitFor();
  await saved(page);
  assert.deepEqual(await savedAnswers(page), { 1: "\u{1f600}".repeat(10), 2: "a".repeat(20) });
});

/** Two devices with different answers to question 1, of which the first is asked. */
async function undecided(pages, more) {
  const first = await seated(pages, more);
  const { page, device, task, code } = first;
  await text(page, 1).fill("short");
  await status(page, 1, "saved").waitFor();
  const other = await sit(await watched.device(server), server, task, code);
  await device.setOffline(true);
  await text(page, 1).fill("the long text of the first device");
  await status(page, 1, "waiting").waitFor();
  await text(other, 1).fill("a note");
  await status(other, 1, "saved").waitFor();
  await device.setOffline(false);
  await page.locator("#q1 [data-conflict]:visible").waitFor();
  return { ...first, other };
}

test("F1.3: an undecided conflict is named before handing in, also from another page", async () => {
  const { page, task } = await undecided([[input("area"), input("area", { required: true })], [input("area")]]);
  await page.locator('.map [data-slot="3"]').click();
  await page.locator('[data-current="2"]').waitFor();
  assert.match(await page.locator('.map [data-slot="1"]').innerText(), /answered twice/);
  await openGate(page);
  await gate(page).getByText("The server has your answers to 0 of 3 questions.").waitFor();
  await group(page, "Required, without a complete answer").getByRole("link", { name: "Question 2" }).waitFor();
  await watched.look(page, "gate-undecided");
  await group(page, "Answered twice: please choose").getByRole("link", { name: "Question 1" }).click();
  await page.locator("#q1 [data-conflict]:visible").waitFor();
  await page.getByRole("button", { name: "The one here" }).click();
  await status(page, 1, "saved").waitFor();
  await page.locator(".map [data-hand-in]").click();
  await gate(page).getByText("The server has your answers to 1 of 3 questions.").waitFor();
  await press(page, "Submit");
  await demandAllArrived(page);
  assert.equal((await values(task))[0], "the long text of the first device");
});

test("F1.3: whoever hands in undecided is told, and shown the text that does not count", async () => {
  const { page, task } = await undecided([[input("area")]]);
  await openGate(page);
  await press(page, "Submit without it");
  await onReceipt(page);
  await left(page).getByText("the long text of the first device").waitFor();
  assert.equal((await values(task))[0], "a note");
});

test("F1: required questions that have to be answered keep the gate shut, and are links", async () => {
  const { page } = await seated([[input("area", { required: true })]], { test: { mandatory: { test: "prevent" } } });
  await openGate(page);
  await press(page, "Submit");
  await gate(page).getByText("The required questions have to be answered first.").waitFor();
  assert.equal(await gate(page).getByRole("button", { name: "Submit", exact: true }).isDisabled(), true);
  await gate(page).getByRole("link", { name: "Question 1" }).click();
  await text(page, 1).fill("now");
  await status(page, 1, "saved").waitFor();
  await openGate(page);
  await press(page, "Submit");
  await demandAllArrived(page);
});

test("an acknowledgement that was lost while the page went away is no loss", async () => {
  const { page, device, task } = await seated([[input("area")]]);
  await text(page, 1).fill("kept, and nobody heard of it");
  await status(page, 1, "saved").waitFor();
  // As if the page had gone before the answer came.
  await page.evaluate(() => {
    const key = `assay/${document.body.dataset.api.split("/").at(-1)}/answer/1`;
    addEventListener("pagehide", () =>
      localStorage.setItem(
        key,
        JSON.stringify({ base: 0, sent: { seq: 1, response: "kept, and nobody heard of it" } }),
      ),
    );
  });
  await openGate(page);
  await press(page, "Submit");
  await demandAllArrived(page);
  assert.deepEqual(await values(task), ["kept, and nobody heard of it"]);
  assert.ok(device);
});

// --- F2 -------------------------------------------------------------------------------------------------------------

/** Pastes plain text where the focus is. */
async function paste(page, selector, make) {
  await page.locator(selector).click();
  await page.evaluate(
    ([selector, make]) => {
      const field = document.querySelector(selector);
      const text = new Function(`return ${make}`)();
      if (field.isContentEditable) field.append(text);
      else field.value = text;
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    },
    [selector, make],
  );
}

test("F2a: 9 MB in a rich text are refused alone, and taken back by a shorter text", async () => {
  const { page } = await seated([[input("rich", { maxLength: 1_000_000 }), input("area")]]);
  await paste(page, "#q1 .rich", '"word ".repeat(1_800_000)');
  await status(page, 1, "refused")
    .getByText(/Not saved: the text is (too long|[\d,]+ characters? too long)/)
    .waitFor();
  await status(page, 1, "refused")
    .getByText(/It is not stored on this device either: do not close the page/)
    .waitFor();
  await text(page, 2).fill("the other question");
  await status(page, 2, "saved").waitFor();
  assert.equal(await page.locator("#banner").isHidden(), true, "there is a connection");
  await page.evaluate(() => {
    const field = document.querySelector("#q1 .rich");
    field.textContent = "short now";
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  });
  await status(page, 1, "saved").waitFor();
  await saved(page);
  assert.deepEqual(await savedAnswers(page), { 1: "short now", 2: "the other question" });
});

test("F2a: a text that no device can keep is not said to have arrived", async () => {
  const { page } = await seated([[input("rich", { maxLength: 1_000_000 })]]);
  await paste(page, "#q1 .rich", '"word ".repeat(1_800_000)');
  await status(page, 1, "refused").waitFor();
  page.on("dialog", (dialog) => dialog.accept());
  await page.reload();
  await ready(page);
  await status(page, 1, "refused").getByText("Not saved: it was too large to be stored on this device.").waitFor();
  await openGate(page);
  await press(page, "Submit without it");
  await onReceipt(page);
  await left(page)
    .getByText(/Question 1 · it was too large to be stored on this device/)
    .waitFor();
  assert.equal(await page.getByText("Everything you entered on this device has arrived.").isHidden(), true);
});

test("F2b: half an emoji is saved as the replacement character, in texts and in cells", async () => {
  const table = input("tabular", {
    columns: [{ key: "c", title: "C", type: "field" }],
    rows: [{ key: "r", title: "R" }],
  });
  const { page } = await seated([[input("area"), table, input("area")]]);
  await paste(page, "#q1 textarea", '"half \\ud83d"');
  await paste(page, "#q2 [data-row]", '"\\udc00 cell"');
  await text(page, 3).fill("whole \u{1f600}");
  for (const slot of [1, 2, 3]) await status(page, slot, "saved").waitFor();
  await saved(page);
  assert.deepEqual(await savedAnswers(page), {
    1: "half \ufffd",
    2: { r: { c: "\ufffd cell" } },
    3: "whole \u{1f600}",
  });
  await openGate(page);
  await press(page, "Submit");
  await demandAllArrived(page);
});

/** What stands before many a server: refuses bodies of more bytes, in one of the ways proxies do. */
async function proxy(most, refuse) {
  const target = new URL(server.url);
  const front = http.createServer((request, response) => {
    const pieces = [];
    let bytes = 0;
    request.on("data", (piece) => {
      bytes += piece.length;
      if (bytes <= most) pieces.push(piece);
    });
    request.on("error", () => {});
    if (Number(request.headers["content-length"]) > most && refuse === "reset") return request.socket.destroy();
    request.on("end", () => {
      if (bytes > most)
        return response.writeHead(413, { "Content-Type": "text/html" }).end("<h1>Request Entity Too Large</h1>");
      const passed = http.request(
        {
          host: target.hostname,
          port: target.port,
          path: request.url,
          method: request.method,
          headers: request.headers,
        },
        (answer) => {
          response.writeHead(answer.statusCode, answer.headers);
          answer.pipe(response);
        },
      );
      passed.on("error", () => response.destroy());
      passed.end(Buffer.concat(pieces));
    });
  });
  const listen = (port) => new Promise((resolve) => front.listen(port, "127.0.0.1", resolve));
  await listen(0);
  const { port } = front.address();
  const cut = () => {
    const closed = new Promise((resolve) => front.close(resolve));
    front.closeAllConnections();
    return closed;
  };
  return { url: `http://127.0.0.1:${port}`, cut, open: () => listen(port), end: cut };
}

for (const refuse of ["413", "reset"]) {
  test(`F2a: a proxy with a limit of 1 MB that answers ${refuse === "413" ? "413" : "by cutting the connection"} poisons nothing`, async () => {
    const front = await proxy(1_000_000, refuse);
    try {
      const task = await server.task(paper([[input("area", { maxLength: 1_000_000 }), input("area"), input("area")]]));
      const { invitationCode } = await server.candidate(task);
      const there = { ...server, url: front.url };
      const page = await sit(await watched.device(there), there, task, invitationCode);
      await goOn(page);
      // Three bytes a letter: within the question's limit, beyond the proxy's.
      await paste(page, "#q1 textarea", '"\\u20ac".repeat(500_000)');
      await text(page, 2).fill("goes through");
      await status(page, 2, "saved").waitFor();
      await status(page, 1, "refused")
        .getByText(/too long/)
        .waitFor({ timeout: 60_000 });
      await text(page, 3).fill("and so does this");
      await status(page, 3, "saved").waitFor();
      assert.equal(await page.locator("#banner").isHidden(), true);
      await text(page, 1).fill("short now");
      await status(page, 1, "saved").waitFor();
      await saved(page);
      assert.deepEqual(await savedAnswers(page), { 1: "short now", 2: "goes through", 3: "and so does this" });
    } finally {
      await front.end();
    }
  });
}

test("F2: 429 and 503 are waited for as long as the server asks, and called by their name", async () => {
  const { page, device } = await seated([[input("area"), input("file")]]);
  let refused = 0;
  await device.route(/\/answers$|\/uploads\?/, async (route) => {
    if (route.request().method() !== "POST" || refused >= 4) return route.continue();
    refused += 1;
    const [status, code] = refused % 2 ? [429, "rate_limited"] : [503, "unavailable"];
    await route.fulfill({
      status,
      headers: { "Retry-After": "4" },
      contentType: "application/problem+json",
      body: JSON.stringify({ code }),
    });
  });
  await text(page, 1).fill("patience");
  await page
    .locator("#banner:visible")
    .getByText(/The server is busy.*sent again in \d+ seconds?\./)
    .waitFor();
  await watched.look(page, "busy");
  await choose(page, 2, "small.pdf", SMALL);
  await status(page, 1, "saved").waitFor();
  await arrived(page, 2, "small.pdf").waitFor();
  await status(page, 2, "saved").waitFor();
  await page.locator("#banner").waitFor({ state: "hidden" });
  assert.equal(refused, 4);
});

test("F2: an answer that only some filter refuses is refused alone, and sent again when the page is looked at", async () => {
  const { page, device } = await seated([[input("area"), input("area")]]);
  let isStrict = true;
  await device.route("**/answers", async (route) => {
    const body = route.request().postData() ?? "";
    if (isStrict && body.includes("DROP TABLE"))
      return route.fulfill({ status: 403, contentType: "text/html", body: "<h1>Blocked</h1>" });
    await route.continue();
  });
  await text(page, 1).fill("The command DROP TABLE removes a table.");
  await status(page, 1, "refused").waitFor();
  await text(page, 2).fill("something else");
  await status(page, 2, "saved").waitFor();
  isStrict = false;
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await status(page, 1, "saved").waitFor();
});

test("the dialog speaks Turkish as well", async () => {
  const task = await server.task(paper([[input("file"), input("area", { maxLength: 5 })]]), { lang: "tr" });
  const { invitationCode } = await server.candidate(task);
  const page = await (await watched.device(server, { locale: "tr-TR" })).newPage();
  await page.goto(`${server.url}/enter/${invitationCode}`);
  await page.locator("main a.button.primary, main .primary").first().click();
  await page.locator("main form .primary").first().click();
  await ready(page);
  await page.locator("[data-current]").waitFor();
  await throttle(page, 5_000);
  await choose(page, 1, "dosya.pdf");
  await text(page, 2).fill("çok uzun bir metin");
  await status(page, 2, "refused")
    .getByText(/Kaydedilmedi: metin 13 karakter fazla/)
    .waitFor();
  await openGate(page);
  await gate(page).getByText("2 sorudan 0 tanesinin yanıtı sunucuda.").waitFor();
  await group(page, "Hâlâ gönderiliyor")
    .getByText(/dosya\.pdf/)
    .waitFor();
  await watched.look(page, "gate-turkish");
});

test("nothing went wrong on any page", () => watched.demandNoFaults());
