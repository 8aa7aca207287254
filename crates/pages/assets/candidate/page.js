// What the pages around a test need: dates in the reader's zone, the direct link, a receipt file to check.

// Times as this person writes them, in the page's language.
const own = navigator.languages.find((tag) => tag.split("-")[0] === document.documentElement.lang);
const lang = own ?? document.documentElement.lang;
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) continue;
  time.textContent = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" }).format(at);
  time.title = `${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
}

const chooser = document.querySelector("[data-file-into]");
if (chooser) {
  chooser.hidden = false;
  chooser.querySelector("input").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (file) document.getElementById(chooser.dataset.fileInto).value = await file.text();
  });
}
