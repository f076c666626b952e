import { answer } from "./reply/answer.ts";
import type { AnswerDependencies, AnswerSettings } from "./reply/answer.ts";
import { toApology } from "./reply/apology.ts";
import type { Conversation, HistoryEntry } from "./conversation.ts";
import type { ChannelId, GuildId, MessageId } from "./ids.ts";
import { InOrder } from "./in-order.ts";
import { recordTurn, takeIn } from "./intake.ts";
import type { Place, SaidMessage, Speaker } from "./place.ts";
import type { EffectiveSystemPrompt, PlaceReader, SystemPromptStore } from "./ports.ts";
import { markInterruptedReplies, takeInMissed } from "./recovery.ts";
import { ReplyQueue, ReplyStopped } from "./reply/reply-queue.ts";
import { assertFits, changeSystemPrompt } from "./prompt/system-prompt.ts";

/** Most conversations looked into after a downtime. */
const MAX_CAUGHT_UP = 200;

export interface FamiliarDependencies extends AnswerDependencies {
  readonly systemPrompts: SystemPromptStore;
  readonly places: PlaceReader;
}

export interface NewThread {
  readonly place: Place & { readonly kind: "thread" };
  readonly openedBy: Speaker;
  readonly systemPrompt: string | undefined;
  /** What the opener said first, with the id of the message that shows it. */
  readonly first: SaidMessage | undefined;
}

/**
 * All conversations: what is said goes in, replies come out on the surface. What happens in one
 * place takes effect in the order in which it is reported.
 */
export class Familiar {
  readonly #dependencies: FamiliarDependencies;
  readonly #settings: AnswerSettings;
  readonly #events = new InOrder<ChannelId>();
  readonly #queue = new ReplyQueue();

  constructor(dependencies: FamiliarDependencies, settings: AnswerSettings) {
    this.#dependencies = dependencies;
    this.#settings = settings;
  }

  /** Stores what was said, where it concerns Familiar, and has it answered. Never rejects. */
  async hear(message: SaidMessage): Promise<void> {
    await this.#inPlace(message.place, async () => {
      const conversation = await takeIn(this.#dependencies, message);
      if (conversation !== undefined) this.#ask(message.place, [message.id], conversation);
    });
  }

  /** A person changed what they had said. */
  async revise(placeId: ChannelId, messageId: MessageId, text: string): Promise<void> {
    const { conversations } = this.#dependencies;
    await this.#events.run(placeId, () => conversations.edit(placeId, messageId, text));
  }

  /** Messages were deleted, one or many, by whomever. */
  async forgetMessages(placeId: ChannelId, messageIds: readonly MessageId[]): Promise<void> {
    const { conversations } = this.#dependencies;
    await this.#events.run(placeId, async () => {
      this.#queue.takeBack(placeId, messageIds);
      await conversations.forgetMessages(placeId, messageIds);
    });
  }

  /** A channel or thread was deleted. */
  async forgetPlace(placeId: ChannelId): Promise<void> {
    await this.#events.run(placeId, async () => {
      await this.#queue.stop(placeId, new ReplyStopped("unreachable"));
      await this.#dependencies.conversations.forgetPlace(placeId);
    });
  }

  /** Familiar is no longer in a guild, or the guild is no more. */
  async leaveGuild(guildId: GuildId): Promise<void> {
    await this.#dependencies.conversations.closeGuild(guildId);
  }

  /** Takes part in a thread that was opened for a conversation, and answers its first message. */
  async startThread(thread: NewThread): Promise<void> {
    const { conversations, systemPrompts } = this.#dependencies;
    const { first, openedBy, place, systemPrompt } = thread;
    await this.#events.run(place.id, async () => {
      const opening = { place, isParticipant: true, openedBy: openedBy.id };
      const conversation = await conversations.open(opening);
      if (systemPrompt !== undefined) await systemPrompts.change(place.id, systemPrompt, openedBy);
      if (first === undefined) return;
      await recordTurn(this.#dependencies, conversation, first);
      this.#ask(place, [first.id]);
    });
  }

  async find(placeId: ChannelId): Promise<Conversation | undefined> {
    return await this.#dependencies.conversations.find(placeId);
  }

  async systemPrompt(place: Place): Promise<EffectiveSystemPrompt> {
    return await this.#dependencies.systemPrompts.effective(place);
  }

  get defaultSystemPrompt(): string {
    return this.#settings.defaultSystemPrompt;
  }

  /** @throws {FamiliarError} `input-invalid` when the prompt is empty or leaves no room to talk */
  async assertSystemPromptFits(prompt: string): Promise<void> {
    await assertFits(this.#dependencies.engine, prompt);
  }

  /**
   * Holds from the next reply on. Undefined goes back to the parent channel's prompt, or the default.
   *
   * @throws {FamiliarError} `input-invalid` when the prompt is empty or leaves no room to talk
   */
  async changeSystemPrompt(placeId: ChannelId, prompt: string | undefined, by: Speaker) {
    await changeSystemPrompt(this.#dependencies, placeId, { prompt, by });
  }

  /** A fresh start: stops the reply under way, and what was said so far leaves the prompt. */
  async reset(placeId: ChannelId): Promise<void> {
    await this.#events.run(placeId, async () => {
      await this.#queue.stop(placeId, new ReplyStopped("aborted"));
      await this.#dependencies.conversations.reset(placeId);
    });
  }

  /** Everything stored of a place, oldest first. */
  async history(placeId: ChannelId): Promise<readonly HistoryEntry[]> {
    const entries: HistoryEntry[] = [];
    for await (const page of this.#dependencies.conversations.history(placeId)) {
      entries.push(...page);
    }
    return entries;
  }

  /** Call once at start, before anything is heard. */
  async markInterrupted(): Promise<void> {
    await markInterruptedReplies(this.#dependencies);
  }

  /** Hears what was said while nobody listened, and answers what is still unanswered. */
  async catchUp(): Promise<void> {
    for (const alive of await this.#dependencies.conversations.alive(MAX_CAUGHT_UP)) {
      await this.#inPlace(alive.place, async () => {
        const taken = await takeInMissed(this.#dependencies, alive);
        if (taken.length > 0 || alive.isAnswerDue) this.#ask(alive.place, taken);
      });
    }
  }

  /** Lets running replies end until `deadline` is aborted, then marks them as interrupted. */
  async close(deadline: AbortSignal): Promise<void> {
    const interrupt = (): void => this.#queue.interrupt();
    deadline.addEventListener("abort", interrupt, { once: true });
    if (deadline.aborted) interrupt();
    await this.#queue.close();
    deadline.removeEventListener("abort", interrupt);
  }

  /** `known` saves the first reply a query; those that follow it read what has changed since. */
  #ask(place: Place, messageIds: readonly MessageId[], known?: Conversation): void {
    let fresh = known;
    this.#queue.ask(place.id, messageIds, async (answering, signal) => {
      try {
        const conversation = fresh ?? (await this.find(place.id));
        fresh = undefined;
        if (conversation === undefined) return;
        await answer(this.#dependencies, this.#settings, { conversation, answering, signal });
      } catch (error) {
        await this.#apologise(place, error);
      }
    });
  }

  async #inPlace(place: Place, task: () => Promise<void>): Promise<void> {
    try {
      await this.#events.run(place.id, task);
    } catch (error) {
      await this.#apologise(place, error);
    }
  }

  async #apologise(place: Place, error: unknown): Promise<void> {
    const { log, surface } = this.#dependencies;
    log.error({ error, placeId: place.id }, "A turn failed");
    await surface.apologise(place, toApology(error));
  }
}
