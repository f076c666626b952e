import { copyFile, mkdir, rm } from "node:fs/promises";
import { isSame } from "./kept-state.ts";
import type { KeptState } from "./kept-state.ts";
import { MemoryFolder } from "./memory-folder.ts";
import type { Slot } from "./slot.ts";
import { checksumFile, deleteState, hasSize, statePath, writeRecord } from "./state-file.ts";

export interface StatePlacesSettings {
  /** On a disk; made if it is not there. Its states outlive the process. */
  readonly directory: string;
  /** Of all states together. */
  readonly maxBytes: number;
  /** How much of it may lie in memory. Undefined: a quarter of all, and of what is free there. */
  readonly memoryBytes?: number;
}

interface MemoryShelf {
  readonly folder: MemoryFolder;
  readonly maxBytes: number;
}

const MEMORY_SHARE = 1 / 4;

/** Where the files of saved states lie: in memory, or in a folder on a disk. */
export class StatePlaces {
  readonly #directory: string;
  readonly #key: string;
  readonly #memory: MemoryShelf | undefined;

  private constructor(directory: string, key: string, memory: MemoryShelf | undefined) {
    this.#directory = directory;
    this.#key = key;
    this.#memory = memory;
  }

  static async open(settings: StatePlacesSettings, key: string): Promise<StatePlaces> {
    const { directory, maxBytes } = settings;
    const isOpen = maxBytes > 0;
    if (isOpen) await mkdir(directory, { recursive: true, mode: 0o700 });
    return new StatePlaces(directory, key, isOpen ? await openMemory(settings) : undefined);
  }

  /** How many bytes may stay in memory. */
  get memoryBytes(): number {
    return this.#memory?.maxBytes ?? 0;
  }

  /**
   * Writes what a slot holds: to memory where that has room for it, else to the disk. May only be
   * called between two steps of the decode loop.
   *
   * @throws where neither takes it
   */
  async write(slot: Slot, state: KeptState): Promise<void> {
    state.isInMemory = await this.#hasMemory(state.bytes);
    if (state.isInMemory) {
      try {
        await this.#save(slot, state);
        return;
      } catch {
        // Others fill the same memory: there is still the disk.
        state.isInMemory = false;
      }
    }
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await this.#save(slot, state);
  }

  /** Whether its file is what was written. Reads all of a file on a disk: replies may go on. */
  async isSound(state: KeptState): Promise<boolean> {
    const { bytes, checksum } = state;
    return await this.#read(state, async (path) => {
      if (!(await hasSize(path, bytes))) return false;
      return checksum === undefined || (await checksumFile(path)) === checksum;
    }).catch(() => false);
  }

  /**
   * Fills an empty slot. May only be called between two steps of the decode loop.
   *
   * @throws where llama.cpp refuses the state, or it holds other tokens
   */
  async load(state: KeptState, slot: Slot): Promise<void> {
    await this.#read(state, async (path) => {
      // llama.cpp ends the process over a file that is cut short.
      if (!(await hasSize(path, state.bytes))) throw new Error("its file has changed");
      await slot.sequence.loadStateFromFile(path, { acceptRisk: true });
    });
    if (!isSame(state.tokens, slot.tokens)) throw new Error("a saved state holds other tokens");
    slot.exactTokens = state.exactTokens;
  }

  /** Puts a state on the disk, and what is known of it beside it. Replies may go on. */
  async keepOnDisk(state: KeptState): Promise<void> {
    const path = statePath(this.#directory, state.id);
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const source = this.#pathOf(state);
    if (state.isInMemory) await copyFile(source, path);
    state.checksum ??= await checksumFile(path);
    if (state.isInMemory) {
      // Whoever reads it from now on reads the copy.
      state.isInMemory = false;
      await state.reading;
      await rm(source, { force: true });
    }
    state.isRecorded = true;
    // Tokens that were moved up are good for this process alone, which knows of what is taken back.
    if (state.exactTokens === Infinity)
      await writeRecord(this.#directory, this.#key, { ...state, checksum: state.checksum });
  }

  async delete({ id }: KeptState): Promise<void> {
    for (const folder of [this.#memory?.folder.path, this.#directory])
      if (folder !== undefined) await deleteState(folder, id).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#memory?.folder.remove();
  }

  async #hasMemory(bytes: number): Promise<boolean> {
    if (this.#memory === undefined || bytes > this.#memory.maxBytes) return false;
    return bytes <= (await this.#memory.folder.countFree());
  }

  async #save(slot: Slot, state: KeptState): Promise<void> {
    const path = this.#pathOf(state);
    try {
      const { fileSize } = await slot.sequence.saveStateToFile(path);
      // What a full file system drops as the file is closed is reported to nobody.
      if (!(await hasSize(path, fileSize))) throw new Error("not all of it was written");
      state.bytes = fileSize;
    } catch (error) {
      await rm(path, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** While it runs, the file stays where it is. */
  async #read<Result>(state: KeptState, work: (path: string) => Promise<Result>): Promise<Result> {
    const result = work(this.#pathOf(state));
    const reading = Promise.allSettled([state.reading, result]).finally(() => {
      if (state.reading === reading) state.reading = undefined;
    });
    state.reading = reading;
    return await result;
  }

  #pathOf({ id, isInMemory }: KeptState): string {
    const folder = isInMemory ? this.#memory?.folder.path : undefined;
    return statePath(folder ?? this.#directory, id);
  }
}

async function openMemory({
  maxBytes,
  memoryBytes,
}: StatePlacesSettings): Promise<MemoryShelf | undefined> {
  const folder = memoryBytes === 0 ? undefined : await MemoryFolder.create();
  if (folder === undefined) return undefined;
  const share = MEMORY_SHARE * Math.min(maxBytes, await folder.countFree());
  return { folder, maxBytes: memoryBytes ?? share };
}
