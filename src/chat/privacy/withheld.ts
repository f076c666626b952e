import { saidAtOf } from "../ids.ts";
import type { MessageId, UserId } from "../ids.ts";
import type { Place, Quoted } from "../place.ts";
import type { NewTurn } from "../ports.ts";
import { quoteLineOf } from "../prompt/quote.ts";
import type { Forgetting, PrivacyScope, WithheldStore } from "./privacy-store.ts";

/** Unstored messages that are known again when they are reported twice. */
const MAX_SEEN = 1_000;

interface Known {
  readonly optedOut: Set<UserId>;
  readonly forgettings: Map<UserId, Forgetting[]>;
}

interface Said {
  readonly authorId: UserId;
  readonly messageId: MessageId;
}

/**
 * Whose words are not stored: those of people who have opted out, and those that someone had
 * forgotten, which still stand in their places. Few people do either, so that all of them are known.
 */
export class Withheld {
  readonly #store: WithheldStore;
  readonly #seen = new Set<MessageId>();
  #known: Promise<Known> | undefined;

  constructor(store: WithheldStore) {
    this.#store = store;
  }

  async hasOptedOut(userId: UserId): Promise<boolean> {
    return (await this.#read()).optedOut.has(userId);
  }

  /** False where it was so already. */
  async optOut(userId: UserId): Promise<boolean> {
    const { optedOut } = await this.#read();
    if (optedOut.has(userId)) return false;
    await this.#store.optOut(userId);
    optedOut.add(userId);
    return true;
  }

  /** False where it was so already. */
  async optIn(userId: UserId): Promise<boolean> {
    const { optedOut } = await this.#read();
    if (!optedOut.has(userId)) return false;
    await this.#store.optIn(userId);
    optedOut.delete(userId);
    return true;
  }

  async addForgetting(forgetting: Forgetting): Promise<void> {
    const { forgettings } = await this.#read();
    await this.#store.addForgetting(forgetting);
    add(forgettings, forgetting);
  }

  /** Whether what someone said may be stored. */
  async mayStore(place: Place, said: Said): Promise<boolean> {
    if (await this.hasOptedOut(said.authorId)) return false;
    return !(await this.isForgotten(place, said));
  }

  /** Whether someone said it before they had themselves forgotten. */
  async isForgotten(place: Place, { authorId, messageId }: Said): Promise<boolean> {
    const { forgettings } = await this.#read();
    const own = forgettings.get(authorId) ?? [];
    const saidAt = saidAtOf(messageId);
    return own.some(({ scope, until }) => isWithin(place, scope) && saidAt < until);
  }

  /** What a message replies to; undefined where the words are not to be stored. */
  async toQuotable(place: Place, quoted: Quoted | undefined): Promise<Quoted | undefined> {
    if (quoted?.author === undefined) return quoted;
    const { author, messageId } = quoted;
    return (await this.mayStore(place, { authorId: author.id, messageId })) ? quoted : undefined;
  }

  /** Of a turn that was read back, what may be stored. */
  async toStorable(place: Place, turn: NewTurn): Promise<NewTurn | undefined> {
    const { messageId, quoted, speaker, text } = turn;
    if (speaker !== undefined) {
      if (!(await this.mayStore(place, { authorId: speaker.id, messageId }))) return undefined;
    }
    if (quoted?.authorId === undefined) return turn;
    const { authorId } = quoted;
    if (await this.mayStore(place, { authorId, messageId: quoted.messageId })) return turn;
    return { ...turn, text: text.slice(quoteLineOf(text).length), quoted: undefined };
  }

  /** Whether an unstored message comes for the first time: no turn tells. */
  isNews(messageId: MessageId): boolean {
    if (this.#seen.has(messageId)) return false;
    this.#seen.add(messageId);
    const [oldest] = this.#seen;
    if (this.#seen.size > MAX_SEEN && oldest !== undefined) this.#seen.delete(oldest);
    return true;
  }

  #read(): Promise<Known> {
    if (this.#known !== undefined) return this.#known;
    const reading = this.#store.read().then(({ forgettings, optedOut }) => {
      const known: Known = { optedOut: new Set(optedOut), forgettings: new Map() };
      for (const forgetting of forgettings) add(known.forgettings, forgetting);
      return known;
    });
    this.#known = reading;
    reading.catch(() => {
      this.#known = undefined;
    });
    return reading;
  }
}

function add(all: Known["forgettings"], forgetting: Forgetting): void {
  const { scope, userId } = forgetting;
  const others = (all.get(userId) ?? []).filter((one) => !isSame(one.scope, scope));
  all.set(userId, [...others, forgetting]);
}

function isSame(one: PrivacyScope, other: PrivacyScope): boolean {
  if (one.kind === "guild" && other.kind === "guild") return one.id === other.id;
  return one.kind === other.kind;
}

function isWithin(place: Place, scope: PrivacyScope): boolean {
  if (scope.kind === "everywhere") return true;
  if (place.kind === "direct") return scope.kind === "direct";
  return scope.kind === "guild" && scope.id === place.guildId;
}
