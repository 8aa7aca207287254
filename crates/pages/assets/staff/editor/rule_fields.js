// @ts-check
// The rules that score a text or a number: their words, and the fields that each word has.

import { check, decimal, line, select, texts } from "./field.js";

/** @typedef {import("./types.js").Field} Field */
/** @typedef {import("./types.js").ListField} ListField */
/** @typedef {import("./types.js").RuleType} RuleType */
/** @typedef {import("./types.js").SelectOption} SelectOption */

const textList = [texts("values", "Texts", { help: "One per line." })];
const oneNumber = [decimal("value", "Number"), decimal("tolerance", "Tolerance")];
const numberList = [
  texts("values", "Numbers", { help: "One per line.", areNumbers: true }),
  decimal("tolerance", "Tolerance"),
];

/** @type {Record<RuleType, { words: SelectOption[], fields: { [word: string]: Field[] } }>} */
export const RULES = {
  text: {
    words: [
      ["equal", "is"],
      ["not-equal", "is not"],
      ["matches", "matches the pattern"],
      ["not-matches", "does not match"],
      ["one-of", "is one of"],
      ["none-of", "is none of"],
    ],
    fields: {
      equal: [line("value", "Text")],
      "not-equal": [line("value", "Text")],
      matches: [line("pattern", "Pattern")],
      "not-matches": [line("pattern", "Pattern")],
      "one-of": textList,
      "none-of": textList,
    },
  },
  number: {
    words: [
      ["equal", "equals"],
      ["not-equal", "differs from"],
      ["between", "is between"],
      ["compare", "compares"],
      ["one-of", "is one of"],
      ["none-of", "is none of"],
    ],
    fields: {
      equal: oneNumber,
      "not-equal": oneNumber,
      between: [
        decimal("min", "From"),
        decimal("max", "To"),
        check("inclusive", "Including both ends", { preset: true }),
      ],
      compare: [
        select(
          "op",
          "Comparison",
          ["<", "<=", ">", ">="].map((sign) => [sign, sign]),
        ),
        decimal("value", "Number"),
      ],
      "one-of": numberList,
      "none-of": numberList,
    },
  },
};

/**
 * The list of rules of an input, or of a cell of a table, whose column decides what they score.
 * @param {RuleType | "cell"} type
 * @param {Partial<ListField>} [more]
 * @returns {ListField}
 */
export const rules = (type, more) => ({
  name: "rules",
  label: "Rules: the percentages of all that match are added",
  control: "list",
  one: "rule",
  fields: [],
  rules: type,
  blank: () => ({ rule: "equal", value: type === "number" ? 0 : "", percentage: 100 }),
  ...more,
});
