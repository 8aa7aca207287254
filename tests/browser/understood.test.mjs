// Answers that are kept and cannot count, and numbers as they were read: at the field, on the map, before handing in.
// Findings F7, F8, B2 and m11 row by row, and more of their kind.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Server, Watched, goOn, savedAnswers, question, ready, saved, sit, status, text } from "./support.mjs";

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

const numeric = (more = {}) => ({ kind: "input", type: "numeric", text: "How many?", ...more });
const choices = (more = {}) => ({
  kind: "multiplechoice",
  text: "Choose some.",
  maxSelections: 3,
  choices: ["a", "b", "c"].map((key) => ({ key, text: `Choice ${key}`, percentage: 33 })),
  ...more,
});
const match = {
  kind: "match",
  text: "Match two.",
  minMatches: 2,
  options: ["o1", "o2"].map((key) => ({ key, text: `Option ${key}` })),
  items: ["i1", "i2"].map((key) => ({ key, text: `Item ${key}`, matches: [{ option: "o1", percentage: 50 }] })),
};
const table = {
  kind: "input",
  type: "tabular",
  text: "Fill in.",
  columns: [
    { key: "n", title: "Length", type: "numeric" },
    { key: "w", title: "Words", type: "field" },
  ],
  rows: [
    { key: "r1", title: "Rope" },
    { key: "r2", title: "Wire" },
  ],
};

/** A test with these pages of questions. */
function paper(pages, more = {}) {
  let number = 0;
  const page = (questions, index) => ({
    key: `p${index}`,
    questions: questions.map((one) => ({ key: `q${(number += 1)}`, ...one })),
  });
  return {
    assay: 1,
    key: `understood-${Math.random().toString(36).slice(2)}`,
    title: "Understood",
    sections: [{ key: "s", title: "Only", pages: pages.map(page) }],
    ...more,
  };
}

async function seated(pages, more = {}) {
  const task = await server.task(paper(pages, more));
  const { invitationCode } = await server.candidate(task);
  const page = await sit(await watched.device(server), server, task, invitationCode);
  await goOn(page);
  return { task, page };
}

const said = (page, slot) => question(page, slot).locator("[data-understood]");
const onMap = (page, slot) => page.locator(`.map [data-slot="${slot}"]`);
const gate = (page) => page.locator("dialog.gate");
const group = (page, title) => gate(page).locator("section", { has: page.getByRole("heading", { name: title }) });
const openGate = async (page) => {
  await page.locator("nav.turn [data-hand-in]").or(page.locator(".map [data-hand-in]")).first().click();
  await gate(page).waitFor();
};
const NO_NUMBER = "This is not a number. Write digits only, for example 12.5";

test("F7, B2: what is no number is said at its field while it is typed, and on the map", async () => {
  const { page } = await seated([[numeric(), numeric()]]);
  for (const typed of ["five", "54 euros", "100 cm", "1e3", "1/2", "12,5", "1.2.3", "10 000", "ten", "--5", "~5"]) {
    await text(page, 1).fill(typed);
    await said(page, 1).getByText(NO_NUMBER, { exact: true }).waitFor();
    await page.locator('.map [data-slot="1"].attention').waitFor();
    assert.equal(await text(page, 1).getAttribute("aria-invalid"), "true", typed);
    await text(page, 1).fill("");
    await page.locator('.map [data-slot="1"]:not(.attention)').waitFor();
    assert.equal(await said(page, 1).textContent(), "", "nothing is said of nothing");
  }
  await text(page, 1).fill("five");
  await said(page, 1).getByText(NO_NUMBER).waitFor();
  assert.match(await onMap(page, 1).innerText(), /needs attention/);
  assert.match(await status(page, 1, "saved").innerText(), /^Saved/, "it is kept all the same");
  assert.match(await page.locator(".legend").innerText(), /needs attention/);
  assert.equal(await said(page, 1).getAttribute("role"), "status");
  const describedBy = await text(page, 1).getAttribute("aria-describedby");
  assert.equal(describedBy, await said(page, 1).getAttribute("id"));
  await watched.look(page, "understood-number");
  await text(page, 1).fill("5");
  await said(page, 1).getByText("Read as 5", { exact: true }).waitFor();
  await page.locator('.map [data-slot="1"].answered').waitFor();
  assert.equal(await text(page, 1).getAttribute("aria-invalid"), null);
});

test("F6, F8: numbers are echoed as they were read", async () => {
  const { page } = await seated([[numeric({ unit: "cm" })]]);
  for (const [typed, number] of [
    ["10,000", "10000"],
    ["10000", "10000"],
    ["1,234.50", "1234.5"],
    ["\u22125", "-5"],
    ["\u20135", "-5"],
    ["- 5", "-5"],
    ["\u200e-5", "-5"],
    ["\uff11\uff12", "12"],
    ["\u0661\u0662", "12"],
    ["100 cm", "100"],
    ["+7", "7"],
    [".5", "0.5"],
  ]) {
    await text(page, 1).fill(typed);
    await said(page, 1).getByText(`Read as ${number}`, { exact: true }).waitFor();
  }
});

test("F8: a German test has its own separators, in the echo and the example too", async () => {
  const { page } = await seated([[numeric()]], { lang: "de" });
  await text(page, 1).fill("12.5");
  await said(page, 1).getByText("for example 12,5").waitFor();
  for (const [typed, number] of [
    ["10.000", "10000"],
    ["10 000", "10000"],
    ["10'000", "10000"],
    ["1.234,50", "1234,5"],
  ]) {
    await text(page, 1).fill(typed);
    await said(page, 1).getByText(`Read as ${number}`, { exact: true }).waitFor();
  }
});

test("F8: what can be read in two ways is not taken, and says how to write it", async () => {
  const { page } = await seated([[numeric({ decimalSeparator: "either" })]]);
  for (const typed of ["10,000", "10.000", "1.234"]) {
    await text(page, 1).fill(typed);
    await said(page, 1).getByText("can be read in two ways").waitFor();
    await text(page, 1).fill("");
  }
  await text(page, 1).fill("10000");
  await said(page, 1).getByText("Read as 10000").waitFor();
  await text(page, 1).fill("12,5");
  await said(page, 1).getByText("Read as 12.5").waitFor();
});

test("F7, B2: how many are to be chosen or matched yet is said at once, offline too", async () => {
  const { page } = await seated([[choices({ minSelections: 3 }), match, choices()]]);
  await page.context().setOffline(true);
  const box = (slot, index) => question(page, slot).locator("input").nth(index);
  await box(1, 0).check();
  assert.equal(await said(page, 1).textContent(), "Choose 2 more");
  await box(1, 1).check();
  assert.equal(await said(page, 1).textContent(), "Choose one more");
  await question(page, 2).locator("select").first().selectOption("o1");
  assert.equal(await said(page, 2).textContent(), "Match one more");
  assert.equal(await said(page, 3).count(), 0, "one is enough there");
  await page.context().setOffline(false);
  await page.locator('.map [data-slot="1"].attention').waitFor({ timeout: 60_000 });
  await page.locator('.map [data-slot="2"].attention').waitFor();
  await watched.look(page, "understood-choices");
  await box(1, 2).check();
  assert.equal(await said(page, 1).textContent(), "");
  await question(page, 2).locator("select").last().selectOption("o2");
  await page.locator('.map [data-slot="1"].answered').waitFor();
  await page.locator('.map [data-slot="2"].answered').waitFor();
  await box(1, 0).uncheck();
  await box(1, 1).uncheck();
  await box(1, 2).uncheck();
  assert.equal(await said(page, 1).textContent(), "", "a blank answer needs nothing");
});

test("F7: a cell that is no number is named with its row and column", async () => {
  const { page } = await seated([[table]]);
  const cell = (row, column) => question(page, 1).locator(`[data-row="${row}"][data-column="${column}"]`);
  await cell("r1", "n").fill("1 m");
  await cell("r1", "w").fill("one metre");
  await cell("r2", "n").fill("1,000");
  const wrong = `Rope, Length: ${NO_NUMBER}`;
  await said(page, 1).getByText(`${wrong} Wire, Length: Read as 1000`, { exact: true }).waitFor();
  assert.equal(await cell("r1", "n").getAttribute("aria-invalid"), "true");
  assert.equal(await cell("r2", "n").getAttribute("aria-invalid"), null);
  assert.equal(await cell("r1", "w").getAttribute("aria-invalid"), null);
  await page.locator('.map [data-slot="1"].attention').waitFor();
  await watched.look(page, "understood-table");
  await cell("r1", "n").fill("1");
  await page.locator('.map [data-slot="1"].answered').waitFor();
});

test("F7: a reload, and another device, show the same", async () => {
  const { page } = await seated([[numeric(), choices({ minSelections: 2 })], [numeric()]]);
  await text(page, 1).fill("five");
  await question(page, 2).locator("input").first().check();
  await page.locator('.map [data-slot="1"].attention').waitFor();
  await page.locator('.map [data-slot="2"].attention').waitFor();
  await page.reload();
  await ready(page);
  await said(page, 1).getByText(NO_NUMBER).waitFor();
  await said(page, 2).getByText("Choose one more").waitFor();
  assert.match(await onMap(page, 1).innerText(), /needs attention/);
  await page.getByRole("button", { name: "Next" }).click();
  await page.locator('[data-current="2"]').waitFor();
  assert.match(await onMap(page, 1).innerText(), /needs attention/, "also from another page");
});

test("F7, B2: handing in names what cannot count, leads there, and holds nobody", async () => {
  const { page } = await seated([
    [numeric(), choices({ minSelections: 2 })],
    [numeric(), numeric()],
  ]);
  await text(page, 1).fill("five");
  await question(page, 2).locator("input").first().check();
  await page.locator('.map [data-slot="2"].attention').waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  await page.locator('[data-current="2"]').waitFor();
  await text(page, 3).fill("7");
  await text(page, 4).fill("seven");
  await page.locator('.map [data-slot="4"].attention').waitFor();
  await openGate(page);
  await gate(page).getByText("The server has your answers to 1 of 4 questions.").waitFor();
  const named = group(page, "Needs attention");
  assert.deepEqual(await named.locator("li").allInnerTexts(), [
    `Question 1\n${NO_NUMBER}`,
    "Question 2\nNot complete yet",
    `Question 4\n${NO_NUMBER}`,
  ]);
  await watched.look(page, "understood-gate");
  await named.getByRole("link", { name: "Question 1" }).click();
  await page.waitForFunction(() => document.activeElement?.id === "q1-no");
  await text(page, 1).fill("5");
  await page.locator('.map [data-slot="1"].answered').waitFor();
  await page.locator(".map [data-hand-in]").click();
  await gate(page).getByText("The server has your answers to 2 of 4 questions.").waitFor();
  await gate(page).getByRole("button", { name: "Submit", exact: true }).click();
  await page.getByRole("heading", { name: "Submitted" }).waitFor();
});

test("F7: a required answer that cannot count is named with its reason", async () => {
  const { page } = await seated([[numeric({ required: true })]], { mandatory: { test: "prevent" } });
  await text(page, 1).fill("five");
  await page.locator('.map [data-slot="1"].attention').waitFor();
  await openGate(page);
  await gate(page).getByRole("button", { name: "Submit", exact: true }).click();
  await group(page, "Required, without a complete answer").getByText(NO_NUMBER).waitFor();
  await gate(page).getByRole("link", { name: "Question 1" }).click();
  await text(page, 1).fill("5");
  await page.locator('.map [data-slot="1"].answered').waitFor();
  await openGate(page);
  await gate(page).getByRole("button", { name: "Submit", exact: true }).click();
  await page.getByRole("heading", { name: "Submitted" }).waitFor();
});

test("m11: the page counts characters as the server does, emoji and all", async () => {
  const field = { kind: "input", type: "field", text: "Say.", maxLength: 10 };
  const { page } = await seated([[field, { ...field, type: "area" }, numeric(), table]]);
  for (const [slot, typed] of [
    [1, "😀".repeat(10)],
    [1, "👍🏽".repeat(5)],
    [1, "𝒳".repeat(10)],
    [1, "abcdefghij"],
    [1, "é".repeat(10)],
    [1, "漢字仮名交じり文だよ"],
    [2, "😀".repeat(10)],
    [2, "🇹🇷".repeat(5)],
  ]) {
    await text(page, slot).fill(typed);
    await page.waitForFunction(
      ([slot, typed]) => document.querySelector(`#q${slot} input, #q${slot} textarea`).value === typed,
      [slot, typed],
    );
    await status(page, slot, "saved").waitFor();
    await saved(page);
    assert.equal((await savedAnswers(page))[slot], typed);
  }
  for (const typed of ["😀".repeat(11), "abcdefghijk", "🇹🇷".repeat(6)]) {
    await text(page, 1).fill(typed);
    await status(page, 1, "refused").waitFor();
  }
  await text(page, 1).fill("short");
  await text(page, 3).fill("1".repeat(101));
  await status(page, 3, "refused").waitFor();
  await text(page, 3).fill("1");
  const cell = question(page, 4).locator('[data-row="r1"][data-column="w"]');
  await cell.fill("😀".repeat(1000));
  await status(page, 4, "saved").waitFor();
  await saved(page);
  assert.equal((await savedAnswers(page))[4].r1.w, "😀".repeat(1000));
  await cell.fill("😀".repeat(1001));
  await status(page, 4, "refused").waitFor();
});

test("a Turkish candidate is told in Turkish", async () => {
  const questions = [[numeric(), choices({ minSelections: 2 })]];
  const task = await server.task(paper(questions, { lang: "tr" }), { lang: "tr" });
  const { invitationCode } = await server.candidate(task, { lang: "tr" });
  const device = await watched.device(server, { locale: "tr-TR" });
  const page = await device.newPage();
  await page.goto(`${server.url}/t/${task}`);
  await page.locator("input[name=code]").fill(invitationCode);
  await page.locator("main form button").first().click();
  await page.locator("main a.button").first().click();
  await page.locator("main form button").first().click();
  await ready(page);
  await page.locator("[data-current]").waitFor();
  await text(page, 1).fill("beş");
  await said(page, 1).getByText("Bu bir sayı değil. Yalnızca rakam yazın, örneğin 12,5").waitFor();
  await text(page, 1).fill("10.000");
  await said(page, 1).getByText("10000 olarak okundu").waitFor();
  await question(page, 2).locator("input").first().check();
  assert.equal(await said(page, 2).textContent(), "Bir seçenek daha seçin");
  await page.locator('.map [data-slot="2"].attention').waitFor();
  assert.match(await onMap(page, 2).innerText(), /gözden geçirilmeli/);
});

test("F5, F6: what was typed earns what people expect", async () => {
  const field = (value) => ({
    kind: "input",
    type: "field",
    text: "Say.",
    rules: [{ rule: "equal", value, percentage: 100 }],
  });
  const keys = ["İstanbul", "Isparta", "Diyarbakır", "don't", "e-mail", "H2O"];
  const typed = ["istanbul", "ısparta", "DİYARBAKIR", "don\u2019t", "e\u2011mail", "H\u2082O"];
  const { page, task } = await seated([keys.map(field)], { lang: "tr" });
  for (const [index, words] of typed.entries()) await text(page, index + 1).fill(words);
  await saved(page);
  for (let slot = 1; slot <= typed.length; slot += 1) await status(page, slot, "saved").waitFor();
  await openGate(page);
  await gate(page).getByRole("button", { name: "Submit", exact: true }).click();
  await page.getByRole("heading", { name: "Submitted" }).waitFor();
  const [{ testInstanceId }] = (await server.results(task)).testInstances;
  const { answers } = await server.api(
    `/api/integration/rest/v1/tasks/${task}/test-instances/${testInstanceId}/answers?mode=detailed`,
  );
  assert.deepEqual(
    answers.map(({ question: { answer } }) => answer.score),
    keys.map(() => 1),
  );
});

test("no page has a fault", () => watched.demandNoFaults());
