// @ts-check
// What the editor of tests knows of the question bank: found on the server, remembered by id for the outline.

import { get } from "./request.js";

/** @typedef {import("./types.js").BankFilter} BankFilter */
/** @typedef {import("./types.js").BankQuestion} BankQuestion */
/** @typedef {import("./types.js").Question} Question */
/** @typedef {import("./types.js").SearchAnswer} SearchAnswer */

/** How many questions are asked for by their ids at once. */
const MOST_LEARNED = 100;

/**
 * @param {string[][] | { [name: string]: string }} query
 * @returns {Promise<SearchAnswer>}
 */
const search = (query) => get(`/staff/bank/get/found?${new URLSearchParams(query)}`);

export class BankQuestions {
  /**
   * Undefined for one that was asked for and has not come.
   * @type {Map<string, BankQuestion | undefined>}
   */
  #byId = new Map();

  /** @param {string | undefined} id */
  get(id) {
    return this.#byId.get(id ?? "");
  }

  /**
   * Learns the words of questions that a test names; `learned` hears when there are new ones.
   * @param {string[]} ids
   * @param {() => void} learned
   */
  async learn(ids, learned) {
    const unknown = [...new Set(ids)].filter((id) => id && !this.#byId.has(id)).slice(0, MOST_LEARNED);
    for (const id of unknown) this.#byId.set(id, undefined);
    const answers = await Promise.all(unknown.map((id) => search({ id })));
    const found = answers.filter((answer) => answer.status === 200);
    for (const { questions } of found) this.#remember(questions);
    if (found.length) learned();
  }

  /**
   * Approved questions that fit.
   * @param {{ q: string, folder: string, label: string }} query  blank is any
   */
  async search(query) {
    const answer = await search(Object.entries(query).filter(([, value]) => value !== ""));
    if (answer.status === 200) this.#remember(answer.questions);
    return answer;
  }

  /**
   * Approved questions that a pool can draw from now.
   * @param {BankFilter} filter
   */
  matching({ folder, labels = [], tags = {} }) {
    const pairs = [
      ...labels.map((label) => ["label", label]),
      ...Object.entries(tags).map(([name, value]) => ["tag", `${name}:${value}`]),
    ];
    // A point asks for what is in no folder; without the parameter it is any.
    if (folder !== undefined) pairs.push(["folder", folder === "" ? "." : folder]);
    return search(pairs);
  }

  /**
   * The document of a question, to be copied.
   * @param {string} id
   */
  async document(id) {
    /** @type {{ status: number } & Question} */
    const { status, ...document } = await get(`/staff/bank/${encodeURIComponent(id)}/get/document.json`);
    return { status, document };
  }

  /** @param {BankQuestion[]} questions */
  #remember(questions) {
    for (const question of questions) this.#byId.set(question.id, question);
  }
}
