import type { Token } from "node-llama-cpp";
import type { RowId } from "../../chat/conversation.ts";
import { describeSlot, isBeginning, isSame, isUntouched } from "./kept-state.ts";
import type { KeptState, SavedState } from "./kept-state.ts";
import type { Slot } from "./slot.ts";
import { readRecords } from "./state-file.ts";
import type { StateRecord } from "./state-file.ts";
import { StatePlaces } from "./state-places.ts";
import type { StatePlacesSettings } from "./state-places.ts";

/** 0 `maxBytes` keep none, and leave the folder as it is. */
export interface StateStoreOptions extends StatePlacesSettings {
  /** Told of states that could not be kept or used; never of what they hold. */
  readonly onWarning?: (message: string) => void;
}

/** What is shorter is evaluated as fast as it is read. */
const FEWEST_TOKENS = 64;
/** A token's number, and its cell's position and sequence. */
const TOKEN_BYTES = 16;
/** More than the names and sizes in a state's file. */
const HEADER_BYTES = 1_024;
/** How long a stop may wait for states to reach the disk. */
const CLOSE_MS = 3_000;

interface StateStoreParts {
  readonly options: StateStoreOptions;
  /** Names the model and all settings that a state depends on. */
  readonly key: string;
  /** What the cache takes for a token. */
  readonly cacheBytes: number;
}

/**
 * The evaluated tokens of conversations that have no slot now: in memory first, then on a disk, the
 * least recently used deleted before there are too many. `save`, `saveShared` and `load` may only be
 * called between two steps of the decode loop; the others take their time and wait for none. None
 * rejects: without a state, tokens are evaluated again.
 */
export class StateStore implements AsyncDisposable {
  readonly #parts: StateStoreParts;
  readonly #places: StatePlaces;
  /** Least recently used first. */
  #entries: KeptState[];
  #settling: Promise<void> = Promise.resolve();
  /** What the last state took beyond the cache of its tokens: some models keep more beside it. */
  #extraBytes = HEADER_BYTES;

  private constructor(parts: StateStoreParts, places: StatePlaces, entries: KeptState[]) {
    this.#parts = parts;
    this.#places = places;
    this.#entries = entries;
  }

  static async open(parts: StateStoreParts): Promise<StateStore> {
    const { key, options } = parts;
    const places = await StatePlaces.open(options, key);
    const records = options.maxBytes > 0 ? await readRecords(options.directory, key) : [];
    const store = new StateStore(
      parts,
      places,
      records.map((record) => toEntry(record)),
    );
    await store.#keepLimits();
    return store;
  }

  /** Whether it keeps anything at all. */
  get isOpen(): boolean {
    return this.#parts.options.maxBytes > 0;
  }

  list(): readonly SavedState[] {
    return this.#entries;
  }

  /**
   * Deletes what has to go before a slot can be saved as this conversation's. Not needed, but `save`
   * would do it while replies wait.
   */
  async makeRoom(slot: Slot, conversationId: RowId | undefined): Promise<void> {
    const { maxBytes } = this.#parts.options;
    const bytes = this.#measure(slot);
    if (bytes > maxBytes || this.#findSame(slot) !== undefined) return;
    const replaced = this.#countBytes(isOwnedBy(conversationId));
    await this.#deleteDownTo(maxBytes - bytes + replaced);
  }

  /**
   * Saves all tokens of a slot, in place of what was saved of the same conversation before.
   * Undefined where there is nothing worth it, or no room.
   */
  async save(slot: Slot): Promise<SavedState | undefined> {
    const { conversationId } = slot;
    return await this.#keep(slot, { conversationId, user: conversationId });
  }

  /** Saves all tokens of a slot for all conversations that begin with them. */
  async saveShared(slot: Slot): Promise<void> {
    await this.#keep(slot, { conversationId: undefined, user: slot.conversationId });
  }

  /** Whether a state may be loaded; one whose file is not what it was is deleted. */
  async check(state: SavedState): Promise<boolean> {
    const entry = this.#find(state);
    if (entry === undefined) return false;
    this.#touch(entry);
    entry.isTrusted = await this.#places.isSound(entry);
    if (entry.isTrusted) return true;
    if (this.#find(entry) === undefined) return false;
    this.#warn("A saved state cannot be used", "its file has changed");
    await this.#delete(entry);
    return false;
  }

  /**
   * Fills a slot with a state that was checked. False where llama.cpp does not take it, which leaves
   * the slot empty, or where it is gone.
   */
  async load(state: SavedState, slot: Slot): Promise<boolean> {
    const entry = this.#find(state);
    if (entry === undefined) return false;
    await slot.clear();
    try {
      await this.#places.load(entry, slot);
    } catch (error) {
      this.#warn("A saved state cannot be used", error);
      await this.#delete(entry);
      await slot.clear();
      return false;
    }
    this.#touch(entry);
    return true;
  }

  /** Notes whose prompt begins with what is kept for all, wherever its tokens come from. */
  noteUser(user: RowId | undefined, prompt: readonly Token[]): void {
    for (const entry of this.#entries)
      if (isBeginning(entry.tokens, prompt)) this.#addUser(entry, user);
  }

  /**
   * Forgets what is saved of a conversation and goes beyond `remaining`. From the call on nothing of
   * it is used; when it resolves, its files are gone.
   */
  async forget(conversationId: RowId, remaining: readonly Token[]): Promise<void> {
    const isKept = (entry: KeptState): boolean => isUntouched(entry, conversationId, remaining);
    const forgotten = this.#entries.filter((entry) => !isKept(entry));
    this.#entries = this.#entries.filter(isKept);
    for (const entry of forgotten) await this.#places.delete(entry);
    // One of them may just be on its way to the disk.
    await this.#settling;
  }

  /** Puts what lies in memory on the disk, for the next start, as far as time allows. */
  async [Symbol.asyncDispose](): Promise<void> {
    const deadline = performance.now() + CLOSE_MS;
    await this.#settling;
    for (const entry of this.#entries.toReversed()) {
      if (performance.now() > deadline) break;
      if (isLasting(entry) && !entry.isRecorded) await this.#keepOnDisk(entry);
    }
    for (const entry of this.#entries) if (!isLasting(entry)) await this.#places.delete(entry);
    await this.#places.close();
  }

  async #keep(
    slot: Slot,
    { conversationId, user }: { conversationId: RowId | undefined; user: RowId | undefined },
  ): Promise<SavedState | undefined> {
    const same = this.#findSame(slot);
    if (same !== undefined) {
      this.#addUser(same, user);
      return this.#touch(same);
    }
    if (!(await this.#admit(slot, conversationId))) return undefined;
    const bytes = this.#measure(slot);
    const entry = describeSlot(slot, { bytes, conversationId });
    try {
      await this.#places.write(slot, entry);
    } catch (error) {
      this.#warn("The state of a conversation cannot be saved", error);
      return undefined;
    }
    this.#extraBytes += entry.bytes - bytes;
    this.#addUser(entry, user);
    this.#settle();
    return this.#touch(entry);
  }

  /** False where a slot is not worth saving, or the store too small for it. */
  async #admit(slot: Slot, conversationId: RowId | undefined): Promise<boolean> {
    const { maxBytes } = this.#parts.options;
    const bytes = this.#measure(slot);
    if (bytes > maxBytes) return false;
    for (const entry of this.#entries.filter(isOwnedBy(conversationId))) await this.#delete(entry);
    await this.#deleteDownTo(maxBytes - bytes);
    return this.#countBytes() + bytes <= maxBytes;
  }

  /** What its state will take; more than there is where it is not worth it. */
  #measure({ tokens: { length } }: Slot): number {
    if (length < FEWEST_TOKENS) return Infinity;
    return Math.max(0, length * (this.#parts.cacheBytes + TOKEN_BYTES) + this.#extraBytes);
  }

  /** Those that are just being read are left for later. */
  async #deleteDownTo(bytes: number): Promise<void> {
    for (const entry of this.#entries) {
      if (this.#countBytes() <= bytes) break;
      if (entry.reading === undefined) await this.#delete(entry);
    }
  }

  /** Brings memory and disk back to their limits, while replies go on. */
  #settle(): void {
    this.#settling = this.#settling.then(() => this.#keepLimits()).catch(() => undefined);
  }

  async #keepLimits(): Promise<void> {
    const { maxBytes } = this.#parts.options;
    for (const entry of this.#entries) if (entry.bytes > maxBytes) await this.#delete(entry);
    await this.#deleteDownTo(maxBytes);
    for (const entry of this.#entries) {
      const isOver = this.#countBytes(({ isInMemory }) => isInMemory) > this.#places.memoryBytes;
      if (entry.isInMemory ? isOver : !entry.isRecorded) await this.#keepOnDisk(entry);
    }
  }

  async #keepOnDisk(entry: KeptState): Promise<void> {
    if (this.#find(entry) === undefined) return;
    try {
      await this.#places.keepOnDisk(entry);
    } catch (error) {
      if (this.#find(entry) !== undefined)
        this.#warn("The state of a conversation cannot be put on the disk", error);
      await this.#delete(entry);
    }
    // It was forgotten meanwhile.
    if (this.#find(entry) === undefined) await this.#places.delete(entry);
  }

  async #delete(entry: KeptState): Promise<void> {
    this.#entries = this.#entries.filter((each) => each !== entry);
    await this.#places.delete(entry);
  }

  #find(state: SavedState): KeptState | undefined {
    return this.#entries.find((entry) => entry === state);
  }

  #findSame({ tokens }: Slot): KeptState | undefined {
    return this.#entries.find((entry) => entry.isTrusted && isSame(entry.tokens, tokens));
  }

  #addUser(entry: KeptState, user: RowId | undefined): void {
    if (user === undefined || entry.conversationId !== undefined || entry.users.has(user)) return;
    entry.users.add(user);
    entry.isRecorded = false;
    this.#settle();
  }

  #touch(entry: KeptState): KeptState {
    entry.usedAt = Date.now();
    this.#entries = [...this.#entries.filter((each) => each !== entry), entry];
    return entry;
  }

  #countBytes(isCounted: (entry: KeptState) => boolean = () => true): number {
    return this.#entries.filter(isCounted).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #warn(message: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#parts.options.onWarning?.(`${message}: ${reason}`);
  }
}

function isOwnedBy(conversationId: RowId | undefined): (entry: KeptState) => boolean {
  return (entry) => conversationId !== undefined && entry.conversationId === conversationId;
}

/** Tokens that were moved up are good for one process. */
function isLasting({ exactTokens }: KeptState): boolean {
  return exactTokens === Infinity;
}

function toEntry(record: StateRecord): KeptState {
  return {
    ...record,
    users: new Set(record.users),
    exactTokens: Infinity,
    isInMemory: false,
    isRecorded: true,
    isTrusted: false,
    reading: undefined,
  };
}
