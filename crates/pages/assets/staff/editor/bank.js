// The editor of one question of the bank. What is entered is kept on the device at every change and on the server when it
// is saved.

import { Form, element, explaining, idOf } from "./fields.js";
import { Draft, drawConflict, drawFaults, placeSaveBar, reason, send } from "./keeping.js";
import { questionSheet } from "./sheet.js";
import { KIND_NAMES, sortOf } from "./shape.js";

const root = document.getElementById("editor");
const [sheet, state, faultBox, conflictBox] = ["sheet", "state", "faults", "conflict"].map((id) =>
  document.getElementById(id),
);
const control = (name) => root.querySelector(`[data-${name}]`);

let { question, based } = root.dataset;
let doc = JSON.parse(root.dataset.document);
let faults = [];
let isChanged = false;
let writes = 0;
const draft = new Draft(() => `question-${question || "new"}`);

function tell(text, sort = "") {
  state.textContent = text;
  state.dataset.sort = sort;
}

function remember() {
  isChanged = true;
  writes += 1;
  if (draft.keep(based, doc)) tell("Not saved yet. Kept on this device.");
  else tell("Not saved yet, and this device has no room to keep it: save now.", "bad");
  control("discard").hidden = false;
}

function forget() {
  draft.forget();
  isChanged = false;
  control("discard").hidden = true;
}

function recall() {
  const kept = draft.recall(doc);
  if (!kept) return;
  ({ doc } = kept);
  isChanged = true;
  control("discard").hidden = false;
  const isBehind = kept.based !== based;
  // Saving must be refused until the two have been compared.
  ({ based } = kept);
  if (isBehind)
    tell(
      "Your unsaved changes from before are here again. Somebody kept another version since then: saving will compare the two.",
      "warn",
    );
  else tell("Your unsaved changes from before are here again.");
}

window.addEventListener("beforeunload", (event) => {
  if (isChanged) event.preventDefault();
});

function faultAt(pointer, isBelow = false) {
  const found = faults.find(
    (fault) => fault.pointer === pointer || (isBelow && fault.pointer.startsWith(`${pointer}/`)),
  );
  return found && found.message + (found.detail ? `: ${found.detail}` : "");
}

const form = new Form({
  // A question of the bank stands in no test yet, so nothing is declared: its paths are written.
  whole: () => ({ isFree: true }),
  faultAt,
  changed(isStructure, focus) {
    remember();
    if (!isStructure) return;
    const active = document.activeElement?.id;
    draw();
    focusOn(focus ?? active);
  },
});

function focusOn(place) {
  if (!place) return;
  const id = place.startsWith("at") ? place : idOf(place);
  const target = document.getElementById(id) ?? document.getElementById(`${id}-entry`);
  const inner = target?.matches("li, fieldset, details") ? target.querySelector("input, select, textarea") : target;
  (inner ?? target)?.focus();
}

function draw() {
  const heading = `${KIND_NAMES[sortOf(doc)] ?? ""} question`;
  const rekinded = () => {
    remember();
    draw();
  };
  const fault = faultAt("");
  sheet.replaceChildren(
    element(
      "div",
      { class: "sheet-top" },
      element("h2", { id: "sheet-head", tabindex: "-1" }, heading),
      explaining(draw),
    ),
    fault ? element("p", { class: "alert bad", id: idOf("") }, fault) : "",
    ...questionSheet({ part: doc, pointer: "", form, faultAt, rekinded }),
  );
}

function goTo(pointer) {
  for (let place = pointer; place; place = place.slice(0, place.lastIndexOf("/"))) {
    const target = document.getElementById(idOf(place)) ?? document.getElementById(`${idOf(place)}-entry`);
    if (!target) continue;
    for (let around = target.closest("details"); around; around = around.parentElement.closest("details"))
      around.open = true;
    return focusOn(place);
  }
  document.getElementById("sheet-head").focus();
}

function show(found) {
  faults = found;
  drawFaults(faultBox, faults, (pointer) => pointer.split("/").filter(Boolean).join(" › ") || "Question", goTo);
  draw();
  if (found.length) document.getElementById("faults-head").focus();
}

const unsent = (status) => tell(`${reason(status)} Your changes are kept on this device.`, "bad");

async function save(approve = false) {
  const before = writes;
  // A key says in results and files which question is meant; one is made of the question's words when none is given.
  if (!doc.key) doc.key = keyOf(doc.text);
  tell("Saving …");
  control("save").disabled = true;
  const answer = await send("/staff/bank/do/save", { question, based, text: JSON.stringify(doc), approve });
  control("save").disabled = false;
  if (answer.status === 409) {
    tell("Not saved: somebody kept a newer version.", "bad");
    return drawConflict(conflictBox, answer, doc, {
      takeMine() {
        ({ based } = answer);
        conflictBox.hidden = true;
        save(approve);
      },
      takeTheirs() {
        forget();
        location.reload();
      },
    });
  }
  if (answer.status === 422) {
    tell("Not saved: there are faults. Everything is kept on this device.", "bad");
    return show(answer.faults);
  }
  if (answer.status !== 200) return unsent(answer.status);
  const wasNew = question === "";
  forget();
  ({ question, based } = answer);
  conflictBox.hidden = true;
  // What was typed while it was under way is still to be saved.
  if (writes === before) {
    doc = JSON.parse(answer.text);
    tell(`Saved as version ${answer.version}; ${answer.word}.`, "good");
  } else {
    remember();
  }
  control("preview").href = `/staff/bank/${question}/preview`;
  control("preview").hidden = false;
  if (answer.state !== "submitted") control("approve")?.remove();
  if (wasNew) history.replaceState(null, "", `/staff/bank/${question}/edit`);
  show(answer.faults);
  control("save").focus();
}

function keyOf(text) {
  const words = text
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return words.slice(0, 40).replace(/-+$/, "") || "question";
}

async function check() {
  const answer = await send("/staff/bank/do/check", { text: JSON.stringify(doc) });
  if (answer.status !== 200 && answer.status !== 422) return unsent(answer.status);
  tell(answer.faults.length ? "" : "No faults.", "good");
  show(answer.faults);
}

control("save").addEventListener("click", () => save());
control("approve")?.addEventListener("click", () => save(true));
control("check").addEventListener("click", check);
control("discard").addEventListener("click", () => {
  if (!window.confirm("Discard everything since the last save?")) return;
  forget();
  location.reload();
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
    event.preventDefault();
    save();
  }
});

placeSaveBar(root);
root.hidden = false;
recall();
draw();
