// Files, photos and recordings: as answers, before the start, and as evidence of who sits there. The camera, microphone
// and screen are Chromium's own imitations.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import {
  Server,
  Watched,
  goOn,
  reach,
  ready,
  saved,
  signIn,
  sit,
  status,
  text,
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

const integration = (task) => `/api/integration/rest/v1/tasks/${task}/test-instances`;
const listed = (page, slot) => page.locator(`#q${slot} [data-files] li`);

/** A file behind a link that needs no key. */
async function fetched(url) {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  return { type: response.headers.get("content-type"), bytes: Buffer.from(await response.arrayBuffer()) };
}

async function handIn(page) {
  await saved(page);
  await page.locator("nav.turn [data-hand-in]").click();
  await page.locator("dialog").getByRole("button", { name: "Submit" }).click();
  await page.getByRole("heading", { name: "Submitted" }).waitFor();
}

test("files, a photo, sound and film are sent, kept and read", async () => {
  const task = await server.task(
    portfolio(
      { type: "file", maxFiles: 2, mediaTypes: ["image/png", "application/pdf"], text: "Hand in your drawing." },
      { type: "photo", text: "Take a photo of your desk." },
      { type: "audio", maxSeconds: 90, text: "Say who you are." },
      { type: "video", maxSeconds: 90, text: "Show how you greet a guest." },
    ),
  );
  const person = await server.candidate(task);
  const device = await watched.device(server);
  const page = await sit(device, server, task, person.invitationCode);
  await goOn(page);
  await watched.look(page, "files-empty");

  // A kind that is not taken, then two files, the second over a connection that breaks.
  const choose = page.locator("#q1 input[type=file]");
  await choose.setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("hello") });
  await page.locator("#q1").getByText("This type of file is not accepted here").waitFor();
  assert.equal(await listed(page, 1).count(), 0);
  await choose.setInputFiles({ name: "drawing.png", mimeType: "image/png", buffer: PIXEL_PNG });
  await listed(page, 1).getByText("drawing.png").waitFor();
  await status(page, 1, "saved").waitFor();
  await device.setOffline(true);
  await choose.setInputFiles({ name: "paper.pdf", mimeType: "application/pdf", buffer: PAPER_PDF });
  await page.locator("#q1 [data-uploads]").getByText("Stored on this device, not sent yet").waitFor();
  await device.setOffline(false);
  await listed(page, 1).getByText("paper.pdf").waitFor();
  await status(page, 1, "saved").waitFor();
  assert.equal(await listed(page, 1).count(), 2);

  // The photo, without a mouse.
  await reach(page, page.locator("#q2 input[capture]"));
  await page.keyboard.press("Enter");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: "Take the photo" })
    .and(page.locator(":enabled"))
    .waitFor();
  await watched.look(page, "files-camera");
  await reach(page, page.getByRole("dialog").getByRole("button", { name: "Take the photo" }));
  await page.keyboard.press("Enter");
  await listed(page, 2).getByText("photo.jpg").waitFor();

  for (const [slot, name] of [
    [3, "audio.webm"],
    [4, "video.webm"],
  ]) {
    await reach(page, page.locator(`#q${slot} [data-record]`));
    await page.keyboard.press("Enter");
    await page
      .locator(`#q${slot} [data-progress]`)
      .getByText(/^Recording: 0:0?[1-9]\d* of 1:30/)
      .waitFor();
    if (slot === 4) await watched.look(page, "files-recording");
    await page.locator(`#q${slot}`).getByRole("button", { name: "Stop" }).press("Enter");
    await listed(page, slot).getByText(name).waitFor();
    await page.locator(`#q${slot} [data-shown]:visible`).waitFor();
    await status(page, slot, "saved").waitFor();
  }
  await watched.look(page, "files-full");

  // One is taken back, and all others are there after a reload.
  await page.getByRole("button", { name: "Remove: paper.pdf" }).press("Enter");
  await saved(page);
  await page.reload();
  await ready(page);
  for (const [slot, name] of [
    [1, "drawing.png"],
    [2, "photo.jpg"],
    [3, "audio.webm"],
    [4, "video.webm"],
  ]) {
    assert.equal(await listed(page, slot).count(), 1);
    await listed(page, slot).getByText(name).waitFor();
  }
  await handIn(page);

  const [{ testInstanceId }] = (await server.results(task)).testInstances;
  const { answers } = await server.api(`${integration(task)}/${testInstanceId}/answers?mode=detailed`);
  const files = await Promise.all(answers.map(({ question }) => fetched(question.answer.value)));
  assert.deepEqual(files[0], { type: "image/png", bytes: PIXEL_PNG });
  assert.deepEqual(
    files.map((file) => file.type.split("/")[0]),
    ["image", "image", "audio", "video"],
  );
  assert.equal(files[1].bytes.subarray(0, 2).toString("hex"), "ffd8", "a JPEG");
  for (const recording of files.slice(2))
    assert.equal(recording.bytes.subarray(0, 4).toString("hex"), "1a45dfa3", "WebM");

  const staff = await signIn(await watched.device(server), server);
  await staff.goto(`${server.url}/staff/tasks/${task}/results/${testInstanceId}`);
  await staff.getByRole("link", { name: "drawing.png" }).first().waitFor();
  await watched.look(staff, "files-report");
});

const WATCHED = {
  identityPhoto: true,
  documents: ["Diploma"],
  webcamRecording: "PHOTO",
  screenRecording: "SCREENSHOT",
  fullscreen: { resume: { maxCount: 5, maxSeconds: 600 } },
};

test("an identity photo and documents come first, then full screen, photos and screenshots at intervals", async () => {
  const task = await server.task(portfolio({ type: "area", text: "Say why you applied." }), {}, WATCHED);
  const person = await server.candidate(task);
  const page = await (await watched.device(server)).newPage();
  await page.clock.install();
  await page.goto(`${server.url}/enter/${person.invitationCode}`);
  await page.getByText("This step needs a photo or documents first.").waitFor();
  await watched.look(page, "steps-evidence");
  await page.getByRole("link", { name: /^Open/ }).click();
  await page.getByRole("heading", { name: "What to expect" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Start the test" }).count(), 0, "not before it has both");
  await watched.look(page, "brief-evidence");
  await page
    .getByRole("group", { name: "Diploma" })
    .locator("input")
    .setInputFiles({ name: "diploma.pdf", mimeType: "application/pdf", buffer: PAPER_PDF });
  await page.getByRole("group", { name: "Diploma" }).waitFor({ state: "detached" });
  await reach(page, page.locator("input[capture]"));
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByRole("button", { name: "Take the photo" }).click();
  await page.getByRole("button", { name: "Start the test" }).click();
  await ready(page);

  // Full screen: what happens before the first time costs nothing, what happens later is counted.
  await page.getByRole("heading", { name: "Recording" }).waitFor();
  await watched.look(page, "sit-agree");
  await page.getByRole("button", { name: "I agree" }).click();
  await page
    .locator("#watching")
    .getByText(/^Recorded while you work: .*screen.*camera/)
    .waitFor();
  await page.locator("#away:visible").waitFor();
  await watched.look(page, "sit-away");
  await page.getByRole("button", { name: "Go to full screen" }).click();
  await page.locator("#away").waitFor({ state: "hidden" });
  await goOn(page);
  await text(page, 1).fill("Because I like it.");
  await status(page, 1, "saved").waitFor();
  for (const count of [1, 2]) {
    await page.evaluate(() => document.exitFullscreen());
    await page.locator("#away:visible").waitFor();
    await page.getByRole("button", { name: "Go to full screen" }).click();
    await page.locator("#away").waitFor({ state: "hidden" });
    await page.waitForFunction(
      (count) => document.querySelector("#away [data-count]").textContent.startsWith(`Absences: ${count} (`),
      count,
    );
  }

  const [{ testInstanceId }] = (await server.results(task)).testInstances;
  const evidences = async () =>
    (await server.api(`${integration(task)}/${testInstanceId}/proctoring-evidences?mode=detailed`)).proctoringEvidences;
  const counted = async (wanted) => {
    for (let tries = 0; tries < 100; tries += 1) {
      const all = await evidences();
      if (["photo", "screenshot"].every((kind) => all.filter((one) => one.kind === kind).length >= wanted)) return all;
      await pause(100);
    }
    throw new Error(`fewer than ${wanted} of each kind: ${JSON.stringify(await evidences())}`);
  };
  await counted(1);
  await page.clock.fastForward(31_000);
  for (const evidence of await counted(2)) {
    const { type, bytes } = await fetched(evidence.url);
    assert.equal(type, "image/jpeg");
    assert.ok(bytes.length > 1000, `${evidence.kind} ${evidence.nth}: ${bytes.length} bytes`);
  }

  // After a reload the screen has to be chosen anew; whoever does not is told, and may still.
  await page.reload();
  await ready(page);
  await page.getByRole("button", { name: "I do not agree" }).click();
  await page.locator("#watching").getByText("Nothing is being recorded.").waitFor();
  await watched.look(page, "sit-unwatched");
  await page.getByRole("button", { name: "Allow recording" }).click();
  await page
    .locator("#watching")
    .getByText(/^Recorded while you work/)
    .waitFor();
  await counted(3);
  assert.equal(await text(page, 1).inputValue(), "Because I like it.");
  await page.getByRole("button", { name: "Go to full screen" }).click();
  await page.locator("#away").waitFor({ state: "hidden" });
  await handIn(page);

  const expanded = await fetch(`${server.url}${integration(task)}/${testInstanceId}/expand`, {
    method: "POST",
    headers: { Authorization: `Bearer ${server.key}`, "Content-Type": "application/json" },
    body: JSON.stringify({ expand: ["identityPhoto"] }),
  });
  const { identityPhoto } = await expanded.json();
  assert.equal((await fetched(identityPhoto.url)).type, "image/jpeg");

  const staff = await signIn(await watched.device(server), server);
  await staff.goto(`${server.url}/staff/tasks/${task}/results/${testInstanceId}`);
  await staff.getByText("instance.fullscreen_returned").first().waitFor();
  await staff.getByText("evidence.stored").first().waitFor();
});

test("leaving full screen more often than a step allows ends the test", async () => {
  const task = await server.task(
    portfolio({ type: "area", text: "Say why you applied." }),
    {},
    { fullscreen: { resume: { maxCount: 1, maxSeconds: 600 } } },
  );
  const person = await server.candidate(task);
  const page = await sit(await watched.device(server), server, task, person.invitationCode);
  await page.getByRole("button", { name: "Go to full screen" }).click();
  await goOn(page);
  await text(page, 1).fill("Before I went.");
  await status(page, 1, "saved").waitFor();
  await page.evaluate(() => document.exitFullscreen());
  await page.getByRole("button", { name: "Go to full screen" }).click();
  await page.locator("#away").waitFor({ state: "hidden" });
  await page.waitForFunction(() =>
    document.querySelector("#away [data-count]").textContent.startsWith("Absences: 1 ("),
  );
  await page.evaluate(() => document.exitFullscreen());
  await page.getByRole("heading", { name: "Submitted" }).waitFor();
  const { testInstances } = await server.results(task);
  assert.equal(testInstances[0].status, "COMPLETE");
});

test("nothing went wrong on any page", () => watched.demandNoFaults());
