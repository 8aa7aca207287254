// @ts-check
// What the server found wrong in a document, by place. Advice does not prevent saving.

/** @typedef {import("./types.js").Fault} Fault */

/** @param {Fault} fault */
export const isAdvice = (fault) => fault.code.startsWith("warn_");

/** @param {Fault} fault */
export const sentenceOf = (fault) => fault.message + (fault.detail ? `: ${fault.detail}` : "");

export class Faults {
  /** @param {Fault[]} [list] */
  constructor(list = []) {
    this.list = list;
  }

  /**
   * What is said at a place, or with `isBelow` at the first one at or below it.
   * @param {string} pointer
   */
  at(pointer, isBelow = false) {
    const found = this.list.find(
      (fault) => fault.pointer === pointer || (isBelow && fault.pointer.startsWith(`${pointer}/`)),
    );
    return found && sentenceOf(found);
  }

  /**
   * Whether anything is said below a place, but not at or below one of the others there.
   * @param {string} pointer
   * @param {string} except
   */
  isBelow(pointer, except) {
    return this.list.some((fault) => fault.pointer.startsWith(`${pointer}/`) && !fault.pointer.startsWith(except));
  }

  /**
   * How many faults a part has; `holderOf` gives the part that a place belongs to.
   * @param {string} holder
   * @param {(pointer: string) => string} holderOf
   */
  countIn(holder, holderOf) {
    return this.list.filter((fault) => !isAdvice(fault) && holderOf(fault.pointer) === holder).length;
  }
}
