/** @import { Actions } from "./actions.js" */
/** @import { CommandIndex } from "./commands.js" */
/** @import { State } from "./state.js" */
/** @import { Command, Message } from "./types.js" */
import { openDialog } from "./dialog.js";
import { createIconButton, findElement, h } from "./dom.js";
import { localize } from "./localization.js";
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
  if (message.author.id === state.me.id) {
    bar.append(
      createIconButton("pencil", "Edit", () => edit(message)),
      createIconButton("trash", "Delete", () => confirmDeletion(message, actions)),
    );
  }
  const apps = commands.listMessageCommands();
  if (apps.length > 0)
    bar.append(renderApps(apps, (app) => actions.runMessageCommand(app, message)));
  return bar;
}

/**
 * The applications' commands for messages, which Discord has under "Apps".
 * @param {readonly Command[]} commands
 * @param {(command: Command) => unknown} run
 */
function renderApps(commands, run) {
  const choices = commands.map((command) => {
    const choose = () => {
      menu.open = false;
      run(command);
    };
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", onclick: choose },
        localize(command.name, command.name_localizations),
      ),
    );
  });
  /** @type {HTMLDetailsElement} */
  const menu = h(
    "details",
    { class: "apps" },
    h("summary", {}, "Apps"),
    h("ul", { "aria-label": "Apps" }, ...choices),
  );
  menu.addEventListener("toggle", () => {
    menu.classList.remove("upward");
    const end = menu.lastElementChild?.getBoundingClientRect().bottom ?? 0;
    const space = findElement("log").getBoundingClientRect().bottom;
    menu.classList.toggle("upward", menu.open && end > space);
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
  return menu;
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
