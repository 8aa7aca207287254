// Tasks and candidates: times typed in the reader's own zone, choosing all rows.

const two = (number) => String(number).padStart(2, "0");
const civil = (at) =>
  `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;

// A control holds UTC in the page and in what is sent; the reader sees and types local time.
const controls = document.querySelectorAll("input[data-utc]");
for (const control of controls) {
  const at = new Date(`${control.value}Z`);
  if (!Number.isNaN(at.getTime())) control.value = civil(at);
  control.form?.addEventListener("formdata", (event) => {
    const typed = new Date(control.value);
    if (!Number.isNaN(typed.getTime())) event.formData.set(control.name, typed.toISOString().slice(0, 16));
  });
}
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const help of document.querySelectorAll("[data-zone]"))
  help.textContent = help.textContent.replace("In UTC.", `Your time (${zone}).`);

const all = document.querySelector("[data-all]");
if (all) {
  const rows = document.querySelectorAll("input[name=candidate][type=checkbox]");
  all.closest("[hidden]")?.removeAttribute("hidden");
  all.addEventListener("change", () => {
    for (const row of rows) row.checked = all.checked;
  });
}
