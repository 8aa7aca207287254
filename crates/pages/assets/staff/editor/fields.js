// Draws the controls of a part and writes what is entered back into it. Every control knows the place it stands for, so
// that a fault finds it.

import { DESCRIPTIONS } from "./descriptions.js";
import { RULES, of } from "./shape.js";

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(attribute, "");
    else if (value !== false && value !== undefined) made.setAttribute(attribute, value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

export function button(text, press, attributes = {}) {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", press);
  return made;
}

const step = (name) => String(name).replaceAll("~", "~0").replaceAll("/", "~1");
export const idOf = (pointer) => `at${pointer}`;

const SHELF = "explain-fields";

/** Whether the meaning of each field stands beside it. The choice stays on the device, where that keeps anything. */
let explains = false;
try {
  explains = localStorage.getItem(SHELF) === "yes";
} catch {
  // Nothing is kept here.
}

/** Shows and hides what fields mean; `redraw` draws them anew. */
export function explaining(redraw) {
  const press = () => {
    explains = !explains;
    try {
      localStorage.setItem(SHELF, explains ? "yes" : "no");
    } catch {
      // It holds until the page is left.
    }
    redraw();
    document.getElementById("explain")?.focus();
  };
  return button("Explain the fields", press, { id: "explain", class: "quiet", "aria-pressed": String(explains) });
}

/** What the schema says of a field. Between back quotes stands what is written in documents. */
export function about(field, id) {
  const text = explains ? DESCRIPTIONS[field.describedBy]?.[field.describes ?? field.name] : undefined;
  if (!text) return undefined;
  const pieces = text.split("`").map((piece, index) => (index % 2 ? element("code", {}, piece) : piece));
  return element("p", { class: "help about", id: id && `${id}-about` }, ...pieces);
}

/** A number stays one only if it is written as a document writes it; anything else is left for the server to judge. */
function figure(text, isWhole) {
  const written = text.trim();
  const plain = isWhole ? /^-?\d{1,9}$/ : /^-?\d{1,6}(\.\d{1,6})?$/;
  return plain.test(written) ? Number(written) : written;
}

export class Form {
  /** `changed(structure)` hears of every change; `whole()` gives the document; `faultAt` what is wrong at a place. */
  constructor({ changed, whole, faultAt }) {
    Object.assign(this, { changed, document: whole, faultAt });
    /** Places whose plain control was left for the general one. */
    this.general = new Set();
    /** Places whose fold is open, so that drawing anew closes none. */
    this.opened = new Set();
  }

  /** The controls of a part's fields. `question` is what lists within it refer to. */
  fields(fields, part, pointer, question = part) {
    const box = element("div", { class: "fields editor-fields" });
    for (const field of fields) box.append(this.field(field, part, `${pointer}/${step(field.name)}`, question));
    return box;
  }

  field(field, part, pointer, question) {
    const draw = this[field.control];
    return draw.call(this, field, part, pointer, question);
  }

  set(part, name, value, structure = false) {
    if (value === undefined) delete part[name];
    else part[name] = value;
    this.changed(structure);
  }

  labelled(field, pointer, control, more = "") {
    const id = idOf(pointer);
    control.id = id;
    const fault = this.faultAt(pointer);
    const described = [];
    const box = element(
      "div",
      { class: `field ${field.isShort ? "short" : ""} ${more} ${fault ? "bad" : ""}` },
      element("label", { for: id }, field.label),
      control,
    );
    const meaning = about(field, id);
    if (meaning) {
      box.append(meaning);
      described.push(meaning.id);
    }
    if (field.help) {
      box.append(element("p", { class: "help", id: `${id}-help` }, field.help));
      described.push(`${id}-help`);
    }
    if (fault) {
      box.append(element("p", { class: "fault", id: `${id}-fault` }, fault));
      described.push(`${id}-fault`);
      control.setAttribute("aria-invalid", "true");
    }
    if (described.length) control.setAttribute("aria-describedby", described.join(" "));
    return box;
  }

  typed(field, part, pointer, control, read, more) {
    const value = part[field.name];
    control.value = value === undefined ? "" : String(value);
    if (field.preset !== undefined) control.placeholder = field.preset;
    control.addEventListener("input", () => this.set(part, field.name, read(control.value)));
    return this.labelled(field, pointer, control, more);
  }

  line(field, part, pointer) {
    const attributes = field.isKey ? { class: "mono", autocapitalize: "off", spellcheck: "false" } : {};
    const control = element("input", { autocomplete: "off", ...attributes });
    if (field.isChosen) {
      // Where it can be chosen, it is called as it is written now.
      control.addEventListener("input", () => {
        for (const option of document.querySelectorAll(`.right option[value="${CSS.escape(part.key)}"]`))
          option.textContent = control.value || part.key;
      });
    }
    return this.typed(field, part, pointer, control, (text) => (text === "" && field.isOptional ? undefined : text));
  }

  area(field, part, pointer) {
    const rows = Math.min(14, Math.max(2, String(part[field.name] ?? "").split("\n").length + 1));
    return this.typed(
      field,
      part,
      pointer,
      element("textarea", { rows, class: field.isMono ? "mono" : undefined }),
      (text) => text,
      "wide-field",
    );
  }

  decimal(field, part, pointer) {
    return this.typed(field, part, pointer, element("input", { inputmode: "decimal", autocomplete: "off" }), (text) =>
      text.trim() === "" ? undefined : figure(text, false),
    );
  }

  whole(field, part, pointer) {
    return this.typed(field, part, pointer, element("input", { inputmode: "numeric", autocomplete: "off" }), (text) =>
      text.trim() === "" ? undefined : figure(text, true),
    );
  }

  check(field, part, pointer) {
    const id = idOf(pointer);
    const control = element("input", { type: "checkbox", id });
    control.checked = part[field.name] ?? field.preset ?? false;
    control.addEventListener("change", () => this.set(part, field.name, control.checked));
    const fault = this.faultAt(pointer);
    const box = element(
      "div",
      { class: `field check-field ${fault ? "bad" : ""}` },
      element("label", { class: "check", for: id }, control, ` ${field.label}`),
    );
    const meaning = about(field, id);
    if (meaning) {
      box.append(meaning);
      control.setAttribute("aria-describedby", meaning.id);
    }
    if (fault) box.append(element("p", { class: "fault" }, fault));
    return box;
  }

  select(field, part, pointer) {
    const value = String(part[field.name] ?? field.preset ?? "");
    const known = field.options.some(([word]) => word === value);
    const options = known ? field.options : [[value, value === "" ? "choose …" : value], ...field.options];
    const control = element("select", {}, ...options.map(([word, label]) => element("option", { value: word }, label)));
    control.value = value;
    control.addEventListener("change", () => {
      const chosen = field.isTriple ? { true: true, false: false }[control.value] : control.value;
      this.set(part, field.name, chosen === "" ? undefined : chosen, field.isStructure);
    });
    return this.labelled(field, pointer, control);
  }

  /** Chooses the key of another part of the same question. */
  pick(field, part, pointer, question) {
    const parts = question[field.from] ?? [];
    const options = parts.map((one) => [one.key, one.text || one.title || one.key]);
    return this.select({ ...field, options }, part, pointer);
  }

  /** Chooses a declared dimension or effect, or a sub of one. */
  path(field, part, pointer) {
    if (this.document().isFree) return this.freePath(field, part, pointer);
    const options = [];
    for (const { name, sub } of this.document()[field.of] ?? []) {
      options.push([JSON.stringify([name]), name]);
      for (const below of sub ?? []) options.push([JSON.stringify([name, below]), `${name} / ${below}`]);
    }
    const shadow = { path: JSON.stringify(part.path) };
    if (!options.some(([word]) => word === shadow.path))
      options.unshift([shadow.path, part.path?.filter(Boolean).join(" / ") || "choose …"]);
    const box = this.select({ ...field, name: "path", options }, shadow, pointer);
    box
      .querySelector("select")
      .addEventListener("change", (event) => this.set(part, "path", JSON.parse(event.target.value)));
    if (!this.document()[field.of]?.length)
      box.append(element("p", { class: "help" }, `Declare ${field.of} in the settings of the test first.`));
    return box;
  }

  /** Where nothing is declared, names are written. */
  freePath(field, part, pointer) {
    const control = element("input", { autocomplete: "off" });
    control.value = (part.path ?? []).filter(Boolean).join(" / ");
    control.addEventListener("input", () => {
      const names = control.value
        .split(" / ")
        .map((name) => name.trim())
        .filter(Boolean);
      this.set(part, "path", names.length ? names : [""]);
    });
    return this.labelled(
      { ...field, help: "As tests declare it, such as Numeracy, or Numeracy / Arithmetic." },
      pointer,
      control,
    );
  }

  /** Fields of the same part that are seldom needed. */
  fold(field, part, pointer, question) {
    const own = pointer.slice(0, pointer.lastIndexOf("/"));
    const isFaulty = field.fields.some((inner) => this.faultAt(`${own}/${inner.name}`, true));
    const box = element(
      "details",
      { class: "more wide-field", open: isFaulty || this.opened.has(own) },
      element("summary", {}, field.label),
      this.fields(field.fields, part, own, question),
    );
    box.addEventListener("toggle", () => (box.open ? this.opened.add(own) : this.opened.delete(own)));
    return box;
  }

  /** Answers that earn everything, one a line; rules for whoever needs more than that. */
  accepted(field, part, pointer, question) {
    const values = acceptedOf(part.rules ?? []);
    if (values === undefined || this.general.has(pointer))
      return this.list({ ...field, control: "list" }, part, pointer, question);
    const control = element("textarea", { rows: Math.max(3, values.length + 1) });
    control.value = values.join("\n");
    control.addEventListener("input", () => {
      const texts = control.value.split("\n").filter((text) => text.trim() !== "");
      const rule = texts.length === 1 ? { rule: "equal", value: texts[0] } : { rule: "one-of", values: texts };
      this.set(part, "rules", texts.length === 0 ? [] : [{ ...rule, percentage: 100 }]);
    });
    const more = button(
      "Rules: partial marks, patterns, wrong answers that cost",
      () => {
        this.general.add(pointer);
        part.rules ??= [];
        this.changed(true, pointer);
      },
      { class: "quiet" },
    );
    const help = "One a line; each earns all points. Without any, a person evaluates the answer.";
    const box = this.labelled({ ...field, label: "Accepted answers", help }, pointer, control, "wide-field");
    const inner = this.faultAt(pointer, true);
    if (inner && !this.faultAt(pointer)) box.append(element("p", { class: "fault" }, inner));
    box.append(more);
    return box;
  }

  /** The one option that is right for an item, or the list when several count. */
  right(field, part, pointer, question) {
    const matches = part.matches ?? [];
    const isPlain = matches.length <= 1 && !(matches[0]?.effects?.length > 0) && !this.general.has(pointer);
    if (!isPlain) return this.list({ ...field, control: "list" }, part, pointer, question);
    const shadow = matches[0] ?? { option: "", percentage: shareOf(question.items) };
    const write = () => {
      part.matches = shadow.option ? [shadow] : [];
      this.changed(false);
    };
    const form = Object.assign(Object.create(this), { changed: write });
    const parts = question.options ?? [];
    const options = [["", "none"], ...parts.map((one) => [one.key, one.text || one.key])];
    const several = button(
      "Several options count",
      () => {
        this.general.add(pointer);
        part.matches = matches;
        this.changed(true, pointer);
      },
      { class: "quiet" },
    );
    return element(
      "div",
      { class: "right wide-field" },
      form.select(
        { name: "option", label: "Right option", describedBy: "CountingMatch", options },
        shadow,
        `${pointer}/0/option`,
      ),
      form.decimal(
        { name: "percentage", label: "Percent", describedBy: "CountingMatch", isShort: true, preset: "0" },
        shadow,
        `${pointer}/0/percentage`,
      ),
      several,
    );
  }

  /** Shares the whole between all items, so that all right is exactly 100. */
  evenly(field, part) {
    const items = part.items ?? [];
    const share = shareOf(items);
    return element(
      "p",
      { class: "wide-field" },
      button(
        `Give each item ${share} %`,
        () => {
          for (const item of items) if (item.matches?.[0]) item.matches[0].percentage = share;
          this.changed(true);
        },
        { class: "quiet add" },
      ),
    );
  }

  texts(field, part, pointer) {
    const control = element("textarea", { rows: Math.max(2, (part[field.name] ?? []).length + 1) });
    control.value = (part[field.name] ?? []).join("\n");
    control.addEventListener("input", () => {
      const lines = control.value.split("\n").filter((text) => text.trim() !== "");
      this.set(part, field.name, field.areNumbers ? lines.map((text) => figure(text, false)) : lines);
    });
    const box = this.labelled(field, pointer, control);
    const inner = this.faultAt(pointer, true);
    if (inner && !this.faultAt(pointer)) box.append(element("p", { class: "fault" }, inner));
    return box;
  }

  tags(field, part, pointer) {
    const control = element("textarea", { rows: 2 });
    control.value = Object.entries(part[field.name] ?? {})
      .map(([name, value]) => `${name} = ${value}`)
      .join("\n");
    control.addEventListener("input", () => {
      const pairs = control.value
        .split("\n")
        .filter((text) => text.trim() !== "")
        .map((text) => text.split("="))
        .map(([name, ...value]) => [name.trim(), value.join("=").trim()]);
      this.set(part, field.name, Object.fromEntries(pairs));
    });
    return this.labelled({ ...field, help: "One a line: name = value." }, pointer, control);
  }

  passMark(field, part, pointer) {
    const mark = part.passMark;
    const shadow = { by: mark ? (Object.keys(mark)[0] ?? "") : "" };
    const box = element(
      "div",
      { class: "pair" },
      this.select(
        {
          name: "by",
          describedBy: field.describedBy,
          describes: field.name,
          label: field.label,
          options: [
            ["", "none"],
            ["ratio", "ratio, -1 to 1"],
            ["points", "points"],
          ],
        },
        shadow,
        pointer,
      ),
    );
    box
      .querySelector("select")
      .addEventListener("change", (event) =>
        this.set(
          part,
          "passMark",
          event.target.value ? { [event.target.value]: event.target.value === "ratio" ? 0.5 : 1 } : undefined,
          true,
        ),
      );
    if (shadow.by) {
      const [figure] = of("PassMark", [{ name: shadow.by, label: "At least" }]);
      box.append(this.decimal(figure, mark, `${pointer}/${shadow.by}`));
    }
    return box;
  }

  group(field, part, pointer, question) {
    const inner = part[field.name] ?? {};
    const form = Object.assign(Object.create(this), {
      changed: (structure) => {
        part[field.name] = inner;
        this.changed(structure);
      },
    });
    return element(
      "fieldset",
      { class: "group wide-field" },
      element("legend", {}, field.label),
      about(field),
      form.fields(field.fields, inner, pointer, question),
    );
  }

  list(field, part, pointer, question) {
    const entries = part[field.name] ?? [];
    const change = (edit) => {
      part[field.name] = entries;
      const focus = edit();
      this.changed(true, focus);
    };
    const rows = entries.map((entry, index) =>
      this.entry(field, entry, index, entries, change, `${pointer}/${index}`, question),
    );
    const add = button(
      `Add ${/^[aeio]/.test(field.one) ? "an" : "a"} ${field.one}`,
      () =>
        change(() => {
          const made = field.blank(question, part);
          if ("key" in made) made.key = freeKey(entries, made.key || field.one[0]);
          entries.push(made);
          return `${pointer}/${entries.length - 1}`;
        }),
      { class: "quiet add" },
    );
    const fault = this.faultAt(pointer);
    const head = `${field.label}${entries.length ? ` (${entries.length})` : ""}`;
    const content = [
      about(field),
      fault ? element("p", { class: "fault", id: idOf(pointer), tabindex: "-1" }, fault) : undefined,
      element("ol", { class: "entries" }, ...rows),
      add,
    ];
    if (field.isFolded && entries.length === 0) {
      return element(
        "details",
        { class: "group wide-field folded", open: Boolean(fault) },
        element("summary", {}, field.label),
        ...content,
      );
    }
    return element(
      "fieldset",
      { class: `group wide-field ${field.isInner ? "inner" : ""}` },
      element("legend", {}, head),
      ...content,
    );
  }

  entry(field, entry, index, entries, change, pointer, question) {
    const name = `${field.one} ${index + 1}`;
    const move = (by) =>
      change(() => {
        entries.splice(index + by, 0, ...entries.splice(index, 1));
        return pointer.replace(/\d+$/, index + by);
      });
    const tools = element(
      "div",
      { class: "entry-tools" },
      element("span", { class: "entry-name" }, name[0].toUpperCase() + name.slice(1)),
      button("↑", () => move(-1), {
        class: "quiet icon",
        "aria-label": `Move ${name} up`,
        title: "Up",
        disabled: index === 0,
      }),
      button("↓", () => move(1), {
        class: "quiet icon",
        "aria-label": `Move ${name} down`,
        title: "Down",
        disabled: index === entries.length - 1,
      }),
      button(
        "Copy",
        () =>
          change(() => {
            const copy = structuredClone(entry);
            if ("key" in copy) copy.key = freeKey(entries, copy.key);
            entries.splice(index + 1, 0, copy);
            return pointer.replace(/\d+$/, index + 1);
          }),
        { class: "quiet icon", "aria-label": `Copy ${name}` },
      ),
      button(
        "✕",
        () =>
          change(() => {
            entries.splice(index, 1);
            return pointer.replace(/\/\d+$/, entries.length ? `/${Math.min(index, entries.length - 1)}` : "");
          }),
        { class: "quiet icon", "aria-label": `Remove ${name}`, title: "Remove" },
      ),
    );
    const fields = field.sort
      ? this.rule(field, entry, pointer, question)
      : this.fields(field.fields, entry, pointer, inside(field, entry, question));
    const fault = this.faultAt(pointer);
    const box = element(
      "div",
      { role: "group", "aria-label": name },
      tools,
      fault ? element("p", { class: "fault", id: idOf(pointer), tabindex: "-1" }, fault) : undefined,
      fields,
    );
    return element("li", { class: "entry", id: `${idOf(pointer)}-entry` }, box);
  }

  /** A rule: its word decides its further fields. */
  rule(field, entry, pointer, question) {
    const column = question.columns?.find((one) => one.key === question.cellColumn);
    const sort = field.sort === "cell" ? (column?.type === "numeric" ? "number" : "text") : field.sort;
    const { words, parts } = RULES[sort];
    const type = sort === "number" ? "NumericRule" : "TextRule";
    const fields = [
      ...of(`${type}.${entry.rule}`, [
        { name: "rule", label: "The answer", control: "select", options: words, isStructure: true },
        ...(parts[entry.rule] ?? []),
      ]),
      ...of(type, [{ name: "percentage", label: "Percent", control: "decimal", isShort: true }]),
    ];
    const form = Object.assign(Object.create(this), {
      changed: (structure) => {
        const wanted = new Set(["rule", "percentage", ...(parts[entry.rule] ?? []).map((one) => one.name)]);
        for (const name of Object.keys(entry)) if (!wanted.has(name)) delete entry[name];
        this.changed(structure);
      },
    });
    return form.fields(fields, entry, pointer, question);
  }
}

/** What each of so many items earns for all of them to earn everything; sums are capped, so it is rounded up. */
const shareOf = (items) => Math.ceil(1_000_000 / Math.max(1, items?.length ?? 1)) / 10_000;

/** The accepted answers that rules say, if they say no more than that. */
function acceptedOf(rules) {
  if (rules.length === 0) return [];
  const [rule, more] = rules;
  const isWhole = Number(rule.percentage) === 100;
  if (more || !isWhole || !["equal", "one-of"].includes(rule.rule)) return undefined;
  return rule.rule === "equal" ? [rule.value].filter((text) => text !== "") : (rule.values ?? []);
}

/** What lists within an entry refer to: an item's own options come before the common ones; a cell knows its column. */
function inside(field, entry, question) {
  if (field.one === "item") return { ...question, options: entry.options?.length ? entry.options : question.options };
  if (field.one === "cell") return { ...question, cellColumn: entry.column };
  return question;
}

/** A key that no part of a list has: the given one with a number. */
export function freeKey(parts, wanted) {
  const used = new Set(parts.map((part) => part.key));
  if (!used.has(wanted) && wanted.length > 1) return wanted;
  const stem = wanted.replace(/-?\d+$/, "") || "k";
  for (let number = 1; ; number += 1) {
    const key = stem.length === 1 ? `${stem}${number}` : `${stem}-${number}`;
    if (!used.has(key)) return key;
  }
}
