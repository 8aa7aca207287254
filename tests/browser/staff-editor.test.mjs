// Staff write a test from nothing in the editor, mend its faults, try it out, and get the same document back.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Server, Watched } from "./support.mjs";

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

async function signIn(device) {
  const page = await device.newPage();
  await page.goto(`${server.url}/staff/tests`);
  await page.locator('input[name="username"]').fill(server.staffUsername);
  await page.locator('input[name="password"]').fill(server.staffPassword);
  await page.locator('main form button:not([type="button"])').first().click();
  await page.getByRole("heading", { name: "Tests", exact: true }).waitFor();
  return page;
}

const at = (page, pointer) => page.locator(`[id="at${pointer}"]`);
const questions = "/sections/0/pages/0/questions";

async function addQuestion(page, kind) {
  await page.locator('#outline a[href="#/sections/0/pages/0"]').click();
  await page.getByRole("button", { name: `Add: ${kind}`, exact: true }).click();
}

test("a test is written from nothing, its faults are mended at their fields, and its document comes back the same", async () => {
  const device = await watched.device(server, { acceptDownloads: true });
  const page = await signIn(device);
  await watched.look(page, "tests");
  await page.getByRole("link", { name: "New test" }).click();
  await at(page, "/title").fill("Stock keeping");
  await at(page, "/key").fill("stock");
  await watched.look(page, "editor-settings");

  await addQuestion(page, "Multiple choice");
  await at(page, `${questions}/0/text`).fill("Which is a unit of weight?");
  await at(page, `${questions}/0/choices/0/text`).fill("kilogram");
  await at(page, `${questions}/0/choices/1/text`).fill("litre");
  await page.getByRole("button", { name: "Add a choice" }).click();
  await at(page, `${questions}/0/choices/2/text`).fill("metre");
  await watched.look(page, "editor-choices");
  await watched.lookEverywhere(page, "editor-choices");

  await addQuestion(page, "Match");
  await at(page, `${questions}/1/text`).fill("What belongs together?");
  for (const [place, text] of [
    ["options/0", "cold store"],
    ["options/1", "shelf"],
    ["items/0", "milk"],
    ["items/1", "flour"],
  ])
    await at(page, `${questions}/1/${place}/text`).fill(text);
  await addQuestion(page, "Short text");
  await at(page, `${questions}/2/text`).fill("What is the capital of Türkiye?");
  await at(page, `${questions}/2/rules`).fill("Ankara");
  await addQuestion(page, "Number");
  await at(page, `${questions}/3/text`).fill("What is 12.5 % of 98?");
  await at(page, `${questions}/3/rules/0/value`).fill("12.25");
  await addQuestion(page, "Table");
  await at(page, `${questions}/4/text`).fill("Fill in the figures.");
  await at(page, `${questions}/4/columns/0/title`).fill("Spring");
  await at(page, `${questions}/4/rows/0/title`).fill("Visitors");
  await addQuestion(page, "Long text");
  await at(page, `${questions}/5/text`).fill("Write the reply you would send.");

  // Two faults.
  await at(page, `${questions}/5/points`).fill("plenty");
  await page.locator(`#outline a[href="#${questions}/0"]`).click();
  await at(page, `${questions}/0/choices/0/percentage`).fill("150");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("heading", { name: "2 problems to fix" }).waitFor();
  assert.equal(await at(page, `${questions}/0/choices/0/percentage`).getAttribute("aria-invalid"), "true");
  await watched.look(page, "editor-faults");

  // What was entered is still there after the tab was closed.
  await page.reload({ waitUntil: "load" }).catch(() => {});
  await page.getByText("Your unsaved changes from before are here again").waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("heading", { name: "2 problems to fix" }).waitFor();
  await page
    .locator("#faults")
    .getByRole("button", { name: /percentage/ })
    .click();
  assert.equal(await page.evaluate(() => document.activeElement.id), `at${questions}/0/choices/0/percentage`);
  await page.keyboard.press("Control+A");
  await page.keyboard.type("100");
  await page
    .locator("#faults")
    .getByRole("button", { name: /points/ })
    .click();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("2");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.locator('#state[data-sort="good"]').waitFor();
  assert.match(page.url(), /\/staff\/tests\/[^/]+\/edit/);
  const address = page
    .url()
    .split("#")[0]
    .replace(/\/edit$/, "");

  // Somebody else saves; one's own save is refused until the two were compared.
  const other = await device.newPage();
  await other.goto(`${address}/edit`);
  await at(other, "/title").fill("Stock keeping, second edition");
  await other.getByRole("button", { name: "Save", exact: true }).click();
  await other.getByText("Saved as version 2.").waitFor();
  await page.locator('#outline a[href="#"]').click();
  await at(page, "/description").fill("For the autumn intake");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("heading", { name: /Somebody saved version 2/ }).waitFor();
  await watched.look(page, "editor-conflict");
  await page.getByRole("button", { name: "Save mine as the next version" }).click();
  await page.getByText("Saved as version 3.").waitFor();
  await other.close();

  await page.goto(address);
  await watched.look(page, "test");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "JSON" }).click(),
  ]);
  const document = JSON.parse(readFileSync(await download.path(), "utf8"));
  assert.equal(document.title, "Stock keeping");
  assert.equal(document.description, "For the autumn intake");
  const edited = document.sections[0].pages[0].questions;
  assert.deepEqual(
    edited.map((question) => (question.kind === "input" ? question.type : question.kind)),
    ["multiplechoice", "match", "field", "numeric", "tabular", "area"],
  );
  assert.deepEqual(
    edited[0].choices.map((choice) => [choice.text, choice.percentage]),
    [
      ["kilogram", 100],
      ["litre", 0],
      ["metre", 0],
    ],
  );
  assert.deepEqual([edited[3].rules[0].value, edited[5].points, edited[5].evaluation], [12.25, 2, "manual"]);

  await page.goto(`${address}/preview`);
  await page.locator("#q1").getByLabel("kilogram").check();
  await page.locator("#q3 input").fill("ankara");
  await page.locator("#board").getByText("2 of 7").waitFor();
  await watched.look(page, "preview");

  await page.goto(`${address}/history`);
  await watched.look(page, "history");
  await page.getByRole("link", { name: "Changes of version 3" }).click();
  await page.getByText("For the autumn intake").waitFor();
  await watched.look(page, "compare");
  await page.goto(`${address}/history`);
  page.once("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Restore version 2" }).click();
  await page.getByText("Restored as the latest version.").waitFor();
});

test("an imported document is refused with every fault at its line, also without a script", async () => {
  const device = await watched.device(server);
  const page = await signIn(device);
  await page.goto(`${server.url}/staff/tests/import`);
  await page
    .getByLabel("Document")
    .fill("assay: 1\nkey: b b\ntitle: T\nsections:\n- key: s\n  titel: S\n  pages: []\n");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByRole("heading", { name: /problems; nothing was saved/ }).waitFor();
  await page.getByText("line 2", { exact: true }).waitFor();
  await page.getByText("line 6", { exact: true }).waitFor();
  assert.match(await page.getByLabel("Document").inputValue(), /titel: S/);
  await watched.look(page, "import-faults");
});

test("every field says what it means when asked, in the words of the schema", async () => {
  const device = await watched.device(server);
  const page = await signIn(device);
  await page.getByRole("link", { name: "New test" }).click();
  await at(page, "/title").waitFor();
  assert.equal(await page.locator(".about").count(), 0);
  const explain = page.getByRole("button", { name: "Explain the fields" });
  await explain.click();

  /** The fields and lists of the sheet that say nothing. */
  const silent = () =>
    page.$$eval("#sheet .field, #sheet fieldset, #sheet details.folded", (boxes) =>
      boxes.filter((box) => !box.querySelector(":scope > .about")).map((box) => box.textContent.slice(0, 60)),
    );
  for (const name of ["level", "dimension"]) {
    await page.locator("#sheet summary", { hasText: new RegExp(`^${name}s$`, "i") }).click();
    await page.getByRole("button", { name: `Add a ${name}` }).click();
  }
  await at(page, "/passMark").selectOption("ratio");
  assert.deepEqual(await silent(), []);
  await watched.look(page, "editor-explained");

  await page.locator('#outline a[href="#/sections/0"]').click();
  assert.deepEqual(await silent(), []);
  const meaning = page.locator("#sheet .about", { hasText: "without losing anything" });
  assert.match(await meaning.innerText(), /^How many questions a candidate may leave unanswered/);
  await page.locator('#outline a[href="#/sections/0/pages/0"]').click();
  assert.deepEqual(await silent(), []);

  const kinds = ["Multiple choice", "Match", "Short text", "Long text", "Number", "Table", "Rich text", "Code"];
  for (const [index, kind] of [...kinds, "File", "Photo", "Audio", "Video"].entries()) {
    await addQuestion(page, kind);
    await at(page, `${questions}/${index}/text`).waitFor();
    if (kind === "Table") await page.getByRole("button", { name: "Add a cell" }).click();
    assert.deepEqual(await silent(), [], kind);
  }

  await page.reload();
  await meaning.or(page.locator("#sheet .about").first()).first().waitFor();
  await explain.click();
  assert.equal(await page.locator(".about").count(), 0);
});

test("every page was as it must be", () => watched.demandNoFaults());
