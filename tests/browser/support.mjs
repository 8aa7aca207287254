// What all browser tests need: a server of their own, a browser that watches every page, and a way into a task.

import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";

const BINARY = process.env.ASSAY_BINARY ?? join(import.meta.dirname, "../../target/debug/assay");
const SHOTS = process.env.ASSAY_SCREENSHOTS;
const PATIENCE = 30_000;

/** A server with the demo's data in a directory that goes away with it. */
export class Server {
  static async start() {
    const server = new Server();
    server.directory = mkdtempSync(join(tmpdir(), "assay-browser-"));
    server.listen = "127.0.0.1:0";
    await server.run();
    // From now on always the same address: a restarted server is where it was.
    server.listen = new URL(server.url).host;
    return server;
  }

  async run() {
    const options = ["demo", "--listen", this.listen, "--data-dir", join(this.directory, "data"), "--format", "json"];
    const log = process.env.ASSAY_LOG ? "inherit" : "ignore";
    this.process = spawn(BINARY, options, { stdio: ["ignore", "pipe", log], env: { ...process.env, NO_COLOR: "1" } });
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
    const { url, privateKey, organizationId, staffUsername, staffPassword, tasks } = JSON.parse(line);
    Object.assign(this, { url, key: privateKey, organizationId, staffUsername, staffPassword, tasks });
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
    return this.api(`/api/management/v1/tasks/${task}/candidates`, { kind: "temporary-candidate", fullname: "Ada Example", ...person });
  }

  /** The kept answers of an instance as staff read them, by slot. */
  async results(task) {
    return this.api(`/api/integration/rest/v1/tasks/${task}/test-instances?mode=detailed`);
  }
}

export function document(name) {
  return JSON.parse(readFileSync(join(import.meta.dirname, "documents", name), "utf8"));
}

/** The addresses of all pages, as the running program names them. */
export function routes() {
  return JSON.parse(execFileSync(BINARY, ["pages"], { encoding: "utf8" }));
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
  static async open() {
    const watched = new Watched();
    watched.faults = [];
    watched.visited = new Set();
    watched.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
    return watched;
  }

  /** A device of its own: other cookies, other storage. */
  async device(server, options = {}) {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", reducedMotion: "reduce", ...options });
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

  /** What must hold of every page: nothing for axe to say, no sideways scrolling at 360 px, also in the dark. */
  async look(page, name) {
    await page.evaluate(() => document.fonts.ready);
    const size = page.viewportSize();
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await this.axe(page, `${name}, ${colorScheme}`);
      await this.shoot(page, `${name}-${colorScheme}`);
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 360, height: 740 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > 360) this.faults.push(`${name}: ${wide} px wide at 360 px`);
    await this.axe(page, `${name}, narrow`);
    await this.shoot(page, `${name}-narrow`);
    await page.setViewportSize(size);
  }

  async axe(page, name) {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
    for (const { id, nodes } of violations) {
      for (const node of nodes) this.faults.push(`${name}: ${id}: ${node.html.slice(0, 160)} ${node.failureSummary?.split("\n")[1] ?? ""}`);
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

/** Enters with a code and starts the first step. */
export async function sit(context, server, task, code) {
  const page = await context.newPage();
  await page.goto(`${server.url}/t/${task}`);
  await page.getByLabel("Invitation code").fill(code);
  await page.getByRole("button", { name: "Enter", exact: true }).click();
  await page.getByRole("link", { name: /^(Open|Go on)/ }).click();
  await page.getByRole("button", { name: /the test$/ }).click();
  await ready(page);
  return page;
}

export async function ready(page) {
  await page.locator("body[data-ready]").waitFor();
}

/** Goes on from what stands before a page. */
export async function goOn(page) {
  await page.getByRole("button", { name: "Continue" }).click();
  await page.locator("[data-current]").waitFor();
}

export async function saved(page) {
  await page.locator('#saved[data-state="saved"]').waitFor();
}
