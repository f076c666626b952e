/**
 * Creates an element. Strings among the children become text nodes: nothing is ever parsed as markup.
 * Properties starting with "on" are listeners, `true` sets an empty attribute, `false` and
 * `undefined` leave the attribute out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...(Node | string | undefined)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) setProperty(element, name, value);
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** @param {HTMLElement} element @param {string} name @param {unknown} value */
function setProperty(element, name, value) {
  if (value === undefined || value === false) return;
  if (typeof value === "function") {
    element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    return;
  }
  element.setAttribute(name, value === true ? "" : String(value));
}

const iconPaths = {
  at: "M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0Zm0 0v1.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-4 7.5",
  clip: "m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7L9.3 17a1.7 1.7 0 0 1-2.3-2.3L15 7",
  close: "M6 6l12 12M18 6 6 18",
  down: "M12 4v15M5.5 13l6.5 6.5 6.5-6.5",
  help: "M9 9.5a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.8v.2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z",
  menu: "M4 7h16M4 12h16M4 17h16",
  pencil: "M4 20l1-4.5L16.5 4 20 7.5 8.5 19 4 20Z",
  reply: "M10 6l-6 6 6 6M4 12h9a7 7 0 0 1 7 7",
  send: "M4 4l17 8-17 8 3-8-3-8Zm3 8h7",
  thread: "M4 5h16v11h-9l-5 4v-4H4V5Zm4 4h8M8 12h5",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
};

const svgNamespace = "http://www.w3.org/2000/svg";

/** @param {keyof typeof iconPaths} name */
export function createIcon(name) {
  const icon = document.createElementNS(svgNamespace, "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svgNamespace, "path");
  path.setAttribute("d", iconPaths[name]);
  icon.append(path);
  return icon;
}

/**
 * @param {keyof typeof iconPaths} icon
 * @param {string} label said by screen readers and shown on hover
 * @param {() => void} onclick
 */
export function createIconButton(icon, label, onclick) {
  const properties = { type: "button", class: "icon-button", "aria-label": label, title: label };
  return h("button", { ...properties, onclick }, createIcon(icon));
}

/**
 * An element that index.html is known to have.
 * @param {string} id
 */
export function findElement(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no element "${id}".`);
  return element;
}

/**
 * Lets a text area grow with its text, up to the limit set by the style sheet.
 * @param {HTMLTextAreaElement} area
 */
export function fitHeight(area) {
  area.style.height = "auto";
  const borders = area.offsetHeight - area.clientHeight;
  area.style.height = `${area.scrollHeight + borders}px`;
}
