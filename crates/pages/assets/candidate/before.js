// Sends what a step asks for before it starts: an identity photo, documents.

import { say } from "./ask.js";
import { send } from "./files.js";

for (const field of document.querySelectorAll("input[type=file][data-to]")) {
  field.addEventListener("change", async () => {
    const status = field.closest(".field").querySelector("[data-progress]");
    const [file] = field.files;
    if (!file) return;
    const query = field.dataset.name ? `?${new URLSearchParams({ name: field.dataset.name })}` : "";
    field.disabled = true;
    const { kept } = await send(field.dataset.to + query, file, (share) => {
      status.textContent = share < 0 ? say("waiting") : say("file_sending", { name: file.name, n: Math.round(share * 100) });
    });
    if (kept) return location.reload();
    status.textContent = say("file_refused");
    field.disabled = false;
  });
}
