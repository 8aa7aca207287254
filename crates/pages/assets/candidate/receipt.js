// @ts-check
// The receipt, on the device where the test was taken: says whether everything that was entered here has arrived, and
// shows what has not, so that it can be given to staff.

import { Answers } from "./answers.js";
import { say } from "./ask.js";
import { device } from "./device.js";
import { dataOf, getElement } from "../dom.js";
import { savedAnswers } from "./request.js";
import { Uploads } from "./uploads.js";
import * as store from "./upload_store.js";

/**
 * What has not arrived: an answer with its text, or a file.
 * @typedef {{ slot: number, text?: string, note?: string, name?: string, blob?: Blob }} Left
 */

const card = getElement(document, "[data-receipt-of]");
const instance = dataOf(card, "receiptOf");
const api = dataOf(card, "api");
const prefix = `assay/${instance}/`;
const PATIENCE = 8000;

/**
 * Asks the server once more: an acknowledgement may have been lost on the way while the page went away.
 * @returns {Promise<Left[]>}
 */
async function answersLeft() {
  const answers = new Answers(api, instance, { onSlotChange() {}, connection() {} });
  if (device.keys(answers.prefix).length === 0) return [];
  try {
    answers.load(await savedAnswers(api));
    await answers.flush(PATIENCE);
  } catch {
    // Without an answer what is still here is told.
  }
  answers.isStopped = true;
  return answers.missing().map((slot) => {
    if (answers.record(slot).code === "lost") return { slot, note: say("why_lost") };
    return { slot, text: textOf(answers.current(slot)) };
  });
}

/** @returns {Promise<Left[]>} */
async function filesLeft() {
  const uploads = new Uploads(api, instance, { onSlotChange() {}, attach() {} });
  uploads.handOver();
  await uploads.load();
  return [...uploads.all.values()].map(({ slot, name, state, code, blob }) => {
    const why = state === "refused" ? say(code ?? "file_failed") : say("file_interrupted_late");
    return { slot, note: `${name}: ${why}`, name, blob };
  });
}

/**
 * What can be read of an answer: keys of choices say nothing.
 * @param {import("./writes.js").Answer} response
 */
function textOf(response) {
  if (typeof response === "string") {
    const isRich = /<\w+>/.test(response);
    if (!isRich) return response;
    const lines = response.replace(/<\/(p|li|h\d)>|<br>/g, "$&\n");
    return new DOMParser().parseFromString(lines, "text/html").body.textContent ?? "";
  }
  if (!response || Array.isArray(response)) return "";
  return Object.values(response)
    .map((row) => (typeof row === "string" ? "" : Object.values(row).join(", ")))
    .filter(Boolean)
    .join("\n");
}

/** @param {Left} left */
function row({ slot, text, note, name, blob }) {
  const item = document.createElement("li");
  const head = document.createElement("b");
  head.textContent = say("question_no", { n: slot });
  item.append(head, note ? ` · ${note}` : "");
  if (text) {
    const quote = document.createElement("blockquote");
    quote.textContent = text;
    item.append(quote);
  }
  if (blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name ?? "";
    link.textContent = say("file_save");
    item.append(" ", link);
  }
  return item;
}

function forget() {
  for (const key of device.keys(prefix)) device.remove(key);
  store.clear(instance);
}

/** @param {Left[]} left */
function show(left) {
  const notice = getElement(card, "[data-left-behind]");
  getElement(notice, "[data-left-list]").replaceChildren(...left.map(row));
  notice.hidden = false;
  card.classList.add("incomplete");
  getElement(notice, "[data-forget]").addEventListener("click", () => {
    forget();
    notice.hidden = true;
  });
}

async function look() {
  const isWhereItWasTaken = device.keys(prefix).length > 0;
  const left = [...(await answersLeft()), ...(await filesLeft())].sort((a, b) => a.slot - b.slot);
  if (left.length > 0) return show(left);
  forget();
  // Another device knows only what the server has; this one knows what was entered here.
  if (!isWhereItWasTaken) return;
  getElement(card, "[data-arrived]").hidden = false;
}
await look();
card.dataset.looked = "";
