// @ts-check
// Writes a rich answer as the server keeps it: elements of a fixed list without attributes, blocks and cells always apart.
// The rules are those of the server (crates/markup/src/rich_text), so what is on the screen is what is kept; one list of
// cases tests both.

/** Elements inside each other. */
const NESTING = 20;
/** Characters of an address that is written behind its link. */
const ADDRESS = 2000;

/** @typedef {"inline" | "lines" | "holder" | "list" | "entry" | "table" | "rows" | "row" | "cell" | "empty"} Group */

/**
 * @template T
 * @param {Record<string, T>} lists
 * @returns {Map<string, T>}
 */
const table = (lists) =>
  new Map(
    Object.entries(lists).flatMap(([names, value]) =>
      names.split(" ").map((name) => /** @type {[string, T]} */ ([name, value])),
    ),
  );

/** @type {Map<string, Group>} */
const GROUPS = table({
  "b strong i em u s sub sup code": "inline",
  "p h2 h3 h4 pre": "lines",
  blockquote: "holder",
  "ul ol": "list",
  li: "entry",
  table: "table",
  "thead tbody": "rows",
  tr: "row",
  "td th": "cell",
  br: "empty",
});

/** What other elements are kept as; of the rest only the text is. */
const KIN = table({
  h1: "h2",
  "h5 h6": "h4",
  "strike del": "s",
  ins: "u",
  "kbd samp tt": "code",
  listing: "pre",
  "dir menu": "ul",
  tfoot: "tbody",
  hr: "hr",
  "div section article header footer main aside nav address figure figcaption dl dt dd fieldset legend form details":
    "p",
  "summary center caption option optgroup select body html dialog hgroup search textarea button video audio": "p",
  "canvas object": "p",
});

const DROPPED = new Set("script style iframe noembed noframes xmp title template".split(" "));
const PICTURES = new Set("img picture svg canvas video object embed".split(" "));

/** @param {string} name */
const replacementOf = (name) => (GROUPS.has(name) ? name : KIN.get(name));

/**
 * @param {string | undefined} outer
 * @param {string} inner
 */
function mayHold(outer, inner) {
  const group = GROUPS.get(inner);
  const isLine = group === "inline" || group === "empty";
  switch (outer === undefined ? undefined : GROUPS.get(outer)) {
    case undefined:
    case "holder":
    case "entry":
    case "cell":
      return isLine || group === "lines" || group === "holder" || group === "list" || group === "table";
    case "inline":
    case "lines":
      return isLine;
    case "list":
      return group === "entry" || group === "list";
    case "table":
      return group === "rows";
    case "rows":
      return group === "row";
    case "row":
      return group === "cell";
    default:
      return false;
  }
}

/** @param {string} text */
const escaped = (text) =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\0", "")
    .replaceAll("\r", "\n");

class Writer {
  /** @type {string[]} */
  open = [];
  out = "";
  pictures = 0;
  /** @type {{ from: number, address: string } | undefined} */
  link;

  get top() {
    return GROUPS.get(this.open.at(-1) ?? "");
  }

  /** @param {Node} parent */
  children(parent) {
    for (const node of parent.childNodes) {
      if (node instanceof Text) this.text(node.data);
      if (node instanceof Element) this.element(node);
    }
  }

  /** @param {Element} element */
  element(element) {
    const name = element.localName;
    if (DROPPED.has(name)) return;
    if (PICTURES.has(name)) this.pictures += 1;
    if (name === "a") {
      this.endLink();
      this.beginLink(element);
      this.children(element);
      this.endLink();
      return;
    }
    const replacement = replacementOf(name);
    if (replacement) this.begin(replacement);
    this.children(element);
    if (replacement) this.end(replacement);
  }

  // --- what begins ---

  /** @param {string} name */
  begin(name) {
    const group = GROUPS.get(name);
    if (group === "inline") {
      // The parts of a list or table that its text needs count first.
      if (!this.open.includes(name) && this.makeRoom() && this.open.length < NESTING) this.push(name);
    } else if (group === "empty") {
      this.lineBreak();
    } else if (group === "entry") {
      this.beginEntry();
    } else if (group === "rows" || group === "row" || group === "cell") {
      this.beginPart(name, group);
    } else if (group) {
      this.beginBlock(name);
    } else {
      this.leaveLines();
      this.lineBreak();
    }
  }

  /** @param {string} name */
  beginBlock(name) {
    this.leaveLines();
    const group = GROUPS.get(name);
    const inside = group === "list" ? 1 : group === "table" ? 3 : 0;
    if (!(group === "list" && this.top === "list") && !this.makeRoom()) return;
    if (this.open.length + inside < NESTING && mayHold(this.open.at(-1), name)) this.push(name);
    else this.lineBreak();
  }

  beginEntry() {
    const between = this.open.findLastIndex((open) =>
      ["list", "cell", "holder", "table"].includes(GROUPS.get(open) ?? ""),
    );
    if (between >= 0 && GROUPS.get(this.open[between] ?? "") === "list") {
      this.closeTo(between + 1);
      this.push("li");
    } else {
      this.beginBlock("p");
    }
  }

  /**
   * @param {string} name
   * @param {"rows" | "row" | "cell"} group
   */
  beginPart(name, group) {
    const start = this.open.lastIndexOf("table");
    if (start < 0) {
      this.beginBlock("p");
      return;
    }
    const outside = { rows: ["table"], row: ["table", "rows"], cell: ["table", "rows", "row"] }[group];
    const place = this.open.findLastIndex((open, index) => index >= start && outside.includes(GROUPS.get(open) ?? ""));
    this.closeTo(Math.max(place, start) + 1);
    if (group !== "rows" && this.top === "table") this.push("tbody");
    if (group === "cell" && this.top === "rows") this.push("tr");
    this.push(name);
  }

  // --- what ends ---

  /** @param {string} name */
  end(name) {
    const group = GROUPS.get(name);
    if (group === "empty") return;
    const isPart = group === "table" || group === "rows" || group === "row" || group === "cell";
    for (let place = this.open.length - 1; place >= 0; place -= 1) {
      const open = this.open[place] ?? "";
      if (open === name) {
        this.closeTo(place);
        return;
      }
      const isWall = group === "inline" ? GROUPS.get(open) !== "inline" : GROUPS.get(open) === "cell" && !isPart;
      if (isWall) break;
    }
    if (group !== "inline" && !isPart) this.leaveLines();
  }

  leaveLines() {
    let from = this.open.length;
    while (from > 0 && ["inline", "lines"].includes(GROUPS.get(this.open[from - 1] ?? "") ?? "")) from -= 1;
    this.closeTo(from);
  }

  /** @param {number} place */
  closeTo(place) {
    if (this.open.slice(place).some((open) => GROUPS.get(open) !== "inline")) this.endLink();
    while (this.open.length > place) this.out += `</${this.open.pop()}>`;
  }

  // --- text ---

  /** @param {string} text */
  text(text) {
    if (text === "") return;
    const isBetween = ["list", "table", "rows", "row"].includes(this.top ?? "");
    if (!(isBetween && text.trim() === "") && this.makeRoom()) this.out += escaped(text);
  }

  lineBreak() {
    if (this.makeRoom()) this.out += "<br>";
  }

  /** Opens what text needs around it where lists and tables hold none themselves. */
  makeRoom() {
    /** @type {Record<string, string>} */
    const inner = { list: "li", table: "tbody", rows: "tr", row: "td" };
    for (let name = inner[this.top ?? ""]; name; name = inner[this.top ?? ""]) {
      if (this.open.length >= NESTING) return false;
      this.push(name);
    }
    return true;
  }

  // --- links ---

  /** @param {Element} link */
  beginLink(link) {
    const address = (link.getAttribute("href") ?? "").trim();
    const isKept = /^(https?:\/\/|mailto:)\P{Cc}*$/u.test(address) && [...address].length <= ADDRESS;
    this.link = isKept ? { from: this.out.length, address } : undefined;
  }

  /** Writes the address behind a link's text, unless the text is the address. */
  endLink() {
    const link = this.link;
    this.link = undefined;
    // Browsers put a slash behind the name of a host.
    if (!link || this.out.slice(link.from).includes(escaped(link.address.replace(/\/+$/, "")))) return;
    if (this.makeRoom()) this.out += escaped(` (${link.address})`);
  }

  // --- the open elements ---

  /** @param {string} name */
  push(name) {
    this.open.push(name);
    this.out += `<${name}>`;
  }

  finished() {
    this.endLink();
    this.closeTo(0);
    return this.out;
  }
}

/**
 * What is kept of the content of an element, and how many pictures are not.
 * @param {Node} root
 */
export function sanitizedOf(root) {
  const writer = new Writer();
  writer.children(root);
  return { html: writer.finished(), pictures: writer.pictures };
}

/** @param {string} html */
const bodyOf = (html) => new DOMParser().parseFromString(html, "text/html").body;

/**
 * Shows what is kept of a text.
 * @param {HTMLElement} box
 * @param {string} html
 */
export function show(box, html) {
  box.replaceChildren(...bodyOf(sanitizedOf(bodyOf(html)).html).childNodes);
}

/**
 * The words of a rich text, each block on a line of its own.
 * @param {string} html
 */
export function wordsOf(html) {
  const body = bodyOf(
    html.replaceAll(/<br>|<\/(?:p|h[234]|pre|li|tr|blockquote)>/g, "\n$&").replaceAll(/<\/t[dh]>/g, " $&"),
  );
  return (body.textContent ?? "").trim();
}

/** A character that no text has; it holds the place of the caret. */
const CARET = "\u{f8ff}";

/**
 * What was put into a box becomes what will be kept of it, with the caret where it was.
 * @param {HTMLElement} box
 */
function settle(box) {
  const selection = getSelection();
  const range = selection?.rangeCount ? selection.getRangeAt(0) : undefined;
  const mark = new Text(CARET);
  if (range && box.contains(range.endContainer)) {
    range.collapse(false);
    range.insertNode(mark);
  }
  const { html } = sanitizedOf(box);
  if (html !== box.innerHTML.replaceAll("&nbsp;", "\u{a0}")) box.replaceChildren(...bodyOf(html).childNodes);
  const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    const place = node instanceof Text ? node.data.indexOf(CARET) : -1;
    if (!(node instanceof Text) || place < 0) continue;
    node.deleteData(place, CARET.length);
    selection?.collapse(node, place);
    return;
  }
}

/**
 * Whatever is pasted or dropped is cleaned to what will be kept, before it is seen.
 * @param {HTMLElement} box
 * @param {(pictures: number) => void} lost Is told of pictures, which are not kept.
 */
export function cleanWhatIsPasted(box, lost) {
  box.addEventListener("beforeinput", (event) => {
    const { inputType, dataTransfer } = event;
    if (inputType !== "insertFromPaste" && inputType !== "insertFromDrop") return;
    const html = dataTransfer?.getData("text/html") ?? "";
    const files = [...(dataTransfer?.files ?? [])].filter((file) => file.type.startsWith("image/")).length;
    if (html === "" && files === 0) return;
    event.preventDefault();
    const [target] = event.getTargetRanges();
    if (target && inputType === "insertFromDrop") {
      getSelection()?.setBaseAndExtent(
        target.startContainer,
        target.startOffset,
        target.endContainer,
        target.endOffset,
      );
    }
    const sanitized = sanitizedOf(bodyOf(html));
    if (sanitized.html !== "") document.execCommand("insertHTML", false, sanitized.html);
    settle(box);
    box.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
    if (sanitized.pictures > 0 || (html === "" && files > 0)) lost(Math.max(sanitized.pictures, files));
  });
  // Some lines of plain text come as elements of the browser's choice.
  box.addEventListener("input", (event) => {
    if (event instanceof InputEvent && /^insertFrom(?:Paste|Drop)/.test(event.inputType)) settle(box);
  });
}
