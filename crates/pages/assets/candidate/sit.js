// Sitting a test: puts the other modules together.

import { Answers, call, isBlank } from "./answers.js";
import { announce, ask, device, say, token } from "./ask.js";
import { Clocks } from "./clock.js";
import { sending } from "./files.js";
import { watch } from "./watch.js";
import { blank, described, enliven, read, write } from "./controls.js";

const { api, receipt, enter, slots: slotCount } = document.body.dataset;
const instance = api.split("/").at(-1);
const place = `assay/${instance}/`;
// Times as this person writes them, in the page's language.
const own = navigator.languages.find((tag) => tag.split("-")[0] === document.documentElement.lang);
const lang = own ?? document.documentElement.lang;
const timeOfDay = new Intl.DateTimeFormat(lang, { timeStyle: "medium" });

const flags = new Set(JSON.parse(device.get(`${place}flags`) ?? "[]"));
const answers = new Answers(api, instance, told, connection);
const clocks = new Clocks({ nearly: () => answers.again(), over, slept: () => follow() });
let state;
let isTurning = false;
let isLeaving = false;
let hasTab = true;

const questionOf = (slot) => document.querySelector(`[data-question="${slot}"]`);
const mapOf = (slot) => document.querySelector(`.map [data-slot="${slot}"]`);

// --- one tab at a time --------------------------------------------------------------------------------------------

const tab = token();
device.set(`${place}tab`, tab);
addEventListener("storage", (event) => {
  if (event.key === `${place}tab` && event.newValue && event.newValue !== tab) giveWay();
});

/** Another tab was opened: this one no longer writes. */
async function giveWay() {
  if (!hasTab || isLeaving) return;
  hasTab = false;
  answers.isStopped = true;
  await ask(say("tab_title"), [say("tab")], [say("tab_here")]);
  isLeaving = true;
  location.reload();
}

// --- what is said of answers --------------------------------------------------------------------------------------

const REFUSALS = {
  upload_unknown: "file_refused",
  upload_not_allowed: "file_refused",
  response_too_long: "refused_long",
  response_too_many: "refused_many",
  page_locked: "refused_locked",
  instance_complete: "refused_time",
  time_over: "refused_time",
};

function told(slot) {
  const record = answers.record(slot);
  const question = questionOf(slot);
  if (question) {
    const status = question.querySelector("[data-status]");
    const at = record.savedAt ? timeOfDay.format(new Date(record.savedAt * 1000)) : "";
    const texts = {
      none: "",
      waiting: say("waiting"),
      saving: say("saving"),
      saved: `${say("saved")} ${at}`,
      refused: say(REFUSALS[record.code] ?? "refused"),
      conflict: "",
    };
    status.textContent = texts[record.state];
    status.dataset.state = record.state;
    question.querySelector("[data-clear]").hidden = question.dataset.mode === "none" || isBlank(answers.current(slot));
    conflict(question, slot, record);
  }
  mark(slot);
  summary();
}

function conflict(question, slot, record) {
  const box = question.querySelector("[data-conflict]");
  if (!record.conflict) {
    box.hidden = true;
    box.replaceChildren();
    return;
  }
  if (!box.hidden) return;
  box.className = "alert bad";
  box.setAttribute("role", "alert");
  const line = document.createElement("p");
  line.textContent = say("conflict");
  const sides = document.createElement("div");
  sides.className = "sides";
  const { mine, theirs } = record.conflict;
  for (const [name, response, useMine] of [["conflict_mine", mine, true], ["conflict_theirs", theirs, false]]) {
    const side = document.createElement("div");
    const quote = document.createElement("blockquote");
    quote.textContent = described(question, response);
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = say(name);
    button.addEventListener("click", () => {
      answers.resolve(slot, useMine);
      write(question, answers.current(slot));
      question.querySelector("h2").focus();
    });
    side.append(quote, button);
    sides.append(side);
  }
  box.replaceChildren(line, sides);
  box.hidden = false;
}

function mark(slot) {
  const button = mapOf(slot);
  if (!button) return;
  const isAnswered = !isBlank(answers.current(slot));
  button.classList.toggle("answered", isAnswered);
  button.classList.toggle("flagged", flags.has(slot));
  const words = [isAnswered ? say("answered") : say("blank"), flags.has(slot) ? say("flagged") : ""];
  button.querySelector("[data-state]").textContent = `, ${words.filter(Boolean).join(", ")}`;
  questionOf(slot)?.querySelector("[data-flag]").setAttribute("aria-pressed", String(flags.has(slot)));
}

let lastSummary = "";
function summary() {
  const saved = document.getElementById("saved");
  const open = answers.pending().length;
  const hasAny = [...answers.slots.values()].some((record) => record.base > 0);
  const text = open > 0 ? say("waiting_all", { n: open }) : hasAny ? say("saved_all") : "";
  saved.dataset.state = open > 0 ? "waiting" : hasAny ? "saved" : "none";
  if (text === lastSummary) return;
  lastSummary = text;
  saved.querySelector("[data-text]").textContent = text;
}

function connection(state) {
  const banner = document.getElementById("banner");
  if (state === banner.dataset.state || (state === "online" && banner.hidden)) return;
  banner.dataset.state = state;
  if (state === "online") {
    banner.hidden = true;
    return announce(say("online"));
  }
  banner.textContent = say(state);
  if (state === "session") {
    const link = document.createElement("a");
    link.href = enter;
    link.textContent = say("enter_again");
    banner.append(" ", link);
  }
  banner.hidden = false;
}

// --- the sheet ----------------------------------------------------------------------------------------------------

/** Fills in what is known and listens. */
function furnish() {
  for (const question of document.querySelectorAll("[data-question]")) {
    const slot = Number(question.dataset.question);
    const response = answers.current(slot);
    write(question, response);
    enliven(question, (isTyping) => answers.change(slot, read(question), isTyping ? 500 : 0));
    if (question.dataset.mode === "files") sending(question, api, () => answers.change(slot, read(question), 0));
    question.addEventListener("change", () => answers.soon(0));
    question.querySelector("[data-clear]").addEventListener("click", () => {
      write(question, blank(question));
      answers.change(slot, blank(question), 0);
      question.querySelector("h2").focus();
    });
    question.querySelector("[data-flag]").addEventListener("click", () => {
      if (!flags.delete(slot)) flags.add(slot);
      device.set(`${place}flags`, JSON.stringify([...flags]));
      mark(slot);
    });
  }
  for (let slot = 1; slot <= Number(slotCount); slot += 1) told(slot);
  const details = document.querySelector(".map details");
  if (details && matchMedia("(max-width: 60rem)").matches) details.open = false;
}

/** Exchanges the sheet for what the server shows now. */
async function refresh(to, slot) {
  const response = await fetch(location.pathname + (to ? `?to=${to}` : ""), { cache: "no-store" });
  if (response.redirected || !response.ok) {
    isLeaving = true;
    if (response.redirected) location.assign(response.url);
    else location.reload();
    return;
  }
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  document.title = fresh.title;
  document.getElementById("sheet").replaceWith(fresh.getElementById("sheet"));
  furnish();
  scrollTo(0, 0);
  const goal = slot ? questionOf(slot)?.querySelector("h2") : document.querySelector("#sheet h1");
  goal?.focus();
  if (slot) questionOf(slot)?.scrollIntoView();
  await follow();
}

/** Waits until everything is saved; the candidate is told why nothing moves. */
async function settled() {
  if (await answers.flush(1500)) return true;
  announce(say("wait_saved"));
  const saved = document.getElementById("saved");
  saved.classList.add("urgent");
  const isSettled = await answers.flush(60000);
  saved.classList.remove("urgent");
  return isSettled;
}

async function go(page, hasIntro, slot) {
  const current = Number(document.querySelector("[data-current]")?.dataset.current);
  if (page === current) {
    questionOf(slot)?.scrollIntoView();
    return questionOf(slot)?.querySelector("h2").focus();
  }
  if (isTurning) return;
  isTurning = true;
  try {
    if (!(await settled())) return;
    if (hasIntro) return await refresh(page);
    await turn("/page", { page }, () => refresh(undefined, slot));
  } finally {
    isTurning = false;
  }
}

/** Does something that required questions may hold up. */
async function turn(path, body, done) {
  try {
    await call(api, path, body);
    await done();
  } catch (refused) {
    const list = refused.slots?.join(", ");
    if (refused.code === "confirmation_needed") {
      const pressed = await ask(say("unanswered", { list }), [], [say("stay"), say("go_anyway")]);
      if (pressed === 1) return turn(path, { ...body, confirm: true }, done);
    } else if (refused.code === "required_unanswered") {
      await ask(say("unanswered", { list }), [], [say("close")]);
    } else if (refused.code === "instance_complete" || refused.code === "time_over") {
      await finished();
    } else if (refused.code === "navigation_not_allowed") {
      await ask(say("not_allowed"), [], [say("close")]);
      await refresh();
    } else if (refused.status === 401 || refused.status === 404) {
      connection("session");
    } else {
      connection(refused.status === 0 ? "offline" : "online");
      await ask(say("failed"), [], [say("close")]);
    }
  }
}

async function handIn() {
  if (isTurning) return;
  isTurning = true;
  try {
    const isSaved = await settled();
    const answered = [...answers.slots.keys()].filter((slot) => !isBlank(answers.current(slot))).length;
    const flagged = [...flags].sort((a, b) => a - b).join(", ");
    if (!isSaved) return;
    const pressed = await ask(
      say("hand_in_title"),
      [say("hand_in_text", { answered, all: slotCount }), flagged && say("hand_in_flagged", { list: flagged })],
      [say("stay"), say("hand_in")],
    );
    if (pressed !== 1) return;
    // The same token after a lost answer gives the same receipt.
    const clientToken = device.get(`${place}hand-in`) ?? token();
    device.set(`${place}hand-in`, clientToken);
    await turn("/complete", { clientToken }, finished);
  } finally {
    isTurning = false;
  }
}

async function finished() {
  isLeaving = true;
  location.assign(receipt);
}

// --- following the server -----------------------------------------------------------------------------------------

/** Looks how things stand: clocks, another device's answers and moves, the end. */
async function follow() {
  let fresh;
  try {
    fresh = await call(api, "");
  } catch (refused) {
    if (refused.status === 401 || refused.status === 404) connection("session");
    return;
  }
  const before = state;
  state = fresh;
  if (fresh.state === "COMPLETE") return finished();
  clocks.set(fresh.clocks);
  const isNewer = ({ slot, seq }) => seq > answers.record(slot).base && !answers.record(slot).sent;
  if (before && fresh.answers.some(isNewer)) await compare();
  const shown = Number(document.querySelector("[data-current]")?.dataset.current) || null;
  const here = fresh.pages.find((page) => page.pageNo === shown);
  if (shown && !isTurning && (fresh.currentPage !== shown || here?.locked)) await refresh();
}

async function compare() {
  const { answers: kept } = await call(api, "/answers");
  for (const answer of kept) {
    if (!answers.meet(answer)) continue;
    const question = questionOf(answer.slot);
    if (question) write(question, answer.response);
    told(answer.slot);
    announce(say("changed", { n: answer.slot }));
  }
}

/** A clock has run out. The server decides; the last answers have two seconds. */
async function over(name) {
  await answers.flush(1800);
  const banner = document.getElementById("banner");
  banner.textContent = say(name === "test" ? "over" : "over_part");
  banner.dataset.state = "over";
  banner.hidden = false;
  for (let tries = 0; tries < 40 && !isLeaving; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = state?.serverTimeMillis;
    await follow();
    const isFresh = state?.serverTimeMillis !== before;
    if (name !== "test" && isFresh) {
      banner.hidden = true;
      delete banner.dataset.state;
      return;
    }
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.matches("[data-page]")) go(Number(button.dataset.page), "intro" in button.dataset, Number(button.dataset.slot) || undefined);
  if (button.matches("[data-hand-in]")) handIn();
  if (button.matches("[data-back]")) refresh();
  if (button.matches("[data-open]")) turn("/open", null, () => refresh());
});
addEventListener("online", () => answers.again());
addEventListener("pagehide", () => answers.farewell());
addEventListener("pageshow", (event) => event.persisted && location.reload());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") return answers.farewell();
  answers.again();
  follow();
});
setInterval(() => document.visibilityState === "visible" && follow(), 15000);

async function begin() {
  try {
    const kept = await call(api, "/answers");
    answers.load(kept.answers);
  } catch (refused) {
    connection(refused.status === 401 || refused.status === 404 ? "session" : "offline");
    if (refused.status === 0 || refused.status >= 500) return setTimeout(begin, 2000);
  }
  furnish();
  await follow();
  if (!device.works) connection("no_store");
  watch(api, place, JSON.parse(document.body.dataset.conduct), finished);
  document.body.dataset.ready = "";
}
begin();
