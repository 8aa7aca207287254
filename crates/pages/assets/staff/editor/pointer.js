// @ts-check
// JSON pointers: how faults, controls and the address of the page name a place of a document.

/** @param {string} name */
export const escapeStep = (name) => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** @param {string} pointer */
export const stepsOf = (pointer) =>
  pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));

/**
 * What stands at a place; undefined where there is none.
 * @param {unknown} document
 * @param {string} pointer
 * @returns {unknown}
 */
export function valueAt(document, pointer) {
  let value = document;
  for (const step of stepsOf(pointer)) {
    if (!value || typeof value !== "object") return undefined;
    value = /** @type {{ [name: string]: unknown }} */ (value)[step];
  }
  return value;
}

/** @param {string} pointer */
export const parentOf = (pointer) => pointer.slice(0, pointer.lastIndexOf("/"));

/**
 * The list that an entry stands in, and its index there.
 * @param {string} pointer
 */
export function placeInList(pointer) {
  return { listPointer: parentOf(pointer), index: Number(pointer.slice(pointer.lastIndexOf("/") + 1)) };
}

/**
 * The id of the control of a place.
 * @param {string} pointer
 */
export const idOf = (pointer) => `at${pointer}`;

/**
 * The place that an element with this id stands for, if it stands for one.
 * @param {string | undefined} id
 */
export const pointerOfId = (id) => (id?.startsWith("at") ? id.slice(2) : undefined);

/**
 * A place in words.
 * @param {string} pointer
 */
export const trailOf = (pointer) => pointer.split("/").filter(Boolean).join(" › ");
