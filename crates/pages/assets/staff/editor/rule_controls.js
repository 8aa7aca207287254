// @ts-check
// A rule that scores an answer: its word decides its further fields.

import { describe } from "./field.js";
import { RULES } from "./rule_fields.js";

/** @typedef {import("./types.js").Part} Part */
/** @typedef {import("./types.js").RuleType} RuleType */

/**
 * @param {import("./form.js").Form} form
 * @param {RuleType | "cell"} type
 * @param {Part} rule
 * @param {string} pointer
 * @param {Part} question
 */
export function drawRule(form, type, rule, pointer, question) {
  const isNumber = type === "number" || (type === "cell" && columnOf(question)?.type === "numeric");
  const { words, fields } = RULES[isNumber ? "number" : "text"];
  const schemaType = isNumber ? "NumericRule" : "TextRule";
  const word = String(rule.rule);
  const ownFields = () => fields[String(rule.rule)] ?? [];
  // Fields of the word that was chosen before are dropped: the server refuses what a rule does not have.
  const innerForm = form.within((isStructure, focus) => {
    const wanted = new Set(["rule", "percentage", ...ownFields().map((field) => field.name)]);
    for (const name of Object.keys(rule)) if (!wanted.has(name)) delete rule[name];
    form.changed(isStructure, focus);
  });
  return innerForm.fields(
    [
      ...describe(`${schemaType}.${word}`, [
        { name: "rule", label: "The answer", control: "select", options: words, isStructure: true },
        ...ownFields(),
      ]),
      ...describe(schemaType, [{ name: "percentage", label: "Percent", control: "decimal", isShort: true }]),
    ],
    rule,
    pointer,
    question,
  );
}

/** @param {Part} question */
const columnOf = (question) => question.columns?.find((column) => column.key === question.cellColumn);
