// @ts-check
// A document while it is edited. The device keeps every change until the server has it, so that nothing entered is lost
// when a tab closes, a session ends or the network is gone.

import { forgetDraft, keepDraft, recallDraft } from "./draft.js";

/** @template {object} Content */
export class EditedDocument {
  /**
   * `draftName(id)` tells drafts apart; a new document has no id yet.
   * @param {{ id: string, based: string, content: Content, draftName: (id: string) => string }} saved
   */
  constructor({ id, based, content, draftName }) {
    this.id = id;
    /** The digest of the version that this one is based on: saving is refused when the server has a later one. */
    this.based = based;
    this.content = content;
    this.isChanged = false;
    /** Counts changes, so that what is typed while a request is under way is known to be not in it. */
    this.changes = 0;
    this.draftName = draftName;
  }

  /** Keeps a change on the device; false when there is no room. */
  keep() {
    this.isChanged = true;
    this.changes += 1;
    return keepDraft(this.draftName(this.id), this.based, this.content);
  }

  /**
   * Goes on with what the device has kept. "behind" is a draft of a version that is no longer the latest: it keeps its
   * base, so that saving is refused until the two have been compared.
   * @returns {"none" | "current" | "behind"}
   */
  recall() {
    const draft = recallDraft(this.draftName(this.id), this.content);
    if (!draft) return "none";
    const isBehind = draft.based !== this.based;
    this.content = draft.content;
    this.based = draft.based;
    this.isChanged = true;
    return isBehind ? "behind" : "current";
  }

  discard() {
    forgetDraft(this.draftName(this.id));
    this.isChanged = false;
  }

  /**
   * Takes what the server has saved of the document as it was after so many changes. What was typed since is kept as a
   * draft based on that; false when there is such.
   * @param {{ id: string, based: string, text: string }} saved
   * @param {number} changes
   */
  saved({ id, based, text }, changes) {
    // By the name it had: a new document gets its id now.
    this.discard();
    this.id = id;
    this.based = based;
    if (this.changes !== changes) return false;
    this.content = JSON.parse(text);
    return true;
  }
}
