/** @import { Actions } from "./actions.js" */
/** @import { State } from "./state.js" */
/** @import { Component } from "./types.js" */
import { componentType } from "./components.js";
import { createLabelled, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { noAnswer } from "./interactions.js";
import { renderMarkdown } from "./markdown.js";
import { isSelect, listOptions } from "./select-options.js";

const paragraphStyle = 2;
const maxInputLength = 4000;

/**
 * @typedef {{ element: HTMLElement, read: () => unknown }} ModalPart
 *   `read` gives the component as it is sent back, or undefined for what only shows text
 * @typedef {{ id: string, custom_id: string, title: string, channel_id?: string, components: Component[] }} Modal
 */

/**
 * A form that the application asked for. Closing it sends nothing.
 * @param {Modal} modal
 * @param {{ state: State, actions: Actions }} context
 */
export function openModal(modal, { state, actions }) {
  const parts = modal.components.map((component) => createPart(component, state));
  openDialog({
    title: modal.title,
    body: parts.map(({ element }) => element),
    action: "Submit",
    async submit() {
      const components = parts.map(({ read }) => read()).filter((answer) => answer !== undefined);
      const outcome = await actions.submitModal(modal, components);
      if (outcome === "failed") throw new Error(`${noAnswer} Nothing was lost: try again.`);
    },
  });
}

/** @param {Component} component @param {State} state @returns {ModalPart} */
function createPart(component, state) {
  if (component.type === componentType.row) return createRow(component, state);
  if (component.type === componentType.label && component.component)
    return createLabel(component, component.component, state);
  if (component.type === componentType.text) {
    const text = h("div", { class: "content" }, ...renderMarkdown(component.content ?? "", state));
    return { element: text, read: () => undefined };
  }
  return {
    element: h("p", { class: "quiet" }, "This part cannot be shown here."),
    read: () => undefined,
  };
}

/** @param {Component} row @param {State} state @returns {ModalPart} */
function createRow(row, state) {
  const controls = (row.components ?? []).map((component) => {
    const control = createControl(component, state);
    const isRequired = component.required ?? true;
    const element = createLabelled({
      label: component.label ?? "",
      isRequired,
      field: control.element,
    });
    return { element, read: control.read };
  });
  return {
    element: h("div", {}, ...controls.map(({ element }) => element)),
    read: () => ({ type: row.type, id: row.id, components: controls.map(({ read }) => read()) }),
  };
}

/** @param {Component} frame @param {Component} inner @param {State} state @returns {ModalPart} */
function createLabel(frame, inner, state) {
  const control = createControl(inner, state);
  const { label = "", description } = frame;
  const isRequired = inner.required ?? true;
  return {
    element: createLabelled({ label, description, isRequired, field: control.element }),
    read: () => ({ type: frame.type, id: frame.id, component: control.read() }),
  };
}

/** @param {Component} component @param {State} state @returns {ModalPart} */
function createControl(component, state) {
  const { type, id, custom_id: customId } = component;
  if (isSelect(component)) {
    const select = createSelect(component, state);
    const read = () => ({
      type,
      id,
      custom_id: customId,
      values: [...select.selectedOptions].map(({ value }) => value).filter(Boolean),
    });
    return { element: select, read };
  }
  const input = createInput(component);
  return { element: input, read: () => ({ type, id, custom_id: customId, value: input.value }) };
}

/** @param {Component} component @param {State} state */
function createSelect(component, state) {
  const isMultiple = (component.max_values ?? 1) > 1;
  const options = listOptions(component, state).map((option) =>
    h("option", { value: option.value, selected: option.default === true }, option.label),
  );
  const empty = isMultiple
    ? undefined
    : h("option", { value: "" }, component.placeholder ?? "Choose…");
  return h(
    "select",
    { multiple: isMultiple, required: component.required ?? true },
    empty,
    ...options,
  );
}

/** @param {Component} component */
function createInput(component) {
  const properties = {
    required: component.required ?? true,
    minlength: component.min_length,
    maxlength: component.max_length ?? maxInputLength,
    placeholder: component.placeholder,
  };
  if (component.style === paragraphStyle) {
    const area = h("textarea", { ...properties, rows: 4 });
    area.value = component.value ?? "";
    return area;
  }
  return h("input", { ...properties, type: "text", value: component.value ?? "" });
}
