/** @import { State } from "./state.js" */
/** @import { Attachment, Embed, Message } from "./types.js" */
import { toCssColor } from "./components.js";
import { h } from "./dom.js";
import { renderLink, renderMarkdown } from "./markdown.js";
import { isMessage } from "./message-store.js";
import { toDisplayName } from "./state.js";
import { toPageHost } from "./session.js";

const quotedLength = 140;
const messageType = { reply: 19, threadCreated: 18, threadStarter: 21, contextCommand: 23 };
const speechTypes = new Set([0, messageType.reply, 20, messageType.contextCommand]);
/** @type {Record<number, string>} */
const systemTexts = {
  1: "added someone to the group.",
  2: "removed someone from the group.",
  4: "changed the channel's name.",
  6: "pinned a message to this channel.",
  7: "joined the server.",
};

/** @param {Message} message Whether someone wrote it, so that it can be answered. */
export function isSpeech({ type }) {
  return speechTypes.has(type);
}

/** @param {Message} message A thread's first entry points at the message it began from: that is shown. */
export function toShown(message) {
  const quoted = message.referenced_message;
  if (message.type !== messageType.threadStarter || !quoted) return message;
  const { id, channel_id: channelId, type } = message;
  return {
    ...quoted,
    id,
    channel_id: channelId,
    type,
    components: [],
    thread: undefined,
    referenced_message: null,
  };
}

/** @param {Message} message @param {string} text */
export function renderSystemLine({ type, message_reference: reference }, text) {
  const line = h("p", { class: "quiet" }, text);
  if (type === messageType.threadCreated && reference !== undefined) {
    line.append(" · ", h("a", { href: `#/${reference.channel_id}` }, "Show it"));
  }
  return line;
}

/** @param {Message} message What it says where it is not what someone wrote, or undefined. */
export function toSystemText({ type, content }) {
  if (type === messageType.threadCreated) return `started a thread: ${content}`;
  return systemTexts[type];
}

/** @param {Attachment} attachment */
export function renderAttachment({ filename, url, size, content_type: contentType, description }) {
  const address = toPageHost(url);
  const link = h("a", { href: address, download: filename, class: "attachment" });
  if (contentType?.startsWith("image/") && contentType !== "image/svg+xml") {
    link.append(h("img", { src: address, alt: description ?? filename, loading: "lazy" }));
  }
  link.append(
    h("span", { class: "attachment-name" }, filename),
    h("span", { class: "quiet" }, toSizeText(size)),
  );
  return link;
}

/** @param {number} bytes */
export function toSizeText(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  const kibibytes = bytes / 1024;
  return kibibytes < 1024 ? `${kibibytes.toFixed(1)} KiB` : `${(kibibytes / 1024).toFixed(1)} MiB`;
}

/** @param {Embed} embed @param {State} state */
export function renderEmbed(embed, state) {
  const box = h("div", { class: "embed" });
  if (typeof embed.color === "number") box.style.borderLeftColor = toCssColor(embed.color);
  if (embed.author?.name) box.append(h("p", { class: "quiet" }, embed.author.name));
  if (embed.title)
    box.append(h("p", { class: "embed-title" }, renderTitle(embed.title, embed.url)));
  if (embed.description)
    box.append(h("div", { class: "content" }, ...renderMarkdown(embed.description, state)));
  for (const { name, value, inline } of embed.fields ?? []) {
    const field = h("div", { class: inline ? "embed-field inline" : "embed-field" });
    field.append(
      h("p", { class: "embed-name" }, name),
      h("div", { class: "content" }, ...renderMarkdown(value, state)),
    );
    box.append(field);
  }
  if (embed.footer?.text) box.append(h("p", { class: "quiet" }, embed.footer.text));
  return box;
}

/** @param {string} title @param {string | undefined} url */
function renderTitle(title, url) {
  return url && /^https?:/u.test(url) ? renderLink(url, [title]) : title;
}

/**
 * The line above a message: what it replies to, or which command it answers.
 * @param {Message} message
 * @param {State} state
 * @param {(messageId: string) => void} showMessage
 */
export function renderContext(message, state, showMessage) {
  const command = toCommandLine(message);
  if (command !== undefined)
    return h(
      "p",
      { class: "message-context" },
      h("b", {}, command.name),
      " used ",
      h("b", {}, command.command),
    );
  if (message.type !== messageType.reply) return undefined;
  const quoted = message.referenced_message ?? findPrivate(message, state);
  if (!quoted) return h("p", { class: "message-context" }, "↱ The original message is gone.");
  const text = toPlainText(quoted, state);
  const button = h(
    "button",
    { type: "button", class: "message-context" },
    "↱ ",
    h("b", {}, toDisplayName(quoted.author)),
    ` ${text}`,
  );
  button.addEventListener("click", () => showMessage(quoted.id));
  return button;
}

/** @param {Message} message @param {State} state What only one person sees is known to their page alone. */
function findPrivate({ channel_id: channelId, message_reference: reference }, state) {
  const entry = state.messages.findEntry(channelId, reference?.message_id ?? "");
  return entry !== undefined && isMessage(entry) ? entry : undefined;
}

/** @param {Message} message */
function toCommandLine(message) {
  const command = message.interaction;
  if (!command) return undefined;
  // Slash commands have no capitals; those of the context menu may have.
  const isSlash = message.type !== messageType.contextCommand && !/\p{Lu}/u.test(command.name);
  return {
    name: toDisplayName(command.user),
    command: isSlash ? `/${command.name}` : command.name,
  };
}

/** @param {Message} message @param {State} state The beginning, in one line. */
function toPlainText(message, state) {
  const text = renderMarkdown(message.content, state)
    .map((element) => element.textContent)
    .join(" ")
    .replaceAll(/\s+/gu, " ");
  if (text === "") return message.attachments.length > 0 ? "(a file)" : "(no text)";
  return text.length > quotedLength ? `${text.slice(0, quotedLength)}…` : text;
}
