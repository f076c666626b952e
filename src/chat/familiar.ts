import { Adoptions } from "./adopt/adoptions.ts";
import { beginThread } from "./begin-thread.ts";
import type { NewThread } from "./begin-thread.ts";
import { CatchUp } from "./catch-up/catch-up.ts";
import { Controls } from "./control/controls.ts";
import { offerAgain, restoreControls } from "./control/place-controls.ts";
import type { Conversation, HistoryEntry } from "./conversation.ts";
import type { FamiliarDependencies } from "./familiar-dependencies.ts";
import { forgetConversation, forgetTakenBackTwice } from "./forget-evaluated.ts";
import type { ChannelId, MessageId } from "./ids.ts";
import { readHistory } from "./read-history.ts";
import { InOrder } from "./in-order.ts";
import { takeIn, toAsking } from "./intake.ts";
import { type Pastimes, createPastimes } from "./pastimes.ts";
import type { Place, SaidMessage } from "./place.ts";
import { describeContext } from "./prompt/describe-context.ts";
import type { ContextDescription } from "./prompt/describe-context.ts";
import { SystemPrompts } from "./prompt/system-prompts.ts";
import { Privacy } from "./privacy/privacy.ts";
import type { KnownGuild } from "./privacy/privacy-store.ts";
import { Withheld } from "./privacy/withheld.ts";
import { answer } from "./reply/answer.ts";
import type { AnswerDependencies, AnswerPorts, AnswerSettings } from "./reply/answer-ports.ts";
import { Apologies } from "./reply/apologies.ts";
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
  readonly known?: Conversation | undefined;
  readonly rewriting?: Rewriting | undefined;
}

/**
 * All conversations: what is said goes in, replies come out on the surface. What happens in one
 * place takes effect in the order in which it is reported.
 */
export class Familiar {
  /** What was written before, and elsewhere. */
  readonly adoptions: Adoptions;
  /** What was said while nobody listened. */
  readonly catchingUp: CatchUp;
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
  readonly #apologies: Apologies;
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
    this.#apologies = new Apologies(dependencies);
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
    this.catchingUp = this.#createCatchUp();
  }

  /** Stores what was said, where it concerns Familiar, and has it answered. Never rejects. */
  async hear(message: SaidMessage): Promise<void> {
    try {
      await this.#events.run(message.place.id, () => this.#takeIn(message));
    } catch (error) {
      if (error === this.catchingUp.closing.reason) return;
      await this.#apologies.forUnheard(message, error);
    }
  }

  /** A person changed what they had said; so it is changed wherever it was forked to. */
  async revise(placeId: ChannelId, messageId: MessageId, read: () => Promise<string>) {
    const { conversations } = this.#dependencies;
    await this.#inForks(placeId, async (id) => {
      if (await this.#queue.reword(id, messageId, read)) return;
      const underWay = this.#queue.underWay(id);
      if (!(await reviseTurn(conversations, { placeId: id, messageId, read }))) return;
      await this.#forgetTakenBack(id, underWay);
      if (!this.#queue.isRunning(id)) await offerAgain(this.#dependencies, id, messageId);
    });
  }

  /** Messages were deleted, one or many, by whomever. */
  async forgetMessages(placeId: ChannelId, messageIds: readonly MessageId[]): Promise<void> {
    const { conversations, learner } = this.#dependencies;
    await learner?.dropMessages(messageIds);
    const forget = async (id: ChannelId): Promise<void> => {
      const underWay = this.#queue.underWay(id);
      this.catchingUp.takeBack(id, messageIds);
      this.#queue.takeBack(id, messageIds);
      const changed = await conversations.forgetMessages(id, messageIds);
      if (changed > 0) await this.#forgetTakenBack(id, underWay);
    };
    await this.#inForks(placeId, forget, messageIds);
  }

  /** A channel or thread was deleted. */
  async forgetPlace(placeId: ChannelId): Promise<void> {
    await this.#events.run(placeId, async () => {
      await this.#queue.stop(placeId, new ReplyStopped("unreachable"));
      const forgotten = await this.#dependencies.conversations.forgetPlace(placeId);
      this.catchingUp.pass(placeId);
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
      if (taken !== undefined) await this.#askAdmitted(place, [toAsking(taken)]);
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

  /** Resolves when the replies that are being written have ended; undefined where none is. */
  repliesUnderWay(): Promise<void> | undefined {
    return this.#queue.underWay();
  }

  /** A fresh start: stops the reply under way, and what was said so far will be in no prompt. */
  async reset(placeId: ChannelId, upTo?: MessageId): Promise<void> {
    await this.#events.run(placeId, async () => {
      await this.#queue.stop(placeId, new ReplyStopped("aborted"));
      await this.#dependencies.conversations.reset(placeId, upTo);
      this.catchingUp.pass(placeId);
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

  /**
   * Hears what was said while nobody listened, and answers what is still unanswered, also where the
   * database is away for a while. Leaves half of the line to people who speak now.
   */
  async catchUp(): Promise<void> {
    if (!(await this.catchingUp.untilReady())) return;
    await Promise.all([this.catchingUp.run(), this.pastimes.start()]);
  }

  /** Lets running replies end until `deadline` is aborted, then marks them as interrupted. */
  async close(deadline: AbortSignal): Promise<void> {
    const interrupt = (): void => {
      this.#queue.interrupt();
      this.oneOffs.interrupt();
    };
    deadline.addEventListener("abort", interrupt, { once: true });
    if (deadline.aborted) interrupt();
    const parts = [this.catchingUp, this.#queue, this.oneOffs, this.adoptions, this.pastimes];
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
        // No reply begins before those are known that a crash cut off.
        await this.catchingUp.ready();
        await answer(this.#answering, this.#settings, request);
      } catch (error) {
        await this.#apologies.forReply(place, error);
      }
    });
  }

  async #takeIn(message: SaidMessage): Promise<void> {
    await this.catchingUp.hear(message, async () => {
      const taken = await takeIn(this.#dependencies, message);
      if (taken !== undefined) this.#apologies.noteHeard(taken.conversation.place, taken);
      return taken;
    });
  }

  async #forgetTakenBack(placeId: ChannelId, underWay: Promise<void> | undefined): Promise<void> {
    await forgetTakenBackTwice(this.#dependencies, this.#settings, { placeId, underWay });
  }

  #createCatchUp(): CatchUp {
    return new CatchUp({
      dependencies: { ...this.#dependencies, quotas: this.quotas },
      isCrowded: () => this.#line.waiting * 2 >= this.#settings.maxWaiting,
      isSeen: (placeId, turn) => this.#queue.isSeen(placeId, turn),
      inPlace: (place, task) => this.#events.run(place.id, task),
      ask: ({ messages, place }, known) => this.#askAdmitted(place, messages, { known }),
    });
  }

  /** As `#ask`, for those of the messages whose authors may have a reply now. */
  async #askAdmitted(place: Place, messages: readonly AskingMessage[], how?: FirstReply) {
    const { surface } = this.#dependencies;
    const admitted = await admit({ quotas: this.quotas, surface }, place, messages);
    const isRefused = messages.length > 0 && admitted.length === 0;
    return { answered: isRefused ? Promise.resolve() : this.#ask(place, admitted, how) };
  }

  /** What people say is theirs in every history that it was copied into, or is quoted in. */
  async #inForks(
    placeId: ChannelId,
    task: (placeId: ChannelId) => Promise<void>,
    quoted: readonly MessageId[] = [],
  ): Promise<void> {
    this.adoptions.noteChange(placeId);
    await this.#events.run(placeId, () => task(placeId));
    const forks = await this.#dependencies.conversations.forks(placeId, quoted);
    for (const id of forks) await this.#events.run(id, () => task(id));
  }
}
