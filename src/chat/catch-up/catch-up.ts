import type { Conversation, UnfinishedReply } from "../conversation.ts";
import type { ChannelId, MessageId } from "../ids.ts";
import { joinDue, LeftPlace } from "./left-place.ts";
import type { DueReply } from "./left-place.ts";
import type { Place, SaidMessage } from "../place.ts";
import type { AliveConversation, ConversationStore } from "../ports.ts";
import type { TakenTurn } from "../privacy/take-turn.ts";
import { endUnseen } from "./recovery.ts";
import { isStoreAway, noteFailure, settlePlace } from "./settle-place.ts";
import type { SettleDependencies, SettleOptions } from "./settle-place.ts";

/** Most conversations looked into after a downtime. */
const MAX_CAUGHT_UP = 200;

/** Pauses between two attempts at all that is left: each is twice the one before, up to the longest. */
const FIRST_PAUSE_MS = 5_000;
const MAX_PAUSE_MS = 60_000;

export interface CatchUpParts {
  readonly dependencies: SettleDependencies & {
    readonly conversations: Pick<ConversationStore, "alive">;
  };
  /** So many wait already that people who speak now might have to. */
  readonly isCrowded: () => boolean;
  /** Whoever speaks while this goes on has what is due in the place answered, too. */
  readonly isSeen: SettleOptions["isSeen"];
  /** Runs a task when it is the place's turn. */
  readonly inPlace: (place: Place, task: () => Promise<boolean>) => Promise<boolean>;
  /** `known` saves a query. */
  readonly ask: (
    due: DueReply,
    known: Conversation | undefined,
  ) => Promise<{ readonly answered: Promise<void> }>;
}

/** What there was when nobody listened any more. */
interface Standing {
  readonly alive: readonly AliveConversation[];
  /** Only where this process has begun nothing itself. */
  readonly unfinished: readonly UnfinishedReply[];
}

/**
 * Takes in what was said while nobody listened, place by place. Where someone speaks before it is
 * the place's turn, that is done first: a history is in order, and nothing in it is passed over.
 */
export class CatchUp {
  readonly #parts: CatchUpParts;
  readonly #left = new Map<ChannelId, LeftPlace>();
  /** Places that began anew before it was known what is left. */
  readonly #passed = new Set<ChannelId>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #standing: Promise<Standing> | undefined;
  #reading: Promise<void> | undefined;
  #isBehind = false;
  #hasStarted = false;
  #runs = 0;

  constructor(parts: CatchUpParts) {
    this.#parts = parts;
  }

  /** Nobody listens any more. What is stored from now on does not show what was missed. */
  noteSilence(): void {
    if (this.#standing !== undefined) return;
    const standing = this.#look();
    this.#standing = standing;
    standing.catch(() => {
      if (this.#standing === standing) this.#standing = undefined;
    });
  }

  /** Nothing was missed after all. */
  noteResumed(): void {
    if (!this.#isBehind) this.#standing = undefined;
  }

  /** Someone listens again, or for the first time. To be called before anything is heard. */
  noteListening(): void {
    this.#isBehind = true;
    this.ready().catch(() => undefined);
  }

  /** Resolves when it is known where something was missed. Rejects while the database is away. */
  async ready(): Promise<void> {
    if (!this.#isBehind) return;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  /** As `ready`, again and again while the database is away. False where it is closed before. */
  async untilReady(): Promise<boolean> {
    return await this.#untilDone(() => this.#isReady());
  }

  /**
   * Takes in what was missed in a place before a message that has been heard, then that, and has both
   * answered. To be called when it is the place's turn. Rejects while the database is away, and with
   * the reason of `closing` once that is aborted: the message is then one that is missed.
   */
  async hear(
    { id, place }: SaidMessage,
    takeIn: () => Promise<TakenTurn | undefined>,
  ): Promise<void> {
    const missed = await this.#settle(place, id);
    let taken: TakenTurn | undefined;
    try {
      taken = await takeIn();
    } finally {
      const due = taken === undefined ? missed : joinDue(missed, taken);
      await this.#ask(place, due, taken?.conversation);
    }
  }

  /** A place begins anew: what was said there before is not heard any more. */
  pass(placeId: ChannelId): void {
    if (this.#isBehind) this.#passed.add(placeId);
    this.#left.get(placeId)?.pass();
  }

  /** Messages of a place were deleted: they ask for nothing any more. */
  takeBack(placeId: ChannelId, messageIds: readonly MessageId[]): void {
    this.#left.get(placeId)?.takeBack(messageIds);
  }

  /** Settles all places, and has what is due there answered; again, where something is left then. */
  async run(): Promise<void> {
    this.#runs += 1;
    const run = this.#runs;
    // Where there is a newer one, that goes on.
    await this.#untilDone(async () => this.#runs !== run || (await this.#settleAll()));
  }

  /** Nothing is tried again any more. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("The next start catches up"));
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Returns what is to be asked for, which is left until it is. */
  async #settle({ id }: Place, heard?: MessageId): Promise<readonly DueReply[]> {
    const { dependencies, isSeen } = this.#parts;
    await this.ready();
    const left = this.#left.get(id);
    if (left === undefined) return [];
    await settlePlace(dependencies, left, { heard, isSeen, closing: this.closing });
    this.#dropIfDone(left);
    return left.due();
  }

  /** Asks for all that can be asked for. While the database is away, what cannot be is still left. */
  async #ask(place: Place, due: readonly DueReply[], known?: Conversation): Promise<void> {
    const failures: unknown[] = [];
    for (const one of due) {
      try {
        const { answered } = await this.#parts.ask(
          one,
          known?.place.id === one.place.id ? known : undefined,
        );
        this.#underWay.add(answered);
        void answered.finally(() => this.#underWay.delete(answered));
      } catch (error) {
        failures.push(error);
        if (isStoreAway(error)) continue;
      }
      const left = this.#left.get(place.id);
      left?.noteAsked(one.place.id);
      this.#dropIfDone(left);
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Whether nothing is left that could be done later. */
  async #settleAll(): Promise<boolean> {
    const { inPlace, isCrowded } = this.#parts;
    if (!(await this.#isReady())) return false;
    let isDone = true;
    for (const { place } of Array.from(this.#left.values())) {
      while (this.#underWay.size > 0 && isCrowded()) await Promise.race(this.#underWay);
      if (!(await inPlace(place, () => this.#settleInTurn(place)))) return false;
      isDone &&= !this.#left.has(place.id);
    }
    return isDone;
  }

  /** False while the database is away: it would be so for every other place. */
  async #settleInTurn(place: Place): Promise<boolean> {
    try {
      await this.#ask(place, await this.#settle(place));
      return true;
    } catch (error) {
      noteFailure(this.#parts.dependencies, place, error);
      return !isStoreAway(error);
    }
  }

  async #isReady(): Promise<boolean> {
    try {
      await this.ready();
      return true;
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      this.#parts.dependencies.log.error({ error }, "Catching up waits for the database");
      return false;
    }
  }

  /** False where it is closed before. */
  async #untilDone(attempt: () => Promise<boolean>): Promise<boolean> {
    const { clock } = this.#parts.dependencies;
    for (let pauseMs = FIRST_PAUSE_MS; !(await attempt());) {
      await clock.wait(pauseMs, this.closing).catch(() => undefined);
      if (this.closing.aborted) return false;
      pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
    }
    return true;
  }

  async #look(): Promise<Standing> {
    const { dependencies } = this.#parts;
    // Before the conversations: what nobody has seen of a reply leaves its question open.
    const unfinished = this.#hasStarted ? [] : await endUnseen(dependencies);
    return { unfinished, alive: await dependencies.conversations.alive(MAX_CAUGHT_UP) };
  }

  async #read(): Promise<void> {
    this.noteSilence();
    const { alive, unfinished } = (await this.#standing) ?? { alive: [], unfinished: [] };
    this.#standing = undefined;
    this.#isBehind = false;
    this.#hasStarted = true;
    for (const reply of unfinished) this.#leftIn(reply.place).unfinished.push(reply);
    for (const one of alive) {
      // What was left there before goes further back.
      if (!this.#passed.has(one.place.id)) this.#leftIn(one.place).unread ??= one;
    }
    this.#passed.clear();
  }

  #leftIn(place: Place): LeftPlace {
    const left = this.#left.get(place.id) ?? new LeftPlace(place);
    this.#left.set(place.id, left);
    return left;
  }

  #dropIfDone(left: LeftPlace | undefined): void {
    if (left?.isDone === true) this.#left.delete(left.place.id);
  }
}
