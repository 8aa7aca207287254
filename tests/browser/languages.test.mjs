// The candidate's whole walk in four languages, one of them from right to left, by keyboard alone: no text is left in
// English, axe has nothing to say, nothing is wider than the screen, and at 400 % zoom there is room for the questions.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Server, Watched, document as testDocument, reach, ready, status } from "./support.mjs";

/** Tag, what a browser asks for, and which way the page runs. */
const LANGUAGES = [
  { tag: "en", locale: "en-GB", dir: "ltr", submitted: "Submitted" },
  { tag: "tr", locale: "tr-TR", dir: "ltr", submitted: "Test tamamlandı" },
  { tag: "de", locale: "de-CH", dir: "ltr", submitted: "Abgegeben" },
  { tag: "ar", locale: "ar-EG", dir: "rtl", submitted: "تم التسليم" },
];
const FORM = {
  fields: [
    { key: "city", label: "Qx1", kind: "text", required: true },
    { key: "level", label: "Qx2", kind: "select", options: ["Qx3", "Qx4"] },
  ],
};
const PERSON = "Zoë Łukasz";
const TASK = "Vx 2026";

let server;
let watched;
/** @type {Map<string, Set<string>>} what each language says, on all pages of the walk */
const said = new Map();
before(async () => {
  server = await Server.start();
  watched = await Watched.open();
});
after(async () => {
  await watched?.close();
  await server?.end();
});

/** Every text of the page that is its own, for eyes, ears and the tab's title; not what authors wrote. */
async function textsOf(page) {
  return page.evaluate(() => {
    const isOwn = (element) => {
      const labelled = element.closest("[lang]");
      return !element.closest("script, style, code, .text") && labelled === document.documentElement;
    };
    const found = [document.title.replace(/ – .*/, "")];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      if (isOwn(node.parentElement)) found.push(node.data);
    for (const name of ["aria-label", "title", "placeholder", "alt"])
      for (const element of document.querySelectorAll(`[${name}]`))
        if (isOwn(element)) found.push(element.getAttribute(name));
    return found
      .map((text) => text.replace(/\s+/g, " ").replace(/^[ :·]+|[ :]+$/g, ""))
      .filter((text) => /\p{L}{2}/u.test(text));
  });
}

/** One language's walk; `look(name)` is called at each of its states. */
async function walk(page, task, person, look) {
  await page.goto(`${server.url}/t/${task}`);
  await look("entrance");
  await reach(page, page.locator("#code"));
  await page.keyboard.type("0000000000");
  await page.keyboard.press("Enter");
  await page.locator(".alert.bad").waitFor();
  await look("refused");
  await reach(page, page.locator("#code"));
  await page.keyboard.press("Control+A");
  await page.keyboard.type(person.invitationCode);
  await page.keyboard.press("Enter");
  await page.locator("#field-0").waitFor();
  await look("form");
  await press(page, page.locator("form[novalidate] button.primary"));
  await page.locator(".fault").waitFor();
  await look("form-fault");
  await reach(page, page.locator("#field-0"));
  await page.keyboard.type("Ankara");
  await press(page, page.locator("form[novalidate] button.primary"));
  await page.locator(".steps").waitFor();
  await look("steps");
  await press(page, page.locator("a.button.primary"));
  await page.locator("form[action$=start] button").waitFor();
  await look("brief");
  await press(page, page.locator("form[action$=start] button"));
  await ready(page);
  await onwards(page, 1);
  await answerFirstPage(page);
  await look("choices");
  await away(page, look);
  await press(page, page.locator("nav.turn button.primary"));
  await onwards(page, 2, look);
  await look("short");
  await press(page, page.locator("nav.turn button.primary"));
  await page.locator('[data-current="3"]').waitFor();
  await look("long");
  await reach(page, page.locator("#q8 textarea"));
  await page.keyboard.type("x".repeat(401));
  await status(page, 8, "refused").waitFor();
  await look("too-long");
  await page.keyboard.press("Backspace");
  await status(page, 8, "saved").waitFor();
  // In a field for programs, Tab is for indenting.
  await reach(page, page.locator("#q10 textarea"));
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await press(page, page.locator("nav.turn [data-hand-in]"));
  await page.locator("dialog.gate").waitFor();
  await look("gate");
  await press(page, page.locator("dialog.gate .actions button.primary"));
  await page.locator("[data-receipt-of][data-looked]").waitFor();
  await look("receipt");
}

async function press(page, locator) {
  await reach(page, locator.last());
  await page.keyboard.press("Enter");
}

/** Goes on from what may stand before a page. */
async function onwards(page, number, look) {
  await page.locator(`[data-current="${number}"], #sheet .paper.card`).first().waitFor();
  if ((await page.locator(`[data-current="${number}"]`).count()) === 0) {
    await look?.("intro");
    await press(page, page.locator("#sheet .paper.card button.primary"));
  }
  await page.locator(`[data-current="${number}"]`).waitFor();
}

async function answerFirstPage(page) {
  await reach(page, page.locator("#q1 input").first());
  await page.keyboard.press("Space");
  for (const key of ["a", "c", "d"]) {
    await reach(page, page.locator(`#q2 input[value=${key}]`));
    await page.keyboard.press("Space");
  }
  await reach(page, page.locator("#q4 select").first());
  await page.keyboard.press("ArrowDown");
  await status(page, 4, "saved").waitFor();
}

/** What is said while there is no connection. */
async function away(page, look) {
  await page.context().setOffline(true);
  await reach(page, page.locator("#q1 input").first());
  await page.keyboard.press("ArrowDown");
  await page.locator('#banner[data-state="offline"]').waitFor();
  await look("offline", page.locator("#banner"));
  await page.context().setOffline(false);
  await status(page, 1, "saved").waitFor();
  await page.locator("#banner").waitFor({ state: "hidden" });
}

for (const { tag, locale, dir, submitted } of LANGUAGES) {
  test(`the whole walk in ${tag}, at 1280 and 360 px and at 400 % zoom, needs no mouse`, async () => {
    const task = await server.task(
      testDocument("every-kind.json"),
      { title: TASK, accessForm: FORM },
      { attemptLimit: 3 },
    );
    const person = await server.candidate(task, { fullname: PERSON });
    const device = await watched.device(server, { locale, timezoneId: "Europe/Istanbul" });
    const page = await device.newPage();
    const texts = new Set();
    said.set(tag, texts);
    await walk(page, task, person, async (name) => {
      for (const text of await textsOf(page)) texts.add(text);
      await watched.look(page, `${name}-${tag}`);
      await zoomed(page, `${name}-${tag}`);
    });
    assert.equal(await page.locator("html").getAttribute("lang"), tag);
    assert.equal(await page.locator("html").getAttribute("dir"), dir);
    assert.equal(await page.locator("h1").innerText(), submitted);
    assert.match(await page.locator("time").innerText(), /\d.*(GMT\+3|غرينتش\+3|TRT)/, "with the candidate's zone");
    await page.goto(`${server.url}/verify`);
    for (const text of await textsOf(page)) texts.add(text);
    await watched.look(page, `verify-${tag}`);
    await page.goto(`${server.url}/t/nothing`);
    for (const text of await textsOf(page)) texts.add(text);
    await watched.look(page, `missing-${tag}`);
  });

  test(`a phone of 360 px goes the walk in ${tag}`, async () => {
    const task = await server.task(testDocument("every-kind.json"), { title: TASK, accessForm: FORM });
    const person = await server.candidate(task, { fullname: PERSON });
    const page = await (await watched.device(server, { locale, viewport: { width: 360, height: 740 } })).newPage();
    await walk(page, task, person, (name) => watched.width(page, `${name}-${tag}, phone`));
  });
}

/** 1280 px at 400 %: 320 px wide and 200 high. */
async function zoomed(page, name) {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 200 });
  await watched.width(page, `${name}, zoomed`);
  const covered = await page.evaluate(() => {
    const bar = document.querySelector("header.top");
    const isInTheWay = bar && ["sticky", "fixed"].includes(getComputedStyle(bar).position);
    return isInTheWay ? bar.getBoundingClientRect().height : 0;
  });
  assert.ok(covered <= 50, `${name}: the bar covers ${covered} of 200 px`);
  const dialog = page.locator("dialog[open]");
  if ((await dialog.count()) > 0) {
    const box = await dialog.boundingBox();
    assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= 320 && box.y + box.height <= 200, JSON.stringify(box));
    for (const button of await dialog.locator("button:visible").all()) {
      await button.scrollIntoViewIfNeeded();
      const { y, height } = await button.boundingBox();
      assert.ok(y >= 0 && y + height <= 200, `${name}: a button of the dialog cannot be seen`);
    }
  }
  await page.setViewportSize(size);
}

const catalogue = (tag) => readFileSync(new URL(`../../crates/texts/languages/${tag}.toml`, import.meta.url), "utf8");

/** The texts that a language's catalogue declares to be written as in English, such as "Name". */
function sameAsEnglish(tag) {
  const [, keys] = catalogue(tag).match(/^same = \[([^\]]*)\]/m) ?? [undefined, ""];
  const english = catalogue("en");
  return [...keys.matchAll(/"\w+\.(\w+)"/g)].map(([, key]) => english.match(`\n${key} = "(.*)"\n`)?.[1]);
}

test("nothing that the English pages say is said in another language", () => {
  const english = said.get("en");
  assert.ok(english.size > 120, `${english.size}`);
  // What people named, and what is the same everywhere.
  const authored = JSON.stringify([testDocument("every-kind.json"), FORM, PERSON, TASK, "assay", "Demo"]);
  const isSame = (text) => authored.includes(text) || /^https?:|^[A-Z][a-z]+\/[A-Z]|^UTC$|^B$/.test(text);
  for (const { tag } of LANGUAGES.slice(1)) {
    const declared = sameAsEnglish(tag);
    const left = [...said.get(tag)].filter((text) => english.has(text) && !isSame(text) && !declared.includes(text));
    assert.deepEqual(left, [], tag);
    assert.ok(said.get(tag).size > 100, tag);
  }
});

test("a language is chosen on the page, by its own name, and stays chosen", async () => {
  const page = await (await watched.device(server)).newPage();
  await page.goto(`${server.url}/enter`);
  const names = await page.locator("footer nav a").allInnerTexts();
  assert.equal(names.length, 13);
  assert.ok(names.includes("Deutsch") && names.includes("עברית") && names.includes("العربية"), names.join());
  await page.getByRole("link", { name: "עברית" }).click();
  await page.locator('html[lang="he"][dir="rtl"]').waitFor();
  await watched.look(page, "enter-he");
  await page.reload();
  await page.locator('html[lang="he"]').waitFor();
  for (const [tag, lang] of [
    ["sr", "sr-Latn"],
    ["no", "nb"],
    ["ru", "ru"],
    ["pt", "pt"],
  ]) {
    await page.goto(`${server.url}/enter?lang=${tag}`);
    await page.locator(`html[lang="${lang}"]`).waitFor();
    await watched.look(page, `enter-${tag}`);
  }
});

test("nothing went wrong on any page", () => {
  watched.demandNoFaults();
});
