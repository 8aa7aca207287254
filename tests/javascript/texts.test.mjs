// What scripts say: plurals, numbers and times by the language of the page, as the browser's own tables have them.

import { test } from "node:test";
import assert from "node:assert/strict";

const ASK = "../../crates/pages/assets/candidate/ask.js";
const LOCALE = "../../crates/pages/assets/candidate/locale.js";
let copies = 0;

/** The modules on a page of a language, for somebody whose browser prefers some; each page loads them anew. */
async function page(lang, languages, words = {}) {
  const document = { documentElement: { lang }, body: { dataset: { words: JSON.stringify(words) } } };
  Object.defineProperty(globalThis, "document", { value: document, configurable: true });
  Object.defineProperty(globalThis, "navigator", { value: { languages }, configurable: true });
  copies += 1;
  return await import(`${LOCALE}?copy=${copies}`);
}

test("a plural has the form that its number asks for", async () => {
  const cases = [
    ["en", { 1: "one", 2: "other", 21: "other" }],
    ["ru", { 1: "one", 3: "few", 11: "many", 21: "one" }],
    ["sr-Latn", { 1: "one", 2: "few", 5: "other" }],
    ["ar", { 0: "zero", 1: "one", 2: "two", 7: "few", 11: "many", 100: "other" }],
    ["he", { 1: "one", 2: "two", 3: "other" }],
  ];
  for (const [lang, forms] of cases) {
    const { pluralCategory } = await page(lang, [lang]);
    for (const [n, form] of Object.entries(forms)) assert.equal(pluralCategory(Number(n)), form, `${lang} ${n}`);
  }
});

test("numbers, shares and lists are those of the language, digits always 0 to 9", async () => {
  const german = await page("de", ["en-GB", "de-DE"]);
  assert.equal(german.number(12_345.5), "12.345,5");
  assert.equal(german.percent(0.999).replace(/\s/, " "), "99 %", "what is not all is never shown as all");
  assert.equal(german.list(["1", "2", "3"]), "1, 2 und 3");
  const arabic = await page("ar", ["ar-SA"]);
  assert.match(arabic.number(1234), /^1.?234$/);
  assert.match(arabic.dateTime(new Date("2026-12-05T15:04:00Z")), /2026/, "of the Gregorian calendar");
});

test("the country that the browser names decides, unless it is of another language or script", async () => {
  const at = new Date("2026-12-05T15:04:00Z");
  const british = await page("en", ["de", "en-GB"]);
  assert.match(british.dateTime(at), /^5 Dec 2026/);
  const serbian = await page("sr-Latn", ["sr-RS"]);
  assert.doesNotMatch(serbian.dateTime(at), /\p{Script=Cyrillic}/u);
  const norwegian = await page("nb", ["en"]);
  assert.match(norwegian.dateTime(at), /^5\. des\. 2026/);
});

test("a text is filled in once, its plural chosen by n and its numbers written as the language does", async () => {
  await page("de", ["de"], {
    left: { one: "Noch {n} Zeichen von {all}", other: "Noch {n} Zeichen von {all}." },
    name: "{name} und {n}",
  });
  const { say } = await import(ASK);
  assert.equal(say("left", { n: 1, all: 2000 }), "Noch 1 Zeichen von 2.000");
  assert.equal(say("left", { n: 1500, all: 2000 }), "Noch 1.500 Zeichen von 2.000.");
  assert.equal(say("name", { name: "{n}", n: 3 }), "{n} und 3");
  assert.equal(say("name", { n: 3 }), "{name} und 3", "what is not there stays to be seen");
});
