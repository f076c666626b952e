import type {
  ChatInputCommandInteraction,
  ModalSubmitInteraction,
  RESTPostAPIChatInputApplicationCommandsJSONBody,
} from "discord.js";
import type { Familiar } from "../../chat/familiar.ts";

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
}
