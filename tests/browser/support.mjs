// What all browser tests need: a server of their own, a browser that watches every page, and a way into a task.

import { chromium } from "playwright-core";
import { spawn, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import assert from "node:assert/strict";

const BINARY = process.env.ASSAY_BINARY ?? join(import.meta.dirname, "../../target/debug/assay");
const SHOTS = process.env.ASSAY_SCREENSHOTS;
/** A directory with a demo's data that was made once for all tests; without it each server makes its own. */
const DEMO = process.env.ASSAY_DEMO_DATA;
const PATIENCE = 30_000;

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** What a dark room can change. */
const COLOURS = ["color-contrast", "link-in-text-block"];

/** A server with the demo's data in a directory that goes away with it. */
export class Server {
  static async start() {
    const server = new Server();
    server.directory = mkdtempSync(join(tmpdir(), "assay-browser-"));
    if (DEMO) cpSync(DEMO, join(server.directory, "data"), { recursive: true });
    server.listen = "127.0.0.1:0";
    await server.run();
    // From now on always the same address: a restarted server is where it was.
    server.listen = new URL(server.url).host;
    return server;
  }

  async run() {
    const options = ["demo", "--listen", this.listen, "--data-dir", join(this.directory, "data"), "--format", "json"];
    const log = process.env.ASSAY_LOG ? "inherit" : "ignore";
    // Our own variables are no settings of the server.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("ASSAY_")));
    // A thousand candidates of a test come from one address and enter at once, more than any room behind one.
    const limits = {
      ASSAY_LIMITS_REQUESTS_PER_SECOND_PER_ADDRESS: "0",
      ASSAY_LIMITS_ENTRIES_PER_MINUTE_PER_ADDRESS: "0",
    };
    this.process = spawn(BINARY, options, {
      stdio: ["ignore", "pipe", log],
      env: { ...env, ...limits, NO_COLOR: "1" },
    });
    this.over = new Promise((resolve) => this.process.once("exit", resolve));
    const line = await new Promise((resolve, reject) => {
      let text = "";
      const timer = setTimeout(() => reject(new Error("the server says nothing")), 120_000);
      this.process.stdout.on("data", (bytes) => {
        text += bytes;
        if (!text.includes("\n")) return;
        clearTimeout(timer);
        resolve(text);
      });
      this.over.then((code) => reject(new Error(`the server ended: ${code}`)));
    });
    const { url, privateKey, organizationId, staffUsername, staffPassword, tasks, candidateUrl } = JSON.parse(line);
    Object.assign(this, { url, key: privateKey, organizationId, staffUsername, staffPassword, tasks, candidateUrl });
    Object.assign(this, { username: staffUsername, password: staffPassword });
  }

  /** As when the power goes. */
  async kill() {
    this.process.kill("SIGKILL");
    await this.over;
  }

  async end() {
    this.process.kill("SIGTERM");
    await this.over;
    rmSync(this.directory, { recursive: true, force: true });
  }

  async api(path, body, type = "application/json") {
    const headers = { Authorization: `Bearer ${this.key}`, ...(body === undefined ? {} : { "Content-Type": type }) };
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(this.url + path, { method: body === undefined ? "GET" : "POST", headers, body: text });
    const answer = await response.json();
    assert.ok(response.ok, `${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async test(document) {
    return (await this.api("/api/management/v1/tests", document)).testId ?? (await this.latestTest());
  }

  /** A task with one test; gives its id. */
  async task(document, task = {}, step = {}) {
    const imported = await this.api("/api/management/v1/tests", document);
    const made = await this.api("/api/management/v1/tasks", {
      title: "Autumn intake",
      ...task,
      steps: [{ test: imported.testId ?? imported.id, ...step }],
    });
    return made.taskId ?? made.id;
  }

  async candidate(task, person = {}) {
    return this.api(`/api/management/v1/tasks/${task}/candidates`, {
      kind: "temporary-candidate",
      fullname: "Ada Example",
      ...person,
    });
  }

  /** The instances of a task as integrators read them. */
  async results(task) {
    return this.api(`/api/integration/rest/v1/tasks/${task}/test-instances?mode=detailed`);
  }

  /** The text of the kept mail to an address, once it is there. */
  async letter(to) {
    const folder = join(this.directory, "data", "mail");
    for (const end = Date.now() + PATIENCE; Date.now() < end; await pause(100)) {
      if (!existsSync(folder)) continue;
      const files = readdirSync(folder).filter((name) => name.endsWith(".eml"));
      const letters = files.map((name) => readFileSync(join(folder, name), "utf8"));
      const letter = letters.find((text) => text.includes(`To: ${to}`) || text.includes(`<${to}>`));
      if (letter)
        return letter
          .replace(/=\r?\n/g, "")
          .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    }
    throw new Error(`no mail to ${to} was kept`);
  }
}

async function toTop(page) {
  await page.evaluate(() => window.scrollTo({ top: 0, behavior: "instant" }));
}

export function document(name) {
  return JSON.parse(readFileSync(join(import.meta.dirname, "documents", name), "utf8"));
}

/** The addresses of all pages, as the running program names them. */
export function routes() {
  return JSON.parse(execFileSync(BINARY, ["pages"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
}

export function isStaff(route) {
  return route === "/staff" || route.startsWith("/staff/");
}

/** Signs the demo's manager in; gives the page. */
export async function signIn(context, server, username = server.staffUsername, password = server.staffPassword) {
  const page = await context.newPage();
  await page.goto(`${server.url}/staff/sign-in`);
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${server.url}/staff`);
  return page;
}

/** A browser whose every page is watched. */
export class Watched {
  /** `flags` are further ones of Chromium's command line. */
  static async open(flags = []) {
    const watched = new Watched();
    watched.faults = [];
    watched.visited = new Set();
    const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
    watched.browser = await chromium.launch({ executablePath, args: ["--no-sandbox", ...flags] });
    return watched;
  }

  /** A device of its own: other cookies, other storage. */
  async device(server, options = {}) {
    const context = await this.browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: "en-GB",
      reducedMotion: "reduce",
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    const host = new URL(server.url).host;
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith("http") && url.host !== host) this.faults.push(`asked another host: ${url}`);
      if (request.isNavigationRequest()) this.visited.add(url.pathname);
    });
    context.on("weberror", (error) => this.faults.push(`script: ${error.error()}`));
    context.on("console", (message) => {
      if (/Content Security Policy|Refused to|Trusted Type/i.test(message.text())) this.faults.push(message.text());
    });
    return context;
  }

  /**
   * What must hold of every page: nothing for axe to say, also in the dark, where only its rules about colours can say
   * something new, and at 360 px; nowhere does the page scroll sideways.
   */
  async look(page, name) {
    await page.evaluate(() => document.fonts.ready);
    const size = page.viewportSize();
    // Always from the same place: what a sticky bar lies over must not depend on how far a test had scrolled.
    await toTop(page);
    await this.width(page, name);
    await this.axe(page, `${name}, light`);
    await this.shoot(page, `${name}-light`);
    await page.emulateMedia({ colorScheme: "dark" });
    await this.axe(page, `${name}, dark`, COLOURS);
    await this.shoot(page, `${name}-dark`);
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 360, height: 740 });
    await toTop(page);
    await this.width(page, name);
    await this.axe(page, `${name}, narrow`);
    await this.shoot(page, `${name}-narrow`);
    await this.spaced(page, name);
    await page.setViewportSize(size);
  }

  /** At no place that one can scroll to, a bar lies over a part of a control. For pages whose bars have room of their own. */
  async lookEverywhere(page, name) {
    const size = page.viewportSize();
    for (const viewport of [size, { width: 360, height: 740 }]) {
      await page.setViewportSize(viewport);
      const end = await page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight);
      // Less than a control's least height, so none slips between two looks.
      const step = Math.max(23, Math.ceil(end / 40));
      for (let top = 0; top <= end + step; top += step) {
        await page.evaluate((top) => window.scrollTo({ top, behavior: "instant" }), top);
        await this.axe(page, `${name}, ${viewport.width} px wide, ${top} px down`, ["target-size"]);
      }
    }
    await page.setViewportSize(size);
  }

  async width(page, name) {
    const { width } = page.viewportSize();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > width) this.faults.push(`${name}: ${wide} px wide at ${width} px`);
  }

  /** With the spacing of WCAG 1.4.12 nothing widens the page either, nor would a wider font than the tests have. */
  async spaced(page, name) {
    const style = await page.evaluateHandle(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("* { letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }");
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      return sheet;
    });
    await this.width(page, `${name}, spaced`);
    await style.evaluate((sheet) => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    });
  }

  /** Asks axe inside the page, where it stays for the next question; about some rules, or all. */
  async axe(page, name, rules) {
    if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
    const runOnly = rules ? { type: "rule", values: rules } : { type: "tag", values: TAGS };
    const options = { runOnly, resultTypes: ["violations"], preload: false, iframes: false };
    const violations = await page.evaluate(
      async (options) => (await globalThis.axe.run(document, options)).violations,
      options,
    );
    for (const { id, nodes } of violations) {
      for (const node of nodes)
        this.faults.push(`${name}: ${id}: ${node.html.slice(0, 160)} ${node.failureSummary?.split("\n")[1] ?? ""}`);
    }
  }

  async shoot(page, name) {
    if (!SHOTS) return;
    mkdirSync(SHOTS, { recursive: true });
    await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  }

  demandNoFaults() {
    assert.deepEqual([...new Set(this.faults)], []);
  }

  /** Fails for a page that nobody has opened. */
  demandAll(routes) {
    const pattern = (route) => new RegExp(`^${route.replace(/\{\*?\w+\}/g, "[^/]+").replaceAll(".", "\\.")}$`);
    const missed = routes.filter((route) => ![...this.visited].some((path) => pattern(route).test(path)));
    assert.deepEqual(missed, [], "every page must be opened in a browser test");
  }

  async close() {
    await this.browser.close();
  }
}

/** Chromium's own imitations of camera, microphone and screen. */
export const FAKE_DEVICES = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--auto-accept-this-tab-capture",
];
export const PIXEL_PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
export const PAPER_PDF = Buffer.from("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n");

/** A test of one page with these inputs, which have the keys q1, q2 and so on unless they name their own. */
export function portfolio(...inputs) {
  const questions = inputs.map((input, index) => ({ key: `q${index + 1}`, kind: "input", ...input }));
  return {
    assay: 1,
    key: `portfolio-${Math.random().toString(36).slice(2)}`,
    title: "Portfolio",
    sections: [{ key: "s", title: "Portfolio", pages: [{ key: "p", title: "Show what you can do", questions }] }],
  };
}

export const question = (page, slot) => page.locator(`#q${slot}`);
export const text = (page, slot) => page.locator(`#q${slot} textarea, #q${slot} input[type=text]`).first();
export const status = (page, slot, state) => page.locator(`#q${slot} [data-status][data-state="${state}"]`);

/** What the server has of the candidate, slot to response. */
export async function savedAnswers(page) {
  return page.evaluate(async () => {
    const { answers } = await (await fetch(`${document.body.dataset.api}/answers`)).json();
    return Object.fromEntries(answers.map(({ slot, response }) => [slot, response]));
  });
}

/** Enters with a code and starts the first step. */
export async function sit(context, server, task, code) {
  const page = await context.newPage();
  await page.goto(`${server.url}/t/${task}`);
  await page.getByLabel("Invitation code").fill(code);
  await page.getByRole("button", { name: "Enter", exact: true }).click();
  await page.getByRole("link", { name: /^(Open|Continue)/ }).click();
  await page.getByRole("button", { name: /the test$/ }).click();
  await ready(page);
  return page;
}

export async function ready(page) {
  await page.locator("body[data-ready]").waitFor();
}

/** Goes on from what stands before a page. */
/** Goes on to a page of questions: behind an introduction by its button, otherwise one is there already. */
export async function goOn(page) {
  const button = page.locator(".paper .primary:not([data-hand-in])").filter({ hasText: "Continue" });
  await page.locator("[data-current]").or(button).first().waitFor();
  if (await button.isVisible()) await button.click();
  await page.locator("[data-current]").waitFor();
}

export async function saved(page) {
  await page.locator('#saved[data-state="saved"]').waitFor();
}

/** Presses Tab until the focus is there. */
export async function reach(page, locator) {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`cannot be reached with Tab: ${locator}`);
}
