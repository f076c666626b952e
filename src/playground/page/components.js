/** @import { Actions } from "./actions.js" */
/** @import { State } from "./state.js" */
/** @import { Component, Message } from "./types.js" */
import { h } from "./dom.js";
import { renderLink, renderMarkdown } from "./markdown.js";
import { noAnswer } from "./interactions.js";
import { toErrorText } from "./notices.js";
import { isSelect, listOptions } from "./select-options.js";

/** https://docs.discord.com/developers/components/reference#component-object-component-types */
export const componentType = {
  row: 1,
  button: 2,
  textInput: 4,
  section: 9,
  text: 10,
  thumbnail: 11,
  gallery: 12,
  file: 13,
  separator: 14,
  container: 17,
  label: 18,
};
const linkStyle = 5;
const styleNames = ["", "primary", "secondary", "success", "danger"];

/**
 * @typedef {{ state: State, actions: Actions, message: Message }} ComponentContext
 */

/**
 * @param {readonly Component[]} components
 * @param {ComponentContext} context
 */
export function renderComponents(components, context) {
  return components.map((component) => renderComponent(component, context));
}

/** @param {Component} component @param {ComponentContext} context @returns {HTMLElement} */
function renderComponent(component, context) {
  const inner = component.components ?? [];
  switch (component.type) {
    case componentType.row:
      return h("div", { class: "component-row" }, ...renderComponents(inner, context));
    case componentType.button:
      return renderButton(component, context);
    case componentType.text:
      return h(
        "div",
        { class: "content" },
        ...renderMarkdown(component.content ?? "", context.state),
      );
    case componentType.separator:
      return h("hr", { class: component.divider === false ? "bare" : undefined });
    case componentType.section:
      return renderSection(component, context);
    case componentType.container:
      return renderContainer(component, context);
    default:
      return isSelect(component) ? renderSelect(component, context) : renderMedia(component);
  }
}

/** @param {Component} component @param {ComponentContext} context */
function renderSection({ components = [], accessory }, context) {
  const text = h("div", {}, ...renderComponents(components, context));
  const beside = accessory === undefined ? undefined : renderComponent(accessory, context);
  return h("div", { class: "component-section" }, text, beside);
}

/** @param {Component} component @param {ComponentContext} context */
function renderContainer({ components = [], accent_color: color }, context) {
  const container = h("div", { class: "embed" }, ...renderComponents(components, context));
  if (typeof color === "number") container.style.borderLeftColor = toCssColor(color);
  return container;
}

/** @param {number} color */
export function toCssColor(color) {
  return `#${color.toString(16).padStart(6, "0")}`;
}

/** @param {Component} component Files and pictures as links: the page loads nothing from elsewhere. */
function renderMedia({ file, media, items = [] }) {
  const addresses = [file?.url, media?.url, ...items.map((item) => item.media.url)];
  const links = addresses
    .filter((url) => url !== undefined && URL.canParse(url))
    .map((url) =>
      renderLink(url ?? "", [
        decodeURIComponent(new URL(url ?? "").pathname.split("/").at(-1) ?? "file"),
      ]),
    );
  return h("div", { class: "component-row" }, ...links);
}

/** @param {Component} component @param {ComponentContext} context */
function renderButton(component, context) {
  const label = [component.emoji?.name, component.label].filter(Boolean).join(" ");
  if (component.style === linkStyle) {
    const link = renderLink(component.url ?? "", [label, " ↗"]);
    link.classList.add("button");
    return link;
  }
  const button = h(
    "button",
    {
      type: "button",
      class: styleNames[component.style ?? 2],
      disabled: component.disabled === true,
      "data-custom-id": component.custom_id,
    },
    label,
  );
  button.addEventListener("click", () => press(button, component, context));
  return button;
}

/** @param {Component} component @param {ComponentContext} context */
function renderSelect(component, context) {
  const placeholder = component.placeholder ?? "Make a selection";
  const options = listOptions(component, context.state);
  if ((component.max_values ?? 1) > 1) return renderMultiSelect(component, context);
  const select = h(
    "select",
    {
      "aria-label": placeholder,
      disabled: component.disabled === true,
      "data-custom-id": component.custom_id,
    },
    h("option", { value: "" }, placeholder),
    ...options.map((option) =>
      h("option", { value: option.value, selected: option.default === true }, toOptionText(option)),
    ),
  );
  select.addEventListener("change", () => {
    const values = select.value === "" ? [] : [select.value];
    if (values.length >= (component.min_values ?? 1))
      void press(select, component, context, values);
  });
  return select;
}

/** @param {{ label: string, description?: string }} option */
function toOptionText({ label, description }) {
  return description ? `${label} (${description})` : label;
}

/** @param {Component} component @param {ComponentContext} context */
function renderMultiSelect(component, context) {
  const boxes = listOptions(component, context.state).map((option) => {
    const box = h("input", {
      type: "checkbox",
      value: option.value,
      checked: option.default === true,
    });
    return { box, row: h("label", {}, box, toOptionText(option)) };
  });
  const choose = h("button", { type: "button", class: "primary" }, "Choose");
  const { min_values: least = 1, max_values: most = 1 } = component;
  function check() {
    const count = boxes.filter(({ box }) => box.checked).length;
    choose.disabled = count < least || count > most || component.disabled === true;
  }
  for (const { box } of boxes) box.addEventListener("change", check);
  check();
  const values = () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
  choose.addEventListener("click", () => press(choose, component, context, values()));
  const title = h("summary", {}, component.placeholder ?? "Make a selection");
  return h("details", { class: "multi-select" }, title, ...boxes.map(({ row }) => row), choose);
}

/**
 * @param {HTMLButtonElement | HTMLSelectElement} control
 * @param {Component} component
 * @param {ComponentContext} context
 * @param {string[]} [values]
 */
async function press(control, component, { actions, message }, values) {
  const part = control.closest(".components");
  part?.querySelector(".failure")?.remove();
  control.disabled = true;
  control.setAttribute("aria-busy", "true");
  try {
    const outcome = await actions.press(message, component, values);
    if (outcome === "failed") part?.append(renderFailure(noAnswer));
  } catch (error) {
    part?.append(renderFailure(toErrorText(error)));
  } finally {
    control.disabled = false;
    control.removeAttribute("aria-busy");
  }
}

/** @param {string} text */
function renderFailure(text) {
  return h("p", { class: "failure", role: "alert" }, text);
}
