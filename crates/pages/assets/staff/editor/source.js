// Writing a document as text: a chosen file is read into the field, and a fault goes to its line.

const field = document.getElementById("text");
const picker = document.querySelector("[data-file]");
if (picker) {
  picker.hidden = false;
  picker.querySelector("input").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (file) field.value = await file.text();
  });
}

for (const fault of document.querySelectorAll("[data-faults] [data-line]")) {
  const line = Number(fault.dataset.line);
  const go = document.createElement("button");
  go.type = "button";
  go.className = "quiet";
  go.textContent = `Go to line ${line}`;
  go.addEventListener("click", () => {
    const lines = field.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    field.focus();
    field.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    field.scrollTop = (field.scrollHeight / lines.length) * Math.max(0, line - 4);
  });
  fault.append(go);
}
document.getElementById("fault-head")?.focus();
