import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The bytes of uploaded files, by attachment id; in memory when there is no folder. */
export interface AttachmentStore {
  save(id: string, bytes: Uint8Array): Promise<void>;
  /** undefined when there is no such file. */
  load(id: string): Promise<Uint8Array | undefined>;
  remove(id: string): Promise<void>;
}

export function createAttachmentStore(folder: string | undefined): AttachmentStore {
  return folder === undefined
    ? createMemoryStore()
    : createFolderStore(join(folder, "attachments"));
}

function createMemoryStore(): AttachmentStore {
  const files = new Map<string, Uint8Array>();
  return {
    save: async (id, bytes) => void files.set(id, bytes),
    load: async (id) => files.get(id),
    remove: async (id) => void files.delete(id),
  };
}

function createFolderStore(folder: string): AttachmentStore {
  return {
    async save(id, bytes) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, id), bytes, { mode: 0o600 });
    },
    load: (id) => readFile(join(folder, id)).catch(() => undefined),
    remove: (id) => rm(join(folder, id), { force: true }),
  };
}
