import { Adoptions } from "./adopt/adoptions.ts";
import { beginThread } from "./begin-thread.ts";
import type { NewThread } from "./begin-thread.ts";
import { catchUp } from "./catch-up.ts";
import { Controls } from "./control/controls.ts";
import { offerAgain, restoreControls } from "./control/place-controls.ts";
import type { Conversation, HistoryEntry } from "./conversation.ts";
import type { FamiliarDependencies } from "./familiar-dependencies.ts";
import { forgetConversation, forgetTakenBack } from "./forget-evaluated.ts";
import type { ChannelId, MessageId } from "./ids.ts";
import { readHistory } from "./read-history.ts";
import { InOrder } from "./in-order.ts";
import { takeIn } from "./intake.ts";
import { type Pastimes, createPastimes } from "./pastimes.ts";
import type { Place, SaidMessage } from "./place.ts";
import { describeContext } from "./prompt/describe-context.ts";
import type { ContextDescription } from "./prompt/describe-context.ts";
import { SystemPrompts } from "./prompt/system-prompts.ts";
import { Privacy } from "./privacy/privacy.ts";
import type { KnownGuild } from "./privacy/privacy-store.ts";
import { Withheld } from "./privacy/withheld.ts";
import { markInterruptedReplies } from "./recovery.ts";
import { answer } from "./reply/answer.ts";
import type { AnswerDependencies, AnswerPorts, AnswerSettings } from "./reply/answer-ports.ts";
import { toApology } from "./reply/apology.ts";
import type { Rewriting } from "./reply/begin-reply.ts";
import { OneOffReplies } from "./reply/one-off.ts";
import { ReplyLine } from "./reply/reply-line.ts";
import { ReplyNumbers } from "./reply/reply-numbers.ts";
import type { ReplyNumbersView } from "./reply/reply-numbers.ts";
import { ReplyQueue, ReplyStopped } from "./reply/reply-queue.ts";
import type { AskingMessage } from "./reply/asking-message.ts";
import { Watchdog } from "./reply/watchdog.ts";
import { reviseTurn } from "./said-text.ts";
import type { Sampling } from "./sampling.ts";
import { admit } from "./settings/admit.ts";
import { Quotas } from "./settings/quotas.ts";

interface FirstReply {
  /** Saves a query. */
  readonly known?: Conversation;
  readonly rewriting?: Rewriting | undefined;
}

/**
 * All conversations: what is said goes in, replies come out on the surface. What happens in one
 * place takes effect in the order in which it is reported.
 */
export class Familiar {
  /** What was written before, and elsewhere. */
  readonly adoptions: Adoptions;
  /** What people do with replies. */
  readonly controls: Controls;
  /** Replies that belong to no conversation. */
  readonly oneOffs: OneOffReplies;
  /** What is done while nobody asks. */
  readonly pastimes: Pastimes;
  /** What people may know and decide about what is held of them. */
  readonly privacy: Privacy;
  /** What people may use, and have used. */
  readonly quotas: Quotas;
  /** What the model is told before all else. */
  readonly systemPrompts: SystemPrompts;
  readonly #dependencies: Omit<FamiliarDependencies, "recall" | "summaries"> &
    AnswerPorts & { readonly withheld: Withheld };
  readonly #settings: AnswerSettings;
  readonly #events = new InOrder<ChannelId>();
  readonly #queue = new ReplyQueue();
  readonly #line: ReplyLine;
  readonly #numbers = new ReplyNumbers();
  readonly #answering: AnswerDependencies;

  constructor(given: FamiliarDependencies, settings: AnswerSettings) {
    this.#settings = settings;
    this.#line = new ReplyLine({ ...settings, places: given.engine.parallelReplies });
    const watchdog = new Watchdog(given.clock, settings.replyTimeoutMs);
    this.pastimes = createPastimes(given, { line: this.#line, settings, watchdog });
    const { embeddings, learner, recollection, summaries } = this.pastimes;
    const withheld = new Withheld(given.privacy);
    const dependencies = { ...given, embeddings, learner, recollection, summaries, withheld };
    this.#dependencies = dependencies;
    this.quotas = new Quotas(dependencies);
    this.systemPrompts = new SystemPrompts(dependencies, settings.defaultSystemPrompt);
    this.adoptions = new Adoptions({ ...dependencies, events: this.#events });
    const { adoptions, quotas } = this;
    this.privacy = new Privacy({
      ...dependencies,
      adoptions,
      queue: this.#queue,
      forgetPlace: (placeId) => this.forgetPlace(placeId),
    });
    const answering = { line: this.#line, numbers: this.#numbers, quotas, watchdog };
    this.#answering = { ...dependencies, ...answering };
    this.oneOffs = new OneOffReplies(this.#answering, settings);
    this.controls = new Controls({
      ports: dependencies,
      settings,
      events: this.#events,
      queue: this.#queue,
      quotas,
      ask: (place, messages, rewriting) => this.#ask(place, messages, { rewriting }),
      forgetMessages: (placeId, messageIds) => this.forgetMessages(placeId, messageIds),
    });
  }

  /** Stores what was said, where it concerns Familiar, and has it answered. Never rejects. */
  async hear(message: SaidMessage): Promise<void> {
    await this.#inPlace(message.place, async () => {
      const taken = await takeIn(this.#dependencies, message);
      if (taken === undefined) return;
      const { asking, conversation } = taken;
      await this.#askAdmitted(conversation.place, [asking], { known: conversation });
    });
  }

  /** A person changed what they had said; so it is changed wherever it was forked to. */
  async revise(placeId: ChannelId, messageId: MessageId, read: () => Promise<string>) {
    const { conversations } = this.#dependencies;
    await this.#inForks(placeId, async (id) => {
      if (await this.#queue.reword(id, messageId, read)) return;
      if (!(await reviseTurn(conversations, { placeId: id, messageId, read }))) return;
      await forgetTakenBack(this.#dependencies, this.#settings, id);
      if (!this.#queue.isRunning(id)) await offerAgain(this.#dependencies, id, messageId);
    });
  }

  /** Messages were deleted, one or many, by whomever. */
  async forgetMessages(placeId: ChannelId, messageIds: readonly MessageId[]): Promise<void> {
    const { conversations, learner } = this.#dependencies;
    await learner?.dropMessages(messageIds);
    await this.#inForks(placeId, async (id) => {
      this.#queue.takeBack(id, messageIds);
      const changed = await conversations.forgetMessages(id, messageIds);
      if (changed > 0) await forgetTakenBack(this.#dependencies, this.#settings, id);
    });
  }

  /** A channel or thread was deleted. */
  async forgetPlace(placeId: ChannelId): Promise<void> {
    await this.#events.run(placeId, async () => {
      await this.#queue.stop(placeId, new ReplyStopped("unreachable"));
      const forgotten = await this.#dependencies.conversations.forgetPlace(placeId);
      this.#dependencies.settings.forget(placeId);
      for (const id of forgotten) await forgetConversation(this.#dependencies, id);
    });
  }

  /** Familiar is no longer in a guild, or the guild is no more. */
  async leaveGuild(guild: KnownGuild): Promise<void> {
    const { clock, conversations, privacy } = this.#dependencies;
    await conversations.closeGuild(guild.id);
    await privacy.noteLeaving(guild, clock.date());
  }

  /** Takes part in a thread that was opened for a conversation, and answers its first message. */
  async startThread(thread: NewThread): Promise<void> {
    const { place } = thread;
    await this.#events.run(place.id, async () => {
      const taken = await beginThread(this.#dependencies, thread);
      if (taken !== undefined) await this.#askAdmitted(place, [taken.asking]);
    });
  }

  async find(placeId: ChannelId): Promise<Conversation | undefined> {
    return await this.#dependencies.conversations.find(placeId);
  }

  get defaultSampling(): Sampling {
    return this.#settings.sampling;
  }

  /** How replies go, for operators. */
  numbers(): ReplyNumbersView {
    const { running, waiting } = this.#line;
    const { parallelReplies } = this.#dependencies.engine;
    return this.#numbers.read({ running, waiting, parallelReplies });
  }

  /** A fresh start: stops the reply under way, and what was said so far will be in no prompt. */
  async reset(placeId: ChannelId, upTo?: MessageId): Promise<void> {
    await this.#events.run(placeId, async () => {
      await this.#queue.stop(placeId, new ReplyStopped("aborted"));
      await this.#dependencies.conversations.reset(placeId, upTo);
      const conversation = await this.find(placeId);
      if (conversation === undefined) return;
      await forgetConversation(this.#dependencies, conversation.id);
      await restoreControls(this.#dependencies, conversation.place);
    });
  }

  /** What the model would read now. Undefined where there is no conversation; changes nothing. */
  async context(placeId: ChannelId): Promise<ContextDescription | undefined> {
    return await describeContext(this.#dependencies, this.#settings, placeId);
  }

  /** Everything stored of a place, oldest first. */
  async history(placeId: ChannelId): Promise<readonly HistoryEntry[]> {
    return await readHistory(this.#dependencies.conversations, placeId);
  }

  /** Call once at start, before anything is heard. */
  async markInterrupted(): Promise<void> {
    await markInterruptedReplies(this.#dependencies);
  }

  /**
   * Hears what was said while nobody listened, and answers what is still unanswered. Leaves half of
   * the line to people who speak now.
   */
  async catchUp(): Promise<void> {
    const catchingUp = catchUp({
      dependencies: { ...this.#dependencies, quotas: this.quotas },
      isCrowded: () => this.#line.waiting * 2 >= this.#settings.maxWaiting,
      isSeen: (placeId, position) => this.#queue.isSeen(placeId, position),
      inPlace: (place, task) => this.#inPlace(place, task),
      ask: (place, messages) => this.#askAdmitted(place, messages),
    });
    await Promise.all([catchingUp, this.pastimes.start()]);
  }

  /** Lets running replies end until `deadline` is aborted, then marks them as interrupted. */
  async close(deadline: AbortSignal): Promise<void> {
    const interrupt = (): void => {
      this.#queue.interrupt();
      this.oneOffs.interrupt();
    };
    deadline.addEventListener("abort", interrupt, { once: true });
    if (deadline.aborted) interrupt();
    const parts = [this.#queue, this.oneOffs, this.adoptions, this.pastimes];
    await Promise.all(parts.map(async (part) => await part.close()));
    deadline.removeEventListener("abort", interrupt);
  }

  /**
   * Resolves when the reply under way has ended. What it knows and rewrites holds for the first
   * reply; one that follows another reads what has changed since.
   */
  #ask(place: Place, messages: readonly AskingMessage[], how: FirstReply = {}): Promise<void> {
    let first = this.#queue.isRunning(place.id) ? {} : how;
    return this.#queue.ask(place.id, messages, async (asked) => {
      const request = { known: undefined, ...first, place, asked };
      first = {};
      try {
        await answer(this.#answering, this.#settings, request);
      } catch (error) {
        await this.#apologise(place, error);
      }
    });
  }

  /** As `#ask`, for those of the messages whose authors may have a reply now. */
  async #askAdmitted(place: Place, messages: readonly AskingMessage[], how?: FirstReply) {
    const { surface } = this.#dependencies;
    const admitted = await admit({ quotas: this.quotas, surface }, place, messages);
    const isRefused = messages.length > 0 && admitted.length === 0;
    return { answered: isRefused ? Promise.resolve() : this.#ask(place, admitted, how) };
  }

  /** What people say is theirs in every history that it was copied into. */
  async #inForks(placeId: ChannelId, task: (placeId: ChannelId) => Promise<void>): Promise<void> {
    this.adoptions.noteChange(placeId);
    await this.#events.run(placeId, () => task(placeId));
    const forks = await this.#dependencies.conversations.forks(placeId);
    for (const id of forks) await this.#events.run(id, () => task(id));
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
