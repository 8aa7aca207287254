// @ts-check
// Prints the page, which is also how it is saved as a PDF: the browser has the fonts of every script.

import { getElement } from "../dom.js";

const print = getElement(document, "[data-print]");
print.hidden = false;
print.addEventListener("click", () => window.print());
