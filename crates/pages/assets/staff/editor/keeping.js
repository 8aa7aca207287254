// What the editors of tests and of questions share: the device's copy, sending to the server, showing faults, and
// deciding between two versions.

import { button, element } from "./fields.js";

/** The device's copy of what is not saved yet. */
export class Draft {
  /** `name` tells drafts apart and may change: a new document gets its id when it is first saved. */
  constructor(name) {
    this.name = () => `assay-draft-${name()}`;
  }

  /** False when the device has no room. */
  keep(based, doc) {
    try {
      localStorage.setItem(this.name(), JSON.stringify({ based, text: JSON.stringify(doc), at: Date.now() }));
      return true;
    } catch {
      return false;
    }
  }

  /** The copy, if there is one that differs from what is kept on the server. */
  recall(doc) {
    try {
      const draft = JSON.parse(localStorage.getItem(this.name()) ?? "null");
      if (!draft || draft.text === JSON.stringify(doc)) return undefined;
      return { based: draft.based, doc: JSON.parse(draft.text) };
    } catch {
      return undefined;
    }
  }

  forget() {
    localStorage.removeItem(this.name());
  }
}

/**
 * Puts the bar with Save where it covers nothing: into the column beside the sheet where there is one, else behind the
 * sheet. `style.css` has the same width.
 */
export function placeSaveBar(root) {
  const [bar, side, main] = [".editor-bar", ".editor-side", ".editor-main"].map((name) => root.querySelector(name));
  const hasColumns = window.matchMedia("(min-width: 62rem)");
  const place = () => {
    const focused = bar.contains(document.activeElement) ? document.activeElement : undefined;
    if (hasColumns.matches) side.prepend(bar);
    else main.append(bar);
    // Moving an element takes the focus from it.
    focused?.focus();
  };
  hasColumns.addEventListener("change", place);
  place();
}

export async function send(address, body) {
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return await read(response);
  } catch {
    return { status: 0 };
  }
}

export async function ask(address) {
  try {
    return await read(await fetch(address, { headers: { Accept: "application/json" } }));
  } catch {
    return { status: 0 };
  }
}

async function read(response) {
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  if (response.redirected || response.status === 401) return { status: 401 };
  return { status: response.status, ...(isJson ? await response.json() : {}) };
}

/** Why the server did not do it, in a sentence. */
export function reason(status) {
  const reasons = {
    0: "The server cannot be reached.",
    401: "You are no longer signed in: sign in again in another tab.",
    403: "Your roles do not include this.",
    404: "This does not exist any more.",
  };
  return reasons[status] ?? "The server could not do this.";
}

export function drawFaults(box, faults, whereOf, goTo) {
  const errors = faults.filter((fault) => !fault.code.startsWith("warn_"));
  box.hidden = faults.length === 0;
  box.classList.toggle("bad-card", errors.length > 0);
  const count = (number, one) => `${number} ${number === 1 ? one : `${one}s`}`;
  box.querySelector("h2").textContent = errors.length
    ? `${count(errors.length, "fault")} to mend; nothing was kept on the server`
    : `${count(faults.length, "remark")}, which do not prevent saving`;
  box.querySelector("ol").replaceChildren(
    ...faults.map((fault) => {
      const go = button(whereOf(fault.pointer), () => goTo(fault.pointer), { class: "quiet" });
      const sort = fault.code.startsWith("warn_")
        ? element("span", { class: "badge warn" }, "advice")
        : element("span", { class: "badge bad" }, "fault");
      return element(
        "li",
        {},
        sort,
        " ",
        go,
        ` ${fault.message}${fault.detail ? `: ${fault.detail}` : ""} `,
        element("code", {}, fault.code),
      );
    }),
  );
}

/** Somebody kept another version: both are shown, and one decides. */
export function drawConflict(box, theirs, ours, { takeMine, takeTheirs }) {
  const pretty = (value) => JSON.stringify(value, null, 2).split("\n");
  const [mine, other] = [pretty(ours), pretty(JSON.parse(theirs.text))];
  const only = (lines, than) => {
    const known = new Set(than);
    return (
      lines
        .filter((text) => !known.has(text))
        .slice(0, 200)
        .join("\n") || "nothing"
    );
  };
  box.hidden = false;
  box.className = "alert bad";
  box.replaceChildren(
    element("h2", { tabindex: "-1" }, `Somebody kept version ${theirs.version} while you were writing`),
    element("p", {}, "Nothing was lost on either side. These lines differ:"),
    element(
      "div",
      { class: "sides" },
      element(
        "div",
        {},
        element("h3", {}, "Yours"),
        element("pre", { class: "excerpt", tabindex: "0" }, only(mine, other)),
      ),
      element(
        "div",
        {},
        element("h3", {}, "Theirs"),
        element("pre", { class: "excerpt", tabindex: "0" }, only(other, mine)),
      ),
    ),
    element(
      "p",
      { class: "actions" },
      button("Save mine as the next version", takeMine),
      button("Take theirs, drop mine", () => {
        if (window.confirm("Drop your changes?")) takeTheirs();
      }),
    ),
  );
  box.querySelector("h2").focus();
}
