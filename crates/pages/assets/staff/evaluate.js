// The evaluator's desk: shortcuts, quick values, and what a value would change, asked from the server while it is typed.

const form = document.querySelector("[data-judge]");
const value = form.elements.value;
const unit = form.elements.unit;
const here = form.querySelector("[data-effect-here]");
let waiting;
let asking;

async function askEffect() {
  asking?.abort();
  if (value.value.trim() === "") return;
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
unit.addEventListener("change", changed);

const quick = [...form.querySelectorAll("[data-value]")];
for (const button of quick) {
  button.hidden = false;
  button.addEventListener("click", () => {
    value.value = button.dataset.value;
    unit.value = "percent";
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

if (value.value.trim() !== "") askEffect();
