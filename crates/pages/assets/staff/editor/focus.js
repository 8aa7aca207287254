// @ts-check
// Puts the focus on the control of a place.

import { findElement, getElement } from "../../dom.js";
import { idOf, parentOf } from "./pointer.js";

/** @param {string} pointer */
const elementAt = (pointer) =>
  document.getElementById(idOf(pointer)) ?? document.getElementById(`${idOf(pointer)}-entry`);

/** @param {string | undefined} pointer */
export function focusPlace(pointer) {
  if (!pointer) return;
  const target = elementAt(pointer);
  if (!target) return;
  const holdsControls = target.matches("li, fieldset, details");
  const control = holdsControls ? findElement(target, "input, select, textarea") : target;
  (control ?? target).focus();
}

/**
 * Goes to the control of a place or to the nearest around it, and opens what it is folded in; without any, to the head of
 * the sheet.
 * @param {string} pointer
 */
export function openPlace(pointer) {
  for (let place = pointer; place; place = parentOf(place)) {
    const target = elementAt(place);
    if (!target) continue;
    for (let around = target.closest("details"); around; around = around.parentElement?.closest("details") ?? null)
      around.open = true;
    return focusPlace(place);
  }
  getElement(document, "#sheet-head").focus();
}
