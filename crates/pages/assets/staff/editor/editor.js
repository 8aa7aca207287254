// The editor of a test: an outline of its parts at the side, the controls of the chosen part beside it. The document is
// kept on the device at every change and on the server when it is saved; nothing entered is lost in between.

import {
  BANK,
  KIND_NAMES,
  PAGE,
  POOL,
  REFERENCE,
  SECTION,
  SETTINGS,
  SPREAD,
  newQuestion,
  partOf,
  sortOf,
} from "./shape.js";
import { Form, button, element, explaining, freeKey, idOf } from "./fields.js";
import { Draft, drawConflict, drawFaults as drawFaultsOf, placeSaveBar, reason, send } from "./keeping.js";
import { count, learn, picker, textOf } from "./picker.js";
import { questionSheet } from "./sheet.js";

const root = document.getElementById("editor");
const [outline, sheet, state, faultBox, conflictBox] = ["outline", "sheet", "state", "faults", "conflict"].map((id) =>
  document.getElementById(id),
);
const control = (name) => root.querySelector(`[data-${name}]`);

let test = root.dataset.test;
let based = root.dataset.based;
let kept = root.dataset.document;
let doc = JSON.parse(kept);
let faults = [];
let chosen = "";
let isChanged = false;
let writes = 0;
const draft = new Draft(() => test || "new");

/* --- the device's copy --- */

function remember() {
  isChanged = true;
  writes += 1;
  if (draft.keep(based, doc)) tell("Not saved yet. Kept on this device.");
  else tell("Not saved yet, and this device has no room to keep it: save now.", "bad");
  control("discard").hidden = false;
}

function forget() {
  draft.forget();
  control("discard").hidden = true;
}

function recall() {
  const copy = draft.recall(doc);
  if (!copy) return;
  ({ doc } = copy);
  isChanged = true;
  control("discard").hidden = false;
  if (copy.based !== based) {
    // Saving must be refused until the two have been compared.
    ({ based } = copy);
    tell(
      "Your unsaved changes from before are here again. Somebody kept another version since then: saving will compare the two.",
      "warn",
    );
  } else {
    tell("Your unsaved changes from before are here again.");
  }
}

window.addEventListener("beforeunload", (event) => {
  if (isChanged) event.preventDefault();
});

function tell(text, sort = "") {
  state.textContent = text;
  state.dataset.sort = sort;
}

/* --- places --- */

const steps = (pointer) =>
  pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
const at = (pointer) => steps(pointer).reduce((value, name) => value?.[name], doc);

/** The part whose sheet holds a place: the deepest section, page, pool, reference or question on the way. */
function holder(pointer) {
  const names = steps(pointer);
  let found = "";
  let here = "";
  names.forEach((name, index) => {
    here += `/${name}`;
    const list = names[index - 1];
    const isEntry = /^\d+$/.test(name) && ["sections", "pages", "questions"].includes(list);
    if (isEntry && at(here)) found = here;
  });
  return found;
}

/** Where the fields of an entry stand: those of a pool are one deeper. */
const bodyOf = (pointer) => (at(pointer)?.pool ? `${pointer}/pool` : pointer);

function faultAt(pointer, isBelow = false) {
  const found = faults.find(
    (fault) => fault.pointer === pointer || (isBelow && fault.pointer.startsWith(`${pointer}/`)),
  );
  return found && found.message + (found.detail ? `: ${found.detail}` : "");
}

const faultsWithin = (pointer) =>
  faults.filter((fault) => !fault.code.startsWith("warn_") && holder(fault.pointer) === pointer).length;

/* --- changing --- */

const form = new Form({
  whole: () => doc,
  faultAt,
  changed(isStructure, focus) {
    remember();
    if (isStructure) {
      const active = document.activeElement?.id;
      drawSheet();
      focusOn(focus ?? active);
    }
    drawOutline();
  },
});

function focusOn(place) {
  if (!place) return;
  const id = place.startsWith("at") ? place : idOf(place);
  const target = document.getElementById(id) ?? document.getElementById(`${id}-entry`);
  const inner = target?.matches("li, fieldset, details") ? target.querySelector("input, select, textarea") : target;
  (inner ?? target)?.focus();
}

function allKeys() {
  const keys = [];
  const walk = (value) => {
    if (!value || typeof value !== "object") return;
    for (const inner of Object.values(value)) walk(inner);
    if (!Array.isArray(value) && typeof value.key === "string") keys.push({ key: value.key });
  };
  walk(doc.sections);
  return keys;
}
const newKey = (stem) => freeKey(allKeys(), `${stem}-1`);

/** A copy has keys of its own and no uuid, or it would be taken for the same. */
function renewed(part) {
  const copy = structuredClone(part);
  const known = allKeys();
  const walk = (value) => {
    if (!value || typeof value !== "object") return;
    if (!Array.isArray(value) && "uuid" in value) {
      delete value.uuid;
      value.key = freeKey(known, value.key);
      known.push({ key: value.key });
    } else if (
      !Array.isArray(value) &&
      "key" in value &&
      (value.kind || value.pages || value.questions || value.draw)
    ) {
      value.key = freeKey(known, value.key);
      known.push({ key: value.key });
    }
    for (const [name, inner] of Object.entries(value))
      if (!["choices", "items", "options", "columns", "rows"].includes(name)) walk(inner);
  };
  walk(copy);
  return copy;
}

function put(listPointer, part) {
  const names = steps(listPointer);
  const owner = names.slice(0, -1).reduce((value, name) => value[name], doc);
  const list = (owner[names.at(-1)] ??= []);
  list.push(part);
  choose(`${listPointer}/${list.length - 1}`, true);
  remember();
  drawOutline();
}

function choose(pointer, takesFocus = false) {
  chosen = pointer;
  history.replaceState(null, "", `#${pointer}`);
  drawSheet();
  drawOutline();
  if (takesFocus) document.getElementById("sheet-head")?.focus();
}

/* --- the outline --- */

function nameOf(part) {
  if (part.pool) return `Pool ${part.pool.key || ""}`;
  if (part.ref) return `Bank: ${textOf(part.ref.questionId) || part.key || part.ref.questionId || "not chosen yet"}`;
  if (!part.kind) return part.title || part.key;
  const words = (part.text || "").replace(/[#*`$\n]+/g, " ").trim();
  if (words.length <= 60) return words || part.key;
  // To the end of a word, where there is one.
  return `${words.slice(0, 60).replace(/\s+\S*$/, "")} …`;
}

function link(pointer, name, sort) {
  const count = faultsWithin(pointer);
  const made = element(
    "a",
    { href: `#${pointer}`, "aria-current": pointer === chosen ? "true" : false, class: sort },
    element("span", {}, name || "without a name"),
  );
  if (count)
    made.append(
      element(
        "span",
        { class: "badge bad" },
        `${count}`,
        element("span", { class: "out" }, count === 1 ? " fault" : " faults"),
      ),
    );
  made.addEventListener("click", (event) => {
    event.preventDefault();
    choose(pointer, true);
  });
  return made;
}

function branch(pointer) {
  const part = at(pointer);
  const body = bodyOf(pointer);
  const item = element("li", {}, link(pointer, nameOf(part), part.kind ? "leaf" : partOf(part)));
  if (part.kind)
    item.querySelector("a").prepend(element("span", { class: "sort" }, KIND_NAMES[sortOf(part)] ?? part.kind));
  const inner = at(body);
  for (const list of ["pages", "questions"]) {
    if (inner?.[list]?.length)
      item.append(element("ol", {}, ...inner[list].map((_, index) => branch(`${body}/${list}/${index}`))));
  }
  return item;
}

function drawOutline() {
  const place = outline.scrollTop;
  const sections = (doc.sections ?? []).map((_, index) => branch(`/sections/${index}`));
  outline.replaceChildren(
    element("p", { class: "outline-top" }, link("", "Settings of the test", "settings")),
    element("ol", {}, ...sections),
    button(
      "Add a section",
      () => {
        const key = newKey("section");
        put("/sections", {
          key,
          title: `Section ${(doc.sections?.length ?? 0) + 1}`,
          pages: [{ key: newKey("page"), questions: [] }],
        });
      },
      { class: "quiet add" },
    ),
  );
  outline.scrollTop = place;
}

/* --- the sheet --- */

const NAMES = { question: "Question", page: "Page", pool: "Pool", reference: "Question of the bank" };

function drawSheet() {
  const part = chosen === "" ? doc : at(chosen);
  if (!part) return choose("");
  const isSection = /^\/sections\/\d+$/.test(chosen);
  const sort = chosen === "" ? "settings" : isSection ? "section" : partOf(part);
  const heading =
    sort === "settings"
      ? "Settings of the test"
      : sort === "section"
        ? "Section"
        : sort === "question"
          ? `${KIND_NAMES[sortOf(part)] ?? ""} question`
          : NAMES[sort];
  const head = element(
    "div",
    { class: "sheet-top" },
    element("h2", { id: "sheet-head", tabindex: "-1" }, heading),
    explaining(drawSheet),
    chosen === "" ? undefined : tools(sort),
  );
  const fault = faultAt(chosen);
  const body = bodyOf(chosen);
  const content = {
    settings: () => [form.fields(SETTINGS, doc, "")],
    section: () => [form.fields(SECTION, part, chosen), below(body, ["pages"])],
    page: () => [form.fields(PAGE, part, chosen), below(body, ["questions"])],
    pool,
    reference,
    question,
  }[sort];
  sheet.replaceChildren(
    head,
    fault ? element("p", { class: "alert bad", id: idOf(chosen), tabindex: "-1" }, fault) : "",
    ...content(part, body).filter(Boolean),
  );
}

function tools(sort) {
  const [, listPointer, place] = chosen.match(/^(.*)\/(\d+)$/);
  const list = at(listPointer);
  const index = Number(place);
  const done = (pointer) => {
    remember();
    // What is wrong where is not known any more once parts have moved.
    faults = [];
    drawFaults();
    choose(pointer, true);
  };
  const name = sort === "reference" ? "question" : sort;
  const move = (by) => {
    list.splice(index + by, 0, ...list.splice(index, 1));
    done(`${listPointer}/${index + by}`);
  };
  return element(
    "div",
    { class: "sheet-tools" },
    button("↑ Up", () => move(-1), { class: "quiet", "aria-label": `Move this ${name} up`, disabled: index === 0 }),
    button("↓ Down", () => move(1), {
      class: "quiet",
      "aria-label": `Move this ${name} down`,
      disabled: index === list.length - 1,
    }),
    button(
      "Duplicate",
      () => {
        list.splice(index + 1, 0, renewed(list[index]));
        done(`${listPointer}/${index + 1}`);
      },
      { class: "quiet", "aria-label": `Duplicate this ${name}` },
    ),
    sort === "question"
      ? button("Put into the bank", () => deposit(list, index), {
          class: "quiet",
          "aria-label": "Put into the bank: this question",
        })
      : undefined,
    button(
      "Remove",
      () => {
        const holds =
          (list[index].pages ?? list[index].questions ?? list[index].pool ?? []).length !== 0 || list[index].text;
        if (holds && !window.confirm(`Remove this ${name} and all that is in it?`)) return;
        list.splice(index, 1);
        done(list.length ? `${listPointer}/${Math.min(index, list.length - 1)}` : holder(listPointer));
      },
      { class: "quiet danger", "aria-label": `Remove this ${name}` },
    ),
  );
}

/** What stands in a section, page or pool, and what can be added. */
function below(body, lists) {
  const box = element("div", { class: "below" });
  for (const list of lists) {
    const pointer = `${body}/${list}`;
    const fault = faultAt(pointer);
    if (fault) box.append(element("p", { class: "fault", id: idOf(pointer), tabindex: "-1" }, fault));
    const isInPool = body.endsWith("/pool");
    if (list === "pages") {
      box.append(
        element("h3", {}, "Pages"),
        button("Add a page", () => put(pointer, { key: newKey("page"), questions: [] }), { class: "quiet add" }),
      );
      if (!isInPool)
        box.append(
          button(
            "Add a pool of questions",
            () => put(pointer, { pool: { key: newKey("pool"), draw: 1, spread: 1, questions: [] } }),
            { class: "quiet add" },
          ),
          button("Add a pool of pages", () => put(pointer, { pool: { key: newKey("pool"), draw: 1, pages: [] } }), {
            class: "quiet add",
          }),
          button(
            "Add a pool from the bank",
            () => put(pointer, { pool: { key: newKey("pool"), draw: 1, spread: 1, bank: {} } }),
            { class: "quiet add" },
          ),
        );
    } else {
      const add = Object.entries(KIND_NAMES).map(([sort, name]) =>
        button(name, () => put(pointer, newQuestion(sort, newKey("q"))), { "aria-label": `Add: ${name}` }),
      );
      box.append(element("h3", {}, "Add a question"), element("div", { class: "kinds" }, ...add));
      box.append(
        button("Question of the bank", () => put(pointer, { ref: { questionId: "" } }), { class: "quiet add" }),
      );
      if (!isInPool)
        box.append(
          button("Pool of questions", () => put(pointer, { pool: { key: newKey("pool"), draw: 1, questions: [] } }), {
            class: "quiet add",
          }),
        );
    }
  }
  return box;
}

function pool(part, body) {
  const inner = part.pool;
  const fields = [...POOL, ...(inner.spread === undefined ? [] : SPREAD)];
  if (!inner.bank) return [form.fields(fields, inner, body), below(body, inner.pages ? ["pages"] : ["questions"])];
  const said = element("p", { class: "help", role: "status" });
  const look = () => count(inner.bank ?? {}, Number(inner.draw) || 0, said);
  const box = element("div", {}, form.fields(fields, inner, body), form.fields(BANK, inner, body), said);
  let timer;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 300);
  });
  look();
  return [box];
}

/** A question of the bank: which one, and what this test changes of it. */
function reference(part) {
  const fault = faultAt(`${chosen}/ref`, true);
  const box = picker({
    id: part.ref.questionId,
    chosen(found) {
      part.ref = { questionId: found.id };
      // The key is the id unless one is given; what was read from the server has it written.
      delete part.key;
      remember();
      choose(chosen, true);
    },
    copied(document) {
      const [, listPointer, place] = chosen.match(/^(.*)\/(\d+)$/);
      const copy = renewed(document);
      at(listPointer)[Number(place)] = copy;
      remember();
      choose(chosen, true);
    },
  });
  box.id = idOf(`${chosen}/ref`);
  return [
    fault ? element("p", { class: "fault" }, fault) : undefined,
    box,
    element(
      "details",
      {
        class: "group",
        open: faults.some((one) => one.pointer.startsWith(`${chosen}/`) && !one.pointer.startsWith(`${chosen}/ref`)),
      },
      element("summary", {}, "What this test changes of it"),
      form.fields(REFERENCE, part, chosen),
    ),
  ];
}

/** Puts a copy of a question into the bank, and takes it from there from now on if that is wished. */
async function deposit(list, index) {
  const question = structuredClone(list[index]);
  // In the bank it is a question of its own.
  delete question.uuid;
  tell("Putting it into the bank …");
  let answer = await send("/staff/bank/do/save", { text: JSON.stringify(question), approve: true });
  // Whoever may not approve submits.
  if (answer.status === 403) answer = await send("/staff/bank/do/save", { text: JSON.stringify(question) });
  if (answer.status === 422) {
    tell("Not put into the bank: the question has faults.", "bad");
    return show(answer.faults.map((fault) => ({ ...fault, pointer: chosen + fault.pointer })));
  }
  if (answer.status !== 200) return tell(reason(answer.status), "bad");
  tell(
    answer.state === "approved"
      ? "It is in the bank and approved."
      : "It is in the bank and waits for approval. This test keeps its own copy.",
    "good",
  );
  if (answer.state !== "approved" || list[index] === undefined) return;
  if (
    !window.confirm(
      "It is in the bank now. Shall this test take it from there from now on, with all later changes? Otherwise the test keeps its own copy.",
    )
  )
    return;
  const { pinned } = list[index];
  list[index] = { ref: { questionId: answer.question }, ...(pinned ? { pinned } : {}) };
  remember();
  learn([answer.question], drawOutline);
  choose(chosen, true);
}

const question = (part) =>
  questionSheet({
    part,
    pointer: chosen,
    form,
    faultAt,
    rekinded() {
      remember();
      choose(chosen);
    },
  });

/** Every question of the bank that the test names. */
function references() {
  const ids = [];
  const walk = (value) => {
    if (!value || typeof value !== "object") return;
    if (value.ref?.questionId) ids.push(value.ref.questionId);
    for (const inner of Object.values(value)) walk(inner);
  };
  walk(doc.sections);
  return ids;
}

/* --- faults --- */

const drawFaults = () => drawFaultsOf(faultBox, faults, whereOf, goTo);

function whereOf(pointer) {
  const place = holder(pointer);
  const rest = pointer.slice(bodyOf(place).length).split("/").filter(Boolean).join(" › ");
  const part = place === "" ? "Settings" : nameOf(at(place)) || "without a name";
  return rest ? `${part} › ${rest}` : part;
}

/** Opens the part a place is in and goes to its control, or to the nearest around it. */
function goTo(pointer) {
  choose(holder(pointer));
  let place = pointer;
  while (place) {
    const target = document.getElementById(idOf(place)) ?? document.getElementById(`${idOf(place)}-entry`);
    if (target) {
      for (let around = target.closest("details"); around; around = around.parentElement.closest("details"))
        around.open = true;
      return focusOn(place);
    }
    place = place.slice(0, place.lastIndexOf("/"));
  }
  document.getElementById("sheet-head").focus();
}

function show(found) {
  faults = found;
  drawFaults();
  drawSheet();
  drawOutline();
  if (found.length) document.getElementById("faults-head").focus();
}

/* --- the server --- */

const unsent = (status) => tell(`${reason(status)} Your changes are kept on this device.`, "bad");

async function save() {
  const before = writes;
  const text = JSON.stringify(doc);
  tell("Saving …");
  control("save").disabled = true;
  const answer = await send("/staff/tests/do/save", { test, based, text });
  control("save").disabled = false;
  if (answer.status === 409) return compare(answer);
  if (answer.status === 422) {
    tell("Not saved: there are faults. Everything is kept on this device.", "bad");
    return show(answer.faults);
  }
  if (answer.status !== 200) return unsent(answer.status);
  forget();
  const wasNew = test === "";
  ({ test, based } = answer);
  conflictBox.hidden = true;
  // What was typed while it was under way is still to be saved.
  if (writes === before) {
    doc = JSON.parse(answer.text);
    kept = answer.text;
    isChanged = false;
    tell(`Saved as version ${answer.version}.`, "good");
  } else {
    remember();
  }
  control("preview").href = `/staff/tests/${test}/preview`;
  control("preview").hidden = false;
  if (wasNew) history.replaceState(null, "", `/staff/tests/${test}/edit#${chosen}`);
  show(answer.faults);
  if (!answer.faults.length) control("save").focus();
}

async function check() {
  const answer = await send("/staff/tests/do/check", { text: JSON.stringify(doc) });
  if (answer.status !== 200 && answer.status !== 422) return unsent(answer.status);
  tell(answer.faults.length ? "" : "No faults.", "good");
  show(answer.faults);
}

/** Somebody kept another version: both are shown, and one decides. */
function compare(theirs) {
  tell("Not saved: somebody kept a newer version.", "bad");
  drawConflict(conflictBox, theirs, doc, {
    takeMine() {
      ({ based } = theirs);
      conflictBox.hidden = true;
      save();
    },
    takeTheirs() {
      forget();
      isChanged = false;
      location.reload();
    },
  });
}

control("save").addEventListener("click", save);
control("check").addEventListener("click", check);
control("discard").addEventListener("click", () => {
  if (!window.confirm("Discard everything since the last save?")) return;
  forget();
  isChanged = false;
  location.reload();
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
    event.preventDefault();
    save();
  }
});
window.addEventListener("hashchange", () => goTo(decodeURIComponent(location.hash.slice(1))));

placeSaveBar(root);
root.hidden = false;
recall();
drawOutline();
goTo(decodeURIComponent(location.hash.slice(1)));
learn(references(), () => {
  drawOutline();
  if (at(chosen)?.ref) drawSheet();
});
