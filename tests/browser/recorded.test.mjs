// After handing in, candidates see what was recorded of them: pictures, film, documents, events with their times, what is
// missing, and when it is deleted.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import {
  Server,
  Watched,
  goOn,
  ready,
  saved,
  status,
  FAKE_DEVICES,
  PIXEL_PNG,
  PAPER_PDF,
  portfolio,
} from "./support.mjs";

let server;
let watched;
before(async () => {
  server = await Server.start();
  watched = await Watched.open(FAKE_DEVICES);
});
after(async () => {
  await watched?.close();
  await server?.end();
});

const paper = () =>
  portfolio(
    { type: "file", maxFiles: 1, required: false, text: "Hand in your drawing." },
    { type: "audio", maxSeconds: 30, required: false, text: "Say who you are." },
  );

/** Enters, shows photo and document, and starts. */
async function begin(step, { device = {}, lang } = {}) {
  const task = await server.task(paper(), lang ? { lang } : {}, step);
  const person = await server.candidate(task);
  const context = await watched.device(server, device);
  const page = await context.newPage();
  await page.goto(`${server.url}/enter/${person.invitationCode}`);
  await page.locator("a.primary").click();
  for (const [name, file] of [
    ["diploma.pdf", { name: "diploma.pdf", mimeType: "application/pdf", buffer: PAPER_PDF }],
    ["me.png", { name: "me.png", mimeType: "image/png", buffer: PIXEL_PNG }],
  ]) {
    const wanted = page.locator(name === "me.png" ? "#photo" : '[data-name="Diploma"]');
    if ((await wanted.count()) === 0) continue;
    const field = name === "me.png" ? page.locator(".wanted", { has: page.locator("#photo") }) : wanted;
    await field.locator("input[type=file]:not([capture])").setInputFiles(file);
    await field.waitFor({ state: "detached" });
  }
  await page.locator("form button.primary").click();
  await ready(page);
  return { page, context, task, person };
}

async function handIn(page) {
  await page.locator("nav.turn [data-hand-in]").click();
  await page.locator("dialog [value], dialog button.primary").last().click();
  await page.locator("[data-receipt-of]").waitFor();
}

const WATCHED = {
  identityPhoto: true,
  documents: ["Diploma"],
  webcamRecording: "PHOTO",
  screenRecording: "SCREENSHOT",
  fullscreen: { resume: { maxCount: 5, maxSeconds: 600 } },
};

test("a candidate opens everything that was recorded, with its times and the day of its deletion", async () => {
  const { page, task } = await begin(WATCHED, { device: { timezoneId: "Asia/Tokyo" } });
  await page.getByRole("button", { name: "I agree" }).click();
  await page
    .locator("#watching")
    .getByText(/^Recorded while you work/)
    .waitFor();
  await page.getByRole("button", { name: "Go to full screen" }).click();
  await page.locator("#away").waitFor({ state: "hidden" });
  await goOn(page);
  await page
    .locator("#q1 input[type=file]")
    .setInputFiles({ name: "drawing.png", mimeType: "image/png", buffer: PIXEL_PNG });
  await status(page, 1, "saved").waitFor();
  await page.locator("#q2 [data-record]").click();
  await page
    .locator("#q2 [data-progress]")
    .getByText(/^Recording: 0:0?[1-9]/)
    .waitFor();
  await page.locator("#q2").getByRole("button", { name: "Stop" }).click();
  await status(page, 2, "saved").waitFor();
  await saved(page);
  const instance = new URL(page.url()).pathname.split("/").at(-1);
  await page.goto(`${page.url()}/recorded`);
  assert.match(new URL(page.url()).pathname, /\/sit\/[^/]+$/, "an open test leads back to its questions");
  await ready(page);
  await page.getByRole("button", { name: "I do not agree" }).click();
  await page.getByRole("button", { name: "Go to full screen" }).click();
  await page.locator("#away").waitFor({ state: "hidden" });
  await handIn(page);

  await page.getByRole("link", { name: "What was recorded" }).click();
  await page.getByRole("heading", { name: "What was recorded", level: 1 }).waitFor();
  const before = page.getByRole("region", { name: "Before the start" });
  await before.getByText("Diploma").waitFor();
  await before.getByText(/^Deleted after /).waitFor();
  const during = page.getByRole("region", { name: "During the test" });
  const pictures = during.getByRole("img", { name: /^Picture from your camera/ });
  await pictures.first().scrollIntoViewIfNeeded();
  await page.waitForFunction(() => {
    const images = [...document.querySelectorAll(".captures img")];
    return images.length >= 3 && images.every((image) => image.complete && image.naturalWidth > 0);
  });
  assert.ok((await during.getByRole("img", { name: /^Picture of your screen/ }).count()) >= 1);
  await during.getByRole("link", { name: "drawing.png", exact: true }).waitFor();
  assert.equal(await during.locator("audio").count(), 1);
  const opened = await page.evaluate(async () => {
    const links = [...document.querySelectorAll(".captures a, .captures audio")];
    return Promise.all(links.map(async (link) => (await fetch(link.href ?? link.src)).status));
  });
  assert.deepEqual([...new Set(opened)], [200]);
  const events = page.getByRole("region", { name: "What happened when" });
  for (const words of ["Test started", "Page 1 opened", "Full screen left", "Back in full screen", "Submitted"])
    await events.getByText(words).first().waitFor();
  assert.match(
    await events.locator("time").first().innerText(),
    /:\d\d:\d\d .*GMT\+9/,
    "to the second, in the own zone",
  );
  await watched.look(page, "recorded");
  await page.setViewportSize({ width: 320, height: 640 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  await page.setViewportSize({ width: 1280, height: 900 });

  await page.goto(`${server.url}/t/${task}/steps`);
  await page.getByRole("link", { name: /^What was recorded/ }).click();
  await page.getByRole("heading", { name: "What was recorded", level: 1 }).waitFor();

  // Nobody else sees it: another candidate of the task, and who is not logged in.
  const other = await server.candidate(task, { fullname: "Bea Example" });
  const stranger = await (await watched.device(server)).newPage();
  const address = `${server.url}/t/${task}/sit/${instance}/recorded`;
  await stranger.goto(`${server.url}/enter/${other.invitationCode}`);
  await stranger.getByRole("heading", { name: "Your steps" }).waitFor();
  assert.equal((await stranger.goto(address)).status(), 404);
  await watched.look(stranger, "recorded-stranger");
  const nobody = await (await watched.device(server)).newPage();
  await nobody.goto(address);
  assert.equal(await nobody.locator(".captures").count(), 0);
});

test("in Hebrew, from right to left, what is missing is told, and nothing recorded is said so", async () => {
  const { page } = await begin({ webcamRecording: "PHOTO" }, { lang: "he" });
  await page.getByRole("dialog").locator("button").first().click();
  await goOnAnyLanguage(page);
  await handIn(page);
  await page.getByRole("link", { name: "מה הוקלט" }).click();
  await page.getByRole("heading", { name: "מה הוקלט", level: 1 }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dir), "rtl");
  await page.getByText("אין הקלטות ואין קבצים.").waitFor();
  await watched.look(page, "recorded-hebrew");
});

async function goOnAnyLanguage(page) {
  const button = page.locator(".paper .primary:not([data-hand-in])[data-page]");
  await page.locator("[data-current]").or(button).first().waitFor();
  if ((await page.locator("[data-current]").count()) === 0) await button.click();
  await page.locator("[data-current]").waitFor();
}

test("a step without recordings shows files and events, and its list of steps no further button", async () => {
  const { page, task } = await begin({});
  await goOn(page);
  await handIn(page);
  await page.getByRole("link", { name: "What was recorded" }).click();
  await page.getByText("No recordings and no files.").waitFor();
  await page.getByText("Test started").waitFor();
  await page.goto(`${server.url}/t/${task}/steps`);
  await page.getByRole("heading", { name: "Your steps" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "What was recorded" }).count(), 0);
});

test("nothing went wrong on any page", () => watched.demandNoFaults());
