/** @import { CommandIndex, Runnable } from "./commands.js" */
/** @import { State } from "./state.js" */
/** @import { Suggestion } from "./suggestions.js" */
import { matchCommands } from "./commands.js";
import { isDirectMessage, toDisplayName } from "./state.js";

const maxSuggestions = 25;
const tokenPattern = /(^|\s)([@#])([^\s@#]*)$/u;

/**
 * @typedef {{
 *   state: State, commands: CommandIndex,
 *   insert: (start: number, text: string) => void,
 *   openCommand: (runnable: Runnable) => void,
 * }} CompletionContext
 */

/**
 * What fits the text before the caret: commands behind a slash at the beginning, people and channels
 * behind their signs.
 * @param {string} before
 * @param {CompletionContext} context
 * @returns {Suggestion[]}
 */
export function suggest(before, { state, commands, insert, openCommand }) {
  if (before.startsWith("/") && !before.includes("\n")) {
    return matchCommands(commands.listRunnables(), before.slice(1))
      .slice(0, maxSuggestions)
      .map((runnable) => ({
        label: `/${runnable.name}`,
        detail: runnable.description,
        pick: () => openCommand(runnable),
      }));
  }
  const token = tokenPattern.exec(before);
  if (token === null) return [];
  const [, , sign, typed = ""] = token;
  const start = before.length - typed.length - 1;
  const candidates = sign === "@" ? listPeople(state) : listChannels(state);
  const sought = typed.toLowerCase();
  return candidates
    .filter(({ label, detail }) => `${label} ${detail}`.toLowerCase().includes(sought))
    .slice(0, maxSuggestions)
    .map(({ label, detail, text }) => ({ label, detail, pick: () => insert(start, text) }));
}

/** @param {State} state The bot first. */
function listPeople(state) {
  const { botUserId } = state.session;
  return [...state.users.values()]
    .toSorted((left, right) => Number(right.id === botUserId) - Number(left.id === botUserId))
    .map((user) => ({
      label: toDisplayName(user),
      detail: user.username,
      text: `${state.nameMention(user)} `,
    }));
}

/** @param {State} state */
function listChannels(state) {
  return [...state.channels.values()]
    .filter((channel) => !isDirectMessage(channel) && channel.name)
    .map((channel) => ({ label: `#${channel.name}`, detail: "", text: `#${channel.name} ` }));
}
