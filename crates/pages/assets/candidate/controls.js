// @ts-check
// Reads and writes the controls of a question.

import { say } from "./ask.js";
import { closestTo, findElement, findElements, getElement } from "../dom.js";
import { files } from "./files.js";
import { cleanWhatIsPasted, sanitizedOf, show, wordsOf } from "./rich_text.js";
import { cellOf, cellsOf, chosenOf, optionOf } from "./writes.js";

/** @typedef {import("./writes.js").Answer} Answer */

/**
 * How the controls of a kind of question are read and written, and what they hold when nothing was entered.
 * @typedef {{
 *   read(question: HTMLElement): Answer, write(question: HTMLElement, response: Answer): void, blank: Answer
 * }} Mode
 */

/** @typedef {HTMLInputElement | HTMLTextAreaElement} TextField */

/** @param {HTMLElement} question */
const checkedOf = (question) => findElements(question, "input:checked", HTMLInputElement);

/** @param {HTMLElement} root */
const selectOf = (root) => getElement(root, "select", HTMLSelectElement);

/**
 * @param {HTMLElement} question
 * @returns {TextField}
 */
const textFieldOf = (question) =>
  findElement(question, "textarea", HTMLTextAreaElement) ?? getElement(question, "input", HTMLInputElement);

/** @type {Mode} */
const none = { read: () => undefined, write() {}, blank: undefined };

/** @type {Record<string, Mode>} */
const modes = {
  choices: {
    read: (question) => checkedOf(question).map((input) => input.value),
    write(question, response) {
      const keys = chosenOf(response);
      for (const input of findElements(question, ".choices input", HTMLInputElement)) {
        input.checked = keys.includes(input.value);
      }
    },
    blank: [],
  },
  dropdown: {
    read: (question) => [selectOf(question).value].filter(Boolean),
    write(question, response) {
      selectOf(question).value = chosenOf(response)[0] ?? "";
    },
    blank: [],
  },
  match: {
    read(question) {
      const pairs = findElements(question, "[data-item]").map((item) => [item.dataset.item, selectOf(item).value]);
      return Object.fromEntries(pairs.filter(([, option]) => option));
    },
    write(question, response) {
      for (const item of findElements(question, "[data-item]")) {
        selectOf(item).value = optionOf(response, item.dataset.item ?? "");
      }
      rationed(question);
    },
    blank: {},
  },
  text: {
    read: (question) => textFieldOf(question).value,
    write(question, response) {
      const field = textFieldOf(question);
      field.value = typeof response === "string" ? response : (field.dataset.template ?? "");
      lettersLeft(question);
      if (field.dataset.code !== undefined) numbered(field);
    },
    blank: "",
  },
  rich: {
    read(question) {
      const box = getElement(question, ".rich");
      return box.textContent?.trim() === "" ? "" : sanitizedOf(box).html;
    },
    write(question, response) {
      show(getElement(question, ".rich"), typeof response === "string" ? response : "");
      lettersLeft(question);
    },
    blank: "",
  },
  table: {
    read(question) {
      const fields = findElements(question, "[data-row]", HTMLInputElement);
      return cellsOf(
        fields.map(({ value, dataset }) => ({ row: dataset.row ?? "", column: dataset.column ?? "", value })),
      );
    },
    write(question, response) {
      for (const field of findElements(question, "[data-row]", HTMLInputElement)) {
        field.value = cellOf(response, field.dataset.row ?? "", field.dataset.column ?? "");
      }
    },
    blank: {},
  },
  files,
};

/** @param {HTMLElement} question */
const modeOf = (question) => modes[question.dataset.mode ?? ""] ?? none;

/** @param {HTMLElement} question */
export const read = (question) => modeOf(question).read(question);

/**
 * @param {HTMLElement} question
 * @param {Answer} response
 */
export const write = (question, response) => modeOf(question).write(question, response);

/** @param {HTMLElement} question */
export const blank = (question) => modeOf(question).blank;

/**
 * An answer in words, to choose between two.
 * @param {HTMLElement} question
 * @param {Answer} response
 */
export function described(question, response) {
  /** @param {Element | null | undefined} element */
  const plain = (element) => element?.textContent?.trim() ?? "";
  let text = "";
  if (question.dataset.mode === "files") {
    const { length } = chosenOf(response);
    text = length > 0 ? say("file_count", { n: length }) : "";
  } else if (Array.isArray(response)) {
    /** @param {string} key */
    const label = (key) => plain(question.querySelector(`[value="${CSS.escape(key)}"]`)?.closest("label, option"));
    text = response.map(label).join(", ");
  } else if (typeof response === "string") {
    text = question.dataset.mode === "rich" ? wordsOf(response) : response;
  } else if (response && question.dataset.mode === "match") {
    /** @param {[string, unknown]} pair */
    const pair = ([item, option]) => {
      const row = question.querySelector(`[data-item="${CSS.escape(item)}"]`);
      return say("chosen_for", {
        item: plain(row?.querySelector("label")),
        option: plain(row?.querySelector(`[value="${CSS.escape(String(option))}"]`)),
      });
    };
    text = Object.entries(response).map(pair).join("; ");
  } else if (response) {
    text = Object.values(response)
      .flatMap((row) => Object.values(row))
      .join(", ");
  }
  return text.trim() === "" ? say("nothing") : text;
}

/**
 * Partners that are used up cannot be chosen elsewhere.
 * @param {HTMLElement} question
 */
function rationed(question) {
  const selects = findElements(question, "[data-item]:not([data-private]) select", HTMLSelectElement);
  for (const partner of findElements(question, ".partner")) {
    const { key = "", uses } = partner.dataset;
    const used = selects.filter((select) => select.value === key).length;
    const isUsedUp = Number(uses) > 0 && used >= Number(uses);
    partner.classList.toggle("used", isUsedUp);
    partner.draggable = !isUsedUp;
    for (const select of selects) {
      const option = findElement(select, `option[value="${CSS.escape(key)}"]`, HTMLOptionElement);
      if (option) option.disabled = isUsedUp && select.value !== key;
    }
  }
}

/**
 * Letters that a text, or the longest of a table, may still have, as the server counts them; nothing where no text is
 * limited.
 * @param {HTMLElement} question
 * @param {Answer} response
 */
export function lettersOf(question, response) {
  const { mode = "" } = question.dataset;
  const most = Number(question.dataset.most);
  if (!most || !["text", "rich", "table"].includes(mode)) return undefined;
  const texts = mode === "table" ? Object.values(response ?? {}).flatMap((row) => Object.values(row)) : [response];
  const lengths = texts.map((text) => (typeof text === "string" ? [...text].length : 0));
  return most - Math.max(0, ...lengths);
}

/**
 * The code with which the server would refuse a text that is too long.
 * @param {number} slot
 * @param {Answer} response
 */
export function tooLong(slot, response) {
  const question = findElement(document, `[data-question="${slot}"]`);
  const left = question ? lettersOf(question, response) : undefined;
  return left !== undefined && left < 0 ? "response_too_long" : undefined;
}

/** @param {HTMLElement} question */
function lettersLeft(question) {
  const line = findElement(question, "[data-left]");
  if (!line) return;
  const left = lettersOf(question, read(question));
  line.textContent =
    left !== undefined && left >= 0 && left <= Number(question.dataset.most) / 5 ? say("left", { n: left }) : "";
}

/**
 * Makes the controls of a question work; `changed(isTyping)` hears of what the candidate does.
 * @param {HTMLElement} question
 * @param {(isTyping: boolean) => void} changed
 */
export function enliven(question, changed) {
  question.addEventListener("input", (event) => {
    const { target } = event;
    const status = getElement(question, "[data-status]");
    // Stays until the candidate does something else, whatever arrives meanwhile.
    delete status.dataset.note;
    if (target instanceof HTMLInputElement && target.type === "checkbox" && target.checked) {
      const most = Number(question.dataset.most);
      if (checkedOf(question).length > most) {
        target.checked = false;
        status.dataset.note = say("most", { n: most });
        status.textContent = status.dataset.note;
        return;
      }
    }
    if (question.dataset.mode === "match") rationed(question);
    lettersLeft(question);
    const isChoosing =
      target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type !== "text");
    changed(!isChoosing);
  });
  question.addEventListener("click", (event) => {
    const command = closestTo(event, "[data-do]")?.dataset.do;
    if (!command) return;
    getElement(question, ".rich").focus();
    document.execCommand(command);
    changed(true);
  });
  if (question.dataset.mode === "match") dragging(question, changed);
  if (question.dataset.mode === "rich") {
    // A new line is a paragraph, as it will be kept.
    document.execCommand("defaultParagraphSeparator", false, "p");
    cleanWhatIsPasted(getElement(question, ".rich"), () => {
      const status = getElement(question, "[data-status]");
      status.dataset.note = say("rich_pictures");
      status.textContent = status.dataset.note;
    });
  }
  if (question.dataset.mode === "table") {
    const box = getElement(question, ".scroll");
    const hint = getElement(question, "[data-scrolls]");
    new ResizeObserver(() => {
      hint.hidden = box.scrollWidth <= box.clientWidth;
    }).observe(box);
  }
  const code = findElement(question, "[data-code]", HTMLTextAreaElement);
  if (code) {
    indenting(code);
    numbering(code);
  }
}

/**
 * @param {HTMLElement} question
 * @param {(isTyping: boolean) => void} changed
 */
function dragging(question, changed) {
  /** @type {string | undefined} */
  let held;
  /** @param {DragEvent} event */
  const itemAt = (event) => (held ? closestTo(event, "[data-item]:not([data-private])") : null);
  question.addEventListener("dragstart", (event) => {
    held = closestTo(event, ".partner")?.dataset.key;
    event.dataTransfer?.setData("text/plain", held ?? "");
  });
  question.addEventListener("dragover", (event) => {
    const item = itemAt(event);
    if (item) event.preventDefault();
    for (const row of question.querySelectorAll("[data-item]")) row.classList.toggle("over", row === item);
  });
  question.addEventListener("drop", (event) => {
    const item = itemAt(event);
    if (!item || !held) return;
    event.preventDefault();
    selectOf(item).value = held;
    rationed(question);
    changed(false);
  });
  question.addEventListener("dragend", () => {
    held = undefined;
    for (const row of question.querySelectorAll("[data-item]")) row.classList.remove("over");
  });
}

/** @param {TextField} field */
const gutterOf = (field) => getElement(field.parentElement ?? document, "[data-gutter]");

/**
 * The numbers of the lines beside the code, which go along when it is scrolled.
 * @param {TextField} field
 */
function numbering(field) {
  const gutter = gutterOf(field);
  field.addEventListener("input", () => numbered(field));
  field.addEventListener("scroll", () => {
    gutter.scrollTop = field.scrollTop;
  });
  numbered(field);
}

/** @param {TextField} field */
function numbered(field) {
  const gutter = gutterOf(field);
  const lines = field.value.split("\n").length;
  if (gutter.dataset.lines === String(lines)) return;
  gutter.dataset.lines = String(lines);
  gutter.textContent = Array.from({ length: lines }, (_, index) => index + 1).join("\n");
  gutter.scrollTop = field.scrollTop;
}

/**
 * Tab indents and Enter keeps the depth; after Escape, Tab leaves the field.
 * @param {HTMLTextAreaElement} field
 */
function indenting(field) {
  let leaves = false;
  /** @param {string} text */
  const insert = (text) => {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Tab" && !event.shiftKey && !leaves) {
      event.preventDefault();
      insert("    ");
    } else if (event.key === "Enter" && !event.isComposing) {
      const line = field.value.slice(0, field.selectionStart).split("\n").at(-1) ?? "";
      event.preventDefault();
      insert(`\n${/^[ \t]*/.exec(line)?.[0] ?? ""}`);
    }
    leaves = event.key === "Escape";
  });
}
