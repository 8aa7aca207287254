// @ts-check
// Words with places, sentences for people who do not see the page, and questions in a dialog.

import { number, pluralCategory } from "./locale.js";

/**
 * A text, or its forms by plural category.
 * @typedef {string | Record<string, string>} Text
 */

/** @type {Record<string, Text> | undefined} */
let words;

/**
 * A text of the page with its places filled in; `n` chooses among the forms of a plural.
 * @param {string} name
 * @param {Record<string, string | number | undefined>} [places]
 */
export function say(name, places = {}) {
  words ??= /** @type {Record<string, Text>} */ (JSON.parse(document.body.dataset.words ?? "{}"));
  const text = words[name] ?? name;
  const form = typeof text === "string" ? text : (text[pluralCategory(Number(places.n))] ?? text.other);
  return form.replace(/\{(\w+)\}/g, (whole, place) => {
    const value = places[place] ?? whole;
    return typeof value === "number" ? number(value) : value;
  });
}

/**
 * Tells people who cannot see it.
 * @param {string} text
 */
export function announce(text) {
  const said = document.getElementById("said");
  if (said) said.textContent = said.textContent === text ? `${text}\u00a0` : text;
}

/**
 * Asks a question; gives the number of the button pressed, or -1.
 * @param {string} title
 * @param {string[]} sentences
 * @param {string[]} buttons
 * @returns {Promise<number>}
 */
export function ask(title, sentences, buttons) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "dialog-title");
  const heading = document.createElement("h2");
  heading.id = "dialog-title";
  heading.textContent = title;
  dialog.append(heading);
  for (const sentence of sentences.filter(Boolean)) {
    const line = document.createElement("p");
    line.textContent = sentence;
    dialog.append(line);
  }
  const actions = document.createElement("p");
  actions.className = "actions";
  dialog.append(actions);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let pressed = -1;
    buttons.forEach((text, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      if (index === buttons.length - 1) button.className = "primary";
      button.addEventListener("click", () => {
        pressed = index;
        dialog.close();
      });
      actions.append(button);
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(pressed);
    });
    dialog.showModal();
  });
}
