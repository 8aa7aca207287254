// What a write of an answer is, apart from where it is kept and how it is sent: comparing, batching, and what the
// server's or a proxy's answer means for it. Knows no page, so that it is tested without a browser.

/** Writes in one request. */
const MOST_WRITES = 50;
/** A batch of several stays below this, so that it gets through where one large answer does not. */
const BATCH_BYTES = 200_000;
/** An answer of more bytes may be what breaks a connection; a smaller one is never blamed for it. */
export const LARGE_BYTES = 200_000;
/** Beside the writes themselves. */
const ENVELOPE_BYTES = 200;

/** Equal as the server sees it: the order in an object or a list of choices means nothing. */
export function same(a, b) {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value) {
  if (Array.isArray(value)) return [...value].sort();
  if (value && typeof value === "object") {
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((key) => [key, sorted(value[key])]),
    );
  }
  return value;
}

export function isBlank(response) {
  if (response === null || response === undefined) return true;
  if (typeof response === "string") return response.replace(/<[^>]*>|&nbsp;/g, "").trim() === "";
  if (Array.isArray(response)) return response.length === 0;
  return Object.values(response).every((value) => isBlank(value));
}

/** Half a surrogate pair is no text: every one becomes U+FFFD, as the server reads it. */
export function wellFormed(value) {
  if (typeof value === "string") return whole(value);
  if (Array.isArray(value)) return value.map(wellFormed);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [whole(key), wellFormed(inner)]));
  }
  return value;
}

function whole(text) {
  // Browsers before 2023 have no toWellFormed.
  return (
    text.toWellFormed?.() ??
    text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "\uFFFD")
  );
}

/** Bytes of a value in a request. */
export function bytesOf(value) {
  return new TextEncoder().encode(JSON.stringify(value) ?? "").length;
}

/** Whether a response fits into a request of at most so many bytes. A short text is not measured. */
export function fits(response, mostBytes) {
  if (typeof response === "string" && response.length * 6 < mostBytes - ENVELOPE_BYTES) return true;
  return bytesOf(response) <= mostBytes - ENVELOPE_BYTES;
}

/** The first writes that go into one request: one at least. */
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

/** How long a request may take, in milliseconds: a large one longer, on a slow line as well. */
export function patience(bytes) {
  return Math.min(15_000 + bytes / 8, 180_000);
}

/** "Try again later", whatever was sent. */
const LATER = [408, 425, 429];

/**
 * What a failed request means. `meaning`:
 * - `session`: the log-in has ended;
 * - `off`: staff have switched it off;
 * - `bad`: something in it was not taken, so the same again is refused again;
 * - `busy`: the server asks to wait;
 * - `trouble`: the server, or what is before it, failed;
 * - `offline`: there was no answer at all.
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

/** The code of a write that was refused alone with a request of this status. */
export function refusalCode({ status, code }) {
  if (status === 413 || status === 414 || status === 431) return "response_too_long";
  return code || "unreadable";
}

/** Seconds a `Retry-After` asks to wait, bounded; 0 without one. */
export function retryAfter(header, now = Date.now()) {
  if (!header) return 0;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 0), 600) : 0;
}
