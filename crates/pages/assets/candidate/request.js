// @ts-check
// One request to the delivery API, and what its failure is.

import { patience, retryAfter } from "./writes.js";

/**
 * What the server has of a slot; `receivedAt` in seconds since the epoch.
 * @typedef {{ slot: number, seq: number, response: import("./writes.js").Answer, receivedAt: number }
 *   & import("./understanding.js").Understood} SavedAnswer
 */

/** A request that the server, or something on the way, did not do. */
export class Refused extends Error {
  /**
   * @param {number} status  0 when there was no answer
   * @param {{ code?: string, slots?: number[] }} [body]
   * @param {number} [wait]  seconds the server asks to wait
   */
  constructor(status, body, wait = 0) {
    super(body?.code ?? `status ${status}`);
    this.status = status;
    this.code = body?.code ?? "";
    this.slots = body?.slots ?? [];
    this.wait = wait;
  }
}

/** @typedef {{ pageNo: number, sectionNo: number, locked: boolean }} PageState */

/**
 * How an instance stands, as the delivery API says it.
 * @typedef {object} InstanceState
 * @property {string} state
 * @property {number} serverTimeMillis
 * @property {number | null} currentPage
 * @property {PageState[]} pages
 * @property {import("./clock.js").Clocks} clocks
 * @property {{ slot: number, seq: number }[]} answers
 * @property {number[]} uploads  slots that files are on their way to, from whichever device
 */

/** @param {unknown} error */
export function refusedOf(error) {
  return error instanceof Refused ? error : new Refused(0, { code: String(error) });
}

/**
 * One request to the delivery API.
 * @param {string} api
 * @param {string} path
 * @param {object | null} [body]  undefined asks, anything else is posted
 * @returns {Promise<unknown>}
 */
export async function call(api, path, body, keepalive = false) {
  const aborter = new AbortController();
  const text = body ? JSON.stringify(body) : undefined;
  const timer = setTimeout(() => aborter.abort(), patience(text?.length ?? 0));
  let response;
  let answer;
  try {
    response = await fetch(api + path, {
      method: body === undefined ? "GET" : "POST",
      headers: body ? { "Content-Type": "application/json" } : {},
      body: text,
      signal: aborter.signal,
      cache: "no-store",
      keepalive,
    });
    answer = await response.json().catch(() => undefined);
  } catch (error) {
    throw refusedOf(error);
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok || answer === undefined) {
    throw new Refused(response.ok ? 0 : response.status, answer, retryAfter(response.headers.get("Retry-After")));
  }
  return answer;
}

/**
 * What the server has of all slots.
 * @param {string} api
 */
export async function savedAnswers(api) {
  const body = /** @type {{ answers?: SavedAnswer[] } | null} */ (await call(api, "/answers"));
  // A success without them is of something else on the way.
  if (!Array.isArray(body?.answers)) throw new Refused(0, { code: "no_answers" });
  return body.answers;
}

/**
 * How the instance stands.
 * @param {string} api
 */
export async function instanceState(api) {
  const state = /** @type {InstanceState | null} */ (await call(api, ""));
  if (state?.serverTimeMillis === undefined) throw new Refused(0, { code: "no_state" });
  return state;
}
