// Staff at their desk: evaluating one answer after the other, and following who is in a test.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Server, Watched, document, goOn, saved, signIn, sit } from "./support.mjs";

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

/** A candidate who handed in a text that a person has to evaluate. */
async function handIn(task, text) {
  const person = await server.candidate(task);
  const page = await sit(await watched.device(server), server, task, person.invitationCode);
  const intro = page.getByRole("button", { name: "Continue" });
  if (await intro.isVisible()) await goOn(page);
  await page.locator("#q1 textarea").fill(text);
  await page.locator("#q2 textarea").fill(`${text} again`);
  await saved(page);
  await page.getByRole("button", { name: "Submit" }).last().click();
  await page.locator("dialog").getByRole("button", { name: "Submit" }).click();
  await page.getByRole("heading", { name: "Submitted" }).waitFor();
}

test("an evaluator goes through the answers with the keyboard and sees what each value changes", async () => {
  const task = await server.task(document("essays.json"), { title: "Essays" });
  await handIn(task, "First");
  await handIn(task, "Second");
  const page = await signIn(await watched.device(server), server);
  await page.goto(`${server.url}/staff/evaluate`);
  await page.getByRole("link", { name: "Grade the answers of Essays" }).click();
  await page.getByText("First", { exact: true }).waitFor();
  assert.equal(await page.getByText("Ada Example").count(), 0, "no names unless asked for");
  await page.getByLabel("Value", { exact: true }).fill("11");
  await page.getByText("Must lie within what can be earned.").waitFor();
  await page.getByLabel("Value", { exact: true }).fill("7,5");
  await page.getByRole("cell", { name: "7.5", exact: true }).waitFor();
  await watched.look(page, "staff-evaluate-answer-typed");
  await page.keyboard.press("Control+Enter");
  await page.getByText("The result went from 0 to 7.5 of 20 points").waitFor();
  await page.getByText("First again", { exact: true }).waitFor();
  await page.keyboard.press("Alt+KeyN");
  await page.getByText("Second", { exact: true }).waitFor();
  await page.keyboard.press("Alt+KeyP");
  await page.getByText("First again", { exact: true }).waitFor();
  await page.keyboard.press("Alt+Digit4");
  await page.keyboard.press("Control+Enter");
  await page.getByText("of 20 points").first().waitFor();
  const { testInstances } = await server.results(task);
  const points = testInstances.map((one) => one.result.scoreboard.pointsAchieved).sort();
  assert.deepEqual(points, [0, 17.5], "the API lists what the page told");
});

test("a rubric weighs its criteria, which are there again at the next answer", async () => {
  const task = await server.task(document("essays.json"), { title: "Rubric" });
  await handIn(task, "Weighed");
  await handIn(task, "Weighed too");
  const page = await signIn(await watched.device(server), server);
  await page.goto(`${server.url}/staff/evaluate/answer?task=${task}`);
  await page.getByLabel("Grade as").selectOption("rubric");
  const fill = async (number, name, weight, share) => {
    await page.getByLabel(`Criterion ${number}`, { exact: true }).fill(name);
    await page.getByLabel(`Weight of criterion ${number}`).fill(weight);
    await page.getByLabel(`Share of criterion ${number} in per cent`).fill(share);
  };
  await fill(1, "Content", "3", "100");
  await fill(2, "Style", "1", "none");
  await page.getByText("Criterion 2 must have numbers.").waitFor();
  await fill(2, "Style", "1", "50");
  await page.getByRole("cell", { name: "8.75", exact: true }).waitFor();
  await watched.look(page, "staff-evaluate-rubric");
  await page.keyboard.press("Control+Enter");
  await page.getByText("The result went from 0 to 8.75 of 20 points").waitFor();
  // The other question has a rubric of its own; the same question of the next candidate has this one again.
  assert.equal(await page.getByLabel("Grade as").inputValue(), "points");
  await page.keyboard.press("Alt+KeyN");
  await page.getByText("Weighed too", { exact: true }).waitFor();
  assert.equal(await page.getByLabel("Criterion 2", { exact: true }).inputValue(), "Style");
  assert.equal(await page.getByLabel("Weight of criterion 1").inputValue(), "3");
});

test("two evaluators at one answer: the second is told and loses nothing", async () => {
  const task = await server.task(document("essays.json"), { title: "Quick" });
  await handIn(task, "Quick");
  const device = await watched.device(server);
  const first = await signIn(device, server);
  await first.goto(`${server.url}/staff/evaluate/answer?task=${task}`);
  const second = await device.newPage();
  await second.goto(`${server.url}/staff/evaluate/answer?task=${task}`);
  await first.getByLabel("Value", { exact: true }).fill("3");
  await first.getByRole("button", { name: "Save and next" }).click();
  await first.getByText("Saved.").waitFor();
  await second.getByLabel("Value", { exact: true }).fill("9");
  await second.getByLabel("Comment").fill("A long comment");
  await second.getByRole("button", { name: "Save and next" }).click();
  await second.getByText("Somebody else evaluated this answer meanwhile").waitFor();
  assert.equal(await second.getByLabel("Value", { exact: true }).inputValue(), "9");
  assert.equal(await second.getByLabel("Comment").inputValue(), "A long comment");
  await second.getByText("Graded 3 points").waitFor();
  await watched.look(second, "staff-evaluate-quicker");
});

test("who is in a test is shown, given time, closed and let in again", async () => {
  const task = await server.task(document("every-kind.json"), { title: "Now" });
  const person = await server.candidate(task, { fullname: "Mary Example" });
  const candidate = await sit(await watched.device(server), server, task, person.invitationCode);
  await goOn(candidate);
  await candidate.locator("#q1").getByRole("radio").first().check();
  await saved(candidate);
  const page = await signIn(await watched.device(server), server);
  await page.goto(`${server.url}/staff/live?task=${task}`);
  const row = page.getByRole("row", { name: /Mary Example/ });
  await row.getByText("1 / 11").waitFor();
  await watched.look(page, "staff-live-now");
  await candidate.locator("#q2").getByLabel("12").check();
  await saved(candidate);
  await row.getByText("2 / 11").waitFor();
  await page.getByRole("link", { name: "Mary Example" }).click();
  await watched.look(page, "staff-live-one");
  page.on("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "End test now" }).click();
  await page.getByText("The test has ended").waitFor();
  await watched.look(page, "staff-live-closed");
  await page.getByRole("button", { name: "Reopen" }).click();
  await page.getByText("The test is open again").waitFor();
});

test("nothing went wrong on any page", () => {
  watched.demandNoFaults();
});
