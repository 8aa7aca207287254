// Choosing a question of the bank for a test: searched where it is needed, shown by its words, put in as a reference that
// follows the bank or as a copy that does not.

import { button, element } from "./fields.js";
import { ask, reason } from "./keeping.js";

/** What is known of questions of the bank, by id: their words for the outline. */
const known = new Map();

export const textOf = (id) => known.get(id)?.text;

/** Learns the words of questions that a test names; `learned` hears when there are new ones. */
export async function learn(ids, learned) {
  const unknown = [...new Set(ids)].filter((id) => id && !known.has(id)).slice(0, 100);
  for (const id of unknown) known.set(id, undefined);
  const answers = await Promise.all(unknown.map((id) => ask(`/staff/bank/get/found?id=${encodeURIComponent(id)}`)));
  answers.forEach((answer) => answer.questions?.forEach((question) => known.set(question.id, question)));
  if (answers.some((answer) => answer.status === 200)) learned();
}

/** The search with what it finds. `chosen(question)` takes one as a reference, `copied(document)` as a copy. */
export function picker({ id, chosen, copied }) {
  const now = known.get(id);
  const words = element("input", {
    id: "bank-q",
    type: "search",
    autocomplete: "off",
    placeholder: "Words of the question, or its key",
  });
  const folder = element("select", { id: "bank-folder" }, element("option", { value: "" }, "Any folder"));
  const label = element("select", { id: "bank-label" }, element("option", { value: "" }, "Any label"));
  const said = element("p", { class: "help", role: "status" });
  const list = element("ul", { class: "plain found" });
  let asked = 0;
  const search = async () => {
    const mine = (asked += 1);
    const query = new URLSearchParams(
      [
        ["q", words.value],
        ["folder", folder.value],
        ["label", label.value],
      ].filter(([, value]) => value),
    );
    const answer = await ask(`/staff/bank/get/found?${query}`);
    if (mine !== asked) return;
    if (answer.status !== 200) {
      said.textContent = reason(answer.status);
      return;
    }
    for (const question of answer.questions) known.set(question.id, question);
    offer(folder, answer.folders);
    offer(label, answer.labels);
    said.textContent =
      answer.total === 0
        ? "No approved question fits."
        : answer.total > answer.questions.length
          ? `${answer.total} fit; the first ${answer.questions.length} are shown.`
          : `${answer.total} ${answer.total === 1 ? "fits" : "fit"}.`;
    list.replaceChildren(...answer.questions.map((question) => row(question, { id, chosen, copied, said })));
  };
  let timer;
  words.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 200);
  });
  folder.addEventListener("change", search);
  label.addEventListener("change", search);
  search();
  const field = (control, text) =>
    element("div", { class: "field" }, element("label", { for: control.id }, text), control);
  return element(
    "fieldset",
    { class: "group wide-field" },
    element("legend", {}, id ? "Another question of the bank" : "Choose a question of the bank"),
    now
      ? element(
          "p",
          {},
          "Now: ",
          element("a", { href: `/staff/bank/${encodeURIComponent(id)}`, target: "_blank" }, now.text || now.key),
          now.state === "approved" ? "" : ` (${now.word})`,
        )
      : "",
    element("div", { class: "fields" }, field(words, "Search"), field(folder, "Folder"), field(label, "Label")),
    said,
    list,
  );
}

/** The options of a select, which keeps what is chosen. */
function offer(select, names) {
  const wanted = [...select.options].slice(1).map((option) => option.value);
  if (wanted.join("\n") === names.join("\n")) return;
  const { value } = select;
  select.replaceChildren(select.options[0], ...names.map((name) => element("option", { value: name }, name)));
  select.value = names.includes(value) ? value : "";
}

function row(question, { id, chosen, copied, said }) {
  const name = question.text || question.key;
  const marks = [question.kind, question.folder, ...question.labels].filter(Boolean).join(" · ");
  const copy = async () => {
    const answer = await ask(`/staff/bank/${encodeURIComponent(question.id)}/get/document.json`);
    const { status, ...document } = answer;
    if (status === 200) copied(document);
    else said.textContent = reason(status);
  };
  return element(
    "li",
    { class: "row" },
    element("p", {}, name, element("br"), element("span", { class: "help" }, marks)),
    element(
      "span",
      { class: "row-tools" },
      question.id === id
        ? element("span", { class: "badge done" }, "taken")
        : button("Take", () => chosen(question), { "aria-label": `Take: ${name}` }),
      button("Copy", copy, {
        class: "quiet",
        "aria-label": `Copy into the test: ${name}`,
        title: "A copy does not follow the bank",
      }),
    ),
  );
}

/** How many questions a pool of the bank can draw from now; `said` is where it is written. */
export async function count(bank, draw, said) {
  const pairs = [
    ...(bank.labels ?? []).map((label) => ["label", label]),
    ...Object.entries(bank.tags ?? {}).map(([name, value]) => ["tag", `${name}:${value}`]),
  ];
  if (bank.folder !== undefined) pairs.push(["folder", bank.folder === "" ? "." : bank.folder]);
  const answer = await ask(`/staff/bank/get/found?${new URLSearchParams(pairs)}`);
  if (answer.status !== 200) {
    said.textContent = reason(answer.status);
    return;
  }
  const few = answer.total < draw;
  said.className = few ? "fault" : "help";
  said.textContent = `${answer.total} approved ${answer.total === 1 ? "question fits" : "questions fit"} now${few ? `, fewer than the ${draw} to draw` : ""}.`;
  return answer;
}
