// @ts-check
// The clocks as the server's run. Its answers say what is left; the device's own clock is never asked. Knows no page, so
// that it is tested without a browser.

/** @typedef {"test" | "section" | "page"} ClockName */

/**
 * What the server says is left, in milliseconds; nothing is no limit, or a clock that does not run.
 * @typedef {{ testMillis?: number | null, sectionMillis?: number | null, pageMillis?: number | null }} Clocks
 */

/** Of so many seconds left the candidate is told. */
const WARNINGS = [600, 300, 60, 10];
/** A device that was not heard of for so long has slept. */
const SLEEP_MILLIS = 5000;

/**
 * Seconds as a clock shows them.
 * @param {number} seconds
 */
export function written(seconds) {
  /** @param {number} number */
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/**
 * What hears of clocks: `draw` that they are to be shown, `remind` of seconds that are left, `late` that the last minute
 * of one runs, `nearly` that one ends in a moment, `over` that it has ended, and `slept` that the device has slept.
 * @typedef {object} Listener
 * @property {(clocks: Countdowns) => void} draw
 * @property {(seconds: number) => void} remind
 * @property {() => void} late
 * @property {() => void} nearly
 * @property {(name: ClockName) => void} over
 * @property {() => void} slept
 */

export class Countdowns {
  /**
   * @param {Listener} listener
   * @param {() => number} [now]  milliseconds of a clock that nobody sets
   */
  constructor(listener, now = () => performance.now()) {
    this.listener = listener;
    this.now = now;
    /** @type {Map<ClockName, number>} */
    this.ends = new Map();
    /**
     * The seconds below which nothing was said yet.
     * @type {Map<ClockName, number>}
     */
    this.announced = new Map();
    this.last = now();
  }

  /**
   * What the server said is left.
   * @param {Clocks} clocks
   */
  set(clocks) {
    this.setOne("test", clocks.testMillis);
    this.setOne("section", clocks.sectionMillis);
    this.setOne("page", clocks.pageMillis);
    this.listener.draw(this);
  }

  /**
   * @param {ClockName} name
   * @param {number | null | undefined} left
   */
  setOne(name, left) {
    if (left === null || left === undefined) return this.remove(name);
    this.ends.set(name, this.now() + left);
    // Only what lies ahead is warned of.
    this.announced.set(name, Math.max(this.announced.get(name) ?? 0, left / 1000));
  }

  /** @param {ClockName} name */
  remove(name) {
    this.ends.delete(name);
    this.announced.delete(name);
  }

  /**
   * The seconds that are left of a clock; none when it does not run.
   * @param {ClockName} name
   */
  left(name) {
    const end = this.ends.get(name);
    return end === undefined ? undefined : Math.max(0, Math.ceil((end - this.now()) / 1000));
  }

  /** Whether the last minute of a clock runs. */
  isShort() {
    return [...this.ends.keys()].some((name) => (this.left(name) ?? Infinity) <= 60);
  }

  /** To be called a few times a second. */
  tick() {
    const now = this.now();
    if (now - this.last > SLEEP_MILLIS) this.listener.slept();
    this.last = now;
    this.listener.draw(this);
    for (const name of [...this.ends.keys()]) this.look(name);
  }

  /** @param {ClockName} name */
  look(name) {
    const left = this.left(name);
    if (left === undefined) return;
    const announced = this.announced.get(name) ?? 0;
    if (WARNINGS.some((seconds) => left <= seconds && announced > seconds)) {
      this.announced.set(name, left);
      if (left <= 60) this.listener.late();
      const reached = WARNINGS.findLast((seconds) => left <= seconds);
      if (left > 0 && reached) this.listener.remind(reached);
    }
    if (left <= 2 && left > 0) this.listener.nearly();
    if (left > 0) return;
    this.remove(name);
    this.listener.over(name);
  }
}
