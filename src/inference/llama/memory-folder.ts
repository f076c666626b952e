import { mkdtemp, readdir, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

/** Where Linux has one; elsewhere the system's file cache does the same for files on a disk. */
const SHARED_MEMORY = "/dev/shm";
/** https://man7.org/linux/man-pages/man2/statfs.2.html */
const TMPFS_MAGIC = 0x01_02_19_94;
const PREFIX = "familiar-";

/** A folder whose files lie in memory, and which only this user can read. */
export class MemoryFolder {
  readonly #root: string;
  #path: string;

  private constructor(root: string, path: string) {
    this.#root = root;
    this.#path = path;
  }

  /** Clears away the folders of processes that are dead. Undefined where files lie on disks alone. */
  static async create(root = SHARED_MEMORY): Promise<MemoryFolder | undefined> {
    try {
      const { type } = await statfs(root);
      if (type !== TMPFS_MAGIC) return undefined;
      await clearDead(root);
      return new MemoryFolder(root, await makeFolder(root));
    } catch {
      return undefined;
    }
  }

  get path(): string {
    return this.#path;
  }

  /** What may still be written. A folder that somebody has wiped is made anew, under another name. */
  async countFree(): Promise<number> {
    try {
      const isThere = await stat(this.#path).catch(() => undefined);
      if (isThere === undefined) this.#path = await makeFolder(this.#root);
      const { bavail, bsize } = await statfs(this.#path);
      return bavail * bsize;
    } catch {
      return 0;
    }
  }

  async remove(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true }).catch(() => undefined);
  }
}

function makeFolder(root: string): Promise<string> {
  return mkdtemp(join(root, `${PREFIX}${process.pid}-`));
}

async function clearDead(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(join(root, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
