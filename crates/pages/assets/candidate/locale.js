// @ts-check
// Plurals, numbers, times and lists as the language of the page writes them, by the browser's own tables.

/** @type {Intl.Locale | undefined} */
let chosen;

/**
 * The page's language as this person's country writes it, where the browser names one. Digits and calendar are those of
 * the pages and mails.
 */
function locale() {
  if (chosen) return chosen;
  const page = new Intl.Locale(document.documentElement.lang || "en").maximize();
  const own = navigator.languages.find((tag) => {
    const { language, script } = new Intl.Locale(tag).maximize();
    return language === page.language && script === page.script;
  });
  chosen = new Intl.Locale(own ?? page.toString(), { numberingSystem: "latn", calendar: "gregory" });
  return chosen;
}

/** @param {number} n */
export const pluralCategory = (n) => new Intl.PluralRules(locale()).select(n);

/** @param {number} n */
export const number = (n) => new Intl.NumberFormat(locale()).format(n);

/**
 * Of a whole, downwards: what is not all is never shown as all.
 * @param {number} share  from 0 to 1
 */
export const percent = (share) =>
  new Intl.NumberFormat(locale(), { style: "percent" }).format(Math.floor(share * 100) / 100);

/** @param {string[]} items */
export const list = (items) => new Intl.ListFormat(locale(), { type: "conjunction" }).format(items);

/** @param {Date} at */
export const timeOfDay = (at) => new Intl.DateTimeFormat(locale(), { timeStyle: "medium" }).format(at);

/**
 * A moment with the reader's time zone.
 * @param {Date} at
 */
export const dateTime = (at, hasSeconds = false) =>
  new Intl.DateTimeFormat(locale(), {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    second: hasSeconds ? "2-digit" : undefined,
    timeZoneName: "short",
  }).format(at);
