// @ts-check
// The page on which a question of the bank is edited.

import { dataOf, getElement } from "../../dom.js";
import { QuestionEditor } from "./question_editor.js";

const root = getElement(document, "#editor");
new QuestionEditor(root, {
  id: dataOf(root, "question"),
  based: dataOf(root, "based"),
  content: JSON.parse(dataOf(root, "document")),
}).open();
