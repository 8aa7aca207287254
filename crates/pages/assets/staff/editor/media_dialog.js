// @ts-check
// The dialog in which a picture, sound or film is chosen from the library or uploaded, and described, before it is put
// into a text.

import { button, element } from "../../dom.js";
import { markdownOf } from "./media_markdown.js";
import { sizeText, upload } from "./media_upload.js";
import { get, post, reasonOf } from "./request.js";

/** @typedef {import("./types.js").Medium} Medium */
/** @typedef {{ status: number, media: Medium[], total: number, page: number }} MediaList */

const TYPING_MILLIS = 250;
const MOST_PLAYS = 100;

const KINDS = [
  ["", "Everything"],
  ["picture", "Pictures"],
  ["sound", "Sound"],
  ["film", "Video"],
  ["document", "PDF"],
];

/**
 * @param {string} name
 * @param {string} kind
 * @param {number} page
 * @returns {Promise<MediaList>}
 */
function find(name, kind, page) {
  const query = new URLSearchParams({ name, kind, page: String(page) });
  return get(`/staff/media/get/list?${query}`);
}

/**
 * A control with its label.
 * @param {string} label
 * @param {HTMLElement} control
 * @param {string} [help]
 */
function field(label, control, help) {
  const id = `media-${label.toLowerCase().replace(/\W+/gu, "-")}`;
  control.id = id;
  if (help) control.setAttribute("aria-describedby", `${id}-help`);
  const note = help ? element("p", { class: "help", id: `${id}-help` }, help) : undefined;
  return element("div", { class: "field" }, element("label", { for: id }, label), control, note);
}

/** One opened dialog. */
export class MediaDialog {
  #status = element("p", { class: "help", role: "status" });
  #body = element("div", { class: "media-body" });
  #heading = element("h2", { id: "media-heading", tabindex: -1 });
  #dialog = element("dialog", { class: "media-dialog", "aria-labelledby": "media-heading" });
  #insert;

  /** @param {(markdown: string) => void} insert */
  constructor(insert) {
    this.#insert = insert;
    const close = button("Close", () => this.#dialog.close(), { class: "quiet" });
    this.#dialog.append(element("div", { class: "row" }, this.#heading, close), this.#status, this.#body);
    this.#dialog.addEventListener("close", () => this.#dialog.remove());
    document.body.append(this.#dialog);
    this.#dialog.showModal();
  }

  /** Begins with the library. */
  openLibrary() {
    const name = element("input", { type: "search", autocomplete: "off" });
    const options = KINDS.map(([value, word]) => element("option", { value }, word));
    const kind = element("select", {}, ...options);
    const found = element("ul", { class: "plain media-found" });
    const more = button("Show more", () => search(pages + 1), { hidden: true });
    let pages = 0;
    let requests = 0;
    /** @param {number} page */
    const search = async (page) => {
      requests += 1;
      const request = requests;
      const answer = await find(name.value, kind.value, page);
      // The answer to a later search is shown, or will be.
      if (request !== requests) return;
      if (answer.status !== 200) return this.#say(reasonOf(answer.status));
      pages = page;
      const rows = answer.media.map((medium) => this.#row(medium, () => search(1)));
      if (page === 1) found.replaceChildren(...rows);
      else found.append(...rows);
      more.hidden = found.children.length >= answer.total;
      this.#say(answer.total === 0 ? "Nothing found. Upload a file, or drop one here." : `${answer.total} found`);
    };
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    name.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => search(1), TYPING_MILLIS);
    });
    kind.addEventListener("change", () => search(1));
    this.#show(
      "Add a picture, sound or video",
      this.#chooser(),
      element("div", { class: "fields" }, field("Search", name), field("Kind", kind)),
      found,
      more,
    );
    this.#dialog.addEventListener("dragover", (event) => event.preventDefault());
    this.#dialog.addEventListener("drop", (event) => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) this.send(file);
    });
    search(1);
    name.focus();
  }

  /**
   * Uploads a file and goes on to describe it.
   * @param {File} file
   */
  async send(file) {
    const bar = element("progress", { max: 1, value: 0, "aria-label": `Uploading ${file.name}` });
    this.#show(`Uploading ${file.name}`, bar);
    this.#say("Uploading …");
    const outcome = await upload(file, (share) => {
      bar.value = share;
    });
    if (!this.#dialog.open) return;
    if ("medium" in outcome) return this.#describe(outcome.medium);
    this.openLibrary();
    // The search says how much it found; why the file was not taken matters more.
    this.#body.prepend(element("p", { class: "alert bad", role: "alert" }, `${file.name}: ${outcome.reason}`));
  }

  #chooser() {
    const input = element("input", { type: "file", class: "out", "aria-label": "Upload a file from this device" });
    input.addEventListener("change", () => {
      const file = input.files?.[0];
      if (file) this.send(file);
    });
    return element("p", { class: "actions" }, element("label", { class: "button primary" }, "Upload a file", input));
  }

  /**
   * @param {Medium} medium
   * @param {() => void} refresh
   */
  #row(medium, refresh) {
    const { name, kind, seconds, width, height, bytes } = medium;
    const size = width && height ? `${width} × ${height}` : seconds && `${seconds} s`;
    const marks = [medium.type.toUpperCase(), size, sizeText(bytes)].filter(Boolean).join(" · ");
    const isPicture = kind === "picture" && medium.url;
    const thumbnail = isPicture
      ? element("img", { src: medium.url ?? "", alt: "", loading: "lazy" })
      : element("span", { class: "badge" }, kind);
    const remove = async () => {
      if (!window.confirm(`Delete ${name} from the library?`)) return;
      /** @type {{ status: number, reason?: string }} */
      const answer = await post("/staff/media/do/delete", { media: medium.media });
      if (answer.status === 200) return refresh();
      this.#say(answer.reason ?? reasonOf(answer.status));
    };
    return element(
      "li",
      { class: "row" },
      element("span", { class: "thumbnail" }, thumbnail),
      element("p", { class: "media-name" }, name, element("br"), element("span", { class: "help" }, marks)),
      element(
        "span",
        { class: "row-tools" },
        kind === "captions" ? undefined : button("Use", () => this.#describe(medium), { "aria-label": `Use: ${name}` }),
        button("Delete", remove, { class: "quiet", "aria-label": `Delete: ${name}` }),
      ),
    );
  }

  /** @param {Medium} medium */
  async #describe(medium) {
    if (medium.kind === "captions") {
      this.openLibrary();
      const text = `${medium.name} is in the library. Choose the sound or video, then these captions.`;
      this.#body.prepend(element("p", { class: "alert good", role: "status" }, text));
      return;
    }
    const isPlayed = medium.kind === "sound" || medium.kind === "film";
    const description = element("textarea", { rows: 3, required: true });
    const captions = element("select", {}, element("option", { value: "" }, "None"));
    const plays = element("input", { type: "number", min: 1, max: MOST_PLAYS, inputmode: "numeric" });
    const help =
      medium.kind === "document"
        ? "The words of the link."
        : "What it shows or says, for people who cannot see or hear it. Do not give the answer away.";
    const form = element(
      "form",
      { method: "dialog" },
      this.#shown(medium),
      field("Description", description, help),
      ...(isPlayed
        ? [
            field("Captions", captions, "A VTT file of the library; upload it first."),
            field("Plays", plays, "How often each candidate may play it. Leave empty for no limit."),
          ]
        : []),
      element(
        "p",
        { class: "actions" },
        element("button", { class: "primary" }, "Insert"),
        button("Back to the library", () => this.openLibrary()),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!description.value.trim()) {
        description.setCustomValidity("Describe it in a few words.");
        description.reportValidity();
        return;
      }
      const words = {
        description: description.value,
        captions: captions.value || undefined,
        plays: Number(plays.value) || undefined,
      };
      this.#insert(markdownOf(medium.media, words));
      this.#dialog.close();
    });
    description.addEventListener("input", () => description.setCustomValidity(""));
    this.#show(medium.name, form);
    this.#say("");
    description.focus();
    if (!isPlayed) return;
    const answer = await find("", "captions", 1);
    if (answer.status !== 200) return;
    captions.append(...answer.media.map(({ media, name }) => element("option", { value: media }, name)));
  }

  /** @param {Medium} medium */
  #shown({ kind, url, name }) {
    if (!url || kind === "document") return undefined;
    if (kind === "picture") return element("img", { class: "media-shown", src: url, alt: name });
    const player = element(kind === "sound" ? "audio" : "video", { class: "media-shown", src: url, preload: "none" });
    player.controls = true;
    return player;
  }

  /**
   * @param {string} heading
   * @param {...(Node | undefined)} parts
   */
  #show(heading, ...parts) {
    this.#heading.textContent = heading;
    this.#body.replaceChildren(...parts.filter((part) => part !== undefined));
  }

  /** @param {string} text */
  #say(text) {
    this.#status.textContent = text;
  }
}
