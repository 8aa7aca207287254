// @ts-check
// Sends a file to the library, with how far it is, and says in plain words why one was not taken.

/** @typedef {import("./types.js").Medium} Medium */

/**
 * What became of a file: the medium, or why there is none.
 * @typedef {{ medium: Medium } | { reason: string }} Uploaded
 */

const MEBIBYTE = 2 ** 20;

const TYPES =
  "Pictures (PNG, JPEG, GIF, WebP, AVIF, SVG), sound (MP3, M4A, OGG, WAV), video (MP4, WebM), captions (VTT) and PDF can be used.";

/** @param {number} bytes */
export const sizeText = (bytes) =>
  bytes < MEBIBYTE ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / MEBIBYTE).toFixed(1)} MB`;

/**
 * Why a file was not taken, in a sentence.
 * @param {number} status
 * @param {{ code?: string, limit?: number }} body
 */
export function reasonOfUpload(status, { code, limit = 0 }) {
  if (status === 401) return "You are no longer signed in: sign in again in another tab.";
  if (status === 403) return "Your roles do not include adding files.";
  if (code === "empty") return "The file is empty.";
  if (code === "type") return `This kind of file cannot be shown in a question. ${TYPES}`;
  if (code === "bytes") return `The file is too large: at most ${sizeText(limit)}.`;
  if (code === "share")
    return `The library is full (${sizeText(limit)}). Remove files that are not used, or ask whoever runs the server for more room.`;
  if (code === "slow") return "The file came too slowly. Check your connection and try again.";
  if (status === 0) return "The file did not arrive. Check your connection and try again.";
  return "The server could not take the file. Try again later.";
}

/**
 * @param {File} file
 * @param {(share: number) => void} progress  hears of the share that was sent, 0 to 1
 * @returns {Promise<Uploaded>}
 */
export function upload(file, progress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/staff/media/do/upload?name=${encodeURIComponent(file.name)}`);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    });
    request.addEventListener("loadend", () => {
      // Whoever is not signed in is sent to a page to sign in.
      const isElsewhere = request.responseURL !== "" && !request.responseURL.includes("/staff/media/");
      const status = isElsewhere ? 401 : request.status;
      const body = request.response ?? {};
      resolve(status === 200 && body.media ? { medium: body } : { reason: reasonOfUpload(status, body) });
    });
    request.send(file);
  });
}
