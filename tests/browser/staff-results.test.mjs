// Staff's table of results: finding people and results, and taking them home as files.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Server, Watched, signIn } from "./support.mjs";

let server;
let watched;
let page;
let base;
before(async () => {
  server = await Server.start();
  watched = await Watched.open();
  const device = await watched.device(server, { timezoneId: "Europe/Istanbul", acceptDownloads: true });
  page = await signIn(device, server);
  base = `${server.url}/staff/tasks/${server.tasks[0].taskId}/results`;
});
after(async () => {
  await watched?.close();
  await server?.end();
});

const rows = () => page.locator("table.results tbody tr");
const names = () => page.locator('td[data-label="Candidate"] a').allInnerTexts();

test("people are found by parts of their names, results by outcome, score and day", async () => {
  await page.goto(base);
  await page.getByRole("table", { name: "Results" }).waitFor();
  const all = await rows().count();
  assert.ok(all > 3, "the demo has results");
  await page.getByText(new RegExp(`^1–${all} of ${all}$`)).waitFor();
  await watched.look(page, "results");
  const heights = await page
    .locator('td[data-label="Completed"] time')
    .evaluateAll((times) => times.map((time) => time.getClientRects().length));
  assert.ok(
    heights.every((lines) => lines === 1),
    "dates stand on one line",
  );
  assert.doesNotMatch(await page.locator("main").innerText(), /\d\.\d{3,}/, "at most two decimals");

  const [name] = await names();
  const parts = name.split(" ").map((part) => part.slice(0, 3).toUpperCase());
  await page.getByRole("searchbox", { name: "Search" }).fill(parts.reverse().join("  "));
  await page.keyboard.press("Enter");
  await page.waitForURL(/[?&]q=/);
  assert.ok((await names()).includes(name), `${name} by ${parts}`);
  await page.getByRole("link", { name: /^Remove filter/ }).click();
  assert.equal(await rows().count(), all);

  await page
    .getByRole("navigation", { name: "Quick filters" })
    .getByRole("link", { name: /^Passed/ })
    .click();
  await page.waitForURL(/outcome=passed/);
  assert.ok((await page.locator('td[data-label="Outcome"]').allInnerTexts()).every((text) => /^Passed/.test(text)));

  await page.goto(base);
  await page.getByText("Filter", { exact: true }).click();
  await watched.look(page, "results-filter");
  await page.getByLabel("From %").fill("50,5");
  await page.getByLabel("To %").fill("much");
  await page.getByRole("button", { name: "Show results" }).click();
  await page.getByText("Enter a number from -100 to 100.").waitFor();
  await watched.axe(page, "results, refused");
  await page.getByLabel("To %").fill("100");
  await page.getByRole("group", { name: "Started" }).getByLabel("From").fill("2020-01-01");
  await page.getByRole("button", { name: "Show results" }).click();
  await page.getByText("Score from 50,5 %").waitFor();
  const scores = await page.locator('td[data-label="Score"]').allInnerTexts();
  assert.ok(scores.length > 0 && scores.every((score) => Number.parseFloat(score) >= 50.5), scores.join());
  assert.match(page.url(), /zone=Europe%2FIstanbul/);

  await page.goto(`${base}?q=no%20such%20person`);
  await page.getByText("No results match.").waitFor();
  await page.getByText("in name, e-mail, external ID, unique ID, group and labels").waitFor();
  await watched.look(page, "results-empty");
  await page.getByRole("link", { name: "Clear search and filters" }).click();
  assert.equal(await rows().count(), all);
  watched.demandNoFaults();
});

test("the table is sorted by name, score and dates, and addresses of before still work", async () => {
  await page.goto(base);
  const all = await rows().count();
  await page.getByRole("link", { name: "Candidate", exact: true }).click();
  await page.waitForURL(/sort=name/);
  const sorted = await names();
  const plain = (name) => name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  assert.deepEqual(sorted.map(plain), sorted.map(plain).toSorted());
  assert.equal(await page.locator("th[aria-sort=ascending]").innerText(), "Candidate ↑");
  await page.getByRole("link", { name: "Score" }).click();
  const scores = (await page.locator('td[data-label="Score"]').allInnerTexts()).map(Number.parseFloat);
  assert.deepEqual(
    scores,
    scores.toSorted((one, other) => one - other),
  );
  const exact = encodeURIComponent(sorted[0]);
  await page.goto(
    `${base}?name=${exact}&status=&step=&group=&label=&email=&code=&uniqId=&candidate=&externalId=&from=&to=&sort=`,
  );
  assert.ok((await names()).every((name) => name === sorted[0]));
  await page.getByText(/^Name is exactly/).waitFor();
  await page.getByRole("link", { name: "Clear filters" }).click();
  assert.equal(await rows().count(), all);
});

test("results are taken home as a workbook and as a table that Excel opens", async () => {
  await page.goto(base);
  const all = await rows().count();
  const menu = page.getByText(`Export all ${all}`, { exact: true });
  await menu.click();
  await watched.look(page, "results-export");
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("button", { name: /^Excel/ }).isVisible(), false);
  await menu.click();
  const take = async (name) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  };
  const book = await take(/^Excel/);
  assert.match(book.name, /^results-[a-z0-9-]+\.xlsx$/);
  assert.equal(book.bytes.subarray(0, 2).toString(), "PK");
  await page.getByLabel("Points", { exact: true }).check();
  await page.getByLabel("Answer", { exact: true }).check();
  const table = await take(/^CSV with semicolons/);
  const text = table.bytes.toString();
  assert.ok(text.startsWith("\ufeffName;E-mail;External ID;"), text.slice(0, 80));
  assert.match(text, /Completed \(Europe\/Istanbul\)/);
  assert.match(text, /, answer/);
  const shown = await names();
  assert.ok(text.includes(shown[0]));
  assert.ok(text.split("\r\n").length >= all + 1);

  await page.goto(`${base}?q=no%20such%20person`);
  assert.equal(await page.getByText(/^Export/).count(), 0, "of nothing there is no file");
  watched.demandNoFaults();
});

test("a wrong key is corrected after a look at who changes", async () => {
  await page.goto(base.replace(/results$/, "group"));
  const question = page
    .getByRole("row")
    .filter({ has: page.locator(".shares") })
    .first();
  await question.getByRole("link", { name: "Correct this question" }).click();
  const [right, wrong] = [
    page.getByRole("row").filter({ hasText: "right until now" }).first().getByRole("textbox"),
    page.getByRole("row").filter({ hasNotText: "right until now" }).last().getByRole("textbox"),
  ];
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("Nothing differs from how the question is scored now.").waitFor();
  await right.fill("much");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("One percentage must be a number from -100 to 100").waitFor();
  await right.fill("0");
  await wrong.fill("100");
  await page.getByLabel("Reason").fill("The key was wrong.");
  await page.getByRole("button", { name: "Preview" }).click();
  const headline = await page.getByRole("heading", { name: /of \d+ results change/ }).innerText();
  await watched.look(page, "correct-question");
  const [changed] = headline.split(" ");
  assert.ok(Number(changed) > 0, headline);
  await page.getByRole("button", { name: `Correct ${changed} result` }).click();
  await page.getByText("The question was corrected.").waitFor();
  await page.goto(base);
  await page.locator("table.results tbody a").first().click();
  await page.getByText("The key was wrong.").first().waitFor();
  watched.demandNoFaults();
});
