// @ts-check
// Lets a picture, sound or film into a text that is typed: by a button, by dropping a file on it, by pasting one.

import { button, element } from "../../dom.js";
import { MediaDialog } from "./media_dialog.js";

/** Texts that are read as Markdown. */
const MARKDOWN = new Set(["text", "hint", "feedback", "instructions", "intro", "closing"]);

/** @param {import("./types.js").TextField} field */
export const takesMedia = (field) => MARKDOWN.has(field.name) && !field.isMono;

/**
 * The button below a control; the control itself takes files from then on.
 * @param {HTMLInputElement | HTMLTextAreaElement} control
 * @param {string} label  of the control
 */
export function mediaTools(control, label) {
  const open = () => new MediaDialog((markdown) => put(control, markdown));
  /** @param {DataTransfer | null} transfer */
  const takes = (transfer) => {
    const file = transfer?.files[0];
    if (file) open().send(file);
    return file !== undefined;
  };
  control.addEventListener("paste", (event) => {
    const { clipboardData } = /** @type {ClipboardEvent} */ (event);
    // What is copied from a page or a table comes as a picture as well; its words are what is meant.
    const hasText = clipboardData?.types.includes("text/plain");
    if (!hasText && takes(clipboardData)) event.preventDefault();
  });
  control.addEventListener("dragover", (event) => {
    const { dataTransfer } = /** @type {DragEvent} */ (event);
    if (dataTransfer?.types.includes("Files")) event.preventDefault();
  });
  control.addEventListener("drop", (event) => {
    if (takes(/** @type {DragEvent} */ (event).dataTransfer)) event.preventDefault();
  });
  return element(
    "p",
    { class: "media-tools" },
    button("Add picture, sound or video", () => open().openLibrary(), {
      class: "quiet",
      "aria-label": `Add picture, sound or video: ${label}`,
    }),
  );
}

/**
 * Puts a text where the cursor is.
 * @param {HTMLInputElement | HTMLTextAreaElement} control
 * @param {string} text
 */
function put(control, text) {
  const { value } = control;
  const start = control.selectionStart ?? value.length;
  const end = control.selectionEnd ?? start;
  const gap = start > 0 && !/\s/u.test(value[start - 1] ?? "") ? " " : "";
  control.value = value.slice(0, start) + gap + text + value.slice(end);
  const cursor = start + gap.length + text.length;
  control.setSelectionRange(cursor, cursor);
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.focus();
}
