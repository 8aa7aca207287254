// @ts-check
// What a write of an answer is, apart from where it is kept and how it is sent: comparing, batching, and what the
// server's or a proxy's answer means for it. Knows no page, so that it is tested without a browser.

/**
 * The cells of a table that are filled, by row and column.
 * @typedef {{ [row: string]: { [column: string]: string } }} Cells
 */

/**
 * What a question was answered with, as the delivery API has it: keys of choices or ids of files, a text, the option of
 * each item, or the cells of a table.
 * @typedef {string | string[] | { [item: string]: string } | Cells | null | undefined} Answer
 */

/** @typedef {{ slot: number, seq: number, response: Answer }} Write */

/**
 * A request that failed: its status, 0 when there was no answer, and the code of our server, if it was ours.
 * @typedef {{ status: number, code: string }} Failure
 */

/** Writes in one request. */
const MOST_WRITES = 50;
/** A batch of several stays below this, so that it gets through where one large answer does not. */
const BATCH_BYTES = 200_000;
/** An answer of more bytes may be what breaks a connection; a smaller one is never blamed for it. */
export const LARGE_BYTES = 200_000;
/** Beside the writes themselves. */
const ENVELOPE_BYTES = 200;

/**
 * The keys or ids that an answer chooses.
 * @param {Answer} answer
 */
export function chosenOf(answer) {
  return Array.isArray(answer) ? answer : [];
}

/**
 * The option that an answer gives an item. A key may be any word, that of a property of every object as well.
 * @param {Answer} answer
 * @param {string} item
 */
export function optionOf(answer, item) {
  const option = own(answer, item);
  return typeof option === "string" ? option : "";
}

/**
 * What an answer has in the cell of a table.
 * @param {Answer} answer
 * @param {string} row
 * @param {string} column
 */
export function cellOf(answer, row, column) {
  const cell = own(own(answer, row), column);
  return typeof cell === "string" ? cell : "";
}

/**
 * The answer that has these cells.
 * @param {{ row: string, column: string, value: string }[]} cells
 * @returns {Cells}
 */
export function cellsOf(cells) {
  /** @type {Map<string, [string, string][]>} */
  const rows = new Map();
  for (const { row, column, value } of cells) {
    if (value.trim()) rows.set(row, [...(rows.get(row) ?? []), [column, value]]);
  }
  return Object.fromEntries([...rows].map(([row, columns]) => [row, Object.fromEntries(columns)]));
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {unknown}
 */
function own(value, name) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value)).get(name);
}

/**
 * Equal as the server sees it: the order in an object or a list of choices means nothing.
 * @param {Answer} a
 * @param {Answer} b
 */
export function same(a, b) {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

/**
 * @param {unknown} value
 * @returns {unknown}
 */
function sorted(value) {
  if (Array.isArray(value)) return [...value].sort();
  if (value && typeof value === "object") {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
  }
  return value;
}

/**
 * @param {Answer} response
 * @returns {boolean}
 */
export function isBlank(response) {
  if (response === null || response === undefined) return true;
  if (typeof response === "string") return response.replace(/<[^>]*>|&nbsp;/g, "").trim() === "";
  if (Array.isArray(response)) return response.length === 0;
  return Object.values(response).every((value) => isBlank(value));
}

/**
 * Half a surrogate pair is no text: every one becomes U+FFFD, as the server reads it.
 * @template T
 * @param {T} value
 * @returns {T}
 */
export function wellFormed(value) {
  return /** @type {T} */ (repaired(value));
}

/**
 * @param {unknown} value
 * @returns {unknown}
 */
function repaired(value) {
  if (typeof value === "string") return whole(value);
  if (Array.isArray(value)) return value.map(repaired);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [whole(key), repaired(inner)]));
  }
  return value;
}

/** @param {string} text */
function whole(text) {
  // Browsers before 2023 have no toWellFormed.
  return (
    text.toWellFormed?.() ??
    text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "\uFFFD")
  );
}

/**
 * Bytes of a value in a request.
 * @param {unknown} value
 */
export function bytesOf(value) {
  return new TextEncoder().encode(JSON.stringify(value) ?? "").length;
}

/**
 * Whether a response fits into a request of at most so many bytes. A short text is not measured.
 * @param {Answer} response
 * @param {number} mostBytes
 */
export function fits(response, mostBytes) {
  if (typeof response === "string" && response.length * 6 < mostBytes - ENVELOPE_BYTES) return true;
  return bytesOf(response) <= mostBytes - ENVELOPE_BYTES;
}

/**
 * The first writes that go into one request: one at least.
 * @param {Write[]} writes
 */
export function batch(writes, bytes = BATCH_BYTES) {
  let left = bytes;
  const taken = [];
  for (const write of writes) {
    left -= bytesOf(write);
    if (taken.length > 0 && (left < 0 || taken.length === MOST_WRITES)) break;
    taken.push(write);
  }
  return taken;
}

/**
 * How long a request may take, in milliseconds: a large one longer, on a slow line as well.
 * @param {number} bytes
 */
export function patience(bytes) {
  return Math.min(15_000 + bytes / 8, 180_000);
}

/** "Try again later", whatever was sent. */
const LATER = [408, 425, 429];

/**
 * What a failed request means:
 * - `session`: the log-in has ended;
 * - `off`: staff have switched it off;
 * - `bad`: something in it was not taken, so the same again is refused again;
 * - `busy`: the server asks to wait;
 * - `trouble`: the server, or what is before it, failed;
 * - `offline`: there was no answer at all.
 * @param {Failure} failure
 * @returns {"session" | "off" | "bad" | "busy" | "trouble" | "offline"}
 */
export function meaning({ status, code }) {
  if (status === 0) return "offline";
  if (status === 401 || (status === 404 && code)) return "session";
  // Ours has a code; what stands before the server, such as a filter of texts, has none.
  if (status === 403 && code) return "off";
  // Waiting makes no room for it, and a shorter answer to another question may fit.
  if (code === "too_many_versions") return "bad";
  if (LATER.includes(status) || status === 503) return "busy";
  // Without a code of ours it comes from something else on the way, such as a proxy that does not find the server.
  if (status >= 500 || status === 404 || status === 407) return "trouble";
  return "bad";
}

/**
 * The code of a write that was refused alone with a request of this status.
 * @param {Failure} failure
 */
export function refusalCode({ status, code }) {
  if (status === 413 || status === 414 || status === 431) return "response_too_long";
  return code || "unreadable";
}

/**
 * Seconds a `Retry-After` asks to wait, bounded; 0 without one.
 * @param {string | null} header
 */
export function retryAfter(header, now = Date.now()) {
  if (!header) return 0;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 0), 600) : 0;
}
