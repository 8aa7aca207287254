// @ts-check
// Puts a copy of a question into the bank; the test takes it from there from now on if that is wished.

import { post, reasonOf } from "./request.js";

/** @typedef {import("./types.js").SaveAnswer<import("./types.js").SavedQuestion>} DepositAnswer */

/**
 * @param {import("./test_editor.js").TestEditor} editor
 * @param {import("./types.js").Entry[]} list
 * @param {number} index
 */
export async function depositQuestion(editor, list, index) {
  const { bar, bank, selected } = editor;
  bar.say("Putting it into the bank …");
  const answer = await deposit(list[index]);
  if (answer.status === 422) {
    bar.say("Not put into the bank: the question has errors.", "bad");
    return editor.showFaults(answer.faults.map((fault) => ({ ...fault, pointer: selected + fault.pointer })));
  }
  if (answer.status !== 200) return bar.say(reasonOf(answer.status), "bad");
  const isApproved = answer.state === "approved";
  bar.say(
    isApproved
      ? "It is in the bank and approved."
      : "It is in the bank, waiting for approval. This test keeps its own copy.",
    "good",
  );
  // A test takes nothing that is not approved; and the question may have been removed meanwhile.
  if (!isApproved || list[index] === undefined) return;
  const follows = window.confirm(
    "It is in the bank now. Should this test use it from there, with all later changes? Otherwise the test keeps its own copy.",
  );
  if (!follows) return;
  const { pinned } = list[index];
  list[index] = { ref: { questionId: answer.question }, ...(pinned ? { pinned } : {}) };
  bank.learn([answer.question], () => editor.drawOutline());
  editor.replaced();
}

/**
 * @param {import("./types.js").Entry} entry
 * @returns {Promise<DepositAnswer>}
 */
async function deposit(entry) {
  // In the bank it is a question of its own.
  const { uuid: _, ...question } = entry;
  const text = JSON.stringify(question);
  /** @type {DepositAnswer} */
  const answer = await post("/staff/bank/do/save", { text, approve: true });
  // Whoever may not approve submits.
  return answer.status === 403 ? post("/staff/bank/do/save", { text }) : answer;
}
