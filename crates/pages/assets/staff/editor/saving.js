// @ts-check
// Saves and checks a document on the server. Nothing is overwritten: where somebody else saved meanwhile, the two versions
// are shown and one decides.

import { drawConflict } from "./conflict.js";
import { post, reasonOf } from "./request.js";

/**
 * @template {object} Content
 * @template Saved
 * @typedef {import("./document_editor.js").DocumentEditor<Content, Saved>} Editor
 */

/**
 * @template {object} Content
 * @template Saved
 * @param {Editor<Content, Saved>} editor
 * @param {object} [more]  to be sent with the document
 */
export async function save(editor, more = {}) {
  const { bar, kind } = editor;
  editor.beforeSave();
  const { based, changes, content, id } = editor.document;
  bar.say("Saving …");
  bar.save.disabled = true;
  /** @type {import("./types.js").SaveAnswer<Saved>} */
  const answer = await post(`${kind.address}/do/save`, {
    ...kind.body(id),
    based,
    text: JSON.stringify(content),
    ...more,
  });
  bar.save.disabled = false;
  if (answer.status === 409) return compare(editor, answer, more);
  if (answer.status === 422) {
    bar.say("Not saved: there are problems to fix. Everything is stored on this device.", "bad");
    return editor.showFaults(answer.faults);
  }
  if (answer.status !== 200) return failed(editor, answer.status);
  const isWhole = editor.document.saved({ id: kind.idOf(answer), based: answer.based, text: answer.text }, changes);
  bar.discard.hidden = true;
  editor.conflictBox.hidden = true;
  // What was typed while it was under way is still to be saved.
  if (isWhole) bar.say(kind.message(answer), "good");
  else editor.changed();
  bar.preview.href = editor.addressOf("preview");
  bar.preview.hidden = false;
  editor.afterSave(answer, id === "");
  editor.showFaults(answer.faults);
  if (answer.faults.length === 0) bar.save.focus();
}

/**
 * @template {object} Content
 * @template Saved
 * @param {Editor<Content, Saved>} editor
 */
export async function check(editor) {
  const text = JSON.stringify(editor.content);
  /** @type {import("./types.js").CheckAnswer} */
  const answer = await post(`${editor.kind.address}/do/check`, { text });
  if (answer.status !== 200 && answer.status !== 422) return failed(editor, answer.status);
  editor.bar.say(answer.faults.length ? "" : "No problems found.", "good");
  editor.showFaults(answer.faults);
}

/**
 * @template {object} Content
 * @template Saved
 * @param {Editor<Content, Saved>} editor
 * @param {number} status
 */
function failed({ bar }, status) {
  bar.say(`${reasonOf(status)} Your changes are stored on this device.`, "bad");
}

/**
 * @template {object} Content
 * @template Saved
 * @param {Editor<Content, Saved>} editor
 * @param {import("./types.js").SavedVersion} theirs
 * @param {object} more
 */
function compare(editor, theirs, more) {
  editor.bar.say("Not saved: somebody saved a newer version.", "bad");
  drawConflict(editor.conflictBox, theirs, editor.content, {
    takeOurs() {
      editor.document.based = theirs.based;
      editor.conflictBox.hidden = true;
      save(editor, more);
    },
    takeTheirs: () => editor.discard(),
  });
}
