import type {
  AutocompleteInteraction,
  ChatInputCommandInteraction,
  MessageComponentInteraction,
  MessageContextMenuCommandInteraction,
  ModalSubmitInteraction,
  RESTPostAPIChatInputApplicationCommandsJSONBody,
  RESTPostAPIContextMenuApplicationCommandsJSONBody,
} from "discord.js";
import type { HistoryFiles } from "../../chat/adopt/history-files.ts";
import type { Familiar } from "../../chat/familiar.ts";
import type { Learning } from "../../chat/learning/learning.ts";
import type { Notes } from "../../chat/memory/notes.ts";
import type { CardFiles } from "../../chat/persona/card-files.ts";
import type { PersonaLibrary } from "../../chat/persona/library.ts";
import type { UsageStore } from "../../chat/settings/quota.ts";
import type { SettingsLibrary } from "../../chat/settings/settings-library.ts";
import type { Requirement } from "./access.ts";
import type { PersonaDrafts } from "./persona-drafts.ts";

/** What is well, for people who ask; each check rejects when its part is not. */
export interface Health {
  readonly model: string;
  readonly database: string;
  /** Milliseconds of a round trip. */
  pingDatabase(): Promise<number>;
  pingModel(): Promise<number>;
}

export interface CommandContext {
  readonly familiar: Familiar;
  readonly learning: Learning;
  readonly notes: Notes;
  readonly personas: PersonaLibrary;
  readonly settings: SettingsLibrary;
  readonly usages: UsageStore;
  readonly cards: CardFiles;
  readonly drafts: PersonaDrafts;
  readonly historyFiles: HistoryFiles;
  readonly health: Health;
}

export type CommandUse = ChatInputCommandInteraction | ModalSubmitInteraction;

/**
 * One slash command. All methods acknowledge before they do anything that can take long: Discord
 * gives three seconds. A thrown `Mistake` or `InvalidInput` is told to the person in their language.
 */
export interface Command {
  readonly definition: RESTPostAPIChatInputApplicationCommandsJSONBody;
  /**
   * What the person must be allowed; checked before `run` and `submit`. Undefined: no more than what
   * Discord asks for itself.
   */
  requires?(interaction: CommandUse): Requirement | undefined;
  /** Also for people whom Familiar does not answer. */
  readonly isForEveryone?: true;
  run(interaction: ChatInputCommandInteraction, context: CommandContext): Promise<void>;
  /** Takes the use of a button or a select whose custom id begins with the command's name. */
  press?(interaction: MessageComponentInteraction, context: CommandContext): Promise<void>;
  /** Takes a modal whose custom id begins with the command's name. */
  submit?(interaction: ModalSubmitInteraction, context: CommandContext): Promise<void>;
  /** Proposes values for the option that someone types. */
  autocomplete?(interaction: AutocompleteInteraction, context: CommandContext): Promise<void>;
}

/** A command in the menu of a message. `run` acknowledges first, as a slash command's does. */
export interface MessageCommand {
  readonly definition: RESTPostAPIContextMenuApplicationCommandsJSONBody;
  /** What the person must be allowed; checked before `run`. */
  readonly requires: Requirement;
  run(interaction: MessageContextMenuCommandInteraction, context: CommandContext): Promise<void>;
}
