// The first pages on a slow phone: a processor at a quarter of its speed behind a slow 4G connection. How long it takes
// is reported, not demanded: it depends on the machine. What is sent at most is demanded in crates/pages.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Server, Watched, document, goOn, ready, status } from "./support.mjs";

const MEGABIT = 1_000_000 / 8;
const CONNECTION = {
  offline: false,
  latency: 150,
  downloadThroughput: 1.6 * MEGABIT,
  uploadThroughput: 0.75 * MEGABIT,
};

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

async function phone() {
  const device = await watched.device(server, {
    viewport: { width: 360, height: 740 },
    isMobile: true,
    hasTouch: true,
    deviceScaleFactor: 2,
  });
  const page = await device.newPage();
  const protocol = await device.newCDPSession(page);
  await protocol.send("Network.enable");
  await protocol.send("Network.emulateNetworkConditions", CONNECTION);
  await protocol.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  return page;
}

/** Milliseconds since the page was asked for until it was painted, and until its scripts had run. */
async function times(page) {
  return page.evaluate(async () => {
    if (document.readyState !== "complete")
      await new Promise((resolve) => addEventListener("load", resolve, { once: true }));
    const [navigation] = performance.getEntriesByType("navigation");
    const resources = performance.getEntriesByType("resource");
    const bytes = [navigation, ...resources].reduce((sum, entry) => sum + entry.transferSize, 0);
    const painted = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0;
    return {
      painted: Math.round(painted),
      usable: Math.round(navigation.domContentLoadedEventEnd),
      bytes,
      files: resources.length,
    };
  });
}

const timing = (name, { painted, usable, bytes, files }) =>
  `${name}: painted after ${painted} ms, usable after ${usable} ms, ${(bytes / 1024).toFixed(1)} KiB in ${files + 1} files`;

test("the first pages on a slow phone", async (t) => {
  const task = await server.task(document("every-kind.json"));
  const person = await server.candidate(task);
  const page = await phone();
  await page.goto(`${server.url}/t/${task}`);
  const first = await times(page);
  t.diagnostic(timing("welcome, nothing cached", first));
  assert.ok(first.usable > CONNECTION.latency, "the connection was slow");
  await page.getByLabel("Invitation code").fill(person.invitationCode);
  await page.getByRole("button", { name: "Enter", exact: true }).tap();
  await page.getByRole("heading", { name: "Your steps" }).waitFor();
  t.diagnostic(timing("steps", await times(page)));
  await page.getByRole("link", { name: /^Open/ }).tap();
  await page.getByRole("button", { name: "Start the test" }).tap();
  await ready(page);
  t.diagnostic(timing("the test", await times(page)));
  await goOn(page);
  const began = performance.now();
  await page.locator("#q1").getByRole("radio").first().check();
  await status(page, 1, "saved").waitFor();
  t.diagnostic(`an answer is saved after ${Math.round(performance.now() - began)} ms`);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
});

test("nothing went wrong on any page", () => watched.demandNoFaults());
