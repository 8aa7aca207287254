// The picture of now, asked for again every few seconds, with clocks that count down in between. Nothing is replaced
// while somebody types in it.

const EVERY = 5000;
const place = document.querySelector("[data-live]");
const format = new Intl.DateTimeFormat(navigator.language, { dateStyle: "medium", timeStyle: "short" });

function countDown() {
  for (const clock of place.querySelectorAll("[data-end]")) {
    const left = Math.max(0, Math.floor((Number(clock.dataset.end) - Date.now()) / 1000));
    const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
    const two = (number) => String(number).padStart(2, "0");
    clock.textContent = hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
  }
}

function isBusy() {
  const typed = [...place.querySelectorAll("[data-keep] input[name=minutes]")].some((input) => input.value !== "");
  return typed || place.contains(document.activeElement) || document.hidden;
}

async function refresh() {
  if (isBusy()) return;
  const response = await fetch(place.dataset.live).catch(() => null);
  if (!response?.ok || response.redirected || isBusy()) return;
  place.innerHTML = await response.text();
  for (const time of place.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    time.title = time.textContent;
    time.textContent = format.format(at);
  }
  countDown();
}

setInterval(refresh, EVERY);
setInterval(countDown, 1000);
countDown();
