// @ts-check
// Requests of the editors to the server. No answer at all is status 0, a page to sign in is status 401.

/** @type {Record<number, string>} */
const REASONS = {
  0: "The server cannot be reached.",
  401: "You are no longer signed in: sign in again in another tab.",
  403: "Your roles do not include this.",
  404: "This does not exist any more.",
};

/**
 * Why the server did not do it, in a sentence.
 * @param {number} status
 */
export const reasonOf = (status) => REASONS[status] ?? "The server could not do this.";

/**
 * Sends a body; gives the members of the JSON that comes back, with the status.
 * @template {{ status: number }} Answer
 * @param {string} address
 * @param {object} body
 * @returns {Promise<Answer>}
 */
export function post(address, body) {
  return request(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/**
 * @template {{ status: number }} Answer
 * @param {string} address
 * @returns {Promise<Answer>}
 */
export const get = (address) => request(address, { headers: { Accept: "application/json" } });

/**
 * @template {{ status: number }} Answer
 * @param {string} address
 * @param {RequestInit} options
 * @returns {Promise<Answer>}
 */
async function request(address, options) {
  return /** @type {Answer} */ (await answerOf(address, options));
}

/**
 * @param {string} address
 * @param {RequestInit} options
 */
async function answerOf(address, options) {
  try {
    const response = await fetch(address, options);
    // Whoever is not signed in is sent to a page to sign in.
    if (response.redirected || response.status === 401) return { status: 401 };
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return { status: response.status, ...(isJson ? await response.json() : {}) };
  } catch {
    return { status: 0 };
  }
}
