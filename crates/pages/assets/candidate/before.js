// @ts-check
// Sends what a step asks for before it starts: an identity photo, documents.

import { say } from "./ask.js";
import { byCamera } from "./camera.js";
import { dataOf, findElements, getElement } from "../dom.js";
import { percent } from "./locale.js";
import { send } from "./send.js";

for (const field of findElements(document, "[data-to]")) {
  const status = getElement(field, "[data-progress]");
  const inputs = findElements(field, "input[type=file]", HTMLInputElement);
  const query = field.dataset.name ? `?${new URLSearchParams({ name: field.dataset.name })}` : "";

  /**
   * @param {Blob} blob
   * @param {string} name
   */
  const take = async (blob, name) => {
    for (const input of inputs) input.disabled = true;
    const outcome = await send(dataOf(field, "to") + query, blob, (share) => {
      status.textContent = share < 0 ? say("waiting") : say("file_sending", { name, share: percent(share) });
    });
    if (outcome?.stored) return location.reload();
    status.textContent = say("file_refused");
    for (const input of inputs) input.disabled = false;
  };

  for (const input of inputs) {
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      if (file) take(file, file.name);
    });
    if (!input.hasAttribute("capture")) continue;
    byCamera(
      input,
      getElement(field, "[data-title]").textContent ?? "",
      (photo) => take(photo, "photo.jpg"),
      () => {
        status.textContent = say("record_refused");
      },
    );
  }
}
