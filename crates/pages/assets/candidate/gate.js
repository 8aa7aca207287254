// What is asked before something irreversible: handing in, or leaving a page for good. Says what the server has and what
// it has not, keeps up with what arrives meanwhile, and never holds anybody for ever.

import { announce, say } from "./ask.js";

/** In order of danger: the list, its words and its look. */
const GROUPS = [
  ["refused", "gate_refused", "bad"],
  ["undecided", "gate_undecided", "bad"],
  ["way", "gate_way", "warn"],
  ["required", "gate_required", "warn"],
  ["blank", "gate_blank", "plain"],
  ["flagged", "gate_flagged", "plain"],
];

function element(tag, look = "", text = "") {
  const made = document.createElement(tag);
  if (look) made.className = look;
  if (text) made.textContent = text;
  return made;
}

export class Gate {
  /**
   * `words` are `{title, lead(lists), final, go, arrived, without}`; `look()` gives lists of slots by how they stand,
   * `detail(slot)` a few words about one, `goTo(slot)` leads there (`canGo(slot)` whether that is allowed), `isOnline()`
   * whether the server can be reached, and `demanded` are slots without which the server does not let anybody on.
   */
  constructor(about) {
    Object.assign(this, about);
    this.isArmed = false;
    this.dialog = element("dialog", "gate");
    this.dialog.setAttribute("aria-labelledby", "gate-title");
    this.heading = element("h2", "", this.words.title);
    this.heading.id = "gate-title";
    this.heading.tabIndex = -1;
    this.lead = element("p", "gate-lead");
    this.groups = element("div", "groups");
    this.note = element("p", "gate-note");
    this.note.setAttribute("role", "status");
    this.actions = element("p", "actions");
    this.back = this.button(say("gate_back"), () => this.close());
    this.without = this.button(this.words.without, () => this.close("without"));
    this.go = this.button(this.words.go, () => this.press());
    this.dialog.append(this.heading, this.lead, this.groups, this.note, this.actions);
  }

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

  close(answer) {
    this.answer = answer;
    this.dialog.close();
  }

  /** While something is on its way, pressing means: as soon as it has arrived. */
  press() {
    const { way } = this.look();
    if (way.length === 0) return this.close("go");
    this.isArmed = true;
    this.refresh();
  }

  /** Shows how things stand now. */
  refresh() {
    const lists = this.look();
    const isLost = lists.refused.length + lists.undecided.length > 0;
    if (this.isArmed && isLost) this.isArmed = false;
    if (this.isArmed && lists.way.length === 0 && this.dialog.open) return this.close("go");
    this.lead.textContent = this.words.lead(lists);
    this.fill(lists);
    this.tell(lists, isLost);
    this.offer(lists, isLost);
  }

  fill(lists) {
    const focused = document.activeElement?.closest?.(".groups a")?.hash;
    const groups = GROUPS.filter(([name]) => lists[name]?.length > 0).map(([name, word, look]) =>
      this.group(lists[name], word, look),
    );
    this.groups.replaceChildren(...groups);
    if (focused) this.groups.querySelector(`a[href="${focused}"]`)?.focus();
  }

  group(slots, word, look) {
    const group = element("section", `group ${look}`);
    const heading = element("h3", "", say(word));
    heading.append(" ", element("span", "badge", String(slots.length)));
    const list = element("ul", look === "plain" ? "chips" : "");
    list.append(...slots.map((slot) => this.item(slot, look)));
    group.append(heading, list);
    return group;
  }

  item(slot, look) {
    const item = element("li");
    const text = say("question_no", { n: slot });
    const canGo = this.canGo(slot);
    const link = element(canGo ? "a" : "span", "", look === "plain" ? String(slot) : text);
    if (canGo) {
      link.href = `#q${slot}`;
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.close();
        this.goTo(slot);
      });
    }
    if (look === "plain") link.setAttribute("aria-label", text);
    item.append(link);
    const detail = look === "plain" ? "" : this.detail(slot);
    if (detail) item.append(" ", element("span", "detail", detail));
    return item;
  }

  tell(lists, isLost) {
    const isWaiting = this.isArmed && lists.way.length > 0;
    const word = !this.isOnline()
      ? "gate_offline"
      : isWaiting
        ? "gate_waiting"
        : isLost || lists.way.length > 0
          ? "gate_loss"
          : this.demanded?.length > 0
            ? "gate_demanded"
            : "";
    const text = [word && say(word), this.words.final].filter(Boolean).join(" ");
    if (this.note.textContent !== text) this.note.textContent = text;
    if (isWaiting && !this.wasTold) announce(say("gate_waiting"));
    this.wasTold = isWaiting;
  }

  offer(lists, isLost) {
    const isOnTheWay = lists.way.length > 0;
    const isBarred = !this.isOnline() || this.demanded?.length > 0;
    this.without.hidden = !(isLost || isOnTheWay);
    this.without.disabled = isBarred;
    // Where something was not taken, waiting does not help: only going back, or going on without it, knowingly.
    this.go.hidden = isLost;
    this.go.disabled = isBarred || this.isArmed;
    this.go.textContent = isOnTheWay ? this.words.arrived : this.words.go;
    this.go.className = isLost || this.demanded?.length > 0 ? "" : "primary";
    this.back.className = this.go.className ? "" : "primary";
    this.without.className = "danger";
  }
}
