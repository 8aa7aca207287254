// The candidate's whole walk, and every page of it looked at: with axe, in the dark, at 360 px.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Server, Watched, document, goOn, isStaff, reach, ready, routes, saved, status } from "./support.mjs";

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

test("a candidate enters, answers every kind of question, hands in, and keeps a receipt that anybody can check", async () => {
  const form = {
    fields: [
      { key: "city", label: "City", kind: "text", required: true },
      { key: "level", label: "Level", kind: "select", options: ["Junior", "Senior"] },
      { key: "ok", label: "I agree", kind: "checkbox", required: true },
    ],
  };
  const task = await server.task(
    document("every-kind.json"),
    { accessForm: form },
    { attemptLimit: 2, activeBefore: 1893456000 },
  );
  const person = await server.candidate(task);
  const device = await watched.device(server, { acceptDownloads: true, timezoneId: "Asia/Tokyo" });
  const page = await device.newPage();

  await page.goto(`${server.url}/t/${task}`);
  await watched.look(page, "welcome");
  await page.getByLabel("Invitation code").fill("0000000000");
  await page.getByRole("button", { name: "Enter", exact: true }).click();
  await page.getByText("These details do not match").waitFor();
  await watched.look(page, "refused");
  await page.getByLabel("Invitation code").fill(person.invitationCode.toLowerCase());
  await page.getByRole("button", { name: "Enter", exact: true }).click();

  await page.getByLabel("City").fill("Ankara");
  await watched.look(page, "form");
  await page.getByRole("button", { name: "Save and continue" }).click();
  await page.getByText("Please fill this in.").waitFor();
  await watched.look(page, "form-fault");
  assert.equal(await page.getByLabel("City").inputValue(), "Ankara");
  await page.getByLabel("I agree").check();
  await page.getByRole("button", { name: "Save and continue" }).click();

  await page.getByRole("heading", { name: "Your steps" }).waitFor();
  assert.match(await page.locator("time").first().innerText(), /09:00/, "in the candidate's zone");
  await watched.look(page, "steps");
  await page.getByRole("link", { name: /^Open/ }).click();
  await watched.look(page, "brief");
  await page.getByRole("button", { name: "Start the test" }).click();
  await ready(page);
  await watched.look(page, "begin");
  await goOn(page);

  await page.locator("#q1").getByRole("radio").first().check();
  await page.locator("#q2").getByLabel("12").check();
  await page.locator("#q2").getByLabel("20").check();
  await page.locator("#q2").getByLabel("31").click();
  await page.locator("#q2").getByText("You can choose at most 2.").waitFor();
  await page.locator("#q3 select").selectOption("a");
  await page.locator('#q4 .partner[data-key="o1"]').dragTo(page.locator('#q4 [data-item="i1"]'));
  await page.locator('#q4 [data-item="i2"] select').selectOption("o2");
  await page
    .locator("#q4")
    .getByRole("button", { name: /Mark for later/ })
    .click();
  await saved(page);
  await status(page, 4, "saved").waitFor();
  assert.equal(await page.locator('#q4 [data-item="i2"] option[value="o1"]').isDisabled(), true, "used up");
  await watched.look(page, "choices");

  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText("Now some").waitFor();
  await watched.look(page, "intro");
  await goOn(page);
  await page.locator("#q5 input").fill("Ankara");
  await page.locator("#q6 input").fill("12.25");
  await page.locator("#q7 input").first().fill("1");
  await status(page, 7, "saved").waitFor();
  await watched.look(page, "short");
  await page.reload();
  await ready(page);
  assert.equal(await page.locator("#q6 input").inputValue(), "12.25");

  await page.getByRole("button", { name: "Next" }).click();
  await page.locator('[data-current="3"]').waitFor();
  await page.locator("#q9 .rich").click();
  await page.keyboard.type("Dear all");
  await page.locator("#q10 textarea").focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("return a + b");
  await status(page, 10, "saved").waitFor();
  await watched.look(page, "long");

  await page.getByRole("button", { name: "Submit" }).last().click();
  await page.getByText("The server has your answers to 9 of 11 questions.").waitFor();
  await watched.look(page, "hand-in");
  await page
    .locator("dialog .group.warn", { hasText: "Required, without a complete answer" })
    .getByRole("link", { name: "Question 8" })
    .waitFor();
  await page.locator("dialog").getByRole("button", { name: "Submit" }).click();
  await page.getByRole("heading", { name: "Submitted" }).waitFor();
  await watched.look(page, "receipt");
  const recorded = await device.newPage();
  await recorded.goto(page.url().replace(/receipt$/, "recorded"));
  await recorded.getByRole("heading", { name: "What was recorded", level: 1 }).waitFor();
  await watched.look(recorded, "recorded-plain");
  await recorded.close();
  const result = await device.newPage();
  await result.goto(page.url().replace(/receipt$/, "result"));
  await result.getByText("The results of this test are not shown.").waitFor();
  await watched.look(result, "result-not-shared");
  await result.close();
  assert.equal(await page.evaluate(() => Object.keys(localStorage).length), 0, "nothing is left on the device");

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download the receipt" }).click(),
  ]);
  watched.visited.add(new URL(download.url()).pathname);
  const receipt = readFileSync(await download.path(), "utf8");
  const anybody = await (await watched.device(server)).newPage();
  await anybody.goto(`${server.url}/verify`);
  await watched.look(anybody, "verify");
  for (const [content, verdict] of [
    [receipt, "This receipt is genuine"],
    [receipt.replace(/"n": \d+/, '"n": 99'), "This receipt is not genuine"],
    ["hello", "This is not a receipt file"],
  ]) {
    await anybody.getByLabel("Contents of the receipt").fill(content);
    await anybody.getByRole("button", { name: "Check" }).click();
    await anybody.getByText(verdict).waitFor();
    await watched.look(anybody, `verify-${verdict.length}`);
  }
  await anybody.goto(await page.locator('main a[href*="/verify/"]').getAttribute("href"));
  await anybody.getByText("This receipt is genuine").waitFor();

  // The same figures as the page showed, read over the API.
  const { testInstances } = await server.results(task);
  assert.equal(testInstances[0].status, "COMPLETE");
  assert.equal(testInstances[0].result.scoreboard.pointsAchieved, 1 + 2 + 1 + 3 + 1 + 1 + 1);
});

test("the direct access link goes straight in, and shows Turkish to whoever asks for it", async () => {
  const task = await server.task(document("every-kind.json"));
  const person = await server.candidate(task);
  const quiet = await (await watched.device(server, { javaScriptEnabled: false })).newPage();
  await quiet.goto(`${server.url}/enter/${person.invitationCode}`);
  await quiet.getByRole("button", { name: "Continue" }).waitFor();
  const listed = await server.api(`/api/management/v1/tasks/${task}/candidates`);
  assert.equal(JSON.stringify(listed).includes('"loggedIn":true'), false, "looking at the link is no entry");

  const page = await (await watched.device(server, { locale: "tr-TR" })).newPage();
  await page.goto(`${server.url}/enter/${person.invitationCode}`);
  await page.getByRole("heading", { name: "Adımlarınız" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "tr");
  await watched.look(page, "steps-turkish");
  await page.getByRole("link", { name: "English" }).click();
  await page.getByRole("heading", { name: "Your steps" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Autumn intake" }).waitFor();
});

test("tasks without and with credentials, and pages that are not there", async () => {
  const page = await (await watched.device(server)).newPage();
  const open = await server.task(document("every-kind.json"), { accessMethod: "no-auth" });
  await page.goto(`${server.url}/t/${open}/`);
  await watched.look(page, "welcome-open");
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByRole("heading", { name: "Your steps" }).waitFor();

  const locked = await server.task(
    document("every-kind.json"),
    { accessMethod: "double-credential" },
    { active: false },
  );
  await server.candidate(locked, { credential1: "ada", credential2: "secret-1" });
  await page.goto(`${server.url}/t/${locked}`);
  await watched.look(page, "welcome-credentials");
  await page.getByLabel("Your ID").fill("ada");
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Enter", exact: true }).click();
  await page.getByText("These details do not match").waitFor();
  await page.getByLabel("Password").fill("secret-1");
  await page.getByRole("button", { name: "Enter", exact: true }).click();
  await page.getByText("This is switched off at the moment.").waitFor();
  await watched.look(page, "steps-closed");

  await page.goto(`${server.url}/`);
  await watched.look(page, "enter");
  await page.goto(`${server.url}/t/nothing`);
  await watched.look(page, "missing");
  await page.goto(`${server.url}/o/${server.organizationId}/about`);
  await watched.look(page, "about");
  const logo = await page.goto(`${server.url}/o/${server.organizationId}/logo`);
  assert.equal(logo.status(), 404, "the demo has none");
});

test("the whole walk needs no mouse", async () => {
  const task = await server.task(document("every-kind.json"));
  const person = await server.candidate(task);
  const page = await (await watched.device(server)).newPage();
  await page.goto(`${server.url}/t/${task}`);
  await reach(page, page.getByLabel("Invitation code"));
  await page.keyboard.type(person.invitationCode);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Your steps" }).waitFor();
  await reach(page, page.getByRole("link", { name: /^Open/ }));
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Start the test" }).waitFor();
  await reach(page, page.getByRole("button", { name: "Start the test" }));
  await page.keyboard.press("Enter");
  await ready(page);
  await page.locator('[data-current="1"]').waitFor();
  await reach(page, page.locator("#q1 input").first());
  await page.keyboard.press("Space");
  await reach(page, page.locator("#q2 input").first());
  await page.keyboard.press("Space");
  await reach(page, page.locator("#q4 select").first());
  await page.keyboard.press("2");
  await status(page, 4, "saved").waitFor();
  await reach(page, page.getByRole("button", { name: "Next" }));
  await page.keyboard.press("Enter");
  await page.getByText("Now some").waitFor();
  await reach(page, page.getByRole("button", { name: "Continue" }));
  await page.keyboard.press("Enter");
  await page.locator('[data-current="2"]').waitFor();
  await reach(page, page.getByRole("button", { name: "Next" }));
  await page.keyboard.press("Enter");
  await page.locator('[data-current="3"]').waitFor();
  await reach(page, page.locator("#q10 textarea"));
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await reach(page, page.locator("nav.turn [data-hand-in]"));
  await page.keyboard.press("Enter");
  await reach(page, page.locator("dialog").getByRole("button", { name: "Submit" }));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Submitted" }).waitFor();
});

test("every page was opened, and nothing went wrong on any", () => {
  watched.demandAll(routes().filter((route) => !isStaff(route)));
  watched.demandNoFaults();
});
