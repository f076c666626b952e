/** @import { Actions } from "./actions.js" */
/** @import { Message } from "./types.js" */
import { createLabelled, openDialog } from "./dialog.js";
import { h } from "./dom.js";

const maxNameLength = 100;
const suggestedLength = 40;

/**
 * @param {{ channelId: string, message?: Message | undefined }} origin a channel, or a message in it
 * @param {Actions} actions
 */
export function openThreadDialog({ channelId, message }, actions) {
  const suggested =
    message?.content
      .replaceAll(/<[@#][!&]?\d+>/gu, "")
      .trim()
      .slice(0, suggestedLength) ?? "";
  const name = h("input", {
    type: "text",
    required: true,
    maxlength: maxNameLength,
    value: suggested,
  });
  const first = h("textarea", { rows: 3, maxlength: 2000 });
  const fields = [createLabelled({ label: "Name", isRequired: true, field: name })];
  if (message === undefined) fields.push(createLabelled({ label: "First message", field: first }));
  openDialog({
    title: message === undefined ? "New thread" : "Thread from this message",
    body: fields,
    action: "Open the thread",
    async submit() {
      const threadId = await actions.openThread({ channelId, name: name.value.trim(), message });
      location.hash = `#/${threadId}`;
      const draft = first.value.trim();
      if (draft !== "")
        await actions.sendMessage({ channelId: threadId, draft, files: [], replyTo: undefined });
    },
  });
}
