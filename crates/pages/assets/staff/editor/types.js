// @ts-check
// Types of documents while they are edited, of the fields of their parts, and of what the server answers. No code.
//
// A document is the author's: nothing in it is sure to be there or right before the server has judged it.

/**
 * A figure as it is typed: a number where it is written as one, else the text.
 * @typedef {number | string} Figure
 */

/** @typedef {{ path?: string[], score?: Figure }} EffectScore */
/**
 * A file of the library. `media` is the SHA-256 that texts name it by, `type` the usual ending of its name.
 * @typedef {object} Medium
 * @property {string} media
 * @property {"picture" | "sound" | "film" | "captions" | "document"} kind
 * @property {string} type
 * @property {string} name
 * @property {number} bytes
 * @property {string | null} url
 * @property {number | null} width
 * @property {number | null} height
 * @property {number | null} seconds
 */

/** @typedef {{ key?: string, text?: string, percentage?: Figure, effects?: EffectScore[] }} Choice */
/** @typedef {{ key?: string, text?: string }} Option  what an item can be matched with */
/** @typedef {{ option?: string, percentage?: Figure, effects?: EffectScore[] }} Match */
/** @typedef {{ key?: string, text?: string, matches?: Match[], options?: Option[] }} Item */
/** @typedef {{ key?: string, title?: string, type?: "field" | "numeric" }} Column */
/** @typedef {{ key?: string, title?: string }} Row */
/** @typedef {{ row?: string, column?: string, rules?: Rule[] }} Cell */
/** @typedef {{ rule?: string, value?: Figure, values?: Figure[], percentage?: Figure }} Rule */

/** @typedef {"field" | "area" | "rich" | "code" | "numeric" | "tabular" | "audio" | "video" | "file" | "photo"} InputType */
/** @typedef {"multiplechoice" | "match" | InputType} QuestionKind  the kind, for inputs their type */

/**
 * @typedef {object} Question
 * @property {string} [uuid]
 * @property {string} [key]
 * @property {"multiplechoice" | "match" | "input"} kind
 * @property {InputType} [type]  of an input
 * @property {string} [text]
 * @property {boolean} [pinned]
 * @property {Choice[]} [choices]
 * @property {Option[]} [options]
 * @property {Item[]} [items]
 * @property {Column[]} [columns]
 * @property {Row[]} [rows]
 * @property {Cell[]} [cells]
 * @property {Rule[]} [rules]
 */

/** @typedef {{ folder?: string, labels?: string[], tags?: { [name: string]: string } }} BankFilter */

/**
 * A question of the bank, and what the test changes of it.
 * @typedef {{ ref: { questionId?: string }, key?: string, pinned?: boolean }} Reference
 */

/**
 * Elements to draw from: pages, questions, or what the bank has.
 * @typedef {object} Pool
 * @property {string} [key]
 * @property {Figure} [draw]
 * @property {Figure} [spread]
 * @property {Page[]} [pages]
 * @property {QuestionEntry[]} [questions]
 * @property {BankFilter} [bank]
 */

/** @typedef {{ pool: Pool }} PoolEntry */
/** @typedef {Question | Reference | PoolEntry} QuestionEntry */
/** @typedef {{ key?: string, title?: string, text?: string, questions?: QuestionEntry[] }} Page */
/** @typedef {{ key?: string, title?: string, pages?: (Page | PoolEntry)[] }} Section */

/** @typedef {{ name?: string, sub?: string[] }} DeclaredName */

/**
 * @typedef {object} TestDocument
 * @property {Section[]} [sections]
 * @property {DeclaredName[]} [dimensions]
 * @property {DeclaredName[]} [effects]
 */

/**
 * What stands in a list of sections, pages or questions. Which of them it is, its place and what it has say.
 * @typedef {Partial<Section & Page & PoolEntry & Reference & Question>} Entry
 */

/** @typedef {"section" | "page" | "pool" | "reference" | "question"} EntryKind */

/**
 * A part whose fields are drawn by their names. The lists are those that fields of a question refer to.
 * @typedef {{
 *   key?: string, path?: string[], rules?: Rule[], matches?: Match[], items?: Item[], options?: Option[],
 *   columns?: Column[], rows?: Row[], cellColumn?: string, [name: string]: unknown
 * }} Part
 */

/* --- fields --- */

/**
 * What all fields have. `describedBy` names the type of the schema that describes the field, `describes` its name there
 * if it has another.
 * @typedef {object} CommonField
 * @property {string} name
 * @property {string} label
 * @property {string} [help]
 * @property {string} [describedBy]
 * @property {string} [describes]
 * @property {boolean} [isShort]
 */

/**
 * `isOptional` leaves the field out when it is blank, `isChosen` means that what is typed is chosen elsewhere.
 * @typedef {CommonField & {
 *   control: "line" | "area" | "decimal" | "whole", preset?: string, isOptional?: boolean, isKey?: boolean,
 *   isMono?: boolean, isChosen?: boolean
 * }} TextField
 */

/** @typedef {CommonField & { control: "check", preset?: boolean }} CheckField */
/** @typedef {[word: string, label: string]} SelectOption */

/**
 * `isTriple` is yes, no, or left out; `isStructure` means that other fields follow from it.
 * @typedef {CommonField & {
 *   control: "select", options: SelectOption[], preset?: string, isOptional?: boolean, isTriple?: boolean,
 *   isStructure?: boolean
 * }} SelectField
 */

/** @typedef {CommonField & { control: "pick", from: "options" | "rows" | "columns" }} PickField */
/** @typedef {CommonField & { control: "path", of: "dimensions" | "effects" }} PathField */
/** @typedef {CommonField & { control: "texts", areNumbers?: boolean }} TextsField */
/** @typedef {CommonField & { control: "tags" | "passMark" | "evenly" }} OtherField */
/** @typedef {CommonField & { control: "group" | "fold", fields: Field[] }} GroupField */
/** @typedef {"text" | "number"} RuleType */

/**
 * A list of entries, each called `one`. Those of `rules` have the fields that their rule needs. `blank` makes a new entry;
 * `isFolded` hides the list while it has none.
 * @typedef {CommonField & {
 *   control: "list" | "accepted" | "right", one: string, fields: Field[], blank: (question: Part) => Part,
 *   rules?: RuleType | "cell", isFolded?: boolean, isInner?: boolean
 * }} ListField
 */

/**
 * @typedef {TextField | CheckField | SelectField | PickField | PathField | TextsField | OtherField | GroupField
 *   | ListField} Field
 */

/* --- the server --- */

/** @typedef {{ pointer: string, code: string, message: string, detail?: string | null }} Fault */

/**
 * The text of a version, and the digest that the next one has to be based on.
 * @typedef {{ based: string, version: number, text: string }} SavedVersion
 */

/**
 * Why a request was not done; 0 is no answer.
 * @typedef {{ status: 0 | 400 | 401 | 403 | 404 | 413 | 429 | 500 | 503 }} FailedAnswer
 */

/** @typedef {{ status: 422, faults: Fault[] }} FaultyAnswer */
/** @typedef {{ status: 200, faults: Fault[] } | FaultyAnswer | FailedAnswer} CheckAnswer */

/**
 * What became of saving: it is kept, somebody saved another version, or it is refused.
 * @template Saved
 * @typedef {{ status: 200, faults: Fault[] } & SavedVersion & Saved | { status: 409 } & SavedVersion | FaultyAnswer
 *   | FailedAnswer} SaveAnswer
 */

/** @typedef {{ test: string }} SavedTest */
/** @typedef {{ question: string, state: string, word: string }} SavedQuestion  `word` is its state in words */

/**
 * A question of the bank in a list.
 * @typedef {{
 *   id: string, key: string, kind: string, text: string, folder: string, labels: string[], state: string, word: string
 * }} BankQuestion
 */

/**
 * @typedef {{
 *   status: 200, total: number, questions: BankQuestion[], folders: string[], labels: string[]
 * } | FailedAnswer} SearchAnswer
 */

export {};
