// @ts-check
// Makes the fields that the editor draws. Whether a value is right is the server's to say, and so is what a field means:
// `describe` names the type of the schema that says it.

/** @typedef {import("./types.js").CheckField} CheckField */
/** @typedef {import("./types.js").Field} Field */
/** @typedef {import("./types.js").GroupField} GroupField */
/** @typedef {import("./types.js").ListField} ListField */
/** @typedef {import("./types.js").SelectField} SelectField */
/** @typedef {import("./types.js").SelectOption} SelectOption */
/** @typedef {import("./types.js").TextField} TextField */
/** @typedef {import("./types.js").TextsField} TextsField */

/**
 * The fields of a part, with the type that has their descriptions. Folds are no fields, but hold some.
 * @param {string} type
 * @param {Field[]} fields
 * @returns {Field[]}
 */
export const describe = (type, fields) =>
  fields.map((field) =>
    field.control === "fold"
      ? { ...field, fields: describe(type, field.fields) }
      : { ...field, describedBy: field.describedBy ?? type },
  );

/**
 * A text of one line.
 * @param {string} name
 * @param {string} label
 * @param {Partial<TextField>} [more]
 * @returns {TextField}
 */
export const line = (name, label, more) => ({ name, label, control: "line", ...more });

/**
 * A text of several lines, mostly in Markdown.
 * @param {string} name
 * @param {string} label
 * @param {Partial<TextField>} [more]
 * @returns {TextField}
 */
export const area = (name, label, more) => ({ name, label, control: "area", ...more });

/**
 * @param {string} name
 * @param {string} label
 * @param {Partial<TextField>} [more]
 * @returns {TextField}
 */
export const decimal = (name, label, more) => ({ name, label, control: "decimal", ...more });

/**
 * A whole number.
 * @param {string} name
 * @param {string} label
 * @param {Partial<TextField>} [more]
 * @returns {TextField}
 */
export const whole = (name, label, more) => ({ name, label, control: "whole", ...more });

/**
 * @param {string} name
 * @param {string} label
 * @param {Partial<CheckField>} [more]
 * @returns {CheckField}
 */
export const check = (name, label, more) => ({ name, label, control: "check", ...more });

/**
 * One of several words.
 * @param {string} name
 * @param {string} label
 * @param {SelectOption[]} options
 * @param {Partial<SelectField>} [more]
 * @returns {SelectField}
 */
export const select = (name, label, options, more) => ({ name, label, control: "select", options, ...more });

/**
 * Several texts, one a line.
 * @param {string} name
 * @param {string} label
 * @param {Partial<TextsField>} [more]
 * @returns {TextsField}
 */
export const texts = (name, label, more) => ({ name, label, control: "texts", ...more });

/**
 * An object within the part.
 * @param {string} name
 * @param {string} label
 * @param {Field[]} fields
 * @returns {GroupField}
 */
export const group = (name, label, fields) => ({ name, label, control: "group", fields });

/**
 * Fields of the part itself that are seldom needed.
 * @param {string} label
 * @param {Field[]} fields
 * @returns {GroupField}
 */
export const fold = (label, fields) => ({ name: "fold", label, control: "fold", fields });

/**
 * A list of entries, each called `one`.
 * @param {string} name
 * @param {string} label
 * @param {string} one
 * @param {Field[]} fields
 * @param {ListField["blank"]} blank
 * @param {Partial<ListField>} [more]
 * @returns {ListField}
 */
export const list = (name, label, one, fields, blank, more) => ({
  name,
  label,
  control: "list",
  one,
  fields,
  blank,
  ...more,
});

export const key = line("key", "Key", { isKey: true });

/** A key beside other short fields. */
export const shortKey = line("key", "Key", { isKey: true, isShort: true });

/** @type {Field} */
export const tags = { name: "tags", label: "Tags", control: "tags" };
