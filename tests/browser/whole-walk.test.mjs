// Everything once, by pages alone: staff write a test, make a task and invite by mail; a candidate sits it with cut
// connections, a reload, two tabs and two devices; staff evaluate; and table, report and API show the same figures.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Server, Watched, goOn, savedAnswers, ready, saved, signIn, status, text } from "./support.mjs";

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

// What one step of the walk leaves for the next.
const walk = {};
const TITLE = "Spring trial of the service desk";
const PERSON = { name: "Emmy Noether", email: "emmy@example.org" };

const at = (page, pointer) => page.locator(`[id="at${pointer}"]`);

async function addQuestion(page, section, kind) {
  await page.locator(`#outline a[href="#/sections/${section}/pages/0"]`).click();
  await page.getByRole("button", { name: `Add: ${kind}`, exact: true }).click();
}

/** Goes to an area by the menu at the side. */
const area = (page, name) =>
  page.getByRole("navigation", { name: "Work" }).getByRole("link", { name, exact: true }).click();

test("staff write a test of two sections in the editor", async () => {
  const page = await signIn(await watched.device(server), server);
  await area(page, "Tests");
  await page.getByRole("link", { name: "New test" }).click();
  await at(page, "/title").fill("Service desk trial");
  await at(page, "/key").fill("service-desk-trial");
  await addQuestion(page, 0, "Multiple choice");
  await at(page, "/sections/0/pages/0/questions/0/text").fill("Which ticket do you take first?");
  await at(page, "/sections/0/pages/0/questions/0/choices/0/text").fill("Nobody can log in");
  await at(page, "/sections/0/pages/0/questions/0/choices/1/text").fill("A typing error on the help page");
  await at(page, "/sections/0/pages/0/questions/0/points").fill("2");
  await addQuestion(page, 0, "Short text");
  await at(page, "/sections/0/pages/0/questions/1/text").fill("What is the capital of Türkiye?");
  await at(page, "/sections/0/pages/0/questions/1/rules").fill("Ankara");
  await at(page, "/sections/0/pages/0/questions/1/points").fill("3");
  await page.getByRole("button", { name: "Add a section" }).click();
  await at(page, "/sections/1/title").fill("Writing");
  await addQuestion(page, 1, "Long text");
  await at(page, "/sections/1/pages/0/questions/0/text").fill("Write the reply you would send.");
  await at(page, "/sections/1/pages/0/questions/0/points").fill("10");
  await at(page, "/sections/1/pages/0/questions/0/evaluation").selectOption("manual");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved as version 1.").waitFor();
  await watched.look(page, "whole-editor");
  walk.test = new URL(page.url()).pathname.split("/")[3];
  walk.staff = page;
});

test("staff make a task with it, write an invitation, add a candidate and invite her", async () => {
  const page = walk.staff;
  await area(page, "Tasks");
  await page.getByRole("link", { name: "New task" }).click();
  await page.getByLabel("Title").first().fill(TITLE);
  await page.getByLabel("Test", { exact: true }).selectOption(walk.test);
  await page.getByRole("button", { name: "Create task" }).click();
  await page.getByText("Task created").waitFor();
  walk.task = new URL(page.url()).pathname.split("/").at(-1);
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("link", { name: "E-mail templates" }).click();
  await page.getByLabel("Name").fill("Welcome");
  await page.getByLabel("Subject").fill("Welcome to {{task}}");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").waitFor();
  await page.getByRole("navigation", { name: "This task" }).getByRole("link", { name: "Candidates" }).click();
  await page.getByRole("link", { name: "Add candidate" }).click();
  await page.getByLabel("Name", { exact: true }).fill(PERSON.name);
  await page.getByLabel("E-mail", { exact: true }).fill(PERSON.email);
  await page.getByLabel("Invite by mail").selectOption("Welcome");
  await page.getByRole("button", { name: "Add candidate" }).click();
  await page.getByText("Added.").waitFor();
  const letter = await server.letter(PERSON.email);
  assert.match(letter, new RegExp(`Subject: Welcome to ${TITLE}`));
  walk.link = letter.match(/http:\/\/\S+\/enter\/\w+/)[0];
});

test("the candidate comes by the mail's link and answers through cut connections and a reload", async () => {
  const device = await watched.device(server);
  const page = await device.newPage();
  await page.goto(walk.link);
  await page.getByRole("link", { name: /^Open/ }).click();
  await page.getByRole("button", { name: "Start the test" }).click();
  await ready(page);
  await goOn(page);
  await page.locator("#q1").getByRole("radio", { name: "Nobody can log in" }).check();
  await status(page, 1, "saved").waitFor();

  // The connection is cut, and comes back.
  await device.setOffline(true);
  await text(page, 2).fill("Istanbul");
  await status(page, 2, "waiting").waitFor();
  await page.locator("#banner:visible").waitFor();
  assert.match(await page.locator("#saved").innerText(), /Not sent yet: 1/);
  await device.setOffline(false);
  await status(page, 2, "saved").waitFor();
  assert.equal((await savedAnswers(page))[2], "Istanbul");

  // The server dies, and in the middle of it the page is opened anew: not even a last request can have arrived.
  const address = page.url();
  await server.kill();
  await text(page, 2).fill("Ankara");
  await status(page, 2, "waiting").waitFor();
  await page.reload().catch(() => {});
  await server.run();
  await page.goto(address);
  await ready(page);
  assert.equal(await text(page, 2).inputValue(), "Ankara", "what was not sent is still there");
  await status(page, 2, "saved").waitFor();
  assert.equal((await savedAnswers(page))[2], "Ankara");
  await page.getByRole("button", { name: "Next" }).click();
  await page.locator('[data-current="2"]').waitFor();
  Object.assign(walk, { device, page });
});

test("two tabs do not overwrite each other silently", async () => {
  const { device, page } = walk;
  await text(page, 3).fill("Dear customer,");
  await status(page, 3, "saved").waitFor();
  const second = await device.newPage();
  await second.goto(page.url());
  await ready(second);
  await page.getByText("This test was opened in another tab").waitFor();
  assert.equal(await text(second, 3).inputValue(), "Dear customer,");
  await text(second, 3).fill("Dear customer, we are sorry.");
  await status(second, 3, "saved").waitFor();
  // Whatever the first one still holds, it writes nothing.
  await page.evaluate(() => {
    const field = document.querySelector("#q3 textarea");
    field.value = "from the first tab";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await second.reload();
  await ready(second);
  assert.equal(await text(second, 3).inputValue(), "Dear customer, we are sorry.");
  assert.equal((await savedAnswers(second))[3], "Dear customer, we are sorry.");
  await page.close();
  walk.page = second;
});

test("a second device takes over, and what both have changed is asked about", async () => {
  const { device, page } = walk;
  const other = await (
    await watched.device(server, { acceptDownloads: true, viewport: { width: 390, height: 844 } })
  ).newPage();
  await other.goto(walk.link);
  await other.getByRole("link", { name: /^Continue/ }).click();
  await other.getByRole("button", { name: "Continue the test" }).click();
  await ready(other);
  assert.equal(await text(other, 3).inputValue(), "Dear customer, we are sorry.");
  await device.setOffline(true);
  await text(page, 3).fill("Written on the first device.");
  await status(page, 3, "waiting").waitFor();
  await text(other, 3).fill("Dear customer, we are sorry, and it works again.");
  await status(other, 3, "saved").waitFor();
  await device.setOffline(false);
  await page.locator("#q3 [data-conflict]:visible").waitFor();
  await watched.look(page, "whole-conflict");
  assert.match(await page.locator("#q3 [data-conflict]").innerText(), /first device[\s\S]*works again/);
  await page.getByRole("button", { name: "The other one" }).click();
  await status(page, 3, "saved").waitFor();
  assert.equal(await text(page, 3).inputValue(), "Dear customer, we are sorry, and it works again.");
  walk.other = other;
});

test("it is handed in once, everywhere, and the receipt is genuine", async () => {
  const { page, other } = walk;
  await saved(other);
  await other.locator("nav.turn [data-hand-in]").click();
  await other.getByText("The server has your answers to 3 of 3 questions.").waitFor();
  await other.locator("dialog").getByRole("button", { name: "Submit" }).click();
  await other.getByRole("heading", { name: "Submitted" }).waitFor();
  const [download] = await Promise.all([
    other.waitForEvent("download"),
    other.getByRole("link", { name: "Download the receipt" }).click(),
  ]);
  const receipt = readFileSync(await download.path(), "utf8");
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await page.getByRole("heading", { name: "Submitted" }).waitFor();
  assert.equal(
    await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes("/answer/")).length),
    0,
  );
  const anybody = await (await watched.device(server)).newPage();
  await anybody.goto(`${server.url}/verify`);
  await anybody.getByLabel("Contents of the receipt").fill(receipt);
  await anybody.getByRole("button", { name: "Check" }).click();
  await anybody.getByText("This receipt is genuine").waitFor();
});

test("staff evaluate the essay, and table, report and API show the same figures", async () => {
  const page = walk.staff;
  await area(page, "Grade");
  await page.getByRole("link", { name: `Grade the answers of ${TITLE}` }).click();
  await page.getByText("Dear customer, we are sorry, and it works again.").waitFor();
  assert.equal(await page.getByText(PERSON.name).count(), 0, "evaluated untitled");
  await page.getByLabel("Value", { exact: true }).fill("7.5");
  await page.getByLabel("Comment").fill("Friendly and clear.");
  await page.getByRole("button", { name: "Save and next" }).click();
  await page.getByText("The result went from 5 to 12.5 of 15 points").waitFor();

  const { testInstances } = await server.results(walk.task);
  assert.equal(testInstances.length, 1);
  const [{ result, status: state, testInstanceId }] = testInstances;
  assert.equal(state, "COMPLETE");
  const { points, maximum, ratio } = figures(result.scoreboard);
  assert.deepEqual([points, maximum], [12.5, 15]);
  assert.ok(Math.abs(ratio - 12.5 / 15) < 1e-6, `${ratio}`);
  assert.deepEqual(
    result.sections.map((section) => section.scoreboard.pointsAchieved),
    [5, 7.5],
  );

  await area(page, "Tasks");
  await page.getByRole("link", { name: TITLE, exact: true }).click();
  await page.getByRole("navigation", { name: "This task" }).getByRole("link", { name: "Results" }).click();
  const row = page.getByRole("row", { name: new RegExp(PERSON.name) });
  shows(await row.innerText(), result.scoreboard, "the table");
  await watched.look(page, "whole-results");
  await row.getByRole("link", { name: PERSON.name }).click();
  assert.ok(page.url().endsWith(testInstanceId));
  shows(await page.getByRole("region", { name: "Result", exact: true }).innerText(), result.scoreboard, "the report");
  for (const [index, title] of ["Section 1", "Writing"].entries()) {
    const line = page.getByRole("region", { name: "Sections" }).getByRole("row", { name: new RegExp(`^${title}`) });
    shows(await line.innerText(), result.sections[index].scoreboard, title);
  }
  await page.getByText("Friendly and clear.").first().waitFor();
  await watched.look(page, "whole-report");
});

const figures = ({ pointsAchieved, maxAchievablePoints, achievementRatio }) => ({
  points: pointsAchieved,
  maximum: maxAchievablePoints,
  ratio: achievementRatio,
});

/** A text that names "12.5 of 15" and "83.3 %" names these figures, in as many digits as it has. */
function shows(shown, scoreboard, where) {
  const { points, maximum, ratio } = figures(scoreboard);
  const numbers = shown.match(/(-?[\d.]+)\s+of\s+([\d.]+)/);
  assert.deepEqual(numbers?.slice(1).map(Number), [points, maximum], `${where}: ${shown}`);
  const percent = shown.match(/(-?[\d.]+)\s*%/)?.[1];
  assert.ok(percent, `${where}: ${shown}`);
  const digits = percent.split(".")[1]?.length ?? 0;
  assert.ok(
    Math.abs(Number(percent) - ratio * 100) <= 0.5000001 * 10 ** -digits,
    `${where}: ${percent} % for ${ratio}`,
  );
}

test("nothing went wrong on any page", () => watched.demandNoFaults());
