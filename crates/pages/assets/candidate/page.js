// What the pages around a test need: dates in the reader's zone, the direct link, receipts.

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

// What this device kept for a test that is over: nothing, unless something did not arrive in time.
const receipt = document.querySelector("[data-receipt-of]");
if (receipt) {
  const prefix = `assay/${receipt.dataset.receiptOf}/`;
  const keys = () => {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    } catch {
      return [];
    }
  };
  const forget = () => {
    for (const key of keys()) localStorage.removeItem(key);
  };
  const left = keys().filter((key) => key.startsWith(`${prefix}answer/`));
  if (left.length === 0) {
    forget();
  } else {
    const notice = receipt.querySelector("[data-left-behind]");
    const slots = left.map((key) => Number(key.split("/").at(-1))).sort((a, b) => a - b);
    notice.querySelector("[data-left-list]").textContent = slots.join(", ");
    notice.hidden = false;
    notice.querySelector("[data-forget]").addEventListener("click", () => {
      forget();
      notice.hidden = true;
    });
  }
}
