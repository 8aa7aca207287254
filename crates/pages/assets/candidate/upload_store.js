// @ts-check
// Keeps files and recordings on this device until the server has them, so that a reload does not lose them. A browser
// that keeps nothing is not an error: then they are only as safe as the page.

const NAME = "assay";
const FILES = "uploads";
const CAPTURES = "captures";
/** A file of more bytes is not copied: it would take a phone's room and time. */
const LARGEST = 200_000_000;

/**
 * A file as it is kept.
 * @typedef {{ id: string, instance: string, blob: Blob }} Row
 */

/**
 * A recording that was not sent yet, and where it goes.
 * @typedef {{ id: string, instance: string, url: string, blob: Blob }} Capture
 */

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 2);
    request.onupgradeneeded = () => {
      const database = request.result;
      for (const name of [FILES, CAPTURES]) {
        if (database.objectStoreNames.contains(name)) continue;
        database.createObjectStore(name, { keyPath: "id" }).createIndex("instance", "instance");
      }
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
  return opened;
}

/**
 * Runs one request; nothing when the browser keeps nothing.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(files: IDBObjectStore) => IDBRequest<T>} act
 * @param {string} [name]
 * @returns {Promise<T | undefined>}
 */
async function run(mode, act, name = FILES) {
  try {
    const files = (await open()).transaction(name, mode).objectStore(name);
    return await new Promise((resolve, reject) => {
      const request = act(files);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  } catch {
    return undefined;
  }
}

/**
 * The files of an instance by their ids.
 * @param {string} instance
 */
export async function all(instance) {
  /** @type {Row[]} */
  const rows = (await run("readonly", (files) => files.index("instance").getAll(instance))) ?? [];
  return new Map(rows.map(({ id, blob }) => [id, blob]));
}

/**
 * @param {string} instance
 * @param {string} id
 * @param {Blob} blob
 */
export async function put(instance, id, blob) {
  if (blob.size <= LARGEST) await run("readwrite", (files) => files.put({ id, instance, blob }));
}

/** @param {string} id */
export async function remove(id) {
  await run("readwrite", (files) => files.delete(id));
}

/**
 * Removes all files of an instance.
 * @param {string} instance
 */
export async function clear(instance) {
  for (const id of (await all(instance)).keys()) await remove(id);
}

/**
 * The recordings of an instance that were not sent yet, the oldest first.
 * @param {string} instance
 * @returns {Promise<Capture[]>}
 */
export async function captures(instance) {
  const rows = (await run("readonly", (files) => files.index("instance").getAll(instance), CAPTURES)) ?? [];
  return rows;
}

/** @param {Capture} capture */
export async function putCapture(capture) {
  if (capture.blob.size <= LARGEST) await run("readwrite", (files) => files.put(capture), CAPTURES);
}

/** @param {string} id */
export async function removeCapture(id) {
  await run("readwrite", (files) => files.delete(id), CAPTURES);
}
