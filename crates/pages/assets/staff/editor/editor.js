// The editor of a test: an outline of its parts at the side, the controls of the chosen part beside it. The document is
// kept on the device at every change and on the server when it is saved; nothing entered is lost in between.

import { BANK, KIND_NAMES, PAGE, POOL, REFERENCE, SECTION, SETTINGS, newQuestion, partOf, questionFields, sortOf } from "./shape.js";
import { Form, button, element, freeKey, idOf } from "./fields.js";

const root = document.getElementById("editor");
const [outline, sheet, state, faultBox, conflictBox] = ["outline", "sheet", "state", "faults", "conflict"].map((id) => document.getElementById(id));
const control = (name) => root.querySelector(`[data-${name}]`);

let test = root.dataset.test;
let based = root.dataset.based;
let kept = root.dataset.document;
let doc = JSON.parse(kept);
let faults = [];
let chosen = "";
let isChanged = false;
let writes = 0;
const draftName = () => `assay-draft-${test || "new"}`;

/* --- the device's copy --- */

function remember() {
  isChanged = true;
  writes += 1;
  try {
    localStorage.setItem(draftName(), JSON.stringify({ based, text: JSON.stringify(doc), at: Date.now() }));
    tell("Not saved yet. Kept on this device.");
  } catch {
    tell("Not saved yet, and this device has no room to keep it: save now.", "bad");
  }
  control("discard").hidden = false;
}

function forget() {
  localStorage.removeItem(draftName());
  control("discard").hidden = true;
}

function recall() {
  let draft;
  try {
    draft = JSON.parse(localStorage.getItem(draftName()) ?? "null");
    if (!draft || draft.text === JSON.stringify(doc)) return;
    doc = JSON.parse(draft.text);
  } catch {
    return;
  }
  isChanged = true;
  control("discard").hidden = false;
  if (draft.based !== based) {
    // Saving must be refused until the two have been compared.
    based = draft.based;
    tell("Your unsaved changes from before are here again. Somebody kept another version since then: saving will compare the two.", "warn");
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

const steps = (pointer) => pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
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
  const found = faults.find((fault) => fault.pointer === pointer || (isBelow && fault.pointer.startsWith(`${pointer}/`)));
  return found && found.message + (found.detail ? `: ${found.detail}` : "");
}

const faultsWithin = (pointer) => faults.filter((fault) => !fault.code.startsWith("warn_") && holder(fault.pointer) === pointer).length;

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
    } else if (!Array.isArray(value) && "key" in value && (value.kind || value.pages || value.questions || value.draw)) {
      value.key = freeKey(known, value.key);
      known.push({ key: value.key });
    }
    for (const [name, inner] of Object.entries(value)) if (!["choices", "items", "options", "columns", "rows"].includes(name)) walk(inner);
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
  if (part.ref) return `Bank: ${part.key ?? part.ref.questionId}`;
  return part.kind ? (part.text || "").replace(/[#*`$\n]+/g, " ").trim().slice(0, 60) || part.key : part.title || part.key;
}

function link(pointer, name, sort) {
  const count = faultsWithin(pointer);
  const made = element("a", { href: `#${pointer}`, "aria-current": pointer === chosen ? "true" : false, class: sort }, element("span", {}, name || "without a name"));
  if (count) made.append(element("span", { class: "badge bad" }, `${count}`, element("span", { class: "out" }, count === 1 ? " fault" : " faults")));
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
  if (part.kind) item.querySelector("a").prepend(element("span", { class: "sort" }, KIND_NAMES[sortOf(part)] ?? part.kind));
  const inner = at(body);
  for (const list of ["pages", "questions"]) {
    if (inner?.[list]?.length) item.append(element("ol", {}, ...inner[list].map((_, index) => branch(`${body}/${list}/${index}`))));
  }
  return item;
}

function drawOutline() {
  const place = outline.scrollTop;
  const sections = (doc.sections ?? []).map((_, index) => branch(`/sections/${index}`));
  outline.replaceChildren(
    element("p", { class: "outline-top" }, link("", "Settings of the test", "settings")),
    element("ol", {}, ...sections),
    button("Add a section", () => {
      const key = newKey("section");
      put("/sections", { key, title: `Section ${(doc.sections?.length ?? 0) + 1}`, pages: [{ key: newKey("page"), questions: [] }] });
    }, { class: "quiet add" }),
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
  const heading = sort === "settings" ? "Settings of the test" : sort === "section" ? "Section" : sort === "question" ? `${KIND_NAMES[sortOf(part)] ?? ""} question` : NAMES[sort];
  const head = element("div", { class: "sheet-top" }, element("h2", { id: "sheet-head", tabindex: "-1" }, heading), chosen === "" ? undefined : tools(sort));
  const fault = faultAt(chosen);
  const body = bodyOf(chosen);
  const content = { settings: () => [form.fields(SETTINGS, doc, "")], section: () => [form.fields(SECTION, part, chosen), below(body, ["pages"])], page: () => [form.fields(PAGE, part, chosen), below(body, ["questions"])], pool, reference: () => [form.fields(REFERENCE, part, chosen)], question }[sort];
  sheet.replaceChildren(head, fault ? element("p", { class: "alert bad", id: idOf(chosen), tabindex: "-1" }, fault) : "", ...content(part, body).filter(Boolean));
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
  return element("div", { class: "sheet-tools" },
    button("↑ Up", () => move(-1), { class: "quiet", "aria-label": `Move this ${name} up`, disabled: index === 0 }),
    button("↓ Down", () => move(1), { class: "quiet", "aria-label": `Move this ${name} down`, disabled: index === list.length - 1 }),
    button("Duplicate", () => {
      list.splice(index + 1, 0, renewed(list[index]));
      done(`${listPointer}/${index + 1}`);
    }, { class: "quiet", "aria-label": `Duplicate this ${name}` }),
    button("Remove", () => {
      const holds = (list[index].pages ?? list[index].questions ?? list[index].pool ?? []).length !== 0 || list[index].text;
      if (holds && !window.confirm(`Remove this ${name} and all that is in it?`)) return;
      list.splice(index, 1);
      done(list.length ? `${listPointer}/${Math.min(index, list.length - 1)}` : holder(listPointer));
    }, { class: "quiet danger", "aria-label": `Remove this ${name}` }));
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
      box.append(element("h3", {}, "Pages"), button("Add a page", () => put(pointer, { key: newKey("page"), questions: [] }), { class: "quiet add" }));
      if (!isInPool) box.append(button("Add a pool of questions", () => put(pointer, { pool: { key: newKey("pool"), draw: 1, spread: 1, questions: [] } }), { class: "quiet add" }), button("Add a pool of pages", () => put(pointer, { pool: { key: newKey("pool"), draw: 1, pages: [] } }), { class: "quiet add" }), button("Add a pool from the bank", () => put(pointer, { pool: { key: newKey("pool"), draw: 1, spread: 1, bank: {} } }), { class: "quiet add" }));
    } else {
      const add = Object.entries(KIND_NAMES).map(([sort, name]) => button(name, () => put(pointer, newQuestion(sort, newKey("q"))), { "aria-label": `Add: ${name}` }));
      box.append(element("h3", {}, "Add a question"), element("div", { class: "kinds" }, ...add));
      box.append(button("Question of the bank", () => put(pointer, { ref: { questionId: "" } }), { class: "quiet add" }));
      if (!isInPool) box.append(button("Pool of questions", () => put(pointer, { pool: { key: newKey("pool"), draw: 1, questions: [] } }), { class: "quiet add" }));
    }
  }
  return box;
}

function pool(part, body) {
  const inner = part.pool;
  const fields = [...POOL, ...(inner.spread === undefined ? [] : [{ name: "shuffle", label: "Shuffle what was drawn", control: "check" }, { name: "secondsPerQuestion", label: "Seconds per question", control: "whole" }])];
  const source = inner.bank ? form.fields([BANK], inner, body) : below(body, inner.pages ? ["pages"] : ["questions"]);
  return [form.fields(fields, inner, body), source];
}

function question(part) {
  const { main, scoring, more } = questionFields(part);
  const kinds = Object.entries(KIND_NAMES).map(([sort, name]) => element("option", { value: sort }, name));
  const kind = element("select", { id: idOf(`${chosen}/kind`) }, ...kinds);
  kind.value = sortOf(part);
  kind.addEventListener("change", () => {
    // What the new kind does not know goes; what all kinds share stays.
    const fresh = newQuestion(kind.value, part.key);
    const shared = ["uuid", "text", "hint", "feedback", "tags", "points", "negativePoints", "effective", "required", "pinned", "dimensions"];
    const stays = Object.fromEntries(shared.filter((name) => name in part).map((name) => [name, part[name]]));
    for (const name of Object.keys(part)) delete part[name];
    Object.assign(part, fresh, stays);
    remember();
    choose(chosen);
    document.getElementById(idOf(`${chosen}/kind`)).focus();
  });
  const isFaulty = (fields) => fields.some((field) => faultAt(`${chosen}/${field.name}`, true));
  const fold = (title, fields, isOpen) => element("details", { class: "group", open: isOpen || isFaulty(fields) }, element("summary", {}, title), form.fields(fields, part, chosen));
  return [
    element("div", { class: "field kind-field" }, element("label", { for: idOf(`${chosen}/kind`) }, "Kind"), kind),
    form.fields(main, part, chosen),
    fold("Scoring", scoring, true),
    fold("Key, hint, feedback, tags", more, false),
  ];
}

/* --- faults --- */

function drawFaults() {
  const errors = faults.filter((fault) => !fault.code.startsWith("warn_"));
  faultBox.hidden = faults.length === 0;
  faultBox.classList.toggle("bad-card", errors.length > 0);
  const count = (number, one) => `${number} ${number === 1 ? one : `${one}s`}`;
  faultBox.querySelector("h2").textContent = errors.length ? `${count(errors.length, "fault")} to mend; nothing was kept on the server` : `${count(faults.length, "remark")}, which do not prevent saving`;
  faultBox.querySelector("ol").replaceChildren(...faults.map((fault) => {
    const go = button(whereOf(fault.pointer), () => goTo(fault.pointer), { class: "quiet" });
    const sort = fault.code.startsWith("warn_") ? element("span", { class: "badge warn" }, "advice") : element("span", { class: "badge bad" }, "fault");
    return element("li", {}, sort, " ", go, ` ${fault.message}${fault.detail ? `: ${fault.detail}` : ""} `, element("code", {}, fault.code));
  }));
}

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
      for (let around = target.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
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

async function send(address, body) {
  try {
    const response = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    if (response.redirected || response.status === 401) return { status: 401 };
    return { status: response.status, ...(isJson ? await response.json() : {}) };
  } catch {
    return { status: 0 };
  }
}

function unsent(status) {
  const reasons = { 0: "The server cannot be reached.", 401: "You are no longer signed in: sign in again in another tab.", 403: "Your roles do not include this.", 404: "This test does not exist any more." };
  tell(`${reasons[status] ?? "The server could not do this."} Your changes are kept on this device.`, "bad");
}

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
  const pretty = (value) => JSON.stringify(value, null, 2).split("\n");
  const [ours, other] = [pretty(doc), pretty(JSON.parse(theirs.text))];
  const only = (lines, than) => {
    const known = new Set(than);
    return lines.filter((text) => !known.has(text)).slice(0, 200).join("\n") || "nothing";
  };
  conflictBox.hidden = false;
  conflictBox.className = "alert bad";
  conflictBox.replaceChildren(
    element("h2", { tabindex: "-1" }, `Somebody kept version ${theirs.version} while you were writing`),
    element("p", {}, "Nothing was lost on either side. These lines differ:"),
    element("div", { class: "sides" },
      element("div", {}, element("h3", {}, "Yours"), element("pre", { class: "excerpt", tabindex: "0" }, only(ours, other))),
      element("div", {}, element("h3", {}, "Theirs"), element("pre", { class: "excerpt", tabindex: "0" }, only(other, ours)))),
    element("p", { class: "actions" },
      button("Save mine as the next version", () => {
        based = theirs.based;
        conflictBox.hidden = true;
        save();
      }),
      button("Take theirs, drop mine", () => {
        if (!window.confirm("Drop your changes?")) return;
        forget();
        isChanged = false;
        location.reload();
      })));
  conflictBox.querySelector("h2").focus();
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
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    save();
  }
});
window.addEventListener("hashchange", () => goTo(decodeURIComponent(location.hash.slice(1))));

root.hidden = false;
recall();
drawOutline();
goTo(decodeURIComponent(location.hash.slice(1)));
