// @ts-check
// The page of a direct link: its form is sent at once, so that a mail scanner that only looks at the link does not enter.
// No authored text stands on this page, and no other page has this script.

import { getElement } from "../dom.js";

getElement(document, "#enter-by-link", HTMLFormElement).requestSubmit();
