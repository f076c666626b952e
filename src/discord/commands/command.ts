import type {
  AutocompleteInteraction,
  ChatInputCommandInteraction,
  MessageContextMenuCommandInteraction,
  ModalSubmitInteraction,
  RESTPostAPIChatInputApplicationCommandsJSONBody,
  RESTPostAPIContextMenuApplicationCommandsJSONBody,
} from "discord.js";
import type { Familiar } from "../../chat/familiar.ts";
import type { CardFiles } from "../../chat/persona/card-files.ts";
import type { PersonaLibrary } from "../../chat/persona/library.ts";

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
  readonly personas: PersonaLibrary;
  readonly cards: CardFiles;
  readonly health: Health;
}

/**
 * One slash command. Both methods acknowledge before they do anything that can take long: Discord
 * gives three seconds. Thrown `input-invalid` errors are told to the person as they are.
 */
export interface Command {
  readonly definition: RESTPostAPIChatInputApplicationCommandsJSONBody;
  run(interaction: ChatInputCommandInteraction, context: CommandContext): Promise<void>;
  /** Takes a modal whose custom id begins with the command's name. */
  submit?(interaction: ModalSubmitInteraction, context: CommandContext): Promise<void>;
  /** Proposes values for the option that someone types. */
  autocomplete?(interaction: AutocompleteInteraction, context: CommandContext): Promise<void>;
}

/** A command in the menu of a message. `run` acknowledges first, as a slash command's does. */
export interface MessageCommand {
  readonly definition: RESTPostAPIContextMenuApplicationCommandsJSONBody;
  run(interaction: MessageContextMenuCommandInteraction, context: CommandContext): Promise<void>;
}
