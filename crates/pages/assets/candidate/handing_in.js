// @ts-check
// Handing in: asked first, and as often as the server finds something to ask.

import { say } from "./ask.js";
import { device, token } from "./device.js";
import { finished, follow } from "./following.js";
import { Refused } from "./request.js";
import { atGate, giveUp, insist, stopped } from "./turning.js";

/** @typedef {import("./sitting.js").Sitting} Sitting */

/** @param {Sitting} sitting */
export async function handIn(sitting) {
  if (sitting.isTurning) return;
  sitting.isTurning = true;
  try {
    sitting.uploads.stopRecordings();
    await sitting.answers.flush(1500);
    // What other devices have saved counts as well.
    await follow(sitting);
    if (!sitting.isLeaving) await submit(sitting);
  } finally {
    sitting.isTurning = false;
  }
}

/** @param {Sitting} sitting */
async function submit(sitting) {
  // The same token after a lost answer gives the same receipt.
  const clientToken = device.get(`${sitting.place}hand-in`) ?? token();
  device.set(`${sitting.place}hand-in`, clientToken);
  /** @type {{ clientToken: string, withoutUploads?: boolean, confirm?: boolean }} */
  const body = { clientToken };
  /** @type {number[]} */
  let required = [];
  /** @type {number[]} */
  let demanded = [];
  /** @type {number[]} */
  let seen = [];
  for (let isAsked = false; ;) {
    if (!isAsked) {
      const look = () => sitting.lists(undefined, required);
      const answer = await atGate(sitting, { words: gateWords(sitting), look, demanded });
      if (!answer) return;
      seen = look().required;
      body.withoutUploads = answer === "without" && sitting.lists().way.length > 0;
      if (answer === "without") giveUp(sitting, [...sitting.uploads.slots()]);
    }
    try {
      await insist(sitting, "/complete", body);
      return finished(sitting);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      isAsked = false;
      if (error.code === "confirmation_needed") {
        required = error.slots;
        body.confirm = true;
        // Who has just read their numbers is not asked a second time.
        isAsked = required.every((slot) => seen.includes(slot));
      } else if (error.code === "required_unanswered") {
        required = demanded = error.slots;
      } else if (error.code === "uploads_under_way") {
        if (sitting.state) sitting.state.uploads = error.slots;
      } else {
        return stopped(sitting, error);
      }
    }
  }
}

/**
 * @param {Sitting} sitting
 * @returns {import("./gate.js").About["words"]}
 */
function gateWords({ slotCount }) {
  return {
    title: say("hand_in_title"),
    lead: ({ answered = [] }) => say("gate_answered", { answered: answered.length, n: slotCount }),
    final: say("hand_in_final"),
    go: say("hand_in"),
    arrived: say("hand_in_arrived"),
    without: say("hand_in_without"),
  };
}
