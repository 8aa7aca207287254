// Trying a test out: the candidate's controls, one page at a time, and what the answers would earn.

import { enliven, read, write } from "../../candidate/controls.js";

const { try: address, store, seed } = document.body.dataset;
const questions = [...document.querySelectorAll("[data-question]")];
const sheets = [...document.querySelectorAll("[data-sheet]")];
const board = document.getElementById("board");
const [back, on] = [document.querySelector("[data-back]"), document.querySelector("[data-on]")];
let answers = JSON.parse(sessionStorage.getItem(store) ?? "{}");
let shown = 0;
let asked = 0;
let timer;

function turn(to, takesFocus = true) {
  shown = Math.min(Math.max(to, 0), sheets.length - 1);
  sheets.forEach((sheet, index) => (sheet.hidden = index !== shown));
  back.hidden = shown === 0;
  on.hidden = shown >= sheets.length - 1;
  if (!takesFocus) return;
  sheets[shown]?.querySelector("h2")?.focus();
  window.scrollTo(0, 0);
}

const row = (name, value) => {
  const [term, figure] = [document.createElement("dt"), document.createElement("dd")];
  term.textContent = name;
  figure.textContent = value;
  const box = document.createElement("div");
  box.append(term, figure);
  return box;
};

async function score() {
  const mine = (asked += 1);
  let response;
  try {
    response = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ seed, answers }),
    });
  } catch {
    response = undefined;
  }
  if (mine !== asked) return;
  if (!response?.ok || response.redirected) {
    board.textContent = "The figures cannot be had now.";
    return;
  }
  const { total, waiting, passed, level, dimensions, effects, slots } = await response.json();
  const figures = document.createElement("dl");
  figures.className = "facts";
  figures.append(row("Points", `${total.points} of ${total.maximum}`), row("Ratio", total.ratio));
  if (waiting) figures.append(row("Wait for evaluation", waiting));
  if (passed !== null) figures.append(row("Passed", passed ? "yes" : "no"));
  if (level !== null) figures.append(row("Level", level));
  for (const one of dimensions) figures.append(row(one.name, `${one.board.points} of ${one.board.maximum}`));
  for (const one of effects) figures.append(row(one.name, one.score));
  board.replaceChildren(figures);
  for (const slot of slots) {
    const status = document.querySelector(`#q${slot.slot} [data-status]`);
    if (!status) continue;
    const points = `${slot.points} ${slot.points === "1" ? "point" : "points"}`;
    const said = slot.refused
      ? `would be refused: ${slot.refused}`
      : slot.blank
        ? ""
        : slot.waiting
          ? "waits for evaluation"
          : slot.valid
            ? points
            : "not a valid answer: 0 points";
    status.textContent = slot.counts || said === "" ? said : `${said}, does not count`;
  }
}

for (const question of questions) {
  const slot = question.dataset.question;
  write(question, answers[slot]);
  enliven(question, () => {
    const answer = read(question);
    if (answer === undefined) delete answers[slot];
    else answers[slot] = answer;
    sessionStorage.setItem(store, JSON.stringify(answers));
    clearTimeout(timer);
    timer = setTimeout(score, 250);
  });
  question.querySelector("[data-flag]")?.remove();
}
back.addEventListener("click", () => turn(shown - 1));
on.addEventListener("click", () => turn(shown + 1));
document.querySelector("[data-empty]").addEventListener("click", () => {
  answers = {};
  sessionStorage.removeItem(store);
  for (const question of questions) write(question, undefined);
  score();
});
turn(0, false);
if (questions.length) score();
