import { randomBytes } from "node:crypto";
import { copyFile, mkdir, rm } from "node:fs/promises";
import type { Token } from "node-llama-cpp";
import type { RowId } from "../../chat/conversation.ts";
import { countCommonTokens } from "./common-tokens.ts";
import { createMemoryFolder } from "./memory-folder.ts";
import type { Slot } from "./slot.ts";
import { checksumFile, deleteState, readRecords, statePath, writeRecord } from "./state-file.ts";
import type { StateRecord } from "./state-file.ts";

export interface StateStoreOptions {
  /** On a disk; made if it is not there. Its states outlive the process. */
  readonly directory: string;
  /** Of all states together; 0 keeps none. */
  readonly maxBytes: number;
  /** How much of it may lie in memory. Undefined: a quarter of all, and of what is free there. */
  readonly memoryBytes?: number;
  /** Told of states that could not be kept or used; never of what they hold. */
  readonly onWarning?: (message: string) => void;
}

/** What a slot held when it had to give way. */
export interface SavedState {
  readonly conversationId: RowId | undefined;
  readonly tokens: ArrayLike<number>;
  /** See {@link Slot.exactTokens}. */
  readonly exactTokens: number;
}

interface Entry extends SavedState {
  readonly id: string;
  readonly tokens: Uint32Array;
  bytes: number;
  isInMemory: boolean;
  /** Undefined while its file may still change its place. */
  checksum: number | undefined;
}

interface MemoryShelf {
  readonly path: string;
  readonly maxBytes: number;
}

/** What is shorter is evaluated as fast as it is read. */
const FEWEST_TOKENS = 64;
const MEMORY_SHARE = 1 / 4;
/** How long a stop may wait for states to reach the disk. */
const CLOSE_MS = 3_000;

interface StateStoreParts {
  readonly options: StateStoreOptions;
  /** Names the model and all settings that a state depends on. */
  readonly key: string;
}

/**
 * The evaluated tokens of conversations that have no slot now: in memory first, then on a disk, the
 * least recently used deleted when there are too many. `save` and `load` may only be called between
 * two steps of the decode loop, and none of its methods rejects: without a state, tokens are
 * evaluated again.
 */
export class StateStore implements AsyncDisposable {
  readonly #parts: StateStoreParts;
  /** Least recently used first. */
  #entries: Entry[];
  readonly #memory: MemoryShelf | undefined;
  #settling: Promise<void> = Promise.resolve();

  private constructor(
    parts: StateStoreParts,
    { entries, memory }: { entries: Entry[]; memory: MemoryShelf | undefined },
  ) {
    this.#parts = parts;
    this.#entries = entries;
    this.#memory = memory;
  }

  static async open(parts: StateStoreParts): Promise<StateStore> {
    const { directory, maxBytes, memoryBytes } = parts.options;
    if (maxBytes === 0) return new StateStore(parts, { entries: [], memory: undefined });
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const records = await readRecords(directory, parts.key);
    const entries = records.map((record) => toEntry(record));
    const folder = memoryBytes === 0 ? undefined : await createMemoryFolder();
    if (folder === undefined) return new StateStore(parts, { entries, memory: undefined });
    const share = MEMORY_SHARE * Math.min(maxBytes, folder.freeBytes);
    const memory = { path: folder.path, maxBytes: memoryBytes ?? share };
    return new StateStore(parts, { entries, memory });
  }

  /** Whether it keeps anything at all. */
  get isOpen(): boolean {
    return this.#parts.options.maxBytes > 0;
  }

  list(): readonly SavedState[] {
    return this.#entries;
  }

  /**
   * Saves all tokens of a slot, in place of what was saved of the same conversation before.
   * Undefined where there is nothing worth it, or no room.
   */
  async save(
    slot: Slot,
    conversationId: RowId | undefined = slot.conversationId,
  ): Promise<SavedState | undefined> {
    await this.#settling;
    const { tokens } = slot;
    if (!this.isOpen || tokens.length < FEWEST_TOKENS) return undefined;
    const same = this.#entries.find((entry) => isSame(entry.tokens, tokens));
    if (same !== undefined) return this.#touch(same);
    const entry = await this.#write(slot, conversationId);
    if (entry === undefined) return undefined;
    const replaced = this.#entries.filter(
      (each) => conversationId !== undefined && each.conversationId === conversationId,
    );
    this.#entries.push(entry);
    for (const each of replaced) await this.#delete(each);
    this.#settle();
    return entry;
  }

  /** False where the state is not what it was: then it is deleted, and the slot is empty. */
  async load(state: SavedState, slot: Slot): Promise<boolean> {
    await this.#settling;
    const entry = this.#entries.find((each) => each === state);
    if (entry === undefined) return false;
    try {
      if (!entry.isInMemory && (await checksumFile(this.#pathOf(entry))) !== entry.checksum)
        throw new Error("a saved state has changed on the disk");
      await slot.sequence.loadStateFromFile(this.#pathOf(entry), { acceptRisk: true });
      if (!isSame(entry.tokens, slot.tokens)) throw new Error("a saved state holds other tokens");
    } catch (error) {
      this.#warn("A saved state cannot be used", error);
      await this.#delete(entry);
      await slot.clear();
      return false;
    }
    slot.exactTokens = entry.exactTokens;
    this.#touch(entry);
    return true;
  }

  /** Deletes what is saved of a conversation and goes beyond `remaining`. */
  async forget(conversationId: RowId, remaining: readonly Token[]): Promise<void> {
    await this.#settling;
    for (const entry of this.#entries) {
      if (entry.conversationId !== conversationId) continue;
      const isExact = entry.exactTokens === Infinity;
      const isKept = countCommonTokens(entry.tokens, remaining) === entry.tokens.length;
      if (!isExact || !isKept) await this.#delete(entry);
    }
  }

  /** Puts what lies in memory on the disk, for the next start, as far as time allows. */
  async [Symbol.asyncDispose](): Promise<void> {
    const deadline = performance.now() + CLOSE_MS;
    await this.#settling;
    for (const entry of this.#entries.toReversed()) {
      if (performance.now() > deadline) break;
      if (entry.exactTokens === Infinity) await this.#keepOnDisk(entry);
    }
    if (this.#memory !== undefined)
      await rm(this.#memory.path, { recursive: true, force: true }).catch(() => undefined);
  }

  async #write(slot: Slot, conversationId: RowId | undefined): Promise<Entry | undefined> {
    const tokens = Uint32Array.from(slot.tokens);
    const entry: Entry = {
      id: randomBytes(16).toString("hex"),
      conversationId,
      tokens,
      exactTokens: slot.exactTokens >= tokens.length ? Infinity : slot.exactTokens,
      bytes: 0,
      isInMemory: this.#memory !== undefined,
      checksum: undefined,
    };
    try {
      const { fileSize } = await slot.sequence.saveStateToFile(this.#pathOf(entry));
      entry.bytes = fileSize;
      return entry;
    } catch (error) {
      this.#warn("The state of a conversation cannot be saved", error);
      await this.#delete(entry);
      return undefined;
    }
  }

  /** Brings memory and disk back to their limits, while replies go on. */
  #settle(): void {
    this.#settling = this.#settling.then(() => this.#keepLimits()).catch(() => undefined);
  }

  async #keepLimits(): Promise<void> {
    for (const entry of this.#entries) {
      if (this.#bytes(() => true) <= this.#parts.options.maxBytes) break;
      await this.#delete(entry);
    }
    for (const entry of this.#entries) {
      const isOver = this.#bytes(({ isInMemory }) => isInMemory) > (this.#memory?.maxBytes ?? 0);
      const isUnfinished = !entry.isInMemory && entry.checksum === undefined;
      if (isUnfinished || (isOver && entry.isInMemory)) await this.#keepOnDisk(entry);
    }
  }

  async #keepOnDisk(entry: Entry): Promise<void> {
    if (!entry.isInMemory && entry.checksum !== undefined) return;
    const { key, options } = this.#parts;
    try {
      const path = statePath(options.directory, entry.id);
      const source = this.#pathOf(entry);
      if (entry.isInMemory) await copyFile(source, path);
      entry.checksum = await checksumFile(path);
      if (entry.isInMemory) await rm(source, { force: true });
      entry.isInMemory = false;
      // Tokens that were moved up are good for this process alone, which knows of what is taken back.
      if (entry.exactTokens === Infinity)
        await writeRecord(options.directory, key, { ...entry, checksum: entry.checksum });
    } catch (error) {
      this.#warn("The state of a conversation cannot be put on the disk", error);
      await this.#delete(entry);
    }
  }

  async #delete(entry: Entry): Promise<void> {
    this.#entries = this.#entries.filter((each) => each !== entry);
    const folders = [this.#memory?.path, this.#parts.options.directory];
    for (const folder of folders)
      if (folder !== undefined) await deleteState(folder, entry.id).catch(() => undefined);
  }

  #touch(entry: Entry): Entry {
    this.#entries = [...this.#entries.filter((each) => each !== entry), entry];
    return entry;
  }

  #bytes(isCounted: (entry: Entry) => boolean): number {
    return this.#entries.filter(isCounted).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #pathOf({ id, isInMemory }: Entry): string {
    const folder = isInMemory ? this.#memory?.path : undefined;
    return statePath(folder ?? this.#parts.options.directory, id);
  }

  #warn(message: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#parts.options.onWarning?.(`${message}: ${reason}`);
  }
}

function toEntry(record: StateRecord): Entry {
  return { ...record, exactTokens: Infinity, isInMemory: false };
}

function isSame(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  return one.length === other.length && countCommonTokens(one, other) === one.length;
}
