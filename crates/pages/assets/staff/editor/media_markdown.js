// @ts-check
// How a medium is written in a text.

/**
 * What is said beside a medium.
 * @typedef {{ description: string, captions?: string, plays?: number }} MediaWords
 */

/**
 * A description within the brackets of Markdown: on one line, with nothing in it that ends them.
 * @param {string} text
 */
const inBrackets = (text) =>
  text
    .replace(/\s+/gu, " ")
    .trim()
    .replace(/[\\[\]*_`<>$]/gu, "\\$&");

/**
 * The Markdown of a medium.
 * @param {string} media  its digest
 * @param {MediaWords} words
 */
export function markdownOf(media, { description, captions, plays }) {
  const query = [captions && `captions=${captions}`, plays && `plays=${plays}`].filter(Boolean).join("&");
  return `![${inBrackets(description)}](asset:${media}${query && `?${query}`})`;
}
