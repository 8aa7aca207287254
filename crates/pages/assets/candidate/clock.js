// Shows the clocks as the server's run. Its answers say what is left; the device's own clock is never asked.

import { announce, say } from "./ask.js";

const WARNINGS = [600, 300, 60, 10];

function written(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function warning(seconds) {
  if (seconds === 60) return say("minute");
  return seconds > 60 ? say("minutes", { n: seconds / 60 }) : say("seconds", { n: seconds });
}

export class Clocks {
  /**
   * `nearly()` is called before a clock ends, `warned()` when its last minute begins, `over(name)` when it has ended,
   * `slept()` when the device has slept.
   */
  constructor({ nearly, warned, over, slept }) {
    Object.assign(this, { nearly, warned, over, slept });
    this.ends = new Map();
    this.told = new Map();
    this.last = performance.now();
    setInterval(() => this.tick(), 250);
  }

  /** What the server said is left. */
  set(clocks) {
    for (const name of ["test", "section", "page"]) {
      const left = clocks[`${name}Millis`];
      if (left === null || left === undefined) {
        this.ends.delete(name);
        this.told.delete(name);
        continue;
      }
      this.ends.set(name, performance.now() + left);
      // Only what lies ahead is warned of.
      if (!this.told.has(name)) this.told.set(name, left / 1000);
      if (left / 1000 > this.told.get(name)) this.told.set(name, left / 1000);
    }
    this.show();
  }

  left(name) {
    return Math.max(0, Math.ceil((this.ends.get(name) - performance.now()) / 1000));
  }

  /** Whether the last minute of a clock runs. */
  isShort() {
    return [...this.ends.keys()].some((name) => this.left(name) <= 60);
  }

  tick() {
    const now = performance.now();
    if (now - this.last > 5000) this.slept();
    this.last = now;
    this.show();
    for (const name of [...this.ends.keys()]) {
      const left = this.left(name);
      const due = WARNINGS.find((seconds) => left <= seconds && this.told.get(name) > seconds);
      if (due) {
        this.told.set(name, left);
        if (left <= 60) this.warned();
        if (left > 0) announce(warning(WARNINGS.findLast((seconds) => left <= seconds)));
      }
      if (left <= 2 && left > 0) this.nearly();
      if (left === 0) {
        this.ends.delete(name);
        this.told.delete(name);
        this.over(name);
      }
    }
  }

  show() {
    for (const line of document.querySelectorAll("[data-clock]")) {
      const name = line.dataset.clock;
      line.hidden = !this.ends.has(name);
      if (line.hidden) continue;
      const left = this.left(name);
      const text = written(left);
      const digits = line.querySelector("b");
      if (digits.textContent !== text) digits.textContent = text;
      line.classList.toggle("late", left <= 60);
      line.classList.toggle("soon", left > 60 && left <= 300);
    }
  }
}
