// What a document is made of: the fields of each part, what a new part begins with, and where parts stand in another.
// Whether a value is right is the server's to say, and so is what a field means: `of` names the type in the schema.

const LANGUAGES = ["en", "tr", "de", "es", "fr", "it", "nl", "no", "pt", "ru", "sr", "sv"];
const ENFORCEMENT = [
  ["off", "do nothing"],
  ["warn", "warn"],
  ["prevent", "prevent"],
];
const NAVIGATION = [
  ["free", "free: any page, in any order"],
  ["back", "back: return to what was seen"],
  ["linear", "linear: forward only"],
];

const line = (name, label, more = {}) => ({ name, label, control: "line", ...more });
const markdown = (name, label, more = {}) => ({ name, label, control: "area", ...more });
const decimal = (name, label, more = {}) => ({ name, label, control: "decimal", ...more });
const whole = (name, label, more = {}) => ({ name, label, control: "whole", ...more });
const check = (name, label, more = {}) => ({ name, label, control: "check", ...more });
const select = (name, label, options, more = {}) => ({ name, label, control: "select", options, ...more });
const group = (name, label, fields, more = {}) => ({ name, label, control: "group", fields, ...more });
const list = (name, label, one, fields, blank, more = {}) => ({
  name,
  label,
  control: "list",
  one,
  fields,
  blank,
  ...more,
});
const texts = (name, label, more = {}) => ({ name, label, control: "texts", ...more });

/** The fields of a part, with the type that has their descriptions. Folds are no fields, but hold some. */
export const of = (type, fields) =>
  fields.map((field) =>
    field.control === "fold" ? { ...field, fields: of(type, field.fields) } : { describedBy: type, ...field },
  );

const key = line("key", "Key", { isKey: true });
const seconds = (label = "Time limit in seconds") => whole("timeLimit", label);
const declared = (name, label, one) =>
  list(
    name,
    label,
    one,
    of("DeclaredName", [line("name", "Name"), texts("sub", "Subs", { help: "One a line." })]),
    () => ({ name: "", sub: [] }),
    { isFolded: true },
  );

export const SETTINGS = of("Test", [
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
  markdown("description", "Description, for staff only"),
  markdown("instructions", "Instructions, shown before"),
  markdown("closing", "Closing words, shown after"),
  seconds("Time limit of the test in seconds"),
  select("navigation", "Moving between sections", NAVIGATION, { preset: "free" }),
  check("shuffleSections", "Shuffle the sections"),
  group(
    "mandatory",
    "When required questions are not answered",
    of("MandatoryRules", [
      select("page", "On leaving a page", ENFORCEMENT, { preset: "off" }),
      select("section", "On leaving a section", ENFORCEMENT, { preset: "off" }),
      select("test", "On handing in", ENFORCEMENT, { preset: "warn" }),
    ]),
  ),
  { name: "passMark", label: "Pass mark", control: "passMark" },
  list(
    "levels",
    "Levels",
    "level",
    of("Level", [line("name", "Name"), decimal("from", "From ratio, 0.8 for 80 percent")]),
    () => ({ name: "" }),
    { isFolded: true },
  ),
  declared("dimensions", "Dimensions", "dimension"),
  declared("effects", "Effects", "effect"),
]);

export const SECTION = of("Section", [
  line("title", "Title"),
  key,
  markdown("intro", "Introduction, shown before the section"),
  seconds("Time limit of the section in seconds"),
  select("navigation", "Moving between its pages", NAVIGATION, { preset: "free" }),
  whole("ignorableBlanks", "Blanks that cost nothing"),
  check("shufflePages", "Shuffle the pages"),
  check("pinned", "Keeps its place when sections are shuffled"),
]);

export const PAGE = of("Page", [
  line("title", "Title", { isOptional: true }),
  key,
  markdown("text", "Text above the questions"),
  seconds("Time limit of the page in seconds"),
  check("shuffleQuestions", "Shuffle the questions"),
  check("pinned", "Keeps its place when pages are shuffled"),
]);

const orNot = [
  ["", "as the questions say"],
  ["true", "yes"],
  ["false", "no"],
];
export const POOL = of("Pool", [
  key,
  whole("draw", "How many are drawn"),
  select("required", "Required", orNot, { isTriple: true }),
  select("effective", "Counts", orNot, { isTriple: true }),
  whole("spread", "Spread over so many pages", { isOptional: true }),
]);
/** What a pool has beside `spread` only. */
export const SPREAD = of("Pool", [
  check("shuffle", "Shuffle what was drawn"),
  whole("secondsPerQuestion", "Seconds per question"),
]);
export const BANK = of("Pool", [
  group(
    "bank",
    "Drawn from the question bank",
    of("BankFilter", [
      line("folder", "Folder", { isOptional: true }),
      texts("labels", "Labels", { help: "One a line; all must fit." }),
      { name: "tags", label: "Tags", control: "tags" },
    ]),
  ),
]);
const own = [
  ["", "as in the bank"],
  ["true", "yes"],
  ["false", "no"],
];
export const REFERENCE = of("QuestionEntry", [
  line("key", "Key", { isOptional: true, isKey: true }),
  decimal("points", "Points", { isOptional: true }),
  decimal("negativePoints", "Negative points", { isOptional: true }),
  select("effective", "Counts", own, { isTriple: true }),
  select("required", "Required", own, { isTriple: true }),
  select("pinned", "Keeps its place", own, { isTriple: true }),
]);

const effects = list(
  "effects",
  "Effects",
  "effect",
  of("EffectScore", [{ name: "path", label: "Effect", control: "path", of: "effects" }, decimal("score", "Score")]),
  () => ({ path: [""], score: 1 }),
  { isFolded: true, isInner: true },
);
const percentage = (name = "percentage", label = "Percent") => decimal(name, label, { isShort: true, preset: "0" });
const fold = (label, fields) => ({ name: "fold", label, control: "fold", fields });
const choice = of("Choice", [
  line("text", "Text"),
  percentage(),
  fold("Key, place, feedback, effects", [
    { ...key, isShort: true },
    check("pinned", "Keeps its place"),
    line("feedback", "Feedback", { isOptional: true }),
    effects,
  ]),
]);
const separators = [
  select(
    "decimalSeparator",
    "Decimal separator",
    [
      ["either", "point or comma"],
      [".", "point"],
      [",", "comma"],
    ],
    { preset: "either" },
  ),
  select(
    "groupSeparator",
    "Group separator",
    [
      ["none", "none"],
      [".", "point"],
      [",", "comma"],
      ["space", "space"],
      ["'", "apostrophe"],
    ],
    { preset: "none" },
  ),
];
const normal = [
  check("caseSensitive", "Upper and lower case differ"),
  select(
    "whitespace",
    "White space",
    [
      ["collapse", "runs count as one"],
      ["trim", "outer is ignored"],
      ["exact", "counts"],
    ],
    { preset: "collapse" },
  ),
];
const textWords = [
  ["equal", "is"],
  ["not-equal", "is not"],
  ["matches", "matches the pattern"],
  ["not-matches", "does not match"],
  ["one-of", "is one of"],
  ["none-of", "is none of"],
];
const numberWords = [
  ["equal", "equals"],
  ["not-equal", "differs from"],
  ["between", "is between"],
  ["compare", "compares"],
  ["one-of", "is one of"],
  ["none-of", "is none of"],
];
export const RULES = {
  text: {
    words: textWords,
    parts: {
      equal: [line("value", "Text")],
      "not-equal": [line("value", "Text")],
      matches: [line("pattern", "Pattern")],
      "not-matches": [line("pattern", "Pattern")],
      "one-of": [texts("values", "Texts", { help: "One a line." })],
      "none-of": [texts("values", "Texts", { help: "One a line." })],
    },
  },
  number: {
    words: numberWords,
    parts: {
      equal: [decimal("value", "Number"), decimal("tolerance", "Tolerance")],
      "not-equal": [decimal("value", "Number"), decimal("tolerance", "Tolerance")],
      between: [
        decimal("min", "From"),
        decimal("max", "To"),
        { ...check("inclusive", "Bounds count too"), preset: true },
      ],
      compare: [
        select(
          "op",
          "Comparison",
          ["<", "<=", ">", ">="].map((sign) => [sign, sign]),
        ),
        decimal("value", "Number"),
      ],
      "one-of": [
        texts("values", "Numbers", { help: "One a line.", areNumbers: true }),
        decimal("tolerance", "Tolerance"),
      ],
      "none-of": [
        texts("values", "Numbers", { help: "One a line.", areNumbers: true }),
        decimal("tolerance", "Tolerance"),
      ],
    },
  },
};
const rules = (sort) => ({
  name: "rules",
  label: "Rules: the percentages of all that hold are added",
  control: "list",
  one: "rule",
  sort,
  blank: () =>
    sort === "number" ? { rule: "equal", value: 0, percentage: 100 } : { rule: "equal", value: "", percentage: 100 },
});
const otherwise = decimal("otherwise", "Percent when no rule holds", { preset: "0" });
const most = (preset) => whole("maxLength", "Longest answer in characters", { preset });
const recording = of("RecordingInput", [whole("maxSeconds", "Longest recording in seconds", { preset: "300" })]);
const files = of("UploadInput", [
  whole("maxFiles", "Most files", { preset: "1" }),
  whole("maxBytes", "Largest file in bytes", { preset: "20971520" }),
  texts("mediaTypes", "Media types", { help: "One a line, such as image/png or image/*." }),
]);
const keyed = (label) => [line("title", label), { ...key, isShort: true }];

const INPUT = {
  field: of("TextInput", [
    { ...rules("text"), control: "accepted" },
    fold("How answers are compared, and their length", [most("1000"), otherwise, ...normal]),
  ]),
  area: of("TextInput", [
    most("20000"),
    { ...rules("text"), isFolded: true },
    fold("How answers are compared", [otherwise, ...normal]),
  ]),
  rich: of("RichTextInput", [most("100000")]),
  code: of("CodeInput", [
    line("language", "Language"),
    { ...markdown("template", "What stands there at first"), isMono: true },
    most("100000"),
  ]),
  numeric: of("NumericInput", [line("unit", "Unit"), rules("number"), otherwise, ...separators]),
  tabular: of("TabularInput", [
    list(
      "columns",
      "Columns",
      "column",
      of("TableColumn", [
        ...keyed("Title"),
        select("type", "Holds", [
          ["field", "text"],
          ["numeric", "numbers"],
        ]),
      ]),
      () => ({ key: "", title: "", type: "numeric" }),
    ),
    list("rows", "Rows", "row", of("TableRow", keyed("Title")), () => ({ key: "", title: "" })),
    list(
      "cells",
      "Cells that are scored",
      "cell",
      of("TableCell", [
        { name: "row", label: "Row", control: "pick", from: "rows" },
        { name: "column", label: "Column", control: "pick", from: "columns" },
        rules("cell"),
        otherwise,
      ]),
      (question) => ({ row: question.rows?.[0]?.key ?? "", column: question.columns?.[0]?.key ?? "", rules: [] }),
    ),
    ...normal,
    ...separators,
  ]),
  audio: recording,
  video: recording,
  file: files,
  photo: files,
};

const KINDS = {
  multiplechoice: of("MultipleChoice", [
    list("choices", "Choices", "choice", choice, () => ({ key: "", text: "", percentage: 0 })),
    whole("minSelections", "Fewest selections", { preset: "1" }),
    whole("maxSelections", "Most selections", { preset: "1" }),
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
    { ...check("partial", "Percentages add up; otherwise all or nothing"), preset: true },
    decimal("threshold", "Threshold in percent", { isOptional: true }),
    check("shuffle", "Shuffle the choices"),
  ]),
  match: of("MatchQuestion", [
    list(
      "options",
      "Options to match with",
      "option",
      of("SharedOption", [
        line("text", "Text", { isChosen: true }),
        whole("maxUses", "Uses, 0 is unlimited", { preset: "1", isShort: true }),
        fold("Key and place", [{ ...key, isShort: true }, check("pinned", "Keeps its place")]),
      ]),
      () => ({ key: "", text: "" }),
    ),
    list(
      "items",
      "Items",
      "item",
      of("Item", [
        line("text", "Text"),
        {
          ...list(
            "matches",
            "Options that count",
            "match",
            of("CountingMatch", [
              { name: "option", label: "Option", control: "pick", from: "options" },
              percentage(),
              effects,
            ]),
            (question) => ({ option: question.options?.[0]?.key ?? "", percentage: 100 }),
            { isInner: true },
          ),
          control: "right",
        },
        fold("Key, wrong and blank answers, options of its own", [
          { ...key, isShort: true },
          percentage("wrongPercentage", "Percent when wrong"),
          percentage("blankPercentage", "Percent when blank"),
          check("pinned", "Keeps its place"),
          list(
            "options",
            "Options of this item alone",
            "option",
            of("PrivateOption", [line("text", "Text"), { ...key, isShort: true }]),
            () => ({ key: "", text: "" }),
            { isFolded: true, isInner: true },
          ),
        ]),
      ]),
      () => ({ key: "", text: "", matches: [] }),
    ),
    { name: "items", control: "evenly" },
    whole("minMatches", "Fewest matched items", { preset: "1" }),
    check("shuffleItems", "Shuffle the items"),
    check("shuffleOptions", "Shuffle the options"),
  ]),
};

/** The name of a question's kind, with the type of an input. */
export const KIND_NAMES = {
  multiplechoice: "Multiple choice",
  match: "Match",
  field: "Short text",
  area: "Long text",
  numeric: "Number",
  tabular: "Table",
  rich: "Rich text",
  code: "Code",
  file: "File",
  photo: "Photo",
  audio: "Audio",
  video: "Video",
};
export const sortOf = (question) => (question.kind === "input" ? question.type : question.kind);

export function questionFields(question) {
  const evaluation =
    question.kind === "input"
      ? [
          select(
            "evaluation",
            "Evaluation",
            [
              ["", "by itself if it can be"],
              ["auto", "automatic"],
              ["manual", "by a person"],
              ["none", "never"],
            ],
            { isOptional: true },
          ),
        ]
      : [];
  return {
    main: of("Question", [
      markdown("text", "Question"),
      ...(question.kind === "input" ? (INPUT[question.type] ?? []) : (KINDS[question.kind] ?? [])),
    ]),
    scoring: of("Question", [
      decimal("points", "Points", { preset: "1" }),
      decimal("negativePoints", "Negative points", { preset: "0" }),
      ...evaluation,
      { ...check("effective", "Counts in the score"), preset: true },
      check("required", "Required"),
      list(
        "dimensions",
        "Dimensions",
        "dimension",
        of("DimensionAssignment", [
          { name: "path", label: "Dimension", control: "path", of: "dimensions" },
          decimal("points", "Points", { preset: "1", isShort: true }),
          decimal("negativePoints", "Negative points", { preset: "0", isShort: true }),
        ]),
        () => ({ path: [""], points: 1 }),
      ),
    ]),
    more: of("Question", [
      key,
      markdown("hint", "Hint, shown on request"),
      markdown("feedback", "Feedback"),
      { name: "tags", label: "Tags", control: "tags" },
      check("pinned", "Keeps its place when questions are shuffled"),
    ]),
  };
}

/** A new question of a sort, with a key nobody has. */
export function newQuestion(sort, key) {
  const common = { key, kind: sort, text: "" };
  if (sort === "multiplechoice")
    return {
      ...common,
      choices: [
        { key: "a", text: "", percentage: 100 },
        { key: "b", text: "", percentage: 0 },
      ],
    };
  if (sort === "match")
    return {
      ...common,
      options: [
        { key: "x", text: "" },
        { key: "y", text: "" },
      ],
      items: [
        { key: "a", text: "", matches: [{ option: "x", percentage: 50 }] },
        { key: "b", text: "", matches: [{ option: "y", percentage: 50 }] },
      ],
    };
  const input = { ...common, kind: "input", type: sort };
  if (sort === "field") return { ...input, rules: [] };
  if (sort === "numeric") return { ...input, rules: [{ rule: "equal", value: 0, percentage: 100 }] };
  if (sort === "tabular")
    return {
      ...input,
      columns: [{ key: "c1", title: "", type: "numeric" }],
      rows: [{ key: "r1", title: "" }],
      cells: [],
    };
  return input;
}

/** What an entry of a list of pages or questions is. */
export function partOf(entry) {
  if (entry.pool) return "pool";
  if (entry.ref) return "reference";
  return entry.kind ? "question" : "page";
}
