// What a candidate reads and tries out before the clock runs: what is recorded, and whether camera, microphone, screen,
// full screen, connection and storage work. Most of it is what goes wrong.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Server, Watched, goOn, reach, ready, FAKE_DEVICES, portfolio } from "./support.mjs";

const EVERYTHING = {
  webcamRecording: "VIDEO",
  screenRecording: "SCREENSHOT",
  fullscreen: { resume: { maxCount: 5, maxSeconds: 600 } },
};

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

const WORDS = { type: "area", text: "Say why you applied." };

/** The page before the start of a step, in a device whose browser was changed before. */
async function brief(step, { change, questions = [WORDS], device = {}, lang } = {}) {
  const task = await server.task(portfolio(...questions), lang ? { lang } : {}, step);
  const person = await server.candidate(task);
  const context = await watched.device(server, device);
  const page = await context.newPage();
  if (change) await page.addInitScript(change);
  await page.goto(`${server.url}/enter/${person.invitationCode}`);
  await page.locator("a.primary").click();
  await page.locator("#recorded-head, #device-head, form button.primary").first().waitFor();
  return { page, context, task };
}

const row = (page, name) => page.locator(`[data-device="${name}"]`);
const state = (page, name, wanted) => page.locator(`[data-device="${name}"][data-state="${wanted}"]`);
const advice = (page, name, words) => row(page, name).locator("[data-advice]").getByText(words);
const press = (page, name) => row(page, name).locator("[data-try]").click();

test("a step that records nothing and asks for words has neither notice nor check, and loads no script for them", async () => {
  const { page } = await brief({});
  assert.equal(await page.locator("#recorded-head, [data-device-check]").count(), 0);
  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.name));
  assert.deepEqual(
    loaded.filter((name) => /device_check|recording\.css/.test(name)),
    [],
  );
  assert.equal(await page.getByRole("button", { name: "Start the test", exact: true }).count(), 1);
});

test("before agreeing a candidate reads what is recorded, how often, who sees it, how long, and what refusing means", async () => {
  const { page } = await brief({
    ...EVERYTHING,
    webcamRecording: "PHOTO",
    identityPhoto: true,
    documents: ["Diploma"],
  });
  const items = await page.locator(".recorded-items li").allInnerTexts();
  assert.deepEqual(
    items.map((item) => item.replace(/\s+/g, " ")),
    [
      "Picture from your camera every 30 seconds",
      "Picture of your screen every 30 seconds",
      "Leaving full screen and coming back each time",
      "A photo of you once, before the start",
      "Diploma once, before the start",
      "Your answers and their files, and when you open each page",
    ],
  );
  const terms = page.locator(".recorded-terms");
  for (const words of [
    /Only staff of .+ who are responsible for reviewing tests/,
    /are deleted 365 days after you submit/,
    /You can ask .+ to delete what is stored about you/,
    /asked once more when the test begins. If you refuse the camera or the screen, you can still take the test/,
    /Without the photo and the documents the test cannot start/,
    /do not start the test and contact/,
  ])
    await terms.getByText(words).waitFor();
  assert.equal(await page.getByRole("button", { name: "start the test" }).count(), 0, "not before it has both");
  await watched.look(page, "notice-everything");
});

test("everything that the step uses is tried out with the keyboard, and the test starts", async () => {
  const { page } = await brief(EVERYTHING);
  await state(page, "connection", "works").waitFor();
  await state(page, "storage", "works").waitFor();
  await state(page, "clock", "works").waitFor();
  for (const name of ["camera", "microphone", "screen", "fullscreen"])
    await row(page, name).getByText("Not tried yet").waitFor();
  await row(page, "fullscreen").getByText("The test cannot be taken without it.").waitFor();
  await row(page, "camera").getByText("You can start without it").waitFor();
  await watched.look(page, "check-untried");

  await reach(page, row(page, "camera").locator("[data-try]"));
  await page.keyboard.press("Enter");
  await state(page, "camera", "works").waitFor();
  assert.ok(await row(page, "camera").locator("video").isVisible(), "a live picture");
  await press(page, "microphone");
  await state(page, "microphone", "works").waitFor();
  await advice(page, "microphone", "You can be heard.").waitFor();
  await row(page, "microphone").getByRole("meter", { name: "Volume" }).waitFor();
  await watched.look(page, "check-running");
  await row(page, "camera").getByRole("button", { name: /^Stop/ }).click();
  assert.equal(await row(page, "camera").locator("video").count(), 0);
  await state(page, "camera", "works").waitFor();
  await press(page, "screen");
  await state(page, "screen", "works").waitFor();
  await press(page, "fullscreen");
  await page.waitForFunction(() => document.fullscreenElement !== null);
  await state(page, "fullscreen", "works").waitFor();
  assert.equal(await page.evaluate(() => document.fullscreenElement), null, "left again");

  await page.getByRole("button", { name: "I have read what is recorded: start the test" }).click();
  await ready(page);
  const dialog = page.getByRole("dialog");
  for (const words of [/Only staff of/, /365 days after you submit/, /you can still take the test/])
    await dialog.getByText(words).waitFor();
  assert.equal(await dialog.getByText("asked once more").count(), 0);
  await watched.look(page, "check-consent");
});

test("nothing of the check is stored: no file, no event, and the browser's own test data are gone", async () => {
  const { page, task } = await brief({ webcamRecording: "PHOTO" });
  await press(page, "camera");
  await state(page, "camera", "works").waitFor();
  await state(page, "storage", "works").waitFor();
  const left = await page.evaluate(async () => [
    Object.keys(localStorage),
    (await indexedDB.databases()).map(({ name }) => name).filter((name) => name === "assay-check"),
  ]);
  assert.deepEqual(left, [[], []]);
  assert.deepEqual((await server.results(task)).testInstances, []);
});

test("whoever denied camera and microphone reads how to allow them, and may start all the same", async () => {
  const deny = () => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
    navigator.mediaDevices.getDisplayMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  };
  const { page } = await brief(EVERYTHING, { change: deny });
  for (const name of ["camera", "microphone"]) {
    await press(page, name);
    await state(page, name, "fails").waitFor();
    await advice(page, name, "Access was not allowed. Allow it with the icon beside the address").waitFor();
    assert.equal(await row(page, name).locator("[data-device-shown]").isVisible(), false);
  }
  await press(page, "screen");
  await advice(page, "screen", "Nothing was shared.").waitFor();
  const live = row(page, "camera").getByRole("status");
  assert.match((await live.textContent()).replace(/\s+/g, " "), /^Camera: Does not work Access was not allowed/);
  await watched.look(page, "check-denied");
  await page.getByRole("button", { name: "start the test" }).click();
  await ready(page);
});

for (const [name, words] of [
  ["NotFoundError", "No device was found."],
  ["NotReadableError", "Another program may be using the device."],
  ["TypeError", "That did not work."],
])
  test(`a camera that fails with ${name} is explained, and works at the next press`, async () => {
    const fail = (name) => {
      const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      let isFirst = true;
      navigator.mediaDevices.getUserMedia = (constraints) => {
        if (!isFirst) return real(constraints);
        isFirst = false;
        return Promise.reject(new DOMException("no", name));
      };
    };
    const { page, context } = await brief(
      { webcamRecording: "PHOTO" },
      { change: `(${fail})(${JSON.stringify(name)})` },
    );
    await press(page, "camera");
    await advice(page, "camera", words).waitFor();
    await press(page, "camera");
    await state(page, "camera", "works").waitFor();
    assert.equal(await row(page, "camera").locator("[data-advice]").textContent(), "");
    await context.close();
  });

test("a browser without these functions, and an address without https, are told apart", async () => {
  const old = await brief(EVERYTHING, {
    change: () => {
      Object.defineProperty(navigator, "mediaDevices", { value: undefined });
      Object.defineProperty(document, "fullscreenEnabled", { value: false });
    },
  });
  for (const name of ["camera", "microphone", "screen", "fullscreen"]) {
    await press(old.page, name);
    await advice(old.page, name, "This browser or device cannot do this.").waitFor();
  }
  const insecure = await brief(EVERYTHING, {
    change: () => {
      Object.defineProperty(globalThis, "isSecureContext", { value: false });
      Object.defineProperty(navigator, "mediaDevices", { value: undefined });
    },
  });
  for (const name of ["camera", "microphone", "screen"]) {
    await press(insecure.page, name);
    await advice(insecure.page, name, "This address is not secure").waitFor();
  }
});

test("a microphone that hears nothing is said so, and heard again when somebody speaks", async () => {
  const silence = () => {
    const read = AnalyserNode.prototype.getFloatTimeDomainData;
    AnalyserNode.prototype.getFloatTimeDomainData = function (samples) {
      if (globalThis.isLoud) read.call(this, samples);
      else samples.fill(0);
    };
  };
  const { page } = await brief({}, { change: silence, questions: [{ type: "audio", maxSeconds: 30, text: "Speak." }] });
  await row(page, "microphone").getByText("but some questions need it").waitFor();
  await press(page, "microphone");
  await advice(page, "microphone", "Please say a few words.").waitFor();
  await advice(page, "microphone", "Nothing can be heard.").waitFor();
  await state(page, "microphone", "fails").waitFor();
  await page.evaluate(() => {
    globalThis.isLoud = true;
  });
  await state(page, "microphone", "works").waitFor();
});

test("a connection that is cut is seen at once and again when it is back", async () => {
  const { page, context } = await brief({}, { questions: [{ type: "file", maxFiles: 1, text: "Hand in." }] });
  await state(page, "connection", "works").waitFor();
  assert.equal(await row(page, "camera").count(), 0, "a file needs no camera");
  await context.setOffline(true);
  await state(page, "connection", "fails").waitFor();
  await advice(page, "connection", "The server cannot be reached.").waitFor();
  await watched.look(page, "check-offline");
  await context.setOffline(false);
  await state(page, "connection", "works").waitFor();
});

test("what answers in the server's place, as a network that wants a log-in, is no connection", async () => {
  const { page } = await brief({ webcamRecording: "PHOTO" });
  await state(page, "connection", "works").waitFor();
  await page.route("**/connection", (route) =>
    route.fulfill({ body: "<html>Log in</html>", contentType: "text/html" }),
  );
  await press(page, "connection");
  await state(page, "connection", "fails").waitFor();
});

test("a browser that stores nothing, and a clock that is wrong, are told without keeping anybody out", async () => {
  const refuse = () => {
    Object.defineProperty(globalThis, "indexedDB", {
      get() {
        throw new DOMException("no", "SecurityError");
      },
    });
    const now = Date.now;
    Date.now = () => now() + 3_600_000;
  };
  const { page } = await brief({ webcamRecording: "PHOTO" }, { change: refuse });
  await state(page, "storage", "fails").waitFor();
  await advice(page, "storage", "This browser does not store anything here").waitFor();
  await state(page, "clock", "works").waitFor();
  await advice(page, "clock", "only the server's clock counts").waitFor();
  await page.getByRole("button", { name: "start the test" }).click();
  await ready(page);
});

test("whoever comes back to a running clock is led to the questions, not to a check", async () => {
  const { page, task } = await brief(EVERYTHING);
  await page.getByRole("button", { name: "start the test" }).click();
  await ready(page);
  await page.goto(`${server.url}/t/${task}/steps`);
  await page.locator("a.primary").click();
  await page.getByRole("button", { name: "Continue the test" }).waitFor();
  assert.equal(await page.locator("[data-device-check]").count(), 0);
  assert.equal(await page.locator("#recorded-head").count(), 1);
});

test("in Arabic, from right to left and on a phone of 320 px", async () => {
  const { page } = await brief(EVERYTHING, { lang: "ar", device: { viewport: { width: 320, height: 640 } } });
  assert.equal(await page.evaluate(() => document.documentElement.dir), "rtl");
  await page.getByRole("heading", { name: "ما الذي يُسجَّل" }).waitFor();
  await press(page, "camera");
  await state(page, "camera", "works").waitFor();
  await press(page, "microphone");
  await state(page, "microphone", "works").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  await watched.look(page, "check-arabic");
});

test("the camera is let go when the test starts", async () => {
  const { page } = await brief({ webcamRecording: "PHOTO" });
  await press(page, "camera");
  await state(page, "camera", "works").waitFor();
  await page.getByRole("button", { name: "start the test" }).click();
  await ready(page);
  await page.getByRole("button", { name: "I do not agree" }).click();
  await goOn(page);
});

test("nothing went wrong on any page", () => watched.demandNoFaults());
