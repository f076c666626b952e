import type { UnfinishedReply } from "./conversation.ts";
import { FamiliarError } from "./errors.ts";
import type { ChannelId, MessageId } from "./ids.ts";
import type { Place } from "./place.ts";
import type { AliveConversation, ConversationStore } from "./ports.ts";
import { endUnseen, markInterrupted, takeInMissed } from "./recovery.ts";
import type { DueReply, MissedDependencies, RecoveryDependencies } from "./recovery.ts";
import type { ReadTurn } from "./reply/read-turns.ts";

/** Most conversations looked into after a downtime. */
const MAX_CAUGHT_UP = 200;

export interface CatchUpParts {
  readonly dependencies: MissedDependencies &
    RecoveryDependencies & { readonly conversations: Pick<ConversationStore, "alive"> };
  /** So many wait already that people who speak now might have to. */
  readonly isCrowded: () => boolean;
  /** Whoever speaks while this goes on has what is due in the place answered, too. */
  readonly isSeen: (placeId: ChannelId, turn: ReadTurn) => boolean;
  /** Runs a task when it is the place's turn. */
  readonly inPlace: (place: Place, task: () => Promise<void>) => Promise<void>;
  readonly ask: (due: DueReply) => Promise<{ readonly answered: Promise<void> }>;
}

/** What there was when nobody listened any more. */
interface Standing {
  readonly alive: readonly AliveConversation[];
  /** Only where this process has begun nothing itself. */
  readonly unfinished: readonly UnfinishedReply[];
}

/** What is to be made up for in one place. */
interface LeftPlace {
  readonly place: Place;
  readonly unfinished: UnfinishedReply[];
  alive: AliveConversation | undefined;
}

/**
 * Takes in what was said while nobody listened, place by place. Where someone speaks before it is
 * the place's turn, that is done first: a history is in order, and nothing in it is passed over.
 */
export class CatchUp {
  readonly #parts: CatchUpParts;
  readonly #left = new Map<ChannelId, LeftPlace>();
  #standing: Promise<Standing> | undefined;
  #reading: Promise<void> | undefined;
  #isBehind = false;
  #hasStarted = false;

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

  /**
   * Takes in what was missed in a place, up to a message that has been heard. To be called when it is
   * the place's turn. Rejects while the database is away, and is then to be called again.
   */
  async settle({ id }: Place, heard?: MessageId): Promise<readonly DueReply[]> {
    await this.ready();
    const left = this.#left.get(id);
    if (left === undefined) return [];
    // What is noted meanwhile is of another silence.
    this.#left.delete(id);
    try {
      return await this.#makeUpFor(left, heard);
    } catch (error) {
      if (isStoreAway(error)) {
        this.#left.set(id, left);
        throw error;
      }
      const { log } = this.#parts.dependencies;
      log.error({ error, placeId: id }, "What was missed could not be taken in");
      return [];
    }
  }

  /** A place begins anew: what was said there before is not heard any more. */
  pass(placeId: ChannelId): void {
    const left = this.#left.get(placeId);
    if (left !== undefined) left.alive = undefined;
  }

  /** Settles all places, and has what is due there answered. */
  async run(): Promise<void> {
    const { ask, inPlace, isCrowded } = this.#parts;
    const underWay = new Set<Promise<void>>();
    await this.ready();
    for (const { place } of Array.from(this.#left.values())) {
      while (underWay.size > 0 && isCrowded()) await Promise.race(underWay);
      await inPlace(place, async () => {
        for (const due of await this.settle(place)) {
          const { answered } = await ask(due);
          underWay.add(answered);
          void answered.finally(() => underWay.delete(answered));
        }
      });
    }
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
    // What was left there before goes further back.
    for (const one of alive) this.#leftIn(one.place).alive ??= one;
  }

  #leftIn(place: Place): LeftPlace {
    const left = this.#left.get(place.id) ?? { place, unfinished: [], alive: undefined };
    this.#left.set(place.id, left);
    return left;
  }

  async #makeUpFor(
    { alive, unfinished }: LeftPlace,
    heard: MessageId | undefined,
  ): Promise<readonly DueReply[]> {
    const { dependencies } = this.#parts;
    for (let [reply] = unfinished; reply !== undefined; [reply] = unfinished) {
      await markInterrupted(dependencies, reply);
      unfinished.shift();
    }
    if (alive === undefined) return [];
    const due: DueReply[] = [];
    for (const one of await takeInMissed(dependencies, alive, heard)) {
      if (one.messages.length > 0 || !(await this.#isSeen(alive))) due.push(one);
    }
    return due;
  }

  /** Whether what was due since before the silence is answered by now, or about to be. */
  async #isSeen({ duePosition = Infinity, place }: AliveConversation): Promise<boolean> {
    const { dependencies, isSeen } = this.#parts;
    const conversation = await dependencies.conversations.find(place.id);
    if (conversation === undefined) return true;
    return isSeen(place.id, { conversationId: conversation.id, position: duePosition });
  }
}

function isStoreAway(error: unknown): boolean {
  return error instanceof FamiliarError && error.code === "store-unreachable";
}
