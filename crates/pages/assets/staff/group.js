// A picture that is still being made is asked for again until it is whole.

const EVERY = 1500;
const place = document.querySelector("[data-figures]");
const format = new Intl.DateTimeFormat(navigator.language, { dateStyle: "medium", timeStyle: "short" });

async function look() {
  if (!place.querySelector("[data-pending]")) return;
  const response = await fetch(place.dataset.figures).catch(() => null);
  // Whoever is at a link of it keeps it until the next time.
  if (response?.ok && !response.redirected && !place.contains(document.activeElement)) {
    place.innerHTML = await response.text();
    for (const time of place.querySelectorAll("time[datetime]")) {
      time.title = time.textContent;
      time.textContent = format.format(new Date(time.dateTime));
    }
  }
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
