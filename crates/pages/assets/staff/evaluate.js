// The evaluator's desk: shortcuts, quick values, and what a value would change, asked from the server while it is typed.

const form = document.querySelector("[data-judge]");
const value = form.elements.value;
const unit = form.elements.unit;
const here = form.querySelector("[data-effect-here]");
let waiting;
let asking;

const plain = form.querySelector("[data-plain]");
const rubric = form.querySelector("[data-rubric]");
const lines = rubric.querySelector("tbody");
const isRubric = () => unit.value === "rubric";
const shares = () => [...lines.querySelectorAll("[name$='.percent']")];

async function askEffect() {
  asking?.abort();
  if (isRubric() ? shares().every((share) => share.value.trim() === "") : value.value.trim() === "") return;
  asking = new AbortController();
  const fields = new URLSearchParams(new FormData(form));
  try {
    const response = await fetch(`${form.dataset.effect}?${fields}`, { signal: asking.signal });
    if (response.ok) here.innerHTML = await response.text();
  } catch (error) {
    if (error.name !== "AbortError") here.textContent = "What it changes cannot be shown: no connection.";
  }
}

function changed() {
  clearTimeout(waiting);
  waiting = setTimeout(askEffect, 200);
}

value.addEventListener("input", changed);
rubric.addEventListener("input", () => {
  rememberCriteria();
  changed();
});
unit.addEventListener("change", () => {
  showUnit();
  changed();
});

/* --- the rubric: only what is chosen is shown, and its criteria are there again at the next answer --- */

function showUnit() {
  plain.hidden = isRubric();
  rubric.hidden = !isRubric();
}

function addLine() {
  const index = lines.rows.length;
  const row = lines.rows[0].cloneNode(true);
  for (const input of row.querySelectorAll("input")) {
    input.name = input.name.replace(/\d+/, index);
    input.value = "";
    input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/\d+/, index + 1));
  }
  lines.append(row);
  return row;
}

const more = rubric.querySelector("[data-more]");
more.hidden = false;
more.addEventListener("click", () => {
  addLine().querySelector("input").focus();
});

const shelf = `assay-rubric-${rubric.dataset.rubric}`;

function rememberCriteria() {
  const criteria = [...lines.rows].map((row) =>
    [...row.querySelectorAll("input")].slice(0, 2).map((input) => input.value),
  );
  try {
    localStorage.setItem(shelf, JSON.stringify(criteria.filter(([name, weight]) => name || weight)));
  } catch {
    // Without room the criteria are typed again.
  }
}

function recallCriteria() {
  let criteria = [];
  try {
    criteria = JSON.parse(localStorage.getItem(shelf) ?? "[]");
  } catch {
    return;
  }
  const isTyped = [...lines.querySelectorAll("input")].some((input) => input.value !== "");
  if (!criteria.length || isTyped) return;
  while (lines.rows.length < criteria.length) addLine();
  criteria.forEach(([name, weight], index) => {
    const [nameField, weightField] = lines.rows[index].querySelectorAll("input");
    nameField.value = name;
    weightField.value = weight;
  });
  // Whoever judged by a rubric goes on so.
  if (value.value.trim() === "" && !form.querySelector("[aria-invalid]")) {
    unit.value = "rubric";
    showUnit();
    shares()[0].focus();
  }
}
showUnit();
recallCriteria();

const quick = [...form.querySelectorAll("[data-value]")];
for (const button of quick) {
  button.hidden = false;
  button.addEventListener("click", () => {
    value.value = button.dataset.value;
    unit.value = "percent";
    showUnit();
    value.focus();
    changed();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-key=save]"));
    return;
  }
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  // By the place of the key: with Alt some keyboards give other letters.
  const place = { KeyN: "next", KeyP: "previous" }[event.code];
  const number = /^(?:Digit|Numpad)([0-4])$/.exec(event.code)?.[1];
  if (place) document.querySelector(`a[data-key=${place}]`)?.click();
  else if (number) quick[Number(number)]?.click();
  else return;
  event.preventDefault();
});

// A form that was sent twice by impatience is sent once.
form.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
// A browser may bring the page back as it was left.
window.addEventListener("pageshow", () => delete form.dataset.sent);

askEffect();
