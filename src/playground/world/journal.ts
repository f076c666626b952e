import { type FileHandle, mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";

/** One change: the collection, the record's id, and the record, or null when it is gone. */
export type JournalLine = readonly [collection: string, id: string, record: unknown];

export interface Journal extends AsyncDisposable {
  append(line: JournalLine): void;
}

export const memoryJournal: Journal = {
  append() {},
  async [Symbol.asyncDispose]() {},
};

const flushDelayMs = 20;
/** Rewriting costs as much as the world is big, so it waits until as many lines are out of date. */
const minimumStaleLines = 5000;

export async function readJournal(path: string): Promise<readonly JournalLine[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (isMissingFile(error)) return "";
    throw error;
  });
  return text.split("\n").flatMap(parseLine);
}

/**
 * A file with a line for each change, the last line for a record being the true one. A crash loses what
 * was written in the last 20 ms; a line it cut in half is skipped by the next start.
 */
export class FileJournal implements Journal {
  readonly #path: string;
  readonly #live: () => Iterable<JournalLine>;
  #file: FileHandle | undefined;
  #pending: string[] = [];
  #linesInFile = 0;
  #liveLines = 0;
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  readonly #onFault: (error: unknown) => void;

  private constructor(options: JournalOptions) {
    this.#path = join(options.folder, journalFile);
    this.#live = options.live;
    this.#onFault = options.onFault;
  }

  /** Begins with a compacted file, so that nothing is ever appended behind a half line. */
  static async open(options: JournalOptions): Promise<FileJournal> {
    await mkdir(options.folder, { recursive: true });
    const journal = new FileJournal(options);
    await journal.#compact();
    return journal;
  }

  append(line: JournalLine): void {
    this.#pending.push(`${JSON.stringify(line)}\n`);
    this.#timer ??= setTimeout(() => this.#startFlush(), flushDelayMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#startFlush();
    await this.#writing;
    await this.#file?.close();
  }

  #startFlush(): void {
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#flush()).catch(this.#onFault);
  }

  async #flush(): Promise<void> {
    const lines = this.#pending;
    if (lines.length === 0) return;
    this.#pending = [];
    await this.#file?.appendFile(lines.join(""));
    this.#linesInFile += lines.length;
    const stale = this.#linesInFile - this.#liveLines;
    if (stale > minimumStaleLines && stale > this.#liveLines) await this.#compact();
  }

  /** The new file takes the old one's place in one step: a crash leaves either of them whole. */
  async #compact(): Promise<void> {
    this.#pending = [];
    const lines = Array.from(this.#live(), (line) => `${JSON.stringify(line)}\n`);
    const draft = `${this.#path}.new`;
    const file = await open(draft, "w", 0o600);
    await file.writeFile(lines.join(""));
    await file.sync();
    await file.close();
    // Windows renames over no file that is open.
    await this.#file?.close();
    await rename(draft, this.#path);
    this.#file = await open(this.#path, "a", 0o600);
    this.#linesInFile = lines.length;
    this.#liveLines = lines.length;
  }
}

export const journalFile = "world.jsonl";

interface JournalOptions {
  readonly folder: string;
  /** The lines that make the present world. */
  readonly live: () => Iterable<JournalLine>;
  readonly onFault: (error: unknown) => void;
}

function parseLine(text: string): JournalLine[] {
  try {
    const line: unknown = JSON.parse(text);
    if (!Array.isArray(line)) return [];
    const [collection, id, record]: unknown[] = line;
    return typeof collection === "string" && typeof id === "string"
      ? [[collection, id, record]]
      : [];
  } catch {
    return [];
  }
}

function isMissingFile(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
