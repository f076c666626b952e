import { createIconButton, h } from "./dom.js";
import { toErrorText } from "./notices.js";

let count = 0;

/**
 * A form in a modal dialog. It closes when `submit` resolves, and shows the message of what that throws.
 * @param {{
 *   title: string, body: (Node | string)[], action: string, isDangerous?: boolean,
 *   submit: () => Promise<unknown>, onClose?: () => void,
 * }} options
 */
export function openDialog({ title, body, action, isDangerous = false, submit, onClose }) {
  count += 1;
  const titleId = `dialog-title-${count}`;
  const failure = h("p", { class: "field-error", role: "alert" });
  const confirm = h("button", { class: isDangerous ? "danger" : "primary" }, action);
  const cancel = h("button", { type: "button", onclick: () => dialog.close() }, "Cancel");
  const form = h(
    "form",
    { method: "dialog" },
    h(
      "header",
      {},
      h("h2", { id: titleId }, title),
      createIconButton("close", "Close", () => dialog.close()),
    ),
    h("div", { class: "dialog-body" }, ...body, failure),
    h("footer", {}, cancel, confirm),
  );
  const dialog = h("dialog", { "aria-labelledby": titleId }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    confirm.disabled = true;
    failure.textContent = "";
    try {
      await submit();
      dialog.close();
    } catch (error) {
      failure.textContent = toErrorText(error);
    } finally {
      confirm.disabled = false;
    }
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    onClose?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  const field = form.querySelector(".dialog-body :is(input, textarea, select)");
  (field instanceof HTMLElement ? field : confirm).focus();
  return dialog;
}

/**
 * A label with its field and, below, what more there is to say.
 * @param {{ label: string, isRequired?: boolean, description?: string | undefined, field: HTMLElement }} options
 */
export function createLabelled({ label, isRequired = false, description, field }) {
  count += 1;
  field.id ||= `field-${count}`;
  const mark = isRequired ? h("span", { class: "required" }, " (required)") : undefined;
  const parts = [h("label", { for: field.id }, label, mark), field];
  if (description) {
    const hintId = `${field.id}-hint`;
    field.setAttribute("aria-describedby", hintId);
    parts.splice(1, 0, h("p", { class: "field-hint", id: hintId }, description));
  }
  return h("div", { class: "field" }, ...parts);
}
