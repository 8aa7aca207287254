// Sitting a test against bad luck: cut connections, reloads, other devices and tabs, a server that dies.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Server, Watched, goOn, savedAnswers, ready, saved, sit, status, text } from "./support.mjs";

let server;
let watched;
before(async () => {
  server = await Server.start();
  watched = await Watched.open();
});
after(async () => {
  await watched?.close();
  await server?.end();
});

/** A test of one page with three texts, so that everything happens in one place. */
function texts(more = {}) {
  const question = (key) => ({ key, kind: "input", type: "area", text: `Text ${key}.` });
  const pages = [{ key: "p", questions: [question("a"), question("b"), question("c")] }];
  return {
    assay: 1,
    key: `texts-${Math.random().toString(36).slice(2)}`,
    title: "Texts",
    sections: [{ key: "s", title: "Only", pages }],
    ...more,
  };
}

async function seated(options) {
  const task = await server.task(texts());
  const { invitationCode } = await server.candidate(task);
  const device = await watched.device(server, options);
  const page = await sit(device, server, task, invitationCode);
  await goOn(page);
  return { task, code: invitationCode, device, page, api: await page.evaluate(() => document.body.dataset.api) };
}

test("a dead connection and a reload lose nothing", async () => {
  const { device, page } = await seated();
  await text(page, 1).fill("before");
  await status(page, 1, "saved").waitFor();
  await device.setOffline(true);
  await text(page, 1).fill("while offline");
  await text(page, 2).fill("also offline");
  await status(page, 2, "waiting").waitFor();
  await page.locator("#banner:visible").waitFor();
  assert.match(await page.locator("#saved").innerText(), /Not sent yet: 2/);
  await watched.look(page, "offline");
  // Closed while there was no connection, opened again with one.
  const address = page.url();
  await page.close();
  await device.setOffline(false);
  const again = await device.newPage();
  await again.goto(address);
  await saved(again);
  assert.equal(await text(again, 1).inputValue(), "while offline");
  assert.deepEqual(await savedAnswers(again), { 1: "while offline", 2: "also offline" });
});

test("a server that is busy, or a network in its place, as a test is opened shows no blank answers", async () => {
  const { device, page } = await seated();
  await text(page, 1).fill("there already");
  await status(page, 1, "saved").waitFor();
  const answers = [
    { status: 429, headers: { "Retry-After": "1" }, json: { code: "rate_limited" } },
    { status: 200, json: { welcome: true } },
    { status: 502, body: "no server" },
  ];
  await device.route("**/answers", async (route) => {
    const [instead] = answers.splice(0, 1);
    if (!instead) return route.continue();
    await route.fulfill(instead);
    assert.equal(await page.evaluate(() => document.body.dataset.ready), undefined);
  });
  await page.reload();
  await page.locator("#sheet[inert]").waitFor();
  await ready(page);
  assert.equal(answers.length, 0);
  assert.equal(await page.locator("#sheet[inert]").count(), 0);
  assert.equal(await text(page, 1).inputValue(), "there already");
  await page.locator("#banner").waitFor({ state: "hidden" });
  await text(page, 1).fill("and goes on");
  await status(page, 1, "saved").waitFor();
  assert.deepEqual(await savedAnswers(page), { 1: "and goes on" });
});

test("a table whose rows are called as every object's properties keeps what is entered", async () => {
  const keys = ["constructor", "toString", "__proto__"];
  const rows = keys.map((key) => ({ key, title: `Row ${key}` }));
  const columns = keys.map((key) => ({ key, title: `Column ${key}`, type: "field" }));
  const table = { key: "q", kind: "input", type: "tabular", text: "A table.", rows, columns };
  const sections = [{ key: "s", title: "Only", pages: [{ key: "p", questions: [table] }] }];
  const task = await server.task({ ...texts(), sections });
  const { invitationCode } = await server.candidate(task);
  const page = await sit(await watched.device(server), server, task, invitationCode);
  await goOn(page);
  for (const key of keys) await page.locator(`[data-row="${key}"][data-column="${key}"]`).fill(`in ${key}`);
  await saved(page);
  await page.reload();
  await ready(page);
  for (const key of keys) {
    assert.equal(await page.locator(`[data-row="${key}"][data-column="${key}"]`).inputValue(), `in ${key}`);
  }
});

test("nothing is called saved before the server has acknowledged it", async () => {
  const { page, device } = await seated();
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await device.route("**/answers", async (route) => {
    if (route.request().method() === "POST") await held;
    await route.continue();
  });
  await text(page, 1).fill("on its way");
  await status(page, 1, "saving").waitFor();
  assert.match(await page.locator("#saved").innerText(), /Not sent yet: 1/);
  release();
  await status(page, 1, "saved").waitFor();
});

test("a server that is killed and started again has every answer that was called saved, and gets the rest", async () => {
  const { page } = await seated();
  await text(page, 1).fill("safe");
  await status(page, 1, "saved").waitFor();
  await server.kill();
  await text(page, 2).fill("typed while there was no server");
  await status(page, 2, "waiting").waitFor();
  await server.run();
  await status(page, 2, "saved").waitFor();
  assert.deepEqual(await savedAnswers(page), { 1: "safe", 2: "typed while there was no server" });
});

test("another device takes over, and what both changed is asked about", async () => {
  const { page, task, code, device } = await seated();
  await text(page, 1).fill("from the first");
  await status(page, 1, "saved").waitFor();
  const other = await sit(await watched.device(server), server, task, code);
  assert.equal(await text(other, 1).inputValue(), "from the first");
  await device.setOffline(true);
  await text(page, 1).fill("the first goes on");
  await status(page, 1, "waiting").waitFor();
  await text(other, 1).fill("the second goes on");
  await text(other, 3).fill("new on the second");
  await status(other, 1, "saved").waitFor();
  await status(other, 3, "saved").waitFor();
  await device.setOffline(false);
  await page.locator("#q1 [data-conflict]:visible").waitFor();
  await watched.look(page, "conflict");
  assert.match(await page.locator("#q1 [data-conflict]").innerText(), /the first goes on[\s\S]*the second goes on/);
  assert.equal((await savedAnswers(page))[1], "the second goes on");
  await page.getByRole("button", { name: "The one here" }).click();
  await status(page, 1, "saved").waitFor();
  assert.equal((await savedAnswers(page))[1], "the first goes on");
  // The other one learns of it when it is looked at.
  await other.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await other.waitForFunction(() => document.querySelector("#q1 textarea").value === "the first goes on");
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await page.waitForFunction(() => document.querySelector("#q3 textarea").value === "new on the second");
});

test("of two tabs only the last one writes, and it has what the first one had not sent", async () => {
  const { page, device } = await seated();
  await device.setOffline(true);
  await text(page, 1).fill("not sent by the first tab");
  await status(page, 1, "waiting").waitFor();
  await device.setOffline(false);
  const second = await device.newPage();
  await second.goto(page.url());
  await ready(second);
  await page.locator("dialog").waitFor();
  await watched.look(page, "other-tab");
  await status(second, 1, "saved").waitFor();
  assert.equal(await text(second, 1).inputValue(), "not sent by the first tab");
  await text(second, 1).fill("the second tab");
  await status(second, 1, "saved").waitFor();
  await page.getByRole("button", { name: "Use it here" }).click();
  await page.waitForFunction(() => document.querySelector("#q1 textarea")?.value === "the second tab");
  await second.locator("dialog").waitFor();
});

test("the test is handed in when its time is over, with the last answer", async () => {
  const task = await server.task(texts({ timeLimit: 5 }));
  const { invitationCode } = await server.candidate(task);
  const page = await sit(await watched.device(server), server, task, invitationCode);
  await goOn(page);
  await text(page, 1).fill("at the last moment");
  await page.getByText("Closed when the time was up").waitFor();
  assert.equal(await page.locator("[data-left-behind]").isHidden(), true);
});

test("a session that was ended keeps the answers until the candidate enters again", async () => {
  const { page, device, task, code } = await seated();
  const address = page.url();
  await device.clearCookies();
  await text(page, 1).fill("without a session");
  await page.getByRole("link", { name: "Sign in again" }).click();
  await page.getByLabel("Invitation code").fill(code);
  await page.getByRole("button", { name: "Enter", exact: true }).click();
  await page.goto(address);
  await status(page, 1, "saved").waitFor();
  assert.deepEqual(await savedAnswers(page), { 1: "without a session" });
  assert.ok(task);
});

test("nothing went wrong on any page", () => watched.demandNoFaults());
