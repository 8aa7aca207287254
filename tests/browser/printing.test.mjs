// Receipts and results on paper, which is also how they become a PDF: what stands on it, on how many pages, and in black.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Server, Watched, document, goOn, question, reach, saved, sit, text } from "./support.mjs";

const LOGO = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const NAMES = { en: "Ada Example", ar: "عائشة بنت أحمد", tr: "Işıl Öztürk" };

let server;
let watched;
before(async () => {
  server = await Server.start();
  watched = await Watched.open();
  const headers = { Authorization: `Bearer ${server.key}`, "Content-Type": "application/json" };
  const body = JSON.stringify({ colour: "#ffe14d", contact: "Exam office", logo: LOGO });
  const response = await fetch(`${server.url}/api/management/v1/organization`, { method: "PATCH", headers, body });
  assert.equal(response.status, 200, await response.text());
});
after(async () => {
  await watched?.close();
  await server?.end();
});

/** A candidate who has answered and is on the receipt. */
async function onReceipt(options = {}, person = {}, step = {}) {
  const task = await server.task(document("result.json"), {}, step);
  const { invitationCode: code } = await server.candidate(task, person);
  const page = await sit(await watched.device(server, options), server, task, code);
  await goOn(page);
  await question(page, 1).getByRole("radio").first().check();
  await saved(page);
  await page.getByRole("button", { name: "Next", exact: true }).click();
  if (await page.getByRole("button", { name: "Continue" }).count()) await goOn(page);
  await text(page, 3).fill("100");
  await saved(page);
  await page.locator("[data-hand-in]").first().click();
  await page.getByRole("dialog").getByRole("button", { name: "Submit", exact: true }).click();
  await page.waitForURL(/receipt$/);
  await page.locator("[data-looked]").waitFor();
  return page;
}

/** How many pages a PDF has; Chromium writes the objects of pages as they are. */
function pages(pdf) {
  assert.equal(pdf.subarray(0, 5).toString("latin1"), "%PDF-");
  return pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}

const rgb = (colour) => colour.match(/\d+(\.\d+)?/g).map(Number);
const isDark = (colour) =>
  rgb(colour)
    .slice(0, 3)
    .every((channel) => channel < 100);

/** No text of the page is light, whatever the screen had, and nothing behind it is dark. */
async function demandInk(page) {
  const colours = await page.evaluate(() => {
    const shown = [...globalThis.document.querySelectorAll("main *, header *")].filter(
      (element) => element.checkVisibility() && element.textContent.trim() && !element.closest("svg"),
    );
    return shown.map((element) => {
      const style = getComputedStyle(element);
      return { ink: style.color, ground: style.backgroundColor, what: element.outerHTML.slice(0, 80) };
    });
  });
  assert.ok(colours.length > 10);
  for (const { ink, ground, what } of colours) {
    assert.ok(Math.max(...rgb(ink).slice(0, 3)) < 170, `${ink} ink: ${what}`);
    assert.ok(rgb(ground).at(3) === 0 || !isDark(ground), `${ground} ground: ${what}`);
  }
}

test("the button of the receipt opens the browser's own dialog, by mouse and by keyboard", async () => {
  const page = await onReceipt();
  await page.evaluate(() => {
    globalThis.printed = 0;
    globalThis.print = () => (globalThis.printed += 1);
  });
  const button = page.getByRole("button", { name: "Print or save as PDF" });
  await button.click();
  await page.keyboard.press("Home");
  await reach(page, button);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Space");
  assert.equal(await page.evaluate(() => globalThis.printed), 3);
  await watched.look(page, "receipt-printing");
});

test("without scripts there is no button that does nothing", async () => {
  const page = await onReceipt();
  const cookies = await page.context().cookies();
  const quiet = await watched.device(server, { javaScriptEnabled: false });
  await quiet.addCookies(cookies);
  const still = await quiet.newPage();
  await still.goto(page.url());
  await still.getByRole("heading", { name: "Submitted" }).waitFor();
  assert.equal(await still.getByRole("button", { name: /Print/, includeHidden: true }).isVisible(), false);
});

for (const [lang, fullname] of Object.entries(NAMES)) {
  test(`a receipt in ${lang} is one page of A4 and of Letter with name, organization, fingerprint and address`, async () => {
    const page = await onReceipt({ colorScheme: lang === "ar" ? "dark" : "light" }, { fullname });
    await page.goto(`${page.url()}?lang=${lang}`);
    await page.locator("[data-looked]").waitFor();
    const file = await page.evaluate(async () => (await fetch(`${location.pathname}.json`)).json());
    await page.emulateMedia({ media: "print" });
    await watched.shoot(page, `printed-receipt-${lang}`);
    const printed = await page.evaluate(() => globalThis.document.body.innerText);
    for (const part of [
      fullname,
      "Autumn intake",
      file.instanceId,
      file.digest,
      file.signature,
      `${server.url}/verify/`,
    ])
      assert.ok(printed.includes(part), `${part} is not in ${printed}`);
    const organization = await page.locator(".brand .organization").innerText();
    assert.ok(organization.length > 0 && printed.includes(organization));
    assert.ok(await page.locator("img.logo").isVisible(), "the logo is printed");
    assert.equal(await page.locator("button:visible, nav:visible, .foot:visible, a.button:visible").count(), 0);
    assert.equal(await page.locator("html").evaluate((html) => html.scrollWidth <= html.clientWidth), true);
    await demandInk(page);
    for (const format of ["A4", "Letter"]) {
      const pdf = await page.pdf({ format, preferCSSPageSize: false });
      assert.equal(pages(pdf), 1, `${format} has more pages`);
    }
    // Whoever holds the print opens its address and is told at once.
    const link = await page.locator('main a[href*="/verify/"]').getAttribute("href");
    const anybody = await (await watched.device(server)).newPage();
    await anybody.goto(link);
    await anybody.getByText("This receipt is genuine").waitFor();
    await watched.look(anybody, "verify-link");
    await anybody.getByRole("link", { name: "Deutsch" }).click();
    await anybody.getByRole("heading", { name: /echt/ }).waitFor();
    await anybody.goto(link.slice(0, -2));
    await anybody.getByRole("alert").waitFor();
  });
}

test("a result prints in black with the organization and without buttons, and no row is cut in two", async () => {
  const page = await onReceipt(
    { colorScheme: "dark" },
    {},
    { sharing: "detailed", review: "solutions", shareWhen: "completed" },
  );
  await page.goto(page.url().replace(/receipt$/, "result"));
  await page.getByRole("button", { name: "Print or save as PDF" }).waitFor();
  await page.emulateMedia({ media: "print" });
  await watched.shoot(page, "printed-result");
  assert.equal(await page.locator("button:visible, nav:visible, a.button:visible").count(), 0);
  assert.ok(await page.locator("img.logo").isVisible());
  assert.ok(await page.locator(".who bdi").isVisible(), "whose result it is");
  await demandInk(page);
  const rows = page.locator(".parts li");
  assert.ok((await rows.count()) > 1);
  for (const row of await rows.all())
    assert.equal(await row.evaluate((element) => getComputedStyle(element).breakInside), "avoid");
  assert.ok(pages(await page.pdf({ format: "A4" })) >= 1);
});
