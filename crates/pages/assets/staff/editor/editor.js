// @ts-check
// The page on which a test is edited: an outline of its parts at the side, the controls of the selected part beside it.

import { dataOf, getElement } from "../../dom.js";
import { TestEditor } from "./test_editor.js";

const root = getElement(document, "#editor");
new TestEditor(root, {
  id: dataOf(root, "test"),
  based: dataOf(root, "based"),
  content: JSON.parse(dataOf(root, "document")),
}).open();
