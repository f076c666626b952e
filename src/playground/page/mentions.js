/** @import { State } from "./state.js" */
import { isDirectMessage } from "./state.js";

const codePattern = /(```[^]*?```|`[^`\n]+`)/u;

/**
 * "@name" and "#channel" as people type them, in the form that is sent. Code stays as it is.
 * @param {string} draft
 * @param {State} state
 */
export function toWireText(draft, state) {
  const names = listNames(state);
  return draft
    .split(codePattern)
    .map((piece, index) => (index % 2 === 1 ? piece : replaceNames(piece, names)))
    .join("");
}

/**
 * The other way round, for editing a message.
 * @param {string} content
 * @param {State} state
 */
export function toDraftText(content, state) {
  return content
    .replace(/<@!?(\d+)>/gu, (mention, id) => {
      const user = state.users.get(id);
      return user === undefined ? mention : state.nameMention(user);
    })
    .replace(/<#(\d+)>/gu, (mention, id) => {
      const channel = state.channels.get(id);
      return channel?.name ? `#${channel.name}` : mention;
    });
}

/** @param {State} state @returns {[string, string][]} what is typed and what is sent, the longest first */
function listNames(state) {
  const users = [...state.users.values()].flatMap((user) => [
    pair(state.nameMention(user), `<@${user.id}>`),
    pair(`@${user.username}`, `<@${user.id}>`),
  ]);
  const channels = [...state.channels.values()]
    .filter((channel) => !isDirectMessage(channel) && channel.name)
    .map(({ id, name }) => pair(`#${name}`, `<#${id}>`));
  return [...users, ...channels].toSorted((left, right) => right[0].length - left[0].length);
}

/** @param {string} typed @param {string} sent @returns {[string, string]} */
function pair(typed, sent) {
  return [typed, sent];
}

/** @param {string} text @param {[string, string][]} names */
function replaceNames(text, names) {
  let result = "";
  for (let position = 0; position < text.length;) {
    const found = names.find(([typed]) => standsAt(text, position, typed));
    result += found?.[1] ?? text[position];
    position += found?.[0].length ?? 1;
  }
  return result;
}

/** @param {string} text @param {number} position @param {string} name */
function standsAt(text, position, name) {
  const found = text.slice(position, position + name.length);
  if (found.toLowerCase() !== name.toLowerCase()) return false;
  const isAfterWord = /[\p{L}\p{N}]/u.test(text[position - 1] ?? " ");
  return !isAfterWord && !/[\p{L}\p{N}_]/u.test(text[position + name.length] ?? " ");
}
