// @ts-check
// Going to another page, and what has to be settled before a page is left.

import { announce, ask, say } from "./ask.js";
import { findElement, findElements, getElement } from "../dom.js";
import { finished, follow, hasEnded, refresh, shownPage } from "./following.js";
import { Gate } from "./gate.js";
import { list } from "./locale.js";
import { Refused, call } from "./request.js";
import { isLoss } from "./standing.js";
import { mapOf, questionOf } from "./status.js";

/** @typedef {import("./sitting.js").Sitting} Sitting */

/**
 * @param {Sitting} sitting
 * @param {number} page
 * @param {boolean} hasIntro
 * @param {number} [slot]  the question to go to
 */
export async function go(sitting, page, hasIntro, slot) {
  if (page === shownPage()) {
    const question = slot ? questionOf(slot) : null;
    question?.scrollIntoView();
    if (question) getElement(question, "h2").focus();
    return;
  }
  if (sitting.isTurning) return;
  sitting.isTurning = true;
  try {
    sitting.uploads.stopRecordings();
    if (!(await settled(sitting)) || !(await mayLeave(sitting, page))) return;
    if (hasIntro) return await refresh(sitting, page);
    await turn(sitting, "/page", { page }, () => refresh(sitting, undefined, slot));
  } finally {
    sitting.isTurning = false;
  }
}

/**
 * Waits until everything is saved; the candidate is told why nothing moves.
 * @param {Sitting} sitting
 */
async function settled({ answers, status }) {
  if (await answers.flush(1500)) return true;
  // An answer that does not get through holds up nothing else: its page still takes it later.
  if (status.connection === "online") return true;
  announce(say("wait_saved"));
  const saved = getElement(document, "#saved");
  saved.classList.add("urgent");
  const isSettled = await answers.flush(60000);
  saved.classList.remove("urgent");
  return isSettled;
}

/**
 * The slots whose answers nobody can give any more after going to a page.
 * @param {Sitting} sitting
 * @param {number} page
 */
function lockedBy({ state }, page) {
  const sheet = findElement(document, "[data-current]");
  const current = state?.pages.find(({ pageNo }) => pageNo === Number(sheet?.dataset.current));
  const goal = state?.pages.find(({ pageNo }) => pageNo === page);
  if (!state || !current) return [];
  const locks = (sheet?.dataset.locks ?? "").split(" ");
  const isWholeSection = locks.includes("section") && goal?.sectionNo !== current.sectionNo;
  if (!isWholeSection && !locks.includes("page")) return [];
  /** @param {import("./request.js").PageState} page */
  const isHere = ({ sectionNo, pageNo }) =>
    isWholeSection ? sectionNo === current.sectionNo : pageNo === current.pageNo;
  const pages = state.pages.filter(isHere).map(({ pageNo }) => pageNo);
  return findElements(document, ".map [data-slot]")
    .filter(({ dataset }) => pages.includes(Number(dataset.page)))
    .map(({ dataset }) => Number(dataset.slot));
}

/**
 * Before a page is left for good nothing may be open on it, unless the candidate says so.
 * @param {Sitting} sitting
 * @param {number} page
 */
async function mayLeave(sitting, page) {
  const slots = lockedBy(sitting, page);
  const look = () => {
    const { way, refused, undecided } = sitting.lists(slots);
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
  const answer = await atGate(sitting, { words, look });
  if (answer === "without") giveUp(sitting, slots);
  return answer !== undefined;
}

/**
 * Opens the dialog before something irreversible; keeps it up to date.
 * @param {Sitting} sitting
 * @param {Pick<import("./gate.js").About, "words" | "look" | "demanded">} about
 */
export async function atGate(sitting, about) {
  const gate = new Gate({
    detail: (slot) => sitting.detail(slot),
    isOnline: () => !["offline", "session", "off"].includes(sitting.status.connection),
    canGo: (slot) => questionOf(slot) !== null || mapOf(slot)?.disabled === false,
    goTo: (slot) => setTimeout(() => mapOf(slot)?.click()),
    ...about,
  });
  sitting.gate = gate;
  const timer = setInterval(() => follow(sitting), 3000);
  try {
    return await gate.open();
  } finally {
    clearInterval(timer);
    sitting.gate = undefined;
  }
}

/**
 * What is still on its way to these slots is no longer wanted.
 * @param {Sitting} sitting
 * @param {Iterable<number>} slots
 */
export function giveUp({ uploads }, slots) {
  for (const slot of slots) {
    for (const upload of uploads.of(slot)) if (upload.state !== "refused") uploads.giveUp(upload.id);
  }
}

/**
 * As `call`, again after as long as the server asks to wait.
 * @param {Sitting} sitting
 * @param {string} path
 * @param {object | null} body
 */
export async function insist(sitting, path, body) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call(sitting.api, path, body);
    } catch (error) {
      if (!(error instanceof Refused) || error.wait === 0 || tries === 4) throw error;
      const { wait } = error;
      sitting.connection("busy", wait);
      await new Promise((resolve) => setTimeout(resolve, wait * 1000));
    }
  }
}

/**
 * Says which required questions have no complete answer.
 * @param {number[]} slots
 * @param {string[]} buttons
 */
const askForAnswers = (slots, buttons) =>
  ask(say("unanswered", { n: slots.length, list: list(slots.map(String)) }), [], buttons);

/**
 * Does something that required questions may hold up.
 * @param {Sitting} sitting
 * @param {string} path
 * @param {object | null} body
 * @param {() => Promise<void>} done
 * @returns {Promise<void>}
 */
export async function turn(sitting, path, body, done) {
  try {
    await insist(sitting, path, body);
    sitting.connection("online");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.code === "confirmation_needed") {
      const pressed = await askForAnswers(error.slots, [say("stay"), say("go_anyway")]);
      if (pressed === 1) return turn(sitting, path, { ...body, confirm: true }, done);
    } else if (error.code === "required_unanswered") {
      const [first] = error.slots;
      const pressed = await askForAnswers(error.slots, [say("close"), say("unanswered_go", { n: first })]);
      if (pressed === 1) setTimeout(() => mapOf(first)?.click());
    } else if (error.code === "navigation_not_allowed") {
      await ask(say("not_allowed"), [], [say("close")]);
      await refresh(sitting);
    } else {
      await stopped(sitting, error);
    }
    return;
  }
  await done();
}

/**
 * Errors of turning a page and of handing in that are nothing to decide.
 * @param {Sitting} sitting
 * @param {Refused} refused
 */
export async function stopped(sitting, refused) {
  if (refused.code === "instance_complete" || refused.code === "time_over") return finished(sitting);
  if (hasEnded(refused)) return sitting.connection("session");
  sitting.connection(refused.status === 0 ? "offline" : "online");
  await ask(say("failed"), [], [say("close")]);
}
