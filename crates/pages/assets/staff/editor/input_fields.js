// @ts-check
// The fields of inputs: questions answered by typing, uploading or recording.

import { area, check, decimal, describe, fold, line, list, select, shortKey, texts, whole } from "./field.js";
import { rules } from "./rule_fields.js";

/** @typedef {import("./types.js").Field} Field */
/** @typedef {import("./types.js").InputType} InputType */

const separators = [
  select(
    "decimalSeparator",
    "Decimal separator",
    [
      ["auto", "depends on the language of the test"],
      [".", "point"],
      [",", "comma"],
      ["either", "point or comma"],
    ],
    { preset: "auto" },
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

/** How loosely people may type. */
const typography = select(
  "typography",
  "Quotation marks, dashes and digits that look alike",
  [
    ["loose", "are the same"],
    ["exact", "count as typed"],
  ],
  { preset: "loose" },
);

/** How a text is compared. */
const comparison = [
  check("caseSensitive", "Upper and lower case differ"),
  select(
    "whitespace",
    "Spaces",
    [
      ["collapse", "several count as one"],
      ["trim", "ignored at both ends"],
      ["exact", "counts"],
    ],
    { preset: "collapse" },
  ),
  typography,
];

const otherwise = decimal("otherwise", "Percent when no rule matches", { preset: "0" });

/** @param {string} preset */
const maxLength = (preset) => whole("maxLength", "Maximum length in characters", { preset });

const recording = describe("RecordingInput", [whole("maxSeconds", "Maximum length in seconds", { preset: "300" })]);

const upload = describe("UploadInput", [
  whole("maxFiles", "Maximum number of files", { preset: "1" }),
  whole("maxBytes", "Maximum file size in bytes", { preset: "20971520" }),
  texts("mediaTypes", "Media types", { help: "One per line, such as image/png or image/*." }),
]);

/** @type {Record<InputType, Field[]>} */
export const INPUT = {
  field: describe("TextInput", [
    rules("text", { control: "accepted" }),
    fold("How answers are compared, and their length", [maxLength("1000"), otherwise, ...comparison]),
  ]),
  area: describe("TextInput", [
    maxLength("20000"),
    rules("text", { isFolded: true }),
    fold("How answers are compared", [otherwise, ...comparison]),
  ]),
  rich: describe("RichTextInput", [maxLength("100000")]),
  code: describe("CodeInput", [
    line("language", "Language"),
    area("template", "Text shown at first", { isMono: true }),
    maxLength("100000"),
  ]),
  numeric: describe("NumericInput", [line("unit", "Unit"), rules("number"), otherwise, ...separators, typography]),
  tabular: describe("TabularInput", [
    list(
      "columns",
      "Columns",
      "column",
      describe("TableColumn", [
        line("title", "Title"),
        shortKey,
        select("type", "Contents", [
          ["field", "text"],
          ["numeric", "numbers"],
        ]),
      ]),
      () => ({ key: "", title: "", type: "numeric" }),
    ),
    list("rows", "Rows", "row", describe("TableRow", [line("title", "Title"), shortKey]), () => ({
      key: "",
      title: "",
    })),
    list(
      "cells",
      "Cells that are scored",
      "cell",
      describe("TableCell", [
        { name: "row", label: "Row", control: "pick", from: "rows" },
        { name: "column", label: "Column", control: "pick", from: "columns" },
        rules("cell"),
        otherwise,
      ]),
      (question) => ({ row: question.rows?.[0]?.key ?? "", column: question.columns?.[0]?.key ?? "", rules: [] }),
    ),
    ...comparison,
    ...separators,
  ]),
  audio: recording,
  video: recording,
  file: upload,
  photo: upload,
};
