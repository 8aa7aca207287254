// The receipt, on the device where the test was taken: says whether everything that was entered here has arrived, and
// shows what has not, so that it can be given to staff.

import { Answers } from "./answers.js";
import { device, say } from "./ask.js";
import { Uploads } from "./uploads.js";
import * as store from "./upload_store.js";

const card = document.querySelector("[data-receipt-of]");
const { receiptOf: instance, api } = card.dataset;
const prefix = `assay/${instance}/`;
const PATIENCE = 8000;

/** Asks the server once more: an acknowledgement may have been lost on the way while the page went away. */
async function answersLeft() {
  const answers = new Answers(api, instance, { told() {}, connection() {} });
  if (device.keys(answers.prefix).length === 0) return [];
  try {
    const response = await fetch(`${api}/answers`, { cache: "no-store" });
    answers.load((await response.json()).answers);
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

async function filesLeft() {
  const uploads = new Uploads(api, instance, { told() {}, attach() {} });
  uploads.handOver();
  await uploads.load();
  return [...uploads.all.values()].map(({ slot, name, state, code, blob }) => {
    const why = state === "refused" ? say(code) : say("file_interrupted_late");
    return { slot, note: `${name}: ${why}`, name, blob };
  });
}

/** What can be read of an answer: keys of choices say nothing. */
function textOf(response) {
  if (typeof response === "string") {
    const isRich = /<\w+>/.test(response);
    if (!isRich) return response;
    return new DOMParser().parseFromString(response.replace(/<\/(p|li|h\d)>|<br>/g, "$&\n"), "text/html").body
      .textContent;
  }
  if (!response || Array.isArray(response)) return "";
  return Object.values(response)
    .map((row) => (typeof row === "string" ? "" : Object.values(row).join(", ")))
    .filter(Boolean)
    .join("\n");
}

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
    link.download = name;
    link.textContent = say("file_save");
    item.append(" ", link);
  }
  return item;
}

function forget() {
  for (const key of device.keys(prefix)) device.remove(key);
  store.clear(instance);
}

function show(left) {
  const notice = card.querySelector("[data-left-behind]");
  notice.querySelector("[data-left-list]").replaceChildren(...left.map(row));
  notice.hidden = false;
  card.classList.add("incomplete");
  notice.querySelector("[data-forget]").addEventListener("click", () => {
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
  card.querySelector("[data-arrived]").hidden = false;
}
await look();
card.dataset.looked = "";
