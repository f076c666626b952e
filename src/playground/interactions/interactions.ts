import { randomBytes } from "node:crypto";
import type { ApplicationCommandType, InteractionType, Locale } from "discord-api-types/v10";
import {
  ApiError,
  invalidWebhookToken,
  unknownInteraction,
  unknownWebhook,
} from "../rest/api-error.ts";
import type { Modal } from "../rest/component-schema.ts";
import type { Owners } from "./installation.ts";
import type { Limits } from "../limits.ts";
import type { MessageRecord } from "../world/records.ts";

/** One use of a command, a component, a modal or an autocompletion, and how far it is answered. */
export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly type: InteractionType;
  readonly userId: string;
  readonly channelId: string;
  readonly guildId: string | null;
  /** The language that the person has chosen. */
  readonly locale: Locale;
  /** The client's own, echoed in what it hears about this interaction. */
  readonly nonce: string | null;
  /** The gateway session that asked; null: all of the person's. */
  readonly sessionId: string | null;
  readonly commandName: string | null;
  readonly commandType: ApplicationCommandType | null;
  /** The message or user that a context-menu command was used on. */
  readonly targetId: string | null;
  readonly owners: Owners;
  /** The message whose component was used, or that the modal came from. */
  readonly sourceMessageId: string | null;
  state: "waiting" | "answered" | "failed";
  /** What `@original` names. */
  responseMessageId: string | null;
  followUps: number;
  /** The modal shown to the person, until it is submitted. */
  modal: Modal | null;
}

type NewInteraction = Omit<
  Interaction,
  "token" | "state" | "responseMessageId" | "followUps" | "modal"
>;

/** What a use says, checked, before it becomes an interaction. */
export interface PreparedInteraction extends Partial<
  Pick<NewInteraction, "commandName" | "commandType" | "targetId" | "sourceMessageId">
> {
  readonly owners: Owners;
  readonly data: Record<string, unknown>;
}

interface Timed {
  readonly interaction: Interaction;
  readonly failure: NodeJS.Timeout;
  readonly expiry: NodeJS.Timeout;
}

/** All interactions whose tokens are still good, and the messages that only one person sees. */
export class Interactions {
  readonly #limits: Limits;
  readonly #byToken = new Map<string, Timed>();
  /** Kept apart from the world: nobody else may ever come upon them. */
  readonly #ephemeral = new Map<string, MessageRecord>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  open(draft: NewInteraction, onFailed: (interaction: Interaction) => void): Interaction {
    const token = Buffer.from(`interaction:${draft.id}:${randomBytes(96).toString("hex")}`);
    const interaction: Interaction = {
      ...draft,
      token: token.toString("base64url"),
      state: "waiting",
      responseMessageId: null,
      followUps: 0,
      modal: null,
    };
    const failure = setTimeout(() => {
      interaction.state = "failed";
      onFailed(interaction);
    }, this.#limits.firstAnswerMs);
    const expiry = setTimeout(() => this.#forget(interaction), this.#limits.interactionTokenMs);
    expiry.unref();
    this.#byToken.set(interaction.token, { interaction, failure, expiry });
    return interaction;
  }

  /** For the first answer: 10062 when it comes too late, 40060 when there was one. */
  acknowledge(id: string, token: string): Interaction {
    const interaction = this.requireWaiting(id, token);
    interaction.state = "answered";
    clearTimeout(this.#byToken.get(token)?.failure);
    return interaction;
  }

  requireWaiting(id: string, token: string): Interaction {
    const interaction = this.#byToken.get(token)?.interaction;
    if (interaction?.id !== id || interaction.state === "failed") throw unknownInteraction();
    if (interaction.state === "answered")
      throw new ApiError(400, 40060, "Interaction has already been acknowledged.");
    return interaction;
  }

  /** For everything after the first answer: 50027 when the token's time is over. */
  requireAnswered(token: string): Interaction {
    const interaction = this.#byToken.get(token)?.interaction;
    if (interaction === undefined) throw invalidWebhookToken();
    if (interaction.state !== "answered") throw unknownWebhook();
    return interaction;
  }

  find(id: string): Interaction | undefined {
    for (const { interaction } of this.#byToken.values())
      if (interaction.id === id) return interaction;
    return undefined;
  }

  findEphemeral(messageId: string): MessageRecord | undefined {
    return this.#ephemeral.get(messageId);
  }

  keepEphemeral(message: MessageRecord): void {
    this.#ephemeral.set(message.id, message);
  }

  dropEphemeral(messageId: string): void {
    this.#ephemeral.delete(messageId);
  }

  close(): void {
    for (const { failure, expiry } of this.#byToken.values()) {
      clearTimeout(failure);
      clearTimeout(expiry);
    }
    this.#byToken.clear();
  }

  #forget(interaction: Interaction): void {
    this.#byToken.delete(interaction.token);
    for (const [id, message] of this.#ephemeral)
      if (message.interaction?.id === interaction.id) this.#ephemeral.delete(id);
  }
}
