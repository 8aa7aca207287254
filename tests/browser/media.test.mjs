// Pictures, sound and film in questions: put in by their author, seen and heard by candidates, counted by the server; and
// a test full of them on a slow phone.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { Server, Watched, ready, signIn, sit } from "./support.mjs";

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
  watched = await Watched.open(["--autoplay-policy=no-user-gesture-required"]);
});
after(async () => {
  await watched?.close();
  await server?.end();
});

function crc(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, sum]);
}

/** A picture of stripes; `noise` makes it larger, as a photograph is. */
function png(width, height, seed, noise = 0) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const rows = Buffer.alloc(height * (1 + width * 3));
  let random = seed + 1;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0;
      const at = y * (1 + width * 3) + 1 + x * 3;
      const shade = ((x >> 4) + (y >> 4) + seed) % 2 ? 200 : 90;
      rows.fill((shade + ((random >>> 16) % (noise + 1))) % 256, at, at + 3);
    }
  const parts = [chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts]);
}

/** Silence; `salt` makes it another file. */
function wav(seconds, salt = 0) {
  const rate = 8000;
  const samples = Buffer.alloc(rate * seconds, 128);
  samples[0] = salt;
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write("data", 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

/** What begins as a film does. */
function mp4(salt) {
  const head = Buffer.from("\0\0\0\x18ftypisom\0\0\x02\0isommp42", "latin1");
  return Buffer.concat([head, Buffer.alloc(100_000, salt)]);
}

async function uploaded(name, bytes) {
  const response = await fetch(`${server.url}/api/management/v1/media`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${server.key}`,
      "Content-Type": "application/octet-stream",
      "Content-Disposition": `attachment; filename="${name}"`,
    },
    body: bytes,
  });
  const media = await response.json();
  assert.equal(response.status, 200, JSON.stringify(media));
  assert.equal(media.mediaId, createHash("sha256").update(bytes).digest("hex"));
  return media.mediaId;
}

const at = (page, pointer) => page.locator(`[id="at${pointer}"]`);
const QUESTION = "/sections/0/pages/0/questions/0";
const toolsOf = (page, pointer) => page.locator(`[id="at${pointer}"] + .media-tools button`);

test("an author puts pictures in by button, by pasting and by dropping, and finds them again in the library", async () => {
  const device = await watched.device(server);
  const page = await signIn(device, server);
  await page.goto(`${server.url}/staff/tests/new`);
  await at(page, "/title").fill("Floor plans");
  await at(page, "/key").fill("plans");
  await page.locator('#outline a[href="#/sections/0/pages/0"]').click();
  await page.getByRole("button", { name: "Add: Multiple choice", exact: true }).click();
  await at(page, `${QUESTION}/text`).fill("Where is the store room?");

  await toolsOf(page, `${QUESTION}/text`).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Nothing found").waitFor();
  await watched.look(page, "editor-media-empty");
  const chooser = dialog.locator('input[type="file"]');
  await chooser.setInputFiles({ name: "page.html", mimeType: "image/png", buffer: Buffer.from("<html>") });
  await dialog.getByRole("alert").getByText("This kind of file cannot be shown").waitFor();
  await chooser.setInputFiles({ name: "plan.png", mimeType: "image/png", buffer: png(1200, 800, 1) });
  await dialog.getByLabel("Description").waitFor();
  await watched.look(page, "editor-media-describe");
  await dialog.getByRole("button", { name: "Insert" }).click();
  assert.ok(await dialog.isVisible(), "a description is asked for");
  await dialog.getByLabel("Description").fill("A plan of [three] rooms");
  await dialog.getByRole("button", { name: "Insert" }).click();
  const text = await at(page, `${QUESTION}/text`).inputValue();
  assert.match(text, /^Where is the store room\? !\[A plan of \\\[three\\\] rooms\]\(asset:[0-9a-f]{64}\)$/);

  // The same picture pasted is the same file.
  const files = (kind, pointer, bytes) =>
    at(page, pointer).evaluate(
      (control, { kind, bytes }) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
        const init = { bubbles: true, cancelable: true, clipboardData: transfer, dataTransfer: transfer };
        control.dispatchEvent(kind === "paste" ? new ClipboardEvent(kind, init) : new DragEvent(kind, init));
      },
      { kind, bytes: [...bytes] },
    );
  await at(page, `${QUESTION}/choices/0/text`).fill("Left");
  await files("paste", `${QUESTION}/choices/0/text`, png(1200, 800, 1));
  await dialog.getByLabel("Description").fill("Left");
  await page.keyboard.press("Escape");
  await at(page, `${QUESTION}/choices/1/text`).fill("");
  await files("drop", `${QUESTION}/choices/1/text`, png(300, 200, 2));
  await dialog.getByLabel("Description").fill("Right");
  await dialog.getByLabel("Description").press("Tab");
  await dialog.getByRole("button", { name: "Insert" }).press("Enter");
  assert.match(await at(page, `${QUESTION}/choices/1/text`).inputValue(), /^!\[Right\]\(asset:/);

  await toolsOf(page, `${QUESTION}/choices/0/text`).click();
  await dialog.getByText("2 found").waitFor();
  await watched.look(page, "editor-media-library");
  await dialog.getByLabel("Search").fill("PLAN");
  await dialog.getByText("1 found").waitFor();
  await dialog.getByRole("button", { name: "Use: plan.png" }).click();
  await dialog.getByLabel("Description").fill("The plan again");
  await dialog.getByRole("button", { name: "Insert" }).click();

  await page.locator("[data-save]").click();
  await page
    .locator("#state")
    .getByText(/^Saved/)
    .waitFor();
  await page.getByRole("link", { name: "Preview" }).click();
  const picture = page.locator(".question .text .picture img");
  await picture.waitFor();
  assert.ok(await picture.evaluate((image) => image.complete || image.decode().then(() => true)));
  await watched.look(page, "preview-media");
  watched.demandNoFaults();
});

test("a candidate enlarges a picture with keys, and plays a sound as often as allowed, on whichever device", async () => {
  const plan = await uploaded("plan.png", png(1200, 800, 1));
  const sound = await uploaded("talk.wav", wav(1));
  const drawing = await uploaded(
    "drawing.svg",
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 16"><path d="M0 0h32v16H0z"/></svg>'),
  );
  const question = (key, text) => ({
    key,
    kind: "multiplechoice",
    text,
    choices: [
      { key: "a", text: `![A small plan](asset:${plan})`, percentage: 100 },
      { key: "b", text: "None", percentage: 0 },
    ],
  });
  const task = await server.task({
    assay: 1,
    key: "media",
    title: "Media",
    sections: [
      {
        key: "s",
        title: "S",
        pages: [
          {
            key: "p",
            questions: [
              question("q1", `Look: ![A floor plan of three rooms](asset:${plan})`),
              question("q2", `Listen: ![A talk](asset:${sound}?plays=2) ![From elsewhere](https://example.org/a.png)`),
              question("q3", `A drawing without a size of its own: ![A box](asset:${drawing})`),
            ],
          },
        ],
      },
    ],
  });
  const { invitationCode } = await server.candidate(task);
  const device = await watched.device(server);
  const page = await sit(device, server, task, invitationCode);
  await page.locator("#q1 .text .picture img").evaluate((image) => image.decode());
  const box = await page.locator("#q3 .text .picture img").boundingBox();
  assert.ok(
    box.width > 250 && Math.abs(box.width / box.height - 2) < 0.1,
    `a drawing has a size: ${JSON.stringify(box)}`,
  );
  assert.equal(await page.locator("#q2 img[src^='https://example.org']").count(), 0);
  await page.locator("#q2").getByText("https://example.org/a.png").waitFor();
  await watched.look(page, "question-media");

  const zoom = page.locator("#q1 .text").getByRole("button", { name: "Enlarge: A floor plan of three rooms" });
  await zoom.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "400 %" }).press("Enter");
  await watched.look(page, "question-media-enlarged");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.ok(await zoom.evaluate((button) => button === document.activeElement), "the focus is back");
  // Within a choice the picture chooses, and its button enlarges.
  await page.locator("#q1 .choice img").click();
  assert.ok(await page.locator('#q1 input[value="a"]').isChecked());

  const play = page.locator("#q2").getByRole("button", { name: "Play: A talk" });
  await play.click();
  await page.locator("#q2").getByText("1 play left").waitFor();
  await page.locator("#q2 [data-play]:not([disabled])").waitFor();
  await page.reload();
  await ready(page);
  await page.locator("#q2").getByText("1 play left").waitFor();
  const other = await watched.device(server);
  const second = await sit(other, server, task, invitationCode);
  await second.locator("#q2").getByText("1 play left").waitFor();
  await second.close();
  await page.locator("#q2 [data-play]").click();
  await page.locator("#q2").getByText("You have used all plays.").waitFor();
  await page.reload();
  await ready(page);
  assert.ok(await page.locator("#q2 [data-play]").isDisabled());
  watched.demandNoFaults();
});

test("a test of 200 pictures, 20 sounds and 5 films is taken on a slow phone", async (context) => {
  const pictures = [];
  for (let number = 0; number < 200; number += 1)
    pictures.push(await uploaded(`picture-${number}.png`, png(640, 480, number, 12)));
  const sounds = [];
  for (let number = 0; number < 20; number += 1) sounds.push(await uploaded(`sound-${number}.wav`, wav(5, number)));
  const films = [];
  for (let number = 0; number < 5; number += 1) films.push(await uploaded(`film-${number}.mp4`, mp4(number)));
  const pages = Array.from({ length: 50 }, (_, page) => ({
    key: `p${page}`,
    questions: Array.from({ length: 4 }, (_, place) => {
      const number = page * 4 + place;
      const sound = number % 10 === 0 ? ` ![Sound](asset:${sounds[number / 10]})` : "";
      const film = number % 40 === 1 ? ` ![Film](asset:${films[(number - 1) / 40]})` : "";
      const text = `What is shown? ![Picture ${number}](asset:${pictures[number]})${sound}${film}`;
      return { key: `q${number}`, kind: "input", type: "field", text };
    }),
  }));
  const sections = [{ key: "s", title: "S", pages }];
  const task = await server.task({ assay: 1, key: "many", title: "Many media", sections });
  const { invitationCode } = await server.candidate(task);
  const device = await watched.device(server, {
    viewport: { width: 360, height: 740 },
    isMobile: true,
    hasTouch: true,
    deviceScaleFactor: 2,
  });
  const page = await sit(device, server, task, invitationCode);
  const protocol = await device.newCDPSession(page);
  await protocol.send("Network.enable");
  await protocol.send("Network.emulateNetworkConditions", CONNECTION);
  await protocol.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await protocol.send("Network.setCacheDisabled", { cacheDisabled: true });
  const requested = Date.now();
  await page.reload({ waitUntil: "commit" });
  await page.locator("#q1 .text").getByText("What is shown?").waitFor();
  const shown = Date.now() - requested;
  await ready(page);
  const usable = Date.now() - requested;
  await page.locator("#q1 .picture img").evaluate((image) => image.decode());
  const pictured = Date.now() - requested;
  const weight = await page.evaluate(() => {
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    const sum = (all) => all.reduce((bytes, entry) => bytes + entry.transferSize, 0);
    const media = entries.filter((entry) => entry.name.includes("/media/"));
    return { all: sum(entries), media: sum(media), files: media.length };
  });
  assert.ok(weight.files <= 6, `pictures of the page alone are asked for: ${JSON.stringify(weight)}`);
  await page.locator("#q1 input[type=text]").fill("A plan");
  await page.locator('#q1 [data-status][data-state="saved"]').waitFor();
  const kib = (bytes) => Math.round(bytes / 1024);
  context.diagnostic(
    `first question ${shown} ms, ready to answer ${usable} ms, its picture ${pictured} ms; ` +
      `${kib(weight.all)} KiB, of these ${kib(weight.media)} KiB in ${weight.files} media`,
  );
});
