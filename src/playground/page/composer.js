/** @import { Actions } from "./actions.js" */
/** @import { CommandIndex, Runnable } from "./commands.js" */
/** @import { State } from "./state.js" */
/** @import { Message } from "./types.js" */
import { openCommandForm } from "./command-form.js";
import { suggest } from "./completion.js";
import { createIconButton, findElement, fitHeight, h } from "./dom.js";
import { FileTray } from "./file-tray.js";
import { toWireText } from "./mentions.js";
import { showNotice, toErrorText } from "./notices.js";
import { isDirectMessage, toDisplayName } from "./state.js";
import { Suggestions } from "./suggestions.js";

const maxLength = 2000;
const countedFrom = 1800;
const typingIntervalMs = 8000;

/**
 * @typedef {{
 *   state: State, actions: Actions, commands: CommandIndex, editOwnLast: () => boolean,
 * }} ComposerContext
 */

/** Where a person writes: text with its reply, files, mentions, and the way into commands. */
export class Composer {
  #context;
  #form = /** @type {HTMLFormElement} */ (findElement("composer"));
  #area = /** @type {HTMLTextAreaElement} */ (findElement("draft"));
  #count = findElement("count");
  #send = /** @type {HTMLButtonElement} */ (findElement("send"));
  #replyBar = h("div", { class: "reply-bar", hidden: true });
  #tray;
  #suggestions;
  /** @type {Map<string, string>} by channel */ #drafts = new Map();
  /** @type {Message | undefined} */ #replyTo;
  /** @type {HTMLElement | undefined} */ #commandForm;
  #channelId = "";
  #lastTypingMs = 0;

  /** @param {ComposerContext} context */
  constructor(context) {
    this.#context = context;
    this.#suggestions = new Suggestions(this.#area, "Suggestions");
    this.#tray = new FileTray(() => this.#checkLength());
    this.#form.prepend(this.#suggestions.element, this.#replyBar, this.#tray.element);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#area.addEventListener("input", () => this.#noteInput());
    this.#area.addEventListener("keydown", (event) => this.#takeKey(event));
    this.#area.addEventListener("blur", () => this.#suggestions.hide());
    this.#takeFiles();
    findElement("mention").addEventListener("click", () => this.mentionBot());
    context.state.on("current", () => this.#moveToCurrent());
    context.state.on("commands", () => this.#area.value.startsWith("/") && this.#suggest());
    context.state.messages.on(
      "remove",
      ({ id }) => id === this.#replyTo?.id && this.replyTo(undefined),
    );
  }

  /** @param {string} text */
  setDraft(text) {
    this.#closeCommand();
    this.#area.value = text;
    this.#area.focus();
    this.#area.setSelectionRange(text.length, text.length);
    this.#noteInput();
  }

  mentionBot() {
    const { state } = this.#context;
    if (state.bot === undefined) return;
    const mention = `${state.nameMention(state.bot)} `;
    if (!this.#area.value.includes(mention.trim())) this.setDraft(mention + this.#area.value);
    else this.#area.focus();
  }

  /** @param {Message | undefined} message */
  replyTo(message) {
    this.#replyTo = message;
    this.#replyBar.hidden = message === undefined;
    if (message === undefined) return;
    this.#closeCommand();
    const cancel = createIconButton("close", "Do not reply", () => this.replyTo(undefined));
    const name = h("b", {}, toDisplayName(message.author));
    this.#replyBar.replaceChildren(h("span", {}, "Replying to ", name), cancel);
    this.#area.focus();
  }

  #takeFiles() {
    const input = /** @type {HTMLInputElement} */ (findElement("files"));
    findElement("attach").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.#tray.add(input.files ?? []);
      input.value = "";
    });
    this.#area.addEventListener("paste", ({ clipboardData }) =>
      this.#tray.add(clipboardData?.files ?? []),
    );
    const main = findElement("main");
    main.addEventListener("dragover", (event) => event.preventDefault());
    main.addEventListener("drop", (event) => {
      event.preventDefault();
      this.#tray.add(event.dataTransfer?.files ?? []);
    });
  }

  #moveToCurrent() {
    const { state } = this.#context;
    const channel = state.currentChannel;
    const place = isDirectMessage(channel)
      ? `@${state.nameChannel(channel)}`
      : `#${state.nameChannel(channel)}`;
    this.#area.placeholder = `Message ${place}`;
    this.#area.setAttribute("aria-label", `Message ${place}`);
    findElement("mention").hidden = isDirectMessage(channel);
    if (this.#channelId === state.currentChannelId) return;
    this.#drafts.set(this.#channelId, this.#area.value);
    this.#channelId = state.currentChannelId;
    this.#closeCommand();
    this.replyTo(undefined);
    this.#area.value = this.#drafts.get(this.#channelId) ?? "";
    this.#suggestions.hide();
    this.#checkLength();
  }

  #noteInput() {
    this.#checkLength();
    const typed = this.#area.value;
    const runnable = this.#findTypedCommand(typed);
    if (runnable !== undefined)
      return this.#openCommand(runnable, typed.slice(runnable.name.length + 2));
    this.#suggest();
    if (typed.startsWith("/")) void this.#context.commands.renew().catch(() => undefined);
    if (typed !== "" && !typed.startsWith("/")) this.#showTyping();
  }

  /** @param {string} typed A whole command's name with a space behind it begins that command. */
  #findTypedCommand(typed) {
    if (!typed.startsWith("/")) return undefined;
    const runnables = this.#context.commands.listRunnables();
    return runnables.find(({ name }) => typed.startsWith(`/${name} `));
  }

  #suggest() {
    const before = this.#area.value.slice(0, this.#area.selectionStart);
    const { state, commands } = this.#context;
    const insert = (/** @type {number} */ start, /** @type {string} */ text) =>
      this.#insert(start, text);
    const openCommand = (/** @type {Runnable} */ runnable) => this.#openCommand(runnable, "");
    this.#suggestions.show(suggest(before, { state, commands, insert, openCommand }));
  }

  /** @param {number} start @param {string} text in place of what lies between there and the caret */
  #insert(start, text) {
    this.#area.setRangeText(text, start, this.#area.selectionStart, "end");
    this.#suggestions.hide();
    this.#noteInput();
  }

  /** @param {KeyboardEvent} event */
  #takeKey(event) {
    if (this.#suggestions.takeKey(event) || event.isComposing) return;
    if (event.key === "Escape") this.replyTo(undefined);
    if (event.key === "ArrowUp" && this.#area.value === "" && this.#context.editOwnLast())
      event.preventDefault();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const draft = this.#area.value.trim();
    if (this.#send.disabled || (draft === "" && this.#tray.files.length === 0)) return;
    if (draft.startsWith("/") && this.#isCommandText(draft)) return;
    const files = this.#tray.empty();
    const outgoing = { channelId: this.#channelId, draft, files, replyTo: this.#replyTo };
    this.#area.value = "";
    this.replyTo(undefined);
    this.#checkLength();
    this.#lastTypingMs = 0;
    void this.#post(outgoing);
  }

  /** @param {import("./actions.js").Outgoing} outgoing What could not be sent comes back to be sent again. */
  async #post(outgoing) {
    try {
      await this.#context.actions.sendMessage(outgoing);
    } catch (error) {
      showNotice(`Not sent: ${toErrorText(error)}`);
      if (this.#channelId !== outgoing.channelId || this.#area.value !== "") return;
      this.setDraft(outgoing.draft);
      this.#tray.add(outgoing.files);
      this.replyTo(outgoing.replyTo);
    }
  }

  /** @param {string} draft Opens the command, or says that there is none, where someone typed one. */
  #isCommandText(draft) {
    const runnable = this.#context.commands
      .listRunnables()
      .find(({ name }) => draft === `/${name}`);
    if (runnable !== undefined) this.#openCommand(runnable, "");
    else showNotice("There is no such command. Type “/” to see them all.");
    return true;
  }

  /** @param {Runnable} runnable @param {string} text */
  #openCommand(runnable, text) {
    const { state, actions } = this.#context;
    this.#area.value = "";
    this.#suggestions.hide();
    this.#checkLength();
    const onClose = () => {
      this.#closeCommand();
      this.#area.focus();
    };
    const form = openCommandForm(runnable, text, { state, actions, onClose });
    this.#commandForm = form.element;
    this.#form.hidden = true;
    this.#form.after(form.element);
    form.focus();
  }

  #closeCommand() {
    this.#commandForm?.remove();
    this.#commandForm = undefined;
    this.#form.hidden = false;
  }

  #checkLength() {
    const { length } = toWireText(this.#area.value.trim(), this.#context.state);
    this.#count.textContent = length > countedFrom ? String(maxLength - length) : "";
    this.#send.disabled = length > maxLength || (length === 0 && this.#tray.files.length === 0);
    fitHeight(this.#area);
  }

  #showTyping() {
    const now = Date.now();
    if (now - this.#lastTypingMs < typingIntervalMs) return;
    this.#lastTypingMs = now;
    // Sending says it where the server is away.
    void this.#context.actions.showTyping(this.#channelId).catch(() => undefined);
  }
}
