// @ts-check
// What this device keeps for a candidate, and tokens that nobody else has.

/** Visible ASCII that nobody else has. */
export function token() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What may be kept on this device. A browser that keeps nothing is not an error. */
export const device = {
  works: true,

  /** @param {string} key */
  get(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      this.works = false;
      return null;
    }
  },

  /**
   * Gives whether it was kept: a large value may find no room although the browser keeps smaller ones.
   * @param {string} key
   * @param {string} value
   */
  set(key, value) {
    try {
      localStorage.setItem(key, value);
      this.works = true;
      return true;
    } catch (error) {
      this.works = error instanceof Error && error.name === "QuotaExceededError";
      return false;
    }
  },

  /** @param {string} key */
  remove(key) {
    try {
      localStorage.removeItem(key);
    } catch {
      this.works = false;
    }
  },

  /** @param {string} prefix */
  keys(prefix) {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    } catch {
      return [];
    }
  },
};
