// What every page of staff needs: times in the reader's zone, the menu on a narrow screen, a question before what
// cannot be undone.

const format = new Intl.DateTimeFormat(navigator.language, { dateStyle: "medium", timeStyle: "short" });
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) continue;
  time.title = time.textContent;
  time.textContent = format.format(at);
}

const menu = document.querySelector("[data-menu]");
if (menu) {
  const areas = document.getElementById(menu.getAttribute("aria-controls"));
  menu.hidden = false;
  document.body.classList.add("scripted");
  menu.addEventListener("click", () => {
    const isOpen = menu.getAttribute("aria-expanded") === "true";
    menu.setAttribute("aria-expanded", String(!isOpen));
    areas.classList.toggle("shown", !isOpen);
  });
}

// A form or button with data-ask is sent after its question was answered with yes.
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.ask ?? event.target.dataset.ask;
  if (question && !window.confirm(question)) event.preventDefault();
});

// The first fault of a refused form is where one goes on.
document.querySelector("[aria-invalid=true]")?.focus();

// What can be copied, where the browser lets us.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    // An id, or a selector.
    const source = document.getElementById(button.dataset.copy) ?? document.querySelector(button.dataset.copy);
    const words = button.textContent;
    try {
      await navigator.clipboard.writeText(source.href ?? source.textContent.trim());
      button.textContent = "Copied";
    } catch {
      button.textContent = "Could not copy";
    }
    setTimeout(() => {
      button.textContent = words;
    }, 2000);
  });
}
