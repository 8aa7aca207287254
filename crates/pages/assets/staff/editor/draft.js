// @ts-check
// The device's copy of what is not saved yet. A draft outlives an update of the server: its form is not to be changed.

/** @param {string} name */
const storageKey = (name) => `assay-draft-${name}`;

/**
 * Keeps a document with the digest of the version it is based on; false when the device has no room.
 * @param {string} name
 * @param {string} based
 * @param {object} content
 */
export function keepDraft(name, based, content) {
  try {
    localStorage.setItem(storageKey(name), JSON.stringify({ based, text: JSON.stringify(content), at: Date.now() }));
    return true;
  } catch {
    return false;
  }
}

/**
 * The copy, if there is one that differs from what the server has.
 * @template {object} Content
 * @param {string} name
 * @param {Content} saved
 * @returns {{ based: string, content: Content } | undefined}
 */
export function recallDraft(name, saved) {
  try {
    const draft = JSON.parse(localStorage.getItem(storageKey(name)) ?? "null");
    if (!draft || draft.text === JSON.stringify(saved)) return undefined;
    return { based: draft.based, content: JSON.parse(draft.text) };
  } catch {
    return undefined;
  }
}

/** @param {string} name */
export function forgetDraft(name) {
  localStorage.removeItem(storageKey(name));
}
