// Small things that several modules need: words with places, dialogs, random tokens.

export const words = JSON.parse(document.body.dataset.words ?? "{}");

/** A word with its places filled in. */
export function say(name, places = {}) {
  return (words[name] ?? name).replace(/\{(\w+)\}/g, (whole, place) => places[place] ?? whole);
}

/** Tells people who cannot see it. */
export function announce(text) {
  const said = document.getElementById("said");
  if (said) said.textContent = said.textContent === text ? `${text}\u00a0` : text;
}

/** Asks a question; gives the number of the button pressed, or -1. */
export function ask(title, sentences, buttons) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "dialog-title");
  const heading = document.createElement("h2");
  heading.id = "dialog-title";
  heading.textContent = title;
  dialog.append(heading);
  for (const sentence of sentences.filter(Boolean)) {
    const line = document.createElement("p");
    line.textContent = sentence;
    dialog.append(line);
  }
  const actions = document.createElement("p");
  actions.className = "actions";
  dialog.append(actions);
  document.body.append(dialog);
  return new Promise((resolve) => {
    let pressed = -1;
    buttons.forEach((text, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      if (index === buttons.length - 1) button.className = "primary";
      button.addEventListener("click", () => {
        pressed = index;
        dialog.close();
      });
      actions.append(button);
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(pressed);
    });
    dialog.showModal();
  });
}

/** Visible ASCII that nobody else has. */
export function token() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What may be kept on this device. A browser that keeps nothing is not an error. */
export const device = {
  works: true,
  get(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      this.works = false;
      return null;
    }
  },
  /** Gives whether it was kept: a large value may find no room although the browser keeps smaller ones. */
  set(key, value) {
    try {
      localStorage.setItem(key, value);
      this.works = true;
      return true;
    } catch (error) {
      this.works = error?.name === "QuotaExceededError";
      return false;
    }
  },
  remove(key) {
    try {
      localStorage.removeItem(key);
    } catch {
      this.works = false;
    }
  },
  keys(prefix) {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    } catch {
      return [];
    }
  },
};
