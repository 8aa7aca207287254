// Sends what a step asks for before it starts: an identity photo, documents.

import { say } from "./ask.js";
import { byCamera } from "./camera.js";
import { send } from "./send.js";

for (const field of document.querySelectorAll("[data-to]")) {
  const status = field.querySelector("[data-progress]");
  const inputs = field.querySelectorAll("input[type=file]");
  const query = field.dataset.name ? `?${new URLSearchParams({ name: field.dataset.name })}` : "";

  const take = async (blob, name) => {
    for (const input of inputs) input.disabled = true;
    const { kept } = await send(field.dataset.to + query, blob, (share) => {
      status.textContent = share < 0 ? say("waiting") : say("file_sending", { name, n: Math.round(share * 100) });
    });
    if (kept) return location.reload();
    status.textContent = say("file_refused");
    for (const input of inputs) input.disabled = false;
  };

  for (const input of inputs) {
    input.addEventListener("change", () => input.files[0] && take(input.files[0], input.files[0].name));
    if (!input.hasAttribute("capture")) continue;
    byCamera(
      input,
      field.querySelector("[data-title]").textContent,
      (photo) => take(photo, "photo.jpg"),
      () => {
        status.textContent = say("record_refused");
      },
    );
  }
}
