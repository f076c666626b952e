/** @import { ViewContext } from "./message-view.js" */
/** @import { Message } from "./types.js" */
import { fitHeight, h } from "./dom.js";
import { toDraftText } from "./mentions.js";
import { attempt } from "./notices.js";

/**
 * A field in the message's place: Enter saves, Escape leaves.
 * @param {Message} message
 * @param {{ place: HTMLElement, context: ViewContext, onClose: () => void }} options
 */
export function openEditor(message, { place, context, onClose }) {
  const draft = toDraftText(message.content, context.state);
  const area = h("textarea", { "aria-label": "Edit the message", rows: 1 });
  area.value = draft;
  const save = h("button", { class: "primary" }, "Save");
  const cancel = h("button", { type: "button" }, "Cancel");
  const form = h(
    "form",
    { class: "editor" },
    area,
    h("div", { class: "component-row" }, save, cancel),
  );

  async function submit() {
    const text = area.value.trim();
    if (text === draft || text === "") return onClose();
    area.disabled = true;
    const isSaved = await attempt(() => context.actions.editMessage(message, text));
    area.disabled = false;
    if (isSaved) onClose();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });
  area.addEventListener("input", () => fitHeight(area));
  area.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") onClose();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void submit();
  });
  cancel.addEventListener("click", onClose);
  place.replaceChildren(form);
  fitHeight(area);
  area.focus();
  area.setSelectionRange(draft.length, draft.length);
}
