// Texts of all kinds: what is pasted is what is kept, and what authors write is shown as they wrote it, at every width and
// in every direction.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Server, Watched, document, goOn, savedAnswers, question, saved, signIn, sit } from "./support.mjs";

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

const key = () => `texts-${Math.random().toString(36).slice(2)}`;

function paper(questions, more = {}) {
  const pages = [{ key: "p", questions }];
  return { assay: 1, key: key(), title: "Texts", sections: [{ key: "s", title: "Only", pages }], ...more };
}

async function seated(tests, options) {
  const task = await server.task(tests);
  const { invitationCode } = await server.candidate(task);
  const device = await watched.device(server, options);
  const page = await sit(device, server, task, invitationCode);
  await goOn(page);
  return page;
}

/** Puts something on the clipboard and presses the keys that paste it. */
async function paste(page, html, words = "x") {
  await page.evaluate(
    async ([html, words]) => {
      const parts = { "text/html": new Blob([html], { type: "text/html" }) };
      parts["text/plain"] = new Blob([words], { type: "text/plain" });
      await navigator.clipboard.write([new ClipboardItem(parts)]);
    },
    [html, words],
  );
  await page.keyboard.press("Control+V");
}

test("F3: what is pasted into a rich answer is shown as it will be kept, and pictures are said to be left out", async () => {
  const cases = document("rich-text.json");
  const rich = (_, index) => ({ key: `q${index}`, kind: "input", type: "rich", text: `Case ${index}.` });
  const page = await seated(paper(cases.map(rich)), { permissions: ["clipboard-read", "clipboard-write"] });
  for (const [index, { name, pasted, sanitized: wanted, pictures }] of cases.entries()) {
    const box = question(page, index + 1).locator(".rich");
    await box.click();
    await paste(page, pasted);
    const shown = await box.evaluate((box) => box.innerHTML.replaceAll("&nbsp;", "\u00a0"));
    const plain = (html) => html.replaceAll("<p></p>", "").replaceAll("\u00a0", " ");
    assert.equal(plain(shown), plain(wanted), name);
    const note = await question(page, index + 1)
      .locator("[data-status]")
      .textContent();
    assert.equal(note.includes("Pictures are not kept"), pictures === true, `${name}: ${note}`);
  }
  await saved(page);
  const answers = await savedAnswers(page);
  for (const [index, { name }] of cases.entries()) {
    const box = question(page, index + 1).locator(".rich");
    const shown = await box.evaluate((box) => box.innerHTML.replaceAll("&nbsp;", "\u00a0"));
    assert.equal(answers[index + 1], shown, name);
  }
  await page.reload();
  await saved(page);
  for (const [index, { name }] of cases.entries()) {
    const box = question(page, index + 1).locator(".rich");
    assert.equal(await box.evaluate((box) => box.innerHTML.replaceAll("&nbsp;", "\u00a0")), answers[index + 1], name);
  }
});

test("F3: what is pasted into the middle of a text goes where the caret is, which stays behind it", async () => {
  const page = await seated(paper([{ key: "q", kind: "input", type: "rich", text: "Write." }]), {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const box = question(page, 1).locator(".rich");
  await box.click();
  await page.keyboard.type("before after");
  for (let presses = 0; presses < "after".length; presses += 1) await page.keyboard.press("ArrowLeft");
  await paste(page, '<span style="color:red">in <b>the</b> middle </span>');
  await page.keyboard.type("and ");
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.keyboard.type("a new line");
  await saved(page);
  assert.equal(
    (await box.innerText())
      .replaceAll("\u00a0", " ")
      .replaceAll(/\s*\n\s*/g, "\n")
      .trim(),
    "before in the middle and after\na new line",
  );
  assert.match((await savedAnswers(page))[1], /<b>the<\/b> middle/);
  assert.doesNotMatch(await box.innerHTML(), /style|span/);
  // Lines of plain text stay lines.
  await page.keyboard.press("Enter");
  await page.evaluate(() => navigator.clipboard.writeText("first\nsecond"));
  await page.keyboard.press("Control+V");
  await saved(page);
  const words = (await box.innerText()).split(/\n+/).map((line) => line.trim());
  assert.deepEqual(words.filter(Boolean).slice(-2), ["first", "second"]);
});

const LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(2);
const ADDRESS = `https://example.org/${"a-rather-long-part/".repeat(8)}?query=${"x".repeat(60)}`;
const CHEMICAL = "Methionylthreonylthreonylglutaminylarginyltyrosylglutamylserylleucylphenylalanyl".repeat(2);
const FORMULA = `$${"a_1 + b_2 \\cdot c^{3} = ".repeat(8)}0$`;
const WORDS = [LONG, ADDRESS, CHEMICAL, FORMULA, "x".repeat(190), `**${LONG}**`, `\`${"code_".repeat(40)}\``];
const short = (text) => text.slice(0, 180);

/** Every kind of question, filled with one text. */
function kinds(text) {
  const input = (type, more = {}) => ({
    key: type,
    kind: "input",
    type,
    text,
    hint: text,
    evaluation: "manual",
    ...more,
  });
  const choice = (key, more) => ({
    key,
    kind: "multiplechoice",
    text,
    choices: [
      { key: "a", text, percentage: 100 },
      { key: "b", text: `2 ${text}` },
    ],
    ...more,
  });
  const title = short(text);
  return [
    choice("mc1", { layout: "vertical" }),
    choice("mc2", { layout: "horizontal", maxSelections: 2 }),
    choice("mc3", { layout: "grid" }),
    choice("mc4", { layout: "dropdown" }),
    {
      key: "match",
      kind: "match",
      text,
      options: [
        { key: "o", text },
        { key: "p", text: `2 ${text}` },
      ],
      items: [{ key: "i", text, matches: [{ option: "o", percentage: 100 }] }],
    },
    input("field"),
    input("area"),
    input("rich"),
    input("code", { language: title.slice(0, 60) }),
    input("numeric", { unit: title.slice(0, 60) }),
    input("tabular", {
      columns: ["c", "d", "e"].map((key) => ({ key, title, type: "field" })),
      rows: ["r", "s"].map((key) => ({ key, title })),
    }),
    input("file", { maxFiles: 2, maxBytes: 1_000_000, mediaTypes: ["application/pdf", "image/*"] }),
    input("photo"),
    input("audio"),
    input("video"),
  ];
}

function longTest(text) {
  const title = short(text);
  const table = `| ${text} | b | c |\n|---|---|---|\n| 1 | ${text} | 3 |`;
  const page = { key: "p", title, text: `${text}\n\n${table}\n\n> ${text}\n\n    ${text}`, questions: kinds(text) };
  return { assay: 1, key: key(), title, sections: [{ key: "s", title, intro: text, pages: [page] }] };
}

test("m5, m14, B1: long words, addresses, formulas and tables never widen a phone page", async () => {
  for (const text of WORDS) {
    const task = await server.task(longTest(text), { title: short(text).replaceAll(/[<>/]/g, "-") });
    const { invitationCode } = await server.candidate(task, { fullname: "N".repeat(190) });
    for (const width of [320, 360]) {
      const device = await watched.device(server, { viewport: { width, height: 640 } });
      const page = await device.newPage();
      const look = async (name) => {
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${name}: ${wide} px wide at ${width} px with ${text.slice(0, 40)}`);
      };
      await page.goto(`${server.url}/t/${task}`);
      await look("entrance");
      await page.getByLabel("Invitation code").fill(invitationCode);
      await page.getByRole("button", { name: "Enter", exact: true }).click();
      await page.getByRole("link", { name: /^(Open|Continue)/ }).waitFor();
      await look("steps");
      await page.getByRole("link", { name: /^(Open|Continue)/ }).click();
      await page.getByRole("button", { name: /the test$/ }).waitFor();
      await look("brief");
      await page.getByRole("button", { name: /the test$/ }).click();
      await page.locator("body[data-ready]").waitFor();
      if (await page.getByRole("button", { name: "Continue" }).isVisible()) await goOn(page);
      await page.locator("details.hint").evaluateAll((hints) => hints.forEach((hint) => (hint.open = true)));
      await look("page of every kind");
      const outside = await page.evaluate(() => {
        const boxes = [...document.querySelectorAll(".question, .choice, .partner, select, .map, h1, h2, math")];
        return boxes
          .filter((box) => !box.closest(".scroll, .out, table"))
          .filter((box) => box.getBoundingClientRect().right > innerWidth + 0.5)
          .map((box) => box.outerHTML.slice(0, 120));
      });
      assert.deepEqual(outside, [], `${width} px`);
      await page.getByRole("button", { name: "Submit" }).last().click();
      const dialog = page.locator("dialog[open]");
      await dialog.waitFor();
      const { x, y, width: wide, height } = await dialog.boundingBox();
      assert.ok(
        x >= 0 && y >= 0 && x + wide <= width && y + height <= 640,
        `dialog at ${x}, ${y}, ${wide} x ${height}`,
      );
      await device.close();
    }
  }
});

test("B5, B9: limits of files are in words, a wide table says that it scrolls, and the map names the page", async () => {
  const page = await seated(longTest("word"), { viewport: { width: 360, height: 700 } });
  await page.getByText(/^Up to 2 files, .+ each \(PDF, images\)$/).waitFor();
  await question(page, 11).getByText("There is more at the side").waitFor();
  // A card keeps no room for a status that it has not.
  assert.equal(await question(page, 1).locator(".question-foot").boundingBox(), null);
  await question(page, 1).getByRole("radio").first().check();
  await question(page, 1).locator('[data-status][data-state="saved"]').waitFor();
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.locator(".map details").evaluate((map) => (map.open = true));
  await page.locator(".legend").getByText("this page").waitFor();
  await question(page, 11).getByText("There is more at the side").waitFor({ state: "hidden" });
});

test("m6, B4: Hebrew and Arabic texts, choices, fields and names have their own direction", async () => {
  for (const [sentence, name] of [
    ["מהי בירת ישראל? ירושלים!", "דנה כהן"],
    ["ما هي عاصمة مصر؟ القاهرة!", "ليلى حسن"],
  ]) {
    const written = longTest(sentence);
    const task = await server.task(written, { title: sentence });
    const { invitationCode } = await server.candidate(task, { fullname: name });
    const device = await watched.device(server);
    const page = await sit(device, server, task, invitationCode);
    await goOn(page);
    const direction = (locator) => locator.first().evaluate((element) => getComputedStyle(element).direction);
    for (const selector of [
      ".brand",
      ".page-head h1",
      ".page-head .text",
      "#q1 .text",
      "#q1 label.choice",
      "#q4 select",
      "#q5 label",
      "#q5 .partner",
      "#q5 select",
      "#q11 th[scope=col]",
      "#q11 th[scope=row]",
      ".map h2",
    ]) {
      assert.equal(await direction(page.locator(selector)), "rtl", selector);
    }
    for (const [slot, selector] of [
      [6, "input"],
      [7, "textarea"],
      [8, ".rich"],
      [11, "td input"],
    ]) {
      const field = question(page, slot).locator(selector).first();
      assert.equal(await direction(field), "ltr", `${selector} is empty`);
      await field.click();
      await page.keyboard.insertText(sentence);
      assert.equal(await direction(field), "rtl", selector);
    }
    assert.equal(await direction(question(page, 9).locator("textarea")), "ltr", "code");
    await saved(page);
    const desk = await watched.device(server);
    const staff = await signIn(desk, server);
    await staff.goto(`${server.url}/staff/tasks/${task}/candidates`);
    const link = staff.getByRole("link", { name });
    assert.equal(await direction(link), "rtl");
    assert.equal(await direction(staff.locator(".crumbs a").last()), "ltr");
    await link.click();
    assert.equal(await direction(staff.locator("h1")), "rtl");
    assert.equal(await direction(staff.locator(`input[value="${name}"]`)), "rtl");
    await device.close();
    await desk.close();
  }
});

test("m5: a name of 200 letters does not push the columns of staff's tables off the screen", async () => {
  const name = "W".repeat(200);
  const task = await server.task(longTest(LONG), { title: short(LONG) });
  const { invitationCode } = await server.candidate(task, { fullname: name, email: `${"m".repeat(60)}@example.org` });
  const device = await watched.device(server);
  await sit(device, server, task, invitationCode);
  const desk = await watched.device(server);
  const staff = await signIn(desk, server);
  for (const path of ["candidates", "results", "live", "group", "steps", "settings", ""]) {
    await staff.goto(`${server.url}/staff/tasks/${task}/${path}`.replace(/\/$/, ""));
    for (const width of [1280, 800, 360]) {
      await staff.setViewportSize({ width, height: 800 });
      const wide = await staff.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${path}: ${wide} px wide at ${width} px`);
    }
  }
  for (const path of ["tests", "tasks", "bank", "evaluate", ""]) {
    await staff.goto(`${server.url}/staff/${path}`);
    for (const width of [1280, 800, 360]) {
      await staff.setViewportSize({ width, height: 800 });
      const wide = await staff.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${path}: ${wide} px wide at ${width} px`);
    }
  }
});

test("F4: one-line texts are shown as they were written, in the page and in lists", async () => {
  const texts = [
    "> 5",
    "5",
    "- 5",
    "<b>",
    "<i>",
    "Vec<String>",
    "__init__",
    "2*3*4",
    "1. Dünya Savaşı",
    "2. Dünya Savaşı",
  ];
  texts.push("10) ten", "# heading", "*", "com.x.<UID>.plist");
  const choices = texts.map((text, index) => ({ key: `c${index}`, text, percentage: index === 0 ? 100 : 0 }));
  const half = { key: "half", text: "$\\frac{1}{2}$" };
  const page = await seated(
    paper(
      [
        { key: "radio", kind: "multiplechoice", text: "?", choices: [...choices, half] },
        { key: "list", kind: "multiplechoice", text: "?", layout: "dropdown", choices: [...choices, half] },
      ],
      { title: "1. <Title> of __all__" },
    ),
  );
  const shown = await question(page, 1).locator(".choice span").allInnerTexts();
  assert.deepEqual(shown.slice(0, -1), texts);
  assert.equal(await question(page, 1).locator("input").last().getAttribute("aria-label"), "1/2");
  const listed = await question(page, 2).locator("option").allInnerTexts();
  assert.deepEqual(listed.slice(1), [...texts, "1/2"]);
  assert.equal(await page.locator(".brand").innerText(), "1. <Title> of __all__");
});
