// @ts-check
// Draws the controls of a part and writes what is entered back into it. Every control has the id of the place it stands
// for, so that a fault finds it.

import { element } from "../../dom.js";
import { drawAccepted, drawEvenShares, drawRight } from "./answer_controls.js";
import { drawCheck, drawPassMark, drawPath, drawPick, drawSelect } from "./choice_controls.js";
import { drawFold, drawGroup, drawList } from "./list_controls.js";
import { drawArea, drawDecimal, drawLine, drawTags, drawTexts, drawWhole } from "./text_controls.js";
import { escapeStep, idOf } from "./pointer.js";

/** @typedef {import("./types.js").DeclaredName} DeclaredName */
/** @typedef {import("./types.js").Field} Field */
/** @typedef {import("./types.js").Part} Part */
/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/**
 * Hears of a change: whether other controls follow from it, and which place is to have the focus then.
 * @typedef {(isStructure: boolean, focus?: string) => void} Changed
 */

/**
 * What a form asks and tells. `declared()` gives the names that the test declares, nothing where they are written freely;
 * `faultAt` what is wrong at a place, or at or below it.
 * @typedef {object} FormContext
 * @property {Changed} changed
 * @property {() => { dimensions?: DeclaredName[], effects?: DeclaredName[] } | undefined} declared
 * @property {(pointer: string, isBelow?: boolean) => string | undefined} faultAt
 * @property {import("./field_help.js").FieldHelp} help
 */

export class Form {
  /**
   * @param {FormContext} context
   * @param {Form} [outer]  the form that this one is a part of
   */
  constructor(context, outer) {
    this.context = context;
    this.changed = context.changed;
    this.declared = context.declared;
    this.faultAt = context.faultAt;
    this.help = context.help;
    /**
     * Places whose plain control was left for the general one.
     * @type {Set<string>}
     */
    this.general = outer?.general ?? new Set();
    /**
     * Places whose fold is open, so that drawing anew closes none.
     * @type {Set<string>}
     */
    this.opened = outer?.opened ?? new Set();
  }

  /**
   * The same form, with something else to be done at a change.
   * @param {Changed} changed
   */
  within(changed) {
    return new Form({ ...this.context, changed }, this);
  }

  /**
   * The controls of a part's fields. `question` is what fields within it refer to.
   * @param {Field[]} fields
   * @param {Part} part
   * @param {string} pointer
   * @param {Part} [question]
   */
  fields(fields, part, pointer, question = part) {
    const box = element("div", { class: "fields editor-fields" });
    for (const field of fields) box.append(this.field(field, part, `${pointer}/${escapeStep(field.name)}`, question));
    return box;
  }

  /**
   * @param {Field} field
   * @param {Part} part
   * @param {string} pointer
   * @param {Part} question
   * @returns {HTMLElement}
   */
  field(field, part, pointer, question) {
    switch (field.control) {
      case "line":
        return drawLine(this, field, part, pointer);
      case "area":
        return drawArea(this, field, part, pointer);
      case "decimal":
        return drawDecimal(this, field, part, pointer);
      case "whole":
        return drawWhole(this, field, part, pointer);
      case "texts":
        return drawTexts(this, field, part, pointer);
      case "tags":
        return drawTags(this, field, part, pointer);
      case "check":
        return drawCheck(this, field, part, pointer);
      case "select":
        return drawSelect(this, field, part, pointer);
      case "pick":
        return drawPick(this, field, part, pointer, question);
      case "path":
        return drawPath(this, field, part, pointer);
      case "passMark":
        return drawPassMark(this, field, part, pointer);
      case "group":
        return drawGroup(this, field, part, pointer, question);
      case "fold":
        return drawFold(this, field, part, pointer, question);
      case "list":
        return drawList(this, field, part, pointer, question);
      case "accepted":
        return drawAccepted(this, field, part, pointer, question);
      case "right":
        return drawRight(this, field, part, pointer, question);
      case "evenly":
        return drawEvenShares(this, part);
    }
  }

  /**
   * Writes a value into a part; undefined leaves it out.
   * @param {Part} part
   * @param {string} name
   * @param {unknown} value
   */
  set(part, name, value, isStructure = false) {
    if (value === undefined) delete part[name];
    else part[name] = value;
    this.changed(isStructure);
  }

  /**
   * A control with its label, its help and what is wrong with it.
   * @param {Pick<Field, "label" | "name" | "help" | "isShort" | "describedBy" | "describes">} field
   * @param {string} pointer
   * @param {Control} control
   */
  labelled(field, pointer, control, moreClasses = "") {
    const id = idOf(pointer);
    control.id = id;
    const fault = this.faultAt(pointer);
    const box = element(
      "div",
      { class: `field ${field.isShort ? "short" : ""} ${moreClasses} ${fault ? "bad" : ""}` },
      element("label", { for: id }, field.label),
      control,
    );
    const descriptions = [
      this.help.about(field, id),
      field.help ? element("p", { class: "help", id: `${id}-help` }, field.help) : undefined,
      fault ? element("p", { class: "fault", id: `${id}-fault` }, fault) : undefined,
    ].filter((description) => description !== undefined);
    if (fault) control.setAttribute("aria-invalid", "true");
    if (descriptions.length) control.setAttribute("aria-describedby", descriptions.map(({ id }) => id).join(" "));
    box.append(...descriptions);
    return box;
  }

  /**
   * Says below a control of several lines what is wrong with one of them; a fault of the whole stands there already.
   * @param {HTMLElement} box
   * @param {string} pointer
   */
  appendInnerFault(box, pointer) {
    const fault = this.faultAt(pointer) ? undefined : this.faultAt(pointer, true);
    if (fault) box.append(element("p", { class: "fault" }, fault));
  }
}
