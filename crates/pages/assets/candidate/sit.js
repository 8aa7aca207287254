// Sitting a test: puts the other modules together.

import { Answers, call } from "./answers.js";
import { announce, ask, device, say, token } from "./ask.js";
import { Clocks } from "./clock.js";
import { Gate } from "./gate.js";
import { sending } from "./files.js";
import { retryNow } from "./send.js";
import { isLoss, sortOut } from "./standing.js";
import { Status, mapOf, questionOf } from "./status.js";
import { Uploads } from "./uploads.js";
import { watch } from "./watch.js";
import { blank, enliven, read, tooLong, write } from "./controls.js";

const { api, receipt, enter, slots: slotCount, mostBytes } = document.body.dataset;
const instance = api.split("/").at(-1);
const place = `assay/${instance}/`;
// Times as this person writes them, in the page's language.
const own = navigator.languages.find((tag) => tag.split("-")[0] === document.documentElement.lang);
const lang = own ?? document.documentElement.lang;

const flags = new Set(JSON.parse(device.get(`${place}flags`) ?? "[]"));
const answers = new Answers(api, instance, {
  told,
  connection,
  judge: tooLong,
  mostBytes: Number(mostBytes) || undefined,
});
const uploads = new Uploads(api, instance, { told, attach, session: () => connection("session") });
const status = new Status(answers, uploads, flags, lang, settledConflict);
const clocks = new Clocks({ nearly: () => answers.again(), warned, over, slept: () => follow() });
let state;
/** The dialog before handing in or leaving a page, while it is open. */
let gate;
let isTurning = false;
let isLeaving = false;
let hasTab = true;

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
  uploads.handOver();
  await ask(say("tab_title"), [say("tab")], [say("tab_here")]);
  isLeaving = true;
  location.reload();
}

// --- what is said of answers --------------------------------------------------------------------------------------

function told(slot) {
  status.show(slot);
  if (clocks.isShort()) warned();
  gate?.refresh();
}

function connection(reached, seconds) {
  const isBack = reached === "online" && status.connection !== "online";
  status.banner(reached, seconds, enter);
  if (isBack) retryNow();
  gate?.refresh();
}

function settledConflict(slot) {
  write(questionOf(slot), answers.current(slot));
  questionOf(slot).querySelector("h2").focus();
}

/** A file has arrived: it becomes part of the answer, whichever page is shown. */
function attach(slot, id, isSingle) {
  answers.change(slot, isSingle ? [id] : [...(answers.current(slot) ?? []), id], 0);
  if (questionOf(slot)) write(questionOf(slot), answers.current(slot));
  announce(say("file_arrived", { n: slot }));
}

/** Whether leaving loses something: a file under way, or what this device could not keep, or nobody can be reached. */
function wouldLose() {
  const isUnsent = answers.pending().some((slot) => {
    const record = answers.record(slot);
    return record.isOnDevice === false || (!record.held && !record.conflict && status.connection !== "online");
  });
  return uploads.underWay().length > 0 || isUnsent;
}

addEventListener("beforeunload", (event) => {
  if (!isLeaving && hasTab && wouldLose()) event.preventDefault();
});

// --- the sheet ----------------------------------------------------------------------------------------------------

/** Fills in what is known and listens. */
function furnish() {
  for (const question of document.querySelectorAll("[data-question]")) {
    const slot = Number(question.dataset.question);
    const response = answers.current(slot);
    write(question, response);
    enliven(question, (isTyping) => answers.change(slot, read(question), isTyping ? 500 : 0));
    if (question.dataset.mode === "files") sending(question, uploads, () => answers.change(slot, read(question), 0));
    question.addEventListener("change", () => answers.soon(0));
    question.querySelector("[data-clear]").addEventListener("click", () => {
      write(question, blank(question));
      answers.change(slot, blank(question), 0);
      question.querySelector("h2").focus();
    });
    question.querySelector("[data-flag]").addEventListener("click", () => {
      if (!flags.delete(slot)) flags.add(slot);
      device.set(`${place}flags`, JSON.stringify([...flags]));
      told(slot);
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

/** How the questions stand; of these slots alone, if they are named. */
function lists(only, required = []) {
  const all = Array.from({ length: Number(slotCount) }, (_, index) => index + 1);
  const elsewhere = (state?.uploads ?? []).filter((slot) => uploads.of(slot).length === 0);
  const sorted = sortOut(
    (only ?? all).map((slot) => ({
      slot,
      isRequired: required.includes(slot) || mapOf(slot)?.dataset.required !== undefined,
      isFlagged: flags.has(slot),
      record: answers.record(slot),
      uploads: elsewhere.includes(slot) ? [{ state: "sending" }] : uploads.of(slot),
    })),
  );
  // The server knows better what is complete.
  const isNamed = (slot) => [...sorted.way, ...sorted.refused, ...sorted.undecided].includes(slot);
  sorted.required = [...new Set([...sorted.required, ...required.filter((slot) => !isNamed(slot))])].sort(
    (a, b) => a - b,
  );
  sorted.blank = sorted.blank.filter((slot) => !sorted.required.includes(slot));
  return sorted;
}

function detail(slot) {
  const isElsewhere = state?.uploads?.includes(slot) && uploads.of(slot).length === 0;
  return isElsewhere ? say("file_elsewhere") : status.detail(slot);
}

/** Opens the dialog before something irreversible; keeps it up to date. */
async function atGate(about) {
  gate = new Gate({
    detail,
    isOnline: () => !["offline", "session", "off"].includes(status.connection),
    canGo: (slot) => questionOf(slot) !== null || mapOf(slot)?.disabled === false,
    goTo: (slot) => setTimeout(() => mapOf(slot)?.click()),
    ...about,
  });
  const timer = setInterval(() => follow(), 3000);
  try {
    return await gate.open();
  } finally {
    clearInterval(timer);
    gate = undefined;
  }
}

/** Waits until everything is saved; the candidate is told why nothing moves. */
async function settled() {
  if (await answers.flush(1500)) return true;
  // An answer that does not get through holds up nothing else: its page still takes it later.
  if (status.connection === "online") return true;
  announce(say("wait_saved"));
  const saved = document.getElementById("saved");
  saved.classList.add("urgent");
  const isSettled = await answers.flush(60000);
  saved.classList.remove("urgent");
  return isSettled;
}

/** The slots whose answers nobody can give any more after going to a page. */
function lockedBy(page) {
  const sheet = document.querySelector("[data-current]");
  const current = state?.pages.find(({ pageNo }) => pageNo === Number(sheet?.dataset.current));
  const goal = state?.pages.find(({ pageNo }) => pageNo === page);
  if (!current) return [];
  const locks = sheet.dataset.locks.split(" ");
  const isWholeSection = locks.includes("section") && goal?.sectionNo !== current.sectionNo;
  if (!isWholeSection && !locks.includes("page")) return [];
  const isHere = ({ sectionNo, pageNo }) =>
    isWholeSection ? sectionNo === current.sectionNo : pageNo === current.pageNo;
  const pages = state.pages.filter(isHere).map(({ pageNo }) => String(pageNo));
  return [...document.querySelectorAll(".map [data-slot]")]
    .filter(({ dataset }) => pages.includes(dataset.page))
    .map(({ dataset }) => Number(dataset.slot));
}

/** Before a page is left for good nothing may be open on it, unless the candidate says so. */
async function mayLeave(page) {
  const slots = lockedBy(page);
  const look = () => {
    const { way, refused, undecided } = lists(slots);
    return { way, refused, undecided };
  };
  if (slots.length === 0 || !isLoss(look())) return true;
  const words = {
    title: say("leave_title"),
    lead: () => say("leave_text"),
    go: say("leave_go"),
    arrived: say("leave_arrived"),
    without: say("leave_without"),
  };
  const answer = await atGate({ words, look });
  if (answer === "without") giveUp(slots);
  return answer !== undefined;
}

/** What is still on its way to these slots is no longer wanted. */
function giveUp(slots) {
  for (const slot of slots)
    for (const upload of uploads.of(slot)) if (upload.state !== "refused") uploads.giveUp(upload.id);
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
    uploads.stopRecordings();
    if (!(await settled()) || !(await mayLeave(page))) return;
    if (hasIntro) return await refresh(page);
    await turn("/page", { page }, () => refresh(undefined, slot));
  } finally {
    isTurning = false;
  }
}

/** As `call`, again after as long as the server asks to wait. */
async function insist(path, body) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call(api, path, body);
    } catch (refused) {
      if (refused.wait === 0 || tries === 4) throw refused;
      connection("busy", refused.wait);
      await new Promise((resolve) => setTimeout(resolve, refused.wait * 1000));
    }
  }
}

/** Does something that required questions may hold up. */
async function turn(path, body, done) {
  try {
    await insist(path, body);
    connection("online");
    await done();
  } catch (refused) {
    const list = refused.slots?.join(", ");
    if (refused.code === "confirmation_needed") {
      const pressed = await ask(say("unanswered", { list }), [], [say("stay"), say("go_anyway")]);
      if (pressed === 1) return turn(path, { ...body, confirm: true }, done);
    } else if (refused.code === "required_unanswered") {
      await ask(say("unanswered", { list }), [], [say("close")]);
    } else if (refused.code === "navigation_not_allowed") {
      await ask(say("not_allowed"), [], [say("close")]);
      await refresh();
    } else {
      await stopped(refused);
    }
  }
}

/** Errors of turning a page and of handing in that are nothing to decide. */
async function stopped(refused) {
  if (refused.code === "instance_complete" || refused.code === "time_over") return finished();
  if (refused.status === 401 || refused.status === 404) return connection("session");
  connection(refused.status === 0 ? "offline" : "online");
  await ask(say("failed"), [], [say("close")]);
}

async function handIn() {
  if (isTurning) return;
  isTurning = true;
  try {
    uploads.stopRecordings();
    await answers.flush(1500);
    // What other devices have saved counts as well.
    await follow();
    if (!isLeaving) await submit();
  } finally {
    isTurning = false;
  }
}

async function submit() {
  // The same token after a lost answer gives the same receipt.
  const clientToken = device.get(`${place}hand-in`) ?? token();
  device.set(`${place}hand-in`, clientToken);
  const body = { clientToken };
  let required = [];
  let demanded = [];
  let seen = [];
  for (let isAsked = false; ;) {
    if (!isAsked) {
      const answer = await atGate({ words: gateWords(), look: () => lists(undefined, required), demanded });
      if (!answer) return;
      seen = lists(undefined, required).required;
      body.withoutUploads = answer === "without" && lists().way.length > 0;
      if (answer === "without") giveUp([...uploads.slots()]);
    }
    try {
      await insist("/complete", body);
      return await finished();
    } catch (refused) {
      if (refused.code === "confirmation_needed") {
        required = refused.slots;
        body.confirm = true;
        // Who has just read their numbers is not asked a second time.
        isAsked = required.every((slot) => seen.includes(slot));
      } else if (refused.code === "required_unanswered") {
        required = demanded = refused.slots;
        isAsked = false;
      } else if (refused.code === "uploads_under_way") {
        if (state) state.uploads = refused.slots;
        isAsked = false;
      } else {
        return stopped(refused);
      }
    }
  }
}

function gateWords() {
  return {
    title: say("hand_in_title"),
    lead: ({ answered }) => say("gate_answered", { answered: answered.length, all: slotCount }),
    final: say("hand_in_final"),
    go: say("hand_in"),
    arrived: say("hand_in_arrived"),
    without: say("hand_in_without"),
  };
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
  gate?.refresh();
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

/** The time is short: a file that is still on its way may be too late. */
function warned() {
  const banner = document.getElementById("banner");
  const isWarned = banner.dataset.state === "late" && !banner.hidden;
  const isDue = uploads.underWay().length > 0;
  if (isWarned && !isDue) banner.hidden = true;
  if (!isDue || !banner.hidden) return;
  banner.textContent = say("upload_late");
  banner.dataset.state = "late";
  banner.hidden = false;
}

/** A clock has run out. The server decides; the last answers have two seconds. */
async function over(name) {
  uploads.stopRecordings();
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
  if (button.matches("[data-page]"))
    go(Number(button.dataset.page), "intro" in button.dataset, Number(button.dataset.slot) || undefined);
  if (button.matches("[data-hand-in]")) handIn();
  if (button.matches("[data-back]")) refresh();
  if (button.matches("[data-open]")) turn("/open", null, () => refresh());
});
addEventListener("online", () => {
  answers.again();
  retryNow();
});
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
    uploads.load();
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
