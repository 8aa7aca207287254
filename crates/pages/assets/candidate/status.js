// What is said of answers: at each question, on the map, in the line at the top, and of the way to the server.

import { isBlank } from "./writes.js";
import { announce, say } from "./ask.js";
import { standing } from "./standing.js";
import { described, lettersOf } from "./controls.js";
import { showUploads, uploadState } from "./files.js";

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

const MARKS = {
  answered: "answered",
  blank: "blank",
  way: "mark_way",
  refused: "mark_refused",
  undecided: "mark_undecided",
};

export const questionOf = (slot) => document.querySelector(`[data-question="${slot}"]`);
export const mapOf = (slot) => document.querySelector(`.map [data-slot="${slot}"]`);

export class Status {
  /** `flags` are the slots marked for later; `resolved(slot)` hears that the candidate chose between two answers. */
  constructor(answers, uploads, flags, lang, resolved) {
    Object.assign(this, { answers, uploads, flags, resolved });
    this.timeOfDay = new Intl.DateTimeFormat(lang, { timeStyle: "medium" });
    this.connection = "online";
  }

  of(slot) {
    return standing(this.answers.record(slot), this.uploads.of(slot));
  }

  show(slot) {
    const question = questionOf(slot);
    if (question) this.atQuestion(question, slot);
    this.onMap(slot);
    this.summary();
  }

  atQuestion(question, slot) {
    const record = this.answers.record(slot);
    const line = question.querySelector("[data-status]");
    line.textContent = line.dataset.note ?? this.text(slot);
    line.dataset.state = record.state;
    question.querySelector("[data-clear]").hidden =
      question.dataset.mode === "none" || isBlank(this.answers.current(slot));
    showUploads(question, this.uploads.of(slot), (id) => this.uploads.giveUp(id));
    this.conflict(question, slot, record);
  }

  text(slot) {
    const record = this.answers.record(slot);
    if (record.state === "waiting" && record.isOnDevice === false) return say("waiting_page");
    if (["waiting", "saving"].includes(record.state)) return say(record.state);
    if (record.state === "saved") return `${say("saved")} ${this.at(record)}`;
    return record.state === "refused" ? this.refusal(slot) : "";
  }

  /** Why it was not saved, what counts instead, and whether this device keeps it. */
  refusal(slot) {
    const record = this.answers.record(slot);
    const parts = [say("not_saved", { why: this.reason(slot) })];
    if (!isBlank(record.kept)) parts.push(say("kept_earlier", { at: this.at(record) }));
    if (record.isOnDevice === false) parts.push(say("not_on_device"));
    return parts.join(" ");
  }

  at(record) {
    return record.savedAt ? this.timeOfDay.format(new Date(record.savedAt * 1000)) : "";
  }

  reason(slot) {
    const { code, draft } = this.answers.record(slot);
    const left = code === "response_too_long" && questionOf(slot) ? lettersOf(questionOf(slot), draft) : undefined;
    return left < 0 ? say("why_letters", { n: -left }) : say(REASONS[code] ?? "why_other");
  }

  /** In a few words, for the list before handing in. */
  detail(slot) {
    const record = this.answers.record(slot);
    const files = this.uploads.of(slot).filter(({ state }) => state !== "recording" || !record.held);
    if (files.length > 0) return files.map((upload) => `${upload.name}: ${uploadState(upload)}`).join(" · ");
    if (record.held && !record.conflict) return this.reason(slot);
    return record.conflict || this.of(slot) !== "way" ? "" : say(record.state === "saving" ? "saving" : "waiting");
  }

  conflict(question, slot, record) {
    const box = question.querySelector("[data-conflict]");
    if (!record.conflict) {
      box.hidden = true;
      box.replaceChildren();
      return;
    }
    const { mine, theirs } = record.conflict;
    if (!box.hidden) {
      const quote = box.querySelector("blockquote");
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

  onMap(slot) {
    const button = mapOf(slot);
    if (!button) return;
    const state = this.of(slot);
    for (const name of Object.keys(MARKS)) button.classList.toggle(name, name === state);
    button.classList.toggle("flagged", this.flags.has(slot));
    const words = [say(MARKS[state]), this.flags.has(slot) ? say("flagged") : ""];
    button.querySelector("[data-state]").textContent = `, ${words.filter(Boolean).join(", ")}`;
    questionOf(slot)
      ?.querySelector("[data-flag]")
      .setAttribute("aria-pressed", String(this.flags.has(slot)));
  }

  summary() {
    const saved = document.getElementById("saved");
    const count = { way: 0, refused: 0, undecided: 0 };
    let hasAny = false;
    for (const slot of new Set([...this.answers.slots.keys(), ...this.uploads.slots()])) {
      const state = this.of(slot);
      if (state in count) count[state] += 1;
      hasAny ||= this.answers.record(slot).base > 0;
    }
    const parts = [
      ["refused", "refused_all"],
      ["undecided", "undecided_all"],
      ["way", "waiting_all"],
    ]
      .filter(([state]) => count[state] > 0)
      .map(([state, word]) => say(word, { n: count[state] }));
    const text = parts.length > 0 ? parts.join(" · ") : hasAny ? say("saved_all") : "";
    saved.dataset.state =
      count.refused + count.undecided > 0 ? "refused" : count.way > 0 ? "waiting" : hasAny ? "saved" : "none";
    const line = saved.querySelector("[data-text]");
    if (line.textContent !== text) line.textContent = text;
  }

  /** `enter` is where the candidate logs in again. */
  banner(state, seconds, enter) {
    this.connection = state;
    const banner = document.getElementById("banner");
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

function linkTo(enter) {
  const link = document.createElement("a");
  link.href = enter;
  link.textContent = say("enter_again");
  return link;
}
