// Makes the pictures of docs/pictures from a demo with a few more people in it. Run by scripts/screenshots.

import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { documentOf, questionsOfEachKind } from "./pictures_kinds.mjs";
import { Server, Watched, document, goOn, ready, routes, saved, signIn, text } from "./support.mjs";

const FOLDER = join(import.meta.dirname, "../../docs/pictures");
const WIDE = { width: 1280, height: 860 };
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const REPLY = `Dear Ms Aydin,

you asked three times and heard nothing from us. I am sorry: that should not happen.

I have found your ticket of Monday. The export stopped because the file had grown beyond what our page takes. We have raised that limit this morning, and your export of today went through; you find it under "Downloads".

If anything is missing, please answer to this mail. It reaches me, not the queue.

Kind regards`;
const REPAIR = `opened = [ticket for ticket in tickets if ticket["state"] == "open"]
return sorted(opened, key=lambda ticket: ticket["opened"])`;

mkdirSync(FOLDER, { recursive: true });
const server = await Server.start();
const watched = await Watched.open(["--font-render-hinting=none"]);
let sum = 0;

/** A picture of what is seen without scrolling, or of so many pixels from the top. */
async function shoot(page, name, height) {
  const size = page.viewportSize();
  if (height) await page.setViewportSize({ ...size, height });
  await page.evaluate(() => document.fonts.ready);
  await page.mouse.move(0, 0);
  const path = join(FOLDER, `${name}.png`);
  await page.screenshot({ path, animations: "disabled", caret: "hide" });
  if (height) await page.setViewportSize(size);
  const { size: bytes } = statSync(path);
  sum += bytes;
  console.log(`${String(Math.round(bytes / 1024)).padStart(5)} KiB  ${name}.png`);
}

const task = await server.task(
  document("support-engineer.json"),
  { title: "Support engineer, spring", folder: "Hiring", labels: ["spring"] },
  { title: "Practical part", sharing: "detailed", review: "answers", shareWhen: "completed" },
);

async function invited(fullname, task) {
  const email = `${fullname.toLowerCase().replace(" ", ".")}@example.com`;
  return (await server.candidate(task, { fullname, email })).invitationCode;
}

/** Enters in a browser and begins; gives the page. */
async function seated(fullname, options = {}, seen = async () => {}, into = task) {
  const code = await invited(fullname, into);
  const page = await (await watched.device(server, { viewport: WIDE, ...options })).newPage();
  await page.goto(`${server.url}/t/${into}`);
  await page.getByLabel("Invitation code").fill(code);
  await seen(page, "welcome");
  await page.getByRole("button", { name: "Enter", exact: true }).click();
  await page.getByRole("link", { name: /^(Open|Continue)/ }).click();
  await page.getByRole("button", { name: /the test$/ }).waitFor();
  await seen(page, "brief");
  await page.getByRole("button", { name: /the test$/ }).click();
  await ready(page);
  await goOn(page);
  return page;
}

async function tickets(page, choice, minutes, pairs = {}) {
  await page.locator("#q1").getByRole("radio").nth(choice).check();
  await page.locator("#q2 input").fill(String(minutes));
  for (const [item, option] of Object.entries(pairs))
    await page.locator(`#q3 [data-item="${item}"] select`).selectOption(option);
  await saved(page);
}

async function turn(page, number) {
  await page.getByRole("button", { name: "Next" }).click();
  await page.locator(`[data-current="${number}"]`).waitFor();
}

async function write(page, reply, repair) {
  await turn(page, 2);
  await page.locator("#q4 input").fill("75");
  await page.locator("#q5 input").fill("pool");
  await turn(page, 3);
  await text(page, 6).fill(reply);
  const code = page.locator("#q7 textarea");
  await code.press("Control+End");
  for (const [index, line] of repair.split("\n").entries()) {
    if (index > 0) await code.press("Enter");
    await page.keyboard.insertText(line);
  }
  await saved(page);
}

async function handIn(page) {
  await page.locator("nav.turn [data-hand-in]").click();
  await page.locator("dialog").getByRole("button", { name: "Submit" }).click();
  await page.getByRole("heading", { name: "Submitted" }).waitFor();
}

// Candidates.
const first = await seated(
  "Ines Costa",
  {},
  async (page, name) => name === "welcome" && shoot(page, "candidate-welcome"),
);
await tickets(first, 0, 14, { c404: "missing" });
await first
  .locator("#q3")
  .getByRole("button", { name: /Mark for later/ })
  .click();
await first.evaluate(() => scrollTo(0, 0));
await shoot(first, "candidate-question", 1080);
await first.locator('#q3 [data-item="c503"] select').selectOption("busy");
await first.locator('#q3 [data-item="c401"] select').selectOption("login");
await write(first, REPLY, REPAIR);
await first.evaluate(() => scrollTo(0, 0));
await shoot(first, "candidate-writing", 1040);
await handIn(first);
await shoot(first, "candidate-receipt", 760);
await first.goto(first.url().replace(/receipt$/, "result"));
await first.getByRole("heading", { name: "Your answers" }).waitFor();
await shoot(first, "candidate-result", 1500);

const phone = await seated(
  "Kenji Fischer",
  PHONE,
  async (page, name) => name === "welcome" && shoot(page, "phone-welcome"),
);
await tickets(phone, 0, 15);
await phone.locator("#q1").evaluate((element) => element.scrollIntoView({ block: "start" }));
await phone.evaluate(() => (document.querySelector(".map details").open = false));
await shoot(phone, "phone-question");

const second = await seated("Oskar Berg");
await tickets(second, 0, 14, { c404: "missing", c503: "busy" });
await write(
  second,
  "Dear customer,\n\nsorry for the wait. Your ticket is now with our second line, who answer until tomorrow noon.",
  "return sorted(tickets)",
);
await handIn(second);
const third = await seated("Leyla Dubois");
await tickets(third, 3, 12, { c404: "missing", c401: "login" });
await turn(third, 2);
await third.locator("#q4 input").fill("80");
await saved(third);
const fourth = await seated("Mateo Garcia");
await fourth.locator("#q1").getByRole("radio").first().check();
await saved(fourth);

// Each kind of question with media, one picture for each.
async function uploaded(name, body) {
  const headers = { Authorization: `Bearer ${server.key}`, "Content-Disposition": `attachment; filename="${name}"` };
  const response = await fetch(`${server.url}/api/management/v1/media`, { method: "POST", headers, body });
  if (!response.ok) throw new Error(`${name}: ${await response.text()}`);
  return (await response.json()).mediaId;
}
const kinds = await questionsOfEachKind(uploaded);
const kindsTask = await server.task(documentOf(kinds), { title: "Every kind with media" });
const small = { viewport: { width: 760, height: 900 } };
const taker = await seated("Nadia Rossi", small, undefined, kindsTask);
for (const [index, { key }] of kinds.entries()) {
  const card = taker.locator(`#q${index + 1}`);
  await taker.waitForFunction(() => [...document.images].every((image) => image.complete));
  const path = join(FOLDER, `kind-${key}.png`);
  await card.screenshot({ path, animations: "disabled", caret: "hide" });
  sum += statSync(path).size;
  if (index + 1 < kinds.length) await turn(taker, index + 2);
}

// Staff.
const staff = await signIn(await watched.device(server, { viewport: WIDE }), server);
const visit = async (address, name, height) => {
  await staff.goto(server.url + address);
  await shoot(staff, name, height);
};
await visit("/staff", "staff-home");
await visit("/staff/tasks", "staff-tasks", 640);
await visit(`/staff/tasks/${task}`, "staff-task", 760);
await visit(`/staff/tasks/${task}/candidates`, "staff-candidates");
await visit(`/staff/live?task=${task}`, "staff-live", 720);

const numeracy = server.tasks.find((one) => /Numeracy/.test(one.title)).taskId;
await visit(`/staff/tasks/${numeracy}/results`, "staff-results", 1000);
const { testInstances } = await server.results(numeracy);
const complete =
  testInstances.find((one) => one.status === "COMPLETE" && one.result && !one.ignored) ?? testInstances[0];
await visit(`/staff/tasks/${numeracy}/results/${complete.testInstanceId}`, "staff-report", 1240);
const group = routes().find((route) =>
  /^\/staff\/tasks\/\{task\}\/(results\/)?(group|statistics|picture)$/.test(route),
);
if (group) await visit(group.replace("{task}", numeracy), "staff-group", 1240);

await staff.goto(`${server.url}/staff/evaluate/answer?task=${task}`);
await staff.getByText("Dear Ms Aydin").waitFor();
await staff.getByLabel("Value", { exact: true }).fill("5.5");
await staff.getByLabel("Comment").fill("Takes the blame, says what was done, gives a way to answer.");
await staff
  .getByRole("cell", { name: "Level" })
  .or(staff.getByRole("rowheader", { name: "Level" }))
  .first()
  .waitFor();
await shoot(staff, "staff-evaluate", 900);

const { tests } = await server.api("/api/management/v1/tests");
const edited = tests.find((one) => one.title === "Support engineer, practical part");
await staff.goto(`${server.url}/staff/tests/${edited.testId ?? edited.id}/edit#/sections/0/pages/0/questions/0`);
await staff.locator("#sheet-head").waitFor();
await shoot(staff, "staff-editor", 1000);

await watched.close();
await server.end();
console.log(`${String(Math.round(sum / 1024)).padStart(5)} KiB  altogether`);
if (watched.faults.length > 0) {
  console.error(watched.faults.join("\n"));
  process.exitCode = 1;
}
