// @ts-check
// The page of a result: prints it.

import { findElement } from "../dom.js";

const print = findElement(document, "[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
