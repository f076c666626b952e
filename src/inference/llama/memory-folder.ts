import { mkdtemp, readdir, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

/** A folder whose files lie in memory. */
export interface MemoryFolder {
  readonly path: string;
  readonly freeBytes: number;
}

/** Where Linux has one; elsewhere the system's file cache does the same for files on a disk. */
const SHARED_MEMORY = "/dev/shm";
/** https://man7.org/linux/man-pages/man2/statfs.2.html */
const TMPFS_MAGIC = 0x01_02_19_94;
const PREFIX = "familiar-";

/** Makes a folder that only this user can read, and clears away those of processes that are dead. */
export async function createMemoryFolder(root = SHARED_MEMORY): Promise<MemoryFolder | undefined> {
  try {
    const { bavail, bsize, type } = await statfs(root);
    if (type !== TMPFS_MAGIC) return undefined;
    await clearDead(root);
    const path = await mkdtemp(join(root, `${PREFIX}${process.pid}-`));
    return { path, freeBytes: bavail * bsize };
  } catch {
    return undefined;
  }
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
