// @ts-check
// What is asked before something irreversible: handing in, or leaving a page for good. Says what the server has and what
// it has not, keeps up with what arrives meanwhile, and never holds anybody for ever.

import { announce, say } from "./ask.js";
import { findElement } from "../dom.js";

/** @typedef {import("./standing.js").Lists} Lists */
/** @typedef {"go" | "without" | undefined} Decision */

/**
 * What is to be decided, and what is known of it. `look()` gives lists of slots by how they stand, `detail(slot)` a few
 * words about one, `goTo(slot)` leads there (`canGo(slot)` whether that is allowed), `isOnline()` whether the server can
 * be reached, and `demanded` are slots without which the server does not let anybody on.
 * @typedef {object} About
 * @property {{
 *   title: string, lead(lists: Partial<Lists>): string, go: string, arrived: string, without: string, final?: string
 * }} words
 * @property {() => Partial<Lists> & Pick<Lists, "way" | "refused" | "undecided">} look
 * @property {(slot: number) => string} detail
 * @property {(slot: number) => void} goTo
 * @property {(slot: number) => boolean} canGo
 * @property {() => boolean} isOnline
 * @property {number[]} [demanded]
 */

/**
 * In order of danger: the list, its words and its look.
 * @type {[keyof Lists, string, "bad" | "warn" | "plain"][]}
 */
const GROUPS = [
  ["refused", "gate_refused", "bad"],
  ["undecided", "gate_undecided", "bad"],
  ["way", "gate_way", "warn"],
  ["required", "gate_required", "warn"],
  ["attention", "gate_attention", "warn"],
  ["blank", "gate_blank", "plain"],
  ["flagged", "gate_flagged", "plain"],
];

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @returns {HTMLElementTagNameMap[Tag]}
 */
function element(tag, look = "", text = "") {
  const made = document.createElement(tag);
  if (look) made.className = look;
  if (text) made.textContent = text;
  return made;
}

export class Gate {
  /** @param {About} about */
  constructor(about) {
    this.about = about;
    this.isDemanding = (about.demanded?.length ?? 0) > 0;
    /** The candidate wants to go on as soon as everything has arrived. */
    this.isArmed = false;
    this.wasTold = false;
    /** @type {Decision} */
    this.answer = undefined;
    this.dialog = element("dialog", "gate");
    this.dialog.setAttribute("aria-labelledby", "gate-title");
    this.heading = element("h2", "", about.words.title);
    this.heading.id = "gate-title";
    this.heading.tabIndex = -1;
    this.lead = element("p", "gate-lead");
    this.groups = element("div", "groups");
    this.note = element("p", "gate-note");
    this.note.setAttribute("role", "status");
    this.actions = element("p", "actions");
    this.back = this.button(say("gate_back"), () => this.close());
    this.without = this.button(about.words.without, () => this.close("without"));
    this.go = this.button(about.words.go, () => this.press());
    this.dialog.append(this.heading, this.lead, this.groups, this.note, this.actions);
  }

  /**
   * @param {string} text
   * @param {() => void} act
   */
  button(text, act) {
    const button = element("button", "", text);
    button.type = "button";
    button.addEventListener("click", act);
    this.actions.append(button);
    return button;
  }

  /** Ready when the candidate has decided: `go`, `without` what has not arrived, or nothing to stay. */
  async open() {
    document.body.append(this.dialog);
    this.refresh();
    this.dialog.showModal();
    this.heading.focus();
    await new Promise((resolve) => this.dialog.addEventListener("close", resolve, { once: true }));
    this.dialog.remove();
    return this.answer;
  }

  /** @param {Decision} [answer] */
  close(answer) {
    this.answer = answer;
    this.dialog.close();
  }

  /** While something is on its way, pressing means: as soon as it has arrived. */
  press() {
    const { way } = this.about.look();
    if (way.length === 0) return this.close("go");
    this.isArmed = true;
    this.refresh();
  }

  /** Shows how things stand now. */
  refresh() {
    const lists = this.about.look();
    const isLost = lists.refused.length + lists.undecided.length > 0;
    if (this.isArmed && isLost) this.isArmed = false;
    if (this.isArmed && lists.way.length === 0 && this.dialog.open) return this.close("go");
    this.lead.textContent = this.about.words.lead(lists);
    this.fill(lists);
    this.tell(lists, isLost);
    this.offer(lists, isLost);
  }

  /** @param {Partial<Lists>} lists */
  fill(lists) {
    const focused = document.activeElement?.closest(".groups a")?.getAttribute("href");
    const groups = GROUPS.map(([name, word, look]) => this.group(lists[name] ?? [], word, look));
    this.groups.replaceChildren(...groups.filter((group) => group !== undefined));
    if (focused) findElement(this.groups, `a[href="${focused}"]`)?.focus();
  }

  /**
   * @param {number[]} slots
   * @param {string} word
   * @param {string} look
   */
  group(slots, word, look) {
    if (slots.length === 0) return undefined;
    const group = element("section", `group ${look}`);
    const heading = element("h3", "", say(word));
    heading.append(" ", element("span", "badge", String(slots.length)));
    const list = element("ul", look === "plain" ? "chips" : "");
    list.append(...slots.map((slot) => this.item(slot, look)));
    group.append(heading, list);
    return group;
  }

  /**
   * @param {number} slot
   * @param {string} look
   */
  item(slot, look) {
    const item = element("li");
    const text = say("question_no", { n: slot });
    const name = look === "plain" ? String(slot) : text;
    const link = this.about.canGo(slot) ? this.link(slot, name) : element("span", "", name);
    if (look === "plain") link.setAttribute("aria-label", text);
    item.append(link);
    const detail = look === "plain" ? "" : this.about.detail(slot);
    if (detail) item.append(" ", element("span", "detail", detail));
    return item;
  }

  /**
   * @param {number} slot
   * @param {string} name
   */
  link(slot, name) {
    const link = element("a", "", name);
    link.href = `#q${slot}`;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.close();
      this.about.goTo(slot);
    });
    return link;
  }

  /**
   * @param {Pick<Lists, "way">} lists
   * @param {boolean} isLost
   */
  tell(lists, isLost) {
    const isWaiting = this.isArmed && lists.way.length > 0;
    const word = !this.about.isOnline()
      ? "gate_offline"
      : isWaiting
        ? "gate_waiting"
        : isLost || lists.way.length > 0
          ? "gate_loss"
          : this.isDemanding
            ? "gate_demanded"
            : "";
    const text = [word && say(word), this.about.words.final].filter(Boolean).join(" ");
    if (this.note.textContent !== text) this.note.textContent = text;
    if (isWaiting && !this.wasTold) announce(say("gate_waiting"));
    this.wasTold = isWaiting;
  }

  /**
   * @param {Pick<Lists, "way">} lists
   * @param {boolean} isLost
   */
  offer(lists, isLost) {
    const isOnTheWay = lists.way.length > 0;
    const isBarred = !this.about.isOnline() || this.isDemanding;
    this.without.hidden = !(isLost || isOnTheWay);
    this.without.disabled = isBarred;
    // Where something was not taken, waiting does not help: only going back, or going on without it, knowingly.
    this.go.hidden = isLost;
    this.go.disabled = isBarred || this.isArmed;
    this.go.textContent = isOnTheWay ? this.about.words.arrived : this.about.words.go;
    this.go.className = isLost || this.isDemanding ? "" : "primary";
    this.back.className = this.go.className ? "" : "primary";
    this.without.className = "danger";
  }
}
