// A candidate's result: what is shown when, how it looks and prints; and answers checked while practising.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Server, Watched, document, goOn, question, reach, ready, saved, signIn, sit, text } from "./support.mjs";

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

/** Answers the paper and hands it in. */
async function answered(page) {
  await goOn(page);
  await question(page, 1).getByRole("radio").first().check();
  await question(page, 2).locator("select").first().selectOption("x");
  await saved(page);
  await page.getByRole("button", { name: "Next", exact: true }).click();
  if (await page.getByRole("button", { name: "Continue" }).count()) await goOn(page);
  await text(page, 3).fill("100");
  await text(page, 4).fill("Dear guest, I am sorry.");
  await saved(page);
  await page.locator("[data-hand-in]").first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Submit", exact: true }).click();
  await page.waitForURL(/receipt$/);
}

test("a result waits for its release, and then shows outcome, parts, profile and answers", async () => {
  const step = { sharing: "detailed", review: "solutions", shareWhen: "released" };
  const task = await server.task(document("result.json"), {}, step);
  const person = await server.candidate(task);
  const device = await watched.device(server);
  const page = await sit(device, server, task, person.invitationCode);
  assert.equal(await page.locator("[data-check]").count(), 0, "no practice, no checking");
  await answered(page);
  await page.getByText("Your result will be available when it is released.").waitFor();
  await watched.look(page, "receipt-withheld");
  const result = page.url().replace(/receipt$/, "result");
  await page.goto(result);
  await page.getByText("Your result will be available when it is released.").waitFor();
  await watched.look(page, "result-withheld");

  const staff = await signIn(await watched.device(server), server);
  await staff.goto(`${server.url}/staff/tasks/${task}`);
  staff.on("dialog", (dialog) => dialog.accept());
  await staff.getByRole("button", { name: /Release results/ }).click();
  await staff.getByText("Results released.").waitFor();
  await watched.look(staff, "staff-released");

  await page.goto(`${server.url}/t/${task}/steps`);
  await watched.look(page, "steps-result");
  await page.getByRole("link", { name: /Your result/ }).click();
  await page.getByText("Some answers are still being graded").waitFor();
  await page.getByRole("heading", { name: "How you did, part by part" }).waitFor();
  await page.getByRole("heading", { name: "Your profile" }).waitFor();
  const first = page.getByRole("article").first();
  await first.getByText("Right: the room is somebody's home.").waitFor();
  assert.equal(await page.getByText("Anybody could ask for that.").count(), 0, "only of what was chosen");
  await page.getByRole("article").nth(2).getByText("102").waitFor();
  assert.doesNotMatch(await page.locator("main").innerText(), /\d\.\d{3,}/, "at most two decimals");
  await watched.look(page, "result");
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator(".result > .actions").isVisible(), false, "buttons are not printed");
  await page.emulateMedia({ media: "screen" });
  await page.keyboard.press("Home");
  await reach(page, page.getByRole("link", { name: "See the receipt" }).or(page.locator('a[href$="/receipt"]')));

  await page.evaluate(() => document.documentElement.setAttribute("dir", "rtl"));
  await watched.width(page, "result, right to left");
  await watched.shoot(page, "result-rtl");

  // A new sign-in leads where there is something to read.
  const again = await (await watched.device(server)).newPage();
  await again.goto(`${server.url}/t/${task}`);
  await again.getByLabel("Invitation code").fill(person.invitationCode);
  await again.getByRole("button", { name: "Enter", exact: true }).click();
  await again.waitForURL(/result$/);
  await again.getByRole("heading", { name: "Your answers" }).waitFor();

  await staff.reload();
  await staff.getByRole("button", { name: /Withdraw results/ }).click();
  await staff.getByText("Results withdrawn.").waitFor();
  await page.goto(result);
  await page.getByText("Your result is not available at the moment.").waitFor();
  assert.equal(await page.getByRole("article").count(), 0);
  watched.demandNoFaults();
});

test("a result that is settled says whether it was passed, in the candidate's language", async () => {
  const step = { sharing: "basic", review: "none", shareWhen: "completed" };
  const paper = document("result.json");
  paper.sections[1].pages[0].questions.pop();
  const task = await server.task(paper, { lang: "tr" }, step);
  const person = await server.candidate(task);
  const page = await (await watched.device(server)).newPage();
  await page.goto(`${server.url}/t/${task}`);
  await page.locator('input[name="code"]').fill(person.invitationCode);
  await page.locator("form button").last().click();
  await page.locator(".steps a").first().click();
  await page.locator('form[action$="start"] button').click();
  await ready(page);
  await page.locator("[data-current]").waitFor();
  await question(page, 1).getByRole("radio").first().check();
  await saved(page);
  await page.locator("[data-hand-in]").first().click();
  await page.locator("dialog .primary").click();
  await page.waitForURL(/receipt$/);
  await page.locator('a[href$="/result"]').click();
  await page.getByRole("heading", { name: "Bu kez geçemediniz" }).waitFor();
  await page.getByText("%33,33").waitFor();
  await watched.look(page, "result-turkish");
  watched.demandNoFaults();
});

test("while practising an answer is checked by keyboard, and what was said goes when the answer changes", async () => {
  const task = await server.task(document("result.json"), {}, { practiceMode: true });
  const person = await server.candidate(task);
  const device = await watched.device(server);
  const page = await sit(device, server, task, person.invitationCode);
  await goOn(page);
  const first = question(page, 1);
  const check = first.getByRole("button", { name: /Check answer/ });
  await check.click();
  await first.getByText("Please answer the question first.").waitFor();
  await first.getByRole("radio").nth(1).check();
  await saved(page);
  await reach(page, check);
  await page.keyboard.press("Enter");
  await first.getByText("Anybody could ask for that.").waitFor();
  assert.equal(await first.locator("[data-checked] .outcome").innerText(), "Wrong");
  await first.getByText("Safety and privacy come first.").waitFor();
  await watched.look(page, "practice");
  await first.getByRole("radio").first().check();
  await first.locator("[data-checked]:empty").waitFor({ state: "attached" });
  await check.click();
  await first.getByText("Right: the room is somebody's home.").waitFor();
  assert.match(await first.locator("[data-checked] .outcome").innerText(), /Right/);
  await page.getByRole("button", { name: "Next", exact: true }).click();
  if (await page.getByRole("button", { name: "Continue" }).count()) await goOn(page);
  await text(page, 4).fill("Dear guest");
  await question(page, 4)
    .getByRole("button", { name: /Check answer/ })
    .click();
  await question(page, 4).getByText("This answer is not scored automatically").waitFor();
  watched.demandNoFaults();
});
