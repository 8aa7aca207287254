// @ts-check
// The head of a sheet: what it is, its tools, and what is wrong with the whole of it.

import { element } from "../../dom.js";
import { idOf } from "./pointer.js";

/**
 * @param {Pick<import("./document_editor.js").DocumentEditor<object, unknown>, "drawSheet" | "faults" | "help">} editor
 * @param {string} heading
 * @param {string} pointer
 * @param {HTMLElement} [tools]
 */
export function sheetHead(editor, heading, pointer, tools) {
  const fault = editor.faults.at(pointer);
  return [
    element(
      "div",
      { class: "sheet-top" },
      element("h2", { id: "sheet-head", tabindex: "-1" }, heading),
      editor.help.button(() => editor.drawSheet()),
      tools,
    ),
    fault ? element("p", { class: "alert bad", id: idOf(pointer), tabindex: "-1" }, fault) : "",
  ];
}
