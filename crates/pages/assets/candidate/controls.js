// Reads and writes the controls of a question.

import { say } from "./ask.js";
import { files } from "./files.js";

// What the server keeps of a rich answer.
const RICH = new Set(
  "P BR B STRONG I EM U S SUB SUP CODE PRE H2 H3 H4 BLOCKQUOTE UL OL LI TABLE THEAD TBODY TR TH TD".split(" "),
);

/** The elements that an answer in rich text may have, without attributes. */
function tidied(source, target) {
  for (const node of source.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) target.append(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE || ["SCRIPT", "STYLE"].includes(node.tagName)) continue;
    const name = node.tagName === "DIV" ? "P" : node.tagName;
    if (RICH.has(name)) {
      const copy = document.createElement(name);
      tidied(node, copy);
      target.append(copy);
    } else {
      tidied(node, target);
    }
  }
}

function richOf(html) {
  const fragment = document.createDocumentFragment();
  tidied(new DOMParser().parseFromString(html, "text/html").body, fragment);
  return fragment;
}

const modes = {
  choices: {
    read: (question) => [...question.querySelectorAll("input:checked")].map((input) => input.value),
    write(question, keys) {
      for (const input of question.querySelectorAll(".choices input"))
        input.checked = (keys ?? []).includes(input.value);
    },
    blank: [],
  },
  dropdown: {
    read: (question) => [question.querySelector("select").value].filter(Boolean),
    write(question, keys) {
      question.querySelector("select").value = keys?.[0] ?? "";
    },
    blank: [],
  },
  match: {
    read(question) {
      const pairs = [...question.querySelectorAll("[data-item]")].map((item) => [
        item.dataset.item,
        item.querySelector("select").value,
      ]);
      return Object.fromEntries(pairs.filter(([, option]) => option));
    },
    write(question, pairs) {
      for (const item of question.querySelectorAll("[data-item]"))
        item.querySelector("select").value = pairs?.[item.dataset.item] ?? "";
      rationed(question);
    },
    blank: {},
  },
  text: {
    read: (question) => question.querySelector("textarea, input").value,
    write(question, text) {
      const field = question.querySelector("textarea, input");
      field.value = text ?? field.dataset.template ?? "";
      lettersLeft(question);
      if (field.dataset.code !== undefined) numbered(field);
    },
    blank: "",
  },
  rich: {
    read(question) {
      const box = document.createElement("div");
      tidied(question.querySelector(".rich"), box);
      return box.textContent.trim() === "" ? "" : box.innerHTML;
    },
    write(question, html) {
      question.querySelector(".rich").replaceChildren(richOf(html ?? ""));
      lettersLeft(question);
    },
    blank: "",
  },
  table: {
    read(question) {
      const cells = {};
      for (const { value, dataset } of question.querySelectorAll("[data-row]")) {
        if (value.trim()) (cells[dataset.row] ??= {})[dataset.column] = value;
      }
      return cells;
    },
    write(question, cells) {
      for (const field of question.querySelectorAll("[data-row]"))
        field.value = cells?.[field.dataset.row]?.[field.dataset.column] ?? "";
    },
    blank: {},
  },
  files,
  none: { read: () => undefined, write() {}, blank: undefined },
};

const mode = (question) => modes[question.dataset.mode] ?? modes.none;
export const read = (question) => mode(question).read(question);
export const write = (question, response) => mode(question).write(question, response);
export const blank = (question) => mode(question).blank;

/** An answer in words, to choose between two. */
export function described(question, response) {
  const plain = (element) => element?.textContent.trim() ?? "";
  let text = "";
  if (question.dataset.mode === "files") {
    text = response?.length ? say("file_count", { n: response.length }) : "";
  } else if (Array.isArray(response)) {
    const label = (key) => plain(question.querySelector(`[value="${CSS.escape(key)}"]`)?.closest("label, option"));
    text = response.map(label).join(", ");
  } else if (typeof response === "string") {
    text = question.dataset.mode === "rich" ? richOf(response).textContent : response;
  } else if (response && question.dataset.mode === "match") {
    const pair = ([item, option]) => {
      const row = question.querySelector(`[data-item="${CSS.escape(item)}"]`);
      return say("chosen_for", {
        item: plain(row?.querySelector("label")),
        option: plain(row?.querySelector(`[value="${CSS.escape(option)}"]`)),
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

/** Partners that are used up cannot be chosen elsewhere. */
function rationed(question) {
  const selects = [...question.querySelectorAll("[data-item]:not([data-private]) select")];
  for (const partner of question.querySelectorAll(".partner")) {
    const { key, uses } = partner.dataset;
    const used = selects.filter((select) => select.value === key).length;
    const isUsedUp = Number(uses) > 0 && used >= Number(uses);
    partner.classList.toggle("used", isUsedUp);
    partner.draggable = !isUsedUp;
    for (const select of selects) {
      const option = select.querySelector(`option[value="${CSS.escape(key)}"]`);
      if (option) option.disabled = isUsedUp && select.value !== key;
    }
  }
}

/** Letters that a text may still have, as the server counts them; nothing where no text is limited. */
export function lettersOf(question, response) {
  const most = Number(question.dataset.most);
  if (!most || !["text", "rich"].includes(question.dataset.mode) || typeof response !== "string") return undefined;
  return most - [...response].length;
}

/** The code with which the server would refuse a text that is too long. */
export function tooLong(slot, response) {
  const question = document.querySelector(`[data-question="${slot}"]`);
  return question && lettersOf(question, response) < 0 ? "response_too_long" : undefined;
}

function lettersLeft(question) {
  const line = question.querySelector("[data-left]");
  if (!line) return;
  const left = lettersOf(question, read(question));
  line.textContent = left >= 0 && left <= Number(question.dataset.most) / 5 ? say("left", { n: left }) : "";
}

/** Makes the controls of a question work; `changed(isTyping)` hears of what the candidate does. */
export function enliven(question, changed) {
  question.addEventListener("input", (event) => {
    const field = event.target;
    const status = question.querySelector("[data-status]");
    // Stays until the candidate does something else, whatever arrives meanwhile.
    delete status.dataset.note;
    if (field.type === "checkbox" && field.checked) {
      const most = Number(question.dataset.most);
      if (question.querySelectorAll("input:checked").length > most) {
        field.checked = false;
        status.dataset.note = say("most", { n: most });
        status.textContent = status.dataset.note;
        return;
      }
    }
    if (question.dataset.mode === "match") rationed(question);
    lettersLeft(question);
    changed(!["checkbox", "radio", "select-one"].includes(field.type));
  });
  question.addEventListener("click", (event) => {
    const tool = event.target.closest("[data-do]");
    if (!tool) return;
    question.querySelector(".rich").focus();
    document.execCommand(tool.dataset.do);
    changed(true);
  });
  if (question.dataset.mode === "match") dragging(question, changed);
  const code = question.querySelector("[data-code]");
  if (code) {
    indenting(code);
    numbering(code);
  }
}

function dragging(question, changed) {
  let held;
  question.addEventListener("dragstart", (event) => {
    held = event.target.closest?.(".partner")?.dataset.key;
    event.dataTransfer?.setData("text/plain", held ?? "");
  });
  question.addEventListener("dragover", (event) => {
    const item = held && event.target.closest?.("[data-item]:not([data-private])");
    if (item) event.preventDefault();
    for (const row of question.querySelectorAll("[data-item]")) row.classList.toggle("over", row === item);
  });
  question.addEventListener("drop", (event) => {
    const item = held && event.target.closest?.("[data-item]:not([data-private])");
    if (!item) return;
    event.preventDefault();
    item.querySelector("select").value = held;
    rationed(question);
    changed(false);
  });
  question.addEventListener("dragend", () => {
    held = undefined;
    for (const row of question.querySelectorAll("[data-item]")) row.classList.remove("over");
  });
}

/** The numbers of the lines beside the code, which go along when it is scrolled. */
function numbering(field) {
  const gutter = field.parentElement.querySelector("[data-gutter]");
  field.addEventListener("input", () => numbered(field));
  field.addEventListener("scroll", () => {
    gutter.scrollTop = field.scrollTop;
  });
  numbered(field);
}

function numbered(field) {
  const gutter = field.parentElement.querySelector("[data-gutter]");
  const lines = field.value.split("\n").length;
  if (gutter.dataset.lines === String(lines)) return;
  gutter.dataset.lines = lines;
  gutter.textContent = Array.from({ length: lines }, (_, index) => index + 1).join("\n");
  gutter.scrollTop = field.scrollTop;
}

/** Tab indents and Enter keeps the depth; after Escape, Tab leaves the field. */
function indenting(field) {
  let leaves = false;
  const insert = (text) => {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Tab" && !event.shiftKey && !leaves) {
      event.preventDefault();
      insert("    ");
    } else if (event.key === "Enter" && !event.isComposing) {
      const line = field.value.slice(0, field.selectionStart).split("\n").at(-1);
      event.preventDefault();
      insert(`\n${line.match(/^[ \t]*/)[0]}`);
    }
    leaves = event.key === "Escape";
  });
}
