// @ts-check
// Sends one file until the server has it or will not have it.

import { meaning, retryAfter } from "./writes.js";

/** Without a sign of life for so long a transfer is begun anew. */
const STALLED_MILLIS = 60_000;
const LONGEST_WAIT = 15_000;

/**
 * What the server said of a file.
 * @typedef {{ id: string }} SavedFile
 */

/**
 * What became of a file: it is kept, or will not be had.
 * @typedef {{ stored: SavedFile, code?: undefined, status?: undefined }
 *   | { stored?: undefined, code: string, status: number }} Outcome
 */

/**
 * One try; `onProgress(share)` hears how far it is. Status 0 is no answer.
 * @param {string} url
 * @param {Blob} blob
 * @param {(share: number) => void} onProgress
 * @param {AbortSignal} [signal]
 * @returns {Promise<{ status: number, body: Partial<SavedFile & { code: string }> | null, wait: number }>}
 */
function post(url, blob, onProgress, signal) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let watchdog;
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => request.abort(), STALLED_MILLIS);
    };
    const stop = () => request.abort();
    request.open("POST", url);
    request.setRequestHeader("Content-Type", blob.type || "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      alive();
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onloadend = () => {
      clearTimeout(watchdog);
      signal?.removeEventListener("abort", stop);
      resolve({
        status: request.status,
        body: request.response,
        wait: retryAfter(request.getResponseHeader("Retry-After")),
      });
    };
    signal?.addEventListener("abort", stop);
    alive();
    request.send(blob);
  });
}

/**
 * Those who wait for the next try, unless the server asked them to.
 * @type {Set<() => void>}
 */
const waiting = new Set();

/** The server has answered somebody: whoever waits for the connection tries at once. */
export function retryNow() {
  for (const end of waiting) end();
}

/**
 * Ready after so many milliseconds, when the signal says so, or when the connection is back.
 * @param {number} millis
 * @param {AbortSignal | undefined} signal
 * @param {boolean} isAsked  the server asked for it
 */
function pause(millis, signal, isAsked) {
  return new Promise((/** @type {(nothing?: undefined) => void} */ resolve) => {
    const end = () => {
      clearTimeout(timer);
      waiting.delete(end);
      resolve();
    };
    const timer = setTimeout(end, millis);
    signal?.addEventListener("abort", end, { once: true });
    if (!isAsked) waiting.add(end);
  });
}

/**
 * Gives `{stored}`, or `{code, status}` of what will not be had, or nothing when `signal` ended it. `onProgress(share, seconds)`
 * hears a share below 0 when it waits. One that is patient waits for staff and for the session as well; `session()` hears
 * of an ended one.
 * @param {string} url
 * @param {Blob} blob
 * @param {(share: number, seconds?: number) => unknown} [onProgress]
 * @param {{ signal?: AbortSignal, isPatient?: boolean, session?: () => void }} [about]
 * @returns {Promise<Outcome | undefined>}
 */
export async function send(url, blob, onProgress = () => {}, { signal, isPatient = false, session = () => {} } = {}) {
  for (let tries = 1; !signal?.aborted; tries += 1) {
    const { status, body, wait } = await post(url, blob, onProgress, signal);
    if (signal?.aborted) return undefined;
    const isSuccess = status >= 200 && status < 300;
    if (isSuccess && body?.id) return { stored: { id: body.id } };
    // A success without an id is of something else on the way, such as the page of a network that wants a log-in.
    const meant = meaning({ status: isSuccess ? 0 : status, code: body?.code ?? "" });
    if (meant === "session") session();
    const isFinal = meant === "bad" || (!isPatient && (meant === "session" || meant === "off"));
    if (isFinal) return { code: body?.code ?? "", status };
    const seconds = Math.max(wait, Math.min(2 ** (tries - 1), LONGEST_WAIT / 1000));
    onProgress(-1, seconds);
    await pause(seconds * 1000, signal, wait > 0);
  }
  return undefined;
}
