/** @import { Choice } from "./interactions.js" */
/** @import { State } from "./state.js" */
/** @import { CommandOption } from "./types.js" */
import { createLabelled } from "./dialog.js";
import { fitHeight, h } from "./dom.js";
import { localize } from "./localization.js";
import { listChannelOptions, listPeopleOptions, listRoleOptions } from "./select-options.js";
import { Suggestions } from "./suggestions.js";

/** https://docs.discord.com/developers/interactions/application-commands#application-command-object-application-command-option-type */
const optionType = {
  string: 3,
  integer: 4,
  boolean: 5,
  user: 6,
  channel: 7,
  role: 8,
  mentionable: 9,
  number: 10,
  attachment: 11,
};
const autocompleteDelayMs = 200;
const maxStringLength = 6000;

/**
 * @typedef {{
 *   option: CommandOption, element: HTMLElement, control: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement,
 *   read: () => unknown, readTyped: () => string | number,
 * }} OptionField
 *   `read` gives undefined where nothing was entered; `readTyped` what stands in the field, finished or not.
 * @typedef {{ state: State, complete: (field: OptionField) => Promise<Choice[]> }} FieldContext
 */

/**
 * @param {CommandOption} option
 * @param {FieldContext} context
 * @returns {OptionField}
 */
export function createOptionField(option, context) {
  const choices = listChoices(option, context.state);
  if (option.type === optionType.attachment) return createFileField(option);
  if (choices !== undefined) return createChoiceField(option, choices);
  return createTextField(option, context);
}

/** @param {CommandOption} option @param {State} state @returns {{ label: string, value: unknown }[] | undefined} */
function listChoices({ type, choices = [], channel_types: channelTypes }, state) {
  if (choices.length > 0)
    return choices.map(({ name, name_localizations: names, value }) => ({
      label: localize(name, names),
      value,
    }));
  switch (type) {
    case optionType.boolean:
      return [
        { label: "True", value: true },
        { label: "False", value: false },
      ];
    case optionType.user:
      return listPeopleOptions(state);
    case optionType.channel:
      return listChannelOptions(state, channelTypes);
    case optionType.role:
      return listRoleOptions(state);
    case optionType.mentionable:
      return [...listPeopleOptions(state), ...listRoleOptions(state)];
    default:
      return undefined;
  }
}

/** @param {CommandOption} option @param {HTMLElement} field */
function label(option, field) {
  const { name, required = false, description_localizations: descriptions } = option;
  const description = localize(option.description, descriptions);
  return createLabelled({ label: name, isRequired: required, description, field });
}

/** @param {CommandOption} option @param {{ label: string, value: unknown }[]} choices @returns {OptionField} */
function createChoiceField(option, choices) {
  const rows = choices.map((choice, index) => h("option", { value: index }, choice.label));
  const control = h(
    "select",
    { required: option.required ?? false },
    h("option", { value: "" }, "Choose…"),
    ...rows,
  );
  const read = () => (control.value === "" ? undefined : choices[Number(control.value)]?.value);
  return { option, control, element: label(option, control), read, readTyped: () => control.value };
}

/** @param {CommandOption} option @returns {OptionField} */
function createFileField(option) {
  const control = h("input", { type: "file", required: option.required ?? false });
  const read = () => control.files?.[0];
  return { option, control, element: label(option, control), read, readTyped: () => "" };
}

/** @param {CommandOption} option @param {FieldContext} context @returns {OptionField} */
function createTextField(option, context) {
  const isNumeric = option.type === optionType.integer || option.type === optionType.number;
  const control = isNumeric ? createNumberInput(option) : createTextArea(option);
  const suggestions = option.autocomplete ? new Suggestions(control, option.name) : undefined;
  const element = label(option, control);
  /** @type {Choice | undefined} */
  let picked;
  function read() {
    if (control.value === "") return undefined;
    if (picked?.name === control.value) return picked.value;
    return isNumeric ? Number(control.value) : control.value;
  }
  const field = { option, control, element, read, readTyped: () => control.value };
  control.addEventListener("input", () => (picked = undefined));
  if (suggestions !== undefined) {
    element.append(suggestions.element);
    offerChoices(field, { suggestions, context, onPick: (choice) => (picked = choice) });
  }
  return field;
}

/** @param {CommandOption} option */
function createNumberInput({ type, required, min_value: min, max_value: max, autocomplete }) {
  if (autocomplete)
    return h("input", { type: "text", required: required ?? false, inputmode: "numeric" });
  const step = type === optionType.integer ? 1 : "any";
  return h("input", { type: "number", required: required ?? false, min, max, step });
}

/** @param {CommandOption} option */
function createTextArea({ required, min_length: minLength, max_length: maxLength }) {
  const area = h("textarea", {
    rows: 1,
    required: required ?? false,
    minlength: minLength,
    maxlength: maxLength ?? maxStringLength,
  });
  area.addEventListener("input", () => fitHeight(area));
  return area;
}

/**
 * @param {OptionField} field
 * @param {{ suggestions: Suggestions, context: FieldContext, onPick: (choice: Choice) => void }} options
 */
function offerChoices(field, { suggestions, context, onPick }) {
  const { control } = field;
  let asked = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {Choice} choice */
  function pick(choice) {
    control.value = choice.name;
    onPick(choice);
    suggestions.hide();
  }

  async function ask() {
    asked += 1;
    const mine = asked;
    const choices = await context.complete(field).catch(() => []);
    if (mine !== asked || document.activeElement !== control) return;
    suggestions.show(choices.map((choice) => ({ label: choice.name, pick: () => pick(choice) })));
  }

  function askSoon() {
    clearTimeout(timer);
    timer = setTimeout(ask, autocompleteDelayMs);
  }

  control.addEventListener("input", askSoon);
  control.addEventListener("focus", askSoon);
  control.addEventListener("blur", () => suggestions.hide());
  control.addEventListener("keydown", (event) =>
    suggestions.takeKey(/** @type {KeyboardEvent} */ (event)),
  );
}
