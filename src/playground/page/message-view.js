/** @import { Actions } from "./actions.js" */
/** @import { State } from "./state.js" */
/** @import { Entry, LocalEntry, Message } from "./types.js" */
import { isSameAuthor, renderHead } from "./author-view.js";
import { renderComponents } from "./components.js";
import { createIconButton, h } from "./dom.js";
import { openEditor } from "./message-editor.js";
import {
  renderAttachment,
  renderContext,
  renderEmbed,
  renderSystemLine,
  toShown,
  toSystemText,
} from "./message-extras.js";
import { isMessage } from "./message-store.js";
import { renderMarkdown } from "./markdown.js";
import { toDisplayName } from "./state.js";

const flag = { ephemeral: 1 << 6, loading: 1 << 7 };
const groupingMs = 7 * 60_000;

/** @typedef {{ state: State, actions: Actions, showMessage: (messageId: string) => void }} ViewContext */

/** @param {Message} message */
export function isEphemeral({ flags }) {
  return ((flags ?? 0) & flag.ephemeral) !== 0;
}

/**
 * One message on the screen. Of a change it draws anew only the parts that differ, so that what a person has
 * open, selected or focused elsewhere in it stays.
 */
export class MessageView {
  #context;
  /** @type {Entry} */ #entry;
  /** @type {Map<string, { key: string, place: HTMLElement }>} */ #parts = new Map();
  #isEditing = false;

  /** @param {Entry} entry @param {ViewContext} context */
  constructor(entry, context) {
    this.#entry = entry;
    this.#context = context;
    this.element = h("li", { class: "message", tabindex: -1, "data-id": entry.id });
    this.update(entry);
  }

  get entry() {
    return this.#entry;
  }

  /** @param {Entry} entry @param {{ isForced?: boolean }} [options] forced: names it mentions may have changed */
  update(entry, { isForced = false } = {}) {
    this.#entry = entry;
    if (isForced) for (const part of this.#parts.values()) part.key = "";
    if (isMessage(entry)) this.#drawMessage(toShown(entry));
    else this.#drawLocal(entry);
  }

  /** @param {Entry | undefined} previous A run of messages by one author shows the author once. */
  groupAfter(previous) {
    this.element.classList.toggle("grouped", isSameRun(previous, this.#entry));
  }

  edit() {
    const entry = this.#entry;
    const content = this.#parts.get("content");
    if (!isMessage(entry) || content === undefined) return;
    this.#isEditing = true;
    openEditor(entry, {
      place: content.place,
      context: this.#context,
      onClose: () => {
        this.#isEditing = false;
        content.key = "";
        this.update(this.#entry);
        this.element.focus();
      },
    });
  }

  /** @param {Message} message */
  #drawMessage(message) {
    const { state, actions, showMessage } = this.#context;
    const { author, content, flags = 0, edited_timestamp: edited, type } = message;
    const isForMe = message.mentions.some(({ id }) => id === state.me.id);
    this.element.classList.toggle("mentions-me", isForMe && author.id !== state.me.id);
    this.element.classList.toggle("ephemeral", isEphemeral(message));
    const { referenced_message: quoted } = message;
    this.#draw("context", [type, quoted?.id, quoted?.content], () => [
      renderContext(message, state, showMessage),
    ]);
    this.#draw("head", [author, message.timestamp], () => renderHead(message));
    if (!this.#isEditing) {
      const isLoading = (flags & flag.loading) !== 0;
      this.#draw("content", [type, content, isLoading, edited], () =>
        this.#renderContent(message, isLoading),
      );
    }
    this.#draw("attachments", message.attachments, () => message.attachments.map(renderAttachment));
    this.#draw("embeds", message.embeds, () =>
      message.embeds.map((embed) => renderEmbed(embed, state)),
    );
    this.#draw("components", message.components ?? [], () =>
      renderComponents(/** @type {any[]} */ (message.components ?? []), {
        state,
        actions,
        message: /** @type {Message} */ (this.#entry),
      }),
    );
    this.#draw("thread", message.thread ?? null, () => [renderThreadLink(message)]);
    this.#draw("note", [isEphemeral(message)], () => [this.#renderNote(message)]);
  }

  /** @param {Message} message @param {boolean} isLoading @returns {(Node | undefined)[]} */
  #renderContent(message, isLoading) {
    const { state } = this.#context;
    if (isLoading) {
      return [h("p", { class: "thinking" }, `${toDisplayName(message.author)} is thinking…`)];
    }
    const systemText = toSystemText(message);
    if (systemText !== undefined) return [renderSystemLine(message, systemText)];
    const edited = message.edited_timestamp;
    const blocks = renderMarkdown(message.content, state);
    if (!edited) return blocks;
    const mark = h(
      "small",
      { class: "edited", title: new Date(edited).toLocaleString() },
      " (edited)",
    );
    const last = blocks.at(-1);
    if (last instanceof HTMLParagraphElement) last.append(mark);
    else blocks.push(h("p", {}, mark));
    return blocks;
  }

  /** @param {Message} message */
  #renderNote(message) {
    if (!isEphemeral(message)) return undefined;
    const dismiss = h("button", { type: "button", class: "text-button" }, "Dismiss message");
    dismiss.addEventListener("click", () => this.#context.actions.dismiss(message));
    return h("p", { class: "quiet" }, "Only you can see this · ", dismiss);
  }

  /** @param {LocalEntry} entry */
  #drawLocal({ id, channel_id: channelId, label, failure }) {
    const { state } = this.#context;
    this.element.classList.add("local");
    this.#draw("content", [label, failure], () => {
      const line = h(
        "p",
        {},
        "You used ",
        h("b", {}, label),
        failure === undefined ? " · sending…" : "",
      );
      if (failure === undefined) return [line];
      const dismiss = createIconButton("close", "Dismiss", () =>
        state.messages.remove(channelId, [id]),
      );
      return [line, h("p", { class: "failure", role: "alert" }, failure, dismiss)];
    });
  }

  /**
   * @param {string} name
   * @param {unknown} source what the part shows
   * @param {() => (Node | undefined)[]} render
   */
  #draw(name, source, render) {
    const key = JSON.stringify(source);
    const part = this.#parts.get(name) ?? this.#addPart(name);
    if (part.key === key) return;
    part.key = key;
    const focused = part.place.contains(document.activeElement)
      ? document.activeElement?.getAttribute("data-custom-id")
      : undefined;
    part.place.replaceChildren(...render().filter((node) => node !== undefined));
    if (focused === undefined) return;
    const again = [...part.place.querySelectorAll("[data-custom-id]")].find(
      (control) => control.getAttribute("data-custom-id") === focused,
    );
    (again instanceof HTMLElement ? again : this.element).focus();
  }

  /** @param {string} name */
  #addPart(name) {
    const place = h("div", { class: `part ${name}` });
    const part = { key: "", place };
    this.#parts.set(name, part);
    this.element.append(place);
    return part;
  }
}

/** @param {Message} message */
function renderThreadLink({ thread }) {
  if (!thread) return undefined;
  return h(
    "a",
    { class: "thread-link", href: `#/${thread.id}` },
    "Thread: ",
    h("b", {}, thread.name ?? "unnamed"),
    " ›",
  );
}

/** @param {Entry | undefined} previous @param {Entry} entry */
function isSameRun(previous, entry) {
  if (previous === undefined || !isMessage(previous) || !isMessage(entry)) return false;
  if (!isSameAuthor(previous, entry)) return false;
  if (entry.type !== 0 || toSystemText(previous) !== undefined) return false;
  if (isEphemeral(previous) !== isEphemeral(entry)) return false;
  return Date.parse(entry.timestamp) - Date.parse(previous.timestamp) < groupingMs;
}
