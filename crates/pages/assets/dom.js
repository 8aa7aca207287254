// @ts-check
// Finds and makes elements. What a page always has is found with its type or said to be missing by its selector, so that
// no module goes on with nothing.

/**
 * What can be asked whether an element is one of it, such as `HTMLInputElement`.
 * @template {Element} T
 * @typedef {new () => T} ElementType
 */

/**
 * The first element that fits and is of the type; null when there is none.
 * @overload
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
/**
 * @template {Element} T
 * @overload
 * @param {ParentNode} root
 * @param {string} selector
 * @param {ElementType<T>} type
 * @returns {T | null}
 */
/**
 * @param {ParentNode} root
 * @param {string} selector
 * @param {ElementType<Element>} [type]
 */
export function findElement(root, selector, type = HTMLElement) {
  const found = root.querySelector(selector);
  return found instanceof type ? found : null;
}

/**
 * The first element that fits, which is always there.
 * @overload
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
/**
 * @template {Element} T
 * @overload
 * @param {ParentNode} root
 * @param {string} selector
 * @param {ElementType<T>} type
 * @returns {T}
 */
/**
 * @param {ParentNode} root
 * @param {string} selector
 * @param {ElementType<Element>} [type]
 */
export function getElement(root, selector, type = HTMLElement) {
  const found = findElement(root, selector, type);
  if (!found) throw new Error(`the page has no ${selector} (${type.name})`);
  return found;
}

/**
 * All elements that fit and are of the type.
 * @overload
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
/**
 * @template {Element} T
 * @overload
 * @param {ParentNode} root
 * @param {string} selector
 * @param {ElementType<T>} type
 * @returns {T[]}
 */
/**
 * @param {ParentNode} root
 * @param {string} selector
 * @param {ElementType<Element>} [type]
 */
export function findElements(root, selector, type = HTMLElement) {
  return [...root.querySelectorAll(selector)].filter((found) => found instanceof type);
}

/**
 * The nearest element around what an event happened at, itself included, that fits.
 * @param {Event} event
 * @param {string} selector
 */
export function closestTo(event, selector) {
  const found = event.target instanceof Element ? event.target.closest(selector) : null;
  return found instanceof HTMLElement ? found : null;
}

/**
 * The value of a `data-` attribute that an element always has.
 * @param {HTMLElement} element
 * @param {string} name as `dataset` has it
 */
export function dataOf(element, name) {
  const value = element.dataset[name];
  if (value === undefined) throw new Error(`the page has an element without data of the name ${name}`);
  return value;
}

/**
 * A new element. An attribute that is `true` stands without a value; one that is `false` or undefined is left out, as are
 * children that are undefined.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | number | boolean | undefined>} [attributes]
 * @param {...(Node | string | undefined)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(attribute, "");
    else if (value !== false && value !== undefined) made.setAttribute(attribute, String(value));
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/**
 * A new button that sends no form.
 * @param {string} text
 * @param {() => unknown} press
 * @param {Record<string, string | number | boolean | undefined>} [attributes]
 */
export function button(text, press, attributes = {}) {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", () => press());
  return made;
}
