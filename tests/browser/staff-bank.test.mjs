// Staff write questions for the bank, approve them, take them into a test by name, by copy and by a pool, and try it out.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Server, Watched, signIn } from "./support.mjs";

let server;
let watched;
let page;
before(async () => {
  server = await Server.start();
  watched = await Watched.open();
  page = await signIn(await watched.device(server, { acceptDownloads: true }), server);
});
after(async () => {
  await watched?.close();
  await server?.end();
});

const at = (pointer) => page.locator(`[id="at${pointer}"]`);
const questions = "/sections/0/pages/0/questions";

test("a question is written, mended at its fault, kept and approved", async () => {
  await page.goto(`${server.url}/staff/bank`);
  await page.getByText("The bank is empty.").waitFor();
  await watched.look(page, "bank-empty");
  await page.getByRole("link", { name: "New question" }).click();
  await at("/kind").selectOption("field");
  await at("/text").fill("What is the capital of Türkiye?");
  await at("/rules").fill("Ankara\nankara city");
  await at("/points").fill("plenty");
  await watched.look(page, "bank-new");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("heading", { name: "1 problem to fix" }).waitFor();
  await page.locator("#faults").getByRole("button", { name: "points" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "at/points");
  await watched.look(page, "bank-fault");

  // What was entered is still there after the tab was closed.
  await page.reload({ waitUntil: "load" }).catch(() => {});
  await page.getByText("Your unsaved changes from before are here again.").waitFor();
  await at("/points").fill("2");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved as version 1; waiting for approval.").waitFor();
  assert.equal(await at("/key").inputValue(), "what-is-the-capital-of-turkiye");
  const [address] = page.url().split("/edit");
  assert.match(address, /\/staff\/bank\/[^/]+$/);

  await page.goto(`${address}/preview`);
  await page.locator("#q1 input").fill("ANKARA");
  await page.locator("#board").getByText("2 of 2").waitFor();
  await watched.look(page, "bank-preview");

  await page.goto(`${server.url}/staff/bank`);
  await page.getByRole("link", { name: "1 question waiting for approval" }).click();
  await page.getByRole("link", { name: "What is the capital of Türkiye?" }).click();
  await watched.look(page, "bank-question-waits");
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByText("Approved. Tests may use it from now on.").waitFor();
  await page.getByLabel("Folder", { exact: true }).fill("Geography");
  await page.getByLabel("Labels", { exact: true }).fill("easy, short");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Folder and labels saved.").waitFor();
  await watched.look(page, "bank-question");
});

test("several questions come from a text, with faults at their lines first", async () => {
  await page.goto(`${server.url}/staff/bank/import`);
  await page.getByLabel("Questions").fill("- key: river\n  kind: input\n  type: area\n  txt: Name a river.\n");
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByText("line 4", { exact: true }).waitFor();
  await watched.look(page, "bank-import-faults");
  const choice = (key, text) =>
    `- key: ${key}\n  kind: multiplechoice\n  text: ${text}\n  choices:\n    - {key: a, text: "Yes", percentage: 100}\n    - {key: b, text: "No"}\n`;
  await page
    .getByLabel("Questions")
    .fill(choice("sea", "Is Izmir by the sea?") + choice("hill", "Is Istanbul built on hills?"));
  await page.getByLabel("Folder", { exact: true }).fill("Geography");
  await page.getByLabel("Labels", { exact: true }).fill("cities");
  await page.getByLabel("Approve at once").check();
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByText("Saved: 2 questions.").waitFor();
  await watched.look(page, "bank");
  await page.getByLabel("Label").selectOption("cities");
  await page.getByRole("button", { name: "Search" }).click();
  assert.equal(await page.getByRole("link", { name: /Izmir|Istanbul/ }).count(), 2);
  assert.equal(await page.getByRole("link", { name: /capital/ }).count(), 0);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Export" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "questions.yaml");
});

test("a test takes questions by name, by copy and by a pool, and gives one of its own to the bank", async () => {
  page.on("dialog", (dialog) => dialog.accept());
  await page.goto(`${server.url}/staff/tests/new`);
  await at("/title").fill("Cities");
  await at("/key").fill("cities");
  const toPage = () => page.locator('#outline a[href="#/sections/0/pages/0"]').click();
  await toPage();
  await page.getByRole("button", { name: "Question from the bank" }).click();
  await page.getByLabel("Search").fill("capital");
  await page.getByText("1 matches.").waitFor();
  await watched.look(page, "editor-bank-picker");
  await page.getByRole("button", { name: "Use: What is the capital of Türkiye?" }).click();
  await page.locator("#outline").getByText("Bank: What is the capital of Türkiye?").waitFor();

  await toPage();
  await page.getByRole("button", { name: "Question from the bank" }).click();
  await page.getByLabel("Search").fill("Izmir");
  await page.getByText("1 matches.").waitFor();
  await page.getByRole("button", { name: "Copy into the test: Is Izmir by the sea?" }).click();
  assert.equal(await at(`${questions}/1/text`).inputValue(), "Is Izmir by the sea?");

  await toPage();
  await page.getByRole("button", { name: "Add: Number" }).click();
  await at(`${questions}/2/text`).fill("How many provinces are there?");
  await at(`${questions}/2/rules/0/value`).fill("81");
  await page.getByRole("button", { name: "Put into the bank: this question" }).click();
  await page.locator("#outline").getByText("Bank: How many provinces are there?").waitFor();

  await page.locator('#outline a[href="#/sections/0"]').click();
  await page.getByRole("button", { name: "Add a pool from the bank" }).click();
  await page.getByLabel("Labels", { exact: true }).fill("cities");
  await page.getByText("2 approved questions match now.").waitFor();
  await watched.look(page, "editor-bank-pool");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.locator('#state[data-sort="good"]').waitFor();
  const [address] = page.url().split("/edit");

  await page.reload();
  await page.locator("#outline").getByText("Bank: What is the capital of Türkiye?").waitFor();
  await page.goto(`${address}/preview`);
  await page.locator("#q1 input").fill("Ankara");
  await page
    .locator("#board")
    .getByText(/^2 of /)
    .waitFor();
  const shown = await page.locator("[data-question]").count();
  assert.equal(shown, 4, "two named, one copied, one drawn");

  await page.goto(`${server.url}/staff/bank?q=capital`);
  await page.getByRole("link", { name: /capital/ }).click();
  await page.getByRole("heading", { name: "Used in" }).waitFor();
  await page.getByRole("link", { name: "Cities" }).click();
  assert.equal(page.url(), address);

  // The bank's text of the moment is what a preview shows.
  await page.goto(`${server.url}/staff/bank?q=capital`);
  await page.getByRole("link", { name: /capital/ }).click();
  await page.getByRole("link", { name: "Edit" }).first().click();
  await at("/text").fill("Which city is the capital of Türkiye?");
  await page.keyboard.press("Control+S");
  await page.getByText("Saved as version 2; approved.").waitFor();
  await page.goto(`${address}/preview`);
  await page.getByText("Which city is the capital of Türkiye?").waitFor();
});

test("right pairs are chosen plainly and a page of the question shows what candidates see", async () => {
  await page.goto(`${server.url}/staff/bank/new`);
  await at("/kind").selectOption("match");
  await at("/text").fill("Which river flows where?");
  for (const [place, text] of [
    ["options/0", "Paris"],
    ["options/1", "London"],
    ["items/0", "Seine"],
    ["items/1", "Thames"],
  ])
    await at(`/${place}/text`).fill(text);
  await at("/items/0/matches/0/option").selectOption({ label: "London" });
  await at("/items/0/matches/0/option").selectOption({ label: "Paris" });
  await page.getByRole("button", { name: "Add an item" }).click();
  await at("/items/2/text").fill("Marne");
  await page.getByRole("button", { name: "Give each item 33.3334 %" }).click();
  assert.equal(await at("/items/0/matches/0/percentage").inputValue(), "33.3334");
  await watched.look(page, "bank-match");
  await page.getByRole("button", { name: "Save and approve" }).click();
  await page.getByText("Saved as version 1; approved.").waitFor();
  await page.getByRole("link", { name: "Preview" }).last().click();
  await page.locator("#q1").getByLabel("Seine").selectOption({ label: "Paris" });
  await page
    .locator("#board")
    .getByText(/^0\.333334 of 1/)
    .waitFor();
});

test("code is written beside the numbers of its lines", async () => {
  await page.goto(`${server.url}/staff/bank/new`);
  await at("/kind").selectOption("code");
  await at("/text").fill("Write a function that adds.");
  await at("/language").fill("Python");
  await at("/template").fill("def add(a, b):\n    pass");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved as version 1; waiting for approval.").waitFor();
  await page.getByRole("link", { name: "Preview" }).last().click();
  const field = page.locator("#q1 textarea");
  const numbers = page.locator("#q1 [data-gutter]");
  await numbers.filter({ hasText: "2" }).waitFor();
  assert.equal(await numbers.textContent(), "1\n2");
  await field.focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Enter");
  await page.keyboard.type("return a + b");
  assert.equal(await field.inputValue(), "def add(a, b):\n    pass\n    return a + b");
  assert.equal(await numbers.textContent(), "1\n2\n3");
  await watched.look(page, "bank-code");
  await field.fill("line\n".repeat(60));
  await field.evaluate((element) => {
    element.scrollTop = 400;
  });
  await page.waitForFunction(() => document.querySelector("#q1 [data-gutter]").scrollTop === 400);
});

test("every page was as it must be", () => watched.demandNoFaults());
