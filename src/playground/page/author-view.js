/** @import { Message } from "./types.js" */
import { h } from "./dom.js";
import { toPageHost } from "./session.js";
import { toDisplayName } from "./state.js";
import { formatMessageTime } from "./time.js";

const avatarColors = 6;

/** @param {Message} message */
export function renderHead(message) {
  const { author, timestamp } = message;
  const date = new Date(timestamp);
  const isBot = author.bot === true || message.webhook_id !== undefined;
  return [
    renderAvatar(message),
    h("b", { class: "author" }, toDisplayName(author)),
    isBot ? h("span", { class: "bot-tag" }, "BOT") : undefined,
    h("time", { datetime: timestamp, title: date.toLocaleString() }, formatMessageTime(date)),
  ];
}

/** @param {Message} left @param {Message} right A webhook is as many authors as it has names and pictures. */
export function isSameAuthor(left, right) {
  return (
    left.author.id === right.author.id &&
    left.webhook_id === right.webhook_id &&
    left.author.username === right.author.username &&
    left.author.avatar === right.author.avatar
  );
}

/** @param {Message} message Whether it comes through a channel's webhook, whose id is then the author's. */
export function isByWebhook({ author, webhook_id: webhookId, application_id: applicationId }) {
  return webhookId === author.id && webhookId !== applicationId;
}

/** @param {Message} message The picture lies over the initial, which shows where there is none. */
function renderAvatar(message) {
  const { id, avatar: hash } = message.author;
  const initial = [...toDisplayName(message.author)][0]?.toUpperCase();
  const avatar = h(
    "span",
    { class: `avatar avatar-${toColor(message)}`, "aria-hidden": true },
    initial,
  );
  if (hash) {
    const address = toPageHost(`/avatars/${id}/${hash}.png`);
    const onerror = () => picture.remove();
    const picture = h("img", { src: address, alt: "", onerror });
    avatar.append(picture);
  }
  return avatar;
}

/** @param {Message} message */
function toColor(message) {
  const { id, username } = message.author;
  if (!isByWebhook(message)) return Number(BigInt(id) % BigInt(avatarColors));
  const sum = [...username].reduce((all, letter) => all + (letter.codePointAt(0) ?? 0), 0);
  return sum % avatarColors;
}
