// @ts-check
// Shows a picture of a text larger, in a dialog that is worked with keys as well.

import { button, closestTo, element, findElement } from "./dom.js";

/** How many times as wide as it fits. */
const SIZES = [1, 2, 4];

/**
 * Hears of a press at a picture. A press at a picture within a choice chooses; its button enlarges.
 * @param {Event} event
 */
export function enlarge(event) {
  const picture = closestTo(event, ".picture");
  const zoom = picture && findElement(picture, "[data-zoom]");
  const image = picture && findElement(picture, "img", HTMLImageElement);
  if (!zoom || !image) return;
  if (!closestTo(event, "[data-zoom]") && closestTo(event, "label, a")) return;
  show(image, zoom.dataset.close ?? "");
}

/**
 * @param {HTMLImageElement} small
 * @param {string} close  the word
 */
function show(small, close) {
  const image = element("img", { src: small.currentSrc || small.src, alt: small.alt });
  const shown = element("div", { class: "enlarged-picture", tabindex: 0 }, image);
  const dialog = element("dialog", { class: "enlarged", "aria-label": small.alt });
  const sizes = SIZES.map((size) => button(`${size}00 %`, () => choose(size), { class: "quiet" }));
  /** @param {number} chosen */
  const choose = (chosen) => {
    shown.dataset.size = String(chosen);
    sizes.forEach((control, index) => control.setAttribute("aria-pressed", String(SIZES[index] === chosen)));
  };
  choose(1);
  const tools = element(
    "p",
    { class: "actions" },
    ...sizes,
    button(close, () => dialog.close(), { class: "primary" }),
  );
  dialog.append(tools, shown);
  if (small.alt) dialog.append(element("p", { class: "help" }, small.alt));
  dialog.addEventListener("close", () => dialog.remove());
  // Beside the picture is the dialog itself.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}
