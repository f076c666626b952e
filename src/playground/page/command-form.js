/** @import { Actions } from "./actions.js" */
/** @import { Runnable } from "./commands.js" */
/** @import { OptionField } from "./option-field.js" */
/** @import { State } from "./state.js" */
import { createIconButton, h } from "./dom.js";
import { createOptionField } from "./option-field.js";
import { showNotice } from "./notices.js";

const stringOption = 3;

/**
 * @typedef {{ state: State, actions: Actions, onClose: () => void }} CommandFormContext
 */

/**
 * The form of one command's options, in the composer's place. Enter runs it, Escape leaves it.
 * @param {Runnable} runnable
 * @param {string} text what was typed behind the command's name: it goes to the first text option
 * @param {CommandFormContext} context
 */
export function openCommandForm(runnable, text, { state, actions, onClose }) {
  /** @type {OptionField[]} */
  const fields = runnable.options.map((option) =>
    createOptionField(option, { state, complete: (field) => completeField(field) }),
  );

  /** @param {OptionField} focused */
  function completeField(focused) {
    const others = readValues(
      fields.filter((field) => field !== focused && typeof field.read() !== "object"),
    );
    const { type, name } = focused.option;
    const value = { type, name, value: focused.readTyped(), focused: true };
    return actions.completeOption(runnable, [...others, value]);
  }

  const form = renderForm(runnable, fields, onClose);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = fields.find(isNotANumber);
    if (wrong !== undefined) return showNotice(`“${wrong.option.name}” must be a number.`);
    const files = fields.map(({ read }) => read()).filter((value) => value instanceof File);
    void actions.runCommand(runnable, readValues(fields), files);
    onClose();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") onClose();
    if (!isSubmitKey(event)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  const first = fields.find(
    ({ option }) => option.type === stringOption && option.choices === undefined,
  );
  if (first !== undefined && text !== "") first.control.value = text;
  return {
    element: form,
    focus: () => (fields[0]?.control ?? form.querySelector("footer button"))?.focus(),
  };
}

/** @param {Runnable} runnable @param {OptionField[]} fields @param {() => void} onClose */
function renderForm({ name, description }, fields, onClose) {
  const header = h(
    "header",
    {},
    h("b", {}, `/${name}`),
    h("span", { class: "quiet" }, description),
    createIconButton("close", "Leave the command", onClose),
  );
  const footer = h("footer", {}, h("button", { class: "primary" }, "Run"));
  const properties = { class: "command-form", "aria-label": `Command /${name}` };
  return h("form", properties, header, ...fields.map(({ element }) => element), footer);
}

/** @param {KeyboardEvent} event Enter in a text area, where no list of choices took it. */
function isSubmitKey({ key, shiftKey, isComposing, target, defaultPrevented }) {
  if (key !== "Enter" || shiftKey || isComposing || defaultPrevented) return false;
  return target instanceof HTMLTextAreaElement;
}

/** @param {OptionField} field */
function isNotANumber({ read }) {
  return Number.isNaN(read());
}

/** @param {OptionField[]} fields Files are named by their place in the request. */
function readValues(fields) {
  let fileCount = 0;
  return fields.flatMap(({ option: { type, name }, read }) => {
    const value = read();
    if (value === undefined) return [];
    if (!(value instanceof File)) return [{ type, name, value }];
    fileCount += 1;
    return [{ type, name, value: String(fileCount - 1) }];
  });
}
