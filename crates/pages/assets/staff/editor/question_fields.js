// @ts-check
// The fields of questions: those of choices and matches, and what all kinds have.

import { area, check, decimal, describe, fold, key, line, list, select, shortKey, tags, whole } from "./field.js";
import { INPUT } from "./input_fields.js";

/** @typedef {import("./types.js").Field} Field */
/** @typedef {import("./types.js").Question} Question */

const effects = list(
  "effects",
  "Effects",
  "effect",
  describe("EffectScore", [
    { name: "path", label: "Effect", control: "path", of: "effects" },
    decimal("score", "Score"),
  ]),
  () => ({ path: [""], score: 1 }),
  { isFolded: true, isInner: true },
);

const percentage = (name = "percentage", label = "Percent") => decimal(name, label, { isShort: true, preset: "0" });

const MULTIPLE_CHOICE = describe("MultipleChoice", [
  list(
    "choices",
    "Choices",
    "choice",
    describe("Choice", [
      line("text", "Text"),
      percentage(),
      fold("Key, position, feedback, effects", [
        shortKey,
        check("pinned", "Fixed position"),
        line("feedback", "Feedback", { isOptional: true }),
        effects,
      ]),
    ]),
    () => ({ key: "", text: "", percentage: 0 }),
  ),
  whole("minSelections", "Minimum selections", { preset: "1" }),
  whole("maxSelections", "Maximum selections", { preset: "1" }),
  select(
    "layout",
    "Layout",
    [
      ["vertical", "vertical"],
      ["horizontal", "horizontal"],
      ["grid", "grid"],
      ["dropdown", "drop-down list"],
    ],
    { preset: "vertical" },
  ),
  check("partial", "Partial credit: percentages add up; otherwise all or nothing", { preset: true }),
  decimal("threshold", "Minimum % to earn points", { isOptional: true }),
  check("shuffle", "Shuffle the choices"),
]);

const ITEM = describe("Item", [
  line("text", "Text"),
  list(
    "matches",
    "Options that count",
    "match",
    describe("CountingMatch", [
      { name: "option", label: "Option", control: "pick", from: "options" },
      percentage(),
      effects,
    ]),
    (question) => ({ option: question.options?.[0]?.key ?? "", percentage: 100 }),
    { control: "right", isInner: true },
  ),
  fold("Key, wrong and blank answers, extra options", [
    shortKey,
    percentage("wrongPercentage", "Percent when wrong"),
    percentage("blankPercentage", "Percent when blank"),
    check("pinned", "Fixed position"),
    list(
      "options",
      "Options for this item only",
      "option",
      describe("PrivateOption", [line("text", "Text"), shortKey]),
      () => ({ key: "", text: "" }),
      { isFolded: true, isInner: true },
    ),
  ]),
]);

const MATCH = describe("MatchQuestion", [
  list(
    "options",
    "Options to match with",
    "option",
    describe("SharedOption", [
      line("text", "Text", { isChosen: true }),
      whole("maxUses", "Uses (0 means unlimited)", { preset: "1", isShort: true }),
      fold("Key and position", [shortKey, check("pinned", "Fixed position")]),
    ]),
    () => ({ key: "", text: "" }),
  ),
  list("items", "Items", "item", ITEM, () => ({ key: "", text: "", matches: [] })),
  { name: "items", label: "", control: "evenly" },
  whole("minMatches", "Minimum matched items", { preset: "1" }),
  check("shuffleItems", "Shuffle the items"),
  check("shuffleOptions", "Shuffle the options"),
]);

const evaluation = select(
  "evaluation",
  "Grading",
  [
    ["", "automatic where possible"],
    ["auto", "automatic"],
    ["manual", "by a person"],
    ["none", "never"],
  ],
  { isOptional: true },
);

/** What evaluators look for, and the criteria by which they judge. */
const JUDGED = [
  area("guidance", "Guidance for graders"),
  list(
    "rubric",
    "Rubric",
    "criterion",
    describe("QuestionCriterion", [
      line("title", "Criterion"),
      decimal("weight", "Weight", { isShort: true, preset: "1" }),
      list(
        "levels",
        "Levels",
        "level",
        describe("CriterionLevel", [
          line("title", "Level"),
          percentage(),
          fold("Key and description", [shortKey, line("description", "Description", { isOptional: true })]),
        ]),
        () => ({ key: "", title: "", percentage: 0 }),
        { isInner: true },
      ),
      fold("Key and description", [shortKey, line("description", "Description", { isOptional: true })]),
    ]),
    () => ({
      key: "",
      title: "",
      levels: [
        { key: "met", title: "Met", percentage: 100 },
        { key: "not-met", title: "Not met", percentage: 0 },
      ],
    }),
  ),
];

/** What only questions of a kind have. */
const OF_KIND = { multiplechoice: MULTIPLE_CHOICE, match: MATCH };

/** @param {Question} question */
function fieldsOfKind(question) {
  if (question.kind !== "input") return OF_KIND[question.kind] ?? [];
  return (question.type && INPUT[question.type]) ?? [];
}

/**
 * The fields of a question: what it asks, how it is scored, and what is seldom needed.
 * @param {Question} question
 */
export function questionFields(question) {
  return {
    main: describe("Question", [area("text", "Question"), ...fieldsOfKind(question)]),
    scoring: describe("Question", [
      decimal("points", "Points", { preset: "1" }),
      decimal("negativePoints", "Negative points", { preset: "0" }),
      ...(question.kind === "input" ? [evaluation, ...JUDGED] : []),
      check("effective", "Counts in the score", { preset: true }),
      check("required", "Required"),
      list(
        "dimensions",
        "Dimensions",
        "dimension",
        describe("DimensionAssignment", [
          { name: "path", label: "Dimension", control: "path", of: "dimensions" },
          decimal("points", "Points", { preset: "1", isShort: true }),
          decimal("negativePoints", "Negative points", { preset: "0", isShort: true }),
        ]),
        () => ({ path: [""], points: 1 }),
      ),
    ]),
    more: describe("Question", [
      key,
      area("hint", "Hint, shown on request"),
      area("feedback", "Feedback"),
      tags,
      check("pinned", "Fixed position when questions are shuffled"),
    ]),
  };
}
