// @ts-check
// The fields of a test and of its parts, but for those of questions.

import { area, check, decimal, describe, group, key, line, list, select, tags, texts, whole } from "./field.js";

/** @typedef {import("./types.js").SelectOption} SelectOption */

const LANGUAGES = ["en", "tr", "de", "es", "fr", "it", "nl", "no", "pt", "ru", "sr", "sv"];

/** @type {SelectOption[]} */
const ENFORCEMENT = [
  ["off", "do nothing"],
  ["warn", "warn"],
  ["prevent", "prevent"],
];

/** @type {SelectOption[]} */
const NAVIGATION = [
  ["free", "free: any page in any order"],
  ["back", "back: may return to earlier pages"],
  ["linear", "linear: forward only"],
];

/** @type {SelectOption[]} */
const AS_QUESTIONS_SAY = [
  ["", "as the questions say"],
  ["true", "yes"],
  ["false", "no"],
];

/** @type {SelectOption[]} */
const AS_IN_BANK = [
  ["", "as in the bank"],
  ["true", "yes"],
  ["false", "no"],
];

/** @param {string} label */
const timeLimit = (label) => whole("timeLimit", label);

/**
 * Names that questions and choices refer to, each with subs.
 * @param {string} name
 * @param {string} label
 * @param {string} one
 */
const declaredNames = (name, label, one) =>
  list(
    name,
    label,
    one,
    describe("DeclaredName", [line("name", "Name"), texts("sub", "Sub-dimensions", { help: "One per line." })]),
    () => ({ name: "", sub: [] }),
    { isFolded: true },
  );

export const SETTINGS = describe("Test", [
  line("title", "Title"),
  key,
  select(
    "type",
    "Kind of test",
    [
      ["performance", "performance"],
      ["inventory", "inventory"],
      ["interview", "interview"],
    ],
    { preset: "performance" },
  ),
  select(
    "lang",
    "Language of the texts",
    LANGUAGES.map((tag) => [tag, tag]),
    { preset: "en" },
  ),
  area("description", "Description, for staff only"),
  area("instructions", "Instructions, shown before"),
  area("closing", "Closing text, shown after"),
  timeLimit("Time limit of the test in seconds"),
  select("navigation", "Moving between sections", NAVIGATION, { preset: "free" }),
  check("shuffleSections", "Shuffle the sections"),
  group(
    "mandatory",
    "When required questions are not answered",
    describe("MandatoryRules", [
      select("page", "On leaving a page", ENFORCEMENT, { preset: "off" }),
      select("section", "On leaving a section", ENFORCEMENT, { preset: "off" }),
      select("test", "On submitting", ENFORCEMENT, { preset: "warn" }),
    ]),
  ),
  { name: "passMark", label: "Pass mark", control: "passMark" },
  list(
    "levels",
    "Levels",
    "level",
    describe("Level", [line("name", "Name"), decimal("from", "From ratio, 0.8 for 80 percent")]),
    () => ({ name: "" }),
    { isFolded: true },
  ),
  declaredNames("dimensions", "Dimensions", "dimension"),
  declaredNames("effects", "Effects", "effect"),
]);

export const SECTION = describe("Section", [
  line("title", "Title"),
  key,
  area("intro", "Introduction, shown before the section"),
  timeLimit("Time limit of the section in seconds"),
  select("navigation", "Moving between its pages", NAVIGATION, { preset: "free" }),
  whole("ignorableBlanks", "Unpenalised blanks"),
  check("shufflePages", "Shuffle the pages"),
  check("pinned", "Fixed position when sections are shuffled"),
]);

export const PAGE = describe("Page", [
  line("title", "Title", { isOptional: true }),
  key,
  area("text", "Text above the questions"),
  timeLimit("Time limit of the page in seconds"),
  check("shuffleQuestions", "Shuffle the questions"),
  check("pinned", "Fixed position when pages are shuffled"),
]);

export const POOL = describe("Pool", [
  key,
  whole("draw", "Number to draw"),
  select("required", "Required", AS_QUESTIONS_SAY, { isTriple: true }),
  select("effective", "Counts", AS_QUESTIONS_SAY, { isTriple: true }),
  whole("spread", "Number of pages", { isOptional: true }),
]);

/** What a pool has beside `spread` only. */
export const SPREAD = describe("Pool", [
  check("shuffle", "Shuffle the drawn questions"),
  whole("secondsPerQuestion", "Seconds per question"),
]);

/** What a pool that draws from the bank has. */
export const BANK = describe("Pool", [
  group(
    "bank",
    "Drawn from the question bank",
    describe("BankFilter", [
      line("folder", "Folder", { isOptional: true }),
      texts("labels", "Labels", { help: "One per line; all must match." }),
      tags,
    ]),
  ),
]);

/** What a test may change of a question of the bank. */
export const REFERENCE = describe("QuestionEntry", [
  line("key", "Key", { isOptional: true, isKey: true }),
  decimal("points", "Points", { isOptional: true }),
  decimal("negativePoints", "Negative points", { isOptional: true }),
  select("effective", "Counts", AS_IN_BANK, { isTriple: true }),
  select("required", "Required", AS_IN_BANK, { isTriple: true }),
  select("pinned", "Fixed position", AS_IN_BANK, { isTriple: true }),
]);
