/** @import { Actions } from "./actions.js" */
/** @import { CommandIndex } from "./commands.js" */
/** @import { State } from "./state.js" */
/** @import { Message } from "./types.js" */
import { openDialog } from "./dialog.js";
import { createIconButton, h } from "./dom.js";
import { isSpeech } from "./message-extras.js";
import { isEphemeral } from "./message-view.js";
import { isDirectMessage, isThread } from "./state.js";

/**
 * @typedef {{
 *   state: State, actions: Actions, commands: CommandIndex,
 *   reply: (message: Message) => void, edit: (message: Message) => void, openThread: (message: Message) => void,
 * }} ToolbarContext
 */

/**
 * What can be done with a message: one toolbar, which goes to the message under the pointer or the focus.
 * @param {Message} message
 * @param {ToolbarContext} context
 */
export function renderToolbar(message, { state, actions, commands, reply, edit, openThread }) {
  const bar = h("div", { class: "toolbar", role: "toolbar", "aria-label": "Message actions" });
  if (isEphemeral(message) || !isSpeech(message)) return bar;
  bar.append(createIconButton("reply", "Reply", () => reply(message)));
  const place = state.currentChannel;
  if (!isThread(place) && !isDirectMessage(place) && !message.thread) {
    bar.append(createIconButton("thread", "Open a thread", () => openThread(message)));
  }
  for (const command of commands.listMessageCommands()) {
    const run = () => actions.runMessageCommand(command, message);
    bar.append(h("button", { type: "button", class: "text-button", onclick: run }, command.name));
  }
  if (message.author.id === state.me.id) {
    bar.append(
      createIconButton("pencil", "Edit", () => edit(message)),
      createIconButton("trash", "Delete", () => confirmDeletion(message, actions)),
    );
  }
  return bar;
}

/** @param {Message} message @param {Actions} actions */
function confirmDeletion(message, actions) {
  openDialog({
    title: "Delete the message?",
    body: [h("blockquote", { class: "preview" }, message.content || "(a file)")],
    action: "Delete",
    isDangerous: true,
    submit: () => actions.deleteMessage(message),
  });
}
