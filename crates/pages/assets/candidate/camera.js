// @ts-check
// A photo by this device's own camera: shown first, taken at a press. A phone does this better itself, so there the
// browser's own way is left alone.

import { say } from "./ask.js";

/** @returns whether this device has a camera that a page may use better than the browser's own way */
const isHere = () => Boolean(navigator.mediaDevices?.getUserMedia) && !matchMedia("(pointer: coarse)").matches;

/**
 * @param {string} text
 * @param {string} look
 * @param {() => void} act
 */
function button(text, look, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = look;
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

/**
 * Shows what the camera sees. Gives the photo, or nothing when the candidate closed it; throws without a camera.
 * @param {string} title
 */
async function shot(title) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 } } });
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "dialog-title");
  const heading = document.createElement("h2");
  heading.id = "dialog-title";
  heading.textContent = title;
  const film = document.createElement("video");
  film.className = "shown";
  film.muted = true;
  film.playsInline = true;
  film.srcObject = stream;
  const actions = document.createElement("p");
  actions.className = "actions";
  dialog.append(heading, film, actions);
  document.body.append(dialog);
  /** @type {Blob | undefined} */
  const photo = await new Promise((resolve) => {
    const take = () => {
      const canvas = document.createElement("canvas");
      canvas.width = film.videoWidth;
      canvas.height = film.videoHeight;
      canvas.getContext("2d")?.drawImage(film, 0, 0);
      canvas.toBlob(
        (blob) => {
          resolve(blob ?? undefined);
          dialog.close();
        },
        "image/jpeg",
        0.9,
      );
    };
    const now = button(say("photo_now"), "primary", take);
    now.disabled = true;
    film.addEventListener("playing", () => {
      now.disabled = false;
    });
    actions.append(
      button(say("close"), "", () => dialog.close()),
      now,
    );
    dialog.addEventListener("close", () => resolve(undefined));
    dialog.showModal();
    film.play().catch(() => {});
  });
  for (const track of stream.getTracks()) track.stop();
  dialog.remove();
  return photo;
}

/**
 * Lets a control that asks for a camera use this device's; `taken(photo)` gets it, `failed()` hears that there is none.
 * @param {HTMLInputElement} input
 * @param {string} title
 * @param {(photo: Blob) => unknown} taken
 * @param {() => void} failed
 */
export function byCamera(input, title, taken, failed) {
  if (!isHere()) return;
  input.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      const photo = await shot(title);
      input.focus();
      if (photo) await taken(photo);
    } catch {
      failed();
    }
  });
}
