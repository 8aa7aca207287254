// @ts-check
// What is said of answers: at each question, on the map, in the line at the top, and of the way to the server.

import { announce, say } from "./ask.js";
import { described, lettersOf } from "./controls.js";
import { findElement, getElement } from "../dom.js";
import { showUploads, uploadState } from "./files.js";
import { timeOfDay } from "./locale.js";
import { standing } from "./standing.js";
import { sentenceOf, showUnderstanding } from "./understanding.js";
import { isBlank } from "./writes.js";

/** @typedef {import("./answers.js").Answers} Answers */
/** @typedef {import("./answers.js").SlotRecord} SlotRecord */
/** @typedef {import("./standing.js").Standing} Standing */
/** @typedef {import("./uploads.js").Uploads} Uploads */
/** @typedef {import("./writes.js").Answer} Answer */

/** @type {Record<string, string>} */
const REASONS = {
  upload_unknown: "why_file",
  upload_not_allowed: "why_file",
  response_too_long: "why_long",
  response_too_many: "why_many",
  too_many_versions: "why_versions",
  page_locked: "why_locked",
  instance_complete: "why_time",
  time_over: "why_time",
  unsendable: "why_unsendable",
  lost: "why_lost",
  unreadable: "why_unread",
  malformed_write: "why_unread",
  response_wrong_shape: "why_unread",
};

/** @type {Record<Standing, string>} */
const MARKS = {
  answered: "answered",
  attention: "mark_attention",
  blank: "blank",
  way: "mark_way",
  refused: "mark_refused",
  undecided: "mark_undecided",
};

/**
 * What the line at the top counts, with its words.
 * @type {[Standing, string][]}
 */
const COUNTED = [
  ["refused", "refused_all"],
  ["undecided", "undecided_all"],
  ["way", "waiting_all"],
];

/** @param {number} slot */
export const questionOf = (slot) => findElement(document, `[data-question="${slot}"]`);

/** @param {number} slot */
export const mapOf = (slot) => findElement(document, `.map [data-slot="${slot}"]`, HTMLButtonElement);

export class Status {
  /**
   * `flags` are the slots marked for later; `resolved(slot)` hears that the candidate chose between two answers.
   * @param {Answers} answers
   * @param {Uploads} uploads
   * @param {Set<number>} flags
   * @param {(slot: number) => void} resolved
   */
  constructor(answers, uploads, flags, resolved) {
    this.answers = answers;
    this.uploads = uploads;
    this.flags = flags;
    this.resolved = resolved;
    /** @type {Reached} */
    this.connection = "online";
  }

  /** @param {number} slot */
  of(slot) {
    return standing(this.answers.record(slot), this.uploads.of(slot));
  }

  /** @param {number} slot */
  show(slot) {
    const question = questionOf(slot);
    if (question) this.atQuestion(question, slot);
    this.onMap(slot);
    this.summary();
  }

  /**
   * @param {HTMLElement} question
   * @param {number} slot
   */
  atQuestion(question, slot) {
    const record = this.answers.record(slot);
    const line = getElement(question, "[data-status]");
    line.textContent = line.dataset.note ?? this.text(slot);
    line.dataset.state = record.state;
    line.toggleAttribute("data-attention", this.of(slot) === "attention");
    showUnderstanding(question, record, this.answers.current(slot));
    const isEmpty = question.dataset.mode === "none" || isBlank(this.answers.current(slot));
    getElement(question, "[data-clear]").hidden = isEmpty;
    showUploads(question, this.uploads.of(slot), (id) => this.uploads.giveUp(id));
    this.conflict(question, slot, record);
  }

  /** @param {number} slot */
  text(slot) {
    const record = this.answers.record(slot);
    if (record.state === "waiting" && record.isOnDevice === false) return say("waiting_page");
    if (["waiting", "saving"].includes(record.state)) return say(record.state);
    if (record.state === "saved") return record.savedAt ? say("saved_at", { at: this.at(record) }) : say("saved");
    return record.state === "refused" ? this.refusal(slot) : "";
  }

  /**
   * Why it was not saved, what counts instead, and whether this device keeps it.
   * @param {number} slot
   */
  refusal(slot) {
    const record = this.answers.record(slot);
    const parts = [say("not_saved", { why: this.reason(slot) })];
    if (!isBlank(record.saved)) parts.push(say("kept_earlier", { at: this.at(record) }));
    if (record.isOnDevice === false) parts.push(say("not_on_device"));
    return parts.join(" ");
  }

  /** @param {SlotRecord} record */
  at(record) {
    return record.savedAt ? timeOfDay(new Date(record.savedAt * 1000)) : "";
  }

  /** @param {number} slot */
  reason(slot) {
    const { code = "", draft } = this.answers.record(slot);
    const question = questionOf(slot);
    const left = code === "response_too_long" && question ? lettersOf(question, draft) : undefined;
    return left !== undefined && left < 0 ? say("why_letters", { n: -left }) : say(REASONS[code] ?? "why_other");
  }

  /**
   * In a few words, for the list before handing in.
   * @param {number} slot
   */
  detail(slot) {
    const record = this.answers.record(slot);
    const files = this.uploads.of(slot).filter(({ state }) => state !== "recording" || !record.held);
    if (files.length > 0) return files.map((upload) => `${upload.name}: ${uploadState(upload)}`).join(" · ");
    if (record.held && !record.conflict) return this.reason(slot);
    if (this.of(slot) === "attention") return sentenceOf(questionOf(slot), record, record.saved);
    return record.conflict || this.of(slot) !== "way" ? "" : say(record.state === "saving" ? "saving" : "waiting");
  }

  /**
   * @param {HTMLElement} question
   * @param {number} slot
   * @param {SlotRecord} record
   */
  conflict(question, slot, record) {
    const box = getElement(question, "[data-conflict]");
    if (!record.conflict) {
      box.hidden = true;
      box.replaceChildren();
      return;
    }
    const { mine, theirs } = record.conflict;
    if (!box.hidden) {
      const quote = getElement(box, "blockquote");
      const text = described(question, mine);
      if (quote.textContent !== text) quote.textContent = text;
      return;
    }
    box.className = "alert bad";
    box.setAttribute("role", "alert");
    const line = document.createElement("p");
    line.textContent = say("conflict");
    const sides = document.createElement("div");
    sides.className = "sides";
    sides.append(
      this.side(question, slot, "conflict_mine", mine),
      this.side(question, slot, "conflict_theirs", theirs),
    );
    box.replaceChildren(line, sides);
    box.hidden = false;
  }

  /**
   * @param {HTMLElement} question
   * @param {number} slot
   * @param {"conflict_mine" | "conflict_theirs"} name
   * @param {Answer} response
   */
  side(question, slot, name, response) {
    const side = document.createElement("div");
    const quote = document.createElement("blockquote");
    quote.textContent = described(question, response);
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = say(name);
    button.addEventListener("click", () => {
      this.answers.resolve(slot, name === "conflict_mine");
      this.resolved(slot);
    });
    side.append(quote, button);
    return side;
  }

  /** @param {number} slot */
  onMap(slot) {
    const button = mapOf(slot);
    if (!button) return;
    const state = this.of(slot);
    for (const name of Object.keys(MARKS)) button.classList.toggle(name, name === state);
    button.classList.toggle("flagged", this.flags.has(slot));
    const words = [say(MARKS[state]), this.flags.has(slot) ? say("flagged") : ""];
    getElement(button, "[data-state]").textContent = `, ${words.filter(Boolean).join(", ")}`;
    const question = questionOf(slot);
    if (question) getElement(question, "[data-flag]").setAttribute("aria-pressed", String(this.flags.has(slot)));
  }

  summary() {
    const saved = getElement(document, "#saved");
    /** @type {Record<Standing, number>} */
    const count = { answered: 0, attention: 0, blank: 0, way: 0, refused: 0, undecided: 0 };
    let hasAny = false;
    for (const slot of new Set([...this.answers.slots.keys(), ...this.uploads.slots()])) {
      count[this.of(slot)] += 1;
      hasAny ||= this.answers.record(slot).base > 0;
    }
    const parts = COUNTED.filter(([state]) => count[state] > 0).map(([state, word]) => say(word, { n: count[state] }));
    const text = parts.length > 0 ? parts.join(" · ") : hasAny ? say("saved_all") : "";
    saved.dataset.state =
      count.refused + count.undecided > 0 ? "refused" : count.way > 0 ? "waiting" : hasAny ? "saved" : "none";
    const line = getElement(saved, "[data-text]");
    if (line.textContent !== text) line.textContent = text;
  }

  /**
   * Says how the server can be reached.
   * @param {Reached} state
   * @param {number} seconds  until the next try, where the server asks to wait
   * @param {string} enter  where the candidate logs in again
   */
  banner(state, seconds, enter) {
    this.connection = state;
    const banner = getElement(document, "#banner");
    if (banner.dataset.state === "over" || (state === "online" && (banner.hidden || banner.dataset.state === "late")))
      return;
    // A short trouble that passes by itself is nothing to read.
    if (state === "busy" && seconds < 3 && banner.hidden) return;
    if (state === banner.dataset.state && state !== "busy") return;
    const wasShown = !banner.hidden;
    banner.dataset.state = state;
    banner.hidden = state === "online";
    if (state === "online") return announce(say("online"));
    banner.textContent = say(state, { n: seconds });
    if (state === "session") banner.append(" ", linkTo(enter));
    if (wasShown && state === "busy") banner.removeAttribute("role");
    else banner.setAttribute("role", "alert");
  }
}

/**
 * The way to the server, or that this device keeps nothing.
 * @typedef {import("./answers.js").Connection | "no_store"} Reached
 */

/** @param {string} enter */
function linkTo(enter) {
  const link = document.createElement("a");
  link.href = enter;
  link.textContent = say("enter_again");
  return link;
}
