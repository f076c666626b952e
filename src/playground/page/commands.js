/** @import { Command, CommandOption } from "./types.js" */
/** @import { Rest } from "./rest.js" */
/** @import { State } from "./state.js" */
import { localize } from "./localization.js";
import { isDirectMessage } from "./state.js";

const subcommand = 1;
const subcommandGroup = 2;
/** With the bot, and between people. */
const privateContexts = [1, 2];
const renewalMs = 3000;
export const commandType = { slash: 1, user: 2, message: 3 };

/**
 * A command as it can be run: subcommands are flattened, so that "/system show" is one of them.
 * @typedef {{ command: Command, path: string[], name: string, description: string, options: CommandOption[] }} Runnable
 */

/** The application's commands, as Discord's clients ask for them: a whole index. */
export class CommandIndex {
  #state;
  #rest;
  #askedMs = 0;
  /** @type {string | undefined} */ #askedFor;
  /** @type {Command[]} */ #commands = [];

  /** @param {{ state: State, rest: Rest }} dependencies */
  constructor({ state, rest }) {
    this.#state = state;
    this.#rest = rest;
  }

  /** Asks again in another place, and where the last answer is old: others may be registered since. */
  async renew() {
    const isElsewhere = this.#askedFor !== this.#state.currentChannel?.id;
    if (isElsewhere || Date.now() - this.#askedMs > renewalMs) await this.load();
  }

  async load() {
    this.#askedMs = Date.now();
    const { currentChannel, session } = this.#state;
    this.#askedFor = currentChannel?.id;
    const place =
      currentChannel === undefined
        ? `/guilds/${session.guildId}`
        : `/channels/${currentChannel.id}`;
    const index = await this.#rest.get(`${place}/application-command-index`);
    this.#commands = index.application_commands ?? [];
    this.#state.emit("commands", undefined);
  }

  /** Those that the current place allows, in the order of their names. */
  listRunnables() {
    return this.#listHere(commandType.slash)
      .flatMap(flatten)
      .toSorted((left, right) => left.name.localeCompare(right.name));
  }

  listMessageCommands() {
    return this.#listHere(commandType.message);
  }

  /** @param {number} type */
  #listHere(type) {
    const isPrivate = isDirectMessage(this.#state.currentChannel);
    return this.#commands.filter(
      (command) =>
        (command.type ?? commandType.slash) === type && (!isPrivate || worksInPrivate(command)),
    );
  }
}

/** @param {Command} command */
function worksInPrivate(command) {
  if (command.guild_id !== undefined) return false;
  const { contexts } = command;
  if (contexts) return privateContexts.some((context) => contexts.includes(context));
  return command.dm_permission !== false;
}

/** @param {Command} command @returns {Runnable[]} */
function flatten(command) {
  const options = command.options ?? [];
  if (!options.some(isNested)) return [toRunnable(command, [], command)];
  return options.flatMap((option) => {
    if (option.type === subcommand) return [toRunnable(command, [option], option)];
    return (option.options ?? []).map((inner) => toRunnable(command, [option, inner], inner));
  });
}

/** @param {CommandOption} option */
function isNested({ type }) {
  return type === subcommand || type === subcommandGroup;
}

/**
 * @param {Command} command
 * @param {CommandOption[]} nesting
 * @param {Pick<Command, "description" | "description_localizations" | "options">} leaf
 * @returns {Runnable}
 */
function toRunnable(command, nesting, leaf) {
  const { options = [] } = leaf;
  const description = localize(leaf.description, leaf.description_localizations);
  const path = nesting.map(({ name }) => name);
  const sorted = options.toSorted(
    (left, right) => Number(right.required ?? false) - Number(left.required ?? false),
  );
  return { command, path, name: [command.name, ...path].join(" "), description, options: sorted };
}

/**
 * The `data` of an interaction that runs the command.
 * @param {Runnable} runnable
 * @param {{ type: number, name: string, value: unknown, focused?: boolean }[]} values
 */
export function toCommandData({ command, path }, values) {
  /** @type {Record<string, unknown>[]} */
  let options = values;
  for (const [index, name] of [...path.entries()].toReversed()) {
    const isGroup = path.length === 2 && index === 0;
    options = [{ type: isGroup ? subcommandGroup : subcommand, name, options }];
  }
  const { id, version, name, type = commandType.slash, guild_id: guildId } = command;
  return { id, version, name, type, guild_id: guildId, options, application_command: command };
}

/**
 * The commands that fit what was typed behind the slash, those that begin with it first.
 * @param {Runnable[]} runnables
 * @param {string} typed
 */
export function matchCommands(runnables, typed) {
  const sought = typed.toLowerCase().trim();
  const starting = runnables.filter(({ name }) => name.startsWith(sought));
  const containing = runnables.filter(
    ({ name }) => !name.startsWith(sought) && name.includes(sought),
  );
  return [...starting, ...containing];
}
